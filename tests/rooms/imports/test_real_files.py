"""Real public files, read in place, through the import and its ready mappings.

What is refused stands here by its line in the file, each with its reason.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from click.testing import CliRunner

import openredress
from openredress.cli.commands import main
from openredress_api import imports
from tests.contract.test_sdk_over_the_server import ISSUER, InProcess, registered
from tests.factories.imports import findings, imported, lines
from tests.factories.parties import Party, World

FOLDER = Path(__file__).parents[4] / "shared" / "realdata"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the real files are not beside the project"
)
TWICE = "the row before it says exactly the same; which of the two is meant, nobody knows"
NO_HOURS = "0 hours a week is no job; hours that are not known are left out"
NO_WAGE = "a wage of 0 is no wage; one that is not known is left out"
NO_EMPLOYER = "a request for workers without an employer is none"
NO_ZONE = "in a country of several time zones nobody but the sender knows the one of the site"
# What the sender of the complaints says: where they belong, and what his words mean.
COMPLAINTS = {
    "name": "generic_case_tracker",
    "constants": {"site": "desk", "category": "other.workplace"},
    "values": {"channel": {"Referral": "gov_hotline"}},
}
# A list without ids: complaints that are the same in every column are numbered.
UNNAMED = {
    "external_id": "{date_received}/{product}/{issue}/{state}/{#}",
    "channel": "hr_system",
}
# All sites of the lists in these countries lie in one of their zones.
ZONES = {
    **dict.fromkeys(("ID", "Indonesia"), "Asia/Jakarta"),
    **dict.fromkeys(("PT", "Portugal"), "Europe/Lisbon"),
    **dict.fromkeys(("BR", "Brazil"), "America/Sao_Paulo"),
    "ES": "Europe/Madrid",
}


class Real(NamedTuple):
    """A file, who sends it as what, the least share to be taken, and what is refused."""

    file: str
    sender: str
    record: str
    mapping: Mapping[str, Any]
    share: float
    rows: int
    refused: Mapping[int, str] = {}
    format: str = "csv"


H2A_2006 = Real(
    "oflc_h2a_fy2006.csv",
    "agency",
    "job_order",
    {"name": "oflc_h2a_2006"},
    0.98,
    7_469,
    dict.fromkeys((6136, 6148, 6245), TWICE),
)
H2A_2011 = Real(
    "oflc_h2a_fy2011.csv",
    "agency",
    "job_order",
    {"name": "oflc_h2a_2011"},
    0.98,
    7_362,
    dict.fromkeys((72, 87, 304, 6080), TWICE) | dict.fromkeys((4936, 5886, 7292), NO_HOURS),
)
H2B_2019 = Real(
    "oflc_h2b_fy2019_terms.csv",
    "agency",
    "job_order",
    {"name": "oflc_h2b_2019"},
    0.98,
    9_236,
    dict.fromkeys((3, 7440, 9030), NO_EMPLOYER)
    | dict.fromkeys((475, 2862, 2880, 2883), NO_WAGE)
    | {
        3255: "an e-mail address stands where the agent's name should",
        8579: "it ends before it starts",
    },
)
APPENDIX_C = Real(
    "oflc_h2b_appendix_c_fy2022q2_orgs.csv",
    "agency",
    "recruiter_listing",
    {"name": "oflc_h2b_appendix_c"},
    0.98,
    14_270,
)
FACILITIES = Real(
    "osh_facility_lists.csv",
    "supplier",
    "site",
    {"name": "osh_facility_list", "values": {"time_zone": ZONES}},
    0.95,
    963,
    dict.fromkeys((53, 61, 72), TWICE)
    | dict.fromkeys(
        (
            *(97, 101, 256, 259, 279, 280, 283, 284, 285, 287, 291, 357, 359, 360, 361, 362),
            *(363, 364, 384, 427, 428, 478, 479, 510, 531, 533, 536, 537, 632, 635, 643, 662),
            *(673, 708, 725, 755, 783, 806, 811, 812, 925, 948, 949),
        ),
        NO_ZONE,
    ),
)
DEBARMENTS = Real(
    "buzzfeed_h2_debarments_2010_2014.csv",
    "institute",
    "register_entry",
    {"name": "dol_debarments"},
    1,
    141,
)
FILES = (
    H2A_2006,
    H2A_2011,
    H2B_2019,
    APPENDIX_C,
    FACILITIES,
    DEBARMENTS,
    Real(
        "buzzfeed_h2_nac_certifications_2014_2015.csv",
        "institute",
        "register_entry",
        {"name": "nac_certifications"},
        1,
        247,
    ),
    Real(
        "us_dol_whd_sf_district_2016.csv",
        "supplier",
        "grievance",
        {"name": "whd_enforcement", "constants": {"site": "desk"}},
        1,
        1_425,
    ),
    Real(
        "cfpb_complaints-subset.csv",
        "supplier",
        "grievance",
        {**COMPLAINTS, "constants": {**COMPLAINTS["constants"], **UNNAMED}},
        1,
        280,
    ),
    Real("cfpb_v2-intake.csv", "supplier", "grievance", COMPLAINTS, 1, 30),
    Real("cfpb_v2-public.csv", "supplier", "grievance", COMPLAINTS, 1, 30),
    Real("cfpb_from_s3.json", "supplier", "grievance", COMPLAINTS, 1, 10, format="ndjson"),
)
# A code for each reason to be refused.
CODES = {
    TWICE: "repeats_a_row",
    NO_HOURS: "range",
    NO_WAGE: "not_zero",
    NO_EMPLOYER: "required",
    NO_ZONE: "several_time_zones",
    H2B_2019.refused[3255]: "personal_data_detected",
    H2B_2019.refused[8579]: "before",
}


@pytest.fixture(autouse=True)
def _on_one_server_alone(request: pytest.FixtureRequest) -> None:
    """Forty thousand rows twice: what differs between servers, smaller tests find."""
    if "system" in request.node.name:
        pytest.skip("the real files are read on one server only")


@pytest.fixture(scope="module")
def senders(world: World) -> dict[str, Party]:
    """Those who send the files; the supplier has a site for what names none."""
    made = {"institute": world.institute, **{kind: world.party(kind) for kind in KINDS}}
    query = "/v1/sites?external_id=desk&source_system=own"
    desk = {"name": "Desk", "country": "US", "time_zone": "America/Los_Angeles"}
    assert made["supplier"].put(query, desk).status_code == 201
    return made


KINDS = ("agency", "supplier")


def octets_of(real: Real) -> bytes:
    """The file; a JSON array is turned into NDJSON."""
    octets = (FOLDER / real.file).read_bytes()
    return lines(json.loads(octets)) if real.format == "ndjson" else octets


def run(world: World, party: Party, real: Real) -> dict[str, Any]:
    """Hand a file in and read what became of it."""
    return imported(
        world,
        party,
        octets_of(real),
        record=real.record,
        format=real.format,
        source_system=real.file,
        mapping=real.mapping,
    )


@pytest.mark.parametrize("real", FILES, ids=lambda real: real.file)
def test_a_real_file(
    world: World,
    senders: dict[str, Party],
    real: Real,
    record_property: Any,
) -> None:
    """At least its share is taken, what is refused is what was said, a second run changes 0."""
    party = senders[real.sender]
    done = run(world, party, real)
    assert (done["state"], done["questions"]) == ("done", []), done
    counts = done["counts"]
    told = findings(party, done["id"], weight="must_fix")
    assert {one["line"]: one["code"] for one in told} == {
        line: CODES[reason] for line, reason in real.refused.items()
    }
    assert (counts["read"], counts["new"]) == (real.rows, real.rows - len(real.refused))
    assert counts["new"] >= real.share * real.rows
    again = run(world, party, real)["counts"]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, counts["new"])
    record_property("real", f"{real.file}: {counts['new']} of {counts['read']} taken")


def listed(party: Party, path: str, source: str) -> list[dict[str, Any]]:
    """Some records of one source."""
    found = party.get(f"{path}?limit=500").json["data"]
    return [one for one in found if one["source_system"] == source]


def test_three_schemas_become_one_shape(world: World) -> None:
    """Job orders of three years' schemas have the same members, codes and kinds of value."""
    shapes = []
    for real in (H2A_2006, H2A_2011, H2B_2019):
        # A party of its own: a page shows its orders alone.
        party = world.party("agency")
        assert run(world, party, real)["state"] == "done"
        orders = listed(party, "/v1/job-orders", real.file)
        assert len(orders) == 500
        full = next(one for one in orders if one["wage"] and one["hours_per_week"])
        shapes.append({member: type(value) for member, value in full["wage"].items()})
        shapes.append(sorted(full))
        assert {one["destination"] for one in orders} == {"US"}
        assert sum(one["starts_on"] is not None for one in orders) > len(orders) / 2
    assert shapes[0::2] == [shapes[0]] * 3
    assert shapes[1::2] == [shapes[1]] * 3


