"""URL table of tasks: one short function per route."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    CursorInvalid,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    SecondPersonNeeded,
)
from openredress_api.tasks import actions
from openredress_api.tasks.schemas import TaskDoneBody, TaskQuery, TaskView
from openredress_api.tasks.tables import Task

endpoint = partial(
    doors.endpoint, room="tasks", scope="tasks:manage", roles=("institute",), gives={200: TaskView}
)


@endpoint("GET", "/v1/tasks", query=TaskQuery, problems=(CursorInvalid,), listing=True)
def list_tasks(call: Call) -> Answer:
    """The institute's tasks, by their last change."""
    keys = (Task.updated_at, Task.id)
    return Answer(
        page(call.transaction, actions.tasks_where(call.query), keys, "tasks", call.query)
    )


@endpoint("GET", "/v1/tasks/{id}", ids={"id": "tsk"}, problems=(NotFound,))
def get_task(call: Call) -> Answer:
    """One task."""
    return _task(actions.get_task(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    "/v1/tasks/{id}/complete",
    ids={"id": "tsk"},
    takes=TaskDoneBody,
    problems=(
        NotFound,
        NotPermitted,
        PreconditionFailed,
        SecondPersonNeeded,
        actions.TaskDone,
    ),
    idempotency="required",
)
def complete_task(call: Call) -> Answer:
    """Mark a task as done."""
    task_id, note_code = call.path["id"], call.body["note_code"]
    return _task(actions.complete(call.transaction, task_id, note_code, call.if_match))


def _task(task: Task) -> Answer:
    return Answer(task, version=task.version, subjects=(encode("tsk", task.id),))


ENDPOINTS = (list_tasks, get_task, complete_task)
