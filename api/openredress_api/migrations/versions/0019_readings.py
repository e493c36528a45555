"""Who read what: entries about a record, for the organisation whose record it is."""

from __future__ import annotations

from openredress_api.migrations.kinds import function, run

revision = "0019"
down_revision = "0018"

SUBJECTS_OF = """
BEGIN
  RETURN ARRAY(SELECT jsonb_array_elements_text(content::jsonb -> 'subjects'));
END"""
IS_MY_RECORD = """
DECLARE found boolean;
BEGIN
  IF kind NOT IN ('case_record', 'referral', 'remediation_request', 'completion_claim',
      'worker_validation', 'evidence', 'grievance', 'placement', 'worker_statement',
      'post_arrival_interview') THEN
    RETURN false;
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I t WHERE t.id = $1 '
    'AND t.organisation_id = gate.current_organisation())', kind) INTO found USING record_id;
  RETURN found;
END"""
READINGS_OF = """
BEGIN
  IF NOT gate.is_my_record(kind, record_id)
      OR record NOT LIKE '%' || substr(gate.wire_id('', record_id), 2) THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT a.organisation_id, a.at, a.id, a.operation, a.content FROM public.audit a
    WHERE a.operation ~ '^(get|list|read)_' AND gate.subjects_of(a.content) @> ARRAY[record];
END"""
FUNCTIONS = (
    # Whoever writes an entry writes the index as well.
    ("subjects_of(content text)", "text[]", SUBJECTS_OF, "app import", "IMMUTABLE"),
    ("is_my_record(kind text, record_id uuid)", "boolean", IS_MY_RECORD, "app", "STABLE"),
    (
        "readings_of(kind text, record_id uuid, record text)",
        "TABLE (organisation_id uuid, at timestamptz, id uuid, operation text, content text)",
        READINGS_OF,
        "app",
        "STABLE",
    ),
)


def upgrade() -> None:
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    # Readings alone: what writes is not made slower by it.
    run(
        "CREATE INDEX audit_readings ON audit USING gin (gate.subjects_of(content)) "
        "WHERE operation ~ '^(get|list|read)_'"
    )


def downgrade() -> None:
    run("DROP INDEX audit_readings")
    for signature, *_ in reversed(FUNCTIONS):
        run(f"DROP FUNCTION gate.{signature}")
