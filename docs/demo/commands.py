"""Five commands to copy once the demo has played."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from demo.loop import Loop
from demo.town import SERVER, Town
from openredress_api import access

PICK = f"""{sys.executable} -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'"""


def lines(town: Town, loop: Loop) -> Iterator[str]:
    """Each a full line of a shell; the secrets are sandbox ones of this run."""
    brand = next(iter(loop.parties.brands.values()))
    supplier = next(iter(loop.parties.suppliers.values()))
    metrics = _token(town, brand.organisation_id, "metrics:read")
    events = _token(town, supplier.organisation_id, "events:read")
    yield f"curl -s {town.url}/v1/metrics/definitions"
    yield f"BRAND=$({metrics})"
    yield f'curl -s -H "Authorization: Bearer $BRAND" {town.url}/v1/metrics/M08'
    yield (
        f"curl -s -H \"Authorization: Bearer $({events})\" '{town.url}/v1/events?after=0&limit=2'"
    )
    yield f"OPENREDRESS_DATA_DIR={town.data_dir} {_shown(SERVER)} audit verify"


def _token(town: Town, organisation_id: UUID, scope: str) -> str:
    with town.installation.as_owner() as connection:
        client_id, secret = access.add_client(
            connection,
            organisation_id,
            name="copy and paste",
            person_id=None,
            scopes=[scope],
            jwk=None,
            is_sandbox=True,
        )
    asked = f"-d grant_type=client_credentials -d scope={scope} {town.url}/oauth2/token"
    return f"curl -s -u {client_id}:{secret} {asked} | {PICK}"


def _shown(path: str) -> str:
    """A path as short as it can be written from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
