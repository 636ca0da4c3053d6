from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules import clocks, workflow
from registry.rules.calendar import Holidays
from tests.rules.strategies import TODAY, an_assignment, clocked, todays

LAW = date(2026, 4, 26)
LETTER = date(2026, 4, 27)


# ---- the dates, Police Reform Act 2002, Schedule 3, paragraph 28B


def test_the_last_day_in_law_is_the_56th_counting_the_day_it_was_made():
    """Para 28B(2): "before the end of the period of 56 days beginning with" the day it was made."""
    assert clocks.statutory_last_day(date(2026, 3, 2), "28a") == date(2026, 4, 26)
    assert (date(2026, 4, 26) - date(2026, 3, 2)).days == 55


def test_the_letter_gives_56_days_after_the_day_it_was_made():
    assert clocks.response_due_on(date(2026, 3, 2), "28a") == date(2026, 4, 27)


def test_the_house_rule_for_the_letter_never_moves_the_day_in_law():
    assert clocks.response_due_on(date(2026, 3, 2), "28a", days=28) == date(2026, 3, 30)
    assert clocks.statutory_last_day(date(2026, 3, 2), "28a") == date(2026, 4, 26)


@pytest.mark.parametrize(
    ("made_on", "law"),
    [
        (date(2024, 2, 1), date(2024, 3, 27)),  # over 29 February
        (date(2025, 2, 1), date(2025, 3, 28)),
        (date(2024, 2, 29), date(2024, 4, 24)),
        (date(2026, 3, 28), date(2026, 5, 22)),  # over the change to summer time
        (date(2026, 10, 24), date(2026, 12, 18)),  # and back
        (date(2026, 11, 1), date(2026, 12, 26)),  # ends on Boxing Day, a Saturday: it does not move
        (date(2025, 12, 1), date(2026, 1, 25)),
    ],
)
def test_statutory_days_are_calendar_days(made_on, law):
    assert clocks.statutory_last_day(made_on, "28a") == law
    assert clocks.response_due_on(made_on, "28a") == law + timedelta(days=1)


@pytest.mark.parametrize("basis", ["section_10", "not_stated"])
def test_only_a_basis_with_a_duty_has_dates(basis):
    assert clocks.statutory_last_day(TODAY, basis) is None
    assert clocks.response_due_on(TODAY, basis) is None
    assert clocks.publish_by(TODAY, SimpleNamespace(capacity="recipient", basis=basis)) is None


def test_a_reply_is_invited_and_never_due_where_there_is_no_duty():
    assert clocks.invited_by(date(2026, 3, 2), "section_10") == date(2026, 4, 27)
    assert clocks.invited_by(date(2026, 3, 2), "28a") is None


MUST_REPLY = SimpleNamespace(capacity="recipient", basis="28a")


def test_representations_leave_the_time_for_publication_to_the_regulators_decision():
    """Para 28B(5): the 21 days hold unless representations were made under sub-paragraph (6)."""
    assert clocks.publish_by(TODAY, MUST_REPLY, "Please leave out the last sentence.") is None
    assert clocks.publish_by(TODAY, MUST_REPLY, "  ") is not None


def test_nobody_has_to_publish_a_reply_that_nobody_had_to_give():
    assert clocks.publish_by(TODAY, SimpleNamespace(capacity="invited", basis="28a")) is None


def test_a_response_is_published_within_21_days_counting_the_day_of_receipt():
    """Para 28B(5): "within 21 days beginning with" receipt."""
    assert clocks.publish_by(date(2026, 3, 2), MUST_REPLY) == date(2026, 3, 22)
    assert clocks.publish_by(date(2028, 2, 20), MUST_REPLY) == date(2028, 3, 11)


def test_every_basis_that_binds_names_its_provision():
    assert all(basis.provision for basis in clocks.BASES.values() if basis.duty)
    assert "paragraphs 28A and 28B" in clocks.BASES["28a"].provision
    assert clocks.BASES["section_10"].provision.endswith("section 10(1)(e)")


