"""Two walls, three runs (decisions, section 8): both up, then each one alone.

The third run, each policy taken away in turn, is in test_policies.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openredress_api.foundation import database
from tests.factories.estate import Estate
from tests.factories.parties import Party
from tests.security.asking import BODIES, OPERATIONS, stored
from tests.security.matrix import Matrix
from tests.security.oracle import Oracle

Callers = dict[str, Party]
Recorder = Callable[[str, object], None]


def whole(made: Estate, callers: Callers, record_property: Recorder) -> Matrix:
    """The reading and the writing half of the matrix; writing must leave every table as it is."""
    matrix = Matrix(callers, Oracle(made))
    for _ in matrix.read():
        pass
    before = stored(made)
    matrix.write()
    assert stored(made) == before
    assert matrix.findings == []
    count(matrix, record_property)
    return matrix


def count(matrix: Matrix, record_property: Recorder) -> None:
    """Leave the numbers for the summary."""
    kinds = ", ".join(f"{kind} {number}" for kind, number in matrix.cells.most_common())
    record_property(
        "walls",
        f"{len(matrix.operations)} operations x {len(matrix.callers)} callers, "
        f"{matrix.cells.total()} cells, {len(matrix.foreign)} foreign rows ({kinds})",
    )


def test_with_both_walls_each_sees_its_own(
    made: Estate, callers: Callers, record_property: Recorder
) -> None:
    """Everybody reads all its own rows; HEAD, OPTIONS, overrides and cursors tell no more."""
    matrix = Matrix(callers, Oracle(made))
    for _ in matrix.read():
        pass
    before = stored(made)
    matrix.peek()
    assert stored(made) == before
    assert matrix.findings == []
    count(matrix, record_property)


def test_row_level_security_alone_holds(
    made: Estate, callers: Callers, record_property: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run 1: with the seam replaced by identity no foreign row comes out and none is touched."""
    monkeypatch.setattr(database, "visible", lambda statement, _context: statement)
    matrix = whole(made, callers, record_property)
    assert matrix.operations >= {one.name for one in OPERATIONS if one.path_parameters}


def test_the_seam_alone_holds(made: Estate, bypassing: Callers, record_property: Recorder) -> None:
    """Run 2: as a role that bypasses row-level security no foreign row comes out either."""
    whole(made, bypassing, record_property)


def test_no_key_opens_a_strangers_answer(
    made: Estate, callers: Callers, record_property: Recorder
) -> None:
    """An Idempotency-Key of another organisation is a new key; no operation is left out."""
    matrix = Matrix(callers, Oracle(made))
    matrix.share_keys()
    assert matrix.findings == []
    count(matrix, record_property)


def test_every_operation_has_its_row() -> None:
    """Each operation is in the matrix, and each body it takes has its row in BODIES."""
    taking = {one.name for one in OPERATIONS if one.takes is not None}
    assert taking == set(BODIES)
    kinds = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert {one.method for one in OPERATIONS} <= kinds
    in_paths: set[Any] = {one.name for one in OPERATIONS if one.path_parameters}
    reading = {one.name for one in OPERATIONS if one.method == "GET"}
    creating = {one.name for one in OPERATIONS if one.method != "GET"} - in_paths
    assert in_paths | reading | creating == {one.name for one in OPERATIONS}
