"""Who is killed in which round, and the killing."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.services import Service, kill_each, postgres_family, wait_for

VICTIMS = ("serve", "deliver", "postgres")
_LONGEST_PAUSE_S = 0.3


@dataclass(frozen=True)
class Plan:
    """One round: who dies in which order, how thoroughly, with which pauses before each."""

    order: tuple[str, ...]
    whole_serve: bool
    with_children: bool
    pauses: tuple[float, ...]

    def __str__(self) -> str:
        thorough = {
            "serve": "all of serve" if self.whole_serve else "granian workers",
            "deliver": "deliver",
            "postgres": "postgres and children" if self.with_children else "postmaster",
        }
        return ", ".join(thorough[victim] for victim in self.order)


@dataclass(frozen=True)
class Kill:
    """Who was killed, and when it was done (monotonic)."""

    victim: str
    at: float


def plans(rounds: int, seed: int) -> list[Plan]:
    """The rounds of one seed; half of them kill all of `serve`, half PostgreSQL's children."""
    luck = random.Random(seed)  # noqa: S311 - guards nothing, and is to be repeatable
    whole_serve, with_children = ([number % 2 == 1 for number in range(rounds)] for _ in range(2))
    luck.shuffle(whole_serve)
    luck.shuffle(with_children)
    return [
        Plan(
            tuple(luck.sample(VICTIMS, len(VICTIMS))),
            whole,
            children,
            tuple(luck.uniform(0, _LONGEST_PAUSE_S) for _ in VICTIMS),
        )
        for whole, children in zip(whole_serve, with_children, strict=True)
    ]


def carry_out(plan: Plan, services: Mapping[str, Service], pgdata: Path) -> list[Kill]:
    """Kill each of the three; one that is just being started again is waited for."""
    done = []
    for victim, pause in zip(plan.order, plan.pauses, strict=True):
        time.sleep(pause)
        if victim == "postgres":
            _kill_postgres(pgdata, with_children=plan.with_children)
        elif victim == "serve" and not plan.whole_serve:
            _kill_workers(services["serve"])
        else:
            services[victim].kill()
        done.append(Kill(victim, time.monotonic()))
    return done


def _kill_postgres(pgdata: Path, *, with_children: bool) -> None:
    wait_for("a postmaster to kill", lambda: bool(postgres_family(pgdata)))
    # The postmaster first: it would answer a child's death by an orderly restart.
    kill_each(postgres_family(pgdata)[: None if with_children else 1])


def _kill_workers(serve: Service) -> None:
    wait_for("granian workers to kill", lambda: bool(serve.workers()))
    kill_each(serve.workers())
