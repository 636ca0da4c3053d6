"""Legal time limits as date arithmetic, and the derived reply clock as rows of conditions.

Days are civil dates in Europe/London and are calendar days: no weekend or bank holiday moves them.
The rows at the end are the only definition of the reply clock: Python evaluates them here and
`records.reply_clock` compiles the same rows to SQL.
"""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from registry.rules.calendar import Holidays, HolidaysNotKnown, add_working_days

PERIOD_DAYS = 56
PUBLISH_DAYS = 21
EXTENSION_DAYS = 28
# Nothing was recommended under Schedule 3 of the Police Reform Act 2002 before its year.
YEAR_OF_THE_ACT = 2002
# Between publication and naming somebody whose reply is overdue already: time to be warned.
NAMING_DAYS = 3
SOON_DAYS = 14
ACKNOWLEDGE_WORKING_DAYS = 5


@dataclass(frozen=True)
class Basis:
    """Under which provision a recommendation is made, and what follows from it.

    `reply_days` is the period in days beginning with the day it was made (None: no period);
    `duty` says whether a recipient must reply; `publication` says how a reply becomes public.
    """

    name: str
    duty: bool
    reply_days: int | None
    publication: str
    provision: str


BASES: Mapping[str, Basis] = {
    row.name: row
    for row in (
        Basis("28a", True, PERIOD_DAYS, "duty", "Police Reform Act 2002, Schedule 3, paragraphs 28A and 28B"),
        Basis("section_10", False, None, "decision", "Police Reform Act 2002, section 10(1)(e)"),
        Basis("not_stated", False, None, "decision", ""),
    )
}
WITH_DUTY = tuple(name for name, basis in BASES.items() if basis.duty)
WITHOUT_DUTY = tuple(name for name, basis in BASES.items() if not basis.duty and name != "not_stated")


def statutory_last_day(made_on: date, basis: str) -> date | None:
    """The last day in law for the written response, or None where the basis sets no period.

    Police Reform Act 2002, Sch 3, para 28B(2): before the end of the period of 56 days
    *beginning with* the day on which the recommendation was made, so the first day counts.
    """
    days = BASES[basis].reply_days
    return made_on + timedelta(days=days - 1) if days else None


def response_due_on(made_on: date, basis: str, days: int = PERIOD_DAYS) -> date | None:
    """The date written in the letter: `days` after the day it was made (the practice of published letters).

    A day later in 28A cases than `statutory_last_day`; nobody is called late before the later of the two.
    """
    return made_on + timedelta(days=days) if BASES[basis].reply_days else None


def invited_by(made_on: date, basis: str, days: int = PERIOD_DAYS) -> date | None:
    """The day a reply is invited by where nobody has to reply (section 10(1)(e)); never a deadline, never late."""
    return None if BASES[basis].duty else made_on + timedelta(days=days)


def publish_by(received_on: date, assignment: Any, representations: str = "") -> date | None:
    """The last day to publish a response: para 28B(5), within 21 days beginning with the day of receipt.

    None where the law sets no time: no duty to reply, or representations were made with the reply
    (para 28B(6)), which the regulator has to decide about first.
    """
    owed = assignment.capacity == "recipient" and BASES[assignment.basis].duty
    return received_on + timedelta(days=PUBLISH_DAYS - 1) if owed and not representations.strip() else None


@dataclass(frozen=True)
class Extended:
    """Both last days after days were added to the period: the one in law and the letter's."""

    last_day: date
    due_on: date

    @classmethod
    def of(cls, last_day: date, due_on: date, days: int) -> "Extended":
        """Both dates, so many calendar days later."""
        return cls(last_day + timedelta(days=days), due_on + timedelta(days=days))


def extended(assignment: Any, days: int) -> Extended:
    """The period made longer by `days`, for both dates alike, from the dates now in force.

    Police Reform Act 2002, Sch 3, para 28B(3): the regulator may extend the period of 56 days; para 28B(4): the
    days that proceedings for judicial review are in progress are added to it. Calendar days, never moved.
    """
    return Extended.of(assignment.statutory_last_day, assignment.response_due_on, days)


def has_period(assignment: Any) -> bool:
    """True when the law sets a period that can be extended: a recipient under a basis with a duty, both days known."""
    return assignment.capacity == "recipient" and BASES[assignment.basis].duty and later_date(assignment) is not None


def in_period(day: date, assignment: Any) -> bool:
    """True when something that came in on the day came before the end of the period (para 28B(3)): its last day counts.

    The period is that of the law, not the letter's date, which is a day later.
    """
    return day <= assignment.statutory_last_day


def acknowledge_by(made_on: date, holidays: Holidays) -> date | None:
    """The house target for acknowledging; None when the bank holidays that far ahead are not known.

    Not in statute. Where holidays are not known the target is left open and said so, and never
    stops a recommendation from being made.
    """
    try:
        return add_working_days(made_on, ACKNOWLEDGE_WORKING_DAYS, holidays)
    except HolidaysNotKnown:
        return None


