"""The proof of `make crash`, small enough for every run."""

from __future__ import annotations

import os
from pathlib import Path

from openredress_api.foundation.postgres.cluster import _opened, _try_lock
from tests.reliability.kills import plans
from tests.reliability.proof import crash, table


def test_everything_killed_nothing_lost() -> None:
    """Three rounds of SIGKILL to API, worker and PostgreSQL lose no write and no event."""
    report = crash(3, 1, acks_each=20, workers=1)
    assert not report.broken, table(report)


def test_a_seed_names_its_rounds() -> None:
    """A seed repeats its rounds; half of them kill all of serve, half all of PostgreSQL."""
    assert plans(20, 7) == plans(20, 7) != plans(20, 8)
    assert sum(plan.whole_serve for plan in plans(20, 7)) == 10
    assert sum(plan.with_children for plan in plans(20, 7)) == 10


def test_no_lock_stays_with_an_inherited_handle(tmp_path: Path) -> None:
    """A process forked while the data folder was locked does not keep it locked."""
    with _opened(tmp_path) as handle:
        assert _try_lock(handle)
        inherited = os.dup(handle)  # as a fork does: the same open file, so the same lock
    try:
        with _opened(tmp_path) as another:
            assert _try_lock(another)
    finally:
        os.close(inherited)
