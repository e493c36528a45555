"""What it costs to load one right record, in processor time."""

from __future__ import annotations

import time
import timeit
from functools import partial
from random import Random
from typing import Any

from marshmallow import Schema

from openredress_api.foundation.fields import Text, WireSchema
from openredress_api.grievances.schemas import GrievanceBody
from tests.benchmarks.figures import Figure
from tests.foundation import forms

RECORDS, ROUNDS = 2_000, 9
TEXTS = {
    "in_english": "The wages of February were paid on the 25th of March, after we had asked twice.",
    "in_thai": "ค่าจ้างเดือนกุมภาพันธ์จ่ายล่าช้าหนึ่งเดือนหลังจากที่เราสอบถามสองครั้ง",
    "in_burmese": "ဖေဖော်ဝါရီလ လုပ်အားခကို နှစ်ကြိမ်မေးမြန်းပြီးနောက် မတ်လတွင်မှ ပေးခဲ့သည်။",
    "in_khmer": "ប្រាក់ឈ្នួលខែកុម្ភៈត្រូវបានបង់យឺតពេលមួយខែ បន្ទាប់ពីយើងបានសួរពីរដង។",
}


class Told(GrievanceBody):
    """A grievance with the worker's own words, which the wire does not carry in this form."""

    in_english = Text(required=True)
    in_thai = Text(required=True)
    in_burmese = Text(required=True)
    in_khmer = Text(required=True)


def run() -> list[Figure]:
    """Grievances with every member, the same with four texts more, and marshmallow without us."""
    schema, chance = GrievanceBody(), Random(20)  # noqa: S311 - chance, not secrecy
    records = [_whole(schema, chance) for _ in range(RECORDS)]
    plain = _microseconds(schema.load, records)
    told = _microseconds(Told().load, [{**each, **TEXTS} for each in records])
    alone = _microseconds(partial(Schema.load, schema), records)
    return [
        Figure("validation.record", plain, "us", target="<= 20"),
        Figure("validation.text", (told - plain) / len(TEXTS), "us", target="<= 5"),
        Figure("validation.by_marshmallow_alone", alone, "us"),
    ]


def _whole(schema: WireSchema, chance: Random) -> dict[str, Any]:
    return {name: forms.right(field, chance) for name, field in schema.load_fields.items()}


def _microseconds(load: Any, records: list[dict[str, Any]]) -> float:
    """Of one record, in the quietest round."""

    def all_of_them() -> None:
        for each in records:
            load(each)

    rounds = timeit.repeat(all_of_them, number=1, repeat=ROUNDS, timer=time.process_time)
    return min(rounds) / len(records) * 1e6
