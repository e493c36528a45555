"""Events at times fixed beforehand, published as a request does it: gate, outbox, one commit.

A process of its own (`python -m tests.benchmarks.delivery.publisher`), so that it is to the worker
what `serve` is. Nothing in it waits for a delivery: a slow worker cannot thin out the load by
which it is measured.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from openredress_api.cli.opening import installation
from openredress_api.foundation.database import PLACES, Database
from openredress_api.foundation.identifiers import dated_id
from openredress_delivery.outbox import PUBLISH, OutboxEvent, publication
from tests.benchmarks.delivery.house import House, Receiver, event_of
from tests.benchmarks.rivals_venv import ROOT
from tests.benchmarks.scratch import environment_of

START_S = 0.5


@dataclass(frozen=True, slots=True)
class Published:
    """An event of the feed; times on the monotonic clock.

    Attributes:
        id: as it travels.
        recipient: whose feed it is in.
        planned: when it was to be published.
        committed: when its commit had returned.
    """

    id: str
    recipient: UUID
    planned: float
    committed: float


def publish(
    house: House, recipients: Sequence[Receiver], rate: float, seconds: float
) -> list[Published]:
    """Publish `rate` events a second, for each recipient in turn, in a process of its own."""
    names = json.dumps([str(one.organisation_id) for one in recipients])
    words = [house.publisher, names, str(rate), str(seconds)]
    folder = house.installation.settings.data_dir
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.delivery.publisher", *words],
        cwd=ROOT,
        env={**os.environ, **environment_of(folder)},
        check=True,
        stdout=subprocess.PIPE,
    )
    return [
        Published(name, UUID(recipient), planned, committed)
        for name, recipient, planned, committed in json.loads(done.stdout)
    ]


def main(token_hash: str, names: str, rate: str, seconds: str) -> None:
    """Publish, and print what was published."""
    recipients = [UUID(name) for name in json.loads(names)]
    database, numbers = installation().database(), itertools.count()
    began, count = time.monotonic() + START_S, round(float(rate) * float(seconds))
    told: list[tuple[str, str, float, float]] = []

    def work() -> None:
        while (number := next(numbers)) < count:
            planned = began + number / float(rate)
            time.sleep(max(0.0, planned - time.monotonic()))
            recipient = recipients[number % len(recipients)]
            name, committed = _publish(database, token_hash, recipient, number)
            told.append((name, str(recipient), planned, committed))

    with ThreadPoolExecutor(PLACES) as pool:
        for each in [pool.submit(work) for _ in range(PLACES)]:
            each.result()
    database.dispose()
    sys.stdout.write(json.dumps(told))


def _publish(
    database: Database, token_hash: str, recipient: UUID, number: int
) -> tuple[str, float]:
    """One request's transaction whose only row is the event: its id, and when it stood."""
    event_id = dated_id()
    event = event_of(event_id, number)
    # Any row whose parties they are will do: an endpoint here has the id of its organisation.
    outgoing = OutboxEvent(event_id, recipient, "webhook_endpoint", recipient, str(event_id), event)
    with database.transaction(token_hash) as transaction:
        transaction.defer(PUBLISH, publication(outgoing))
        transaction.commit()
        return event.id, time.monotonic()


if __name__ == "__main__":
    main(*sys.argv[1:])
