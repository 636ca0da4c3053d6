"""What those who manage people do: invite, give and end roles, name deputies and leads, disable and enable.

Whoever may does it for one organisation: its lead liaison officer, or the regulator's administrator for all.
The organisation is locked first, so that two people at once cannot leave it without anybody to manage it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from registry.actions import sign_ins as signing_in
from registry.records import history, messages, people, sessions, sign_ins, visibility
from registry.records.database import NotFound, lock, save, transaction
from registry.records.organisations import Organisation
from registry.records.people import SYSTEM_EMAIL, Membership, Person
from registry.records.sign_ins import OneTimeLink
from registry.rules import calendar, limits, permissions, wording
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed

LAST_OF_ALL = {
    "lead": "The organisation would be left without a lead. Appoint another lead first.",
    "administrator": "The register would be left without an administrator. Give somebody else that role first.",
}


@dataclass(frozen=True)
class Term:
    """A role for a time: `to_on` is its last day, None for no end. `lead`: manages the organisation's people."""

    role: str
    from_on: date
    to_on: date | None = None
    lead: bool = False


@transaction
def invite(
    organisation_id: int, email: str, name: str, term: Term, *, actor: Actor, now: datetime, by_mail: bool = True
) -> OneTimeLink | None:
    """Give somebody a role, by address, and a one-time link to set a password with if they have none yet.

    Somebody the register knows already keeps their name and gets a message only. `by_mail` False: no
    message; the link is handed over otherwise.
    """
    organisation = lock(Organisation, organisation_id)
    permissions.require(actor, "person:invite", organisation.id)
    person = _person(_address(email), _one_line(name), actor, now)
    membership = _give(person, organisation, term, actor, now)
    link = _tell(person, membership, now, by_mail)
    _record("person.invited", person, membership, actor, now, f"{person.name}, {person.email}")
    return link


@transaction
def grant(person_id: int, organisation_id: int, term: Term, *, actor: Actor, now: datetime) -> Membership:
    """Give somebody who is in the register another role. A lead gives them to the organisation's own people."""
    organisation = lock(Organisation, organisation_id)
    permissions.require(actor, "person:grant", organisation.id)
    person = _find(person_id, actor)
    membership = _give(person, organisation, term, actor, now)
    _tell(person, membership, now)
    _record("person.granted", person, membership, actor, now)
    return membership


@transaction
def end(membership_id: int, last_day: date, *, actor: Actor, now: datetime, revision: int | None = None) -> Membership:
    """End a role after its last day, and the deputies for it. Yesterday as the last day ends it at once."""
    membership = _lock(membership_id, "person:end", actor, revision)
    today = calendar.day_of(now)
    if last_day < today - timedelta(days=1):
        raise NotAllowed("The last day cannot be before yesterday: what was done until then was done in the role.")
    if membership.to_on is not None and membership.to_on < today:
        raise NotAllowed("This role has ended already.")
    if membership.to_on is not None and last_day > membership.to_on:
        raise NotAllowed(f"The role ends on {wording.day(membership.to_on)} already. For a longer time give it anew.")
    if membership.lead and membership.deputy_for_id is None:
        permissions.require(actor, "person:release_lead", membership.organisation_id)
    _keep_somebody(membership, last_day)
    membership.to_on = last_day
    save(membership)
    later = Membership.to_on.is_null() | (Membership.to_on > last_day)
    Membership.update(to_on=last_day).where((Membership.deputy_for == membership.id) & later).execute()
    _record("person.ended", membership.person, membership, actor, now)
    return membership


@transaction
def name_deputy(
    membership_id: int, person_id: int, from_on: date, to_on: date, *, actor: Actor, now: datetime
) -> Membership:
    """Let somebody of the same organisation stand in for the holder of a role, from one day to another."""
    held = _lock(membership_id, "person:name_deputy", actor)
    deputy = lock(Person, person_id)
    today = calendar.day_of(now)
    if deputy.id == held.person_id:
        raise NotAllowed("Nobody is their own deputy. Choose somebody else.")
    if held.lead:
        # Standing in for a lead is leading: whoever stands in themselves neither prolongs it nor hands it on.
        permissions.require(actor, "person:appoint_lead", held.organisation_id)
    if held.lead or held.role not in people.roles_from(deputy.id, today):
        _require_other(deputy.id, actor)
    if not deputy.active or not people.belongs(deputy.id, held.organisation_id, today):
        raise NotAllowed("A deputy must belong to the same organisation. Invite them first.")
    if held.deputy_for_id is not None:
        raise NotAllowed("A deputy has no deputy. Name one for the person who is absent.")
    _check_days(from_on, to_on, today)
    if held.to_on is not None and held.to_on < to_on:
        raise NotAllowed("The role ends before the deputy would. Give an earlier last day.")
    if people.stands_in(deputy.id, held, from_on, to_on):
        raise NotAllowed("This person is the deputy in some of these days already.")
    membership = Membership.create(
        person=deputy,
        organisation=held.organisation_id,
        role=held.role,
        # Whoever stands in for a lead does a lead's work.
        lead=held.lead,
        from_on=from_on,
        to_on=to_on,
        deputy_for=held.id,
    )
    _tell(deputy, membership, now)
    _record("person.deputy_named", deputy, membership, actor, now)
    return membership


