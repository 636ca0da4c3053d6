"""A count joins no table that cannot change it, and counts the same."""

import pytest
from peewee import Entity, fn

from registry.records import desks, keyset, narrow, register
from registry.records.assignments import Assignment
from registry.records.people import Person
from registry.records.recommendations import Notice, Recommendation, Topic
from registry.records.register import Filters
from tests import given
from tests.given import TODAY


@pytest.fixture(autouse=True)
def register_with_notices(database):
    given.a_register()
    given.a_published_notice(to=["kent", "essex"], titles=["Cords", "Doors"])
    given.a_made_notice(to=["kent"])


def joined(query) -> int:
    return narrow.without_needless_joins(query).sql()[0].count(" JOIN ")


def test_the_regulators_list_is_counted_without_joining_anything():
    query = register.own_assignments(given.the_case_officer(), TODAY, Filters())
    assert query.sql()[0].count(" JOIN ") == 4 and joined(query) == 0
    assert keyset.count(query, 100) == query.count() == 5


def test_what_a_force_owes_is_counted_without_joining_anything():
    query = desks.to_reply(given.a_liaison_officer("kent"), TODAY)
    assert joined(query) == 0
    assert keyset.count(query, 100) == query.count() == 3


@pytest.mark.parametrize(
    ("filters", "joins", "rows"),
    [
        (Filters(organisation="essex"), 1, 2),
        (Filters(topic="none-such"), 2, 0),
        (Filters(basis="28a"), 2, 5),
        (Filters(acceptance="awaiting"), 0, 5),
    ],
    ids=["organisation", "topic", "basis", "acceptance"],
)
def test_a_table_that_a_filter_names_stays_with_those_on_the_way_to_it(filters, joins, rows):
    query = register.own_assignments(given.the_case_officer(), TODAY, filters)
    assert joined(query) == joins
    assert keyset.count(query, 100) == query.count() == rows


def test_an_inner_join_to_what_may_be_missing_stays_for_it_hides_rows():
    query = Recommendation.select().join(Topic)
    assert joined(query) == 1
    assert keyset.count(query, 100) == query.count()


def test_a_join_against_its_direction_stays_for_it_doubles_rows():
    query = Recommendation.select().join(Assignment)
    assert joined(query) == 1
    assert keyset.count(query, 100) == 5


def test_a_table_named_only_in_a_subquery_stays():
    inner = Assignment.select(Assignment.id).where(Assignment.recommendation == Recommendation.id)
    query = Recommendation.select().join(Notice).where(fn.EXISTS(inner.where(Notice.made_on == TODAY)))
    assert joined(query) == 1


def test_a_condition_of_a_kind_unknown_here_leaves_every_join():
    query = Notice.select().join(Person, on=(Notice.author == Person.id))
    assert joined(query) == 0
    assert joined(query.where(Entity("t2", "active"))) == 1
