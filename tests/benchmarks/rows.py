"""The rows that one `PUT /v1/grievances` of a new grievance writes, for those who write no more.

Floors and rivals have the product's tables in a schema of their own: same columns, checks,
indexes, foreign keys and partitioning, no row-level security.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from psycopg import Connection, sql

COLUMNS = {
    "grievance": (
        *("organisation_id", "id", "source_system", "external_id", "site_id", "category"),
        *("channel", "severity", "status", "received_at", "received_at_basis"),
        *("acknowledged_at", "resolved_at", "closed_at", "workers_affected", "is_anonymous"),
        *("withdrawal_reason", "out_of_scope_reason", "remedy_amount", "remedy_currency"),
        *("is_test", "source_updated_at", "created_at", "updated_at"),
    ),
    "grievance_status_change": (
        *("organisation_id", "id", "recipient_id", "grievance_id", "to_status", "at", "source"),
        "recorded_at",
    ),
    "event": (
        *("organisation_id", "id", "webhook_id", "type", "subject", "subject_seq"),
        *("occurred_at", "data_class", "body", "dedupe_key", "retention_until"),
    ),
    "idempotency": (
        *("organisation_id", "client_id", "key_digest", "fingerprint", "sealed_answer"),
    ),
    "audit": ("organisation_id", "id", "operation", "content", "salt", "leaf"),
}
PARTIES = ("organisation", "person", "client", "access_token", "site")
SEALED_BYTES = 180


def key(table: str, column: str) -> str:
    """The name of a value in what `values` gives."""
    return f"{table}_{column}"


def insert(table: str) -> str:
    """The INSERT of one row of `table` with psycopg's named places."""
    columns = COLUMNS[table]
    places = ", ".join(f"%({key(table, column)})s" for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names above


def one_statement() -> str:
    """All rows by one statement."""
    parts = (f"{table}_row AS ({insert(table)})" for table in COLUMNS)
    return f"WITH {', '.join(parts)} SELECT 1"


def values(body: Mapping[str, Any], external_id: str, parties: Mapping[str, str]) -> dict[str, Any]:
    """What the rows of one write hold; `parties` are ids: organisation, client, institute."""
    now, grievance_id = datetime.now(UTC), uuid.uuid4()
    rows = {
        "grievance": {**_grievance(body, external_id, now), "id": grievance_id},
        "grievance_status_change": {
            "id": uuid.uuid4(),
            "recipient_id": parties["organisation"],
            "grievance_id": grievance_id,
            "to_status": "received",
            "at": body["received_at"],
            "source": "reported",
            "recorded_at": now,
        },
        "event": _event(grievance_id, now) | {"organisation_id": parties["institute"]},
        "idempotency": {
            "client_id": parties["client"],
            "key_digest": os.urandom(32),
            "fingerprint": os.urandom(32),
            "sealed_answer": os.urandom(SEALED_BYTES),
        },
        "audit": _audit(grievance_id, now, parties),
    }
    own = {"organisation_id": parties["organisation"]}
    return {
        key(table, column): {**own, **rows[table]}.get(column)
        for table, columns in COLUMNS.items()
        for column in columns
    }


def _grievance(body: Mapping[str, Any], external_id: str, now: datetime) -> dict[str, Any]:
    return {
        "source_system": "bench",
        "external_id": external_id,
        "site_id": body["site"],
        "category": body["category"],
        "channel": body["channel"],
        "severity": body["severity"],
        "status": "received",
        "received_at": body["received_at"],
        "received_at_basis": "stated",
        "workers_affected": body["workers_affected"],
        "is_anonymous": False,
        "is_test": False,
        "source_updated_at": body["source_updated_at"],
        "created_at": now,
        "updated_at": now,
    }


def _event(grievance_id: uuid.UUID, now: datetime) -> dict[str, Any]:
    event_id, subject = uuid.uuid4(), f"grv_{grievance_id.hex[:26]}"
    text_id = f"evt_{event_id.hex[:26]}"
    body = {
        "data": {"id": subject, "status": "received"},
        "data_class": "pseudonymous",
        "id": text_id,
        "links": {"self": f"http://127.0.0.1:8321/v1/grievances/{subject}"},
        "schema_version": 1,
        "subject": subject,
        "subject_seq": 1,
        "timestamp": now,
        "type": "grievance.received",
    }
    return {
        "id": event_id,
        "webhook_id": text_id,
        "type": "grievance.received",
        "subject": subject,
        "subject_seq": 1,
        "occurred_at": now,
        "data_class": "pseudonymous",
        "body": orjson.dumps(body),
        "dedupe_key": f"grievance.received:{subject}:1",
        "retention_until": now + timedelta(days=30),
    }


def _audit(grievance_id: uuid.UUID, now: datetime, parties: Mapping[str, str]) -> dict[str, Any]:
    entry_id = uuid.uuid4()
    content = {
        "at": now,
        "client": parties["client"],
        "id": entry_id,
        "operation": "put_grievance",
        "organisation": parties["organisation"],
        "person": parties["client"],
        "request": str(entry_id),
        "subjects": [f"grv_{grievance_id.hex[:26]}"],
    }
    return {
        "id": entry_id,
        "operation": "put_grievance",
        "content": orjson.dumps(content).decode(),
        "salt": os.urandom(16),
        "leaf": os.urandom(32),
    }


def copy_tables(connection: Connection[Any], schema: str) -> None:
    """Make `schema` with the tables of a write, and with the parties that write them."""
    tables = (*PARTIES, *COLUMNS)
    connection.execute("SET search_path = public")
    foreign_keys = connection.execute(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conparentid = 0 AND conrelid = ANY (%s::regclass[])",
        ([*tables],),
    ).fetchall()
    place = sql.Identifier(schema)
    connection.execute(sql.SQL("CREATE SCHEMA {}; SET search_path = {}").format(place, place))
    for table in tables:
        form = {"name": sql.Identifier(table), "source": sql.Identifier("public", table)}
        split = sql.SQL(" PARTITION BY RANGE (at)" if table == "audit" else "")
        make = sql.SQL("CREATE TABLE {name} (LIKE {source} INCLUDING ALL)").format(**form)
        connection.execute(make + split)
        if table in PARTIES:
            connection.execute(sql.SQL("INSERT INTO {name} SELECT * FROM {source}").format(**form))
    connection.execute("CREATE TABLE audit_all PARTITION OF audit DEFAULT")
    for table, rule in foreign_keys:
        connection.execute(f"ALTER TABLE {table} ADD {rule}")
