"""What people do with their own account: set a password by a link, change it, end sessions."""

from datetime import datetime

from registry.actions import passwords
from registry.actions import sign_ins as signing_in
from registry.actions.sign_ins import Origin
from registry.records import history, sessions, sign_ins
from registry.records.database import NotFound, lock, transaction
from registry.records.people import Person
from registry.records.sessions import Session
from registry.records.sign_ins import OneTimeLink, SignInAttempt
from registry.rules import permissions
from registry.rules import sign_ins as rules
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


class LinkOver(Exception):
    """A one-time link that was used or has expired."""


def set_password(token: str, password: str, *, secret: str, origin: Origin, now: datetime) -> Person:
    """Set the password of whoever holds a one-time link, and use the link up. Ends every session.

    Raises NotFound for a link there never was, LinkOver, or NotAllowed when the password is too weak.
    """
    link = sign_ins.find_link(token, secret)
    if link is None:
        raise NotFound("There is no such link.")
    if not sign_ins.is_open(link, now):
        raise LinkOver(link.purpose)
    return _use(link.id, passwords.new_hash(password, link.person), origin, now)


@transaction
def _use(link_id: int, hashed: str, origin: Origin, now: datetime) -> Person:
    person = lock(Person, OneTimeLink.get_by_id(link_id).person_id)
    link = lock(OneTimeLink, link_id)
    if not sign_ins.is_open(link, now):
        raise LinkOver(link.purpose)
    ended = _take_over(person, hashed, now)
    SignInAttempt.create(
        at=now, account=rules.account(person.email), person=person, network=origin.network, outcome="password_set"
    )
    facts = {"by": link.purpose, "sessions": ended}
    history.record("account.password_set", person, person_id=person.id, at=now, facts=facts)
    return person


def new_password(
    present: str, password: str, *, actor: Actor, session_id: int, origin: Origin, now: datetime
) -> Person:
    """Change one's password, knowing the present one.

    Raises NotAllowed when that is wrong or the new one too weak, and sign_ins.TooOften.
    """
    person = Person.get_by_id(actor.person_id)
    if not signing_in.confirm(person, present, origin=origin, now=now):
        raise NotAllowed("The present password is not right. Enter it again.")
    return change_password(passwords.new_hash(password, person), actor=actor, session_id=session_id, now=now)


@transaction
def change_password(hashed: str, *, actor: Actor, session_id: int, now: datetime) -> Person:
    """Keep another password, and end every other session of the person: somebody may have known the old one."""
    permissions.require(actor, "account:change_password")
    person = _own(actor)
    ended = _take_over(person, hashed, now, but=session_id)
    history.record("account.password_changed", person, person_id=actor.person_id, at=now, facts={"sessions": ended})
    return person


def _take_over(person: Person, hashed: str, now: datetime, but: int | None = None) -> int:
    person.password_hash = hashed
    person.save()
    sign_ins.use_up_links(person, now)
    return sessions.end_all(person.id, now, but=but)


def _own(actor: Actor) -> Person:
    if actor.person_id is None:
        raise NotFound("Nobody is signed in.")
    return lock(Person, actor.person_id)


@transaction
def end_session(session_id: int, *, actor: Actor, now: datetime) -> Session:
    """End one of one's own sessions."""
    permissions.require(actor, "account:end_session")
    session = lock(Session, session_id)
    if session.person_id != actor.person_id:
        raise NotFound(f"There is no session {session_id}.")
    if session.ended_at is not None:
        raise NotAllowed("This session has ended already.")
    session.ended_at = now
    session.save()
    history.record("account.session_ended", session, person_id=actor.person_id, at=now)
    return session


@transaction
def end_other_sessions(session_id: int, *, actor: Actor, now: datetime) -> int:
    """End all of one's own sessions but the one given; returns how many. No event when there was none."""
    permissions.require(actor, "account:end_other_sessions")
    person = _own(actor)
    ended = sessions.end_all(person.id, now, but=session_id)
    if ended:
        facts = {"sessions": ended}
        history.record("account.other_sessions_ended", person, person_id=actor.person_id, at=now, facts=facts)
    return ended
