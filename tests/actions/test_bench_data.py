"""Made-up data for benchmarks: as much as was asked for, whole, the same each time, and never over anything real."""

import pytest

from registry import config
from registry.actions import bench_data
from registry.records import desks, installation, people, register
from registry.records.assignments import Assignment
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Notice
from registry.records.register import Filters
from registry.rules.permissions import PUBLIC
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW, TODAY


def load(recommendations=30, organisations=10):
    return bench_data.load(config.data(""), recommendations, organisations, now=NOW, tell=lambda line: None)


def test_every_recommendation_is_put_to_every_organisation_and_the_chain_is_whole(database):
    assert load().assignments == Assignment.select().count() == 300
    assert given.broken() == []
    assert installation.kind() == "demonstration" and bench_data.holds_bench()


def test_the_same_numbers_on_the_same_day_give_the_same_rows(database):
    found = []
    for _ in range(2):
        with database.atomic() as transaction:
            load()
            # Ids of organisations do not roll back on PostgreSQL: their slugs stand for them.
            rows = Assignment.select(Assignment, Organisation.slug).join(Organisation).order_by(Assignment.id)
            found.append([{**row, "organisation": None} for row in rows.dicts()])
            transaction.rollback()
    assert found[0] == found[1]


def test_everybody_finds_something_on_the_desk_and_the_search_finds_it_too(database):
    load(recommendations=100)
    for role, email in bench_data.SIGN_INS.items():
        actor = people.actor(Person.get(Person.email == email), TODAY)
        assert actor.has(role)
    officer = people.actor(Person.get(Person.email == bench_data.SIGN_INS["case_officer"]), TODAY)
    for question in (desks.replies_to_handle, desks.embargoed):
        assert question(officer, TODAY).exists()
    piles = desks.unanswered(officer, TODAY)
    assert piles["overdue"].rows and piles["due_soon"].rows
    assert register.recommendations(PUBLIC, TODAY, Filters(q="custody suites")).exists()
    assert register.assignments(PUBLIC, TODAY, Filters(organisation="bench-force-001")).exists()


def test_verbs_go_on_where_the_made_up_data_end(database):
    load()
    last = Notice.select().order_by(Notice.id.desc()).first()
    author = people.actor(Person.get(Person.email == bench_data.SIGN_INS["author"]), TODAY)
    content = given.some_content(to=["bench-force-001"])
    assert given.notices.draft(content, actor=author, now=NOW).id == last.id + 1


def test_a_database_that_holds_anything_is_left_alone(database):
    given.a_register()
    assert not bench_data.holds_bench()
    with pytest.raises(NotAllowed, match="holds something already"):
        load()
