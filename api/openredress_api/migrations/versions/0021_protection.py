"""Safety assessments, the watch for reprisals, held sites, and the identity vault.

Kinds: safety_assessment, retaliation_watch, check_back, site_hold: own · worker_in_case,
identity_request: own, written by functions alone · vault_worker: nobody's but the functions'.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import INSTITUTE, MINE, function, guard, own, policy, run

revision = "0021"
down_revision = "0020"

OURS = f"{MINE} AND {INSTITUTE}"
RISKS = """recognisable reprisal_likely accused_is_in_charge violence papers_held
    housing_controlled right_to_stay family_in_reach no_safe_contact"""
MEASURES = """moved_to_safety left_the_site safe_contact_agreed details_left_out asked_for_all
    waiting_time another_addressee emergency_plan protection_actor_involved"""


def listed(words: str) -> str:
    """Words as SQL texts."""
    return ", ".join(f"'{word}'" for word in words.split())


ASSESSMENTS = f"""
CREATE TABLE safety_assessment (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    recipient_type text NOT NULL CHECK (recipient_type IN ('supplier', 'agency')),
    n int NOT NULL CHECK (n > 0),
    decision text NOT NULL CHECK (decision IN ('may_release', 'may_not_release')),
    risks text[] NOT NULL CHECK (risks <@ ARRAY[{listed(RISKS)}]),
    measures text[] NOT NULL CHECK (measures <@ ARRAY[{listed(MEASURES)}]),
    severity text NOT NULL,
    categories text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    assessed_by uuid NOT NULL,
    assessed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, case_id, recipient_type, n),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record,
    FOREIGN KEY (organisation_id, assessed_by) REFERENCES person,
    CHECK (expires_at > assessed_at),
    -- Children and trafficking: nobody can allow it.
    CHECK (decision = 'may_not_release'
        OR array_to_string(categories, ' ') !~ '(^| )(child|trafficking)\\.')
);
CREATE INDEX safety_assessment_by_time
    ON safety_assessment (organisation_id, case_id, assessed_at, id);
"""
WATCHES = """
CREATE TABLE retaliation_watch (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, case_id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE INDEX retaliation_watch_by_update ON retaliation_watch (organisation_id, updated_at, id);
CREATE TABLE check_back (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    watch_id uuid NOT NULL,
    after_days int CHECK (after_days > 0),
    due_at timestamptz NOT NULL,
    raised_at timestamptz,
    result text CHECK (result IN ('well', 'retaliation', 'unreachable', 'declined')),
    at timestamptz,
    recorded_by uuid,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, watch_id) REFERENCES retaliation_watch,
    FOREIGN KEY (organisation_id, recorded_by) REFERENCES person,
    CHECK ((result IS NULL) = (at IS NULL) AND (result IS NULL) = (recorded_by IS NULL)),
    CHECK (after_days IS NOT NULL OR result IS NOT NULL)
);
CREATE INDEX check_back_by_watch ON check_back (organisation_id, watch_id, due_at, id);
CREATE INDEX check_back_waiting ON check_back (due_at) WHERE result IS NULL AND raised_at IS NULL;
CREATE TABLE site_hold (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    n int NOT NULL CHECK (n > 0),
    case_ids uuid[] NOT NULL,
    reported_by uuid[] NOT NULL,
    placed_at timestamptz NOT NULL,
    cleared_at timestamptz,
    cleared_by uuid,
    clear_reason text CHECK
        (clear_reason IN ('not_confirmed', 'remedied', 'worker_safe', 'recorded_by_mistake')),
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, site_id, n),
    FOREIGN KEY (supplier_id, site_id) REFERENCES site,
    FOREIGN KEY (organisation_id, cleared_by) REFERENCES person,
    CHECK ((cleared_at IS NULL) = (cleared_by IS NULL)),
    CHECK ((cleared_at IS NULL) = (clear_reason IS NULL)),
    CHECK (cleared_by <> ALL (reported_by))
);
CREATE UNIQUE INDEX site_hold_standing ON site_hold (organisation_id, site_id)
    WHERE cleared_at IS NULL;
