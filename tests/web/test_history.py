"""The history as the regulator reads it."""

import csv
import io
from datetime import timedelta

import pytest

from registry.actions import assignments
from registry.records.history import History
from tests import given
from tests.given import NOW


@pytest.fixture
def told(register):
    first = given.replied(given.an_assignment(), action_taken="The cords are gone").assignment
    given.a_made_notice(to=("essex",), made_at=NOW + timedelta(days=3))
    return first


def test_the_regulator_reads_everything_that_was_done_newest_first(told, browse):
    reader = browse(given.the_case_officer())
    reader.get("/history")
    assert "made the notice" in reader.text and "The cords are gone" in reader.text
    newest, oldest = History.select().count(), 1
    assert reader.text.index(f"Event {newest}") < reader.text.index(f"Event {oldest} ")


def test_nobody_else_does(told, browse):
    for person in (given.a_liaison_officer(), given.an_auditor(), given.a_policing_body_reader()):
        browse(person).get("/history", status=404)
        browse(person).get("/history.csv", status=404)
    assert browse().get("/history", status=302).location.startswith("/sign-in")


def numbers(reader, address):
    """The events of the CSV at an address."""
    rows = csv.DictReader(io.StringIO(reader.get(address).get_data(as_text=True).lstrip("\ufeff")))
    return [int(row["id"]) for row in rows]


def test_it_is_narrowed_by_what_was_done_about_what_and_when(told, browse):
    reader = browse(given.the_case_officer())
    every = [row.id for row in History.select().order_by(History.id.desc())]
    assert numbers(reader, "/history.csv") == every
    made = [row.id for row in History.select().where(History.verb == "notice.made").order_by(History.id.desc())]
    assert numbers(reader, "/history.csv?verb=notice.made") == made
    first = told.recommendation.notice.reference
    about = numbers(reader, f"/history.csv?reference={first}")
    assert about and set(about) < set(every) and max(made) not in about
    assert numbers(reader, f"/history.csv?reference={told.recommendation.reference}") == about
    assert numbers(reader, f"/history.csv?from={(NOW + timedelta(days=1)).date()}")[0] == max(every)
    assert max(every) not in numbers(reader, f"/history.csv?to={(NOW + timedelta(days=1)).date()}")


@pytest.mark.parametrize(
    "query", ["verb=nothing", "reference=LN", "from=yesterday", "to=2026-02-31", "after=x", "sort=y"]
)
def test_an_address_with_anything_in_it_is_the_whole_history(told, browse, query):
    reader = browse(given.the_case_officer())
    reader.get(f"/history?{query}")
    assert "made the notice" in reader.text


def test_an_administrator_redacts_a_text_and_says_why(told, browse):
    number = History.get(History.verb == "assignment.responded").id
    reader = browse(given.the_administrator())
    reader.get("/history")
    reader.get(f"/history/{number}/redact")
    assert "The cords are gone" in reader.text
    reader.post(f"/history/{number}/redact", status=400, reason="")
    assert "Say why the text is removed" in reader.text
    reader.post(f"/history/{number}/redact", reason="A private person")
    reader.get("/history")
    assert "The cords are gone" not in reader.text and "The text was redacted." in reader.text
    assert f"redacted the text of event {number}" in reader.text
    reader.get(f"/history/{number}/redact", status=404)


def test_an_assignment_tells_what_was_asked_and_why_in_one_sentence(register, browse):
    assignment = given.an_assignment_with_more_time_asked()
    for person in (given.a_liaison_officer(), given.the_case_officer(), given.an_auditor()):
        reader = browse(person)
        reader.get(f"/assignments/{assignment.id}")
        assert "asked for 14 more days: The estates survey is not back." in reader.text


def test_the_text_of_a_contact_or_of_a_reply_is_not_told_with_its_event_to_whom_it_is_kept_from(told, browse):
    call = assignments.Call(given.TODAY, "telephone", "Said in confidence.")
    assignments.log_contact(told.id, call, actor=given.the_case_officer(), now=NOW)
    reader = browse(given.an_auditor())
    reader.get(f"/assignments/{told.id}")
    assert "Said in confidence." not in reader.text and "The cords are gone" not in reader.text


def test_a_case_officer_sees_no_way_to_redact_and_has_none(told, browse):
    number = History.get(History.verb == "assignment.responded").id
    reader = browse(given.the_case_officer())
    reader.get("/history")
    assert not [a for a in reader.page.iter("a") if a.get("href", "").endswith("/redact")]
    reader.get(f"/history/{number}/redact", status=403)
