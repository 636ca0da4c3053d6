"""More time for a written reply, to the day, with the provision that each rule comes from."""

from datetime import date, datetime, timedelta

import pytest

from registry.actions import assignments, extensions
from registry.actions.extensions import MoreTime, Proceedings
from registry.records.assignments import CourtDays, Extension
from registry.records.messages import Message
from registry.rules import calendar, clocks
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW, TODAY

WANTED = MoreTime(14, "Waiting for the estates survey.")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()


@pytest.fixture
def asked():
    """Kent must reply; made today."""
    return given.an_assignment()


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=calendar.CIVIL)


def ask(assignment, day, **more):
    actor = given.the_case_officer() if more else given.a_liaison_officer()
    return extensions.request_extension(assignment.id, WANTED, actor=actor, now=morning(day), **more)


def grant(assignment, days=14, day=TODAY, **more):
    wanted = MoreTime(days, "The survey is under way.")
    return extensions.grant_extension(assignment.id, wanted, actor=given.the_case_officer(), now=morning(day), **more)


def refuse(assignment, day=TODAY):
    return extensions.refuse_extension(assignment.id, "No.", actor=given.the_case_officer(), now=morning(day))


def clock(assignment, day):
    return clocks.reply_clock(given.again(assignment), day)


# ---- asking


def test_an_application_on_the_last_day_in_law_is_in_time(asked):
    """Para 28B(3): received before the end of the period of 56 days beginning with the day it was made."""
    last = asked.statutory_last_day
    assert (last - TODAY).days == 55
    assert ask(asked, last).received_on == last
    assert clock(asked, last) == "extension_requested"


def test_an_application_a_day_after_the_last_day_in_law_is_refused_although_the_letters_date_has_not_passed(asked):
    """Para 28B(3) counts the period of the law; the date in the letter is a day later and extends nothing."""
    late = asked.statutory_last_day + DAY
    assert late == asked.response_due_on
    with pytest.raises(
        NotAllowed, match=r"before the end of the period, which was 26 April 2026 \(paragraph 28B\(3\)\)"
    ):
        ask(asked, late)
    assert Extension.select().count() == 0 and given.again(asked).extension_requested_on is None


def test_an_application_by_letter_is_in_time_by_the_day_it_was_received(asked):
    last = asked.statutory_last_day
    extension = ask(asked, last + 7 * DAY, received_on=last)
    assert (extension.received_on, extension.by_post) == (last, True)
    assert clock(asked, last + 7 * DAY) == "extension_requested"


def test_a_letter_received_a_day_late_is_refused_whenever_it_is_recorded(asked):
    last = asked.statutory_last_day
    with pytest.raises(NotAllowed, match="28B"):
        ask(asked, last + 7 * DAY, received_on=last + DAY)


def test_nobody_is_late_while_an_application_that_came_in_time_is_not_decided(asked):
    ask(asked, asked.statutory_last_day)
    long_after = asked.response_due_on + 100 * DAY
    assert clock(asked, long_after) == "extension_requested"
    assert clocks.days_late(given.again(asked), long_after) == 0
    assert not clocks.late_in_law(given.again(asked), long_after)


def test_more_time_is_asked_for_once_until_it_is_decided(asked):
    ask(asked, TODAY)
    with pytest.raises(NotAllowed, match="not decided yet"):
        ask(asked, TODAY)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [(MoreTime(0, "Why"), "from 1 to"), (MoreTime(367, "Why"), "from 1 to"), (MoreTime(14, " "), "Say why")],
)
def test_an_application_says_how_many_days_and_why(asked, wanted, words):
    with pytest.raises(NotAllowed, match=words):
        extensions.request_extension(asked.id, wanted, actor=given.a_liaison_officer(), now=NOW)


def test_whoever_has_replied_needs_no_more_time(asked):
    given.replied(asked)
    with pytest.raises(NotAllowed, match="has been recorded"):
        ask(asked, TODAY)


