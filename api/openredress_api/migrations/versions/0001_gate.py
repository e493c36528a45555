"""The gate, lifecycles, organisations, people, clients and tokens.

Kinds: organisation, person, data_key: own · client, access_token,
used_assertion: the access role only · tables in schema gate: definer functions only.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import function, guard, own, policy, run

revision = "0001"
down_revision = None


def upgrade() -> None:
    schema()
    context()
    lifecycles()
    parties()
    access()
    gate()


def schema() -> None:
    run(
        "CREATE SCHEMA gate",
        "REVOKE ALL ON SCHEMA gate FROM PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA gate, public TO openredress_app, openredress_access, "
        "openredress_delivery, openredress_release, openredress_import",
        """CREATE TABLE gate.installation (
            only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
            context_key bytea NOT NULL,
            institute_id uuid
        )""",
        # 488 random bits from the server's strong source, hashed to a key that never leaves.
        """INSERT INTO gate.installation (context_key) SELECT sha256(string_agg(
            uuid_send(gen_random_uuid()), ''::bytea)) FROM generate_series(1, 4)""",
    )
    guard("gate.installation")
    function(
        "ensure_partitions(parent text, months_ahead int)",
        "void",
        """
        DECLARE first date := date_trunc('month', now())::date; part text;
        BEGIN
          EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I DEFAULT',
            parent || '_rest', parent);
          PERFORM gate.guard_partition(parent || '_rest');
          FOR ahead IN 0..months_ahead LOOP
            part := parent || to_char(first + make_interval(months => ahead), '"_"YYYY"_"MM');
            EXECUTE format(
              'CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I FOR VALUES FROM (%L) '
              'TO (%L)', part, parent, first + make_interval(months => ahead),
              first + make_interval(months => ahead + 1));
            PERFORM gate.guard_partition(part);
          END LOOP;
        END""",
        to="delivery",
    )
    function(
        "guard_partition(part text)",
        "void",
        """
        BEGIN
          IF NOT (SELECT c.relforcerowsecurity FROM pg_class c WHERE c.oid =
              format('public.%I', part)::regclass) THEN
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
            EXECUTE format('CREATE POLICY owner_all ON public.%I TO openredress_owner '
              'USING (true) WITH CHECK (true)', part);
          END IF;
        END""",
    )


def parties() -> None:
    run(
        """CREATE TABLE organisation (
            organisation_id uuid PRIMARY KEY,
            type text NOT NULL CHECK (type IN
                ('supplier', 'agency', 'brand', 'cso', 'government', 'institute')),
            name text NOT NULL,
            country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
            contacts jsonb NOT NULL DEFAULT '{}',
            is_sandbox boolean NOT NULL DEFAULT false,
            clock_offset interval NOT NULL DEFAULT '0',
            suspended_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            version int NOT NULL DEFAULT 1,
            CHECK (is_sandbox OR clock_offset = '0')
        )""",
        # An installation has exactly one institute: a second one cannot be stored.
        "CREATE UNIQUE INDEX one_institute ON organisation ((true)) WHERE type = 'institute'",
        """CREATE TABLE person (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            name text NOT NULL,
            duties text[] NOT NULL DEFAULT '{}' CHECK (duties <@ ARRAY[
                'case_worker', 'reviewer', 'releaser', 'custodian', 'administrator']),
            suspended_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (organisation_id, id)
        )""",
        """CREATE TABLE client (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            person_id uuid,
            name text NOT NULL,
            auth_method text NOT NULL CHECK (auth_method IN
                ('client_secret_basic', 'private_key_jwt')),
            secret_hash text,
            jwks jsonb NOT NULL DEFAULT '{"keys": []}',
            scopes text[] NOT NULL,
            is_sandbox boolean NOT NULL,
            suspended_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (organisation_id, person_id) REFERENCES person,
            -- A shared secret is how suppliers leak; outside the sandbox only keys count.
            CHECK (auth_method = 'private_key_jwt' OR is_sandbox),
            CHECK ((auth_method = 'client_secret_basic') = (secret_hash IS NOT NULL))
        )""",
        "CREATE UNIQUE INDEX client_by_id ON client (id)",
        """CREATE TABLE data_key (
            organisation_id uuid PRIMARY KEY REFERENCES organisation,
            wrapped bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        )""",
    )
    own("organisation", institute_reads=True)
    own("person", institute_reads=True)
    own("data_key")
    policy("data_key", "SELECT", "true", role="delivery", name="all")


def access() -> None:
    run(
        """CREATE TABLE access_token (
            token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
            organisation_id uuid NOT NULL,
            client_id uuid NOT NULL,
            scopes text[] NOT NULL,
            issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            FOREIGN KEY (organisation_id, client_id) REFERENCES client
        )""",
        "CREATE INDEX access_token_by_expiry ON access_token (expires_at)",
        """CREATE TABLE used_assertion (
            client_id uuid NOT NULL,
            jti_hash bytea NOT NULL CHECK (length(jti_hash) = 32),
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (client_id, jti_hash)
        )""",
        "CREATE INDEX used_assertion_by_expiry ON used_assertion (expires_at)",
    )
    guard("client")
    guard("access_token")
    guard("used_assertion")
    for table in ("access_token", "used_assertion"):
        for command in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            policy(table, command, "true", role="access", name="all")
    policy("client", "SELECT", "true", role="access", name="all")
    function(
        "client_role(client uuid)",
        "text",
        """
        BEGIN
          -- NULL: client, organisation or person is suspended, so no token and no answer.
          RETURN (SELECT o.type FROM public.client c JOIN public.organisation o
            USING (organisation_id) LEFT JOIN public.person p
            ON p.organisation_id = c.organisation_id AND p.id = c.person_id
            WHERE c.id = client AND c.suspended_at IS NULL AND o.suspended_at IS NULL
            AND p.suspended_at IS NULL);
        END""",
        to="access",
        kind="STABLE",
    )
    function(
        "is_active(organisation uuid)",
        "boolean",
        """
        BEGIN
          RETURN EXISTS (SELECT 1 FROM public.organisation o
            WHERE o.organisation_id = organisation AND o.suspended_at IS NULL);
        END""",
        to="delivery",
        kind="STABLE",
    )


def context() -> None:
    """The transaction's signed context: a custom setting that any role can write, none forge."""
    function(
        "sign(message text)",
        "text",
        """
        DECLARE k bytea;
        BEGIN
          SELECT i.context_key INTO STRICT k FROM gate.installation i;
          RETURN encode(sha256(k || sha256(k || convert_to(message, 'UTF8'))), 'hex');
        END""",
        kind="STABLE",
    )
    function(
        "bind(message text)",
        "text",
        """
        BEGIN
          -- Backend and transaction: the context is worth nothing anywhere else.
          RETURN message || '|' || pg_backend_pid() || '|' ||
            (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint;
        END""",
        kind="STABLE",
    )
    function(
        "enter(organisation uuid, type text, client uuid, person uuid)",
        "void",
        """
        DECLARE message text := gate.bind(concat(organisation, '|', type, '|', client, '|',
          person));
        BEGIN
          PERFORM set_config('openredress.context', message || '|' || gate.sign(message), true);
        END""",
    )
    function(
        "context()",
        "text[]",
        """
        DECLARE
          raw text := current_setting('openredress.context', true);
          parts text[] := string_to_array(raw, '|');
          message text := left(raw, -65);
        BEGIN
          IF cardinality(parts) IS DISTINCT FROM 7 OR parts[7] <> gate.sign(message)
             OR message <> gate.bind(array_to_string(parts[1:4], '|')) THEN
            RETURN NULL;
          END IF;
          RETURN parts;
        END""",
        to="app delivery release import",
        kind="STABLE",
    )
    for name, place, kind in (
        ("current_organisation", 1, "uuid"),
        ("current_type", 2, "text"),
        ("current_client", 3, "uuid"),
        ("current_person", 4, "uuid"),
    ):
        # plpgsql keeps what it parsed for the session; an SQL function would read its stored body
        # anew for every statement, and a policy asks in each one.
        function(
            f"{name}()",
            kind,
            f"BEGIN RETURN nullif((gate.context())[{place}], '')::{kind}; END",
            to="owner app delivery release import",
            kind="STABLE",
        )
    function(
        "institute()",
        "uuid",
        "BEGIN RETURN (SELECT i.institute_id FROM gate.installation i); END",
        to="app delivery release import",
        kind="STABLE",
    )


