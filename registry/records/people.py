"""People, the roles they hold and when they hold them."""

from datetime import date

from peewee import (
    BooleanField,
    CharField,
    DateField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
)

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
    """A role held in an organisation from one day to another (None: still).

    `lead` manages the organisation's people. `deputy_for` is the membership whose holder is absent meanwhile.
    """

    person = ForeignKeyField(Person, backref="memberships")
    organisation = ForeignKeyField(Organisation)
    role = CharField(max_length=30)
    lead = BooleanField(default=False)
    from_on = DateField()
    to_on = DateField(null=True)
    deputy_for = ForeignKeyField("self", null=True, backref="deputies")
    revision = IntegerField(default=0)

    class Meta:
        constraints = [one_of("role", ROLES)]
        indexes = ((("organisation", "role"), False),)


def held_on(day: date) -> Expression:
    """The condition that a membership holds on the day."""
    return (Membership.from_on <= day) & (Membership.to_on.is_null() | (Membership.to_on >= day))


def actor(person: Person, today: date) -> Actor:
    """The person with the roles held on the day; one query."""
    held = (
        Membership.select(Membership.role, Membership.organisation, Membership.lead, Membership.deputy_for)
        .where((Membership.person == person.id) & held_on(today))
        .order_by(Membership.id)
        .tuples()
    )
    grants = tuple(Grant(role, where, lead, deputy=stands_for is not None) for role, where, lead, stands_for in held)
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
        # Somebody may hold a role twice: in their own right, and as a deputy.
        if person_id not in found.setdefault(organisation_id, []):
            found[organisation_id].append(person_id)
    return found


def case_officers(today: date) -> list[int]:
    """The ids of the regulator's case officers on the day."""
    offices = [row.id for row in Organisation.select(Organisation.id).where(Organisation.type == "regulator")]
    return sorted({person for persons in holders("case_officer", offices, today).values() for person in persons})


def holds(membership: Membership, day: date) -> bool:
    """True when the membership holds on the day."""
    return membership.from_on <= day and (membership.to_on is None or membership.to_on >= day)


def memberships_of(person: Person) -> ModelSelect:
    """All roles of a person, past and to come, with organisations and who is stood in for; newest first."""
    return with_names().where(Membership.person == person.id).order_by(Membership.from_on.desc(), Membership.id.desc())


def held_by(person: Person, today: date) -> ModelSelect:
    """The roles a person holds on the day, as `memberships_of` gives them."""
    return memberships_of(person).where(held_on(today))


def with_names() -> ModelSelect:
    """Memberships with their people, organisations and `absent`: the name of the person who is stood in for."""
    held, absent = Membership.alias(), Person.alias()
    stood_for = absent.select(absent.name).join(held, on=(held.person == absent.id))
    return (
        Membership.select(
            Membership, Person, Organisation, stood_for.where(held.id == Membership.deputy_for).alias("absent")
        )
        .join(Person)
        .switch(Membership)
        .join(Organisation)
    )


def belongs(person_id: int, organisation_id: int, day: date) -> bool:
    """True when the person holds some role in the organisation on the day, or will from a later one."""
    where = (Membership.person == person_id) & (Membership.organisation == organisation_id)
    return Membership.select().where(where & (Membership.to_on.is_null() | (Membership.to_on >= day))).exists()


def held_elsewhere(person_id: int, organisation_ids: tuple[int, ...], day: date) -> bool:
    """True when the person holds a role on the day, or will, outside these organisations."""
    still = Membership.to_on.is_null() | (Membership.to_on >= day)
    outside = Membership.organisation.not_in(organisation_ids)
    return Membership.select().where((Membership.person == person_id) & still & outside).exists()


def roles_from(person_id: int, day: date) -> set[str]:
    """The roles a person holds on the day or will hold, wherever."""
    still = Membership.to_on.is_null() | (Membership.to_on >= day)
    return {
        role for (role,) in Membership.select(Membership.role).where((Membership.person == person_id) & still).tuples()
    }


def stands_in(person_id: int, held: Membership, from_on: date, to_on: date) -> bool:
    """True when the person is a deputy for the holder of the role on some of the days."""
    there = (Membership.person == person_id) & (Membership.deputy_for == held.id)
    return Membership.select().where(there & (Membership.from_on <= to_on) & (Membership.to_on >= from_on)).exists()


def overlaps(person_id: int, organisation_id: int, role: str, from_on: date, to_on: date | None) -> bool:
    """True when the person holds the role there in their own right on any of these days."""
    where = (
        (Membership.person == person_id)
        & (Membership.organisation == organisation_id)
        & (Membership.role == role)
        & Membership.deputy_for.is_null()
        & (Membership.to_on.is_null() | (Membership.to_on >= from_on))
    )
    if to_on is not None:
        where &= Membership.from_on <= to_on
    return Membership.select().where(where).exists()


def others_stay(membership: Membership, what: str, day: date) -> bool:
    """True when somebody else is a `lead` there, or an `administrator`, from the day on and for good; no deputy."""
    wanted = Membership.lead if what == "lead" else Membership.role == what
    return (
        Membership.select()
        .join(Person)
        .where(
            wanted
            & (Membership.organisation == membership.organisation_id)
            & (Membership.person != membership.person_id)
            & Membership.deputy_for.is_null()
            & Membership.to_on.is_null()
            & (Membership.from_on <= day)
            & Person.active
        )
        .exists()
    )
