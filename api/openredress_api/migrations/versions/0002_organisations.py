"""Sites, their aliases, and relations between partners (brands, agencies) and sites.

Kinds: site, site_alias: own, read by partners of a confirmed relation · relation,
relation_confirmation: addressed.
"""

from __future__ import annotations

from openredress_api.migrations.kinds import addressed, function, own, policy, run

revision = "0002"
down_revision = "0001a"

PARTNER = "gate.is_partner(organisation_id, id)"
VISIBLE_RELATION = (
    "EXISTS (SELECT 1 FROM relation r WHERE r.id = relation_id "
    "AND r.organisation_id = relation_confirmation.recipient_id)"
)


def upgrade() -> None:
    run(
        """CREATE TABLE site (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            source_system text NOT NULL,
            external_id text NOT NULL,
            name text NOT NULL,
            country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
            city text,
            time_zone text NOT NULL,
            os_id text CHECK (os_id ~ '^[A-Z]{2}[0-9]{7}[0-9A-Z]{6}$'),
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            UNIQUE (organisation_id, source_system, external_id)
        )""",
        "CREATE INDEX site_by_update ON site (organisation_id, updated_at, id)",
        "CREATE INDEX site_by_id ON site (id)",
        "CREATE INDEX site_by_os_id ON site (os_id) WHERE os_id IS NOT NULL",
        """CREATE TABLE site_alias (
            organisation_id uuid NOT NULL,
            site_id uuid NOT NULL,
            os_id text NOT NULL,
            PRIMARY KEY (organisation_id, os_id),
            FOREIGN KEY (organisation_id, site_id) REFERENCES site
        )""",
        """CREATE TABLE relation (
            organisation_id uuid NOT NULL REFERENCES organisation,
            id uuid NOT NULL,
            recipient_id uuid NOT NULL REFERENCES organisation,
            supplier_id uuid NOT NULL,
            partner_id uuid NOT NULL REFERENCES organisation,
            site_id uuid NOT NULL,
            tier int NOT NULL CHECK (tier BETWEEN 1 AND 10),
            valid_from date NOT NULL,
            valid_to date CHECK (valid_to >= valid_from),
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version int NOT NULL DEFAULT 1,
            PRIMARY KEY (organisation_id, id),
            FOREIGN KEY (supplier_id, site_id) REFERENCES site,
            -- One side states it to the other one, and to nobody else.
            CHECK ((organisation_id = supplier_id AND recipient_id = partner_id)
                OR (organisation_id = partner_id AND recipient_id = supplier_id))
        )""",
        "CREATE INDEX relation_by_recipient ON relation (recipient_id, updated_at, id)",
        "CREATE INDEX relation_by_update ON relation (organisation_id, updated_at, id)",
        "CREATE INDEX relation_by_partner ON relation (partner_id, supplier_id, site_id)",
        "CREATE INDEX relation_by_id ON relation (id)",
        """CREATE TABLE relation_confirmation (
            organisation_id uuid NOT NULL REFERENCES organisation,
            recipient_id uuid NOT NULL,
            relation_id uuid NOT NULL,
            confirmed_at timestamptz NOT NULL,
            PRIMARY KEY (organisation_id, recipient_id, relation_id),
            -- Who stated a relation cannot confirm it.
            CHECK (organisation_id <> recipient_id),
            FOREIGN KEY (recipient_id, relation_id) REFERENCES relation (organisation_id, id)
        )""",
    )
    function(
        "is_partner(supplier uuid, site uuid)",
        "boolean",
        """
        DECLARE me uuid := gate.current_organisation();
        BEGIN
          RETURN EXISTS (SELECT 1 FROM public.relation r JOIN public.relation_confirmation c
            ON c.recipient_id = r.organisation_id AND c.relation_id = r.id
            WHERE r.partner_id = me AND r.supplier_id = supplier AND r.site_id = site);
        END""",
        to="app",
        kind="STABLE",
    )
    function(
        "find_site(site uuid)",
        "uuid",
        """
        BEGIN
          -- The supplier of a site, for whoever names the site to state a relation with it.
          IF gate.current_organisation() IS NULL THEN RETURN NULL; END IF;
          RETURN (SELECT s.organisation_id FROM public.site s WHERE s.id = site);
        END""",
        to="app",
        kind="STABLE",
    )
    function(
        "os_id_is_contested(claimed text)",
        "boolean",
        """
        BEGIN
          RETURN EXISTS (SELECT 1 FROM public.site s WHERE s.os_id = claimed
            AND s.organisation_id <> gate.current_organisation());
        END""",
        to="app",
        kind="STABLE",
    )
    function(
        "is_partner_type(partner uuid)",
        "boolean",
        """
        BEGIN
          RETURN EXISTS (SELECT 1 FROM public.organisation o WHERE o.organisation_id = partner
            AND o.type IN ('brand', 'agency'));
        END""",
        to="app",
        kind="STABLE",
    )
    own("site", "INSERT", "UPDATE", institute_reads=True)
    policy("site", "SELECT", PARTNER, name="partner")
    own("site_alias", "INSERT", institute_reads=True)
    addressed("relation")
    # The relation must be one the confirming party can see, and stated by the named stater.
    addressed("relation_confirmation", VISIBLE_RELATION, seen_by=VISIBLE_RELATION)


def downgrade() -> None:
    run(
        "DROP TABLE relation_confirmation, relation, site_alias, site",
        "DROP FUNCTION gate.is_partner(uuid, uuid), gate.find_site(uuid), "
        "gate.os_id_is_contested(text), gate.is_partner_type(uuid)",
    )