def lifecycles() -> None:
    """Records that two parties share: who they are, and which steps each may take."""
    run(
        """CREATE TABLE gate.transition (
            kind text NOT NULL,
            from_status text NOT NULL,
            to_status text NOT NULL,
            party text NOT NULL CHECK (party IN
                ('sender', 'recipient', 'institute', 'validator', 'system')),
            PRIMARY KEY (kind, from_status, to_status, party)
        )"""
    )
    guard("gate.transition")
    function(
        "parties(kind text, id uuid)",
        "uuid[]",
        """
        DECLARE found uuid[];
        BEGIN
          -- `kind` is a table's name; recipient_id names the other party where it has one.
          EXECUTE format('SELECT array_remove(ARRAY[t.organisation_id, '
            '(to_jsonb(t) ->> ''recipient_id'')::uuid], NULL) FROM public.%I t WHERE t.id = $1',
            kind) INTO found USING id;
          RETURN found;
        END""",
        kind="STABLE",
    )
    function(
        # What else the caller is to a record; rooms with assigned parties replace it.
        "other_party(kind text, id uuid)",
        "text",
        "BEGIN RETURN NULL; END",
        kind="STABLE",
    )
    function(
        "move(kind text, record uuid, target text, seen int, moment timestamptz)",
        "TABLE (outcome text, status text, version int)",
        """
        DECLARE me uuid := gate.current_organisation(); r record; roles text[];
        BEGIN
          IF NOT EXISTS (SELECT 1 FROM gate.transition t WHERE t.kind = move.kind) THEN
            outcome := 'absent';
            RETURN NEXT;
            RETURN;
          END IF;
          EXECUTE format('SELECT t.organisation_id, (to_jsonb(t) ->> ''recipient_id'')::uuid AS '
            'recipient_id, t.status, t.version FROM public.%I t WHERE t.id = $1 FOR UPDATE', kind)
            INTO r USING record;
          roles := array_remove(ARRAY[
            CASE WHEN r.organisation_id = me THEN 'sender' END,
            CASE WHEN r.recipient_id = me THEN 'recipient' END,
            CASE WHEN gate.current_type() = 'institute' THEN 'institute' END,
            gate.other_party(kind, record)], NULL);
          IF r.organisation_id IS NULL OR me IS NULL OR cardinality(roles) = 0 THEN
            -- To a stranger there is no such record, and nothing of it is told.
            outcome := 'absent';
            RETURN NEXT;
            RETURN;
          ELSIF r.version <> seen THEN
            outcome := 'stale';
          ELSIF NOT EXISTS (SELECT 1 FROM gate.transition t WHERE t.kind = move.kind
              AND t.from_status = r.status AND t.to_status = target AND t.party = ANY (roles)) THEN
            outcome := 'refused';
          ELSE
            outcome := 'moved';
            EXECUTE format('UPDATE public.%I SET status = $1, version = version + 1, '
              'updated_at = $2 WHERE id = $3', kind) USING target, moment, record;
          END IF;
          status := CASE outcome WHEN 'moved' THEN target ELSE r.status END;
          version := r.version + (outcome = 'moved')::int;
          RETURN NEXT;
        END""",
        to="app",
    )


