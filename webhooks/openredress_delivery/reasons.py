"""Why an exchange failed, as a code that the endpoint's owner can act upon."""

from __future__ import annotations

import errno
import re

import pycurl

_CODES = {
    pycurl.E_COULDNT_CONNECT: "connect_failed",
    pycurl.E_SSL_CONNECT_ERROR: "tls_failed",
    pycurl.E_SEND_ERROR: "connection_lost",
    pycurl.E_RECV_ERROR: "connection_lost",
    pycurl.E_PARTIAL_FILE: "connection_lost",
    pycurl.E_GOT_NOTHING: "connection_lost",
    pycurl.E_UNSUPPORTED_PROTOCOL: "answer_broken",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "answer_broken",  # one number with "weird server reply"
    pycurl.E_BAD_CONTENT_ENCODING: "answer_broken",
    100: "answer_too_large",  # CURLE_TOO_LARGE, which pycurl does not name
}
# Results of the verification (X509_V_ERR_...). Names are compared before there is one: 1.
_CERTIFICATES = {
    1: "certificate_wrong_name",
    9: "certificate_not_yet_valid",
    10: "certificate_expired",
    62: "certificate_wrong_name",
}
# OpenSSL's own numbers stand in libcurl's texts. From 1000 (3E8) on they are alerts of the peer.
_TLS_NUMBER = re.compile(r"error:0A([0-9A-F]{6})")
_TLS = {
    "000102": "tls_version",  # the peer's version is too old for us
    "00042E": "tls_version",  # alert 70: ours is too new for the peer
    "00045C": "client_certificate_demanded",  # alert 116
}
# Malformed chunks have the number of a lost connection, and a text of their own.
_LOST = re.compile(r"SSL_read|Recv failure|^$")


def reason(curl: pycurl.Curl, failure: int, text: str, *, connected: bool) -> str:
    """The code for a failure.

    Args:
        curl: the handle, with what libcurl knows about the exchange.
        failure: libcurl's number.
        text: libcurl's text.
        connected: whether the connection stood, TLS included.
    """
    if failure == pycurl.E_OPERATION_TIMEDOUT:
        if connected:
            return "answer_timeout"
        return "tls_timeout" if curl.getinfo(pycurl.NUM_CONNECTS) else "connect_timeout"
    if failure == pycurl.E_PEER_FAILED_VERIFICATION:
        verdict = curl.getinfo(pycurl.SSL_VERIFYRESULT)
        return _CERTIFICATES.get(verdict, "certificate_untrusted")
    refused = curl.getinfo(pycurl.OS_ERRNO) == errno.ECONNREFUSED
    if failure == pycurl.E_COULDNT_CONNECT and refused:
        return "connection_refused"
    if failure == pycurl.E_RECV_ERROR and not _LOST.search(text):
        return "answer_broken"
    number = _TLS_NUMBER.search(text)
    known = _TLS.get(number[1]) if number else None
    return known or _CODES.get(failure, "exchange_failed")