def test_the_statute_is_cited_above_each_legal_date():
    assert "28B(2)" in clocks.statutory_last_day.__doc__
    assert "28B(5)" in clocks.publish_by.__doc__


def test_acknowledging_has_a_target_of_five_working_days():
    holidays = Holidays(frozenset({date(2026, 3, 4)}), date(2026, 12, 31))
    assert clocks.acknowledge_by(date(2026, 3, 2), holidays) == date(2026, 3, 10)


def test_the_target_for_acknowledging_is_left_open_where_holidays_are_not_known():
    assert clocks.acknowledge_by(date(2026, 12, 28), Holidays(frozenset(), date(2026, 12, 31))) is None
    assert clocks.acknowledge_by(date(2026, 3, 2), Holidays(frozenset(), None)) is None


# ---- the reply clock


@given(clocked(), todays)
def test_exactly_one_row_holds_for_any_assignment_on_any_day(values, today):
    assignment = SimpleNamespace(**values)
    holding = [row for row in clocks.ROWS if all(clocks._holds(c, assignment, today) for c in row.conditions)]
    assert len(holding) == 1, holding


@given(clocked(), todays)
def test_nobody_is_late_before_the_later_of_the_two_dates_has_passed(values, today):
    assignment = SimpleNamespace(**values)
    state = clocks.reply_clock(assignment, today)
    if state in ("overdue", "replied_late"):
        last = max(assignment.statutory_last_day, assignment.response_due_on)
        assert (assignment.received_on if state == "replied_late" else today) > last
        assert clocks.days_late(assignment, today) >= 1
    else:
        assert clocks.days_late(assignment, today) == 0


@given(clocked(), todays)
def test_a_reply_is_never_taken_for_a_missing_one(values, today):
    replied = clocks.reply_clock(SimpleNamespace(**values), today).startswith("replied")
    assert replied == (values["acceptance"] in clocks.ACCEPTANCE_REPLIED)


@given(clocked(), todays)
def test_only_a_recipient_under_a_duty_is_ever_called_late_or_in_time(values, today):
    state = clocks.reply_clock(SimpleNamespace(**values), today)
    if state in ("running", "due_soon", "overdue", "replied_in_time", "replied_late"):
        assert (values["capacity"], values["basis"]) == ("recipient", "28a")


@given(clocked(), todays, st.integers(1, 30))
def test_waiting_never_makes_an_overdue_reply_less_overdue(values, today, later):
    assignment = SimpleNamespace(**values)
    if clocks.reply_clock(assignment, today) == "overdue":
        after = today + timedelta(days=later)
        assert clocks.reply_clock(assignment, after) == "overdue"
        assert clocks.days_late(assignment, after) == clocks.days_late(assignment, today) + later


@given(clocked(), todays)
def test_every_state_of_the_clock_is_a_named_one(values, today):
    assert clocks.reply_clock(SimpleNamespace(**values), today) in clocks.REPLY_CLOCK_STATES


def test_every_named_state_has_a_row():
    assert {row.state for row in clocks.ROWS} == set(clocks.REPLY_CLOCK_STATES)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (LAW - timedelta(days=15), "running"),
        (LAW - timedelta(days=14), "due_soon"),
        (LAW, "due_soon"),
        (LETTER, "due_soon"),
        (LETTER + timedelta(days=1), "overdue"),
    ],
)
def test_a_missing_reply_runs_is_due_soon_and_then_overdue(today, state):
    assert clocks.reply_clock(an_assignment(), today) == state


def test_a_letter_that_gives_an_earlier_date_makes_nobody_late_before_the_last_day_in_law():
    early = an_assignment(response_due_on=date(2026, 3, 30))
    assert clocks.reply_clock(early, date(2026, 3, 31)) == "due_soon"  # the letter's date counts for "soon"
    assert clocks.reply_clock(early, LAW) == "due_soon"
    assert clocks.reply_clock(early, LAW + timedelta(days=1)) == "overdue"


