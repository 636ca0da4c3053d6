"""A deadline that explains itself: from when it was counted, how many days, what was added and why, what was left out.

Every function gives sentences in the order in which the counting was done, for pages, letters and the PDF alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.rules import calendar, clocks
from registry.rules.calendar import Holidays, HolidaysNotKnown
from registry.rules.wording import N_, Translate, day, english

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


@dataclass(frozen=True)
class Moved:
    """Days added to the period: by an `extension` (para 28B(3)) or for proceedings in `court` (para 28B(4))."""

    why: str
    days: int
    on: date | None
    last_day: date
    due_on: date


_MOVED = {
    "given": N_("%(days)s days given (paragraph 28B(3)): the last day in law moves to %(last_day)s."),
    "extension": N_("%(days)s days given on %(on)s (paragraph 28B(3)): the last day in law moves to %(last_day)s."),
    "court": N_(
        "%(days)s days added on %(on)s for proceedings (paragraph 28B(4)): the last day in law moves to %(last_day)s."
    ),
}


def weekday(value: date, translate: Translate = english) -> str:
    """A date with the day of the week: "Sunday 26 April 2026"."""
    return f"{translate(WEEKDAYS[value.weekday()])} {day(value, translate)}"


def reply(
    made_on: date,
    basis: str,
    moves: Iterable[Moved] = (),
    due_on: date | None = None,
    translate: Translate = english,
) -> list[str]:
    """How the days for a written reply were counted (para 28B(2) to (4)). `due_on` is the letter's first date.

    Where the law sets no time, one sentence that says so.
    """
    law = clocks.statutory_last_day(made_on, basis)
    if law is None:
        return [_no_time(made_on, basis, translate)]
    letter = due_on or clocks.response_due_on(made_on, basis) or law
    told = [
        translate(N_("The recommendation was made on %(day)s. That day is counted as the first."))
        % {"day": weekday(made_on, translate)},
        translate(
            N_("The period is %(count)s days beginning with it (paragraph 28B(2)): the last day in law is %(day)s.")
        )
        % {"count": clocks.BASES[basis].reply_days, "day": weekday(law, translate)},
        translate(
            N_("These are calendar days: weekends and bank holidays count, and the last day never moves for them.")
        ),
        translate(N_("The date in the letter is %(day)s, %(count)s days after the day it was made."))
        % {"day": weekday(letter, translate), "count": (letter - made_on).days},
    ]
    for move in moves:
        said = {"days": move.days, "on": day(move.on, translate), "last_day": weekday(move.last_day, translate)}
        told.append(translate(_MOVED[move.why if move.on else "given"]) % said)
        law, letter = move.last_day, move.due_on
    late_from = weekday(max(law, letter), translate)
    told.append(
        translate(N_("Nobody is called late before the later of the two dates has passed: %(day)s."))
        % {"day": late_from}
    )
    return told


def _no_time(made_on: date, basis: str, translate: Translate) -> str:
    if basis == "section_10":
        invited = day(clocks.invited_by(made_on, basis), translate)
        text = N_(
            "Section 10(1)(e) sets no duty to reply and no time. A reply is invited by %(day)s; nobody is ever late."
        )
        return translate(text) % {"day": invited}
    return translate(N_("The provision is not known, so no time can be counted."))


def publication(received_on: date, translate: Translate = english) -> list[str]:
    """How the days for publishing a reply were counted (para 28B(5))."""
    last = clocks.publish_by(received_on, _OWED)
    return [
        translate(N_("The reply was received on %(day)s. That day is counted as the first."))
        % {"day": weekday(received_on, translate)},
        translate(N_("It is to be published within %(count)s days beginning with it (paragraph 28B(5)), by %(day)s."))
        % {"count": clocks.PUBLISH_DAYS, "day": weekday(last, translate) if last else ""},
    ]


@dataclass(frozen=True)
class _Owed:
    """What `clocks.publish_by` asks of an assignment whose reply is owed by law."""

    capacity: str = "recipient"
    basis: str = "28a"


_OWED: Any = _Owed()


def acknowledgement(made_on: date, holidays: Holidays, translate: Translate = english) -> list[str]:
    """How the working days of the house target for acknowledging were counted, and which days were left out by name."""
    count = clocks.ACKNOWLEDGE_WORKING_DAYS
    told = [
        translate(
            N_("A target of the register, not of the law: %(count)s working days, counted from the day after %(day)s.")
        )
        % {"count": count, "day": weekday(made_on, translate)}
    ]
    try:
        counted = calendar.count_working_days(made_on, count, holidays)
    except HolidaysNotKnown:
        return [*told, translate(N_("The bank holidays of that year are not known yet, so the target is left open."))]
    if counted.left_out:
        named = "; ".join(
            f"{weekday(left, translate)}{f' ({translate(name)})' if name else ''}" for left, name in counted.left_out
        )
        told.append(translate(N_("Left out: %(days)s.")) % {"days": named})
    return [*told, translate(N_("The target is %(day)s.")) % {"day": weekday(counted.last, translate)}]
