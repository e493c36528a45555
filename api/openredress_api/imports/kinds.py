"""The kinds of record that files may bring, each described by its own room."""

from __future__ import annotations

from collections.abc import Mapping

from openredress_api import grievances, mechanisms, organisations, placements, workforce
from openredress_api.foundation.intake import Intake

INTAKES: Mapping[str, Intake] = {
    intake.name: intake
    for intake in (
        grievances.INTAKE,
        workforce.INTAKE,
        mechanisms.INTAKE,
        organisations.INTAKE,
        *placements.INTAKES,
    )
}
