"""How grave a case is: raised by anybody or by what was observed, lowered by a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from openredress_api.cases import events, rules
from openredress_api.cases.actions.rows import held, held_unmerged, touch, with_duplicates
from openredress_api.cases.tables import CaseObservation, CaseRecord, CaseSeverityChange
from openredress_api.foundation.checks import ahead
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import random_id
from openredress_api.foundation.problems import (
    Conflict,
    NotPermitted,
    PreconditionFailed,
    ValidationFailed,
)


class SeverityUnchanged(Conflict):
    """The case has this severity already; nothing changed."""

    code, title = "severity_unchanged", "Severity unchanged"


class ObservationsStand(Conflict):
    """What was observed demands a graver severity; void what was observed by mistake first."""

    code, title = "observations_stand", "Observations stand"


class ObservationVoided(Conflict):
    """The observation was voided already; nothing changed."""

    code, title = "observation_voided", "Observation voided"


def begin_grading(transaction: Transaction, case: CaseRecord) -> None:
    """The first entry of a case's severity, as it was opened."""
    _note(transaction, case, 1, "opened")
    events.graded(transaction, case)


def change_severity(
    transaction: Transaction, case_id: UUID, body: Mapping[str, Any], seen: int | None
) -> CaseRecord:
    """Hold a case to be more or less grave than before, with reasons."""
    case = held_unmerged(transaction, case_id)
    if seen is not None and seen != case.version:
        raise PreconditionFailed
    if body["severity"] == case.severity:
        raise SeverityUnchanged
    if errors := list(rules.check_grading(case.severity, body)):
        raise ValidationFailed(errors=errors)
    if rules.is_lower(body["severity"], case.severity):
        _check_lowering(transaction, case, body["severity"])
    grade(transaction, case, body["severity"], body["reasons"], "decided")
    return case


def _check_lowering(transaction: Transaction, case: CaseRecord, to: str) -> None:
    demanded = standing_floor(transaction, case.id)
    if demanded is not None and rules.is_lower(to, demanded):
        raise ObservationsStand
    person = transaction.context.person_id
    if case.severity in rules.TWO_PERSON and (
        person is None or person == rules.raiser_of(changes_of(transaction, case.id))
    ):
        raise NotPermitted("Whoever raised the severity cannot lower it; another person has to.")


def grade(
    transaction: Transaction, case: CaseRecord, severity: str, reasons: Sequence[str], cause: str
) -> None:
    """Give a held case another severity, and keep why."""
    is_raised = rules.is_lower(case.severity, severity)
    case.severity, case.severity_reasons = severity, list(reasons)
    _note(transaction, case, len(changes_of(transaction, case.id)) + 1, cause)
    touch(transaction, case)
    if is_raised:
        events.graded(transaction, case)
    else:
        events.lowered(transaction, case)


def _note(transaction: Transaction, case: CaseRecord, n: int, cause: str) -> None:
    context = transaction.context
    transaction.session.add(
        CaseSeverityChange(
            organisation_id=case.organisation_id,
            id=random_id(),
            case_id=case.id,
            n=n,
            severity=case.severity,
            reasons=case.severity_reasons,
            cause=cause,
            person_id=context.person_id,
            changed_at=context.now,
        )
    )
    transaction.session.flush()


def changes_of(transaction: Transaction, case_id: UUID) -> Sequence[CaseSeverityChange]:
    """Every entry of a case's severity; only in the institute's transactions."""
    return transaction.all(select(CaseSeverityChange).where(CaseSeverityChange.case_id == case_id))


def observations_of(
    transaction: Transaction, case_ids: Sequence[UUID]
) -> Sequence[CaseObservation]:
    """What was observed in these cases and not voided, by indicator."""
    mine = (CaseObservation.case_id.in_(case_ids), CaseObservation.voided_at.is_(None))
    return transaction.all(select(CaseObservation).where(*mine).order_by(CaseObservation.indicator))


def standing_floor(transaction: Transaction, case_id: UUID) -> str | None:
    """The least severity that the observations of a case and its duplicates demand."""
    every = with_duplicates(transaction, case_id)
    return rules.floor_of(observations_of(transaction, every))


def observe(transaction: Transaction, case_id: UUID, body: Mapping[str, Any]) -> CaseObservation:
    """Record an indicator; the case becomes as grave as all that was observed demands."""
    context = transaction.context
    if errors := list(ahead("/observed_at", body["observed_at"], context.now, "%Y-%m")):
        raise ValidationFailed(errors=errors)
    case = held_unmerged(transaction, case_id)
    observation = CaseObservation(
        organisation_id=case.organisation_id,
        id=random_id(),
        case_id=case_id,
        **body,
        person_id=context.person_id,
        recorded_at=context.now,
        version=1,
    )
    transaction.session.add(observation)
    transaction.session.flush()
    demanded = standing_floor(transaction, case_id)
    if demanded is not None and rules.is_lower(case.severity, demanded):
        grade(transaction, case, demanded, ["indicators_observed"], "observed")
    else:
        touch(transaction, case)
    return observation


def void_observation(
    transaction: Transaction, observation_id: UUID, reason: str, seen: int | None
) -> CaseObservation:
    """Leave a tombstone; the severity stays until a person lowers it."""
    found = select(CaseObservation).where(CaseObservation.id == observation_id)
    # Whoever changes what was observed holds the case, as whoever judges by it does.
    case = held(transaction, transaction.one(found).case_id)
    observation = transaction.one(found.execution_options(populate_existing=True))
    if observation.voided_at is not None:
        raise ObservationVoided
    if seen is not None and seen != observation.version:
        raise PreconditionFailed
    observation.voided_at, observation.void_reason = transaction.context.now, reason
    observation.version += 1
    touch(transaction, case)
    return observation
