"""Each operation, as each role, with each kind of id: what comes out and what is stored.

Generated from the recorded operations: a new one is in the matrix with its first run. What a pass
finds is kept, never raised, so that a planted hole can be looked for as well.
"""

from __future__ import annotations

import itertools
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from werkzeug.test import TestResponse

from openredress_api.access.scopes import SCOPES_BY_ROLE
from openredress_openapi.operations import Operation
from tests.factories.estate import placed
from tests.factories.parties import Party
from tests.security.asking import (
    CODES,
    OPERATIONS,
    Asked,
    absent,
    base,
    malformed,
    named_ids,
    naming,
    pages,
    seen,
    table_of,
)
from tests.security.oracle import TABLES, Oracle, Row

MANY = {"limit": "500"}
# Rows that the same organisations may read are alike: so many of them are tried.
ALIKE = 2
# What is there and cannot be had: a file still under way, an identity that nobody granted, a
# referral that was taken back.
PENDING = {
    "get_evidence_original": 409,
    "get_import_corrections": 409,
    "get_identity": 409,
    "get_referral": 410,
}
# Where naming a stranger's record shows that it exists, and why that is meant.
BY_DESIGN = {
    ("state_relation", "site", "brand"): "a partner states a relation with a site it was told of",
    ("state_relation", "site", "agency"): "as a brand",
    ("state_relation", "partner", "supplier"): "a supplier names its partner by an id it was told",
}


