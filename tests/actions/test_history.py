"""Redacting: personal or unlawful text goes, what happened stays, and the chain is whole."""

from datetime import timedelta

import pytest

from registry.actions import assignments
from registry.actions.history import REDACTED_TEXT, redact
from registry.records import verifying
from registry.records.assignments import Contact, Progress, Response
from registry.records.database import NotFound
from registry.records.history import REDACTED, History, HistoryDetail
from registry.rules.permissions import NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW

LATER = NOW + timedelta(days=1826)
NAME = "Somebody's name"


@pytest.fixture
def register(database):
    given.a_register()


@pytest.fixture
def told(register):
    """An assignment with a reply, a report and a contact, each of which holds a name."""
    assignment = given.replied(given.an_assignment(), action_taken=NAME, representations=NAME).assignment
    officer = given.a_liaison_officer()
    assignments.report_progress(assignment.id, NAME, actor=officer, now=NOW + timedelta(minutes=1))
    call = assignments.Call(given.TODAY, "telephone", NAME, NAME)
    assignments.log_contact(assignment.id, call, actor=given.the_case_officer(), now=NOW + timedelta(minutes=2))
    return assignment


def number_of(verb):
    return History.get(History.verb == verb).id


def columns_of(table):
    row = table.get()
    return {name: value for name, value in row.__data__.items() if value in (NAME, REDACTED_TEXT)}


@pytest.mark.parametrize(
    ("verb", "table", "columns"),
    [
        ("assignment.responded", Response, {"action_taken", "representations"}),
        ("assignment.progress_reported", Progress, {"text"}),
        ("assignment.contact_logged", Contact, {"note", "spoke_to"}),
    ],
)
def test_a_name_is_redacted_from_a_five_year_old_event_and_where_it_was_recorded(told, verb, table, columns):
    number = number_of(verb)
    redact(number, "A private person", actor=given.the_administrator(), now=LATER)
    assert HistoryDetail.get_or_none(HistoryDetail.history == number) is None
    assert columns_of(table) == dict.fromkeys(columns, REDACTED_TEXT)
    assert verifying.verify([], "").faults == []
    event = History.select().order_by(History.id.desc()).get()
    assert (event.verb, event.subject_id) == (REDACTED, number)


def test_the_other_texts_stay(told):
    redact(number_of("assignment.contact_logged"), "A private person", actor=given.the_administrator(), now=LATER)
    assert Progress.get().text == NAME and Response.get().action_taken == NAME


def test_only_an_administrator_redacts(told):
    for actor in (given.the_case_officer(), given.the_author(), given.a_liaison_officer()):
        with pytest.raises(NotPermitted):
            redact(number_of("assignment.responded"), "Why", actor=actor, now=LATER)


def test_a_redaction_says_why(told):
    with pytest.raises(NotAllowed, match="Say why"):
        redact(number_of("assignment.responded"), " ", actor=given.the_administrator(), now=LATER)


def test_what_has_no_text_is_not_redacted_and_not_twice(told):
    number = number_of("assignment.responded")
    redact(number, "Why", actor=given.the_administrator(), now=LATER)
    for again in (number, number_of("notice.made")):
        with pytest.raises(NotAllowed, match="no text"):
            redact(again, "Why", actor=given.the_administrator(), now=LATER)
    with pytest.raises(NotFound):
        redact(999_999, "Why", actor=given.the_administrator(), now=LATER)


def test_the_reason_of_a_redaction_stays(told):
    done = redact(number_of("assignment.responded"), "Why", actor=given.the_administrator(), now=LATER)
    with pytest.raises(NotAllowed, match="It stays"):
        redact(done.id, "Why", actor=given.the_administrator(), now=LATER)
