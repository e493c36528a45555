"""Currencies by ISO 4217 code with their exponent, and the kinds of exchange rate."""

from __future__ import annotations

from collections.abc import Iterator

from openredress_api.vocabulary.codes import Code, code, code_list_of

# Exponents of the ISO list, not of CLDR, which says that MMK, LAK and IQD have no minor unit.
_BY_EXPONENT = {
    0: """
BIF Burundi Franc; CLP Chilean Peso; DJF Djibouti Franc; GNF Guinean Franc; ISK Iceland Krona;
JPY Yen; KMF Comorian Franc; KRW Won; PYG Guarani; RWF Rwanda Franc; UGX Uganda Shilling;
VND Dong; VUV Vatu; XAF CFA Franc BEAC; XOF CFA Franc BCEAO; XPF CFP Franc
""",
    2: """
AED UAE Dirham; AFN Afghani; ALL Lek; AMD Armenian Dram; AOA Kwanza; ARS Argentine Peso;
AUD Australian Dollar; AWG Aruban Florin; AZN Azerbaijan Manat; BAM Convertible Mark;
BBD Barbados Dollar; BDT Taka; BMD Bermudian Dollar; BND Brunei Dollar; BOB Boliviano;
BRL Brazilian Real; BSD Bahamian Dollar; BTN Ngultrum; BWP Pula; BYN Belarusian Ruble;
BZD Belize Dollar; CAD Canadian Dollar; CDF Congolese Franc; CHF Swiss Franc;
CNY Yuan Renminbi; COP Colombian Peso; CRC Costa Rican Colon; CUP Cuban Peso;
CVE Cabo Verde Escudo; CZK Czech Koruna; DKK Danish Krone; DOP Dominican Peso;
DZD Algerian Dinar; EGP Egyptian Pound; ERN Nakfa; ETB Ethiopian Birr; EUR Euro;
FJD Fiji Dollar; FKP Falkland Islands Pound; GBP Pound Sterling; GEL Lari; GHS Ghana Cedi;
GIP Gibraltar Pound; GMD Dalasi; GTQ Quetzal; GYD Guyana Dollar; HKD Hong Kong Dollar;
HNL Lempira; HTG Gourde; HUF Forint; IDR Rupiah; ILS New Israeli Sheqel; INR Indian Rupee;
IRR Iranian Rial; JMD Jamaican Dollar; KES Kenyan Shilling; KGS Som; KHR Riel;
KPW North Korean Won; KYD Cayman Islands Dollar; KZT Tenge; LAK Lao Kip; LBP Lebanese Pound;
LKR Sri Lanka Rupee; LRD Liberian Dollar; LSL Loti; MAD Moroccan Dirham; MDL Moldovan Leu;
MGA Malagasy Ariary; MKD Denar; MMK Kyat; MNT Tugrik; MOP Pataca; MRU Ouguiya;
MUR Mauritius Rupee; MVR Rufiyaa; MWK Malawi Kwacha; MXN Mexican Peso; MYR Malaysian Ringgit;
MZN Mozambique Metical; NAD Namibia Dollar; NGN Naira; NIO Cordoba Oro; NOK Norwegian Krone;
NPR Nepalese Rupee; NZD New Zealand Dollar; PAB Balboa; PEN Sol; PGK Kina; PHP Philippine Peso;
PKR Pakistan Rupee; PLN Zloty; QAR Qatari Rial; RON Romanian Leu; RSD Serbian Dinar;
RUB Russian Ruble; SAR Saudi Riyal; SBD Solomon Islands Dollar; SCR Seychelles Rupee;
SDG Sudanese Pound; SEK Swedish Krona; SGD Singapore Dollar; SHP Saint Helena Pound; SLE Leone;
SOS Somali Shilling; SRD Surinam Dollar; SSP South Sudanese Pound; STN Dobra;
SVC El Salvador Colon; SYP Syrian Pound; SZL Lilangeni; THB Baht; TJS Somoni;
TMT Turkmenistan New Manat; TOP Pa'anga; TRY Turkish Lira; TTD Trinidad and Tobago Dollar;
TWD New Taiwan Dollar; TZS Tanzanian Shilling; UAH Hryvnia; USD US Dollar; UYU Peso Uruguayo;
UZS Uzbekistan Sum; VED Bolívar Soberano; VES Bolívar Soberano; WST Tala;
XCD East Caribbean Dollar; XCG Caribbean Guilder; YER Yemeni Rial; ZAR Rand;
ZMW Zambian Kwacha; ZWG Zimbabwe Gold
""",
    3: """
BHD Bahraini Dinar; IQD Iraqi Dinar; JOD Jordanian Dinar; KWD Kuwaiti Dinar; LYD Libyan Dinar;
OMR Rial Omani; TND Tunisian Dinar
""",
}


def _currencies() -> Iterator[Code]:
    for exponent, text in _BY_EXPONENT.items():
        for row in text.split(";"):
            word, name = row.split(maxsplit=1)
            yield code(word, name.strip(), exponent=exponent)


CURRENCY = code_list_of(
    "currency",
    _currencies(),
    description=(
        "Money people are paid in: three capital letters, as an exception to lower case. "
        "`exponent` is the number of decimals. Funds, metals and units of account are left out."
    ),
    source="ISO 4217 list one, as published on 1 January 2026",
)
RATE_KIND = code_list_of(
    "rate_kind",
    (
        code("official", "Rate set or published by the authority"),
        code("parallel", "Rate of the market, where it differs"),
    ),
    description="Which exchange rate a converted amount was made with.",
    source="OpenRedress",
)