def hop_of(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """A recruiter, as a list or a chain has it."""
    return one["organisation_name"], one["country"], one["city"]


def test_recruiter_lists_become_agent_chains(world: World, senders: dict[str, Party]) -> None:
    """A job order shows the recruiters that the list names for it, firms in their countries."""
    agency = senders["agency"]
    run(world, agency, APPENDIX_C)
    some = listed(agency, "/v1/recruiter-listings", APPENDIX_C.file)
    by_order = sorted(some, key=lambda one: one["job_order_ref"])
    groups = [list(group) for _, group in groupby(by_order, lambda one: one["job_order_ref"])]
    named = max(groups, key=len)
    key = f"external_id={named[0]['job_order_ref']}&source_system={APPENDIX_C.file}"
    order = agency.put(f"/v1/job-orders?{key}", {"employer_name": "Farm", "destination": "US"})
    shown = agency.get(f"/v1/job-orders/{order.json['id']}").json
    chain = [hop_of(one) for one in shown["agent_chain"]]
    assert {hop_of(one) for one in named} <= set(chain)
    assert [one["seq"] for one in shown["agent_chain"]] == list(range(1, len(chain) + 1))
    assert shown["agent_chain_ordered"] is False


def test_a_real_file_through_the_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`openredress import` stores a real file by a ready mapping, and says so in its exit code."""

    def session() -> requests.Session:
        made = requests.Session()
        made.mount(ISSUER, InProcess(world.app))
        return made

    client_id, secret = registered(world, world.institute)
    monkeypatch.setattr(openredress, "Client", partial(openredress.Client, session_factory=session))
    said = {"URL": ISSUER, "CLIENT_ID": client_id, "SECRET": secret}
    variables = {f"OPENREDRESS_{name}": value for name, value in said.items()}
    file = FOLDER / DEBARMENTS.file
    words = ("--record", "register_entry", "--source-system", "by command", "--store", "--json")
    ended = threading.Event()
    worker = threading.Thread(target=_work, args=(world, ended))
    worker.start()
    try:
        ran = CliRunner().invoke(
            main, ["import", str(file), *words, "--mapping", "dol_debarments"], env=variables
        )
    finally:
        ended.set()
        worker.join()
    assert ran.exit_code == 0, ran.output
    # The server of this test logs to the same place.
    assert json.loads(ran.stdout.splitlines()[-1])["counts"]["new"] == DEBARMENTS.rows


def _work(world: World, ended: threading.Event) -> None:
    """Do whatever waits until it is said that nothing more comes."""
    worker = imports.Worker(world.app.extensions["openredress"])
    while not ended.is_set():
        if not worker.turn():
            ended.wait(0.05)
