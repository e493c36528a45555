"""Use cases of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from openredress_api.foundation.announcements import Announcement
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.identifiers import dated_id, encode
from openredress_api.foundation.problems import (
    Conflict,
    NotPermitted,
    PreconditionFailed,
    SecondPersonNeeded,
)
from openredress_api.foundation.turns import take_turn
from openredress_api.tasks import events, rules
from openredress_api.tasks.tables import Task


class TaskDone(Conflict):
    """The task is done already; nothing changed."""

    code, title = "task_done", "Task done"


def on_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Raise the tasks that a fact makes, unless the same one waits already."""
    severity = announcement.notes.get("severity")
    subject = encode(announcement.prefix, announcement.subject_id)
    for work in rules.work_for(announcement.type, severity):
        _raise(transaction, work, subject, severity)


def _raise(transaction: Transaction, work: rules.Work, subject: str, severity: object) -> None:
    context, task_id = transaction.context, dated_id()
    due_at = context.now + timedelta(days=work.days)
    raised = func.gate.raise_task(task_id, work.kind, subject, severity, due_at, context.now)
    if transaction.session.scalar(select(raised)) and not context.is_institute:
        events.created(transaction, task_id, work.kind, due_at)


def tasks_where(query: Mapping[str, Any]) -> Select[Task]:
    """The tasks that fit the filters of a list."""
    statement = select(Task)
    if "state" in query:
        statement = statement.where(Task.state == query["state"])
    if "kind" in query:
        statement = statement.where(Task.kind == query["kind"])
    return statement


def get_task(transaction: Transaction, task_id: UUID) -> Task:
    """A task of the caller's organisation; NotFound otherwise."""
    return transaction.one(select(Task).where(Task.id == task_id))


def _check_pair(transaction: Transaction, task: Task, person_id: UUID) -> None:
    other = rules.OTHER_OF_PAIR.get(task.kind)
    if other is None:
        return
    take_turn(transaction, f"tasks of {task.subject}")
    mine = (Task.subject == task.subject, Task.kind == other, Task.done_by == person_id)
    if transaction.rows(select(Task.id).where(*mine)):
        raise SecondPersonNeeded(f"You have done {other}; this one is for another person.")


def complete(transaction: Transaction, task_id: UUID, note_code: str, seen: int | None) -> Task:
    """Mark a task as done by the person who calls; of a pair each person does one."""
    context = transaction.context
    if context.person_id is None:
        raise NotPermitted("A task is completed by a person; this client belongs to none.")
    _check_pair(transaction, get_task(transaction, task_id), context.person_id)
    locked = select(Task).where(Task.id == task_id).with_for_update()
    task = transaction.one(locked.execution_options(populate_existing=True))
    if seen is not None and seen != task.version:
        raise PreconditionFailed
    if task.state == "done":
        raise TaskDone
    task.state, task.note_code = "done", note_code
    task.done_by, task.done_at = context.person_id, context.now
    task.updated_at, task.version = context.now, task.version + 1
    transaction.session.flush()
    return task
