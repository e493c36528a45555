"""One remedy for many: brands that sponsor a request, duplicates, and what changes for good.

Kinds: sponsorship, systemic_action, systemic_verdict: addressed · duplicate_decision: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import (
    INSTITUTE,
    MINE,
    addressed,
    function,
    lifecycle,
    own,
    policy,
    reword,
    run,
)

revision = "0026"
down_revision = "0025"

TABLES = """
CREATE TABLE sponsorship (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('invited', 'accepted', 'declined', 'ended')),
    updated_at timestamptz NOT NULL,
    version int NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, request_id, recipient_id),
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request
);
CREATE INDEX sponsorship_by_id ON sponsorship (id);
CREATE INDEX sponsorship_by_request ON sponsorship (request_id);
CREATE INDEX sponsorship_by_update ON sponsorship (organisation_id, updated_at, id);
CREATE INDEX sponsorship_by_recipient ON sponsorship (recipient_id, updated_at, id);
CREATE TABLE duplicate_decision (
    organisation_id uuid NOT NULL REFERENCES organisation,
    request_id uuid NOT NULL,
    other_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision IN ('joined', 'different')),
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, request_id, other_id),
    FOREIGN KEY (organisation_id, request_id) REFERENCES remediation_request,
    FOREIGN KEY (organisation_id, other_id) REFERENCES remediation_request,
    FOREIGN KEY (organisation_id, decided_by) REFERENCES person,
    CHECK (request_id <> other_id)
);
CREATE TABLE systemic_action (
    organisation_id uuid NOT NULL REFERENCES organisation,
    id uuid NOT NULL,
    recipient_id uuid NOT NULL REFERENCES organisation,
    site_id uuid NOT NULL,
    kind text NOT NULL,
    categories text[] NOT NULL CHECK (cardinality(categories) > 0),
    requests uuid[] NOT NULL,
    evidence uuid[] NOT NULL,
    effective_on date NOT NULL,
    stated_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, site_id) REFERENCES site
);
CREATE INDEX systemic_action_by_id ON systemic_action (id);
CREATE INDEX systemic_action_by_statement ON systemic_action (organisation_id, stated_at, id);
CREATE INDEX systemic_action_by_recipient ON systemic_action (recipient_id, stated_at, id);
CREATE TABLE systemic_verdict (
    organisation_id uuid NOT NULL REFERENCES organisation,
    action_id uuid NOT NULL,
    n int NOT NULL CHECK (n > 0),
    recipient_id uuid NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('verified', 'not_verified')),
    method text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, action_id, n),
    FOREIGN KEY (recipient_id, action_id) REFERENCES systemic_action
);
"""
INVITED = f"""{INSTITUTE} AND status = 'invited'
    AND EXISTS (SELECT 1 FROM remediation_request r WHERE r.id = request_id
      AND r.released_at IS NOT NULL
      AND sponsorship.recipient_id = ANY (gate.brands_of(r.site_id)))"""
STATED = "recipient_id = gate.institute()"
JUDGED = f"""{INSTITUTE} AND EXISTS (SELECT 1 FROM systemic_action a WHERE a.id = action_id
    AND a.organisation_id = systemic_verdict.recipient_id)"""
STEPS = """
    recipient: invited -> accepted declined
    recipient: accepted -> ended
    sender: invited accepted -> ended
    sender: declined ended -> invited
