"""The database: SQLite by default, PostgreSQL by URL; one transaction per verb; what both spell differently."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from peewee import (
    Check,
    Database,
    DatabaseError,
    DatabaseProxy,
    Field,
    InterfaceError,
    Model,
    OperationalError,
    SqliteDatabase,
    TextField,
)
from playhouse.db_url import connect as connect_url
from playhouse.pool import MaxConnectionsExceeded, PooledSqliteDatabase

database = DatabaseProxy()

P = ParamSpec("P")
R = TypeVar("R")
# A server that does not even refuse is given up after ten seconds, not when the system loses patience.
CONNECT_TIMEOUT = 10
POOL_DEFAULTS = {"max_connections": 20, "timeout": 10, "stale_timeout": 300}
# For a lock on SQLite: one writer at a time.
WAIT_SECONDS = 20

# What is raised when the database is not there, or not the one that was meant.
UNREACHABLE = (OperationalError, InterfaceError, DatabaseError)
# What is raised when it was there and is away just now: to wait is all that can be done.
AWAY = (OperationalError, InterfaceError, MaxConnectionsExceeded)


class NotFound(Exception):
    """There is no such thing, or the person may not see it; the two are told apart nowhere."""


class Stale(Exception):
    """Somebody changed the subject after the page was opened. The message says so; nothing was written."""


def open_database(url: str, base: Path, keep: bool = False) -> Database:
    """Point the models at the database of the URL. Relative SQLite paths are relative to `base`.

    `keep` is for a server: its connections to SQLite stay open between requests (those to PostgreSQL always do).
    Raises ValueError with a sentence when the URL is of no kind we know.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        found = _sqlite(url.removeprefix("sqlite:///"), base, keep)
    elif scheme in ("psycopg3+pool", "psycopg3"):
        options = POOL_DEFAULTS if scheme.endswith("+pool") else {}
        found = connect_url(url, unquote_password=True, options="-c timezone=UTC", **options)
        found.connect_params.setdefault("connect_timeout", CONNECT_TIMEOUT)
    else:
        raise ValueError(f"{scheme or url}: use sqlite:///path or psycopg3+pool://user:password@host:port/name.")
    database.initialize(found)
    return found


class KeptSqlite(PooledSqliteDatabase):
    """SQLite whose connections are opened once and not for each request: opening costs as much as a small page."""

    def _connect(self) -> Any:
        connection = super()._connect()
        self._files.setdefault(id(connection), self._file())
        return connection

    def init(self, database: str, **options: Any) -> None:
        """Take the path of the file and the options of a pool."""
        self._files: dict[int, tuple[int, int] | None] = {}
        super().init(database, **options)

    def _is_closed(self, conn: Any) -> bool:
        # Somebody may have put another file in its place; SQLite itself leaves the journal of that one alone.
        moved = self._files.get(id(conn)) != self._file()
        if moved:
            self._close_raw(conn)
        return moved or super()._is_closed(conn)

    def _close_raw(self, conn: Any) -> None:
        self._files.pop(id(conn), None)
        super()._close_raw(conn)

    def _file(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.database)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


def _sqlite(path: str, base: Path, keep: bool = False) -> SqliteDatabase:
    if path != ":memory:":
        file = base / path
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = str(file)
    # IMMEDIATE: with deferred transactions concurrent writers fail with "database is locked" in spite of the time-out.
    pragmas = {"journal_mode": "wal", "synchronous": "normal", "foreign_keys": 1}
    if not keep or path == ":memory:":
        return SqliteDatabase(path, pragmas=pragmas, lock_type="IMMEDIATE", timeout=WAIT_SECONDS)
    # The time-out of a pool is for its connections: how long a lock is waited for is said apart.
    pragmas["busy_timeout"] = WAIT_SECONDS * 1000
    return KeptSqlite(path, pragmas=pragmas, lock_type="IMMEDIATE", check_same_thread=False, **POOL_DEFAULTS)


