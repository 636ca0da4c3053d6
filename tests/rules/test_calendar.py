from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules import calendar
from registry.rules.calendar import Holidays, HolidaysNotKnown

EASTER = Holidays(frozenset({date(2026, 4, 3), date(2026, 4, 6)}), date(2026, 12, 31))
NONE_KNOWN = Holidays(frozenset(), None)


def test_the_day_itself_is_not_counted():
    assert calendar.add_working_days(date(2026, 3, 2), 5, EASTER) == date(2026, 3, 9)


def test_a_weekend_is_not_worked():
    assert calendar.add_working_days(date(2026, 3, 6), 1, EASTER) == date(2026, 3, 9)


def test_counting_from_a_saturday_begins_on_monday():
    assert calendar.add_working_days(date(2026, 3, 7), 1, EASTER) == date(2026, 3, 9)


def test_bank_holidays_are_not_worked():
    assert calendar.add_working_days(date(2026, 4, 2), 1, EASTER) == date(2026, 4, 7)


def test_a_bank_holiday_on_a_weekend_changes_nothing():
    holidays = Holidays(frozenset({date(2026, 3, 7)}), date(2026, 12, 31))
    assert calendar.add_working_days(date(2026, 3, 6), 1, holidays) == date(2026, 3, 9)


def test_no_working_days_is_the_day_itself():
    assert calendar.add_working_days(date(2026, 3, 7), 0, EASTER) == date(2026, 3, 7)


def test_the_last_known_day_is_still_known():
    assert calendar.is_working_day(date(2026, 12, 31), EASTER)


def test_a_count_beyond_the_last_known_year_is_refused():
    with pytest.raises(HolidaysNotKnown, match="not known for 2027"):
        calendar.add_working_days(date(2026, 12, 29), 3, EASTER)


def test_without_any_holidays_nothing_is_guessed():
    with pytest.raises(HolidaysNotKnown):
        calendar.is_working_day(date(2026, 3, 2), NONE_KNOWN)


@given(st.dates(date(2025, 1, 1), date(2026, 10, 1)), st.integers(1, 40))
def test_as_many_working_days_lie_between_as_were_asked_for(start, count):
    end = calendar.add_working_days(start, count, EASTER)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(calendar.is_working_day(day, EASTER) for day in between) == count
    assert calendar.is_working_day(end, EASTER)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),  # the last evening of winter time
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),  # midnight, by the clocks in London
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),  # 01:30, the first of two
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_the_civil_day_is_the_day_in_london(instant, day):
    assert calendar.day_of(instant) == day