class Matrix:
    """One pass over all cells as `callers`, judged by `oracle`."""

    def __init__(self, callers: Mapping[str, Party], oracle: Oracle) -> None:
        self.callers = callers
        self.oracle = oracle
        self.cells: Counter[str] = Counter()
        self.operations: set[str] = set()
        # A stranger's id or text in an answer, or a stranger's record that was acted upon.
        self.foreign: list[str] = []
        # A row of one's own that does not come.
        self.missing: list[str] = []
        # Answers that tell a stranger's id from one that nothing carries.
        self.unlike: list[str] = []

    @property
    def findings(self) -> list[str]:
        """All that is wrong."""
        return [*self.foreign, *self.missing, *self.unlike]

    def read(self, only: frozenset[str] | None = None) -> Iterator[None]:
        """Every GET, one operation and caller per step: a seeker stops at its first find."""
        for operation, (name, caller) in itertools.product(OPERATIONS, self.callers.items()):
            if operation.method == "GET" and (only is None or operation.name in only):
                if operation.path_parameters.keys() - CODES:
                    self._items(operation, name, caller)
                else:
                    self._list(operation, name, caller)
                yield

    def write(self) -> None:
        """Strangers' ids in the path of every act, and in every query and body."""
        for operation, (name, caller) in itertools.product(OPERATIONS, self.callers.items()):
            if operation.method != "GET" and operation.path_parameters:
                self._act(operation, name, caller)
            for place in named_ids(operation):
                if (operation.name, place[1], caller.kind) not in BY_DESIGN:
                    self._name(operation, name, caller, place)

    def peek(self) -> None:
        """HEAD, OPTIONS and a method override on strangers' ids, and strangers' cursors."""
        for operation in OPERATIONS:
            if operation.method != "GET":
                continue
            if prefix := operation.path_parameters.get("id"):
                for name, caller in self.callers.items():
                    asked = Asked(operation, {}, method="HEAD")
                    self._alike(name, caller, asked, self._strangers(prefix, caller)[:1])
                # Neither depends on who asks: the last caller asks for all.
                foreign = self._strangers(prefix, caller)[:1]
                self._alike(name, caller, Asked(operation, {}, method="OPTIONS"), foreign)
                override = {"X-HTTP-Method-Override": "DELETE"}
                self._alike(name, caller, Asked(operation, {}, headers=override), foreign)
            if pages(operation):
                self._cursors(operation)

    def share_keys(self) -> None:
        """Each creating operation by every role under one key: no answer is another's."""
        for operation in OPERATIONS:
            if operation.method == "GET" or operation.path_parameters:
                continue
            key = {"Idempotency-Key": secrets.token_hex(8)}
            for name, caller in self.callers.items():
                if operation.scope in SCOPES_BY_ROLE[caller.kind]:
                    asked = base(operation, {}, self._own(caller))
                    answer = replace(asked, headers={**asked.headers, **key}).by(caller)
                    self._look(name, caller, operation, answer, f"{asked.path} {asked.body}")
                    self._count(operation, "key of another organisation")
                    if "Idempotency-Replayed" in answer.headers:
                        self.foreign.append(f"{name} {operation.name}: a stranger's answer")
                    torn = replace(asked, headers={**asked.headers, "Idempotency-Key": "a b"})
                    self._count(operation, "malformed key")
                    if operation.idempotency != "none" and torn.by(caller).status_code != 400:
                        self.unlike.append(f"{name} {operation.name}: took a key that is none")
        for caller in self.callers.values():
            placed(caller)

    def _list(self, operation: Operation, name: str, caller: Party) -> None:
        answer = Asked(operation, CODES, MANY if pages(operation) else {}).by(caller)
        self._count(operation, "list")
        self._look(name, caller, operation, answer)
        if not self._is_open(operation, caller):
            self._expect(name, operation, answer, 403)
        elif operation.listing and (table := table_of(operation)):
            mine = {row.id for row in self.oracle.standing(table, caller.organisation_id)}
            shown = {row["id"] for row in answer.json.get("data", ())}
            if shown - mine:
                self.foreign.append(f"{name} {operation.name}: {shown - mine}")
            if mine - shown:
                self.missing.append(f"{name} {operation.name}: {mine - shown}")

    def _items(self, operation: Operation, name: str, caller: Party) -> None:
        """Own, foreign, absent and malformed ids; for a child of a record each combination."""
        is_open = self._is_open(operation, caller)
        prefixes = operation.path_parameters.values()
        refusals = set()
        for chosen in itertools.product(*(self._choices(prefix, caller) for prefix in prefixes)):
            ids = dict(zip(operation.path_parameters, (one for _, one, _ in chosen), strict=True))
            answer = Asked(operation, ids).by(caller)
            self._count(operation, "/".join(kind for kind, _, _ in chosen))
            self._look(name, caller, operation, answer, " ".join(ids.values()))
            is_mine = is_open and _belong([row for kind, _, row in chosen if kind == "own"], ids)
            if is_mine and answer.status_code == PENDING.get(operation.name):
                continue
            self._expect(name, operation, answer, 200 if is_mine else 404 if is_open else 403)
            if not is_mine:
                refusals.add(seen(answer, ids.values()))
        if len(refusals) != 1:
            self.unlike.append(f"{name} {operation.name}: {sorted(refusals)}")

    def _choices(self, prefix: str, caller: Party) -> list[tuple[str, str, Row | None]]:
        """Ids to try: of each set of readers some rows, what was deleted, and no row's ids."""
        groups: dict[frozenset[object], list[Row]] = {}
        for row in self.oracle.standing(TABLES[prefix]):
            groups.setdefault(frozenset(row.readers), []).append(row)
        me = caller.organisation_id
        rows = [row for group in groups.values() for row in group[-ALIKE:]]
        found = [("own" if me in row.readers else "foreign", row.id, row) for row in rows]
        nobodys = [("random", absent(prefix), None), ("malformed", malformed(prefix), None)]
        gone = [("deleted", one, None) for one in self.oracle.deleted(prefix)]
        return [*found, *gone, *nobodys]

    def _act(self, operation: Operation, name: str, caller: Party) -> None:
        own = self._own(caller)
        for place, prefix in operation.path_parameters.items():
            # A child's id is tried beside a parent of the caller's own, and the other way round.
            beside = {key: own[kind] for key, kind in operation.path_parameters.items()}
            asked = base(operation, beside, own)
            foreign = self._strangers(prefix, caller)
            self._alike(name, caller, asked, foreign, place)
            if operation.takes is None and self._is_open(operation, caller):
                stale = replace(asked, headers={**asked.headers, "If-Match": '"v99-x"'})
                self._alike(name, caller, stale, foreign[:1], place)

    def _alike(
        self, name: str, caller: Party, asked: Asked, foreign: Sequence[str], place: str = "id"
    ) -> None:
        """Strangers' ids, an absent and a malformed one in one place get the same refusal."""
        operation = asked.operation
        prefix = operation.path_parameters[place]
        answers = set()
        gone = self.oracle.deleted(prefix)[:1]
        for one in (*foreign, *gone, absent(prefix), malformed(prefix)):
            ids = {**dict.fromkeys(operation.path_parameters, one), **asked.ids, place: one}
            answer = replace(asked, ids=ids).by(caller)
            whose = "foreign" if one in foreign else "deleted" if one in gone else "absent"
            self._count(operation, f"{asked.method or 'act'} on {whose}")
            self._look(name, caller, operation, answer, one)
            answers.add(seen(answer, [one]))
            if asked.method != "OPTIONS" and answer.status_code not in {403, 404}:
                self.foreign.append(f"{name} {operation.name} on {one}: {answer.status_code}")
        if len(answers) != 1:
            self.unlike.append(f"{name} {operation.name}: {sorted(answers)}")

    def _name(
        self, operation: Operation, name: str, caller: Party, place: tuple[str, str, str]
    ) -> None:
        """A stranger's id in a query or body is answered as one that nothing carries.

        One that is no id is named by its place.
        """
        where, field, prefix = place
        own = self._own(caller)
        ids = {key: own[kind] for key, kind in operation.path_parameters.items()}
        asked = Asked(operation, ids) if operation.method == "GET" else base(operation, ids, own)
        answers = set()
        for one in (*self._strangers(prefix, caller), absent(prefix)):
            answer = naming(asked, where, field, one).by(caller)
            self._count(operation, f"foreign id in {where}")
            self._look(name, caller, operation, answer, f"{one} {asked.path} {asked.body}")
            answers.add(seen(answer, [one]))
            if operation.method != "GET" and answer.status_code < 400:
                self.foreign.append(f"{name} {operation.name}: stored a stranger's {field}")
        if len(answers) != 1:
            self.unlike.append(f"{name} {operation.name} {field}: {sorted(answers)}")
        answer = naming(asked, where, field, malformed(prefix)).by(caller)
        self._count(operation, f"malformed id in {where}")
        named = [one["pointer"] for one in answer.json.get("errors", ())]
        sign = "?" if where == "query" else "/"
        if answer.status_code != 403 and not any(one.startswith(f"{sign}{field}") for one in named):
            self.unlike.append(f"{name} {operation.name} {field}: malformed, {answer.json}")

    def _cursors(self, operation: Operation) -> None:
        """A cursor works for the organisation it was made for and for nobody else."""
        for stranger in self.callers.values():
            own = self._own(stranger)
            ids = {key: own.get(kind, "") for key, kind in operation.path_parameters.items()}
            page = Asked(operation, ids, {"limit": "1"}).by(stranger)
            cursor = page.json.get("next_cursor")
            if page.status_code == 200:
                torn = Asked(operation, ids, {"cursor": "torn"}).by(stranger)
                self._count(operation, "malformed cursor")
                if torn.json.get("code") != "cursor_invalid":
                    self.unlike.append(f"{operation.name}: took a cursor that is none")
            for name, caller in self.callers.items() if cursor else ():
                if stranger is not caller and self._is_open(operation, caller):
                    answer = Asked(operation, ids, {"cursor": cursor}).by(caller)
                    self._count(operation, "cursor of another organisation")
                    self._look(name, caller, operation, answer, " ".join(ids.values()))
                    if answer.status_code not in {404, 422}:
                        self.foreign.append(f"{name} {operation.name}: took a stranger's cursor")

    def _own(self, caller: Party) -> dict[str, str]:
        """For each kind an id that the caller may name: one of its own, or one of nobody."""
        mine = {
            prefix: self.oracle.standing(table, caller.organisation_id)
            for prefix, table in TABLES.items()
        }
        return {prefix: rows[0].id if rows else absent(prefix) for prefix, rows in mine.items()}

    def _strangers(self, prefix: str, caller: Party) -> list[str]:
        """Ids of rows that the caller may not read and that stand in none that it may read."""
        rows = self.oracle.of(TABLES[prefix], caller.organisation_id, foreign=True)
        hidden = [row.id for row in rows if self.oracle.leaks(caller.organisation_id, row.id)]
        return list(dict.fromkeys([*hidden[:1], *hidden[-1:]]))

    @staticmethod
    def _is_open(operation: Operation, caller: Party) -> bool:
        return not operation.roles or caller.kind in operation.roles

    def _count(self, operation: Operation, kind: str) -> None:
        self.operations.add(operation.name)
        self.cells[kind] += 1

    def _expect(self, name: str, operation: Operation, answer: TestResponse, status: int) -> None:
        if answer.status_code != status:
            wrong = self.missing if status == 200 else self.foreign
            path, came = answer.request.path, answer.status_code
            wrong.append(f"{name} {operation.name}: {came} instead of {status} {path}")

    def _look(
        self, name: str, caller: Party, operation: Operation, answer: TestResponse, said: str = ""
    ) -> None:
        """Note what of strangers stands in an answer beyond what the caller said itself."""
        shown = f"{list(answer.headers)} {answer.get_data(as_text=True)}"
        found = self.oracle.leaks(caller.organisation_id, shown)
        if leaked := sorted(one for one in found if one not in said):
            self.foreign.append(f"{name} {operation.name}: {leaked[:3]}")
        if answer.status_code >= 500:
            self.foreign.append(f"{name} {operation.name}: {answer.status_code}")


def _belong(own: Sequence[Row | None], ids: Mapping[str, str]) -> bool:
    """Whether every id of a path is one's own, and a child that of the parent before it."""
    if len(own) < len(ids):
        return False
    rows = [row for row in own if row is not None]
    return all(parent.columns["id"] in rows[-1].columns.values() for parent in rows[:-1])
