"""Names that are no pseudonym: frequent given and family names, in Latin letters, of the workers.

They stand in names.json by country, from general knowledge and from no register. The list stops a
sender who types a name where a pseudonym belongs; it cannot stop one who wants to.
"""

from __future__ import annotations

import json
from pathlib import Path

_BY_COUNTRY = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
NAMES: frozenset[str] = frozenset(
    name for lines in _BY_COUNTRY.values() for line in lines for name in line.split()
)
# A district, a month, money, a street; a day, the world; then places, firms and English words.
_WORDS_TOO = frozenset(
    {
        *("quan", "thang", "tien", "duong", "hari", "alam", "hong", "charoen"),
        *("lestari", "indah", "putra", "islam", "maya", "sultana", "hung", "wanna"),
    }
)
_SHORTEST = 4  # letters: lan, mai and tri are codes and words of their own
TELLING: frozenset[str] = frozenset(name for name in NAMES - _WORDS_TOO if len(name) >= _SHORTEST)
"""The names that are refused beside something else too."""
