"""Referrals written and released by two people, late enough to point at nobody; what comes back.

Kinds: onward_request: addressed.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    MINE,
    TO_ME,
    addressed,
    function,
    lifecycle,
    policy,
    reword,
    run,
)

revision = "0024"
down_revision = "0023"

BEFORE = (
    "'offered', 'delivered', 'opened', 'accepted', 'declined', 'expired', 'in_progress', "
    "'response_submitted', 'returned', 'completed', 'closed', 'revoked'"
)
STATUSES = f"'draft', 'consent_checked', {BEFORE}"
# A referral without released_at was never shown to its recipient, and one that is revoked so never
# will be. Who wrote it, who released it and when that was stays in referral_case.
COLUMNS = """
ALTER TABLE referral
    ALTER due_at DROP NOT NULL,
    ALTER released_at DROP NOT NULL,
    DROP CONSTRAINT referral_check1,
    ADD CONSTRAINT referral_shown CHECK (CASE
        WHEN status IN ('draft', 'consent_checked') THEN released_at IS NULL
        WHEN status = 'revoked' THEN true ELSE released_at IS NOT NULL END),
    ADD CONSTRAINT referral_due CHECK ((released_at IS NULL) = (due_at IS NULL));
CREATE INDEX referral_unreleased ON referral (organisation_id, id)
    WHERE status = 'consent_checked';
ALTER TABLE referral_case
    ADD author_id uuid,
    ADD respond_in_days int NOT NULL DEFAULT 14 CHECK (respond_in_days BETWEEN 1 AND 90),
    ADD released_by uuid,
    ADD release_at timestamptz,
    ADD recalled_at timestamptz,
    ADD onward_request_id uuid,
    ADD CONSTRAINT referral_case_author FOREIGN KEY (organisation_id, author_id)
        REFERENCES person (organisation_id, id),
    ADD CONSTRAINT referral_case_releaser FOREIGN KEY (organisation_id, released_by)
        REFERENCES person (organisation_id, id),
    ADD CONSTRAINT referral_case_two_people CHECK (released_by <> author_id),
    ADD CONSTRAINT referral_case_release CHECK ((released_by IS NULL) = (release_at IS NULL));
ALTER TABLE referral_case ALTER respond_in_days DROP DEFAULT;
UPDATE referral_case l SET recalled_at = r.updated_at FROM referral r
    WHERE r.organisation_id = l.organisation_id AND r.id = l.referral_id AND r.status = 'revoked';
CREATE INDEX referral_case_recalled ON referral_case (recalled_at)
    WHERE recalled_at IS NOT NULL;
ALTER TABLE remediation_request ALTER released_at DROP NOT NULL;
CREATE INDEX remediation_request_unreleased ON remediation_request (organisation_id, id)
    WHERE released_at IS NULL AND status = 'issued';
ALTER TABLE remediation_case
    DROP CONSTRAINT remediation_case_cancelled_for_check,
    ADD CONSTRAINT remediation_case_cancelled_for_check CHECK (cancelled_for IN
        ('consent_withdrawn', 'case_voided', 'duplicate', 'contest_accepted', 'safety_concern')),
    ADD release_at timestamptz,
    ADD due_in_days int,
    ADD CONSTRAINT remediation_case_release CHECK ((release_at IS NULL) = (due_in_days IS NULL));
