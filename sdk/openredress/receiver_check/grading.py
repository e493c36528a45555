"""Sending the cases, and grading what is answered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from openredress.errors import ConnectionFailed
from openredress.receiver_check.cases import CASES, Case, Expected
from openredress.receiver_check.letters import CHALLENGE, Desk, Letter
from openredress_webhooks.signing import Secret

_TIMEOUT = 20.0
_MOST_BYTES = 16_384
_GONE = 410


@dataclass(frozen=True)
class Result:
    """What became of one case; `advice` is empty where it went as expected."""

    case: str
    expected: Expected
    seen: str
    passed: bool
    milliseconds: int
    advice: str


@dataclass(frozen=True)
class _Seen:
    """An answer; status 0: there was none, and the fault says why."""

    status: int
    body: bytes
    fault: str

    @property
    def said(self) -> str:
        return str(self.status) if self.status else self.fault


def check(url: str, secret: str) -> Iterator[Result]:
    """Send every case to a receiver that knows the secret, and grade each answer in turn.

    The events mean nothing (a day on which nothing was missing), but those that are valid are
    real to the receiver: its handlers see them.

    Args:
        url: where the receiver listens.
        secret: `whsec_...`, one of those that it trusts.

    Raises:
        ValueError: no address, or no secret.
        ConnectionFailed: nobody answers there at all.
    """
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ValueError(f"{url!r} is no address such as https://my.example/hooks")
    key = Secret.parse(secret)
    return _results(url, key)


def _results(url: str, key: Secret) -> Iterator[Result]:
    desk = Desk(key)
    with urllib3.PoolManager(retries=False, timeout=_TIMEOUT) as pool:
        for number, case in enumerate(CASES):
            begun = time.monotonic()
            seen = _answer(pool, url, case.write(desk))
            milliseconds = round(1000 * (time.monotonic() - begun))
            if not number and not seen.status:
                raise ConnectionFailed(f"nobody answers at {url}: {seen.fault}")
            yield _graded(case, seen, milliseconds)


def _answer(pool: urllib3.PoolManager, url: str, letter: Letter) -> _Seen:
    headers = urllib3.HTTPHeaderDict()
    for name, value in letter.headers:
        headers.add(name, value)
    try:
        answer = pool.request(
            letter.method,
            url,
            body=letter.body,
            headers=headers,
            redirect=False,
            preload_content=False,
        )
        body = answer.read(_MOST_BYTES)
        answer.close()
    except urllib3.exceptions.HTTPError as failure:
        return _Seen(0, b"", type(failure).__name__)
    return _Seen(answer.status, body, "")


def _graded(case: Case, seen: _Seen, milliseconds: int) -> Result:
    passed = _JUDGES[case.expected](seen)
    advice = "" if passed else case.advice
    if seen.status == _GONE and not passed:
        advice = "Never answer 410 but to end everything: it switches the endpoint off."
    return Result(case.name, case.expected, seen.said, passed, milliseconds, advice)


def _is_taken(seen: _Seen) -> bool:
    return 200 <= seen.status < 300  # noqa: PLR2004 - the classes of RFC 9110, section 15


def _is_refused(seen: _Seen) -> bool:
    return 400 <= seen.status < 500 and seen.status != _GONE  # noqa: PLR2004 - as above


def _is_challenge(seen: _Seen) -> bool:
    try:
        answered = json.loads(seen.body)
    except ValueError:
        return False
    return _is_taken(seen) and answered == {"challenge": CHALLENGE}


_JUDGES: dict[Expected, Callable[[_Seen], bool]] = {
    "taken": _is_taken,
    "refused": _is_refused,
    "refused or cut off": lambda seen: not seen.status or _is_refused(seen),
    "the challenge": _is_challenge,
}