# What an assignment's clock looks at: stored columns only.
ACCEPTANCE_REPLIED = ("accepted", "accepted_in_part", "alternative_proposed", "not_accepted")
ACCEPTANCE_UNREPLIED = ("not_asked", "awaiting")
CAPACITIES = ("recipient", "invited", "in_scope")
REPLY_CLOCK_STATES = (
    "no_deadline",
    "not_known",
    "running",
    "due_soon",
    "extension_requested",
    "overdue",
    "replied_in_time",
    "replied_late",
    "replied",
)
OPEN_CLOCKS = ("running", "due_soon", "extension_requested", "overdue")


@dataclass(frozen=True)
class Condition:
    """One simple test of a stored column: `in`, `is_null`, `not_null`, `before`, `from`, `until`, `after`.

    The last four compare dates: before (<), from (>=), until (<=), after (>). Their operand is
    "today", "soon" (bound by Python) or the name of another stored column.
    """

    column: str
    test: str
    operand: Any = None


@dataclass(frozen=True)
class ClockRow:
    """A state of the clock and the conjunction under which it holds. Rows exclude each other."""

    state: str
    conditions: tuple[Condition, ...]


def _row(state: str, *conditions: Condition) -> ClockRow:
    return ClockRow(state, conditions)


_REPLIED = Condition("acceptance", "in", ACCEPTANCE_REPLIED)
_UNREPLIED = Condition("acceptance", "in", ACCEPTANCE_UNREPLIED)
_AWAITING = Condition("acceptance", "in", ("awaiting",))  # what the partial index of open replies holds
_RECIPIENT = Condition("capacity", "in", ("recipient",))
_OTHERS = Condition("capacity", "in", ("invited", "in_scope"))
_DUTY = Condition("basis", "in", WITH_DUTY)
_NO_DUTY = Condition("basis", "in", WITHOUT_DUTY)
_NOT_STATED = Condition("basis", "in", ("not_stated",))
_LAW_KNOWN = Condition("statutory_last_day", "not_null")
_LAW_UNKNOWN = Condition("statutory_last_day", "is_null")
_LETTER_KNOWN = Condition("response_due_on", "not_null")
_LETTER_UNKNOWN = Condition("response_due_on", "is_null")
_CLOCKED = (_RECIPIENT, _DUTY, _LAW_KNOWN, _LETTER_KNOWN)
_RECEIVED = Condition("received_on", "not_null")
# A column that is only ever set from an application received in time: see `in_period`.
_PENDING = Condition("extension_requested_on", "not_null")
_NOT_PENDING = Condition("extension_requested_on", "is_null")

ROWS: tuple[ClockRow, ...] = (
    # A written reply is recorded: in time or late against the later of the two dates.
    _row(
        "replied_in_time",
        _REPLIED,
        *_CLOCKED,
        _RECEIVED,
        Condition("received_on", "until", "statutory_last_day"),
    ),
    _row(
        "replied_in_time",
        _REPLIED,
        *_CLOCKED,
        _RECEIVED,
        Condition("received_on", "after", "statutory_last_day"),
        Condition("received_on", "until", "response_due_on"),
    ),
    _row(
        "replied_late",
        _REPLIED,
        *_CLOCKED,
        _RECEIVED,
        Condition("received_on", "after", "statutory_last_day"),
        Condition("received_on", "after", "response_due_on"),
    ),
    _row("replied", _REPLIED, *_CLOCKED, Condition("received_on", "is_null")),
    _row("replied", _REPLIED, _OTHERS),
    _row("replied", _REPLIED, _RECIPIENT, _NO_DUTY),
    _row("replied", _REPLIED, _RECIPIENT, _NOT_STATED),
    _row("replied", _REPLIED, _RECIPIENT, _DUTY, _LAW_UNKNOWN),
    _row("replied", _REPLIED, _RECIPIENT, _DUTY, _LAW_KNOWN, _LETTER_UNKNOWN),
    # No reply recorded, and no law that asks for one.
    _row("no_deadline", _UNREPLIED, _OTHERS),
    _row("no_deadline", _UNREPLIED, _RECIPIENT, _NO_DUTY),
    # A reply may be due, but the file did not say by when.
    _row("not_known", _UNREPLIED, _RECIPIENT, _NOT_STATED),
    _row("not_known", _UNREPLIED, _RECIPIENT, _DUTY, _LAW_UNKNOWN),
    _row("not_known", _UNREPLIED, _RECIPIENT, _DUTY, _LAW_KNOWN, _LETTER_UNKNOWN),
    # An application for more time that came in time and is not decided: nobody is late meanwhile (para 28B(3)).
    _row("extension_requested", _AWAITING, *_CLOCKED, _PENDING),
    # Due: late only when both dates have passed, soon when either is near.
    _row(
        "overdue",
        _AWAITING,
        *_CLOCKED,
        _NOT_PENDING,
        Condition("statutory_last_day", "before", "today"),
        Condition("response_due_on", "before", "today"),
    ),
    _row(
        "due_soon",
        _AWAITING,
        *_CLOCKED,
        _NOT_PENDING,
        Condition("statutory_last_day", "before", "today"),
        Condition("response_due_on", "from", "today"),
    ),
    _row(
        "due_soon",
        _AWAITING,
        *_CLOCKED,
        _NOT_PENDING,
        Condition("statutory_last_day", "from", "today"),
        Condition("statutory_last_day", "until", "soon"),
    ),
    _row(
        "due_soon",
        _AWAITING,
        *_CLOCKED,
        _NOT_PENDING,
        Condition("statutory_last_day", "after", "soon"),
        Condition("response_due_on", "until", "soon"),
    ),
    _row(
        "running",
        _AWAITING,
        *_CLOCKED,
        _NOT_PENDING,
        Condition("statutory_last_day", "after", "soon"),
        Condition("response_due_on", "after", "soon"),
    ),
)


