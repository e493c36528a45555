"""A case is remedied with what was merged and joined into it; sponsors hear while they may.

What a brand is told of a request rests on consent and relation each time (R1). Requests that were
joined are one remedy, for the cases behind both. Fewer affected workers than the case counts lower
no threshold, and money that is agreed in instalments is confirmed when it is paid.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import function, reword, run

revision = "0033"
down_revision = "0032"

SPONSORSHIP_HOLDS = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.sponsorship s
    JOIN public.remediation_request r
      ON r.organisation_id = s.organisation_id AND r.id = s.request_id
    JOIN public.remediation_case l
      ON l.organisation_id = r.organisation_id AND l.request_id = r.id
    JOIN public.relation b ON b.site_id = r.site_id AND b.partner_id = s.recipient_id
    JOIN public.relation_confirmation c
      ON c.recipient_id = b.organisation_id AND c.relation_id = b.id
    WHERE s.id = of_sponsorship AND gate.consent_holds(l.case_id, 'share_brand_aggregate')
      AND b.valid_from <= gate.now_of(s.organisation_id)::date
      AND (b.valid_to IS NULL OR b.valid_to >= gate.now_of(s.organisation_id)::date));
END"""
# What is told to a sponsor is a change of what it reads, with a version of its own.
TOUCH_SPONSORS = """
BEGIN
  RETURN QUERY UPDATE public.sponsorship s SET version = s.version + 1, updated_at = moment
    WHERE s.request_id = of_request AND s.status = 'accepted' AND gate.sponsorship_holds(s.id)
      AND (gate.current_type() = 'institute' OR gate.is_assigned_request(of_request))
    RETURNING s.id, s.recipient_id, s.version;
END"""
SPONSORS = """
BEGIN
  RETURN QUERY SELECT s.id, s.recipient_id FROM public.sponsorship s
    WHERE s.request_id = of_request AND s.status = 'accepted'
      AND (gate.current_type() = 'institute' OR gate.is_assigned_request(of_request));
END"""
SPONSORS_OF = "sponsors_of(of_request uuid)", "TABLE (id uuid, recipient_id uuid)"
# The request that is worked on in place of this one; itself, if it was joined into none.
KEPT_INSTEAD = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN NULL; END IF;
  RETURN (WITH RECURSIVE way (id, n) AS (SELECT of_request, 0 UNION ALL
      SELECT d.request_id, w.n + 1 FROM public.duplicate_decision d JOIN way w ON d.other_id = w.id
        WHERE d.organisation_id = gate.institute() AND d.decision = 'joined')
    SELECT w.id FROM way w ORDER BY w.n DESC LIMIT 1);
END"""
JOINED_INTO = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN; END IF;
  RETURN QUERY WITH RECURSIVE way (id) AS (SELECT of_request UNION ALL
      SELECT d.other_id FROM public.duplicate_decision d JOIN way w ON d.request_id = w.id
        WHERE d.organisation_id = gate.institute() AND d.decision = 'joined')
    SELECT w.id FROM way w;
END"""
# For whoever validates: whether an agreement that came of the request is not paid in full yet.
OWES_INSTALMENTS = """
BEGIN
  RETURN (gate.current_type() = 'institute' OR gate.is_assigned_request(of_request))
    AND EXISTS (SELECT 1 FROM public.repayment_basis b JOIN public.repayment_agreement a
        ON a.organisation_id = b.organisation_id AND a.id = b.agreement_id
      WHERE b.request_id = of_request AND a.status IN ('accepted', 'in_progress'));
END"""
FUNCTIONS = (
    ("sponsorship_holds(of_sponsorship uuid)", "boolean", SPONSORSHIP_HOLDS, "", "STABLE"),
    (
        "touch_sponsors(of_request uuid, moment timestamptz)",
        "TABLE (id uuid, recipient_id uuid, version int)",
        TOUCH_SPONSORS,
        "app",
        "",
    ),
    ("kept_instead(of_request uuid)", "uuid", KEPT_INSTEAD, "app", "STABLE"),
    ("joined_into(of_request uuid)", "SETOF uuid", JOINED_INTO, "app", "STABLE"),
    ("owes_instalments(of_request uuid)", "boolean", OWES_INSTALMENTS, "app", "STABLE"),
)
_ASKED = "IF split_part(fact, '.', 1) <> 'repayment' THEN"
REWORDED = (
    (
        "sponsored",
        "gate.consent_holds(l.case_id, 'share_brand_aggregate')",
        "gate.sponsorship_holds(s.id)",
    ),
    (
        "consent_changed",
        "AND l.case_id = NEW.case_id) held",
        """AND l.case_id = NEW.case_id
        UNION ALL
        SELECT s.recipient_id, gate.wire_id('spn', s.id) FROM public.remediation_case l
          JOIN public.sponsorship s
            ON s.organisation_id = l.organisation_id AND s.request_id = l.request_id
          WHERE l.organisation_id = NEW.organisation_id AND l.case_id = NEW.case_id) held""",
    ),
    ("tombstone", "'remediation', 'repayment')", "'remediation', 'repayment', 'sponsorship')"),
    (
        "has_fallen",
        _ASKED,
        f"""IF split_part(fact, '.', 1) = 'sponsorship' THEN
    RETURN NOT gate.sponsorship_holds(gate.id_of(about));
  END IF;
  {_ASKED}""",
    ),
    (
        "least_affected",
        "RETURN (SELECT greatest(l.workers_counted, (SELECT",
        """RETURN (SELECT greatest(l.workers_counted, (SELECT k.workers_affected
              FROM public.case_record k WHERE k.organisation_id = l.organisation_id
                AND k.id = l.case_id), (SELECT""",
    ),
)


def upgrade() -> None:
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    for name, old, new in REWORDED:
        reword(name, old, new)
    run("DROP FUNCTION gate.sponsors_of(uuid)")


def downgrade() -> None:
    function(*SPONSORS_OF, SPONSORS, to="app", kind="STABLE")
    for name, old, new in reversed(REWORDED):
        reword(name, new, old)
    run(*(f"DROP FUNCTION gate.{signature}" for signature, *_ in reversed(FUNCTIONS)))
