"""A worker in a process of its own, to be killed: DATABASE_URL and CA_FILE in the environment."""

from __future__ import annotations

import os
import signal
import threading

from sqlalchemy import create_engine

from openredress_delivery.worker import MaySend, Worker
from tests.delivery.house import House, everything, quick_settings


def work(may_send: MaySend = everything) -> None:
    """Run until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker = Worker(
        create_engine(os.environ["DATABASE_URL"]),
        House.unseal,
        may_send,
        quick_settings(os.environ["CA_FILE"], sweep_seconds=0.05),
    )
    worker.run(stop)
    worker.close()


if __name__ == "__main__":
    work()
