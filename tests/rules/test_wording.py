import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given

from registry.rules import clocks, permissions, wording, workflow
from tests.rules.strategies import an_assignment, clocked, todays

TODAY = date(2026, 3, 2)
EVERYTHING = {"reply_clock", "acceptance", "implementation", "audit_result"}


def summary(seen=EVERYTHING, today=TODAY, **columns):
    return wording.summary(an_assignment(**columns), today, lambda fact: fact in seen)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("BASIS", clocks.BASES),
        ("CAPACITY", clocks.CAPACITIES),
        ("NOTICE_STATE", workflow.NOTICE_STATES),
        ("REPLY_CLOCK", clocks.REPLY_CLOCK_STATES),
        ("ACCEPTANCE", workflow.ACCEPTANCE),
        ("IMPLEMENTATION", workflow.IMPLEMENTATION),
        ("AUDIT_RESULT", workflow.AUDIT_RESULT),
        ("EXTENT", workflow.EXTENTS),
        ("CLOSED_REASON", workflow.CLOSED_REASONS),
        ("ROLE", permissions.ROLES),
        ("_CHECKED", workflow.AUDIT_RESULT),
        ("_DOING", workflow.IMPLEMENTATION),
    ],
)
def test_every_machine_name_has_words_and_no_words_are_left_over(table, names):
    words = getattr(wording, table)
    assert set(words) == set(names)
    assert all(text and "_" not in text for text in words.values())


def test_every_answer_but_awaiting_has_a_word_for_its_day():
    assert set(wording._ACCEPTED) == set(workflow.ACCEPTANCE) - {"awaiting"}


def test_every_event_that_a_verb_records_has_a_sentence():
    package = Path(wording.__file__).parents[1]
    source = "".join(file.read_text() for file in (package / "actions").glob("*.py"))
    recorded = set(re.findall(r'"((?:notice|assignment|recommendations|reminders)\.[a-z_]+)"', source))
    assert len(recorded) > 10
    assert recorded <= set(wording.EVENTS)


def test_a_day_is_read_as_people_say_it():
    assert wording.day(date(2026, 3, 5)) == "5 March 2026"


def test_a_day_of_which_only_the_month_is_known_claims_no_more():
    assert wording.day(date(2026, 3, 1), precision="month") == "March 2026"


def test_no_day_is_said_to_be_not_known():
    assert wording.day(None) == "not known"


def test_months_are_translated_one_by_one():
    assert wording.day(date(2026, 3, 5), lambda text: {"March": "Mawrth"}[text]) == "5 Mawrth 2026"


@pytest.mark.parametrize(
    ("columns", "today", "words"),
    [
        ({}, TODAY, "Reply due 27 April 2026"),
        ({}, date(2026, 4, 20), "Due soon: 27 April 2026"),
        ({}, date(2026, 4, 28), "Overdue by 1 day"),
        ({}, date(2026, 4, 29), "Overdue by 2 days"),
        ({"acceptance": "accepted", "received_on": date(2026, 4, 27)}, TODAY, "Replied in time"),
        ({"acceptance": "accepted", "received_on": date(2026, 4, 28)}, TODAY, "Replied 1 day late"),
        ({"acceptance": "accepted", "received_on": date(2026, 5, 8)}, TODAY, "Replied 11 days late"),
        ({"acceptance": "accepted", "basis": "section_10"}, TODAY, "Replied"),
        ({"basis": "section_10"}, TODAY, "No legal deadline"),
        ({"basis": "not_stated"}, TODAY, "Deadline not known"),
    ],
)
def test_the_clock_in_words(columns, today, words):
    assert wording.reply_clock(an_assignment(**columns), today) == words


@given(clocked(), todays)
def test_the_clock_has_words_for_any_assignment_on_any_day(values, today):
    words = wording.reply_clock(SimpleNamespace(**values), today)
    assert (
        words
        and "%" not in words
        and "None" not in words
        and "not known" not in words.replace("Deadline not known", "")
    )


def test_an_audit_result_always_says_when_and_at_how_many_sites():
    found = an_assignment(audit_result="in_place", checked_on=date(2026, 5, 1), sites_checked=3, sites_total=4)
    assert wording.audit_result(found) == "In place when checked on 1 May 2026, at 3 of 4 sites"


def test_an_audit_not_done_says_only_that():
    assert wording.audit_result(an_assignment()) == "Not audited"


# ---- the summary sentence


def test_the_summary_tells_the_reply_the_work_and_the_check_in_one_sentence():
    text = summary(acceptance="accepted", received_on=date(2026, 3, 3), implementation="reported_done")
    assert text == "Accepted on 3 March 2026; the force says done; not yet checked."


def test_the_summary_of_an_unanswered_assignment_begins_with_its_clock():
    assert summary(today=date(2026, 4, 29)) == "Overdue by 2 days; work not started; not yet checked."


def test_the_summary_of_an_organisation_in_scope_says_no_reply_is_asked():
    text = summary(capacity="in_scope", acceptance="not_asked", statutory_last_day=None, response_due_on=None)
    assert text == "No reply asked; work not started; not yet checked."


def test_an_acceptance_without_a_day_claims_none():
    assert summary(acceptance="not_accepted", implementation="none_planned").startswith("Not accepted; no action")


def test_a_planned_audit_is_not_given_away_by_the_summary():
    assert summary(audit_result="planned") == summary(audit_result="not_audited")


@pytest.mark.parametrize("acceptance", clocks.ACCEPTANCE_REPLIED)
def test_a_reader_who_may_not_see_the_answer_is_told_only_that_there_is_one(acceptance):
    text = summary({"reply_clock"}, acceptance=acceptance, received_on=date(2026, 3, 3))
    assert text == "Replied in time."


def test_a_reader_who_may_not_see_the_work_or_the_check_is_told_of_neither():
    text = summary({"reply_clock", "acceptance"}, implementation="reported_done", audit_result="not_in_place")
    assert text == "Reply due 27 April 2026."


def test_the_summary_is_translated_piece_by_piece():
    seen = []
    wording.summary(an_assignment(), TODAY, lambda fact: True, lambda text: seen.append(text) or text)
    assert "Reply due %(day)s" in seen and "not yet checked" in seen
