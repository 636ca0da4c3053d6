"""People, the roles they hold and when they hold them."""

from datetime import date

from peewee import BooleanField, CharField, DateField, Expression, ForeignKeyField

from registry.records.database import InstantField, NotFound, Table, one_of
from registry.records.organisations import Organisation
from registry.rules import limits
from registry.rules.permissions import ROLES, Actor, Grant

LANGUAGES = ("en", "cy")
SYSTEM_EMAIL = "system"


class Person(Table):
    """Somebody who can sign in, or the worker (`system`), which cannot."""

    email = CharField(max_length=limits.EMAIL, unique=True)
    name = CharField(max_length=limits.LINE)
    password_hash = CharField(max_length=limits.LINE, null=True)
    language = CharField(max_length=2, default="en")
    active = BooleanField(default=True)
    created_at = InstantField()

    class Meta:
        constraints = [one_of("language", LANGUAGES)]


class Membership(Table):
    """A role held in an organisation from one day to another (None: still)."""

    person = ForeignKeyField(Person, backref="memberships")
    organisation = ForeignKeyField(Organisation)
    role = CharField(max_length=30)
    lead = BooleanField(default=False)
    from_on = DateField()
    to_on = DateField(null=True)

    class Meta:
        constraints = [one_of("role", ROLES)]
        indexes = ((("organisation", "role"), False),)


def held_on(day: date) -> Expression:
    """The condition that a membership holds on the day."""
    return (Membership.from_on <= day) & (Membership.to_on.is_null() | (Membership.to_on >= day))


def actor(person: Person, today: date) -> Actor:
    """The person with the roles held on the day; one query."""
    held = (
        Membership.select(Membership.role, Membership.organisation)
        .where((Membership.person == person.id) & held_on(today))
        .order_by(Membership.id)
        .tuples()
    )
    grants = tuple(Grant(role, organisation_id) for role, organisation_id in held)
    return Actor(person.id, person.name, grants if person.active else ())


def by_email(email: str) -> Person | None:
    """The active person with that address (case does not matter), or None."""
    return Person.get_or_none((Person.email == email.strip().lower()) & Person.active)


def system(today: date) -> Actor:
    """The actor the worker and the imports act as."""
    person = Person.get_or_none(Person.email == SYSTEM_EMAIL)
    if person is None:
        raise NotFound("The database holds nothing yet. Run: registry init")
    return actor(person, today)


def holders(role: str, organisation_ids: list[int], today: date) -> dict[int, list[int]]:
    """Who holds a role in each of the organisations on the day: organisation id -> person ids; one query."""
    held = (
        Membership.select(Membership.organisation, Membership.person)
        .join(Person)
        .where(
            (Membership.role == role) & Membership.organisation.in_(organisation_ids) & held_on(today) & Person.active
        )
        .order_by(Membership.id)
        .tuples()
    )
    found: dict[int, list[int]] = {}
    for organisation_id, person_id in held:
        found.setdefault(organisation_id, []).append(person_id)
    return found
