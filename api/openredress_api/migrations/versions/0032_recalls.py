"""What was taken back stays so, merged cases are one matter, and a hold shows in no list.

Requests and agreements are recalled for good (R1). Consent in a voided case holds nothing. An
assessment that ran out before its moment lets nothing leave (R2). What is added after an erasure is
erased in its time, and a duplicate together with the case that stays (R17). A delivery that waits
for safety looks due since it was (R15, R16). Answers under keys go with their keys.
"""

from __future__ import annotations

from importlib import import_module

from openredress_api.migrations.kinds import function, reword, run

revision = "0032"
down_revision = "0031"

CASES = import_module("openredress_api.migrations.versions.0005_cases")
KEEPING = import_module("openredress_api.migrations.versions.0027_keeping")
COLUMNS = """
ALTER TABLE referral_case ADD release_before timestamptz;
ALTER TABLE remediation_case ADD release_before timestamptz, ADD recalled_at timestamptz;
UPDATE remediation_case l SET recalled_at = r.updated_at FROM remediation_request r
    WHERE r.organisation_id = l.organisation_id AND r.id = l.request_id
      AND l.cancelled_for IN ('consent_withdrawn', 'case_voided');
ALTER TABLE repayment_basis ADD recalled_at timestamptz;
UPDATE repayment_basis b SET recalled_at = a.updated_at FROM repayment_agreement a
    WHERE a.organisation_id = b.organisation_id AND a.id = b.agreement_id
      AND b.cancelled_for IN ('consent_withdrawn', 'case_voided');
ALTER TABLE delivery ADD put_off_from timestamptz, ADD put_off_to timestamptz
"""
# The latest answer counts, also for a call that began before it and had to wait.
CONSENT_HOLDS = """
DECLARE moment timestamptz := gate.now_of(gate.institute());
BEGIN
  RETURN coalesce((SELECT c.state = 'granted' AND (c.expires_at > moment OR c.expires_at IS NULL)
      AND k.voided_at IS NULL
    FROM public.case_consent c JOIN public.case_record k
      ON k.organisation_id = c.organisation_id AND k.id = c.case_id
    WHERE c.organisation_id = gate.institute() AND c.case_id = of_case AND c.scope = for_scope
    ORDER BY c.n DESC LIMIT 1), false);
END"""
# When the last of all that a case waits for has ended; null while something is open. A case and
# what was merged into it are one matter.
ENDED = """
DECLARE
  c public.case_record%ROWTYPE;
  matter uuid[];
BEGIN
  SELECT s.* INTO c FROM public.case_record r JOIN public.case_record s
      ON s.organisation_id = r.organisation_id AND s.id = coalesce(r.merged_into, r.id)
    WHERE r.id = of_case;
  IF c.voided_at IS NULL AND c.status NOT IN ('out_of_scope', 'referred_elsewhere',
      'withdrawn_by_worker', 'closed_validated', 'closed_unvalidated', 'closed_unreachable') THEN
    RETURN NULL;
  END IF;
  matter := ARRAY(SELECT r.id FROM public.case_record r
    WHERE r.organisation_id = c.organisation_id AND (r.id = c.id OR r.merged_into = c.id));
  IF EXISTS (SELECT 1 FROM public.remediation_case l JOIN public.remediation_request r
        ON r.organisation_id = l.organisation_id AND r.id = l.request_id
      LEFT JOIN public.repayment_basis b
        ON b.organisation_id = r.organisation_id AND b.request_id = r.id
      LEFT JOIN public.repayment_agreement a
        ON a.organisation_id = b.organisation_id AND a.id = b.agreement_id
      WHERE l.case_id = ANY (matter) AND (r.status NOT IN ('closed', 'cancelled')
        OR a.status NOT IN ('closed', 'cancelled'))) THEN
    RETURN NULL;
  END IF;
  RETURN greatest(coalesce(c.voided_at, (SELECT max(s.changed_at) FROM public.case_status_change s
        WHERE s.case_id = c.id)),
      (SELECT max(w.ends_at) FROM public.retaliation_watch w WHERE w.case_id = ANY (matter)),
      (SELECT max(r.updated_at) FROM public.remediation_case l JOIN public.remediation_request r
        ON r.organisation_id = l.organisation_id AND r.id = l.request_id
        WHERE l.case_id = ANY (matter)));
END"""
# What somebody adds after the end is needed for as long as what was there before.
LAST_KEPT = """
BEGIN
  IF what = 'content' THEN
    RETURN (SELECT max(m.sent_at) FROM public.case_message m WHERE m.case_id = of_case);
  END IF;
  RETURN greatest(
    (SELECT max(s.updated_at) FROM public.case_safe_contact s WHERE s.case_id = of_case),
    (SELECT max(r.created_at) FROM public.case_receipt_code r WHERE r.case_id = of_case),
    (SELECT max(v.written_at) FROM public.worker_in_case l JOIN public.vault_worker v
      ON v.organisation_id = l.organisation_id AND v.id = l.id WHERE l.case_id = of_case));
END"""
DRAFT_AGAIN = """
DECLARE moment timestamptz := gate.now_of(gate.institute());
BEGIN
  INSERT INTO public.task (organisation_id, id, kind, subject, severity, due_at, created_at,
      updated_at)
    VALUES (gate.institute(), gen_random_uuid(), 'draft_again', about, how_grave,
      moment + interval '3 days', moment, moment)
    ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
END"""
CANCEL_LATE = """
DECLARE moment timestamptz := gate.now_of(gate.institute());
BEGIN
  UPDATE public.remediation_request r SET status = 'cancelled', version = r.version + 1,
      updated_at = moment WHERE r.organisation_id = gate.institute() AND r.id = of_request;
  UPDATE public.remediation_case l SET cancelled_for = 'safety_concern'
    WHERE l.organisation_id = gate.institute() AND l.request_id = of_request;
END"""
# An answer is kept for its key as long as the key counts, and no longer.
FORGET_ANSWERS = """
BEGIN
  DELETE FROM public.idempotency i WHERE i.ctid = ANY (ARRAY(SELECT o.ctid
    FROM public.idempotency o WHERE o.expires_at <= now() LIMIT 10000 FOR UPDATE SKIP LOCKED));
END"""
FUNCTIONS = (
    ("last_kept(of_case uuid, what text)", "timestamptz", LAST_KEPT, "", "STABLE"),
    ("draft_again(about text, how_grave text)", "void", DRAFT_AGAIN, "", ""),
    ("cancel_late(of_request uuid)", "void", CANCEL_LATE, "", ""),
    ("forget_answers()", "void", FORGET_ANSWERS, "delivery", ""),
)
_REQUEST = """gate.consent_holds(l.case_id, 'share_deidentified_employer')
              AND (r.amount IS NULL OR r.worded = 'counted'
                OR gate.consent_holds(l.case_id, 'identify_to_employer'))"""
