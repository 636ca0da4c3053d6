"""A deadline that explains itself: each sentence, with the provision it comes from."""

from datetime import date, timedelta

from registry.rules import calendar, clocks, explaining
from registry.rules.calendar import Holidays
from registry.rules.explaining import Moved

MADE = date(2026, 3, 2)
EASTER = {date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"}
KNOWN = Holidays(frozenset(EASTER), date(2026, 12, 31), EASTER)


def test_the_first_day_counts_and_the_last_in_law_may_be_a_sunday():
    """Para 28B(2): 56 days beginning with the day on which the recommendation was made."""
    told = explaining.reply(MADE, "28a")
    assert told[0] == "The recommendation was made on Monday 2 March 2026. That day is counted as the first."
    assert told[1].endswith(
        "56 days beginning with it (paragraph 28B(2)): the last day in law is Sunday 26 April 2026."
    )
    assert "weekends and bank holidays count" in told[2]
    assert told[3] == "The date in the letter is Monday 27 April 2026, 56 days after the day it was made."
    assert told[4].endswith("before the later of the two dates has passed: Monday 27 April 2026.")


def test_what_was_added_is_told_in_its_order_with_its_provision():
    moves = [
        Moved("extension", 14, date(2026, 4, 10), date(2026, 5, 10), date(2026, 5, 11)),
        Moved("court", 30, date(2026, 6, 1), date(2026, 6, 9), date(2026, 6, 10)),
    ]
    told = explaining.reply(MADE, "28a", moves)
    assert told[4] == (
        "14 days given on 10 April 2026 (paragraph 28B(3)): the last day in law moves to Sunday 10 May 2026."
    )
    assert told[5].startswith("30 days added on 1 June 2026 for proceedings (paragraph 28B(4)): ")
    assert told[5].endswith("the last day in law moves to Tuesday 9 June 2026.")
    assert told[6].endswith("Wednesday 10 June 2026.")


def test_a_date_of_the_letter_set_by_hand_is_the_one_explained():
    told = explaining.reply(MADE, "28a", due_on=date(2026, 5, 4))
    assert "Monday 4 May 2026, 63 days after" in told[3] and told[4].endswith("Monday 4 May 2026.")


def test_where_no_law_sets_a_time_one_sentence_says_so():
    """Section 10(1)(e)."""
    (told,) = explaining.reply(MADE, "section_10")
    assert "sets no duty to reply and no time" in told and "27 April 2026" in told
    (told,) = explaining.reply(MADE, "not_stated")
    assert "not known" in told


def test_a_leap_day_is_a_day():
    told = explaining.reply(date(2028, 2, 1), "28a")
    assert "Monday 27 March 2028" in told[1]


def test_the_days_for_publishing_begin_with_the_day_of_receipt():
    """Para 28B(5): within 21 days beginning with the day on which it was received."""
    told = explaining.publication(MADE)
    assert told[1] == (
        "It is to be published within 21 days beginning with it (paragraph 28B(5)), by Sunday 22 March 2026."
    )


def test_what_a_target_in_working_days_left_out_is_named():
    told = explaining.acknowledgement(date(2026, 4, 1), KNOWN)
    assert "not of the law: 5 working days, counted from the day after Wednesday 1 April 2026" in told[0]
    assert told[1] == (
        "Left out: Friday 3 April 2026 (Good Friday); Saturday 4 April 2026; Sunday 5 April 2026; "
        "Monday 6 April 2026 (Easter Monday)."
    )
    assert told[2] == "The target is Friday 10 April 2026."


def test_a_target_with_nothing_left_out_says_nothing_of_it():
    assert len(explaining.acknowledgement(date(2026, 3, 1), KNOWN)) == 2


def test_a_target_beyond_the_known_holidays_is_left_open_and_says_so():
    told = explaining.acknowledgement(date(2026, 12, 29), KNOWN)
    assert told[1] == "The bank holidays of that year are not known yet, so the target is left open."


def test_the_working_days_explained_are_those_of_the_target():
    day = date(2026, 1, 1)
    while day < date(2026, 12, 1):
        counted = calendar.count_working_days(day, 5, KNOWN)
        assert counted.last == clocks.acknowledge_by(day, KNOWN)
        assert (counted.last - day).days == 5 + len(counted.left_out)
        day += timedelta(days=1)