@transaction
def appoint_lead(membership_id: int, *, actor: Actor, now: datetime, revision: int | None = None) -> Membership:
    """Let a liaison officer manage the organisation's people."""
    membership = _lock(membership_id, "person:appoint_lead", actor, revision)
    today = calendar.day_of(now)
    if membership.role != "liaison_officer" or membership.deputy_for_id is not None:
        raise NotAllowed("Only a liaison officer can be a lead.")
    _require_other(membership.person_id, actor)
    if membership.lead:
        raise NotAllowed("This person is a lead already.")
    if not membership.person.active or not people.holds(membership, today):
        raise NotAllowed("This role does not hold today.")
    membership.lead = True
    save(membership)
    _record("person.lead_appointed", membership.person, membership, actor, now)
    return membership


@transaction
def release_lead(membership_id: int, *, actor: Actor, now: datetime, revision: int | None = None) -> Membership:
    """Let a lead be one no longer; they stay a liaison officer. Never the last one."""
    membership = _lock(membership_id, "person:release_lead", actor, revision)
    if not membership.lead or membership.deputy_for_id is not None:
        raise NotAllowed("This person is not a lead.")
    _keep_somebody(membership, calendar.day_of(now) - timedelta(days=1))
    membership.lead = False
    save(membership)
    Membership.update(lead=False).where(Membership.deputy_for == membership.id).execute()
    _record("person.lead_released", membership.person, membership, actor, now)
    return membership


@transaction
def disable(person_id: int, *, actor: Actor, now: datetime) -> Person:
    """Shut somebody out at once: every session ends, no link works, no message goes. Their work stays.

    Never the last administrator. The last lead of an organisation can be: safety comes first, and the page says so.
    """
    permissions.require(actor, "person:disable")
    # Whoever disables another waits here, so that no two administrators disable each other.
    lock(Organisation, Organisation.get(Organisation.type == "regulator").id)
    person = lock(Person, person_id)
    if person.email == SYSTEM_EMAIL or person.id == actor.person_id:
        raise NotAllowed("You cannot disable yourself or the register. Ask another administrator.")
    if not person.active:
        raise NotAllowed("This person is disabled already.")
    for membership in person.memberships.where(Membership.role == "administrator"):
        _keep_somebody(membership, calendar.day_of(now) - timedelta(days=1))
    person.active = False
    person.save()
    sign_ins.use_up_links(person, now)
    facts = {"sessions": sessions.end_all(person.id, now)}
    history.record("person.disabled", person, person_id=actor.person_id, at=now, facts=facts)
    return person


@transaction
def enable(person_id: int, *, actor: Actor, now: datetime) -> Person:
    """Let somebody in again who was disabled, with the password and the roles they had."""
    permissions.require(actor, "person:enable")
    person = lock(Person, person_id)
    if person.active:
        raise NotAllowed("This person can sign in already.")
    person.active = True
    person.save()
    history.record("person.enabled", person, person_id=actor.person_id, at=now)
    return person


@transaction
def send_link(person_id: int, *, actor: Actor, now: datetime, by_mail: bool = True) -> OneTimeLink:
    """Send the invitation again, or to somebody with a password a link to set another."""
    person = _find(person_id, actor)
    held = person.memberships.where(visibility.members(actor)).first()
    permissions.require(actor, "person:send_link", held.organisation_id if held else None)
    if not person.active:
        raise NotAllowed("This person is disabled. Enable them first.")
    everybody = actor.has("administrator", "system")
    if not everybody and people.held_elsewhere(person.id, actor.led(), calendar.day_of(now)):
        raise permissions.NotPermitted("This person works for another organisation too. Ask the administrator.")
    purpose = "reset" if person.password_hash else "invitation"
    link = signing_in.send_link(person, purpose, now) if by_mail else sign_ins.new_link(person, purpose, now)
    history.record("person.link_sent", person, person_id=actor.person_id, at=now, facts={"purpose": purpose})
    return link


# ---- what they share


def _lock(membership_id: int, permission: str, actor: Actor, revision: int | None = None) -> Membership:
    """The membership, with its organisation locked before it."""
    found = Membership.get_or_none(Membership.id == membership_id)
    if found is None:
        raise NotFound(f"There is no membership {membership_id}.")
    lock(Organisation, found.organisation_id)
    permissions.require(actor, permission, found.organisation_id)
    membership = lock(Membership, membership_id, revision)
    if membership.role == "system":
        raise NotAllowed("The register itself keeps its role.")
    return membership


