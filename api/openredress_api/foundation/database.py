"""One request = one transaction = one commit, entered only through the gate.

`Transaction` is what actions receive: the context the token gave, the session, and the
consequences (events, audit entry, idempotency row) that are sent together with the commit.
"""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import psycopg
from psycopg.adapt import Transformer
from sqlalchemy import ColumnElement, Select, Table, Update, create_engine, event, or_
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.visitors import iterate

from openredress_api.foundation.problems import (
    DatabaseUnavailable,
    Gone,
    NotFound,
    Overloaded,
    TokenExpired,
    TokenRevoked,
    TokenUnknown,
)
from openredress_delivery.outbox import PUBLISH
from openredress_delivery.prepared import Prepared

if TYPE_CHECKING:
    from openredress_api.foundation.announcements import Listener
    from openredress_api.foundation.paging import Cursors
    from openredress_api.foundation.sealing import Sealer
    from openredress_delivery.wake import Wake

S = TypeVar("S", Select[*tuple[Any, ...]], Update)
R = TypeVar("R")

PLACES = 4
PREPARED = "prepared"
PATIENCE_S = 2.0
# Nobody waits for the import worker's statements, and one of them may concern a whole register.
SHORT = "SET statement_timeout = '15s'; SET lock_timeout = '5s'"
LIMITS = {"import": "SET statement_timeout = '300s'; SET lock_timeout = '60s'"}
# Connection lost or a demoted primary (25006): nothing ran yet, so the gate may be tried again.
LOST = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction)
REFUSALS = {"unknown": TokenUnknown, "expired": TokenExpired, "revoked": TokenRevoked}
LINK_REFUSALS = {"absent": NotFound, "ended": Gone}
Gate = Literal["begin", "begin_link"]


class Base(DeclarativeBase):
    """Mapped tables; each names its kind in `__table_args__`'s info (decisions: four kinds)."""

    def members(self) -> dict[str, Any]:
        """The row's columns by name, as a view begins with them."""
        return {name: getattr(self, name) for name in self.__mapper__.columns.keys()}  # noqa: SIM118 - a collection whose iterator gives the columns


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, as the database itself derived it from the token.

    `now` includes the sandbox offset and stays the same for the whole transaction.
    """

    organisation_id: uuid.UUID
    organisation_type: str
    client_id: uuid.UUID
    person_id: uuid.UUID | None
    duties: frozenset[str]
    scopes: frozenset[str]
    is_sandbox: bool
    now: datetime
    institute_id: uuid.UUID
    wrapped_key: bytes

    @property
    def is_institute(self) -> bool:
        """Whether the caller belongs to the operator of this installation."""
        return self.organisation_type == "institute"


def visible(statement: S, context: Context) -> S:
    """The first wall, in one place: narrow a statement to the rows its caller may see.

    The second wall is row-level security; each is proven with the other one switched off.
    """
    for table in _tables(statement):
        rule = _rule(table, context)
        if rule is not None:
            statement = statement.where(rule)
    return statement


def _tables(statement: Select[*tuple[Any, ...]] | Update) -> Iterator[Table]:
    froms = [statement.table] if isinstance(statement, Update) else statement.get_final_froms()
    for source in froms:
        yield from (part for part in iterate(source) if isinstance(part, Table))


def _rule(table: Table, context: Context) -> ColumnElement[bool] | None:
    kind = table.info["kind"]
    me = context.organisation_id
    if kind == "common" or (context.is_institute and _institute_reads(table)):
        return None
    if special := table.info.get("visible"):
        rule: ColumnElement[bool] = special(context)
        return rule
    if kind == "addressed":
        return or_(table.c.organisation_id == me, table.c.recipient_id == me)
    return table.c.organisation_id == me


def _institute_reads(table: Table) -> bool:
    return table.info["kind"] == "addressed" or bool(table.info.get("institute_reads"))


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to every transaction."""

    sealer: Sealer
    cursors: Cursors
    public_url: str
    development: bool = False
    listeners: tuple[Listener, ...] = ()
    scan_command: tuple[str, ...] = ()
    wake: Wake | None = None


