"""Tasks: the institute's work list."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record


class Task(Record):
    """Something a person of the institute has to decide or do."""

    id: str
    kind: str
    status: str
    due_at: str | None


class Tasks(Capability):
    """`/v1/tasks`."""

    def list(self, *, cursor: str | None = None, **filters: object) -> Listing[Task]:
        """Iterate over the tasks."""
        return self._list(Task, "tasks", filters, cursor)

    def complete(self, task_id: str, *, idempotency_key: str | None = None, **body: object) -> Task:
        """Mark a task as done."""
        return self._post(Task, "tasks", task_id, "complete", body=body, key=idempotency_key)
