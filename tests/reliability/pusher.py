"""A supplier's software in a process of its own: threads that push grievances through the SDK."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests

from openredress import Client, scopes
from openredress.errors import ApiError, OpenRedressError
from openredress.keys import PrivateKey

DEADLINE_S = 60.0
HANGS_AFTER_S = DEADLINE_S + 15
_PAUSE_S = 0.02  # keeps two cores free for those who are to be killed


class _Call(threading.local):
    """What this thread's present call did on the wire."""

    def begin(self) -> None:
        """Forget the last call."""
        self.keys: set[str] = set()
        self.statuses: list[int] = []
        self.tries = 0
        self.tried_at = 0.0


_call = _Call()


class _Session(requests.Session):
    """Notes the idempotency key of each try and when it began."""

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """As requests does it."""
        if method == "PUT":
            _call.keys.add(options["headers"]["Idempotency-Key"])
            _call.tries += 1
            _call.tried_at = time.monotonic()
        return super().request(method, url, **options)


def _note(kind: str, facts: Mapping[str, object]) -> None:
    if kind == "request":
        _call.statuses.append(int(str(facts["status"])))


def _push(client: Client, site: str, external_id: str) -> dict[str, object]:
    """Push one grievance; how the call ended."""
    try:
        stored = client.grievances.upsert(
            external_id,
            source_system="hr",
            site=site,
            category="wages.late_payment",
            channel="hr_open_door",
            received_at="2026-03-01T08:15:00+07:00",
        )
    except OpenRedressError as error:
        code = error.code if isinstance(error, ApiError) else ""
        return {"end": "refused", "error": type(error).__name__, "code": code}
    except Exception as error:  # noqa: BLE001 - that there is none is what is to be shown
        return {"end": "untyped", "error": repr(error)}
    return {"end": "acked", "id": stored.id, "outcome": stored.outcome}


def _report(entry: Mapping[str, object]) -> None:
    # One write of less than PIPE_BUF: lines of several writers do not mix.
    os.write(1, json.dumps(entry).encode() + b"\n")


def _push_all(client: Client, site: str, prefix: str, stop: threading.Event) -> None:
    number = 0
    while not stop.wait(_PAUSE_S):
        number += 1
        external_id = f"{prefix}/{number}"
        _call.begin()
        begun = time.monotonic()
        end = _push(client, site, external_id)
        wire = {name: getattr(_call, name) for name in ("statuses", "tries", "tried_at")}
        times = {"begun": begun, "ended": time.monotonic()}
        identity = {"external_id": external_id, "keys": sorted(_call.keys)}
        _report({**identity, **end, **wire, **times})


def main() -> None:
    """Push until standard input ends; calls under way are ended, those that hang are reported."""
    base_url, client_id, key, site, prefix, number = sys.argv[1:]
    client = Client(
        base_url,
        client_id,
        scopes=scopes.SUPPLIER,
        key=PrivateKey.from_file(key),
        deadline=DEADLINE_S,
        on_event=_note,
        session_factory=_Session,
    )
    stop = threading.Event()
    threads = [
        threading.Thread(target=_push_all, args=(client, site, f"{prefix}-{one}", stop))
        for one in range(int(number))
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    end = time.monotonic() + HANGS_AFTER_S
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
        if thread.is_alive():
            _report({"end": "hung"})
    os._exit(0)  # a thread that hangs would keep us


if __name__ == "__main__":
    main()
