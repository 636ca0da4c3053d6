"""Working days: Monday to Friday less the bank holidays of England and Wales.

Only house targets (acknowledgement, reminder steps) use working days. Statutory days are
calendar days and never move (see `clocks`).
"""

from dataclasses import dataclass
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


def is_working_day(day: date, holidays: Holidays) -> bool:
    """True on Monday to Friday outside bank holidays; raises HolidaysNotKnown beyond the known years."""
    if holidays.known_until is None or day > holidays.known_until:
        raise HolidaysNotKnown(f"Bank holidays are not known for {day:%Y}. Add them, then set the target.")
    return day.weekday() < SATURDAY and day not in holidays.days


def add_working_days(start: date, count: int, holidays: Holidays) -> date:
    """The `count`-th working day after `start`, which itself is not counted."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day
