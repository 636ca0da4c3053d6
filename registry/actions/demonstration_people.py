"""The invented people of the demonstration, all at example.org, and the policing bodies of its invented forces."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.actions import passwords
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person
from registry.rules import calendar, wording

# One for all of them, told to whoever starts the demonstration: nothing in it is worth guarding.
PASSWORD = "pull cords save lives"
OWN = ("author", "approver", "case_officer", "administrator")
AUDIT = {"audit_planner": "planner@example.org", "auditor": "auditor@example.org"}
# The forces that also have a chief-officer delegate and a reader at their policing body.
COMPLETE = ("aldermere", "millhaven")
WEEK = timedelta(weeks=1)


def own(role: str) -> str:
    """The address of the regulator's person with that role."""
    return f"{role.replace('_', '-')}@example.org"


def liaison(slug: str) -> str:
    """The address of an organisation's liaison officer."""
    return f"liaison.{slug}@example.org"


def policing_body(slug: str) -> str:
    """The slug of the policing body of a force."""
    return f"lpb-{slug}"


# role -> the person to sign in as
SIGN_INS = {
    **{role: own(role) for role in OWN},
    "liaison_officer": liaison(COMPLETE[0]),
    "chief_officer_delegate": f"delegate.{COMPLETE[0]}@example.org",
    **AUDIT,
    "local_policing_body_reader": f"reader.{policing_body(COMPLETE[0])}@example.org",
}


@dataclass(frozen=True)
class _Role:
    """Who is to be created: a role in an organisation, under an address."""

    role: str
    slug: str
    email: str


def seed(began: datetime) -> None:
    """Create a policing body for each force, and the people with their roles since `began`."""
    forces = list(Organisation.select().where(Organisation.type == "territorial").order_by(Organisation.id))
    for force in forces:
        Organisation.create(
            slug=policing_body(force.slug),
            name=f"Police and Crime Commissioner for {_short(force.name)} (demonstration)",
            type="pcc",
            region=force.region,
            force=force,
        )
    _create(_cast(force.slug for force in forces), began)


def seed_deputies(now: datetime) -> None:
    """A second liaison officer in two forces: one stands in for the lead soon, the other is yet to sign in.

    After the story, so that nobody in it is written to twice.
    """
    today = calendar.day_of(now)
    for slug in COMPLETE:
        organisation = Organisation.get(Organisation.slug == slug)
        lead = Membership.get((Membership.organisation == organisation.id) & Membership.lead)
        signed_in = slug == COMPLETE[0]
        second = Person.create(
            email=f"second.{slug}@example.org",
            name=f"Second liaison officer for {_short(organisation.name)} (demonstration)",
            password_hash=lead.person.password_hash if signed_in else None,
            created_at=now,
        )
        held = {"person": second, "organisation": organisation, "role": "liaison_officer"}
        Membership.create(**held, from_on=today)
        if signed_in:
            Membership.create(**held, lead=True, from_on=today + 2 * WEEK, to_on=today + 4 * WEEK, deputy_for=lead)


def _cast(forces: Iterable[str]) -> Iterator[_Role]:
    for role in OWN:
        yield _Role(role, "regulator", own(role))
    for role, email in AUDIT.items():
        yield _Role(role, "audit-body", email)
    for slug in (*forces, "chiefs-council", "practice-college"):
        yield _Role("liaison_officer", slug, liaison(slug))
    for slug in COMPLETE:
        yield _Role("chief_officer_delegate", slug, f"delegate.{slug}@example.org")
        body = policing_body(slug)
        yield _Role("local_policing_body_reader", body, f"reader.{body}@example.org")


def _create(cast: Iterable[_Role], began: datetime) -> None:
    """Each person with the one role; the password is hashed once, since hashing is slow on purpose."""
    organisations = {one.slug: one for one in Organisation.select()}
    hashed = passwords.hash_password(PASSWORD)
    for one in cast:
        organisation = organisations[one.slug]
        whose = "" if one.slug in ("regulator", "audit-body") else f" for {_short(organisation.name)}"
        name = f"{wording.ROLE[one.role]}{whose} (demonstration)"
        person = Person.create(email=one.email, name=name, password_hash=hashed, created_at=began)
        Membership.create(
            person=person,
            organisation=organisation,
            role=one.role,
            lead=one.role == "liaison_officer",
            from_on=calendar.day_of(began),
        )


def _short(name: str) -> str:
    """The place in a force's name, or another organisation's name without its mark."""
    return re.sub(r" (Metropolitan Police|Police|Constabulary|\(demonstration\))$", "", name)
