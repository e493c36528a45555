"""Made-up rows in the real shape of the public lists that a ready mapping is for."""

from __future__ import annotations

from tests.factories.exports import Export, sheet

H2A_2006 = Export(
    "job_order",
    "/v1/job-orders",
    sheet(
        (
            *("Case_Number", "Employer_Name", "Employer_City", "Employer_State", "Job_Title"),
            *("Nbr_Workers_Requsted", "Nbr_Workers_Certified", "Basic_Nbr_Hours"),
            *("Basic_Rate_of_Pay", "Wage_Rate_Per", "Case_Status"),
            *("Certification_Begin_Date", "Certification_End_Date"),
        ),
        (
            *("A-06093-01235", "HILL FARM", "HADLEY", "MASSACHUSETTS", "FARMWORKER", 3, 2, 40),
            *("9.1600", "Hourly", "Certified - Partial", "05/20/06 00:00:00", "12/23/06 00:00:00"),
        ),
    ),
    {"name": "oflc_h2a_2006"},
    {
        "A-06093-01235/HILL FARM/3": {
            "employer_name": "HILL FARM",
            "title": "FARMWORKER",
            "destination": "US",
            "workers_requested": 3,
            "workers_certified": 2,
            "status": "partly_certified",
            "starts_on": "2006-05-20",
            "ends_on": "2006-12-23",
            "wage": {"amount": "9.16", "currency": "USD", "period": "hour"},
            "hours_per_week": "40.00",
        }
    },
)
H2A_2011 = Export(
    "job_order",
    "/v1/job-orders",
    sheet(
        (
            *("CASE_NO", "DECISION_DATE", "APPLICATION_TYPE", "CASE_RECEIVED_DATE", "CASE_STATUS"),
            *("REQUESTED_START_DATE_OF_NEED", "REQUESTED_END_DATE_OF_NEED"),
            *("CERTIFICATION_BEGIN_DATE", "CERTIFICATION_END_DATE", "EMPLOYER_NAME"),
            *("EMPLOYER_CITY", "EMPLOYER_STATE", "AGENT_ATTORNEY_NAME", "AGENT_ATTORNEY_CITY"),
            *("AGENT_ATTORNEY_STATE", "JOB_TITLE", "NBR_WORKERS_REQUESTED"),
            *("NBR_WORKERS_CERTIFIED", "BASIC_NUMBER_OF_HOURS", "BASIC_RATE_OF_PAY"),
            *("BASIC_UNIT_OF_PAY", "ALIEN_WORK_CITY", "ALIEN_WORK_STATE", "ORGANIZATION_FLAG"),
            "PRIMARY_CROP",
        ),
        (
            *("C-10200-24746", "2010-10-06T00:00:00", "H-2A", "2010-07-19T00:00:00", "Denied"),
            *("2010-08-19T00:00:00", "2010-11-20T00:00:00", "", "", "HILL FARM", "LYONS", "GA"),
            *("Gail Lewis / AGENTS", "LYONS", "GA", "FARM LABOR", 56, "", 40, "9.11", "HR"),
            *("SYLVANIA", "GA", "S", "Farm Labor"),
        ),
        (
            *("C-10215-24842", "2010-10-28T00:00:00", "H-2A", "2010-08-03T00:00:00"),
            *("Certified - Full", "2010-10-05T00:00:00", "2010-11-19T00:00:00"),
            *(
                "2010-10-28T00:00:00",
                "2010-11-18T00:00:00",
                "VALLEY FARM",
                "PARKER",
                "AZ",
                "",
                "",
                "",
            ),
            *("FARM LABOR", 5, 5, 42, "1500", "BI", "TONOPAH", "AZ", "S", "Melons"),
        ),
    ),
    {"name": "oflc_h2a_2011"},
    {
        "C-10200-24746/HILL FARM/LYONS/56": {
            "status": "denied",
            "submitted_on": "2010-07-19",
            "decided_on": "2010-10-06",
            "starts_on": "2010-08-19",
            "ends_on": "2010-11-20",
            "worksite_city": "SYLVANIA",
            "worksite_admin1": "GA",
            "agent_name": None,
        },
        "C-10215-24842/VALLEY FARM/PARKER/5": {
            "status": "certified",
            "starts_on": "2010-10-28",
            "ends_on": "2010-11-18",
            "wage": {"amount": "1500.00", "currency": "USD", "period": "fortnight"},
        },
    },
)
H2B_2019 = Export(
    "job_order",
    "/v1/job-orders",
    sheet(
        (
            *("CASE_NUMBER", "DECISION_DATE", "VISA_CLASS", "SUBMITTED_DATE", "CASE_STATUS"),
            *("CERTIFICATION_BEGIN_DATE", "CERTIFICATION_END_DATE", "EMPLOYER_NAME"),
            *("EMPLOYER_CITY", "EMPLOYER_STATE", "EMPLOYER_COUNTRY", "EMPLOYER_PROVINCE"),
            *("EMPLOYER_REP_BY_AGENT", "LAWFIRM_NAME", "AGENT_ATTORNEY_CITY"),
            *("AGENT_ATTORNEY_STATE", "JOB_TITLE", "SOC_CODE", "SOC_TITLE", "NAICS_CODE"),
            *("NBR_WORKERS_REQUESTED", "NBR_WORKERS_CERTIFIED", "BASIC_NUMBER_OF_HOURS"),
            *("BASIC_RATE_OF_PAY", "OVERTIME_RATE_FROM", "OVERTIME_RATE_TO", "PAY_RANGE_UNIT"),
            *("WORKSITE_CITY", "WORKSITE_COUNTY", "WORKSITE_STATE", "OTHER_WORKSITE_LOCATION"),
            *("JOB_START_DATE", "JOB_END_DATE"),
        ),
        (
            *("H-400-13058-075497", "2018-11-15T00:00:00", "H-2B", "2018-10-09T14:11:04.435000"),
            *("Determination Issued - Certification", "2018-12-24T00:00:00", "2019-08-31T00:00:00"),
            *("Stables Inc.", "Lexington", "KENTUCKY", "UNITED STATES OF AMERICA", "", "Yes"),
            *(
                "HILL LAW FIRM, PLLC",
                "NORMAN",
                "OKLAHOMA",
                "Groom",
                "39-2021",
                "Caretakers",
                711212,
            ),
            *(3, 3, 40, "12.63", "18.95", "18.95", "Hourly", "Hallandale", "BROWARD", "FLORIDA"),
            *("N", "", ""),
        ),
        (
            *("H-400-14051-406092", "2019-01-28T00:00:00", "H-2B", "2019-01-07T09:09:32.771000"),
            *("Withdrawn", "", "", "Links", "Bakersville", "NORTH CAROLINA"),
            *("UNITED STATES OF AMERICA", "N/A", "Yes", "N/A", "", "", "Laborer", "", "", ""),
            *(80, "", 40, "8.87", "0", "0", "", "Bakersville", "MITCHELL", "NORTH CAROLINA", "Y"),
            *("2014-01-24T00:00:00", "2014-02-04T00:00:00"),
        ),
    ),
    {"name": "oflc_h2b_2019"},
    {
        "H-400-13058-075497": {
            "status": "certified",
            "occupation_code": "39-2021",
            "occupation_system": "soc",
            "sector_code": "711212",
            "sector_system": "naics",
            "submitted_on": "2018-10-09",
            "overtime_wage": "18.95",
            "agent_name": "HILL LAW FIRM, PLLC",
        },
        "H-400-14051-406092": {
            "status": "withdrawn",
            "occupation_code": None,
            "occupation_system": None,
            "sector_system": None,
            "starts_on": "2014-01-24",
            "wage": {"amount": "8.87", "currency": "USD", "period": None},
            "overtime_wage": None,
            "agent_name": None,
        },
    },
)
APPENDIX_C = Export(
    "recruiter_listing",
    "/v1/recruiter-listings",
    sheet(
        (
            *("CASE_NUMBER", "RECRUITER_NAME", "RECRUITER_EMPLOYER_NAME"),
            *("RECRUITER_EMPLOYER_CITY", "RECRUITER_EMPLOYER_STATE"),
            *("RECRUITER_EMPLOYER_PROVINCE", "RECRUITER_EMPLOYER_POSTAL_CODE"),
            *("RECRUITER_EMPLOYER_COUNTRY", "N_NAMED_RECRUITERS"),
        ),
        (
            *("H-400-13058-075497", "Theresa Ward", "SKILLED STAFFING", "Ochos Rios", "N/A"),
            *("Middlesex", 0, "JAMAICA", 6),
        ),
        (
            *("H-400-13058-075497", "Theresa Ward", "N/A", "Praha", "N/A", "N/A", 0),
            *("CZECH REPUBLIC", 1),
        ),
    ),
    {"name": "oflc_h2b_appendix_c"},
    {
        "H-400-13058-075497/SKILLED STAFFING/Ochos Rios/N/A/Middlesex/0/JAMAICA/1": {
            "job_order_ref": "H-400-13058-075497",
            "organisation_name": "SKILLED STAFFING",
            "city": "Ochos Rios",
            "admin1": "Middlesex",
            "country": "JM",
            "persons_named": 6,
            "role": "unstated",
        },
        "H-400-13058-075497/N/A/Praha/N/A/N/A/0/CZECH REPUBLIC/1": {
            "organisation_name": None,
            "admin1": None,
            "country": "CZ",
        },
    },
)
WHD = Export(
    "grievance",
    "/v1/grievances",
    sheet(
        (
            *("Case ID", "Trade Name", "Legal Name", "Full Address", "Backwages"),
            *("Minimum Wage Backwages", "Penalty", "EEs Paid in Violation"),
            *("Minimum Wage Backwages per Employee", "Backwages per Employee", "Start Date"),
            *("End Date", "State", "County", "City", "NAICS2", "NAICS3", "Industry Subcategory"),
            "NAICS3 Industry",
        ),
        (
            *(1772271, "Vines", "Vines LLC", "12 Mill Road", 0, 0, 600, 0, 0, 0, "9/1/2015"),
            *("9/4/2015", "CA", "Sonoma County", "Healdsburg", 11, 111, "Grapes", "Crops"),
        ),
        (
            *(1772272, "Vines", "Vines LLC", "12 Mill Road", "15886.17", 0, 0, 12, 0, "1323.85"),
            *(
                "8/1/2013",
                "8/1/2015",
                "CA",
                "Sonoma County",
                "Healdsburg",
                11,
                111,
                "Grapes",
                "Crops",
            ),
        ),
    ),
    {"name": "whd_enforcement", "constants": {"site": "{site}"}},
    {
        "1772271": {
            "category": "wages.underpayment",
            "channel": "labour_inspectorate",
            "received_at": "2015-09-03T17:00:00Z",
            "received_at_basis": "stand_in",
            "workers_affected": None,
            "agreed_remedy": None,
        },
        "1772272": {
            "workers_affected": 12,
            "agreed_remedy": {"amount": "15886.17", "currency": "USD"},
        },
    },
)
DEBARMENTS = Export(
    "register_entry",
    "/v1/register-entries",
    sheet(
        (
            *("Program", "Entity Debarred", "City", "State", "Start Date", "End Date"),
            *("Sources", "Notes"),
        ),
        ("H-2A", "Hill Farm", "Yuma", "CA", "2011-01-06", "2013-01-05", "oflc", ""),
        ("H-2B", "Ranch Ltd", "Calgary", "Alberta, Canada", "2011-02-18", "", "oflc", "late"),
        ("H-2B", "Crew Inc", "", "", "2011-03-18", "2012-03-17", "oflc", ""),
    ),
    {"name": "dol_debarments"},
    {
        "H-2A/Hill Farm/2011-01-06": {
            "kind": "debarment",
            "subject_name": "Hill Farm",
            "city": "Yuma",
            "admin1": "CA",
            "country": "US",
            "register": "H-2A",
            "valid_from": "2011-01-06",
            "valid_until": "2013-01-05",
            "source_note": "oflc",
        },
        "H-2B/Ranch Ltd/2011-02-18": {
            "admin1": "Alberta",
            "country": "CA",
            "valid_until": None,
            "source_note": "oflc late",
        },
        "H-2B/Crew Inc/2011-03-18": {"admin1": None, "country": "US"},
    },
)
NAC = Export(
    "register_entry",
    "/v1/register-entries",
    sheet(
        (
            *("case_no", "employer_name", "employer_city", "employer_state", "case_status"),
            *("last_event_date", "n_certified", "agent_name"),
        ),
        (
            *(
                "H-300-14241-977779",
                "HILL FARM",
                "ALBION",
                "NY",
                "DETERMINATION ISSUED - WITHDRAWN",
            ),
            *("2014-09-23", 0, "CONSULTANTS LLC:Theresa Ward"),
        ),
    ),
    {"name": "nac_certifications"},
    {
        "H-300-14241-977779": {
            "kind": "case_listed",
            "subject_name": "CONSULTANTS LLC",
            "country": "US",
            "reference": "H-300-14241-977779",
            "valid_from": "2014-09-23",
            "valid_until": "2014-09-23",
            "related_employer_name": "HILL FARM",
            "status": "DETERMINATION ISSUED - WITHDRAWN",
        }
    },
)
OSH_CONTRIBUTED = Export(
    "site",
    "/v1/sites",
    sheet(
        ("country", "name", "address", "sector", "number_of_workers"),
        ("VIETNAM", "Hill Garment JSC", "Lot 4, Binh Duong", "Apparel", 1200),
        ("China", "Valley Shoes", "8 West Road, Wenzhou", "Apparel", 300),
        ("ID", "PT Hill", "Semarang", "Apparel", ""),
    ),
    {"name": "osh_facility_list", "values": {"time_zone": {"ID": "Asia/Jakarta"}}},
    {
        "Hill Garment JSC/Lot 4, Binh Duong": {
            "name": "Hill Garment JSC",
            "country": "VN",
            "time_zone": "Asia/Ho_Chi_Minh",
            "os_id": None,
        },
        "Valley Shoes/8 West Road, Wenzhou": {"country": "CN", "time_zone": "Asia/Shanghai"},
        "PT Hill/Semarang": {"country": "ID", "time_zone": "Asia/Jakarta"},
    },
)
OSH_DOWNLOADED = Export(
    "site",
    "/v1/sites",
    sheet(
        (
            *("os_id", "contribution_date", "name", "address", "country_code", "country_name"),
            *("lat", "lng", "sector", "contributor (list)", "number_of_workers"),
            *("parent_company", "facility_type", "processing_type", "product_type", "is_closed"),
        ),
        (
            *("CN2021250D1DTN7", "2021-09-07", "Valley Shoes", "9 West Road", "CN", "China"),
            *("28.01", "120.65", "Apparel", "A brand (2021)", "", "", "", "", "", "False"),
        ),
    ),
    {"name": "osh_facility_list"},
    {
        "Valley Shoes/9 West Road": {
            "country": "CN",
            "os_id": "CN2021250D1DTN7",
            "time_zone": "Asia/Shanghai",
        }
    },
)
LISTS = {
    "h2a_2006": H2A_2006,
    "h2a_2011": H2A_2011,
    "h2b_2019": H2B_2019,
    "appendix_c": APPENDIX_C,
    "whd": WHD,
    "debarments": DEBARMENTS,
    "nac": NAC,
    "osh_contributed": OSH_CONTRIBUTED,
    "osh_downloaded": OSH_DOWNLOADED,
}
