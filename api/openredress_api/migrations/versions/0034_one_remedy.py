"""Requests that were joined, and cases that were merged, are one remedy in what it is measured by.

No join or merge lowers the number of workers who have to confirm, and money that was offered in
instalments is owed until workers confirm it in full, whatever became of its agreement. No brand
hears of a request while a case behind it is of a restricted category. Who says something of a
request holds it, so that nothing is said of one that has just ended. A payer that says it paid
nothing is as late as one that says nothing.
"""

from __future__ import annotations

from importlib import import_module

from openredress_api.migrations.kinds import function, reword, run

revision = "0034"
down_revision = "0033"

MATTERS = import_module("openredress_api.migrations.versions.0033_matters")
# A request and all that were joined into it, whoever asks.
ONE_REMEDY = """
BEGIN
  RETURN QUERY WITH RECURSIVE way (id) AS (SELECT of_request UNION
      SELECT d.other_id FROM public.duplicate_decision d JOIN way w ON d.request_id = w.id
        WHERE d.organisation_id = gate.institute() AND d.decision = 'joined')
    SELECT w.id FROM way w;
END"""
# The request that is worked on in place of this one; itself, if it was joined into none.
STAYS_FOR = """
BEGIN
  RETURN (WITH RECURSIVE way (id, n) AS (SELECT of_request, 0 UNION ALL
      SELECT d.request_id, w.n + 1 FROM public.duplicate_decision d JOIN way w ON d.other_id = w.id
        WHERE d.organisation_id = gate.institute() AND d.decision = 'joined')
    SELECT w.id FROM way w ORDER BY w.n DESC LIMIT 1);
END"""
KEPT_INSTEAD = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN NULL; END IF;
  RETURN gate.stays_for(of_request);
END"""
JOINED_INTO = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN; END IF;
  RETURN QUERY SELECT gate.one_remedy(of_request);
END"""
# For whoever validates. A case that should never have been counts for nothing.
_VALIDATES = "gate.current_type() = 'institute' OR gate.is_assigned_request(of_request)"
_BEHIND = """FROM gate.one_remedy(of_request) AS one (id)
      JOIN public.remediation_request r ON r.organisation_id = gate.institute() AND r.id = one.id
      JOIN public.remediation_case l
        ON l.organisation_id = r.organisation_id AND l.request_id = r.id
      JOIN public.case_record c
        ON c.organisation_id = l.organisation_id AND c.id = l.case_id AND c.voided_at IS NULL"""
_MATTER = """public.case_record k WHERE k.organisation_id = c.organisation_id
        AND coalesce(c.merged_into, c.id) IN (k.id, k.merged_into)"""