"""
TABLES = """
CREATE TABLE onward_request (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    to_country text CHECK (to_country ~ '^[A-Z]{2}$'),
    purpose text NOT NULL CHECK (purpose IN ('remediate', 'investigate', 'protect', 'legal_aid',
        'shelter', 'medical', 'psychosocial', 'reintegration', 'fee_repayment', 'document_return',
        'inform_only')),
    reason text NOT NULL CHECK (reason IN ('worker_moved', 'worker_goes_home',
        'family_in_other_country', 'other_expertise', 'other_language', 'outside_mandate',
        'no_capacity', 'conflict_of_interest', 'safety_concern')),
    status text NOT NULL CHECK (status IN ('asked', 'referred', 'declined')),
    asked_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (recipient_id, referral_id) REFERENCES referral
);
CREATE INDEX onward_request_by_id ON onward_request (id);
CREATE INDEX onward_request_by_update ON onward_request (organisation_id, updated_at, id);
CREATE INDEX onward_request_by_recipient ON onward_request (recipient_id, updated_at, id);
"""

SHOWN = f"{MINE} OR ({TO_ME} AND released_at IS NOT NULL)"
FIRST = f"{MINE} AND {INSTITUTE}"
# A step is told to whoever may know of the referral: before its release to nobody but its sender.
_STEP = """EXISTS (SELECT 1 FROM referral r WHERE r.organisation_id = sender_id
    AND r.id = referral_id AND r.status = to_status
    AND r.version = referral_status_change.version AND {between})"""
_PARTIES = """ARRAY[referral_status_change.organisation_id, referral_status_change.recipient_id]
    IN (ARRAY[r.organisation_id, r.recipient_id], ARRAY[r.recipient_id, r.organisation_id])"""
_SENDER = """ARRAY[referral_status_change.organisation_id, referral_status_change.recipient_id]
    = ARRAY[r.organisation_id, r.organisation_id]"""
TOLD_BEFORE = f"{MINE} AND {_STEP.format(between=_PARTIES)}"
TOLD = f"{MINE} AND " + _STEP.format(
    between=f"CASE WHEN r.released_at IS NULL THEN {_SENDER} ELSE {_PARTIES} END"
)
# Copies of what ended and is recalled are to go too.
RECALLED = """EXISTS (SELECT 1 FROM referral r
    WHERE r.organisation_id = deletion_receipt.recipient_id AND r.id = referral_id
      AND r.recipient_id = deletion_receipt.organisation_id)
    AND gate.referral_is_recalled(referral_id)"""
REVOKED = """EXISTS (SELECT 1 FROM referral r WHERE r.id = referral_id
    AND r.recipient_id = deletion_receipt.organisation_id
    AND r.organisation_id = deletion_receipt.recipient_id AND r.status = 'revoked')"""
HELD = """(SELECT gate.current_type()) = 'cso' AND status = 'asked'
    AND EXISTS (SELECT 1 FROM referral r WHERE r.organisation_id = onward_request.recipient_id
      AND r.id = referral_id AND r.recipient_id = onward_request.organisation_id
      AND r.status IN ('opened', 'accepted', 'in_progress', 'response_submitted', 'returned',
        'completed'))
    AND gate.referral_stands(referral_id)"""

STEPS = """
    sender: draft -> consent_checked revoked
    sender: consent_checked -> offered revoked
    system: consent_checked -> offered revoked
"""
ONWARD_STEPS = "recipient: asked -> referred declined"

# What a referral rests on, asked anew wherever it matters. A recall is for good.
REFERRAL_HOLDS = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.referral r
    JOIN public.referral_case l ON l.organisation_id = r.organisation_id AND l.referral_id = r.id
    WHERE r.id = of_referral AND l.recalled_at IS NULL
      AND gate.consent_holds(l.case_id, l.consent_scope)
      AND (r.workers IS NULL OR r.workers >= 3 OR r.recipient_type NOT IN ('supplier', 'agency')
        OR gate.consent_holds(l.case_id, 'identify_to_employer')));
END"""
REQUEST_HOLDS = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.remediation_request r JOIN public.remediation_case l
      ON l.organisation_id = r.organisation_id AND l.request_id = r.id
    WHERE r.id = of_request AND gate.consent_holds(l.case_id, 'share_deidentified_employer')
      AND (r.amount IS NULL OR r.worded = 'counted'
        OR gate.consent_holds(l.case_id, 'identify_to_employer')));
