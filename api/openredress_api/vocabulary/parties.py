"""Who takes part, who may state that a brand buys from a site, and on which legal basis."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_BASES = (
    ("consent", "The person agreed; under dependence never the only basis", "6(1)(a)"),
    ("contract", "Needed for a contract with the person", "6(1)(b)"),
    ("legal_obligation", "A law demands it", "6(1)(c)"),
    ("vital_interests", "Somebody's life or safety depends on it", "6(1)(d)"),
    ("public_task", "A task in the public interest", "6(1)(e)"),
    ("legitimate_interests", "Interests that outweigh the person's own", "6(1)(f)"),
)

ORGANISATION_TYPE = code_list_of(
    "organisation_type",
    (
        code("institute", "The operator; exactly one per installation", has_clients=True),
        code("supplier", "Runs sites where people work", has_clients=True),
        code("agency", "Recruits and places workers", has_clients=True),
        code("brand", "Buys from suppliers", has_clients=True),
        code("cso", "Civil-society organisation or union", has_clients=True),
        code("government", "Public authority; the institute records its acts", has_clients=False),
    ),
    description="Kinds of organisation; only those with `has_clients` call the API.",
    source="OpenRedress",
)
RELATION_PARTY = code_list_of(
    "relation_party",
    (
        code("brand", "The brand", may_state=True),
        code("supplier", "The supplier whose site it is", may_state=True),
        code("institute", "The institute, which only confirms", may_state=False),
    ),
    description=(
        "Who states or confirms that a brand buys from a site: one side states, the other or "
        "the institute confirms; until then it counts nowhere."
    ),
    source="OpenRedress",
)
LEGAL_BASIS = code_list_of(
    "legal_basis",
    (code(word, meaning, gdpr_article=article) for word, meaning, article in _BASES),
    description="On which ground an agreement lets personal data be processed.",
    source="Regulation (EU) 2016/679 Article 6(1), in our own words",
)
