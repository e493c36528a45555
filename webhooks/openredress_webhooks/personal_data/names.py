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