_FALLEN = """AND NOT EXISTS (SELECT 1 FROM public.remediation_request r
        JOIN public.remediation_case l
          ON l.organisation_id = r.organisation_id AND l.request_id = r.id
        WHERE r.id = gate.id_of(about)
          AND gate.consent_holds(l.case_id, 'share_deidentified_employer')
          AND (r.amount IS NULL OR r.worded = 'counted'
            OR gate.consent_holds(l.case_id, 'identify_to_employer'))));"""
_SHOWN = "updated_at = moment,\n      released_at = moment"
_LATE = "l.release_before <= gate.now_of(r.organisation_id) AS is_late"
REWORDED = (
    (
        "request_holds",
        "WHERE r.id = of_request AND gate.consent_holds",
        "WHERE r.id = of_request AND l.recalled_at IS NULL AND gate.consent_holds",
    ),
    (
        "repayment_rests",
        "WHERE b.agreement_id = agreement\n",
        "WHERE b.agreement_id = agreement AND b.recalled_at IS NULL\n",
    ),
    ("request_stands", _REQUEST, "gate.request_holds(r.id)"),
    (
        "has_fallen_but_repayments",
        _FALLEN,
        "AND NOT gate.request_holds(gate.id_of(about)));",
    ),
    (
        "release_due_referrals",
        "FOR w IN SELECT r.id, c.site_id FROM",
        f"FOR w IN SELECT r.id, c.site_id, c.severity, {_LATE} FROM",
    ),
    (
        "release_due_referrals",
        "PERFORM gate.move_referral(w.id,\n      CASE WHEN gate.referral_holds(w.id)",
        """IF w.is_late THEN
      PERFORM gate.draft_again(gate.wire_id('ref', w.id), w.severity);
    END IF;
    PERFORM gate.move_referral(w.id,
      CASE WHEN gate.referral_holds(w.id) AND w.is_late IS NOT TRUE""",
    ),
    (
        "release_due_referrals",
        "FOR w IN SELECT r.id, r.site_id FROM",
        f"FOR w IN SELECT r.id, r.site_id, c.severity, {_LATE} FROM",
    ),
    (
        "release_due_referrals",
        "PERFORM gate.release_request(w.id, base);",
        """IF w.is_late THEN
      PERFORM gate.cancel_late(w.id), gate.draft_again(gate.wire_id('rem', w.id), w.severity);
    ELSE
      PERFORM gate.release_request(w.id, base);
    END IF;""",
    ),
    # A version that the wait had raised would tell what did not wait: the critical ones.
    ("release_request", f"SET version = r.version + 1, {_SHOWN}", f"SET {_SHOWN}"),
    *(
        (
            "all_due",
            f"c.updated_at) + interval '{after}'",
            f"c.updated_at, gate.last_kept(c.id, '{what}')) + interval '{after}'",
        )
        for what, after in (("contact", "90 days"), ("content", "2 years"))
    ),
    (
        "decide_erasure",
        """PERFORM gate.erase_case(r.case_id, 'contact');
    PERFORM gate.erase_case(r.case_id, 'content');""",
        """PERFORM gate.erase_case(c.id, w.what) FROM public.case_record c
      CROSS JOIN (VALUES ('contact'), ('content')) AS w (what)
      WHERE c.organisation_id = r.organisation_id
        AND (c.id = r.case_id OR c.merged_into = r.case_id);""",
    ),
    ("tell_of_tasks", "'chase_repayment')", "'chase_repayment', 'draft_again')"),
)


def upgrade() -> None:
    run(COLUMNS)
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    for name, old, new in REWORDED:
        reword(name, old, new)
    functions(CONSENT_HOLDS, ENDED)


def functions(holds: str, ended: str) -> None:
    """The functions that are written anew."""
    function("consent_holds(of_case uuid, for_scope text)", "boolean", holds, kind="STABLE")
    function("case_ended(of_case uuid)", "timestamptz", ended, kind="STABLE")


def downgrade() -> None:
    functions(CASES.CONSENT_HOLDS, KEEPING.ENDED)
    for name, old, new in reversed(REWORDED):
        reword(name, new, old)
    run(
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in FUNCTIONS),
        "ALTER TABLE delivery DROP put_off_from, DROP put_off_to",
        "ALTER TABLE repayment_basis DROP recalled_at",
        "ALTER TABLE remediation_case DROP release_before, DROP recalled_at",
        "ALTER TABLE referral_case DROP release_before",
    )