def is_sqlite() -> bool:
    """True on SQLite; the few places where the two databases differ ask here."""
    return isinstance(database.obj, SqliteDatabase)


def transaction(verb: Callable[P, R]) -> Callable[P, R]:
    """Run the function in one transaction; a nested call takes part in the outer one."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with database.atomic():
            return verb(*args, **kwargs)

    return run


@contextmanager
def connected() -> Iterator[None]:
    """A database connection for the block, closed after it, unless this thread had one open already."""
    opened = database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            database.close()


@contextmanager
def snapshot() -> Iterator[None]:
    """A connection of its own on which all is read as of one moment and nothing can be written."""
    with database.connection_context():
        if is_sqlite():
            database.execute_sql("PRAGMA query_only = 1")
            try:
                with database.atomic("DEFERRED"):
                    yield
            finally:
                # A connection that is kept serves somebody else next.
                database.execute_sql("PRAGMA query_only = 0")
        else:
            with database.atomic():
                database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield


class _InstantField(Field):
    """A moment in UTC, always aware in Python: timestamptz on PostgreSQL, fixed-width text on SQLite."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> datetime | str | None:
        if value is None or not is_sqlite():
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def python_value(self, value: datetime | str | None) -> datetime | None:
        if isinstance(value, str):
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        return value.astimezone(UTC) if value else None


class _JSONText(TextField):
    """A JSON value kept as canonical text (sorted keys), so that its bytes can be hashed."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else canonical(value)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


# What a row holds is the value, not the column: to the type checker both are Any, like Peewee's own fields.
InstantField: Any = _InstantField
JSONText: Any = _JSONText


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, dates as ISO text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in JSON here")


class Table(Model):
    """The base of every table: one database, snake-case names, and only changed columns are written."""

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True


def one_of(column: str, values: tuple[str, ...]) -> Check:
    """A CHECK that a column holds one of the values of a rules table (or NULL where the column allows it)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f"{column} IN ({listed})")


# So many rows a statement: the widest table stays far below the values that SQLite takes in one.
ROWS_AT_ONCE = 500


def insert_all(table: type[Table], rows: list[dict[str, Any]], but_known: bool = False) -> None:
    """Insert rows that all name the same fields; the others take their defaults. `but_known` leaves out what is there.

    Says and does what Peewee's insert_many does, whose writing of a statement takes longer than the database with it.
    """
    if not rows:
        return
    names = dict.fromkeys([*rows[0], *(field.name for field in table._meta.defaults)])
    fields = [table._meta.fields[name] for name in names]
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    marks = "(" + ", ".join([database.param] * len(fields)) + ")"
    end = " ON CONFLICT DO NOTHING" if but_known else ""
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[first : first + ROWS_AT_ONCE]
        values = [_stored(field, row) for row in some for field in fields]
        listed = ", ".join([marks] * len(some))
        database.execute_sql(f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES {listed}{end}', values)


def _stored(field: Field, row: dict[str, Any]) -> Any:
    value = row.get(field.name, field.default)
    return field.db_value(value() if callable(value) else value)


T = TypeVar("T", bound=Table)


def lock(model: type[T], subject_id: int, revision: int | None = None) -> T:
    """Read a row again inside the transaction and hold it until the end, from writers though not from references.

    Raises NotFound, and Stale when `revision` (what the person's page showed) is not the present one.
    """
    query = model.select().where(model._meta.primary_key == subject_id)
    row = (query if is_sqlite() else query.for_update("FOR NO KEY UPDATE")).get_or_none()
    if row is None:
        raise NotFound(f"There is no {model.__name__.lower()} {subject_id}.")
    if revision is not None and row.revision != revision:
        raise Stale("Somebody else changed this after you opened the page.")
    return row


def save(row: Table) -> None:
    """Write the changed columns of a locked row and count its revision up."""
    row.revision += 1
    row.save()
