"""Bring the database up to date, one process at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playhouse.migrations import Runner

from registry.records import guards, search
from registry.records.database import database, is_sqlite

# Any fixed number: it names the one lock that orders migrations on PostgreSQL.
MIGRATE_LOCK = 7_202_008


def migrate(folder: Path) -> list[str]:
    """Apply what is pending in `folder`, under a lock, and reinstall the guards. Returns the names applied."""
    with _one_at_a_time():
        applied = Runner(database.obj, str(folder)).up()
        with database.atomic():
            guards.install()
    return applied


def pending(folder: Path) -> list[str]:
    """The names of migrations not applied yet."""
    return [m.name for m in Runner(database.obj, str(folder)).status() if m.applied is None]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A session advisory lock on PostgreSQL; on SQLite a lock on a file beside the database."""
    if not is_sqlite():
        with database.connection_context():
            yield from _with_advisory_lock()
    elif database.obj.database == ":memory:":
        yield
    else:
        with open(f"{database.obj.database}.migrating", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _with_advisory_lock() -> Iterator[None]:
    database.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATE_LOCK,))
    try:
        yield
    finally:
        database.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATE_LOCK,))


def drop_everything() -> None:
    """Empty the database of tables and all. For a demonstration only: whoever calls it has made sure of that."""
    if not is_sqlite():
        database.execute_sql("DROP SCHEMA public CASCADE")
        database.execute_sql("CREATE SCHEMA public")
        return
    database.execute_sql("PRAGMA foreign_keys = OFF")
    for (name,) in list(database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table'")):
        # A full-text table takes its own inner tables with it.
        inner = name.startswith(search.NAME) and name.endswith(search.INNER)
        if not name.startswith("sqlite_") and not inner:
            database.execute_sql(f'DROP TABLE IF EXISTS "{name}"')
    database.execute_sql("PRAGMA foreign_keys = ON")
