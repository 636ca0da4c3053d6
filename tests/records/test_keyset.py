"""Walking a list page by page gives each row exactly once, in order, whatever is missing or alike."""

import base64
import json
from datetime import date

import pytest
from hypothesis import given as random
from hypothesis import settings
from hypothesis import strategies as st

from registry.records import keyset, register, sorting
from registry.records.assignments import Assignment
from registry.records.keyset import page
from registry.records.organisations import Organisation
from registry.records.recommendations import Notice, Recommendation
from registry.records.register import Filters
from tests import given
from tests.given import TODAY

DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 3))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "made_on": DAYS,
            "due_on": DAYS,
            "acceptance": st.sampled_from(["awaiting", "accepted"]),
            "title": st.sampled_from(["a", "A", "b", "é", "", "Ŷ"]),
            "to": st.sets(st.sampled_from(["kent", "essex", "surrey"]), min_size=1),
        }
    ),
    max_size=7,
)
LISTS = [(register.recommendations, sort) for sort in sorting.RECOMMENDATIONS] + [
    (register.assignments, sort) for sort in {s.name: s for s in sorting.ASSIGNMENTS + sorting.OF_ORGANISATION}.values()
]


def fill(rows):
    """Notices with one recommendation each, written straight into the tables."""
    for table in (Assignment, Recommendation, Notice):
        table.delete().execute()
    author = given.the_author().person_id
    same_name = {"essex": "Same", "kent": "Same", "surrey": "Other"}
    for slug, name in same_name.items():
        Organisation.update(name=name).where(Organisation.slug == slug).execute()
    for row in rows:
        notice = Notice.create(basis="28a", author=author, created_at=given.NOW, state="made", made_on=row["made_on"])
        one = Recommendation.create(notice=notice, number=1, title=row["title"], body="x")
        for slug in sorted(row["to"]):
            Assignment.create(
                recommendation=one,
                organisation=given.organisation(slug),
                capacity="recipient",
                basis="28a",
                acceptance=row["acceptance"],
                response_due_on=row["due_on"],
            )


@pytest.fixture(autouse=True)
def filled(database):
    given.a_register()


def everything(question):
    return question(given.the_case_officer(), TODAY, Filters())


def walk(query, sort, size):
    """All pages from the first to the last, by their `next`."""
    found = [page(query, sort, size)]
    while found[-1].next:
        found.append(page(query, sort, size, after=found[-1].next))
    return found


def ids(pages):
    return [row.id for one in pages for row in one.rows]


