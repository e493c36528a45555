"""Tasks that the clock raises are told as those that somebody's act raises."""

from __future__ import annotations

from openredress_api.migrations.kinds import function, run

revision = "0029"
down_revision = "0028"

# Raised by the functions of the chores; all other tasks are told by the act that raised them.
TIMED = (
    "('reach_recipient', 'check_back', 'demand_deletion_receipt', 'chase_overdue_remedy', "
    "'chase_repayment')"
)
# A task is told within the round of chores that raised it, or after a fault within the day.
TELL_OF_TASKS = f"""
DECLARE
  t record; event_id uuid; told int := 0; moment timestamptz := gate.now_of(gate.institute());
BEGIN
  FOR t IN SELECT k.organisation_id, k.kind, k.due_at, k.created_at,
        gate.wire_id('tsk', k.id) AS about
      FROM public.task k
      WHERE k.organisation_id = gate.institute() AND k.state = 'open' AND k.kind IN {TIMED}
        AND k.created_at > moment - interval '1 day'
        AND NOT EXISTS (SELECT 1 FROM public.event e WHERE e.organisation_id = k.organisation_id
          AND e.dedupe_key = concat_ws(':', 'task.created', gate.wire_id('tsk', k.id), 1)) LOOP
    event_id := gen_random_uuid();
    INSERT INTO public.event (organisation_id, id, webhook_id, type, subject, subject_seq,
        occurred_at, data_class, body, dedupe_key, retention_until)
      VALUES (t.organisation_id, event_id, gate.wire_id('evt', event_id), 'task.created', t.about,
        1, t.created_at, 'pseudonymous', convert_to(json_build_object(
          'data', json_build_object('due_at', to_char(t.due_at AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'id', t.about, 'kind', t.kind),
          'data_class', 'pseudonymous',
          'id', gate.wire_id('evt', event_id),
          'links', json_build_object('self', base || '/v1/tasks/' || t.about),
          'schema_version', 1,
          'subject', t.about,
          'subject_seq', 1,
          'timestamp', to_char(t.created_at AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'type', 'task.created')::text, 'UTF8'),
        concat_ws(':', 'task.created', t.about, 1), now() + interval '30 days')
      ON CONFLICT ON CONSTRAINT event_organisation_id_dedupe_key_key DO NOTHING;
    told := told + 1;
  END LOOP;
  RETURN told;
END"""


def upgrade() -> None:
    function("tell_of_tasks(base text)", "int", TELL_OF_TASKS, to="delivery")


def downgrade() -> None:
    run("DROP FUNCTION gate.tell_of_tasks(text)")
