"""The ceiling: libcurl's multi interface alone. No queue, no database; the same bodies, signed."""

from __future__ import annotations

import signal
import sys

import jobs
import pycurl

AT_ONCE = 64  # of 32, 64 and 200 none is quicker by more than the noise
PATIENCE_S = 0.1


def main() -> None:
    """Send all jobs as fast as it goes."""
    waiting = iter([(job["url"], job["event_id"], job["body"].encode()) for job in jobs.read()])
    multi, under_way = pycurl.CurlMulti(), 0
    multi.setopt(pycurl.M_MAXCONNECTS, 256)
    free = [_line() for _ in range(AT_ONCE)]
    while True:
        while free and (job := next(waiting, None)):
            _prepare(free[-1], *job)
            multi.add_handle(free.pop())
            under_way += 1
        if not under_way:
            signal.pause()  # so that its times can still be read
        multi.perform()
        _, done, failed = multi.info_read()
        if failed:
            sys.exit(f"a request failed: {failed[0][2]}")
        for line in done:
            multi.remove_handle(line)
        free += done
        under_way -= len(done)
        if not done:
            multi.select(PATIENCE_S)


def _line() -> pycurl.Curl:
    line = pycurl.Curl()
    for option, value in (
        (pycurl.POST, 1),
        (pycurl.WRITEFUNCTION, len),
        (pycurl.NOSIGNAL, 1),
        (pycurl.PROXY, ""),
    ):
        line.setopt(option, value)
    return line


def _prepare(line: pycurl.Curl, url: str, event_id: str, body: bytes) -> None:
    headers = [f"{name}: {value}" for name, value in jobs.signed(url, event_id, body).items()]
    line.setopt(pycurl.URL, url)
    line.setopt(pycurl.HTTPHEADER, [*headers, "Expect:", "Accept:"])
    line.setopt(pycurl.POSTFIELDS, body)


main()
