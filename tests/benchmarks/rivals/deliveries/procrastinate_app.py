"""procrastinate with aiohttp; `python procrastinate_app.py enqueue` makes its tables, and jobs."""

from __future__ import annotations

import asyncio
import sys

import aiohttp
import jobs
from procrastinate import App, JobContext, PsycopgConnector

AT_ONCE = 32
PART = 1_000

app = App(connector=PsycopgConnector())


@app.task(pass_context=True)
async def deliver(context: JobContext, url: str, event_id: str, body: str) -> None:
    """Send one event."""
    octets = body.encode()
    session = context.additional_context["session"]
    async with session.post(url, data=octets, headers=jobs.signed(url, event_id, octets)) as answer:
        answer.raise_for_status()


async def enqueue() -> None:
    """Make the tables and all jobs."""
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        waiting = jobs.read()
        for first in range(0, len(waiting), PART):
            await deliver.batch_defer_async(*waiting[first : first + PART])


async def work() -> None:
    """Work until told to stop."""
    timeout = aiohttp.ClientTimeout(total=jobs.TIMEOUT_S)
    async with app.open_async(), aiohttp.ClientSession(timeout=timeout) as session:
        await app.run_worker_async(concurrency=AT_ONCE, additional_context={"session": session})


asyncio.run(enqueue() if sys.argv[1:] == ["enqueue"] else work())
