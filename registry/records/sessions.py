"""Sign-ins that last: one row for each browser somebody is signed in with. The cookie has the key, the row its hash."""

import hashlib
from datetime import datetime, timedelta

from peewee import CharField, Expression, ForeignKeyField, ModelSelect

from registry.records.database import InstantField, Table
from registry.records.people import Person


class Session(Table):
    """One sign-in. Over when ended, when the person is disabled, or too long after it was created.

    `last_seen_at` is the last time something was sent (a POST): reading writes nothing. How long the
    person has been idle is told by the signed cookie, which every page renews.
    """

    key_hash = CharField(max_length=64, unique=True)
    person = ForeignKeyField(Person, backref="sessions")
    created_at = InstantField()
    last_seen_at = InstantField()
    ended_at = InstantField(null=True)
    agent = CharField(max_length=60, default="")


def key_hash(key: str) -> str:
    """What is stored of a session's key: whoever reads the table cannot sign in with it."""
    return hashlib.sha256(key.encode()).hexdigest()


def live(now: datetime, lifetime: timedelta) -> Expression:
    """The condition that a session has not ended and is not too old."""
    return Session.ended_at.is_null() & (Session.created_at > now - lifetime)


def find(key: str, now: datetime, lifetime: timedelta) -> Session | None:
    """The live session with that key, with its active person; one query, or None."""
    return (
        Session.select(Session, Person)
        .join(Person)
        .where((Session.key_hash == key_hash(key)) & live(now, lifetime) & Person.active)
        .get_or_none()
    )


def owner(key: str) -> int | None:
    """Whose session it is or was, by its key; None when there was none."""
    found = Session.select(Session.person).where(Session.key_hash == key_hash(key)).tuples().first()
    return found[0] if found else None


def of(person: Person, now: datetime, lifetime: timedelta) -> ModelSelect:
    """The live sessions of a person, newest first."""
    return Session.select().where((Session.person == person.id) & live(now, lifetime)).order_by(Session.id.desc())


def end_all(person_id: int, now: datetime, but: int | None = None) -> int:
    """End every session of a person, but perhaps one; returns how many."""
    where = (Session.person == person_id) & Session.ended_at.is_null()
    if but is not None:
        where &= Session.id != but
    return Session.update(ended_at=now).where(where).execute()


def touch(session: Session, now: datetime) -> None:
    """Record that something was sent in a session."""
    Session.update(last_seen_at=now).where(Session.id == session.id).execute()