def gate() -> None:
    """`begin` alone turns a token into a context."""
    function(
        "begin(token text)",
        """TABLE (outcome text, organisation_id uuid, organisation_type text, client_id uuid,
            person_id uuid, duties text[], scopes text[], is_sandbox boolean,
            moment timestamptz, institute_id uuid, wrapped_key bytea)""",
        """
        DECLARE t record;
        BEGIN
          SELECT a.organisation_id, o.type, a.client_id, c.person_id, p.duties, a.scopes,
              o.is_sandbox, o.clock_offset, a.expires_at, k.wrapped,
              coalesce(a.revoked_at, c.suspended_at, o.suspended_at, p.suspended_at) AS ended_at
            INTO t
            FROM public.access_token a
            JOIN public.client c ON c.organisation_id = a.organisation_id AND c.id = a.client_id
            JOIN public.organisation o ON o.organisation_id = a.organisation_id
            JOIN public.data_key k ON k.organisation_id = a.organisation_id
            LEFT JOIN public.person p
              ON p.organisation_id = c.organisation_id AND p.id = c.person_id
            WHERE a.token_hash = decode(token, 'hex');
          IF NOT FOUND THEN
            outcome := 'unknown';
          ELSIF t.ended_at IS NOT NULL THEN
            outcome := 'revoked';
          ELSIF t.expires_at <= clock_timestamp() THEN
            outcome := 'expired';
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


def downgrade() -> None:
    run(
        "DROP TABLE used_assertion, access_token, data_key, client, person, organisation",
        "DROP SCHEMA gate CASCADE",
        "REVOKE USAGE ON SCHEMA public FROM openredress_app, openredress_access, "
        "openredress_delivery, openredress_release, openredress_import",
    )