@pytest.mark.parametrize("notice", [{"basis": "section_10"}, {"in_scope": ("kent",), "to": ("essex",)}])
def test_where_no_law_sets_a_time_there_is_none_to_extend(notice):
    """Section 10(1)(e) sets no duty to reply, and whoever is only in scope owes no reply."""
    assignment = given.an_assignment(**notice)
    with pytest.raises(NotAllowed, match="no time for this reply"):
        ask(assignment, TODAY)
    with pytest.raises(NotAllowed, match="no time for this reply"):
        add(assignment, TODAY)


# ---- deciding


def test_days_granted_move_both_dates_from_where_they_stand_and_the_old_ones_are_kept(asked):
    """Para 28B(3): the period of 56 days is extended; calendar days, whatever day of the week they end on."""
    ask(asked, TODAY)
    extension = grant(asked, 14)
    now = given.again(asked)
    assert (now.statutory_last_day, now.response_due_on) == (date(2026, 5, 10), date(2026, 5, 11))
    assert now.statutory_last_day.weekday() == 6, "a Sunday stays one"
    assert (extension.old_last_day, extension.old_due_on) == (date(2026, 4, 26), date(2026, 4, 27))
    assert (extension.new_last_day, extension.new_due_on) == (now.statutory_last_day, now.response_due_on)
    assert now.extension_requested_on is None


def test_an_application_may_be_granted_after_the_end_of_the_period(asked):
    ask(asked, asked.statutory_last_day)
    grant(asked, 14, day=asked.statutory_last_day + 10 * DAY)
    assert clock(asked, asked.statutory_last_day + 10 * DAY) == "due_soon"
    assert clock(asked, asked.response_due_on + 15 * DAY) == "overdue"


def test_an_application_refused_after_the_end_leaves_the_reply_overdue_at_once(asked):
    ask(asked, asked.statutory_last_day)
    day = asked.response_due_on + 5 * DAY
    refuse(asked, day)
    assert clock(asked, day) == "overdue"
    assert clocks.days_late(given.again(asked), day) == 5


def test_a_reply_that_came_while_an_application_was_pending_is_in_time_once_it_is_granted(asked):
    ask(asked, asked.statutory_last_day)
    day = asked.response_due_on + 5 * DAY
    given.replied(asked, now=morning(day))
    assert clock(asked, day) == "replied_late"
    grant(asked, 14, day=day + DAY)
    assert clock(asked, day + DAY) == "replied_in_time"


def test_a_second_extension_counts_from_the_first_and_keeps_to_the_house_limit(asked):
    """Whether para 28B(3) allows a second one is doubtful: the page warns, the limit is a setting."""
    ask(asked, TODAY)
    grant(asked, 20)
    ask(asked, given.again(asked).statutory_last_day)
    with pytest.raises(NotAllowed, match="28 days in all, of which 8 are left"):
        grant(asked, 9)
    grant(asked, 8)
    assert given.again(asked).statutory_last_day == asked.statutory_last_day + 28 * DAY
    assert extensions.days_granted(asked) == 28


def test_an_extension_lets_an_application_in_until_the_new_last_day(asked):
    ask(asked, TODAY)
    grant(asked, 14)
    new = given.again(asked).statutory_last_day
    with pytest.raises(NotAllowed, match="28B"):
        ask(asked, new + DAY)
    assert ask(asked, new).received_on == new


def test_the_house_limit_is_what_the_setting_says(asked):
    ask(asked, TODAY)
    grant(asked, 60, longest=60)
    assert given.again(asked).statutory_last_day == asked.statutory_last_day + 60 * DAY


def test_what_nobody_asked_for_is_not_decided(asked):
    for decide in (grant, refuse):
        with pytest.raises(NotAllowed, match="Nobody has asked"):
            decide(asked)


def test_a_leap_day_counts_as_a_day(database):
    """56 days beginning with 1 February 2028 end on 27 March; 14 more on 10 April."""
    assignment = given.an_assignment(made_at=morning(date(2028, 2, 1)))
    assert assignment.statutory_last_day == date(2028, 3, 27)
    ask(assignment, date(2028, 2, 29))
    grant(assignment, 14, day=date(2028, 2, 29))
    assert given.again(assignment).statutory_last_day == date(2028, 4, 10)


