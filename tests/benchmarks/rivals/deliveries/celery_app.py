"""Celery over Redis with requests; `python celery_app.py` enqueues."""

from __future__ import annotations

import os
import threading

import jobs
import requests
from celery import Celery

app = Celery("celery_app", broker=os.environ["BENCH_BROKER"])
app.conf.task_acks_late = True  # a task whose worker dies is done again
own = threading.local()


@app.task
def deliver(url: str, event_id: str, body: str) -> None:
    """Send one event; each thread keeps its session, and with it its connections."""
    session = own.__dict__.setdefault("session", requests.Session())
    octets = body.encode()
    answer = session.post(
        url, data=octets, headers=jobs.signed(url, event_id, octets), timeout=jobs.TIMEOUT_S
    )
    answer.raise_for_status()


if __name__ == "__main__":
    with app.producer_pool.acquire(block=True) as producer:
        for job in jobs.read():
            deliver.apply_async(kwargs=job, producer=producer)
