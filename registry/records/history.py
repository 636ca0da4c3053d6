"""The history: one append-only, hash-chained row per event.

`hash` covers every other column in a canonical text; personal and free text lie apart in
`history_detail`, held by a commitment, so that they can be redacted and the chain stays whole.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, ModelSelect, TextField, fn

from registry.records.database import InstantField, Table, canonical, database, is_sqlite
from registry.records.people import Person

GENESIS = "0" * 64
# The event that says that the text of another was taken out: only then may it be gone.
REDACTED = "history.redacted"
# Any fixed number: it names the one lock that orders appends on PostgreSQL.
APPEND_LOCK = 7_202_007


class History(Table):
    """One event. `id` is its number in the chain, without gaps."""

    id = IntegerField(primary_key=True)
    at = InstantField()
    person = ForeignKeyField(Person)
    verb = CharField(max_length=60)
    subject_type = CharField(max_length=30)
    subject_id = IntegerField()
    facts = TextField()
    detail_commitment = CharField(max_length=64, null=True)
    previous = CharField(max_length=64)
    hash = CharField(max_length=64)

    class Meta:
        indexes = ((("subject_type", "subject_id"), False),)


class HistoryDetail(Table):
    """The free text of an event, with the salt of its commitment."""

    history = ForeignKeyField(History, primary_key=True)
    text = TextField()
    salt = CharField(max_length=32)


def record(
    verb: str,
    subject: Table,
    *,
    person_id: int | None,
    at: datetime,
    facts: dict[str, Any] | None = None,
    detail: str = "",
) -> History:
    """Append one event. Call it last in a verb: on PostgreSQL its lock orders all writers until they commit.

    `facts` holds machine values only; anything a person wrote goes into `detail`.
    """
    if not is_sqlite():
        # The lock and the reading of the head are two statements: the second must see what the lock waited for.
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
    head = History.select(History.id, History.hash).order_by(History.id.desc()).first()
    salt = secrets.token_hex(16) if detail else ""
    event = History(
        id=head.id + 1 if head else 1,
        at=at,
        person=person_id,
        verb=verb,
        subject_type=subject._meta.table_name,
        subject_id=subject.id,
        facts=canonical(facts or {}),
        detail_commitment=commitment(salt, detail) if detail else None,
        previous=head.hash if head else GENESIS,
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    if detail:
        HistoryDetail.create(history=event, text=detail, salt=salt)
    return event


def digest(event: History) -> str:
    """SHA-256 over the canonical text of every column but the hash itself."""
    columns = [
        event.id,
        instant_text(event.at),
        event.person_id,
        event.verb,
        event.subject_type,
        event.subject_id,
        event.facts,
        event.detail_commitment,
        event.previous,
    ]
    return hashlib.sha256(canonical(columns).encode()).hexdigest()


def instant_text(at: datetime) -> str:
    """An instant as hashes and signatures have it: in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def commitment(salt: str, text: str) -> str:
    """SHA-256 of salt and text: holds the detail without telling it."""
    return hashlib.sha256((salt + text).encode()).hexdigest()


def of(subject_type: str, subject_id: int) -> ModelSelect:
    """The events of one subject with the people who acted, newest first."""
    return (
        History.select(History, Person)
        .join(Person)
        .where((History.subject_type == subject_type) & (History.subject_id == subject_id))
        .order_by(History.id.desc())
    )


def length() -> int:
    """How many events the history holds."""
    return History.select(fn.COUNT(History.id)).scalar()
