"""Countries by ISO 3166-1 alpha-2 code, with the names of the standard."""

from __future__ import annotations

from collections.abc import Iterator

from openredress_api.vocabulary.codes import Code, code, code_list_of

_NAMES = """
AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua and Barbuda; AI Anguilla;
AL Albania; AM Armenia; AO Angola; AQ Antarctica; AR Argentina; AS American Samoa; AT Austria;
AU Australia; AW Aruba; AX Åland Islands; AZ Azerbaijan;
BA Bosnia and Herzegovina; BB Barbados; BD Bangladesh; BE Belgium; BF Burkina Faso;
BG Bulgaria; BH Bahrain; BI Burundi; BJ Benin; BL Saint Barthélemy; BM Bermuda;
BN Brunei Darussalam; BO Bolivia, Plurinational State of; BQ Bonaire, Sint Eustatius and Saba;
BR Brazil; BS Bahamas; BT Bhutan; BV Bouvet Island; BW Botswana; BY Belarus; BZ Belize;
CA Canada; CC Cocos (Keeling) Islands; CD Congo, The Democratic Republic of the;
CF Central African Republic; CG Congo; CH Switzerland; CI Côte d'Ivoire; CK Cook Islands;
CL Chile; CM Cameroon; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cabo Verde;
CW Curaçao; CX Christmas Island; CY Cyprus; CZ Czechia;
DE Germany; DJ Djibouti; DK Denmark; DM Dominica; DO Dominican Republic; DZ Algeria;
EC Ecuador; EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea; ES Spain; ET Ethiopia;
FI Finland; FJ Fiji; FK Falkland Islands (Malvinas); FM Micronesia, Federated States of;
FO Faroe Islands; FR France;
GA Gabon; GB United Kingdom; GD Grenada; GE Georgia; GF French Guiana; GG Guernsey; GH Ghana;
GI Gibraltar; GL Greenland; GM Gambia; GN Guinea; GP Guadeloupe; GQ Equatorial Guinea;
GR Greece; GS South Georgia and the South Sandwich Islands; GT Guatemala; GU Guam;
GW Guinea-Bissau; GY Guyana;
HK Hong Kong; HM Heard Island and McDonald Islands; HN Honduras; HR Croatia; HT Haiti;
HU Hungary;
ID Indonesia; IE Ireland; IL Israel; IM Isle of Man; IN India;
IO British Indian Ocean Territory; IQ Iraq; IR Iran, Islamic Republic of; IS Iceland; IT Italy;
JE Jersey; JM Jamaica; JO Jordan; JP Japan;
KE Kenya; KG Kyrgyzstan; KH Cambodia; KI Kiribati; KM Comoros; KN Saint Kitts and Nevis;
KP Korea, Democratic People's Republic of; KR Korea, Republic of; KW Kuwait; KY Cayman Islands;
KZ Kazakhstan;
LA Lao People's Democratic Republic; LB Lebanon; LC Saint Lucia; LI Liechtenstein;
LK Sri Lanka; LR Liberia; LS Lesotho; LT Lithuania; LU Luxembourg; LV Latvia; LY Libya;
MA Morocco; MC Monaco; MD Moldova, Republic of; ME Montenegro; MF Saint Martin (French part);
MG Madagascar; MH Marshall Islands; MK North Macedonia; ML Mali; MM Myanmar; MN Mongolia;
MO Macao; MP Northern Mariana Islands; MQ Martinique; MR Mauritania; MS Montserrat; MT Malta;
MU Mauritius; MV Maldives; MW Malawi; MX Mexico; MY Malaysia; MZ Mozambique;
NA Namibia; NC New Caledonia; NE Niger; NF Norfolk Island; NG Nigeria; NI Nicaragua;
NL Netherlands; NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand;
OM Oman;
PA Panama; PE Peru; PF French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan;
PL Poland; PM Saint Pierre and Miquelon; PN Pitcairn; PR Puerto Rico; PS Palestine, State of;
PT Portugal; PW Palau; PY Paraguay;
QA Qatar;
RE Réunion; RO Romania; RS Serbia; RU Russian Federation; RW Rwanda;
SA Saudi Arabia; SB Solomon Islands; SC Seychelles; SD Sudan; SE Sweden; SG Singapore;
SH Saint Helena, Ascension and Tristan da Cunha; SI Slovenia; SJ Svalbard and Jan Mayen;
SK Slovakia; SL Sierra Leone; SM San Marino; SN Senegal; SO Somalia; SR Suriname;
SS South Sudan; ST Sao Tome and Principe; SV El Salvador; SX Sint Maarten (Dutch part);
SY Syrian Arab Republic; SZ Eswatini;
TC Turks and Caicos Islands; TD Chad; TF French Southern Territories; TG Togo; TH Thailand;
TJ Tajikistan; TK Tokelau; TL Timor-Leste; TM Turkmenistan; TN Tunisia; TO Tonga; TR Türkiye;
TT Trinidad and Tobago; TV Tuvalu; TW Taiwan, Province of China;
TZ Tanzania, United Republic of;
UA Ukraine; UG Uganda; UM United States Minor Outlying Islands; US United States; UY Uruguay;
UZ Uzbekistan;
VA Holy See (Vatican City State); VC Saint Vincent and the Grenadines;
VE Venezuela, Bolivarian Republic of; VG Virgin Islands, British; VI Virgin Islands, U.S.;
VN Viet Nam; VU Vanuatu;
WF Wallis and Futuna; WS Samoa;
YE Yemen; YT Mayotte;
ZA South Africa; ZM Zambia; ZW Zimbabwe
"""
# Names that forms and registers use where the standard has another one.
_ALSO_KNOWN_AS = """
AE UAE; BN Brunei; BO Bolivia; CD DR Congo; CG Republic of the Congo; CI Ivory Coast;
CV Cape Verde; CZ Czech Republic; FK Falkland Islands; FM Micronesia; GB UK; IR Iran;
KP North Korea; KR South Korea; LA Laos; MD Moldova; MK Macedonia; MM Burma; MO Macau;
PS Palestine; RU Russia; SY Syria; SZ Swaziland; TL East Timor; TR Turkey; TW Taiwan;
TZ Tanzania; US United States of America; VA Vatican; VE Venezuela; VG British Virgin Islands;
VI US Virgin Islands; VN Vietnam
"""


def _table(text: str) -> dict[str, str]:
    """`XX Name; YY Name` as {code: name}; ValueError when a code stands in it twice."""
    rows = [row.split(maxsplit=1) for row in text.split(";")]
    names = {word: name.strip() for word, name in rows}
    if len(names) != len(rows):
        raise ValueError("a country stands in the table twice")
    return names


def _countries() -> Iterator[Code]:
    others = _table(_ALSO_KNOWN_AS)
    for word, name in _table(_NAMES).items():
        if word in others:
            yield code(word, name, also_known_as=others[word])
        else:
            yield code(word, name)


COUNTRY = code_list_of(
    "country",
    _countries(),
    description="Countries and territories; two capital letters, as an exception to lower case.",
    source="ISO 3166-1 alpha-2, short English names, as of February 2026",
)
