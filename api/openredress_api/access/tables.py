"""Clients, access tokens and used assertions: kind `access`, seen by no other role than ours."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, Column, DateTime, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from openredress_api.foundation.database import Base

client = Table(
    "client",
    Base.metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid),
    Column("name", Text),
    Column("auth_method", Text),
    Column("secret_hash", Text),
    Column("jwks", JSONB),
    Column("scopes", ARRAY(Text)),
    Column("is_sandbox", Boolean),
    Column("suspended_at", DateTime(timezone=True)),
    info={"kind": "access"},
)
access_token = Table(
    "access_token",
    Base.metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("organisation_id", Uuid),
    Column("client_id", Uuid),
    Column("scopes", ARRAY(Text)),
    Column("issued_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    info={"kind": "access"},
)
used_assertion = Table(
    "used_assertion",
    Base.metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("jti_hash", LargeBinary, primary_key=True),
    Column("expires_at", DateTime(timezone=True)),
    info={"kind": "access"},
)