def test_a_letter_that_gives_a_later_date_is_kept_to():
    late = an_assignment(response_due_on=date(2026, 6, 1))
    assert clocks.reply_clock(late, date(2026, 6, 1)) == "due_soon"
    assert clocks.reply_clock(late, date(2026, 6, 2)) == "overdue"
    assert clocks.days_late(late, date(2026, 6, 2)) == 1
    assert clocks.late_in_law(late, LAW + timedelta(days=1))


def test_a_reply_on_the_last_day_in_law_is_in_time():
    assert clocks.reply_clock(an_assignment(acceptance="accepted", received_on=LAW), TODAY) == "replied_in_time"


def test_a_reply_on_the_day_the_letter_gave_is_in_time_though_late_in_law():
    replied = an_assignment(acceptance="not_accepted", received_on=LETTER)
    assert clocks.reply_clock(replied, TODAY) == "replied_in_time"
    assert clocks.days_late(replied, TODAY) == 0
    assert clocks.late_in_law(replied, TODAY)


def test_a_reply_the_day_after_both_is_a_day_late_for_ever():
    replied = an_assignment(acceptance="accepted", received_on=LETTER + timedelta(days=1))
    for today in (LETTER + timedelta(days=1), date(2031, 1, 1)):
        assert clocks.reply_clock(replied, today) == "replied_late"
        assert clocks.days_late(replied, today) == 1


def test_a_reply_on_the_last_day_in_law_is_not_late_in_law():
    assert not clocks.late_in_law(an_assignment(acceptance="accepted", received_on=LAW), date(2031, 1, 1))


def test_a_missing_reply_is_late_in_law_from_the_day_after():
    assert not clocks.late_in_law(an_assignment(), LAW)
    assert clocks.late_in_law(an_assignment(), LAW + timedelta(days=1))


def test_nothing_without_a_clock_is_late_in_law():
    assert not clocks.late_in_law(an_assignment(capacity="invited", basis="section_10"), date(2031, 1, 1))
    assert not clocks.late_in_law(an_assignment(basis="not_stated", statutory_last_day=None), date(2031, 1, 1))


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({"capacity": "in_scope", "acceptance": "not_asked"}, "no_deadline"),
        ({"capacity": "invited", "basis": "section_10"}, "no_deadline"),
        ({"capacity": "invited", "basis": "not_stated"}, "no_deadline"),  # capacity comes before the basis
        ({"basis": "section_10"}, "no_deadline"),
        ({"basis": "not_stated"}, "not_known"),
        ({"statutory_last_day": None}, "not_known"),
        ({"response_due_on": None}, "not_known"),
        ({"statutory_last_day": None, "response_due_on": None}, "not_known"),
        ({"acceptance": "accepted", "basis": "section_10", "received_on": LAW}, "replied"),
        ({"acceptance": "accepted", "capacity": "invited", "received_on": LAW}, "replied"),
        ({"acceptance": "accepted", "basis": "not_stated", "received_on": LAW}, "replied"),
        ({"acceptance": "accepted", "received_on": None}, "replied"),
        ({"acceptance": "accepted", "received_on": LAW, "response_due_on": None}, "replied"),
        ({"acceptance": "accepted", "received_on": LAW, "statutory_last_day": None}, "replied"),
    ],
)
def test_what_comes_first_when_several_would_fit(columns, state):
    assert clocks.reply_clock(an_assignment(**columns), date(2031, 1, 1)) == state


def test_the_later_date_is_not_known_when_either_is_missing():
    assert clocks.later_date(an_assignment()) == LETTER
    assert clocks.later_date(an_assignment(response_due_on=date(2026, 3, 30))) == LAW
    assert clocks.later_date(an_assignment(response_due_on=None)) is None
    assert clocks.later_date(an_assignment(statutory_last_day=None)) is None


def test_soon_is_fourteen_days_off():
    assert clocks.soon(date(2028, 2, 20)) == date(2028, 3, 5)


def test_every_acceptance_is_either_a_reply_or_not():
    assert set(workflow.ACCEPTANCE) == set(clocks.ACCEPTANCE_REPLIED) | set(clocks.ACCEPTANCE_UNREPLIED)
    assert not set(clocks.ACCEPTANCE_REPLIED) & set(clocks.ACCEPTANCE_UNREPLIED)