END"""
# For its recipient alone: whether copies are to be deleted.
REFERRAL_IS_RECALLED = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.referral r
      WHERE r.id = of_referral AND r.recipient_id = gate.current_organisation()
        AND r.released_at IS NOT NULL)
    AND NOT gate.referral_holds(of_referral);
END"""
# Part of the move itself: no way to a recipient goes past the second person and the consent.
SHOW_REFERRAL = """
DECLARE l public.referral_case%ROWTYPE;
BEGIN
  SELECT c.* INTO l FROM public.referral_case c
    WHERE c.organisation_id = NEW.organisation_id AND c.referral_id = NEW.id;
  IF l.released_by IS NULL OR NOT gate.referral_holds(NEW.id) THEN
    RAISE insufficient_privilege
      USING MESSAGE = 'a referral is shown after a second person released it, while consent holds';
  END IF;
  NEW.released_at := NEW.updated_at;
  NEW.due_at := NEW.updated_at + make_interval(hours => 24 * l.respond_in_days);
  RETURN NEW;
END"""
# Nobody updates what is addressed to somebody; nobody but its author sees a draft.
REDRAFT_REFERRAL = """
BEGIN
  UPDATE public.referral r SET (recipient_id, recipient_type, purpose, categories, workers,
      event_month, severity, site_id) = (SELECT p.recipient_id, p.recipient_type, p.purpose,
        p.categories, p.workers, p.event_month, p.severity, p.site_id
        FROM jsonb_populate_record(r, content) p),
      version = r.version + 1, updated_at = moment
    WHERE r.id = of_referral AND r.organisation_id = gate.current_organisation()
      AND r.status = 'draft' AND r.version = seen
      AND EXISTS (SELECT 1 FROM public.referral_case l WHERE l.organisation_id = r.organisation_id
        AND l.referral_id = r.id AND l.author_id = gate.current_person());
  RETURN FOUND;
END"""
_INSTANT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"')"""
# An event as subscriptions would render it; a test reads it back and renders it again.
TELL_OF_REQUEST = rf"""
DECLARE
  r public.remediation_request%ROWTYPE;
  event_id uuid := gen_random_uuid();
BEGIN
  SELECT f.* INTO STRICT r FROM public.remediation_request f WHERE f.id = of_request;
  PERFORM gate.publish(event_id, r.recipient_id, 'remediation.requested', 'remediation_request',
    r.id, r.wire_id, r.version, r.updated_at, 'pseudonymous', convert_to(json_build_object(
      'data', json_build_object('id', r.wire_id, 'status', r.status, 'round', r.round,
        'due_at', {_INSTANT.format("r.due_at")}),
      'data_class', 'pseudonymous',
      'id', gate.wire_id('evt', event_id),
      'links', json_build_object('self', base || '/v1/remediation-requests/' || r.wire_id),
      'schema_version', 1,
      'subject', r.wire_id,
      'subject_seq', r.version,
      'timestamp', {_INSTANT.format("r.updated_at")},
      'type', 'remediation.requested')::text, 'UTF8'),
    concat_ws(':', 'remediation.requested', r.wire_id, r.version));
END"""
# A hold of the site and a release wait for each other, as they do where a person releases.
IS_HELD = """
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('site_hold ' || of_site, 0));
  RETURN EXISTS (SELECT 1 FROM public.site_hold h WHERE h.organisation_id = gate.institute()
    AND h.site_id = of_site AND h.cleared_at IS NULL);
END"""
# The case is held meanwhile, so that a withdrawal comes before the release or after it. What waits
# at a held site goes on to wait.
RELEASE_DUE_REFERRALS = """
DECLARE w record; moved int := 0;
BEGIN
  FOR w IN SELECT r.id, c.site_id FROM public.referral r
      JOIN public.referral_case l ON l.organisation_id = r.organisation_id AND l.referral_id = r.id
      JOIN public.case_record c ON c.organisation_id = l.organisation_id AND c.id = l.case_id
      WHERE r.status = 'consent_checked' AND l.release_at <= gate.now_of(r.organisation_id)
      ORDER BY r.id FOR UPDATE OF c, r SKIP LOCKED LOOP
    CONTINUE WHEN gate.is_held(w.site_id);
    -- Whose consent ran out meanwhile: the recipient never knew, and is told nothing.
    PERFORM gate.move_referral(w.id,
      CASE WHEN gate.referral_holds(w.id) THEN 'offered' ELSE 'revoked' END);
    moved := moved + 1;
  END LOOP;
  FOR w IN SELECT r.id, r.site_id FROM public.remediation_request r
      JOIN public.remediation_case l
        ON l.organisation_id = r.organisation_id AND l.request_id = r.id
      JOIN public.case_record c ON c.organisation_id = l.organisation_id AND c.id = l.case_id
      WHERE r.released_at IS NULL AND r.status = 'issued'
        AND l.release_at <= gate.now_of(r.organisation_id)
      ORDER BY r.id FOR UPDATE OF c, r SKIP LOCKED LOOP
    CONTINUE WHEN gate.is_held(w.site_id);
    PERFORM gate.release_request(w.id, base);
    moved := moved + 1;
  END LOOP;
  RETURN moved;
END"""
RELEASE_REQUEST = """
DECLARE
  sender uuid := gate.institute();
  moment timestamptz := gate.now_of(sender);
BEGIN
  IF NOT gate.request_holds(of_request) THEN
    UPDATE public.remediation_request r SET status = 'cancelled', version = r.version + 1,
        updated_at = moment WHERE r.organisation_id = sender AND r.id = of_request;
    UPDATE public.remediation_case l SET cancelled_for = 'consent_withdrawn'
      WHERE l.organisation_id = sender AND l.request_id = of_request;
    RETURN;
  END IF;
  UPDATE public.remediation_request r SET version = r.version + 1, updated_at = moment,
      released_at = moment, due_at = moment + make_interval(hours => 24 * l.due_in_days)
    FROM public.remediation_case l WHERE l.organisation_id = sender AND l.request_id = r.id
      AND r.organisation_id = sender AND r.id = of_request;
  PERFORM gate.enter(sender, 'institute', NULL, NULL);
  PERFORM gate.tell_of_request(of_request, base);
  PERFORM set_config('openredress.context', '', true);
END"""
FUNCTIONS = (
    ("referral_holds(of_referral uuid)", "boolean", REFERRAL_HOLDS, "", "STABLE"),
    ("request_holds(of_request uuid)", "boolean", REQUEST_HOLDS, "", "STABLE"),
    ("referral_is_recalled(of_referral uuid)", "boolean", REFERRAL_IS_RECALLED, "app", "STABLE"),
    ("show_referral()", "trigger", SHOW_REFERRAL, "", ""),
    (
        "redraft_referral(of_referral uuid, content jsonb, seen int, moment timestamptz)",
        "boolean",
        REDRAFT_REFERRAL,
        "app",
        "",
    ),
    ("tell_of_request(of_request uuid, base text)", "void", TELL_OF_REQUEST, "", ""),
    ("is_held(of_site uuid)", "boolean", IS_HELD, "", ""),
    ("release_request(of_request uuid, base text)", "void", RELEASE_REQUEST, "", ""),
    ("release_due_referrals(base text)", "int", RELEASE_DUE_REFERRALS, "delivery", ""),
)
# What earlier steps wrote, and what stands there from now on.
_CONSENT = ("gate.consent_holds(l.case_id, l.consent_scope)", "gate.referral_holds(l.referral_id)")
REWORDED = (
    ("referral_stands", *_CONSENT),
    # As repayments left it.
    ("has_fallen_but_repayments", *_CONSENT),
    (
        "tell_of_referral",
        "'data', json_build_object('id', subject, 'status', r.status),",
        f"""'data', jsonb_build_object('id', subject, 'status', r.status)
        || CASE fact WHEN 'referral.offered' THEN jsonb_build_object('purpose', r.purpose,
          'due_at', {_INSTANT.format("r.due_at")}) ELSE '{{}}' END,""",
    ),
    (
        "move_referral",
        "version, to_status, changed_at)\n    VALUES (r.organisation_id, r.recipient_id,",
        """version, to_status, reason, changed_at)
    VALUES (r.organisation_id,
      CASE WHEN r.released_at IS NULL THEN r.organisation_id ELSE r.recipient_id END,""",
    ),
    (
        "move_referral",
        "r.version, r.status,\n      r.updated_at);",
        """r.version, r.status,
      CASE target WHEN 'revoked' THEN 'recalled' END, r.updated_at);""",
    ),
    (
        "move_referral",
        "IF target = 'expired' AND r.recipient_type <> 'government'",
        "IF target IN ('offered', 'expired') AND r.recipient_type <> 'government'",
    ),
    ("move_referral", "'referral.expired');", "'referral.' || target);"),
    (
        "tell_of_deadlines",
        "WHERE q.status IN",
        "WHERE q.released_at IS NOT NULL AND q.status IN",
    ),
    (
        "demand_deletion_receipts",
        """FROM public.referral r
      WHERE r.status = 'revoked' AND r.recipient_type <> 'government'
        AND r.updated_at < moment - interval '24 hours'""",
        """FROM public.referral_case l
      JOIN public.referral r ON r.organisation_id = l.organisation_id AND r.id = l.referral_id
      WHERE l.recalled_at < moment - interval '24 hours' AND r.recipient_type <> 'government'""",
    ),
)


