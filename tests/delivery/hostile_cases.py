"""The kinds of hostile and unlucky receivers, and what their owners must be able to read."""

from __future__ import annotations

import gzip
import time

from tests.delivery.hostile import (
    CHUNKED,
    NOTHING,
    OK,
    Hostile,
    Line,
    answers,
    says,
    says_and,
)

_OLD_HELLO = b"\x02\x00\x00\x26\x03\x01" + b"r" * 32 + b"\x00\x00\x2f\x00"
_HALF_HELLO = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"
_BOMB = gzip.compress(b"\0" * 10_000_000)
_CANCELLED = b"\x15\x03\x03\x00\x02\x01\x5a"


def _after_hello(*parts: bytes) -> object:
    def talk(line: Line) -> None:
        line.socket.recv(65_536)
        line.say(*parts)
        line.hold()

    return talk


def _drip_hello(line: Line) -> None:
    line.socket.recv(65_536)
    line.say(_HALF_HELLO)
    line.drip(b"\x00", 0.5)


def _reset_when_connected(line: Line) -> None:
    line.hold(0.5)
    line.reset()


def _reset_in_handshake(line: Line) -> None:
    line.socket.recv(65_536)
    line.reset()


def _answer_first(line: Line) -> None:
    line.say(OK)
    line.hold()


def _hesitate(line: Line) -> None:
    line.request()
    time.sleep(3)
    line.say(OK)
    line.hold()


def _interim_drip(line: Line) -> None:
    line.request()
    line.drip(b"HTTP/1.1 102 Processing\r\nretry-after: 1\r\n\r\n")


def _interim_flood(line: Line) -> None:
    line.request()
    line.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 500)


def _flood(head: bytes, part: bytes) -> object:
    return says_and(lambda line: line.flood(part), head)


def tls_cases() -> list[Hostile]:
    """What goes wrong before a request can be sent."""
    return [
        Hostile("closes at once", "tls_failed", Line.close, ""),
        Hostile("resets when connected", "tls_failed", _reset_when_connected, ""),
        Hostile("resets in the handshake", "tls_failed", _reset_in_handshake, ""),
        Hostile("accepts and says nothing", "tls_timeout", Line.hold, ""),
        Hostile("stalls in the handshake", "tls_timeout", _after_hello(_HALF_HELLO), ""),
        Hostile("drips the handshake", "tls_timeout", _drip_hello, ""),
        Hostile("speaks plain HTTP", "tls_failed", _after_hello(OK), ""),
        Hostile("speaks SSH", "tls_failed", _after_hello(b"SSH-2.0-OpenSSH_9.2\r\n"), ""),
        Hostile("speaks rubbish", "tls_failed", _after_hello(b"\xff" * 4_096), ""),
        Hostile("warns without end", "tls_failed", _after_hello(_CANCELLED * 10_000), ""),
        Hostile("record too long", "tls_failed", _after_hello(b"\x16\x03\x03\xff\xff" * 99), ""),
        Hostile(
            "TLS 1.0 hello", "tls_version",
            _after_hello(b"\x16\x03\x01\x00" + bytes([len(_OLD_HELLO)]) + _OLD_HELLO), "",
        ),
        Hostile("version alert", "tls_version", _after_hello(b"\x15\x03\x01\x00\x02\x02\x46"), ""),
        Hostile("TLS 1.1 at most", "tls_version", says(OK), "old"),
        Hostile("expired", "certificate_expired", says(OK), "expired"),
        Hostile("not yet valid", "certificate_not_yet_valid", says(OK), "future"),
        Hostile("another name", "certificate_wrong_name", says(OK), "wrong"),
        Hostile("no name", "certificate_wrong_name", says(OK), "nameless"),
        Hostile("self-signed", "certificate_untrusted", says(OK), "self-signed"),
        Hostile("unknown authority", "certificate_untrusted", says(OK), "stranger"),
        Hostile("huge chain", "tls_failed", says(OK), "chain"),
        Hostile(
            "demands a certificate", "client_certificate_demanded", says(OK), "demanding",
        ),
        Hostile("demands a certificate, TLS 1.2", "tls_failed", says(OK), "demanding-old"),
    ]  # fmt: skip


