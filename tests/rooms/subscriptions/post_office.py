"""A worker and a receiver on the loopback: what is asked for over the interface really happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from sqlalchemy import text

from openredress_api.cli.running import _may_send, _unsealer
from openredress_delivery.worker import Worker
from tests.delivery.house import quick_settings, work_until
from tests.factories.parties import Party, World


class Receiver:
    """Keeps what it received: headers in lower case, and bodies."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.agrees = True
        self.status = 204
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    @contextmanager
    def running(self) -> Iterator[Receiver]:
        """Serve while the body runs."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        yield self
        self._server.shutdown()
        thread.join()
        self._server.server_close()

    def types(self) -> list[str]:
        """The types of what came, in its order."""
        return [json.loads(body)["type"] for _, body in self.received]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append((headers, body))
                event = json.loads(body)
                answer = b""
                if event["type"] == "endpoint.verify" and receiver.agrees:
                    answer = json.dumps({"challenge": event["data"]["challenge"]}).encode()
                self.send_response(200 if answer else receiver.status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


class PostOffice:
    """One worker of the world's installation, turned by the test itself."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self._world = world
        self.receiver = receiver
        installation = world.installation
        self._database = installation.database()
        self._worker = Worker(
            self._database.engine("delivery"),
            _unsealer(installation, self._database),
            _may_send,
            quick_settings("unused", sweep_seconds=0.01),
        )

    def close(self) -> None:
        """Close all connections."""
        self._worker.close()
        self._database.dispose()

    def until(self, done: Callable[[], Any]) -> None:
        """Work until something holds."""
        work_until([self._worker], lambda: bool(done()))

    def endpoint(self, party: Party, **body: Any) -> tuple[str, dict[str, Any]]:
        """An endpoint of `party` at the receiver that has proved itself: its path and its view."""
        wanted = {"url": self.receiver.url, "event_patterns": ["*"]} | body
        made = party.post("/v1/webhook-endpoints", wanted)
        assert made.status_code == 201, made.json
        path = made.headers["Location"]
        self.until(lambda: party.get(path).json["state"] == "active")
        return path, dict(made.json)

    def settled(self, party: Party) -> None:
        """Work until the whole feed of `party` was fanned out and nothing is under way."""
        self.until(lambda: self._is_settled(party.organisation_id))

    def _is_settled(self, organisation: UUID) -> bool:
        with self._world.installation.as_owner() as connection:
            return not connection.scalar(
                text(
                    "SELECT EXISTS (SELECT FROM delivery WHERE organisation_id = :me "
                    "AND state IN ('due', 'leased')) OR EXISTS (SELECT FROM event "
                    "WHERE organisation_id = :me AND position IS NULL) OR EXISTS (SELECT FROM "
                    "webhook_endpoint e JOIN feed_head h USING (organisation_id) WHERE "
                    "organisation_id = :me AND e.state = 'active' "
                    "AND e.fanned_position < h.last_position)"
                ),
                {"me": organisation},
            )