CREATE INDEX site_hold_by_update ON site_hold (organisation_id, updated_at, id);
"""
# What is written stays; the highest n counts.
VAULT = """
CREATE TABLE vault_worker (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    n int NOT NULL CHECK (n > 0),
    phone_index bytea CHECK (octet_length(phone_index) = 32),
    sealed bytea NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id, n),
    FOREIGN KEY (organisation_id, written_by) REFERENCES person
);
CREATE INDEX vault_worker_by_phone ON vault_worker (organisation_id, phone_index);
CREATE TABLE worker_in_case (
    organisation_id uuid NOT NULL,
    case_id uuid NOT NULL,
    id uuid NOT NULL,
    linked_by uuid NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, case_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES case_record
);
CREATE TABLE identity_request (
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    worker_id uuid NOT NULL,
    case_id uuid NOT NULL,
    purpose text NOT NULL CHECK
        (purpose IN ('contact', 'pay', 'protect', 'represent', 'correct')),
    break_glass boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('asked', 'granted', 'refused')),
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    expires_at timestamptz,
    read_at timestamptz,
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id, worker_id) REFERENCES worker_in_case,
    FOREIGN KEY (organisation_id, asked_by) REFERENCES person,
    FOREIGN KEY (organisation_id, decided_by) REFERENCES person,
    CHECK (decided_by <> asked_by),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (status = 'asked' OR break_glass OR decided_by IS NOT NULL),
    CHECK ((status = 'granted') = (expires_at IS NOT NULL)),
    CHECK (read_at IS NULL OR status = 'granted')
);
CREATE INDEX identity_request_by_update ON identity_request (organisation_id, updated_at, id);
"""

# Two who write the same number at once find one worker: the second waits for the first.
FIND_WORKER = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('vault ' || encode(phone, 'hex'), 0));
  RETURN (SELECT v.id FROM public.vault_worker v
    WHERE v.organisation_id = gate.current_organisation() AND v.phone_index = phone
    ORDER BY v.written_at, v.id LIMIT 1);
END"""
KEEP_WORKER = """
DECLARE
  me uuid := gate.current_organisation();
  moment timestamptz := gate.now_of(me);
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN
    RAISE insufficient_privilege USING MESSAGE = 'the vault is the institute''s';
  END IF;
  INSERT INTO public.vault_worker (organisation_id, id, n, phone_index, sealed, written_by,
      written_at)
    SELECT me, worker, count(*) + 1, phone, content, gate.current_person(), moment
    FROM public.vault_worker v WHERE v.organisation_id = me AND v.id = worker;
  INSERT INTO public.worker_in_case (organisation_id, case_id, id, linked_by, linked_at)
    VALUES (me, of_case, worker, gate.current_person(), moment)
    ON CONFLICT DO NOTHING;
END"""
HAS_DUTY = """
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.person p
    WHERE p.organisation_id = gate.institute() AND p.id = gate.current_person()
      AND gate.current_type() = 'institute' AND duty = ANY (p.duties));
END"""
ASK_IDENTITY = """
DECLARE
  me uuid := gate.current_organisation();
  moment timestamptz := gate.now_of(me);
BEGIN
  IF NOT gate.has_duty('case_worker') THEN RETURN 'forbidden'; END IF;
  IF NOT EXISTS (SELECT 1 FROM public.worker_in_case l WHERE l.organisation_id = me
      AND l.case_id = of_case AND l.id = worker) THEN
    RETURN 'absent';
  END IF;
  IF glass AND NOT EXISTS (SELECT 1 FROM public.case_record c WHERE c.organisation_id = me
      AND c.id = of_case AND c.severity = 's1_critical') THEN
    RETURN 'not_critical';
  END IF;
  INSERT INTO public.identity_request (organisation_id, id, worker_id, case_id, purpose,
      break_glass, status, asked_by, asked_at, expires_at, updated_at)
    VALUES (me, request, worker, of_case, why, glass, CASE WHEN glass THEN 'granted' ELSE 'asked'
      END, gate.current_person(), moment, CASE WHEN glass THEN moment + interval '1 day' END,
      moment);
  RETURN 'done';
END"""
# Another person than the asker, whose duty it is; who administers the house opens no identity.
DECIDE_IDENTITY = """
DECLARE
  r public.identity_request%ROWTYPE;
  moment timestamptz := gate.now_of(gate.current_organisation());
BEGIN
  SELECT i.* INTO r FROM public.identity_request i
    WHERE i.organisation_id = gate.current_organisation() AND i.id = request FOR UPDATE;
  IF NOT FOUND THEN RETURN 'absent'; END IF;
  IF r.asked_by = gate.current_person() OR NOT gate.has_duty('custodian')
      OR gate.has_duty('administrator') THEN
    RETURN 'forbidden';
  END IF;
  IF r.status <> 'asked' THEN RETURN 'decided'; END IF;
  UPDATE public.identity_request i SET status = verdict, decided_by = gate.current_person(),
      decided_at = moment, updated_at = moment, version = i.version + 1,
      expires_at = CASE verdict WHEN 'granted' THEN moment + interval '1 day' END
    WHERE i.organisation_id = r.organisation_id AND i.id = r.id;
  RETURN 'done';
END"""
# The one way out of the vault.
READ_IDENTITY = """
DECLARE
  r public.identity_request%ROWTYPE;
  moment timestamptz := gate.now_of(gate.current_organisation());
BEGIN
  SELECT i.* INTO r FROM public.identity_request i
    WHERE i.organisation_id = gate.current_organisation() AND i.id = request FOR UPDATE;
  IF NOT FOUND THEN outcome := 'absent';
  ELSIF r.asked_by IS DISTINCT FROM gate.current_person() OR NOT gate.has_duty('case_worker') THEN
    outcome := 'forbidden';
  ELSIF r.status <> 'granted' THEN outcome := 'not_granted';
  ELSIF r.read_at IS NOT NULL OR r.expires_at <= moment THEN outcome := 'over';
  ELSE
    outcome := 'read';
    UPDATE public.identity_request i SET read_at = moment, updated_at = moment,
        version = i.version + 1
      WHERE i.organisation_id = r.organisation_id AND i.id = r.id;
    sealed := (SELECT v.sealed FROM public.vault_worker v
      WHERE v.organisation_id = r.organisation_id AND v.id = r.worker_id
      ORDER BY v.n DESC LIMIT 1);
  END IF;
  RETURN NEXT;
END"""
# One task for each watch at a time: what is due besides waits until that one is done.
RAISE_CHECK_BACKS = """
DECLARE
  due record; raised int := 0;
  house uuid := gate.institute();
  moment timestamptz := gate.now_of(house);
BEGIN
  FOR due IN SELECT b.id, gate.wire_id('rtw', b.watch_id) AS subject, c.severity
      FROM public.check_back b
      JOIN public.retaliation_watch w
        ON w.organisation_id = b.organisation_id AND w.id = b.watch_id
      JOIN public.case_record c ON c.organisation_id = w.organisation_id AND c.id = w.case_id
      WHERE b.organisation_id = house AND b.result IS NULL AND b.raised_at IS NULL
        AND b.due_at <= moment AND c.voided_at IS NULL
      ORDER BY b.due_at, b.id FOR UPDATE OF b SKIP LOCKED LOOP
    INSERT INTO public.task (organisation_id, id, kind, subject, severity, due_at, created_at,
        updated_at)
      VALUES (house, gen_random_uuid(), 'check_back', due.subject, due.severity,
        moment + interval '3 days', moment, moment)
      ON CONFLICT (organisation_id, kind, subject) WHERE state = 'open' DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    UPDATE public.check_back b SET raised_at = moment
      WHERE b.organisation_id = house AND b.id = due.id;
    raised := raised + 1;
  END LOOP;
  RETURN raised;
END"""
# What would be new to an employer or agency of a held site. What is taken back always leaves.
WAITS = """
DECLARE v record; site uuid;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.site_hold h WHERE h.organisation_id = gate.institute()
      AND h.cleared_at IS NULL) THEN
    RETURN false;
  END IF;
  SELECT e.type, e.subject, o.type AS reader INTO v FROM public.event e
    JOIN public.organisation o ON o.organisation_id = e.organisation_id
    WHERE e.organisation_id = waits_for_safety.organisation AND e.id = event
      AND e.tombstoned_at IS NULL AND e.dedupe_key NOT LIKE 'synthetic:%';
  IF NOT FOUND OR v.reader NOT IN ('supplier', 'agency')
      OR split_part(v.type, '.', 1) NOT IN ('referral', 'remediation')
      OR v.type IN ('referral.revoked', 'referral.expired', 'remediation.closed') THEN
    RETURN false;
  END IF;
  site := CASE split_part(v.type, '.', 1)
    WHEN 'referral' THEN (SELECT c.site_id FROM public.referral_case l
      JOIN public.case_record c ON c.organisation_id = l.organisation_id AND c.id = l.case_id
      WHERE l.organisation_id = gate.institute() AND l.referral_id = gate.id_of(v.subject))
    ELSE (SELECT r.site_id FROM public.remediation_request r
      WHERE r.organisation_id = gate.institute() AND r.id = gate.id_of(v.subject)) END;
  RETURN EXISTS (SELECT 1 FROM public.site_hold h WHERE h.organisation_id = gate.institute()
    AND h.site_id = site AND h.cleared_at IS NULL);
END"""
PARTNERS = """
BEGIN
  RETURN (SELECT array_agg(DISTINCT r.partner_id) FROM public.relation r
    JOIN public.relation_confirmation c
      ON c.recipient_id = r.organisation_id AND c.relation_id = r.id
    WHERE r.site_id = site);
END"""
# Partners of a confirmed relation are parties of a site: they may be told of it.
PARTIES = """
DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('gate.parties'::regproc), '{}', '{}');
END $do$"""
ALONE = "RETURN found;"
WITH_PARTNERS = "IF kind = ''site'' THEN found := found || gate.partners_of(id); END IF; " + ALONE
FUNCTIONS = (
    ("find_worker(phone bytea)", "uuid", FIND_WORKER, "app", ""),
    (
        "keep_worker(worker uuid, of_case uuid, phone bytea, content bytea)",
        "void",
        KEEP_WORKER,
        "app",
        "",
    ),
    ("has_duty(duty text)", "boolean", HAS_DUTY, "", "STABLE"),
    (
        "ask_identity(request uuid, worker uuid, of_case uuid, why text, glass boolean)",
        "text",
        ASK_IDENTITY,
        "app",
        "",
    ),
    ("decide_identity(request uuid, verdict text)", "text", DECIDE_IDENTITY, "app", ""),
    (
        "read_identity(request uuid)",
        "TABLE (outcome text, sealed bytea)",
        READ_IDENTITY,
        "app",
        "",
    ),
    ("raise_check_backs()", "int", RAISE_CHECK_BACKS, "delivery", ""),
    (
        "waits_for_safety(organisation uuid, event uuid)",
        "boolean",
        WAITS,
        "delivery",
        "STABLE",
    ),
    ("partners_of(site uuid)", "uuid[]", PARTNERS, "", "STABLE"),
)


def upgrade() -> None:
    run(ASSESSMENTS, WATCHES, VAULT)
    own("safety_assessment")
    policy("safety_assessment", "INSERT", f"{OURS} AND assessed_by = gate.current_person()")
    for table in ("retaliation_watch", "check_back", "site_hold"):
        own(table)
        policy(table, "INSERT", OURS)
        policy(table, "UPDATE", OURS)
    guard("vault_worker")
    own("worker_in_case")
    own("identity_request")
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    run(PARTIES.format(ALONE, WITH_PARTNERS))


def downgrade() -> None:
    run(
        PARTIES.format(WITH_PARTNERS, ALONE),
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in reversed(FUNCTIONS)),
        "DROP TABLE identity_request, worker_in_case, vault_worker, site_hold, check_back, "
        "retaliation_watch, safety_assessment",
        "DELETE FROM task WHERE kind IN ('check_back', 'decide_identity_request', "
        "'decide_site_hold', 'confirm_identity_read', 'watch_identity_read', "
        "'review_break_glass', 'second_review_of_break_glass')",
    )
