"""Working days: Monday to Friday less the bank holidays of England and Wales.

Only house targets (acknowledgement, reminder steps) use working days. Statutory days are
calendar days and never move (see `clocks`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
CIVIL = ZoneInfo("Europe/London")


def day_of(instant: datetime) -> date:
    """The civil day in England and Wales on which an (aware) instant falls."""
    return instant.astimezone(CIVIL).date()


class HolidaysNotKnown(Exception):
    """A working-day count runs beyond the last year whose bank holidays are known."""


@dataclass(frozen=True)
class Holidays:
    """The bank holidays known to an installation. `known_until` is the last day the set is complete for."""

    days: frozenset[date]
    known_until: date | None
    names: Mapping[date, str] = field(default_factory=dict)


def is_working_day(day: date, holidays: Holidays) -> bool:
    """True on Monday to Friday outside bank holidays; raises HolidaysNotKnown beyond the known years."""
    if holidays.known_until is None or day > holidays.known_until:
        raise HolidaysNotKnown(f"Bank holidays are not known for {day:%Y}. Add them, then set the target.")
    return day.weekday() < SATURDAY and day not in holidays.days


def add_working_days(start: date, count: int, holidays: Holidays) -> date:
    """The `count`-th working day after `start`, which itself is not counted."""
    return count_working_days(start, count, holidays).last


@dataclass(frozen=True)
class Counted:
    """The last of the working days counted, and the days left out before it: each with its holiday's name, or ""."""

    last: date
    left_out: tuple[tuple[date, str], ...]


def count_working_days(start: date, count: int, holidays: Holidays) -> Counted:
    """Count working days after `start`, and say which days were left out. Raises HolidaysNotKnown."""
    day, left_out = start, []
    while count:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            count -= 1
        else:
            left_out.append((day, holidays.names.get(day, "")))
    return Counted(day, tuple(left_out))
