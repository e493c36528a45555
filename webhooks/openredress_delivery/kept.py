"""Connections and what came on them: used again only as long as nothing came unasked.

HTTP/1.1 does not say which request an answer belongs to. A second answer, or a body where none
should be, stays on the connection and would be taken for the answer to the next request: an event
would count as delivered that nobody took. libcurl looks for such octets once a second at most.
What still waits in the kernel we see. What TLS has read ahead we do not, but the kernel counts: an
answer that begins although nothing has come since its request was sent answers another one.
"""

from __future__ import annotations

import fcntl
import platform
import socket
import struct
import termios
from contextlib import suppress

COUNTED = platform.system() == "Linux"
"""Whether the kernel counts in a way that we can read; elsewhere no connection is used again."""

# tcpi_bytes_received of struct tcp_info, linux/tcp.h.
_RECEIVED = struct.Struct("=128xQ")
_NOTHING = bytes(4)

Ends = tuple[str, str, int, int]
"""Peer's and own address, peer's and own port: as libcurl says them."""


class Line(socket.socket):
    """The socket of one connection."""

    def received(self) -> int:
        """How many octets have come so far, read or not."""
        if not COUNTED:
            return 0
        told = self.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED.size)
        return int(_RECEIVED.unpack(told)[0])

    def end_if_spoilt(self) -> None:
        """Shut it if anything waits on it; libcurl then sends on a new one."""
        if fcntl.ioctl(self.fileno(), termios.FIONREAD, _NOTHING) != _NOTHING:
            with suppress(OSError):  # it has ended already
                self.shutdown(socket.SHUT_RDWR)


class Lent(Line):
    """A socket that libcurl takes a duplicate of; ours closes when it is let go."""

    def __del__(self) -> None:
        self.close()


class View(Line):
    """A look at a socket that libcurl alone keeps and closes."""

    def __del__(self) -> None:
        self.detach()


class Kept:
    """Open connections by their ends: lent for their first exchange, afterwards only viewed."""

    def __init__(self) -> None:
        self._lines: dict[Ends, Line] = {}
        self._ends: dict[int, Ends] = {}

    def line(self, ends: Ends) -> Line | None:
        """The connection with these ends."""
        return self._lines.get(ends)

    def begin(self, ends: Ends, line: Line) -> None:
        """A new connection stands."""
        self._lines[ends] = line

    def rest(self, ends: Ends, descriptor: int) -> None:
        """An exchange is over: its connection waits for the next one, or is closed (-1)."""
        if self._has(ends, descriptor):
            return
        self._lines.pop(ends, None)
        if descriptor < 0:
            return
        before = self._ends.get(descriptor)
        if before and self._has(before, descriptor):
            del self._lines[before]  # closed meanwhile, as its descriptor is another's now
        self._ends[descriptor] = ends
        self._lines[ends] = View(socket.AF_INET, socket.SOCK_STREAM, fileno=descriptor)

    def _has(self, ends: Ends, descriptor: int) -> bool:
        line = self._lines.get(ends)
        return line is not None and line.fileno() == descriptor
