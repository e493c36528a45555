"""What every write leaves beside itself: the answer under its key, and an audit entry.

Kinds: idempotency, audit: own.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import function, guard, own, run

revision = "0001a"
down_revision = "0001"


def upgrade() -> None:
    idempotency()
    audit()


def idempotency() -> None:
    run(
        """CREATE TABLE idempotency (
            organisation_id uuid NOT NULL REFERENCES organisation,
            client_id uuid NOT NULL,
            key_digest bytea NOT NULL CHECK (length(key_digest) = 32),
            fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
            sealed_answer bytea NOT NULL,
            expires_at timestamptz NOT NULL DEFAULT now() + interval '72 hours',
            PRIMARY KEY (organisation_id, client_id, key_digest)
        )""",
        "CREATE INDEX idempotency_by_expiry ON idempotency (expires_at)",
    )
    own("idempotency", "INSERT", "UPDATE")
    function(
        "recall(digest text)",
        "TABLE (running boolean, fingerprint bytea, sealed_answer bytea)",
        """
        DECLARE me uuid := gate.current_organisation(); client uuid := gate.current_client();
        BEGIN
          -- A lock, not a row: a request that dies leaves nothing behind that says 'running'.
          running := NOT pg_try_advisory_xact_lock(
            hashtextextended(concat(me, client, digest), 0));
          IF NOT running THEN
            SELECT i.fingerprint, i.sealed_answer INTO fingerprint, sealed_answer
              FROM public.idempotency i
              WHERE i.organisation_id = me AND i.client_id = client
                AND i.key_digest = decode(digest, 'hex') AND i.expires_at > now();
          END IF;
          RETURN NEXT;
        END""",
        to="app",
    )


def audit() -> None:
    run(
        """CREATE TABLE audit (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            operation text NOT NULL,
            content text,
            salt bytea,
            leaf bytea NOT NULL CHECK (length(leaf) = 32),
            seq bigint,
            PRIMARY KEY (organisation_id, at, id)
        ) PARTITION BY RANGE (at)""",
        "CREATE INDEX audit_waiting ON audit (at, id) WHERE seq IS NULL",
        "CREATE INDEX audit_by_seq ON audit (seq) WHERE seq IS NOT NULL",
        "SELECT gate.ensure_partitions('audit', 12)",
        """CREATE TABLE gate.audit_checkpoint (
            size bigint PRIMARY KEY,
            root bytea NOT NULL,
            frontier bytea[] NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            signature bytea
        )""",
    )
    own("audit", "INSERT")
    guard("gate.audit_checkpoint")
    function(
        "node(a bytea, b bytea)",
        "bytea",
        "BEGIN RETURN sha256('\\x01'::bytea || a || b); END",
        kind="IMMUTABLE",
    )
    function(
        "sequence_audit(at_most int)",
        "TABLE (size bigint, root bytea)",
        """
        DECLARE last record; entry record; n bigint; frontier bytea[]; leaf bytea;
        BEGIN
          IF NOT pg_try_advisory_xact_lock(7312740011) THEN RETURN; END IF;
          SELECT c.size, c.frontier INTO last FROM gate.audit_checkpoint c
            ORDER BY c.size DESC LIMIT 1;
          size := coalesce(last.size, 0);
          frontier := coalesce(last.frontier, '{}');
          FOR entry IN SELECT a.organisation_id, a.at, a.id, a.leaf FROM public.audit a
              WHERE a.seq IS NULL ORDER BY a.at, a.id LIMIT at_most LOOP
            UPDATE public.audit a SET seq = sequence_audit.size WHERE
              a.organisation_id = entry.organisation_id AND a.at = entry.at AND a.id = entry.id;
            -- RFC 6962: the frontier holds the roots of the full subtrees, largest first.
            leaf := entry.leaf;
            n := size;
            WHILE n % 2 = 1 LOOP
              leaf := gate.node(frontier[cardinality(frontier)], leaf);
              frontier := frontier[1:cardinality(frontier) - 1];
              n := n / 2;
            END LOOP;
            frontier := frontier || leaf;
            size := size + 1;
          END LOOP;
          IF size = coalesce(last.size, 0) THEN RETURN; END IF;
          root := frontier[cardinality(frontier)];
          FOR place IN REVERSE cardinality(frontier) - 1..1 LOOP
            root := gate.node(frontier[place], root);
          END LOOP;
          INSERT INTO gate.audit_checkpoint (size, root, frontier)
            VALUES (sequence_audit.size, sequence_audit.root, frontier);
          RETURN NEXT;
        END""",
        to="delivery",
    )
    function(
        "sign_checkpoint(checkpoint bigint, signed bytea)",
        "void",
        """
        BEGIN
          UPDATE gate.audit_checkpoint c SET signature = signed
            WHERE c.size = checkpoint AND c.signature IS NULL;
        END""",
        to="delivery",
    )


def downgrade() -> None:
    run(
        "DROP TABLE audit, idempotency, gate.audit_checkpoint",
        "DROP FUNCTION gate.recall(text), gate.sequence_audit(int), gate.node(bytea, bytea), "
        "gate.sign_checkpoint(bigint, bytea)",
    )
