"""What they share: the jobs of a round, and how a request is signed.

The keys lie open in memory; the product unseals those of its endpoints for every batch.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from openredress_webhooks import signing
from openredress_webhooks.signing import Secret

FOLDER = Path(os.environ["BENCH_JOBS"])
SECRETS = {
    url: Secret.parse(text)
    for url, text in json.loads((FOLDER / "secrets.json").read_text()).items()
}
TIMEOUT_S = 20


def read() -> list[dict[str, str]]:
    """The jobs: `url`, `event_id` and `body` of each."""
    return [json.loads(line) for line in (FOLDER / "jobs.ndjson").read_text().splitlines()]


def signed(url: str, event_id: str, body: bytes) -> dict[str, str]:
    """The headers of one request."""
    headers = signing.sign([SECRETS[url]], event_id, int(time.time()), body)
    return headers | {"content-type": "application/json"}
