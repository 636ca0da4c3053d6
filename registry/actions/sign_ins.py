"""Signing in and out, held to a number of tries that counts across processes, and the log of both."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.actions import passwords
from registry.records import history, messages, people, sessions, sign_ins
from registry.records.database import lock, transaction
from registry.records.installation import Installation
from registry.records.messages import Message
from registry.records.people import SYSTEM_EMAIL, Person
from registry.records.sessions import Session
from registry.records.sign_ins import OneTimeLink, SignInAttempt
from registry.rules import calendar, permissions
from registry.rules import sign_ins as rules
from registry.rules.permissions import Actor


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: the network address that counts, and the coarse name of the browser."""

    network: str
    agent: str = ""


class TooOften(Exception):
    """Too many wrong passwords; `free_at` is when the next one will be looked at."""

    def __init__(self, free_at: datetime):
        super().__init__("Too many tries.")
        self.free_at = free_at


def sign_in(email: str, password: str, *, origin: Origin, now: datetime) -> tuple[str, Session] | None:
    """Begin a session; returns its key and its row, or None when address and password do not belong together.

    Raises TooOften without looking at the password. Addresses nobody has are counted like any other.
    The try is counted before the password is checked, so that no number of processes checks more than allowed.
    """
    attempt = _admit(email, origin, now)
    return _begin(attempt, passwords.check(email, password), origin, now)


def confirm(person: Person, password: str, *, origin: Origin, now: datetime) -> bool:
    """True when it is the person's password. Counted like a sign-in: a borrowed screen is no place to guess either."""
    attempt = _admit(person.email, origin, now)
    found = passwords.check(person.email, password)
    _settle(attempt, "signed_in" if found else "wrong")
    return found is not None


def _admit(email: str, origin: Origin, now: datetime) -> SignInAttempt:
    attempt, free_at = _count(email, origin, now)
    if free_at:
        raise TooOften(free_at)
    return attempt


@transaction
def _count(email: str, origin: Origin, now: datetime) -> tuple[SignInAttempt, datetime | None]:
    """Count a try as wrong until it is known to be right, or refuse it; either is logged."""
    account = rules.account(email)
    sign_ins.lock_counts(account, origin.network)
    free_at = sign_ins.free_at(account, origin.network, now)
    return _log(email, origin, "refused" if free_at else "checking", now), free_at


def _log(email: str, origin: Origin, outcome: str, now: datetime) -> SignInAttempt:
    person = Person.get_or_none(Person.email == email.strip().lower())
    return SignInAttempt.create(
        at=now, account=rules.account(email), person=person, network=origin.network, outcome=outcome
    )


def _settle(attempt: SignInAttempt, outcome: str) -> None:
    SignInAttempt.update(outcome=outcome).where(SignInAttempt.id == attempt.id).execute()


@transaction
def _begin(attempt: SignInAttempt, found: Person | None, origin: Origin, now: datetime) -> tuple[str, Session] | None:
    # Read again: who was disabled, or got another password, while this one was being checked is not let in.
    person = lock(Person, found.id) if found else None
    if person is None or found is None or not person.active or person.password_hash != found.password_hash:
        _settle(attempt, "wrong")
        return None
    _settle(attempt, "signed_in")
    return new_session(person, origin, now)


def new_session(person: Person, origin: Origin, now: datetime) -> tuple[str, Session]:
    """A session for the person under a new key, which is returned and not kept."""
    key = secrets.token_urlsafe(32)
    session = Session.create(
        key_hash=sessions.key_hash(key), person=person, created_at=now, last_seen_at=now, agent=origin.agent
    )
    return key, session


@transaction
def sign_out(session: Session, *, now: datetime) -> None:
    """End a session: a copy of its cookie is worth nothing afterwards."""
    Session.update(ended_at=now).where((Session.id == session.id) & Session.ended_at.is_null()).execute()


@transaction
def ask_for_reset(email: str, *, origin: Origin, now: datetime) -> None:
    """Send the holder of an address a link to set a new password.

    For an address nobody has the same is done and written, to the register's own person, whose
    messages are never sent: neither the answer nor its time tells which it was. Wrong passwords do not
    count here: a new password is the way in for whom others' guesses shut out.
    """
    account = rules.account(email)
    sign_ins.lock_counts(account, origin.network)
    free_at = sign_ins.network_free(origin.network, ("reset_asked",), now)
    asked = sign_ins.count(account, "reset_asked", now - rules.RESET_WINDOW)
    _log(email, origin, "refused" if free_at else "reset_asked", now)
    stand_in, person = Person.get(Person.email == SYSTEM_EMAIL), people.by_email(email)
    if free_at is None and asked < rules.RESET_MOST:
        send_link(person or stand_in, "reset", now)


def send_link(person: Person, purpose: str, now: datetime) -> OneTimeLink:
    """A new one-time link, and the message that takes it to the person."""
    link = sign_ins.new_link(person, purpose, now)
    messages.queue(purpose, [person.id], str(link.id), day=calendar.day_of(now), at=now)
    return link


@transaction
def log_refusal(outcome: str, *, origin: Origin, now: datetime, person: Person | None = None) -> None:
    """Log that something was refused: a link that does not work, or what a role does not allow."""
    SignInAttempt.create(
        at=now,
        account=rules.account(person.email if person else ""),
        person=person,
        network=origin.network,
        outcome=outcome,
    )


@transaction
def forget(days: int, *, actor: Actor, now: datetime) -> int:
    """Delete what is older than so many days: the security log, sessions, links and messages to nobody.

    Returns the lines of the log deleted. Records one event, and none when there was nothing.
    """
    permissions.require(actor, "sign_in:forget")
    before = now - timedelta(days=days)
    nobody = Person.select(Person.id).where(Person.email == SYSTEM_EMAIL)
    gone = {
        "attempts": SignInAttempt.delete().where(SignInAttempt.at < before).execute(),
        "sessions": Session.delete().where(Session.created_at < before).execute(),
        "links": OneTimeLink.delete().where(OneTimeLink.expires_at < before).execute(),
        "messages": Message.delete()
        .where(Message.person.in_(nobody) & (Message.kind == "reset") & (Message.next_at < before))
        .execute(),
    }
    if any(gone.values()):
        facts = gone | {"days": days}
        history.record("attempts.forgotten", Installation.get(), person_id=actor.person_id, at=now, facts=facts)
    return gone["attempts"]
