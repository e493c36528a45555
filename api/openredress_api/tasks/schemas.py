"""The wire shapes of tasks."""

from __future__ import annotations

from openredress_api.foundation.fields import Choice, Identifier, Instant, Text, WireSchema
from openredress_api.foundation.paging import PageQuery
from openredress_api.tasks import rules


class TaskQuery(PageQuery):
    """A page of tasks, narrowed: `limit` above 500 is clamped."""

    state = Choice(rules.STATES)
    kind = Choice(rules.KINDS)


class TaskDoneBody(WireSchema):
    """How it ended; what was decided stands in the record itself."""

    note_code = Choice(rules.NOTE_CODES, load_default="done")


class TaskView(WireSchema):
    """Work for a person of the institute."""

    id = Identifier("tsk")
    kind = Choice(rules.KINDS)
    subject = Text(description="the id of the record that it is about")
    severity = Choice(rules.SEVERITIES, allow_none=True)
    due_at = Instant(allow_none=True)
    state = Choice(rules.STATES)
    done_by = Identifier("per", allow_none=True)
    done_at = Instant(allow_none=True)
    note_code = Choice(rules.NOTE_CODES, allow_none=True)
    created_at = Instant()