def slow_cases() -> list[Hostile]:
    """What takes long, or for ever, or is very much."""
    ok = b"HTTP/1.1 200 OK\r\n"
    sized = ok + b"content-length: 1000000000\r\n\r\n"
    return [
        Hostile("never answers", "answer_timeout", says()),
        Hostile("never reads", "answer_timeout", Line.hold),
        Hostile("drips the head", "answer_timeout", says_and(lambda line: line.drip(b"x"), ok)),
        Hostile(
            "drips headers", "answer_timeout", says_and(lambda line: line.drip(b"x: y\r\n"), ok)
        ),
        Hostile("stops in the head", "answer_timeout", says(ok + b"content-length: 0\r\n")),
        Hostile("drips the body", "answer_timeout", says_and(lambda line: line.drip(b"x"), sized)),
        Hostile("stops in the body", "answer_timeout", says(sized + b"x")),
        Hostile(
            "drips chunks",
            "answer_timeout",
            says_and(lambda line: line.drip(b"1\r\nx\r\n"), CHUNKED),
        ),
        Hostile("drips interim answers", "answer_timeout", _interim_drip),
        Hostile("hesitates for 3 s", None, _hesitate),
        Hostile("switches protocols", "answer_timeout", says(
            b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x02hi"
        )),
        Hostile("interim answers without end", "answer_too_large", _interim_flood),
        Hostile("body of 1 GB", None, _flood(sized, b"x" * 65_536)),
        Hostile("failure of 1 GB", "not_accepted", _flood(
            b"HTTP/1.1 500 Sorry\r\ncontent-length: 1000000000\r\n\r\n", b"sorry " * 10_000
        )),
        Hostile("chunks without end", None, _flood(CHUNKED, b"100\r\n" + b"x" * 256 + b"\r\n")),
        Hostile("tiny chunks without end", None, _flood(CHUNKED, b"1\r\nx\r\n" * 5_000)),
        Hostile("a chunk's extension without end", "answer_too_large", _flood(
            CHUNKED + b"5;x=", b"x" * 65_536
        )),
        Hostile("trailers without end", "answer_too_large", _flood(
            CHUNKED + b"0\r\n", b"x: y\r\n" * 5_000
        )),
        Hostile("one huge header", "answer_too_large", says(
            ok + b"x-huge: " + b"x" * 90_000 + NOTHING
        )),
        Hostile("one header without end", "answer_too_large", _flood(ok + b"x: ", b"x" * 65_536)),
        Hostile("10,000 headers", "answer_too_large", says(ok + b"x: y\r\n" * 10_000 + NOTHING)),
        Hostile("10 MB of headers", "answer_too_large", _flood(
            ok, b"x: " + b"y" * 9_000 + b"\r\n"
        )),
        Hostile("gzip bomb", None, says(
            ok + f"content-encoding: gzip\r\ncontent-length: {len(_BOMB)}\r\n\r\n".encode() + _BOMB
        )),
    ]  # fmt: skip


