"""Tasks: the institute's work list."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Task(Record):
    """Something a person of the institute has to decide or do; `subject` is a record's id."""

    id: str
    kind: str
    subject: str
    severity: str | None
    due_at: str | None
    state: str
    done_by: str | None
    done_at: str | None
    note_code: str | None
    created_at: str


class Tasks(Capability):
    """`/v1/tasks`."""

    def get(self, task_id: str) -> Task:
        """Return one task."""
        return self._get(Task, "tasks", task_id)

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Task]:
        """Iterate over the tasks, by their last change."""
        return self._list(Task, "tasks", cursor=cursor, **filters)

    def complete(
        self,
        task_id: str,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
        **body: object,
    ) -> Task:
        """Mark a task as done."""
        segments = ("tasks", task_id, "complete")
        return self._post(Task, *segments, body=body, key=idempotency_key, etag=etag)
