"""PgQueuer with aiohttp on uvloop; `python pgqueuer_app.py enqueue` makes its tables, and jobs."""

from __future__ import annotations

import json
import sys

import aiohttp
import asyncpg
import jobs
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

CLAIM = 100
AT_ONCE = 2 * CLAIM  # the least that it takes
PART = 5_000


async def work() -> None:
    """Work until told to stop."""
    timeout = aiohttp.ClientTimeout(total=jobs.TIMEOUT_S)
    queue = PgQueuer(AsyncpgDriver(await asyncpg.connect()))
    async with aiohttp.ClientSession(timeout=timeout) as session:

        @queue.entrypoint("deliver")
        async def deliver(job: Job) -> None:
            told = json.loads(job.payload or b"")
            url, event_id, octets = told["url"], told["event_id"], told["body"].encode()
            headers = jobs.signed(url, event_id, octets)
            async with session.post(url, data=octets, headers=headers) as answer:
                answer.raise_for_status()

        await queue.run(batch_size=CLAIM, max_concurrent_tasks=AT_ONCE)


async def enqueue() -> None:
    """Make the tables and all jobs."""
    queries = Queries(AsyncpgDriver(await asyncpg.connect()))
    await queries.install()
    payloads = [json.dumps(job).encode() for job in jobs.read()]
    for first in range(0, len(payloads), PART):
        part = payloads[first : first + PART]
        await queries.enqueue(["deliver"] * len(part), part, [0] * len(part))


uvloop.run(enqueue() if sys.argv[1:] == ["enqueue"] else work())
