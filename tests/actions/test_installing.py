"""A new register holds the real organisations; it is filled once, and never mixed with invented ones."""

from collections import Counter

import pytest

from registry import config
from registry.actions import installing
from registry.records import installation
from registry.records.installation import Holiday, Installation
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW, TODAY

DATA = config.PACKAGE / "data"


@pytest.fixture
def register(database):
    installing.init(DATA, now=NOW)


def test_a_new_register_has_every_force_of_england_and_wales(register):
    types = Counter(row.type for row in Organisation.select())
    assert types["territorial"] == 43
    assert types["regulator"] == types["audit_body"] == 1
    assert types["national_body"] >= 2
    assert installation.kind() == "register"


def test_every_force_has_somebody_that_holds_it_to_account(register):
    forces = {force.slug for force in Organisation.select().where(Organisation.type == "territorial")}
    held = {body.force.slug for body in Organisation.select().where(Organisation.force.is_null(False))}
    assert held == forces and len(forces) == 43


def test_the_regulator_and_the_audit_body_have_neutral_names(register):
    assert Organisation.get(Organisation.type == "regulator").name == "The regulator"
    assert Organisation.get(Organisation.type == "audit_body").name == "The audit body"


def test_the_holidays_reach_beyond_the_year_the_product_was_built_in(register):
    assert installation.holidays().known_until.year >= TODAY.year + 1
    assert Holiday.select().count() > 50


def test_a_new_register_holds_nobody_but_the_system(register):
    (person,) = Person.select()
    assert (person.email, person.password_hash) == ("system", None)


def test_filling_it_again_changes_nothing(register):
    Organisation.update(name="Renamed by the operator").where(Organisation.slug == "kent").execute()
    before = Organisation.select().count()
    assert installing.init(DATA, now=NOW) == before
    assert Organisation.get(slug="kent").name == "Renamed by the operator"
    assert Installation.select().count() == 1


def test_filling_it_twice_at_once_fills_it_once(shared_database):
    counts = given.together(*[lambda: installing.init(DATA, now=NOW)] * 2)
    assert counts == [Organisation.select().count()] * 2
    assert Installation.select().count() == 1


def test_real_organisations_are_never_put_beside_invented_ones(database):
    Installation.create(kind="demonstration", created_at=NOW)
    with pytest.raises(NotAllowed, match="This database holds a demonstration"):
        installing.init(DATA, now=NOW)
    assert Organisation.select().count() == 0


def test_a_database_that_holds_nothing_has_no_kind(database):
    assert installation.kind() is None
