"""What it costs to search one text for personal data, in processor time."""

from __future__ import annotations

import json
import timeit
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from openredress_webhooks.personal_data import found
from openredress_webhooks.personal_data.folding import may_hold
from tests.benchmarks.figures import Figure
from tests.benchmarks.validation import TEXTS

ROUNDS, FEWEST = 9, 5_000
SET = json.loads((Path(__file__).parents[1] / "intake" / "planted.json").read_text("utf-8"))
LONG = 4_000  # characters, twice as many as any field takes
# Texts that make every detector look at every place.
HOSTILE = ("1 ", "01-", "1/a(N)", "(0", "a@", "tel 0", "a at b dot ", "12345678901234567890 ")


def run() -> list[Figure]:
    """Texts without data and with few digits, with many digits, with data, and hostile ones."""
    plain = [text for text in (*TEXTS.values(), *SET["harmless"]) if not may_hold(text)]
    numbers = [text for text in SET["harmless"] if may_hold(text)]
    planted = [one["text"] for one in SET["planted"]]
    hostile = [(piece * LONG)[:LONG] for piece in HOSTILE]
    return [
        Figure("personal_data.plain_text", _microseconds(plain), "us", target="<= 5"),
        Figure("personal_data.dates_and_sums", _microseconds(numbers), "us"),
        Figure("personal_data.planted", _microseconds(planted), "us"),
        Figure(
            "personal_data.hostile_per_character",
            max(_microseconds([text], 3) for text in hostile) / LONG,
            "us",
        ),
    ]


def _microseconds(texts: Sequence[str], fewest: int = FEWEST) -> float:
    """Of one text, in the quietest round."""
    many = list(texts) * -(-fewest // len(texts))

    def all_of_them() -> None:
        for text in many:
            found(text)

    rounds = timeit.repeat(all_of_them, number=1, repeat=ROUNDS, timer=process_time)
    return min(rounds) / len(many) * 1e6
