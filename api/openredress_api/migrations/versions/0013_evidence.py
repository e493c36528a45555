"""Evidence files: what is told of them, the copies others may see, and links that open a copy.

Kinds: evidence, evidence_copy, evidence_link: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import INSTITUTE, MINE, function, own, policy, run

revision = "0013"
down_revision = "0012"

MEDIA_TYPES = """'image/jpeg', 'image/png', 'image/webp', 'application/pdf', 'text/csv',
    'text/plain',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'"""
# A link opens with the rights of whoever made it, so nobody makes one in another person's name.
# It ends by real time, also in the sandbox, as tokens do.
LINKED = f"""{MINE} AND client_id = (SELECT gate.current_client())
    AND person_id IS NOT DISTINCT FROM (SELECT gate.current_person())
    AND EXISTS (SELECT 1 FROM evidence e WHERE e.organisation_id = owner_organisation_id
        AND e.id = evidence_id)
    AND expires_at <= transaction_timestamp() + interval '5 minutes'"""


def upgrade() -> None:
    run(
        f"""CREATE TABLE evidence (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            purpose text NOT NULL CHECK (purpose IN ('payslip', 'bank_proof', 'receipt', 'contract',
                'photo', 'attendance', 'statement', 'other')),
            label text CHECK (char_length(label) BETWEEN 1 AND 80),
            media_type text NOT NULL CHECK (media_type IN ({MEDIA_TYPES})),
            size bigint NOT NULL CHECK (size BETWEEN 1 AND 26214400),
            sha256 bytea NOT NULL CHECK (length(sha256) = 32),
            state text NOT NULL DEFAULT 'receiving' CHECK (state IN
                ('receiving', 'ready', 'refused', 'voided')),
            received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
            content_id uuid,
            scan text CHECK (scan IN ('clean', 'not_scanned')),
            refusal text CHECK (refusal IN ('type_mismatch', 'type_not_accepted', 'encrypted',
                'too_large_inside', 'unreadable', 'infected')),
            voided_at timestamptz,
            void_reason text CHECK (void_reason IN
                ('entered_by_mistake', 'entered_twice', 'erasure_asked')),
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (organisation_id, content_id) REFERENCES content,
            -- What is refused or voided has no octets left.
            CHECK ((content_id IS NOT NULL) = (state IN ('receiving', 'ready'))),
            CHECK (state <> 'refused' OR refusal IS NOT NULL),
            CHECK (refusal IS NULL OR state IN ('refused', 'voided')),
            CHECK (state <> 'ready' OR (scan IS NOT NULL AND received = size)),
            CHECK ((voided_at IS NOT NULL) = (state = 'voided')),
            CHECK ((void_reason IS NULL) = (voided_at IS NULL))
        )""",
        "CREATE INDEX evidence_by_change ON evidence (organisation_id, updated_at, id)",
        "CREATE INDEX evidence_of_all_by_change ON evidence (updated_at, id)",
        "CREATE INDEX evidence_receiving ON evidence (updated_at) WHERE state = 'receiving'",
        """CREATE TABLE evidence_copy (
            organisation_id uuid NOT NULL,
            content_id uuid NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (organisation_id, content_id),
            FOREIGN KEY (organisation_id, content_id) REFERENCES content ON DELETE CASCADE
        )""",
        # What is sealed cannot be compressed.
        "ALTER TABLE evidence_copy ALTER sealed SET STORAGE EXTERNAL",
        """CREATE TABLE evidence_link (
            organisation_id uuid NOT NULL,
            id uuid NOT NULL,
            client_id uuid NOT NULL,
            person_id uuid,
            owner_organisation_id uuid NOT NULL,
            evidence_id uuid NOT NULL,
            token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (organisation_id, client_id) REFERENCES client,
            FOREIGN KEY (organisation_id, person_id) REFERENCES person,
            FOREIGN KEY (owner_organisation_id, evidence_id) REFERENCES evidence
        )""",
        "CREATE INDEX evidence_link_by_token ON evidence_link (token_hash)",
        "CREATE INDEX evidence_link_by_expiry ON evidence_link (expires_at)",
    )
    own("evidence", "INSERT", "UPDATE", institute_reads=True)
    own("evidence_copy", "INSERT", institute_reads=True)
    own("evidence_link")
    policy("evidence_link", "INSERT", LINKED)
    functions()


