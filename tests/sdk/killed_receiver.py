"""A receiver that dies of its own hand: once at each point of each event.

Usage: python killed_receiver.py SOCKET FOLDER. The secret comes from the environment.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from openredress import Inbox
from openredress.inbox import SqliteStore

FOLDER = Path(sys.argv[2])
now: dict[str, str] = {}


def dies(point: str) -> None:
    """Kill this process the first time that this event comes to this point."""
    try:
        (FOLDER / f"{now['id']}.{point}").touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(SqliteStore):
    """A store whose process dies behind the first commit of a request."""

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Open a transaction."""
        with super().transaction() as ledger:
            yield ledger
        dies("stored")


inbox = Inbox(Dying(FOLDER / "inbox.db"), [os.environ["SECRET"]])


@inbox.on("*")
def write(event: Any, context: Any) -> None:
    """The effect that has to happen once."""
    context.connection.execute("INSERT INTO effect VALUES (?)", (event.id,))
    dies("working")


def application(environ: Any, start_response: Any) -> Any:
    """The inbox, between two more deaths."""
    now["id"] = environ["HTTP_WEBHOOK_ID"]
    dies("asked")
    answer = inbox.wsgi()(environ, start_response)
    dies("before_the_answer")
    return answer


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


server = WSGIServer(("127.0.0.1", 0), Quiet, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.server_name, server.server_port = "127.0.0.1", 0
server.setup_environ()
server.set_app(application)
server.serve_forever()