def test_an_application_late_in_the_evening_before_the_clocks_change_counts_on_its_civil_day():
    """29 March 2026: the clocks go forward in the night; 23:30 in London is 22:30 or 23:30 in UTC."""
    assignment = given.an_assignment(made_at=morning(date(2026, 2, 2)))
    last = assignment.statutory_last_day
    assert last == date(2026, 3, 29)
    late = datetime(2026, 3, 29, 23, 30, tzinfo=calendar.CIVIL)
    extension = extensions.request_extension(assignment.id, WANTED, actor=given.a_liaison_officer(), now=late)
    assert extension.received_on == last


# ---- telling


def test_case_officers_are_told_of_an_application_and_the_organisation_of_the_decision(asked):
    given.the_case_officer()
    ask(asked, TODAY)
    assert [row.kind for row in Message.select().where(Message.kind.startswith("extension"))] == ["extension_asked"]
    grant(asked)
    kinds = [row.kind for row in Message.select().where(Message.kind.startswith("extension")).order_by(Message.id)]
    assert kinds == ["extension_asked", "extension_decided"]


# ---- days added by a court


def add(assignment, started_on, days=30, day=None):
    claim = Proceedings(started_on, days, "The claim of the force.")
    actor = given.the_case_officer()
    return extensions.add_court_days(assignment.id, claim, actor=actor, now=morning(day or started_on))


def test_the_days_of_proceedings_started_within_the_period_are_added_to_it(asked):
    """Para 28B(4): added, not paused: the dates move by the days the proceedings are in progress."""
    added = add(asked, asked.statutory_last_day, 30)
    now = given.again(asked)
    assert now.statutory_last_day == asked.statutory_last_day + 30 * DAY == added.new_last_day
    assert now.response_due_on == asked.response_due_on + 30 * DAY
    assert now.days_added == 30


def test_proceedings_started_a_day_after_the_period_add_nothing(asked):
    """Para 28B(4): within the original or extended period."""
    with pytest.raises(NotAllowed, match=r"paragraph 28B\(4\)"):
        add(asked, asked.statutory_last_day + DAY)
    assert CourtDays.select().count() == 0


def test_proceedings_started_within_the_extended_period_are_added_to_it(asked):
    ask(asked, TODAY)
    grant(asked, 14)
    add(asked, asked.statutory_last_day + 14 * DAY, 10)
    assert given.again(asked).statutory_last_day == asked.statutory_last_day + 24 * DAY


def test_days_added_when_the_end_has_passed_make_a_late_reply_one_that_is_not(asked):
    day = asked.response_due_on + 10 * DAY
    assert clock(asked, day) == "overdue"
    add(asked, asked.statutory_last_day, 30, day=day)
    assert clock(asked, day) == "running"


@pytest.mark.parametrize(
    ("started_on", "days", "words"),
    [(TODAY + DAY, 5, "in the future"), (TODAY - DAY, 5, "before the notice was made"), (TODAY, 0, "1 or more")],
)
def test_days_that_cannot_be_are_refused_in_a_sentence(asked, started_on, days, words):
    with pytest.raises(NotAllowed, match=words):
        add(asked, started_on, days, day=TODAY)


# ---- what the public is told


def test_a_late_reply_is_called_late_outside_only_when_it_has_been_decided_what_is_published(asked):
    day = asked.response_due_on + 5 * DAY
    given.replied(asked, now=morning(day))
    assert clocks.told(given.again(asked), day, outside=True) == "replied"
    assert clocks.told(given.again(asked), day, outside=False) == "replied_late"
    everything = assignments.Extent("all")
    assignments.decide_publication(asked.id, everything, actor=given.the_case_officer(), now=morning(day))
    assert clocks.told(given.again(asked), day, outside=True) == "replied_late"