class Transaction:
    """One request's work: everything in it is stored by one commit, or nothing is."""

    def __init__(self, connection: Connection, context: Context, services: Services) -> None:
        self.connection = connection
        self.context = context
        self.services = services
        self.committed = False
        self.recalled: tuple[bool, bytes | None, bytes | None] | None = None
        self._session: Session | None = None
        self._consequences: list[tuple[Prepared, tuple[object, ...]]] = []

    @property
    def session(self) -> Session:
        """The unit of work, made when it is first needed."""
        if self._session is None:
            self._session = Session(bind=self.connection, expire_on_commit=False)
        return self._session

    def close(self) -> None:
        """Forget whatever was not committed."""
        if self._session is not None:
            self._session.close()

    def all(self, statement: Select[R]) -> Sequence[R]:
        """Visible rows of `statement`."""
        return self.session.scalars(visible(statement, self.context)).all()

    def first(self, statement: Select[R]) -> R | None:
        """The first visible row, or None."""
        return self.session.scalars(visible(statement, self.context)).first()

    def one(self, statement: Select[R]) -> R:
        """The visible row; NotFound alike for an absent and a foreign one."""
        row = self.first(statement)
        if row is None:
            raise NotFound
        return row

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        """Visible rows of a statement over several columns."""
        return self.session.execute(visible(statement, self.context)).all()

    def defer(self, statement: Prepared, values: tuple[object, ...]) -> None:
        """Add a consequence: sent in the same round trip as the commit, before it."""
        self._consequences.append((statement, values))

    def seal(self, place: str, value: bytes) -> bytes:
        """Encrypt a field of the caller's organisation for one place such as `case:<uuid>`."""
        return self.services.sealer.seal(
            self._data_key(), self.context.organisation_id, place, value
        )

    def unseal(self, place: str, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same organisation and place."""
        return self.services.sealer.unseal(
            self._data_key(), self.context.organisation_id, place, sealed
        )

    def seal_alike(self, place: str, value: str) -> str:
        """Encrypt a text so that equal ones of the caller's organisation and place are equal."""
        sealed = self.services.sealer.seal_alike(
            self._data_key(), self.context.organisation_id, place, value.encode()
        )
        return base64.urlsafe_b64encode(sealed).decode()

    def unseal_alike(self, place: str, sealed: str) -> str:
        """Decrypt what `seal_alike` made for the same organisation and place."""
        return self.services.sealer.unseal_alike(
            self._data_key(),
            self.context.organisation_id,
            place,
            base64.urlsafe_b64decode(sealed),
        ).decode()

    def blind_index(self, field: str, value: str) -> bytes:
        """The lookup value of a sealed field of the caller's organisation."""
        return self.services.sealer.blind_index(self._data_key(), field, value)

    def _data_key(self) -> bytes:
        context = self.context
        return self.services.sealer.open_data_key(
            context.organisation_id, lambda: context.wrapped_key
        )

    def commit(self) -> None:
        """Flush the session, then send all consequences and COMMIT as one string."""
        if self._session is not None:
            self._session.flush()
        driver = driver_connection(self.connection)
        prepared: set[str] = self.connection.info.setdefault(PREPARED, set())
        quoting = Transformer.from_context(driver)
        calls = []
        for statement, values in self._consequences:
            if statement.name not in prepared:
                statement.prepare(driver)
                prepared.add(statement.name)
            calls.append(statement.with_values(quoting, values))
        driver.execute(b";".join([*calls, b"COMMIT"]))
        self.committed = True
        if self.services.wake and any(each is PUBLISH for each, _ in self._consequences):
            self.services.wake.tell()


def driver_connection(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection below SQLAlchemy's, for strings of several statements."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the engine must use psycopg 3")
    return driver


def roll_back(connection: Connection) -> None:
    """Undo whatever is not committed.

    With a ROLLBACK psycopg drops a connection's prepared statements, ours too, if it has made some
    itself; a session does one by itself when a flush fails. Here they are always dropped, so that
    what we know of the connection is true.
    """
    if connection.invalidated:
        return
    driver = driver_connection(connection)
    if driver.closed:
        return
    connection.info.pop(PREPARED, None)
    # The pool finds a connection that broke meanwhile, and replaces it.
    with suppress(psycopg.Error):
        driver.rollback()
        driver.execute(b"DEALLOCATE ALL")


class Database:
    """Engines per database role and the gate of this process; SQLAlchemy's pool only."""

    def __init__(
        self, url_of: Callable[[str], URL], services: Services, *, places: int = PLACES
    ) -> None:
        """`url_of(role)` gives the address for one database role such as `app`."""
        self._url_of = url_of
        self.services = services
        self._places = threading.BoundedSemaphore(places)
        self._size = places
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def engine(self, role: str) -> Engine:
        """The engine of `role`, opened in the process that uses it."""
        with self._lock:
            if role not in self._engines:
                self._engines[role] = open_engine(
                    self._url_of(role), size=self._size, patience=LIMITS.get(role, SHORT)
                )
            return self._engines[role]

    def dispose(self) -> None:
        """Close all pooled connections."""
        if self.services.wake:
            self.services.wake.close()
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    @contextmanager
    def transaction(
        self, token_hash: str, recall: str | None = None, *, by: Gate = "begin"
    ) -> Iterator[Transaction]:
        """Open a transaction as the token's organisation (hex digests only in the string).

        `by` begin_link: the token is that of a link, and the transaction whoever's made it.
        Commit is the caller's; leaving without it rolls everything back.
        """
        if not self._places.acquire(timeout=PATIENCE_S):
            raise Overloaded(headers={"Retry-After": "2"})
        try:
            connection, context, recalled = self._enter(by, token_hash, recall)
            transaction = Transaction(connection, context, self.services)
            transaction.recalled = recalled
            try:
                yield transaction
            finally:
                if not transaction.committed:
                    roll_back(connection)
                transaction.close()
                connection.close()
        finally:
            self._places.release()

    def _enter(
        self, by: Gate, token_hash: str, recall: str | None
    ) -> tuple[Connection, Context, Any]:
        # Both values pass through bytes, so nothing but hex digits can reach the string.
        opening = f"BEGIN; SELECT * FROM gate.{by}('{bytes.fromhex(token_hash).hex()}')"  # noqa: S608 - hex digits
        if recall:
            opening += f"; SELECT * FROM gate.recall('{bytes.fromhex(recall).hex()}')"  # noqa: S608 - as above
        connection = self._connect(opening)
        try:
            cursor = self._opened(connection)
            cursor.nextset()
            granted: Any = cursor.fetchone()
            recalled = cursor.fetchone() if recall and cursor.nextset() else None
            _refuse(granted[0])
            return connection, context_of(granted), recalled
        except BaseException:
            roll_back(connection)
            connection.close()
            raise

    def _connect(self, opening: str) -> Connection:
        """Send the opening; a connection that died in the pool is replaced once."""
        engine = self.engine("app")
        for last in (False, True):
            try:
                connection = engine.connect()
            except DBAPIError as fault:
                raise DatabaseUnavailable(headers={"Retry-After": "1"}) from fault
            try:
                connection.info["opening"] = driver_connection(connection).execute(
                    opening.encode("ascii")
                )
            except LOST as fault:
                connection.invalidate()
                connection.close()
                engine.dispose()
                if last:
                    raise DatabaseUnavailable(headers={"Retry-After": "1"}) from fault
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise AssertionError("unreachable")

    @staticmethod
    def _opened(connection: Connection) -> psycopg.Cursor[Any]:
        cursor: psycopg.Cursor[Any] = connection.info.pop("opening")
        return cursor


def open_engine(url: URL, *, size: int, patience: str = SHORT) -> Engine:
    """An engine whose connections leave BEGIN and COMMIT to us; parameters never reach a log."""
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=size,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
        hide_parameters=True,
        connect_args={"connect_timeout": 3},
    )

    @event.listens_for(engine, "connect")
    def _limits(connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's hook
        connection.execute(patience)

    return engine


def _refuse(outcome: str) -> None:
    if outcome in LINK_REFUSALS:
        raise LINK_REFUSALS[outcome]
    if outcome != "ok":
        raise REFUSALS[outcome](headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def context_of(granted: Any) -> Context:  # noqa: ANN401 - a row of gate.begin
    """The context that gate.begin or gate.begin_job granted."""
    _, organisation, kind, client, person, duties, scopes, sandbox, now, institute, key = granted
    return Context(
        organisation_id=organisation,
        organisation_type=kind,
        client_id=client,
        person_id=person,
        duties=frozenset(duties),
        scopes=frozenset(scopes),
        is_sandbox=sandbox,
        now=now,
        institute_id=institute,
        wrapped_key=key,
    )
