"""Receivers and name servers that make whoever asks them wait."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

ADDRESS = "127.0.2.1"  # none of the sink's
FILL = 8
LOOK_S = 0.05
LOOKS = 20  # for each octet
BEGIN = b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n"


@contextmanager
def black_hole() -> Iterator[str]:
    """A URL where nobody ever answers a SYN: the queue of the port is full and stays so."""
    with ExitStack() as stack:
        door = stack.enter_context(socket.create_server((ADDRESS, 0), backlog=0))
        for _ in range(FILL):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0)
            with suppress(BlockingIOError):
                caller.connect(door.getsockname())
        yield f"http://{ADDRESS}:{door.getsockname()[1]}/hook"


@contextmanager
def drip() -> Iterator[str]:
    """A URL that answers at once, and then an octet a second for hours."""
    over = threading.Event()
    with socket.create_server((ADDRESS, 0)) as door:
        door.settimeout(LOOK_S)
        dripping = threading.Thread(target=_drip, args=(door, over))
        dripping.start()
        try:
            yield f"http://{ADDRESS}:{door.getsockname()[1]}/hook"
        finally:
            over.set()
            dripping.join()


def _drip(door: socket.socket, over: threading.Event) -> None:
    lines: list[socket.socket] = []
    with ExitStack() as stack:
        for look in itertools.count(1):
            if over.is_set():
                return
            with suppress(TimeoutError):
                lines.append(stack.enter_context(door.accept()[0]))
                lines[-1].send(BEGIN)
            for line in lines if look % LOOKS == 0 else ():
                with suppress(OSError):  # who had enough of it
                    line.send(b"x")


@contextmanager
def mute_name_server() -> Iterator[str]:
    """`address:port` of a name server that reads no question."""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind((ADDRESS, 0))
        yield f"{ADDRESS}:{server.getsockname()[1]}"