def functions() -> None:
    function(
        "drop_content(content uuid)",
        "void",
        """
        BEGIN
          -- Its parts and its copy go with it.
          DELETE FROM public.content c
            WHERE c.organisation_id = gate.current_organisation() AND c.id = content;
        END""",
        to="app",
    )
    function(
        "key_of_evidence(evidence uuid)",
        "bytea",
        f"""
        BEGIN
          -- The key that sealed a copy, still wrapped, for whoever may read the copy.
          RETURN (SELECT k.wrapped FROM public.evidence e
            JOIN public.data_key k ON k.organisation_id = e.organisation_id
            WHERE e.id = evidence AND e.state = 'ready'
            AND (e.organisation_id = gate.current_organisation() OR {INSTITUTE}));
        END""",
        to="app",
        kind="STABLE",
    )
    function(
        "begin_link(token text)",
        """TABLE (outcome text, organisation_id uuid, organisation_type text, client_id uuid,
            person_id uuid, duties text[], scopes text[], is_sandbox boolean,
            moment timestamptz, institute_id uuid, wrapped_key bytea)""",
        """
        DECLARE t record;
        BEGIN
          -- What follows is gate.begin's, of a link. One function under both would cost every
          -- request 6.5 microseconds on top of 26: whoever changes one of them changes the other.
          SELECT l.organisation_id, o.type, l.client_id, l.person_id, p.duties, c.scopes,
              o.is_sandbox, o.clock_offset, l.expires_at, k.wrapped,
              coalesce(c.suspended_at, o.suspended_at, p.suspended_at) AS ended_at
            INTO t
            FROM public.evidence_link l
            JOIN public.client c ON c.organisation_id = l.organisation_id AND c.id = l.client_id
            JOIN public.organisation o ON o.organisation_id = l.organisation_id
            JOIN public.data_key k ON k.organisation_id = l.organisation_id
            LEFT JOIN public.person p
              ON p.organisation_id = l.organisation_id AND p.id = l.person_id
            WHERE l.token_hash = decode(token, 'hex');
          IF NOT FOUND THEN
            outcome := 'absent';
          ELSIF t.ended_at IS NOT NULL OR t.expires_at <= clock_timestamp()
              OR NOT 'evidence:read' = ANY (t.scopes) THEN
            outcome := 'ended';
          ELSE
            outcome := 'ok';
            PERFORM gate.enter(t.organisation_id, t.type, t.client_id, t.person_id);
            organisation_id := t.organisation_id;
            organisation_type := t.type;
            client_id := t.client_id;
            person_id := t.person_id;
            duties := coalesce(t.duties, '{}');
            scopes := t.scopes;
            is_sandbox := t.is_sandbox;
            moment := transaction_timestamp() + t.clock_offset;
            institute_id := (SELECT i.institute_id FROM gate.installation i);
            wrapped_key := t.wrapped;
          END IF;
          RETURN NEXT;
        END""",
        to="app",
    )
    function(
        "forget_evidence(upload_days int, link_days int)",
        "void",
        """
        DECLARE one record;
        BEGIN
          -- An upload that nobody goes on with, octets and all. Its age is by its owner's clock.
          FOR one IN SELECT e.organisation_id, e.id, e.content_id FROM public.evidence e
              JOIN public.organisation o ON o.organisation_id = e.organisation_id
              WHERE e.state = 'receiving' AND e.updated_at
                < transaction_timestamp() + o.clock_offset - make_interval(days => upload_days)
              LIMIT 100 FOR UPDATE OF e SKIP LOCKED LOOP
            DELETE FROM public.evidence e
              WHERE e.organisation_id = one.organisation_id AND e.id = one.id;
            DELETE FROM public.content c
              WHERE c.organisation_id = one.organisation_id AND c.id = one.content_id;
          END LOOP;
          -- For a day an old link still says that it has ended, and not that it never was.
          DELETE FROM public.evidence_link l
            WHERE l.expires_at < transaction_timestamp() - make_interval(days => link_days);
        END""",
        to="delivery",
    )


def downgrade() -> None:
    run(
        "DROP FUNCTION gate.forget_evidence(int, int)",
        "DROP FUNCTION gate.begin_link(text), gate.key_of_evidence(uuid), gate.drop_content(uuid)",
        "DROP TABLE evidence_link, evidence_copy, evidence",
    )