"""
BRANDS = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN RETURN NULL; END IF;
  RETURN (SELECT array_agg(DISTINCT r.partner_id) FROM public.relation r
    JOIN public.relation_confirmation c
      ON c.recipient_id = r.organisation_id AND c.relation_id = r.id
    JOIN public.organisation o ON o.organisation_id = r.partner_id AND o.type = 'brand'
    WHERE r.site_id = of_site);
END"""
# What a sponsor may know of a request: where it stands, and nothing of the workers behind it.
SPONSORED = """
BEGIN
  RETURN QUERY SELECT r.site_id, r.asked_outcome, r.status, r.round, r.due_at,
      (SELECT v.result FROM public.validation_result_notice v WHERE v.request_id = r.id
        ORDER BY v.round DESC LIMIT 1)
    FROM public.sponsorship s JOIN public.remediation_request r
      ON r.organisation_id = s.organisation_id AND r.id = s.request_id
    JOIN public.remediation_case l
      ON l.organisation_id = r.organisation_id AND l.request_id = r.id
    WHERE s.id = of_sponsorship
      AND gate.current_organisation() IN (s.organisation_id, s.recipient_id)
      AND gate.consent_holds(l.case_id, 'share_brand_aggregate');
END"""
SPONSORED_ROW = (
    "TABLE (site_id uuid, asked_outcome text, status text, round int, due_at timestamptz, "
    "result text)"
)
SPONSORS = """
BEGIN
  RETURN QUERY SELECT s.id, s.recipient_id FROM public.sponsorship s
    WHERE s.request_id = of_request AND s.status = 'accepted'
      AND (gate.current_type() = 'institute' OR gate.is_assigned_request(of_request));
END"""
SEVERAL = """
BEGIN
  RETURN (SELECT count(*) > 1 FROM public.sponsorship s
      JOIN public.remediation_request r
        ON r.organisation_id = s.organisation_id AND r.id = s.request_id
    WHERE s.request_id = of_request AND s.status = 'accepted'
      AND gate.current_organisation() IN (r.organisation_id, r.recipient_id));
END"""
# A duplicate ends; who sponsored it sponsors the one that stays.
JOIN = """
BEGIN
  IF gate.current_type() IS DISTINCT FROM 'institute' THEN
    RAISE insufficient_privilege USING MESSAGE = 'the institute joins requests';
  END IF;
  UPDATE public.sponsorship s SET request_id = kept, updated_at = moment, version = s.version + 1
    WHERE s.organisation_id = gate.institute() AND s.request_id = ended
      AND NOT EXISTS (SELECT 1 FROM public.sponsorship o WHERE o.organisation_id = s.organisation_id
        AND o.request_id = kept AND o.recipient_id = s.recipient_id);
  UPDATE public.sponsorship s SET status = 'ended', updated_at = moment, version = s.version + 1
    WHERE s.organisation_id = gate.institute() AND s.request_id = ended AND s.status <> 'ended';
END"""
# A CSO that validates tells the sponsors too.
PARTY = "RETURN CASE kind"
WITH_SPONSORS = (
    PARTY
    + """
    WHEN 'sponsorship' THEN (SELECT 'validator' FROM public.sponsorship s
      WHERE s.id = other_party.id AND gate.is_assigned_request(s.request_id))"""
)
FUNCTIONS = (
    ("brands_of(of_site uuid)", "uuid[]", BRANDS, "app", "STABLE"),
    (
        "sponsored(of_sponsorship uuid)",
        SPONSORED_ROW,
        SPONSORED,
        "app",
        "STABLE",
    ),
    (
        "sponsors_of(of_request uuid)",
        "TABLE (id uuid, recipient_id uuid)",
        SPONSORS,
        "app",
        "STABLE",
    ),
    ("has_several_sponsors(of_request uuid)", "boolean", SEVERAL, "app", "STABLE"),
    (
        "join_sponsorships(ended uuid, kept uuid, moment timestamptz)",
        "void",
        JOIN,
        "app",
        "",
    ),
)


def upgrade() -> None:
    run(TABLES)
    for signature, returns, body, to, kind in FUNCTIONS:
        function(signature, returns, body, to=to, kind=kind)
    reword("other_party", PARTY, WITH_SPONSORS)
    addressed("sponsorship", INVITED)
    own("duplicate_decision")
    policy(
        "duplicate_decision",
        "INSERT",
        f"{MINE} AND {INSTITUTE} AND decided_by = gate.current_person()",
    )
    addressed("systemic_action", STATED)
    addressed("systemic_verdict", JUDGED)
    lifecycle("sponsorship", STEPS)


def downgrade() -> None:
    reword("other_party", WITH_SPONSORS, PARTY)
    run(
        "DELETE FROM gate.transition WHERE kind = 'sponsorship'",
        "DELETE FROM task WHERE kind = 'verify_systemic_action'",
        "DROP TABLE systemic_verdict, systemic_action, duplicate_decision, sponsorship CASCADE",
        *(f"DROP FUNCTION gate.{signature}" for signature, *_ in reversed(FUNCTIONS)),
    )
