"""What `registry doctor` and `registry status` ask the database: what it is, holds, and whether it takes writing."""

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from registry.records.assignments import Assignment
from registry.records.database import database, is_sqlite
from registry.records.history import History
from registry.records.installation import Installation
from registry.records.jobs import SlotClaim
from registry.records.messages import Message
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Notice, Recommendation

# The oldest that know what the tables and guards are made of: FTS5 and upserts, CREATE OR REPLACE TRIGGER.
OLDEST_SQLITE = (3, 35)
OLDEST_POSTGRESQL = (14, 0)
COUNTED = (
    ("notice", Notice),
    ("recommendation", Recommendation),
    ("assignment", Assignment),
    ("organisation", Organisation),
    ("account", Person),
)


def counts() -> dict[str, int]:
    """How many rows there are of what people count: word in the singular -> number."""
    return {word: model.select().count() for word, model in COUNTED}


def server() -> str:
    """The database program in a few words, such as "PostgreSQL 15.4, encoding UTF8, time zone UTC"."""
    version = ".".join(str(number) for number in _version())
    if is_sqlite():
        return f"SQLite {version}, journal {_ask('PRAGMA journal_mode')}"
    return f"PostgreSQL {version}, encoding {_ask('SHOW server_encoding')}, time zone {_ask('SHOW timezone')}"


def server_faults() -> list[str]:
    """What is wrong with how the database program is set up, a sentence each."""
    oldest = OLDEST_SQLITE if is_sqlite() else OLDEST_POSTGRESQL
    wanted = [(_version() >= oldest, f"Version {oldest[0]}.{oldest[1]} or newer is needed.")]
    if is_sqlite():
        # In memory there is no journal to speak of.
        mode = _ask("PRAGMA journal_mode")
        wanted += [
            (mode in ("wal", "memory"), f"The journal is {mode}, not wal: readers and writers wait on each other.")
        ]
        wanted += [(_ask("PRAGMA quick_check(1)") == "ok", "The file is damaged: restore a backup.")]
    else:
        wanted += [(_ask("SHOW server_encoding") == "UTF8", "Create the database anew with the encoding UTF8.")]
        wanted += [(_ask("SHOW timezone") == "UTC", "The time zone of the session is not UTC.")]
    return [sentence for good, sentence in wanted if not good]


def try_writing() -> None:
    """Write and take it back; raises what the database raises when it may not be written."""
    with database.atomic() as attempt:
        Installation.update(kind=Installation.kind).execute()
        attempt.rollback()


def clock() -> datetime | None:
    """What time it is by the database's own clock; None on SQLite, which has that of this machine."""
    return None if is_sqlite() else _ask("SELECT clock_timestamp()")


def last_event_at() -> datetime | None:
    """When the newest event of the history happened."""
    newest = History.select(History.at).order_by(History.id.desc()).first()
    return newest.at if newest else None


def last_finished(job: str) -> datetime | None:
    """When a worker last finished a job that runs in slots."""
    run = (SlotClaim.job == job) & SlotClaim.finished_at.is_null(False)
    newest = SlotClaim.select().where(run).order_by(SlotClaim.slot_at.desc()).first()
    return newest.finished_at if newest else None


def overdue_messages(now: datetime, patience: timedelta) -> int:
    """How many messages should have left longer than `patience` ago and wait still."""
    late = Message.state.in_(("queued", "sending")) & (Message.next_at < now - patience)
    return Message.select(fn.COUNT(Message.id)).where(late).scalar()


def _version() -> tuple[int, ...]:
    if is_sqlite():
        return tuple(int(number) for number in _ask("SELECT sqlite_version()").split("."))
    number = int(_ask("SHOW server_version_num"))
    return number // 10_000, number % 10_000


def _ask(question: str) -> Any:
    return database.execute_sql(question).fetchone()[0]
