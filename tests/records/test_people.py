"""People, their roles on the day, organisations and the facts of an installation."""

from datetime import date, timedelta

import pytest

from registry.records import installation, organisations, people
from registry.records.installation import Holiday
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person
from registry.rules.permissions import Grant
from tests import given
from tests.given import NOW, TODAY


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


def a_member(from_on, to_on=None, slug="kent", role="liaison_officer", email="somebody@example.org"):
    person = Person.get_or_none(email=email) or Person.create(email=email, name="Somebody", created_at=NOW)
    Membership.create(person=person, organisation=given.organisation(slug), role=role, from_on=from_on, to_on=to_on)
    return person


@pytest.mark.parametrize(
    ("from_on", "to_on", "held"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (TODAY - given.DAY, TODAY - given.DAY, False),
        (TODAY + given.DAY, None, False),
        (date(2020, 1, 1), date(2030, 1, 1), True),
    ],
)
def test_a_role_is_held_from_its_first_day_to_its_last(from_on, to_on, held):
    person = a_member(from_on, to_on)
    kent = given.organisation("kent").id
    assert people.actor(person, TODAY).grants == ((Grant("liaison_officer", kent),) if held else ())
    assert people.holders("liaison_officer", [kent], TODAY) == ({kent: [person.id]} if held else {})


def test_somebody_who_left_acts_for_nobody():
    person = a_member(TODAY)
    person.active = False
    person.save()
    assert people.actor(person, TODAY).grants == ()
    assert people.holders("liaison_officer", [given.organisation("kent").id], TODAY) == {}
    assert people.by_email("somebody@example.org") is None


def test_somebody_may_hold_several_roles_in_several_organisations():
    a_member(TODAY, slug="kent")
    person = a_member(TODAY, slug="essex", role="chief_officer_delegate")
    assert {grant.role for grant in people.actor(person, TODAY).grants} == {"liaison_officer", "chief_officer_delegate"}


def test_an_actor_is_one_query():
    person = a_member(TODAY)
    with given.queries() as sent:
        people.actor(person, TODAY)
    assert len(sent) == 1


def test_the_holders_of_a_role_in_many_organisations_are_one_query():
    slugs = given.many_forces(5)
    ids = [given.organisation(slug).id for slug in slugs]
    with given.queries() as sent:
        found = people.holders("liaison_officer", ids, TODAY)
    assert len(sent) == 1
    assert set(found) == set(ids) and all(len(held) == 1 for held in found.values())


def test_an_address_is_found_whatever_its_case_and_spaces():
    person = a_member(TODAY)
    assert people.by_email("  SomeBody@Example.org ") == person
    assert people.by_email("nobody@example.org") is None


def test_the_system_acts_as_itself_and_has_no_password():
    actor = people.system(TODAY)
    assert actor.has("system") and not actor.is_regulator
    assert Person.get_by_id(actor.person_id).password_hash is None


# ---- organisations


def test_a_notice_can_be_addressed_to_forces_first_and_then_to_national_bodies():
    assert [row.slug for row in organisations.addressable(TODAY)] == ["essex", "kent", "surrey", "college", "npcc"]


@pytest.mark.parametrize(
    ("from_on", "to_on", "there"),
    [
        (None, TODAY, True),
        (None, TODAY - given.DAY, False),
        (TODAY, None, True),
        (TODAY + given.DAY, None, False),
    ],
)
def test_a_force_can_be_addressed_while_it_exists(from_on, to_on, there):
    Organisation.update(valid_from=from_on, valid_to=to_on).where(Organisation.slug == "surrey").execute()
    assert ("surrey" in {row.slug for row in organisations.addressable(TODAY)}) == there


# ---- the installation


def test_a_database_knows_what_kind_it_is():
    assert installation.kind() == "register"


def test_the_shipped_holidays_are_known_to_the_end_of_a_year_not_yet_begun():
    holidays = installation.holidays()
    assert (holidays.known_until.month, holidays.known_until.day) == (12, 31)
    assert holidays.known_until.year > TODAY.year
    assert {date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25), date(2026, 12, 28)} <= holidays.days


def test_holidays_are_known_to_the_end_of_the_last_year_that_has_one():
    Holiday.delete().where(Holiday.day > date(2026, 12, 27)).execute()
    assert installation.holidays().known_until == date(2026, 12, 31)
    Holiday.delete().execute()
    assert installation.holidays().known_until is None


def test_a_holiday_the_operator_adds_counts_from_then_on():
    Holiday.create(day=TODAY + timedelta(days=1), name="A royal occasion")
    assert given.an_assignment().acknowledge_by == date(2026, 3, 10)
