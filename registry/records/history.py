"""The history: one append-only, hash-chained row per event.

`hash` covers every other column in a canonical text; personal and free text lie apart in
`history_detail`, held by a commitment, so that they can be redacted and the chain stays whole.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from json.encoder import encode_basestring
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
    # All that can be made ready is made ready before the lock that orders the writers.
    salt = secrets.token_hex(16) if detail else ""
    promised = commitment(salt, detail) if detail else None
    said = (person_id, verb, subject._meta.table_name, subject.id, canonical(facts or {}), promised)
    append = _append_on_sqlite if is_sqlite() else _append_on_postgresql
    number, previous, hash = append(at, said, detail, salt)
    return History(**dict(zip(COLUMNS, (number, at, *said, previous, hash), strict=True)))


def _append_on_sqlite(at: datetime, said: tuple[Any, ...], detail: str, salt: str) -> tuple[int, str, str]:
    head = database.execute_sql("SELECT id, hash FROM history ORDER BY id DESC LIMIT 1").fetchone()
    number, previous = (head[0] + 1, head[1]) if head else (1, GENESIS)
    hash = hashlib.sha256(f'[{number}{_middle(at, said)}{previous}"]'.encode()).hexdigest()
    database.execute_sql(_INSERT, (number, History.at.db_value(at), *said, previous, hash))
    if detail:
        database.execute_sql(_INSERT_DETAIL, (number, detail, salt))
    return number, previous, hash


def _append_on_postgresql(at: datetime, said: tuple[Any, ...], detail: str, salt: str) -> tuple[int, str, str]:
    """In a function of the database (see `guards`): the head is read, sealed and written while nobody waits for us."""
    values = (APPEND_LOCK, GENESIS, at, *said, _middle(at, said), detail, salt)
    marks = ", ".join(["%s"] * len(values))
    return database.execute_sql(f"SELECT number, before, seal FROM history_append({marks})", values).fetchone()


def _middle(at: datetime, said: tuple[Any, ...]) -> str:
    """The canonical text between the number of an event and the hash of the one before."""
    return canonical([instant_text(at), *said, ""]).replace("[", ",", 1)[:-2]


# The columns in the order in which the hash has them; it covers all but itself.
COLUMNS = (
    "id",
    "at",
    "person_id",
    "verb",
    "subject_type",
    "subject_id",
    "facts",
    "detail_commitment",
    "previous",
    "hash",
)
_INSERT = f"INSERT INTO history ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_INSERT_DETAIL = "INSERT INTO history_detail (history_id, text, salt) VALUES (?, ?, ?)"
# Characters of an instant as SQLite keeps it.
_WIDTH = len("2026-03-02T09:00:00.000000Z")


def digest(row: tuple[Any, ...]) -> str | None:
    """SHA-256 over the canonical text of COLUMNS but the last; None where they cannot be an event's.

    The row is as the database gives it. The text is that of `database.canonical`, put together by hand: a million
    of them in some seconds.
    """
    number, at, person, verb, subject, subject_id, facts, promised, previous, _ = row
    try:
        told = _told(at)
        texts = [encode_basestring(text) for text in (verb, subject, facts, previous)]
        held = "null" if promised is None else encode_basestring(promised)
    except TypeError:
        return None
    if told is None or not isinstance(person, int) or not isinstance(subject_id, int):
        return None
    said = f'[{number},"{told}",{person},{texts[0]},{texts[1]},{subject_id},{texts[2]},{held},{texts[3]}]'
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def digest_of(event: History) -> str:
    """The hash that an event with these columns must have."""
    found = digest(tuple(getattr(event, name) for name in COLUMNS))
    assert found is not None, "an event that was put together here has columns of the right kinds"
    return found


def _told(at: Any) -> str | None:
    """The instant as the hash has it; None for what is none."""
    if isinstance(at, datetime):
        return instant_text(at)
    # Text of a fixed width on SQLite: anything else was never written by the register.
    return f"{at[:-1]}+00:00" if isinstance(at, str) and len(at) == _WIDTH and at[-1] == "Z" else None


def instant_text(at: datetime) -> str:
    """An instant as hashes and signatures have it: in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def commitment(salt: str, text: str) -> str:
    """SHA-256 of salt and text: holds the detail without telling it."""
    return hashlib.sha256((salt + text).encode()).hexdigest()


def of(subject_type: str, subject_id: int) -> ModelSelect:
    """The events of one subject with the people who acted and the texts that are still there, newest first."""
    return (
        History.select(History, Person, HistoryDetail)
        .join(Person)
        .switch(History)
        .left_outer_join(HistoryDetail, on=(HistoryDetail.history == History.id), attr="detail")
        .where((History.subject_type == subject_type) & (History.subject_id == subject_id))
        .order_by(History.id.desc())
    )


def length() -> int:
    """How many events the history holds."""
    return History.select(fn.COUNT(History.id)).scalar()
