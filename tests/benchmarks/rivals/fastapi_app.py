"""FastAPI, pydantic and the SQLAlchemy ORM, as their own tutorials put them together."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import DateTime, ForeignKeyConstraint, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

CODES = json.loads(Path(os.environ["BENCH_CODES"]).read_text())
PARTIES = json.loads(os.environ["BENCH_PARTIES"])
Category = Literal[tuple(CODES["grievance_category"])]
Channel = Literal[tuple(CODES["channel"])]
Severity = Literal[tuple(CODES["severity"])]
Status = Literal[tuple(CODES["grievance_status"])]
Currency = Literal[tuple(CODES["currency"])]

engine = create_engine("postgresql+psycopg://", pool_size=8, max_overflow=0)
SessionLocal = sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
bearer = HTTPBearer()


class Base(DeclarativeBase):
    """Tables as they are in the database; every datetime has its zone."""

    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - SQLAlchemy's way


class AccessToken(Base):
    """Who may call."""

    __tablename__ = "access_token"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID]
    client_id: Mapped[uuid.UUID]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Grievance(Base):
    """The business row."""

    __tablename__ = "grievance"
    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    source_system: Mapped[str]
    external_id: Mapped[str]
    site_id: Mapped[uuid.UUID]
    category: Mapped[str]
    channel: Mapped[str]
    severity: Mapped[str | None]
    status: Mapped[str]
    received_at: Mapped[datetime]
    received_at_basis: Mapped[str]
    acknowledged_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    workers_affected: Mapped[int | None]
    is_anonymous: Mapped[bool]
    remedy_amount: Mapped[Decimal | None]
    remedy_currency: Mapped[str | None]
    source_updated_at: Mapped[datetime | None]
    is_test: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class StatusChange(Base):
    """A step of its life."""

    __tablename__ = "grievance_status_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["recipient_id", "grievance_id"], ["grievance.organisation_id", "grievance.id"]
        ),
    )
    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    recipient_id: Mapped[uuid.UUID]
    grievance_id: Mapped[uuid.UUID]
    to_status: Mapped[str]
    at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(default="reported")
    recorded_at: Mapped[datetime]


class Audit(Base):
    """Who did what."""

    __tablename__ = "audit"
    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    operation: Mapped[str]
    content: Mapped[str]
    leaf: Mapped[bytes]


class Event(Base):
    """The outbox."""

    __tablename__ = "event"
    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    webhook_id: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str]
    subject_seq: Mapped[int]
    occurred_at: Mapped[datetime]
    data_class: Mapped[str]
    body: Mapped[bytes]
    dedupe_key: Mapped[str]
    retention_until: Mapped[datetime]


class Money(BaseModel):
    """An amount in its own currency."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=20, decimal_places=3)]
    currency: Currency


class GrievanceIn(BaseModel):
    """What a supplier sends."""

    model_config = ConfigDict(extra="forbid")
    site: uuid.UUID
    category: Category
    channel: Channel
    severity: Severity | None = None
    status: Status = "received"
    received_at: AwareDatetime
    received_at_basis: Literal["stated", "stand_in"] = "stated"
    acknowledged_at: AwareDatetime | None = None
    resolved_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    workers_affected: Annotated[int, Field(ge=0)] | None = None
    is_anonymous: bool = False
    agreed_remedy: Money | None = None
    source_updated_at: AwareDatetime | None = None
    is_test: bool = False

    @model_validator(mode="after")
    def in_order(self) -> GrievanceIn:
        """Moments follow each other."""
        moments = (self.received_at, self.acknowledged_at, self.resolved_at, self.closed_at)
        told = [one for one in moments if one is not None]
        if told != sorted(told):
            raise ValueError("the moments are not in order")
        return self


class GrievanceOut(BaseModel):
    """What is stored."""

    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    organisation_id: uuid.UUID
    source_system: str
    external_id: str
    site_id: uuid.UUID
    category: str
    channel: str
    severity: str | None
    status: str
    received_at: datetime
    received_at_basis: str
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    workers_affected: int | None
    is_anonymous: bool
    remedy_amount: Decimal | None
    remedy_currency: str | None
    source_updated_at: datetime | None
    is_test: bool
    created_at: datetime
    updated_at: datetime
    version: int


def get_session() -> Iterator[Session]:
    """One session per request."""
    with SessionLocal() as session:
        yield session


Sessions = Annotated[Session, Depends(get_session)]


def get_caller(
    session: Sessions, given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
) -> AccessToken:
    """The token's row, or 401."""
    digest = hashlib.sha256(given.credentials.encode()).digest()
    token = session.get(AccessToken, digest)
    if token is None or token.revoked_at or token.expires_at <= datetime.now(UTC):
        raise HTTPException(401)
    return token


Short = Annotated[str, Query(min_length=1, max_length=120)]


@app.put("/v1/grievances", status_code=201)
def put_grievance(
    external_id: Short,
    source_system: Short,
    body: GrievanceIn,
    caller: Annotated[AccessToken, Depends(get_caller)],
    session: Sessions,
    response: Response,
) -> GrievanceOut:
    """Store a grievance by its supplier's own identifier."""
    now = datetime.now(UTC)
    key = {"source_system": source_system, "external_id": external_id}
    grievance = session.scalar(
        select(Grievance).filter_by(organisation_id=caller.organisation_id, **key)
    )
    if grievance is None:
        grievance = Grievance(
            organisation_id=caller.organisation_id, id=uuid.uuid4(), created_at=now, **key
        )
        session.add(grievance)
    else:
        response.status_code = 200
        grievance.version += 1
    for name, value in _columns(body).items():
        setattr(grievance, name, value)
    grievance.updated_at = now
    session.add_all(_traces(grievance, caller, now))
    session.commit()
    return GrievanceOut.model_validate(grievance)


def _columns(body: GrievanceIn) -> dict[str, Any]:
    fields = body.model_dump(exclude={"site", "agreed_remedy"})
    remedy = body.agreed_remedy
    return fields | {
        "site_id": body.site,
        "remedy_amount": remedy.amount if remedy else None,
        "remedy_currency": remedy.currency if remedy else None,
    }


def _traces(grievance: Grievance, caller: AccessToken, now: datetime) -> list[Base]:
    me, subject, event_id = caller.organisation_id, f"grv_{grievance.id.hex[:26]}", uuid.uuid4()
    webhook_id = f"evt_{event_id.hex[:26]}"
    fact = {"id": webhook_id, "type": "grievance.received", "subject": subject, "subject_seq": 1}
    fact |= {"timestamp": now.isoformat(), "data": {"id": subject, "status": grievance.status}}
    entry = {"at": now.isoformat(), "client": str(caller.client_id), "subjects": [subject]}
    content = json.dumps(entry | {"operation": "put_grievance", "organisation": str(me)})
    return [
        StatusChange(
            organisation_id=me,
            recipient_id=me,
            grievance_id=grievance.id,
            to_status=grievance.status,
            at=grievance.received_at,
            recorded_at=now,
        ),
        Audit(
            organisation_id=me,
            operation="put_grievance",
            content=content,
            leaf=hashlib.sha256(content.encode()).digest(),
        ),
        Event(
            organisation_id=uuid.UUID(PARTIES["institute"]),
            id=event_id,
            webhook_id=webhook_id,
            type="grievance.received",
            subject=subject,
            subject_seq=grievance.version or 1,
            occurred_at=now,
            data_class="pseudonymous",
            body=json.dumps(fact).encode(),
            dedupe_key=f"grievance.received:{subject}:{grievance.version or 1}",
            retention_until=now + timedelta(days=30),
        ),
    ]
