"""One exchange with the server: a request goes out, a whole answer comes back, or it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

import requests
import urllib3.exceptions
from requests.auth import AuthBase

from openredress.answers import Answer
from openredress.clock import Clock, Deadline
from openredress.errors import ConnectionFailed, TransportError
from openredress.processes import PerProcess

_PIECE = 65_536


class Credential(AuthBase):
    """An Authorization header that shows itself in no repr; empty: none is sent.

    Handing requests an `auth` of our own also keeps it from looking for one in a .netrc file.
    """

    def __init__(self, header: str = "") -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header to a request about to be sent."""
        if self._header:
            request.headers["Authorization"] = self._header
        return request


class _Sessions(threading.local):
    """A session per thread: requests does not promise that one serves several."""

    def __init__(self, make: Callable[[], requests.Session]) -> None:
        self.mine = make()


class Wire:
    """Sends requests over connections that stay open, one session per thread and process.

    `timeout` is the seconds of silence that one try bears, while connecting and while reading.
    """

    def __init__(
        self, clock: Clock, timeout: float, session_factory: Callable[[], requests.Session]
    ) -> None:
        self.clock = clock
        self._timeout = timeout
        self._sessions = PerProcess(lambda: _Sessions(session_factory))

    def exchange(
        self,
        method: str,
        url: str,
        *,
        deadline: Deadline,
        credential: Credential,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        silence: float = 0.0,
    ) -> Answer:
        """Send one request and read its answer to the end; `silence` adds to the timeout.

        Raises:
            ConnectionFailed: not reached, broken off or too slow; another try may succeed.
            DeadlineExceeded: no time is left.
            TransportError: no TLS connection that can be trusted.
        """
        limit = min(self._timeout + silence, deadline.left())
        try:
            with self._sessions.get().mine.request(
                method,
                url,
                auth=credential,
                headers=headers,
                params=params,
                data=data,
                timeout=limit,
                stream=True,
                allow_redirects=False,
            ) as response:
                body = b"".join(_pieces(response, deadline))
        except requests.exceptions.SSLError as error:
            raise TransportError("no trusted TLS connection: check clock and proxy") from error
        except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
            deadline.left()
            raise ConnectionFailed(f"{method} failed: {type(error).__name__}") from error
        return Answer(response.status_code, response.headers, body)


def _pieces(response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
    # read1 returns what one packet brought: a body that drips cannot outlast the deadline.
    while piece := response.raw.read1(_PIECE, decode_content=True):
        yield piece
        deadline.left()
