"""Stored contents in sealed parts, and jobs: work that goes on without its caller's token.

Kinds: content, content_part, job: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import MINE, function, own, policy, run

revision = "0009"
down_revision = "0008"

# Whoever asks for work stands for it: nobody can have it done in another person's name.
ME = (
    "client_id = (SELECT gate.current_client()) "
    "AND person_id IS NOT DISTINCT FROM (SELECT gate.current_person())"
)


def upgrade() -> None:
    contents()
    jobs()


def contents() -> None:
    run(
        """CREATE TABLE content (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            size bigint NOT NULL CHECK (size > 0),
            sha256 bytea NOT NULL CHECK (length(sha256) = 32),
            received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
            created_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, id)
        )""",
        """CREATE TABLE content_part (
            organisation_id uuid NOT NULL,
            content_id uuid NOT NULL,
            first_byte bigint NOT NULL CHECK (first_byte >= 0),
            sha256 bytea NOT NULL CHECK (length(sha256) = 32),
            sealed bytea NOT NULL,
            PRIMARY KEY (organisation_id, content_id, first_byte),
            FOREIGN KEY (organisation_id, content_id) REFERENCES content ON DELETE CASCADE
        )""",
        # What is sealed cannot be compressed.
        "ALTER TABLE content_part ALTER sealed SET STORAGE EXTERNAL",
    )
    own("content", "INSERT", "UPDATE")
    own("content_part", "INSERT")
    for table in ("content", "content_part"):
        policy(table, "SELECT", MINE, role="import")


def jobs() -> None:
    run(
        """CREATE TABLE job (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            client_id uuid NOT NULL,
            person_id uuid,
            kind text NOT NULL CHECK (kind IN ('import')),
            subject_id uuid NOT NULL,
            state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'ended')),
            worker uuid,
            lease_until timestamptz,
            attempts int NOT NULL DEFAULT 0,
            claimed_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (organisation_id, client_id) REFERENCES client,
            FOREIGN KEY (organisation_id, person_id) REFERENCES person,
            CHECK ((state = 'running') = (worker IS NOT NULL)),
            CHECK ((worker IS NULL) = (lease_until IS NULL))
        )""",
        "CREATE INDEX job_to_do ON job (created_at) WHERE state <> 'ended'",
        "CREATE INDEX job_by_id ON job (id)",
    )
    own("job")
    policy("job", "INSERT", f"{MINE} AND {ME}")
    function(
        "claim_job(by uuid, seconds int)",
        "TABLE (id uuid, kind text, subject_id uuid, attempts int)",
        """
        BEGIN
          -- A worker that died leaves its lease; whoever comes after it takes over. One that asks
          -- works on nothing: a job that is still its own was broken off, by a lost connection.
          RETURN QUERY
            UPDATE public.job j SET state = 'running', worker = by, attempts = j.attempts + 1,
                claimed_at = clock_timestamp(),
                lease_until = clock_timestamp() + make_interval(secs => seconds)
              WHERE j.id = (SELECT w.id FROM public.job w
                WHERE w.state = 'waiting'
                  OR (w.state = 'running' AND (w.worker = by OR w.lease_until < clock_timestamp()))
                -- In turns: whoever has waited longest since one of its own was taken up.
                ORDER BY (SELECT max(l.claimed_at) FROM public.job l
                  WHERE l.organisation_id = w.organisation_id) NULLS FIRST, w.created_at
                LIMIT 1 FOR UPDATE SKIP LOCKED)
              RETURNING j.id, j.kind, j.subject_id, j.attempts;
        END""",
        to="import",
    )
    function(
        "begin_job(job uuid, by uuid, seconds int)",
        """TABLE (outcome text, organisation_id uuid, organisation_type text, client_id uuid,
            person_id uuid, duties text[], scopes text[], is_sandbox boolean,
            moment timestamptz, institute_id uuid, wrapped_key bytea)""",
        """
        DECLARE t record;
        BEGIN
          IF seconds > 0 THEN
            -- The row stays locked until the end: one worker at a time, whatever the clocks say.
            UPDATE public.job j SET lease_until = clock_timestamp() + make_interval(secs => seconds)
              WHERE j.id = job AND j.state = 'running' AND j.worker = by;
          ELSE
            -- For reading beside the transaction that writes.
            PERFORM 1 FROM public.job j
              WHERE j.id = job AND j.state = 'running' AND j.worker = by;
          END IF;
          IF NOT FOUND THEN
            outcome := 'lost';
            RETURN NEXT;
            RETURN;
          END IF;
          SELECT j.organisation_id, o.type, j.client_id, j.person_id, p.duties, c.scopes,
              o.is_sandbox, o.clock_offset, k.wrapped,
              coalesce(c.suspended_at, o.suspended_at, p.suspended_at) AS ended_at
            INTO STRICT t
            FROM public.job j
            JOIN public.client c ON c.organisation_id = j.organisation_id AND c.id = j.client_id
            JOIN public.organisation o ON o.organisation_id = j.organisation_id
            JOIN public.data_key k ON k.organisation_id = j.organisation_id
            LEFT JOIN public.person p
              ON p.organisation_id = j.organisation_id AND p.id = j.person_id
            WHERE j.id = job;
          -- Also for a suspended client: what it began must be able to end, by saying so.
          PERFORM gate.enter(t.organisation_id, t.type, t.client_id, t.person_id);
          outcome := CASE WHEN t.ended_at IS NULL THEN 'ok' ELSE 'suspended' END;
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
          RETURN NEXT;
        END""",
        to="import",
    )
    function(
        "go_on_job(job uuid, by uuid)",
        "void",
        """
        BEGIN
          -- A step forward was stored: only a job that stands still wears out its attempts.
          UPDATE public.job j SET attempts = 0
            WHERE j.id = job AND j.state = 'running' AND j.worker = by;
        END""",
        to="import",
    )
    function(
        "end_job(job uuid, by uuid)",
        "void",
        """
        BEGIN
          UPDATE public.job j SET state = 'ended', worker = NULL, lease_until = NULL
            WHERE j.id = job AND j.state = 'running' AND j.worker = by;
        END""",
        to="import",
    )


def downgrade() -> None:
    run(
        "DROP FUNCTION gate.claim_job(uuid, int), gate.begin_job(uuid, uuid, int), "
        "gate.go_on_job(uuid, uuid), gate.end_job(uuid, uuid)",
        "DROP TABLE job, content_part, content",
    )