def broken_cases() -> list[Hostile]:
    """What is no complete answer, or more than one."""
    ok = b"HTTP/1.1 200 OK\r\n"
    sized = ok + b"content-length: 9\r\n\r\n"
    return [
        Hostile("closes before the answer", "connection_lost", says_and(Line.end)),
        Hostile("resets before the answer", "connection_lost", says_and(Line.reset)),
        Hostile("closes in the body", "connection_lost", says_and(Line.end, sized + b"half")),
        Hostile("resets in the body", "connection_lost", says_and(Line.reset, sized + b"half")),
        Hostile("closes without TLS's word", "connection_lost", says_and(Line.close, ok + b"\r\n")),
        Hostile("closes between chunks", "connection_lost", says_and(
            Line.end, CHUNKED + b"1\r\nx\r\n"
        )),
        Hostile("chunks of rubbish", "answer_broken", says(CHUNKED + b"zz\r\nrubbish\r\n")),
        Hostile("a chunk of 2^68 octets", "answer_broken", says(CHUNKED + b"f" * 17 + b"0\r\n")),
        Hostile("HTTP/0.9", "answer_broken", says_and(Line.end, b"<html>fine</html>")),
        Hostile("HTTP/1.0", None, says_and(Line.end, b"HTTP/1.0 200 OK\r\n\r\nfine")),
        Hostile("HTTP/2 preface", "answer_broken", says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        Hostile("HTTP/2 settings", "answer_broken", says(
            b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"
        )),
        Hostile("status 000", "answer_broken", says(b"HTTP/1.1 000 Zero" + NOTHING)),
        Hostile("status 099", "answer_broken", says(b"HTTP/1.1 099 Low" + NOTHING)),
        Hostile("status 999", "not_accepted", says(b"HTTP/1.1 999 High" + NOTHING)),
        Hostile("status 99999999999", "not_accepted", says(b"HTTP/1.1 99999999999 Huge" + NOTHING)),
        Hostile("status -200", "answer_broken", says(b"HTTP/1.1 -200 Minus" + NOTHING)),
        Hostile("status two hundred", "answer_broken", says(b"HTTP/1.1 two hundred" + NOTHING)),
        Hostile("two lengths", "answer_broken", says(
            ok + b"content-length: 2\r\ncontent-length: 3\r\n\r\nokx"
        )),
        Hostile("length too long", "connection_lost", says_and(Line.end, sized + b"short")),
        Hostile("length too short", None, says(ok + b"content-length: 1\r\n\r\nlong")),
        Hostile("length below zero", "answer_broken", says(ok + b"content-length: -1\r\n\r\nx")),
        Hostile("length no number", "answer_broken", says(ok + b"content-length: 0x1\r\n\r\nx")),
        Hostile("length and chunks", None, says(
            ok + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
        )),
        Hostile("unknown coding", "answer_broken", says(
            ok + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
        )),
        Hostile("NUL in a header", "answer_broken", says(ok + b"x: a\0b" + NOTHING)),
        Hostile("bare CR in a header", "answer_broken", says(ok + b"x: a\rb" + NOTHING)),
        Hostile("header without a colon", "answer_broken", says(ok + b"x" + NOTHING)),
        Hostile("204 with a body", None, says(b"HTTP/1.1 204 No\r\ncontent-length: 4\r\n\r\nbody")),
        Hostile("304 with a body", "redirect_refused", says(
            b"HTTP/1.1 304 No\r\ncontent-length: 4\r\n\r\nbody"
        )),
        Hostile("some interim answers", None, says(
            b"HTTP/1.1 103 Hints\r\nlink: </x>\r\n\r\n" * 20 + OK
        )),
        Hostile("two answers", None, says(OK + b"HTTP/1.1 410 Gone" + NOTHING)),
        Hostile("answers before it has read", None, _answer_first),
    ]  # fmt: skip


def polite_cases(canary: str) -> list[Hostile]:
    """Complete answers that say no, or try to lead us elsewhere: to the `canary`."""
    away = f"location: {canary}"
    other = canary.split("/")[2]
    return [
        *[
            Hostile(f"redirects with {status}", "redirect_refused", answers(f"{status} To", away))
            for status in (301, 302, 303, 307, 308)
        ],
        Hostile("redirects to a file", "redirect_refused", answers(
            "302 There", "location: file:///etc/passwd"
        )),
        Hostile("redirects to rubbish", "redirect_refused", answers(
            "302 There", "location: http://[::\x7f\x1b[31m"
        )),
        Hostile("refresh", None, answers("200 OK", f"refresh: 0; url={canary}")),
        Hostile("another service", None, answers("200 OK", f'alt-svc: h2="{other}"; ma=9999')),
        Hostile("gone", "gone", answers("410 Gone")),
        Hostile("asks who we are", "rejected", answers(
            "401 Who", 'www-authenticate: Basic realm="x"', "www-authenticate: Negotiate",
            'www-authenticate: Digest realm="x", nonce="y"', "set-cookie: a=b; Path=/",
        )),
        Hostile("asks the proxy", "rejected", answers(
            "407 Who", 'proxy-authenticate: Basic realm="x"'
        )),
        Hostile("expectation failed", "rejected", answers("417 No")),
        Hostile("misdirected", "rejected", answers("421 Elsewhere")),
        Hostile("request timeout", "not_accepted", answers("408 Slow", "connection: close")),
        Hostile("too early", "not_accepted", answers("425 Early")),
        Hostile("text that harms", "not_accepted", answers(
            "500 Sorry", body=b"\x00\x1b[31m\xff\xfe\r\nnext\xe2\x80\xae\xc2\x85\xed\xa0\x80" * 200
        )),
    ]  # fmt: skip


RETRY_AFTER = {
    "120": 120,
    "0": 0,
    "-5": None,
    "1" + "0" * 20: 86_400,
    "soon": None,
    "1.5": None,
    "9" * 9_000: 86_400,
    "Mon, 02 Mar 2020 09:31:00 GMT": 0,
    "Fri, 31 Dec 9999 23:59:59 GMT": 86_400,
    "Mon, 02 Mar 2026 09:31:00 +99999999999999": None,
    "Mon, 99 Mar 2026 99:99:99 GMT": None,
}
"""What a receiver may ask for, and the seconds that we read."""


def waiting_cases() -> list[Hostile]:
    """Answers that ask for time."""
    return [
        Hostile(
            f"{status}, {text[:40]}",
            "not_accepted",
            answers(f"{status} Later", f"retry-after: {text}"),
        )
        for status in (429, 503)
        for text in RETRY_AFTER
    ]
