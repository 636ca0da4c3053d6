"""One definition of the reply clock: what Python says of an assignment, SQL says too."""

from types import SimpleNamespace

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from registry.records import reply_clock
from registry.records.assignments import Assignment
from registry.records.recommendations import Recommendation
from registry.rules import clocks
from tests import given
from tests.rules.strategies import TODAY, clocked, every_edge, todays

MANY = 6


@pytest.fixture
def places(database):
    """A recommendation, and organisations enough to put it to."""
    given.a_register()
    recommendation = given.recommendation_of(given.a_draft())
    return [(recommendation.id, given.an_organisation(f"place-{n}").id) for n in range(MANY)]


def insert(places, columns):
    rows = [
        {"recommendation": recommendation, "organisation": organisation, **each}
        for (recommendation, organisation), each in zip(places, columns, strict=False)
    ]
    Assignment.delete().execute()
    Assignment.insert_many(rows).execute()


@random(columns=st.lists(clocked(), min_size=MANY, max_size=MANY), today=todays)
def test_python_and_sql_agree_on_the_state_of_every_clock(places, columns, today):
    insert(places, columns)
    said = [clocks.reply_clock(SimpleNamespace(**each), today) for each in columns]
    shown = Assignment.select(reply_clock.case(today)).order_by(Assignment.organisation).tuples()
    assert [state for (state,) in shown] == said


@random(columns=st.lists(clocked(), min_size=MANY, max_size=MANY), today=todays)
def test_filtering_by_a_state_finds_exactly_the_assignments_in_it(places, columns, today):
    insert(places, columns)
    for state in clocks.REPLY_CLOCK_STATES:
        expected = {
            organisation
            for (_, organisation), each in zip(places, columns, strict=True)
            if clocks.reply_clock(SimpleNamespace(**each), today) == state
        }
        found = Assignment.select(Assignment.organisation).where(reply_clock.where(state, today)).tuples()
        assert {organisation for (organisation,) in found} == expected, state


def test_python_and_sql_agree_at_every_edge(database):
    given.a_register()
    notice = given.a_draft(titles=[f"{n}" for n in range(30)])
    organisations = [given.an_organisation(f"place-{n}").id for n in range(70)]
    pairs = [(r.id, organisation) for r in notice.recommendations for organisation in organisations]
    columns = list(every_edge())
    assert len(columns) <= len(pairs)
    insert(pairs, columns)
    ordered = Assignment.select(Assignment, reply_clock.case(TODAY).alias("said")).order_by(
        Assignment.recommendation, Assignment.organisation
    )
    for row in ordered:
        assert row.said == clocks.reply_clock(row, TODAY), row.__data__
    found = {
        state: {id for (id,) in Assignment.select(Assignment.id).where(reply_clock.where(state, TODAY)).tuples()}
        for state in clocks.REPLY_CLOCK_STATES
    }
    assert all(found.values()), "every state is met"
    assert found == {state: {row.id for row in ordered if row.said == state} for state in clocks.REPLY_CLOCK_STATES}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("state", clocks.OPEN_CLOCKS)
def test_finding_what_is_still_open_uses_the_partial_index(database, state):
    query = Assignment.select().where(Assignment.closed_on.is_null() & reply_clock.where(state, given.TODAY))
    sql, params = query.sql()
    plan = " ".join(str(row) for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params))
    assert "assignment_reply_open" in plan


def test_a_made_assignment_counts_from_its_stored_dates(database):
    given.a_register()
    assignment = given.an_assignment()
    later = assignment.response_due_on + given.DAY
    assert Assignment.select().where(reply_clock.where("overdue", assignment.response_due_on)).count() == 0
    assert Assignment.select().where(reply_clock.where("overdue", later)).get() == assignment
    assert Recommendation.select().count() == 1