# The number below which nobody may go, also where it is not told to the supplier: fewer affected
# workers would lower the number that has to confirm.
LEAST_AFFECTED = f"""
BEGIN
  RETURN (SELECT max(greatest(l.workers_counted,
      (SELECT max(k.workers_affected) FROM {_MATTER} AND k.voided_at IS NULL),
      (SELECT max(v.n_affected) FROM public.worker_validation v
        WHERE v.request_id = r.id AND v.round = r.round)))
    {_BEHIND}
    WHERE {_VALIDATES});
END"""
ASKS_FOR_MONEY = f"""
BEGIN
  RETURN EXISTS (SELECT 1 {_BEHIND}
    WHERE r.asks_for_money AND ({_VALIDATES}));
END"""
# What was withdrawn in one case is owed in that case alone. An agreement that ended without a word
# of workers is owed until another one about the same, of the same case or of the request that
# stays, was offered after its end.
OWES_INSTALMENTS = f"""
BEGIN
  RETURN EXISTS (SELECT 1 {_BEHIND}
      JOIN public.repayment_basis b
        ON b.organisation_id = r.organisation_id AND b.request_id = r.id
      JOIN public.repayment_agreement a
        ON a.organisation_id = b.organisation_id AND a.id = b.agreement_id
      JOIN public.repayment_due d ON d.organisation_id = a.organisation_id
        AND d.agreement_id = a.id AND d.amount > 0
    WHERE a.offered_at IS NOT NULL AND coalesce(b.cancelled_for, '') NOT IN
        ('duplicate', 'contest_accepted', 'entered_by_mistake')
      AND (r.id = of_request OR b.cancelled_for IS DISTINCT FROM 'consent_withdrawn')
      AND NOT EXISTS (SELECT 1 FROM public.repayment_result s
        WHERE s.agreement_id = d.agreement_id AND s.instalment_no = d.instalment_no
          AND s.group_label = d.group_label AND s.result = 'full')
      AND NOT (a.status IN ('closed', 'cancelled') AND EXISTS (SELECT 1
        FROM public.repayment_agreement n
        JOIN public.repayment_basis o ON o.organisation_id = n.organisation_id
          AND o.agreement_id = n.id AND o.cancelled_for IS NULL
        JOIN public.remediation_case m
          ON m.organisation_id = o.organisation_id AND m.request_id = o.request_id
        WHERE n.organisation_id = a.organisation_id AND n.asked_outcome = a.asked_outcome
          AND n.offered_at > a.updated_at
          AND (m.request_id = gate.stays_for(r.id)
            OR m.case_id IN (SELECT k.id FROM {_MATTER}))))
      AND ({_VALIDATES}));
END"""
# Of one case of these no brand hears.
RESTRICTED = """
BEGIN
  RETURN ARRAY['violence.sexual', 'foa.union_dismissal', 'child.below_min_age',
    'child.hazardous_young_worker', 'retaliation.any', 'trafficking.suspected'];
END"""
CONCERNS_RESTRICTED = f"""
BEGIN
  RETURN EXISTS (SELECT 1 {_BEHIND}
    WHERE EXISTS (SELECT 1 FROM public.case_issue i
      WHERE i.category = ANY (gate.restricted_categories())
        AND i.organisation_id = c.organisation_id AND i.case_id IN (SELECT k.id FROM {_MATTER})));
END"""
HOLD_REQUEST = """
BEGIN
  PERFORM 1 FROM public.remediation_request r WHERE r.id = of_request
      AND (gate.current_organisation() IN (r.organisation_id, r.recipient_id)
        OR gate.is_assigned_request(r.id))
    FOR UPDATE;
END"""
FUNCTIONS = (
    ("one_remedy(of_request uuid)", "SETOF uuid", ONE_REMEDY, "", "STABLE"),
    ("stays_for(of_request uuid)", "uuid", STAYS_FOR, "", "STABLE"),
    ("asks_for_money(of_request uuid)", "boolean", ASKS_FOR_MONEY, "app", "STABLE"),
    ("hold_request(of_request uuid)", "void", HOLD_REQUEST, "app", ""),
    ("restricted_categories()", "text[]", RESTRICTED, "", "IMMUTABLE"),
    ("concerns_restricted(of_request uuid)", "boolean", CONCERNS_RESTRICTED, "", "STABLE"),
)
LEAST = "least_affected(of_request uuid)", "int", LEAST_AFFECTED
KEPT = "kept_instead(of_request uuid)", "uuid"
JOINED = "joined_into(of_request uuid)", "SETOF uuid"
OWES = "owes_instalments(of_request uuid)", "boolean"
# As 0006 and 0033 left it.
LEAST_BEFORE = """
BEGIN
  -- The number below which nobody may go, also where it is not told to the supplier: fewer
  -- affected workers would lower the number that has to confirm.
  IF gate.current_type() <> 'institute' AND NOT gate.is_assigned_request(request) THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT greatest(l.workers_counted, (SELECT k.workers_affected
              FROM public.case_record k WHERE k.organisation_id = l.organisation_id
                AND k.id = l.case_id), (SELECT max(v.n_affected)
      FROM public.worker_validation v JOIN public.remediation_request r
      ON r.id = v.request_id AND r.round = v.round WHERE v.request_id = request))
    FROM public.remediation_case l WHERE l.request_id = request);
END"""
_CONSENT = "AND gate.consent_holds(l.case_id, 'share_brand_aggregate')"
_CONSENT_AND_OPEN = f"{_CONSENT}\n      AND NOT gate.concerns_restricted(r.id)"
_WAITS = "coalesce(s.result, 'waiting') IN ('partial', 'disputed')"
_WAITS_OR_NOTHING = "coalesce(s.result IN ('partial', 'disputed'), p.amount = 0)"


_SPONSORED = "WHERE s.request_id = of_request AND s.status = 'accepted'\n"
_SPONSORED_AND_OPEN = f"{_SPONSORED.rstrip()} AND gate.sponsorship_holds(s.id)\n"
ASKED_AT = """
ALTER TABLE remediation_case ADD asked_at timestamptz;
UPDATE remediation_case l SET asked_at = coalesce(l.release_at, r.released_at, r.updated_at)
    FROM remediation_request r
    WHERE r.organisation_id = l.organisation_id AND r.id = l.request_id;
ALTER TABLE remediation_case ALTER asked_at SET NOT NULL
"""


def upgrade() -> None:
    run(ASKED_AT)
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    run("DROP FUNCTION gate.least_affected(uuid)")
    function(*LEAST, to="app", kind="STABLE")
    function(*KEPT, KEPT_INSTEAD, to="app", kind="STABLE")
    function(*JOINED, JOINED_INTO, to="app", kind="STABLE")
    function(*OWES, OWES_INSTALMENTS, to="app", kind="STABLE")
    reword("sponsorship_holds", _CONSENT, _CONSENT_AND_OPEN)
    reword("has_several_sponsors", _SPONSORED, _SPONSORED_AND_OPEN)
    reword("tell_of_overdue_repayments", _WAITS, _WAITS_OR_NOTHING)


def downgrade() -> None:
    reword("tell_of_overdue_repayments", _WAITS_OR_NOTHING, _WAITS)
    reword("has_several_sponsors", _SPONSORED_AND_OPEN, _SPONSORED)
    reword("sponsorship_holds", _CONSENT_AND_OPEN, _CONSENT)
    function(*OWES, MATTERS.OWES_INSTALMENTS, to="app", kind="STABLE")
    function(*KEPT, MATTERS.KEPT_INSTEAD, to="app", kind="STABLE")
    function(*JOINED, MATTERS.JOINED_INTO, to="app", kind="STABLE")
    run("DROP FUNCTION gate.least_affected(uuid)")
    function("least_affected(request uuid)", "int", LEAST_BEFORE, to="app", kind="STABLE")
    run(*(f"DROP FUNCTION gate.{signature}" for signature, *_ in reversed(FUNCTIONS)))
    run("ALTER TABLE remediation_case DROP asked_at")
