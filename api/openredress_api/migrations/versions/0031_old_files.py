"""Files of evidence are kept for seven years (R17); what is due is listed by the record's id."""

from __future__ import annotations

from importlib import import_module

from openredress_api.migrations.kinds import function, run

revision = "0031"
down_revision = "0030"

BEFORE = import_module("openredress_api.migrations.versions.0027_keeping")
RESULT = "TABLE (owner_id uuid, record_id uuid, what text, due_at timestamptz)"
# Whatever was done after the end counts as well: what somebody works on is needed.
ALL_DUE = """
BEGIN
  RETURN QUERY SELECT d.* FROM (
      SELECT c.organisation_id, c.id, 'contact',
          greatest(gate.case_ended(c.id), c.updated_at) + interval '90 days'
        FROM public.case_record c
        WHERE c.contact_erased_at IS NULL AND c.updated_at <= until - interval '90 days'
          AND gate.case_ended(c.id) IS NOT NULL
      UNION ALL
      SELECT c.organisation_id, c.id, 'content',
          greatest(gate.case_ended(c.id), c.updated_at) + interval '2 years'
        FROM public.case_record c
        WHERE c.content_erased_at IS NULL AND c.updated_at <= until - interval '2 years'
          AND gate.case_ended(c.id) IS NOT NULL
      UNION ALL
      SELECT e.organisation_id, e.id, 'evidence', e.updated_at + interval '7 years'
        FROM public.evidence e
        WHERE e.state = 'ready' AND e.updated_at <= until - interval '7 years'
    ) AS d (owner_id, record_id, what, due_at)
    WHERE d.due_at <= until;
END"""
DUE = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN; END IF;
  RETURN QUERY SELECT
      gate.wire_id(CASE d.what WHEN 'evidence' THEN 'evd' ELSE 'case' END, d.record_id),
      d.what, d.due_at
    FROM gate.all_due(until) d ORDER BY d.due_at, d.record_id LIMIT 500;
END"""
# As voiding does it: a tombstone with size and SHA-256 stays.
ERASE_EVIDENCE = """
DECLARE held uuid; moment timestamptz := gate.now_of(owner);
BEGIN
  SELECT e.content_id INTO held FROM public.evidence e
    WHERE e.organisation_id = owner AND e.id = evidence FOR UPDATE;
  UPDATE public.evidence e SET state = 'voided', void_reason = 'retention_ended', label = NULL,
      content_id = NULL, voided_at = moment, updated_at = moment, version = e.version + 1
    WHERE e.organisation_id = owner AND e.id = evidence;
  DELETE FROM public.content c WHERE c.organisation_id = owner AND c.id = held;
END"""
ERASE_DUE = """
DECLARE d record; erased int := 0;
BEGIN
  FOR d IN SELECT * FROM gate.all_due(gate.now_of(gate.institute())) LIMIT 500 LOOP
    IF d.what = 'evidence' THEN
      PERFORM gate.erase_evidence(d.owner_id, d.record_id);
    ELSE
      PERFORM gate.erase_case(d.record_id, d.what);
    END IF;
    erased := erased + 1;
  END LOOP;
  RETURN erased;
END"""
REASONS = "'entered_by_mistake', 'entered_twice', 'erasure_asked'"


def _reasons(codes: str) -> str:
    return f"""ALTER TABLE evidence DROP CONSTRAINT evidence_void_reason_check,
        ADD CONSTRAINT evidence_void_reason_check CHECK (void_reason IN ({codes}))"""


def upgrade() -> None:
    run(
        _reasons(f"{REASONS}, 'retention_ended'"),
        "CREATE INDEX evidence_kept ON evidence (updated_at) WHERE state = 'ready'",
        "DROP FUNCTION gate.retention_due(timestamptz), gate.all_due(timestamptz)",
    )
    function("all_due(until timestamptz)", RESULT, ALL_DUE, kind="STABLE")
    function(
        "retention_due(until timestamptz)",
        "TABLE (subject text, what text, due_at timestamptz)",
        DUE,
        to="app",
        kind="STABLE",
    )
    function("erase_evidence(owner uuid, evidence uuid)", "void", ERASE_EVIDENCE)
    function("erase_due()", "int", ERASE_DUE, to="delivery")


def downgrade() -> None:
    run(
        "DROP FUNCTION gate.erase_evidence(uuid, uuid)",
        "DROP FUNCTION gate.retention_due(timestamptz), gate.all_due(timestamptz)",
    )
    for signature, returns, body, to, kind in BEFORE.FUNCTIONS:
        if signature.startswith(("all_due", "retention_due", "erase_due")):
            function(signature, returns, body, to=to, kind=kind)
    run(
        "DROP INDEX evidence_kept",
        "UPDATE evidence SET void_reason = 'erasure_asked' WHERE void_reason = 'retention_ended'",
        _reasons(REASONS),
    )
