"""What the schema and the check of a kind accept, its table takes: no row breaks its batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from openredress_api import imports
from openredress_api.foundation.intake import Intake
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.working.batches import Batches
from openredress_api.imports.working.rows import Row
from tests.factories import mechanisms
from tests.factories.imports import findings, hand_in, lines, read
from tests.factories.parties import Party, World
from tests.foundation import forms

ROWS, SEED, TRIES = 1_500, 17, 15
SENDERS = [(kind, sender) for kind, intake in INTAKES.items() for sender in intake.senders]
# What COPY, arrays, JSON or a listing could stumble over, and letters of four octets.
ODD = ("\t", "\n", "\r\n", "\\", "\\N", "\\.", '"', "'", "|", "{", ",", "\x85", "\u2028", "\ufffe")
LETTERS = ("x", "ก", "\u0958", "\U0001f600")


def text(field: Any, chance: Random) -> str:
    """A text that `field` takes: as long as it may be, or full of what is special elsewhere."""
    length = chance.choice((field.at_least, field.at_most, min(3, field.at_most)))
    if chance.random() < 0.3:
        return (chance.choice(ODD) * length)[: max(length, 1)]
    if chance.random() < 0.3:
        # No two are alike, so that no index can pack it.
        return "".join(chr(0x10000 + chance.randrange(0x8000)) for _ in range(length))
    return chance.choice(LETTERS) * max(length // 2, 1)


class Maker:
    """Makes rows of one kind that its schema and its check accept."""

    def __init__(self, intake: Intake, chance: Random, ids: dict[str, list[str]]) -> None:
        self._schema, self._chance, self._ids = intake.schema(), chance, ids
        self._columns = Batches(
            intake,
            {"source_system": "hr"} if "source_system" in intake.key else {},
            datetime.now(UTC),
            lambda _place, value: value,
            keeps_keys=False,
        )._columns

    def rows(self) -> Iterator[dict[str, Any]]:
        """As many as are wanted; those that could not be put right are left out."""
        for _ in range(ROWS):
            record = self._named(forms.body(self._schema, self._chance))
            for _ in range(TRIES):
                _, errors = self._columns(Row(1, record))
                if not errors:
                    yield record
                    break
                leave_out(record, self._chance.choice(errors).pointer.split("/")[1:])

    def _named(self, record: dict[str, Any]) -> dict[str, Any]:
        """Ids are of records that are there; the key is one of few, so that rows also change."""
        for name, field in self._schema.load_fields.items():
            key = field.data_key or name
            known = self._ids.get(getattr(field, "prefix", ""))
            if known and record.get(key) is not None:
                record[key] = self._chance.choice(known)
        if "external_id" in record and self._chance.random() < 0.9:
            record |= {"external_id": f"R{self._chance.randrange(ROWS)}", "source_system": "hr"}
        if "kind" in record and self._chance.random() < 0.5:
            record |= {"kind": "licence", "subject_organisation": self._ids["org"][0]}
        return record


def leave_out(record: Any, path: list[str]) -> None:
    """Take away the innermost member or entry that stands on the way to a place."""
    way = [record]
    for step in path:
        inner = way[-1]
        if isinstance(inner, list) and step.isdigit() and int(step) < len(inner):
            way.append(inner[int(step)])
        elif isinstance(inner, dict) and step in inner:
            way.append(inner[step])
        else:
            break
    for holder, step in reversed(list(zip(way[:-1], path, strict=False))):
        del holder[int(step) if isinstance(holder, list) else step]
        return


def estate(world: World, sender: Party, kind: str) -> dict[str, list[str]]:
    """Ids that a row of the sender's may name, by their kinds."""
    supplier = sender if sender.kind == "supplier" else world.party("supplier")
    sites = [world.site(supplier, name) for name in ("S1", "S2")]
    if sender.kind == "agency":
        for site in sites:
            world.related(sender, supplier, site)
    found = {"site": sites, "org": [sender.id]}
    if kind == "contact_volume":
        found["mec"] = [mechanisms.mechanism(sender, name) for name in ("M1", "M2")]
    return found


@pytest.mark.parametrize(("kind", "sender"), SENDERS)
def test_the_database_takes_what_was_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str, sender: str
) -> None:
    """New, changed and again: no row that was accepted is refused for a reason nobody named."""
    monkeypatch.setitem(forms.RIGHT, "Text", text)
    intake = INTAKES[kind]
    party = world.institute if sender == "institute" else world.party(sender)
    chance = Random(SEED)  # noqa: S311 - chance, not secrecy
    maker = Maker(intake, chance, estate(world, party, kind))
    worker = imports.Worker(world.app.extensions["openredress"])
    counts: Counter[str] = Counter()
    for _ in range(2):
        rows = list(maker.rows())
        assert len(rows) > ROWS / 2
        import_id = hand_in(party, lines(rows), record=kind, source_system="hr")
        assert (worker.turn(), worker.turn()) == (True, False), SEED
        done = read(party, import_id)
        assert done["state"] == "done", (SEED, done["fault"])
        counts.update(done["counts"])
        refused = {one["code"] for one in findings(party, import_id, weight="must_fix")}
        assert refused <= {*intake.places, "repeats_a_row"}, SEED
    assert counts["new"] > 100
    assert counts["changed"] > 10