def soon(today: date) -> date:
    """The last day that counts as "due soon" when read on `today`."""
    return today + timedelta(days=SOON_DAYS)


def reply_clock(assignment: Any, today: date) -> str:
    """The state of an assignment's reply clock on `today`; one of REPLY_CLOCK_STATES.

    `assignment` is anything with the attributes acceptance, capacity, basis, statutory_last_day, response_due_on,
    extension_requested_on and received_on.
    """
    facts = assignment.acceptance, assignment.capacity, assignment.basis
    for state, conditions in _open_to(*facts):
        if all(_holds(c, assignment, today) for c in conditions):
            return state
    raise ValueError(f"No row of the clock fits {facts}.")


@cache
def _open_to(acceptance: str, capacity: str, basis: str) -> tuple[tuple[str, tuple[Condition, ...]], ...]:
    """The rows that these three leave open, with what else they ask: worked out once, not for every line of a list."""
    known = {"acceptance": acceptance, "capacity": capacity, "basis": basis}
    return tuple(
        (row.state, tuple(c for c in row.conditions if c.column not in known))
        for row in ROWS
        if all(known[c.column] in c.operand for c in row.conditions if c.column in known)
    )


_COMPARED = {"before": operator.lt, "from": operator.ge, "until": operator.le, "after": operator.gt}


def _holds(condition: Condition, assignment: Any, today: date) -> bool:
    value = getattr(assignment, condition.column)
    match condition.test:
        case "in":
            return value in condition.operand
        case "is_null":
            return value is None
        case "not_null":
            return value is not None
        case test:
            return bool(_COMPARED[test](value, _operand(condition.operand, assignment, today)))


def _operand(name: str, assignment: Any, today: date) -> date:
    if name == "today":
        return today
    return soon(today) if name == "soon" else getattr(assignment, name)


def later_date(assignment: Any) -> date | None:
    """The day after which a missing reply is late: the later of the day in law and the letter's date."""
    if assignment.statutory_last_day is None or assignment.response_due_on is None:
        return None
    return max(assignment.statutory_last_day, assignment.response_due_on)


def days_late(assignment: Any, today: date) -> int:
    """Whole days between the later of the two dates and the reply (or `today` without one); 0 when not late."""
    state = reply_clock(assignment, today)
    last = later_date(assignment)
    if last is None or state not in ("overdue", "replied_late"):
        return 0
    return ((assignment.received_on if state == "replied_late" else today) - last).days


def told(assignment: Any, today: date, outside: bool) -> str:
    """The state as a reader is told it: outside, nobody is called late while the reply is not processed.

    A reply is processed once it is decided what is published of it (para 28B(6)-(7)).
    """
    state = reply_clock(assignment, today)
    unprocessed = outside and state == "replied_late" and assignment.publication is None
    return "replied" if unprocessed else state


def days_publishing_late(assignment: Any, today: date) -> int:
    """Whole days by which the regulator itself is, or was, late in publishing a reply (para 28B(5)); 0 when it is not.

    Nothing is owed where it was decided to publish none of it, or where the law sets no day.
    """
    if assignment.publish_by is None or assignment.publication == "none":
        return 0
    return max(0, ((assignment.response_published_on or today) - assignment.publish_by).days)


def may_name_from(today: date) -> date:
    """The last day on which a notice was published whose overdue addressees may be named in public today."""
    return today - timedelta(days=NAMING_DAYS)


def named_on(assignment: Any, published_on: date | None) -> date | None:
    """The first day on which a missing reply is named in public; None while the notice is not, or no day is set."""
    last = later_date(assignment)
    if last is None or published_on is None:
        return None
    return max(last + timedelta(days=1), published_on + timedelta(days=NAMING_DAYS))


def late_in_law(assignment: Any, today: date) -> bool:
    """True when the reply came, or is still missing, after the last day in law (para 28B(2))."""
    clocked = ("running", "due_soon", "overdue", "replied_in_time", "replied_late")
    if reply_clock(assignment, today) not in clocked:
        return False
    return (assignment.received_on or today) > assignment.statutory_last_day