@pytest.mark.parametrize(("question", "sort"), LISTS, ids=lambda value: getattr(value, "name", None) or value.__name__)
@settings(max_examples=settings.default.max_examples // 4)
@random(rows=ROWS, size=st.integers(1, 4))
def test_every_row_is_met_once_in_the_same_order_forwards_and_backwards(database, question, sort, rows, size):
    with database.atomic() as undo:
        fill(rows)
        query = everything(question)
        whole = page(query, sort, 1000)
        assert sorted(ids([whole])) == sorted(row.id for row in query)
        forwards = walk(query, sort, size)
        assert ids(forwards) == ids([whole])
        assert all(len(one.rows) == size for one in forwards[:-1])
        assert ids([keyset.Page(batch) for batch in keyset.batches(query, sort, size)]) == ids([whole])
        back = forwards[-1]
        for earlier in reversed(forwards[:-1]):
            back = page(query, sort, size, before=back.previous)
            assert ids([back]) == ids([earlier])
        assert back.previous is None
        undo.rollback()


def test_rows_without_a_day_come_last_whichever_way_the_rest_runs():
    rows = [{"made_on": day, "due_on": day, "acceptance": "awaiting", "title": "x", "to": ["kent"]} for day in DATES]
    fill(rows)
    days = lambda found: [row.notice.made_on and row.notice.made_on.day for row in found.rows]  # noqa: E731
    newest, oldest, _ = sorting.RECOMMENDATIONS
    assert days(page(everything(register.recommendations), newest, 9)) == [3, 2, 1, None]
    assert days(page(everything(register.recommendations), oldest, 9)) == [1, 2, 3, None]


DATES = [date(2026, 1, 2), None, date(2026, 1, 1), date(2026, 1, 3)]


def test_replies_still_owed_come_before_those_that_have_come():
    fill(
        [
            {"made_on": TODAY, "due_on": date(2026, 1, day), "acceptance": acceptance, "title": "x", "to": ["kent"]}
            for day, acceptance in ((1, "accepted"), (5, "awaiting"), (2, "accepted"), (4, "awaiting"))
        ]
    )
    rows = page(everything(register.assignments), sorting.ASSIGNMENTS[0], 9).rows
    assert [row.response_due_on.day for row in rows] == [4, 5, 2, 1]  # the latest made first among the others


def test_a_page_stays_where_it_was_when_rows_come_in_before_it():
    given.a_published_notice(titles=[f"Number {number}" for number in range(6)])
    query, newest = everything(register.recommendations), sorting.RECOMMENDATIONS[0]
    first = page(query, newest, 2)
    second = ids([page(query, newest, 2, after=first.next)])
    given.a_published_notice(made_at=given.NOW + given.DAY)
    assert ids([page(query, newest, 2, after=first.next)]) == second


def test_the_page_before_the_second_is_the_whole_first_page():
    given.a_published_notice(titles=[f"Number {number}" for number in range(6)])
    query, newest = everything(register.recommendations), sorting.RECOMMENDATIONS[0]
    first = page(query, newest, 4)
    third_row = page(query, newest, 1, after=page(query, newest, 2).next)
    assert ids([page(query, newest, 4, before=third_row.previous)]) == ids([first])


def test_where_nothing_is_left_at_a_place_the_first_page_is_shown():
    given.a_published_notice(titles=["One", "Two"])
    query, newest = everything(register.recommendations), sorting.RECOMMENDATIONS[0]
    after = page(query, newest, 1).next
    Recommendation.update(title="x").execute()
    Assignment.delete().execute()
    Recommendation.delete().where(Recommendation.number == 1).execute()
    assert len(page(query, newest, 1, after=after).rows) == 1


@random(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_a_place_that_is_none_of_ours_is_the_first_page(database, text):
    for sort in (*sorting.RECOMMENDATIONS, *sorting.ASSIGNMENTS):
        assert keyset.read_place(text, sort) is None


def encoded(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "values",
    [
        ("newest", 0, "2026-01-01", 1, 2**31),
        ("newest", 0, "2026-01-01", 1, -1),
        ("newest", 0, "2026-01-01", 1, True),
        ("newest", 0, "2026-01-01", 1, 1.5),
        ("newest", 0, "2026-02-30", 1, 1),
        ("newest", 0, None, 1, 1),
        ("newest", 0, 7, 1, 1),
        ("newest", 2, 1, 1),
        ("newest", -1, 1, 1),
        ("newest", "0", 1, 1),
        ("newest", 0, 1),
        ("title", 0, "x\0", 1),
        ("title", 0, "\ud800", 1),
        ("title", 0, "x" * 401, 1),
        ("title", 0, ["x"], 1),
        ("nothing", 0, 1),
        (),
    ],
)
def test_a_forged_place_is_no_error(values):
    given.a_published_notice()
    for sort in sorting.RECOMMENDATIONS:
        assert keyset.read_place(encoded(*values), sort) is None
        assert len(page(everything(register.recommendations), sort, 5, after=encoded(*values)).rows) == 1


def test_a_place_of_another_order_is_not_taken_for_one_of_this():
    given.a_published_notice(titles=["One", "Two"])
    newest, oldest, _ = sorting.RECOMMENDATIONS
    place = page(everything(register.recommendations), newest, 1).next
    assert keyset.read_place(place, newest) and keyset.read_place(place, oldest) is None


def test_counting_stops_soon_after_the_bound():
    given.a_published_notice(titles=[f"Number {number}" for number in range(6)])
    query = everything(register.recommendations)
    assert [keyset.count(query, most) for most in (3, 6, 100)] == [4, 6, 6]


@pytest.mark.parametrize(("question", "sort"), LISTS, ids=lambda value: getattr(value, "name", None) or value.__name__)
def test_a_page_is_no_more_queries_than_the_sort_has_parts(question, sort):
    given.a_published_notice(to=["kent", "essex"], titles=[f"Number {number}" for number in range(6)])
    query = everything(question)
    with given.queries() as sent:
        found = page(query, sort, 3)
    assert len(sent) <= len(sort.parts)
    with given.queries() as sent:
        page(query, sort, 3, after=found.next)
    assert len(sent) <= len(sort.parts)