def _find(person_id: int, actor: Actor) -> Person:
    """The person, locked, if the actor manages them."""
    person = lock(Person, person_id)
    everybody = actor.has("administrator", "system")
    if person.email == SYSTEM_EMAIL:
        raise NotAllowed("The register itself keeps its role.")
    if not everybody and not person.memberships.where(visibility.members(actor)).exists():
        raise permissions.NotPermitted("You manage the people of your own organisation only.")
    return person


def _address(email: str) -> str:
    found = email.strip().lower()
    if not limits.is_address(found):
        raise NotAllowed("Enter one e-mail address, such as name@example.org.")
    return found


def _one_line(name: str) -> str:
    found = " ".join(name.split())
    if limits.is_blank(found) or limits.has_unseen(found) or len(found) > limits.LINE:
        raise NotAllowed("Enter the name on one line, in 200 characters or fewer.")
    return found


def _person(email: str, name: str, actor: Actor, now: datetime) -> Person:
    """The person with the address, new where nobody has it. A lead learns nothing of people elsewhere."""
    # Two organisations may invite the same new address at once: the second finds whom the first has made.
    made = Person.insert(email=email, name=name, created_at=now).on_conflict_ignore().execute()
    person = Person.get(Person.email == email)
    if made and person.password_hash is None and not person.memberships.exists():
        return person
    if actor.has("administrator", "system"):
        return person
    if not person.active or people.held_elsewhere(person.id, actor.led(), calendar.day_of(now)):
        raise NotAllowed("This address cannot be invited here. Ask the regulator's administrator to give the role.")
    return person


def _require_other(person_id: int, actor: Actor) -> None:
    """Raise NotAllowed when somebody would give a role to themselves."""
    if person_id == actor.person_id:
        raise NotAllowed("Nobody gives a role to themselves. Ask another lead or an administrator.")


def _give(person: Person, organisation: Organisation, term: Term, actor: Actor, now: datetime) -> Membership:
    today = calendar.day_of(now)
    _require_other(person.id, actor)
    if term.lead:
        permissions.require(actor, "person:appoint_lead", organisation.id)
    if term.role not in permissions.roles_in(organisation.type):
        raise NotAllowed("There is no such role in this organisation.")
    if term.lead and term.role != "liaison_officer":
        raise NotAllowed("Only a liaison officer can be a lead.")
    if not person.active:
        raise NotAllowed("This person is disabled. Enable them first.")
    _check_days(term.from_on, term.to_on, today)
    _keep_apart(term.role, people.roles_from(person.id, today))
    if people.overlaps(person.id, organisation.id, term.role, term.from_on, term.to_on):
        raise NotAllowed("This person holds that role in these days already.")
    membership = Membership(
        person=person,
        organisation=organisation,
        role=term.role,
        lead=term.lead,
        from_on=term.from_on,
        to_on=term.to_on,
    )
    if term.to_on:
        _keep_somebody(membership, term.to_on)
    membership.save()
    return membership


def _keep_apart(role: str, held: set[str]) -> None:
    """Refuse a role to whoever would then both ask or audit, and answer: an auditor never belongs to a force."""
    if any(permissions.independent(role) != permissions.independent(other) for other in held):
        raise NotAllowed("Nobody works for the regulator or the audit body and for an organisation they ask as well.")


def _check_days(from_on: date, to_on: date | None, today: date) -> None:
    if from_on < today:
        raise NotAllowed("The first day cannot be in the past. Give today or a later day.")
    if to_on is not None and to_on < from_on:
        raise NotAllowed("The last day cannot be before the first day.")


def _keep_somebody(membership: Membership, last_day: date) -> None:
    """Refuse to let a lead or an administrator go after that day unless another one is there without end."""
    if membership.deputy_for_id is not None:
        return
    for what, concerned in (("lead", membership.lead), ("administrator", membership.role == "administrator")):
        if concerned and not people.others_stay(membership, what, last_day + timedelta(days=1)):
            raise NotAllowed(LAST_OF_ALL[what])


def _tell(person: Person, membership: Membership, now: datetime, by_mail: bool = True) -> OneTimeLink | None:
    if person.password_hash is None:
        return (
            signing_in.send_link(person, "invitation", now) if by_mail else sign_ins.new_link(person, "invitation", now)
        )
    if by_mail:
        messages.queue("role_given", [person.id], str(membership.id), day=calendar.day_of(now), at=now)
    return None


def _record(verb: str, person: Person, membership: Membership, actor: Actor, now: datetime, detail: str = "") -> None:
    facts: dict[str, Any] = {
        "membership": membership.id,
        "organisation": Organisation.get_by_id(membership.organisation_id).slug,
        "role": membership.role,
        "lead": membership.lead,
        "from_on": membership.from_on,
        "to_on": membership.to_on,
    }
    history.record(verb, person, person_id=actor.person_id, at=now, facts=facts, detail=detail)