def statuses(codes: str) -> None:
    """Which statuses a referral and its steps can have."""
    for table, column in (("referral", "status"), ("referral_status_change", "to_status")):
        name = f"{table}_{column}_check"
        run(
            f"ALTER TABLE {table} DROP CONSTRAINT {name}, "
            f"ADD CONSTRAINT {name} CHECK ({column} IN ({codes}))"
        )


def upgrade() -> None:
    statuses(STATUSES)
    run(COLUMNS, TABLES)
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    for name, old, new in REWORDED:
        reword(name, old, new)
    run(
        "CREATE TRIGGER shown BEFORE UPDATE ON referral FOR EACH ROW "
        "WHEN (NEW.status = 'offered' AND OLD.status = 'consent_checked') "
        "EXECUTE FUNCTION gate.show_referral()",
        f"ALTER POLICY app_party_select ON referral USING ({SHOWN})",
        f"ALTER POLICY app_party_select ON remediation_request USING ({SHOWN})",
        f"ALTER POLICY app_mine_insert ON referral WITH CHECK ({FIRST} AND status = 'draft' "
        "AND released_at IS NULL)",
        f"ALTER POLICY app_mine_insert ON referral_status_change WITH CHECK ({TOLD})",
    )
    policy("referral_case", "UPDATE", FIRST)
    run(f"ALTER POLICY app_mine_insert ON deletion_receipt WITH CHECK ({MINE} AND {RECALLED})")
    addressed("onward_request", HELD)
    lifecycle("referral", STEPS)
    lifecycle("onward_request", ONWARD_STEPS)


