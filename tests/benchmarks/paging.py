"""Whether the last page of a long list takes longer than the first one."""

from __future__ import annotations

import statistics
import time

from sqlalchemy import text

from tests.benchmarks.figures import Figure
from tests.benchmarks.scratch import lasting, scratch
from tests.factories.cases import case
from tests.factories.parties import Party, World

CASES, PAGE, ENDS = 1_000_000, 500, 25
# Copies of one case with its issues, each changed at a moment of its own.
FILL = """
WITH made AS (
  INSERT INTO case_record SELECT copy.*
    FROM case_record c, generate_series(1, :count) n, jsonb_populate_record(c, jsonb_build_object(
      'id', gen_random_uuid(), 'updated_at', c.updated_at - n * interval '1 second')) copy
    RETURNING organisation_id, id
)
INSERT INTO case_issue SELECT copy.*
  FROM made m, case_issue i, jsonb_populate_record(i, jsonb_build_object(
    'id', gen_random_uuid(), 'case_id', m.id)) copy
  WHERE i.category = 'wages.withheld'
"""


def run() -> list[Figure]:
    """All pages of an institute's cases in their order, in process; medians of either end."""
    with scratch() as installation:
        world = World(installation)
        institute = lasting(world, world.institute)
        case(world, world.site(world.party("supplier")))
        with installation.as_owner() as connection:
            connection.execute(text(FILL), {"count": CASES - 1})
        with installation.as_owner() as connection:
            connection.execute(text("ANALYZE case_record, case_issue"))
        taken, seen = _read(institute)
        world.app.extensions["openredress"].dispose()
    assert seen == CASES, seen
    first, last = (statistics.median(end) * 1000 for end in (taken[1 : ENDS + 1], taken[-ENDS:]))
    return [
        Figure("paging.first", first, "ms"),
        Figure("paging.last", last, "ms", floor=first, ratio=last / first, target="<= 1.5"),
    ]


def _read(institute: Party) -> tuple[list[float], int]:
    """Seconds of each page, and how many cases there were."""
    taken, seen, cursor = [], 0, ""
    while True:
        began = time.perf_counter()
        answer = institute.get(f"/v1/cases?limit={PAGE}{cursor}")
        taken.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.json
        seen += len(answer.json["data"])
        if not answer.json["has_more"]:
            return taken, seen
        cursor = f"&cursor={answer.json['next_cursor']}"
