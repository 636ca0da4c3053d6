"""The people somebody manages: a lead those of the own organisation, the regulator's administrator all."""

from datetime import date

from peewee import JOIN, Case, ModelSelect, fn

from registry.records import visibility
from registry.records.database import NotFound
from registry.records.organisations import Organisation
from registry.records.people import SYSTEM_EMAIL, Membership, Person, held_on, memberships_of, with_names
from registry.rules import permissions
from registry.rules.permissions import Actor


def managed(actor: Actor, today: date) -> ModelSelect:
    """The organisations whose people the actor manages, with how many hold a role today and how many of them lead."""
    leading = fn.SUM(Case(None, ((Membership.lead, 1),), 0))
    query = (
        Organisation.select(
            Organisation,
            fn.COUNT(fn.DISTINCT(Membership.person)).alias("people"),
            fn.COALESCE(leading, 0).alias("leads"),
        )
        .join(Membership, JOIN.LEFT_OUTER, on=(Membership.organisation == Organisation.id) & held_on(today))
        .group_by(Organisation.id)
        .order_by(Organisation.name, Organisation.id)
    )
    everywhere = actor.has("administrator", "system")
    return query if everywhere else query.where(Organisation.id.in_(actor.led()))


def memberships_in(organisation: Organisation, today: date) -> ModelSelect:
    """The roles held in an organisation today or later, by name, with the people and who is stood in for."""
    there = (Membership.organisation == organisation.id) & (Membership.role != "system")
    return (
        with_names()
        .where(there & (Membership.to_on.is_null() | (Membership.to_on >= today)))
        .order_by(Person.name, Membership.role, Membership.id)
    )


def colleagues(membership: Membership, today: date) -> list[Person]:
    """Who could stand in for the holder of a role: the active people of the same organisation, by name."""
    there = (Membership.organisation == membership.organisation_id) & (Membership.person != membership.person_id)
    still = Membership.to_on.is_null() | (Membership.to_on >= today)
    ids = Membership.select(Membership.person).where(there & still & (Membership.role != "system"))
    return list(Person.select().where(Person.id.in_(ids) & Person.active).order_by(Person.name, Person.id))


def organisation(actor: Actor, slug: str) -> Organisation:
    """The organisation, if its people are the actor's to manage; else NotFound."""
    found = Organisation.get_or_none(Organisation.slug == slug)
    if found is None or not permissions.may(actor, "person:read", found.id):
        raise NotFound("There is no such organisation.")
    return found


def person(actor: Actor, person_id: int) -> Person:
    """The person, if a role they hold or held is the actor's to manage; else NotFound."""
    found = Person.get_or_none((Person.id == person_id) & (Person.email != SYSTEM_EMAIL))
    if found is None or not found.memberships.where(visibility.members(actor)).exists():
        raise NotFound("There is no such person.")
    return found


def roles(actor: Actor, of: Person) -> ModelSelect:
    """Of the roles a person holds or held those that are the actor's to manage, newest first."""
    return memberships_of(of).where(visibility.members(actor))


def membership(actor: Actor, membership_id: int) -> Membership:
    """The role with its holder and organisation, if it is the actor's to manage; else NotFound."""
    where = (Membership.id == membership_id) & (Membership.role != "system")
    found = Membership.get_or_none(where & visibility.members(actor))
    if found is None:
        raise NotFound("There is no such role.")
    return found