# What never left cannot be told of in the words of the step before.
FORGOTTEN = """
DELETE FROM referral_status_change s WHERE EXISTS (SELECT 1 FROM referral r
    WHERE r.organisation_id = s.sender_id AND r.id = s.referral_id AND (r.released_at IS NULL
        OR s.to_status IN ('draft', 'consent_checked')));
DELETE FROM referral_case l USING referral r WHERE r.organisation_id = l.organisation_id
    AND r.id = l.referral_id AND r.released_at IS NULL;
DELETE FROM referral WHERE released_at IS NULL;
DELETE FROM remediation_case l USING remediation_request r
    WHERE r.organisation_id = l.organisation_id AND r.id = l.request_id AND r.released_at IS NULL;
DELETE FROM remediation_request WHERE released_at IS NULL
"""
COLUMNS_BEFORE = """
DROP INDEX referral_unreleased, referral_case_recalled, remediation_request_unreleased;
ALTER TABLE referral
    ALTER due_at SET NOT NULL,
    ALTER released_at SET NOT NULL,
    DROP CONSTRAINT referral_shown,
    DROP CONSTRAINT referral_due,
    ADD CONSTRAINT referral_check1
        CHECK (recipient_type NOT IN ('supplier', 'agency') OR workers >= 3 OR workers IS NULL);
ALTER TABLE referral_case DROP author_id, DROP respond_in_days, DROP released_by, DROP release_at,
    DROP recalled_at, DROP onward_request_id;
ALTER TABLE remediation_request ALTER released_at SET NOT NULL;
UPDATE remediation_case SET cancelled_for = 'consent_withdrawn'
    WHERE cancelled_for = 'safety_concern';
ALTER TABLE remediation_case DROP release_at, DROP due_in_days,
    DROP CONSTRAINT remediation_case_cancelled_for_check,
    ADD CONSTRAINT remediation_case_cancelled_for_check CHECK (cancelled_for IN
        ('consent_withdrawn', 'case_voided', 'duplicate', 'contest_accepted'))
"""


def downgrade() -> None:
    run(
        "DELETE FROM gate.transition WHERE kind = 'onward_request' OR kind = 'referral' "
        "AND from_status IN ('draft', 'consent_checked')",
        "DROP TRIGGER shown ON referral",
        "DROP POLICY app_mine_update ON referral_case",
        "REVOKE UPDATE ON referral_case FROM openredress_app",
        f"ALTER POLICY app_mine_insert ON referral_status_change WITH CHECK ({TOLD_BEFORE})",
        f"ALTER POLICY app_mine_insert ON referral WITH CHECK ({FIRST})",
        f"ALTER POLICY app_party_select ON remediation_request USING ({MINE} OR {TO_ME})",
        f"ALTER POLICY app_party_select ON referral USING ({MINE} OR {TO_ME})",
        "DROP TABLE onward_request",
        f"ALTER POLICY app_mine_insert ON deletion_receipt WITH CHECK ({MINE} AND {REVOKED})",
    )
    for name, old, new in reversed(REWORDED):
        reword(name, new, old)
    run(
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in FUNCTIONS),
        FORGOTTEN,
        COLUMNS_BEFORE,
    )
    statuses(BEFORE)
