"""What the people who run the register ask of it: what waits, what was set aside, whether the worker works."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from peewee import ModelSelect, fn

from registry.records import reply_clock
from registry.records.assignments import Assignment
from registry.records.installation import Installation
from registry.records.jobs import ReportJob, SlotClaim
from registry.records.messages import Message, Reminder
from registry.rules import calendar

SWEEP = "sweep"
# A sweep a day, and two hours for a slow morning and the hour by which the clocks change.
QUIET = timedelta(hours=26)
# Counted no further: who watches wants to know that it is many.
MOST = 100_000


@dataclass(frozen=True)
class State:
    """How the register stands at a moment; counts stop at MOST."""

    messages_waiting: int
    oldest_message_at: datetime | None
    messages_parked: int
    reports_waiting: int
    assignments_open: int
    assignments_overdue: int
    last_slots: dict[str, datetime]


def state(today: date) -> State:
    """Count what waits; seven small queries."""
    waiting = Message.select().where(Message.state.in_(("queued", "sending")))
    unanswered = Assignment.select().where(Assignment.closed_on.is_null())
    oldest = waiting.order_by(Message.next_at).first()
    return State(
        messages_waiting=_bounded(waiting),
        oldest_message_at=oldest.next_at if oldest else None,
        messages_parked=_bounded(Message.select().where(Message.state == "parked")),
        reports_waiting=_bounded(ReportJob.select().where(ReportJob.state.in_(("queued", "making")))),
        assignments_open=_bounded(unanswered),
        assignments_overdue=_bounded(unanswered.where(reply_clock.where("overdue", today))),
        last_slots=last_slots(),
    )


def _bounded(query: ModelSelect) -> int:
    return query.select(query.model.id).limit(MOST).count()


def last_slots() -> dict[str, datetime]:
    """For each job the newest slot that a run finished."""
    finished = SlotClaim.select(SlotClaim.job, fn.MAX(SlotClaim.slot_at)).where(SlotClaim.finished_at.is_null(False))
    return dict(finished.group_by(SlotClaim.job).tuples())


def quiet_since(now: datetime) -> datetime | None:
    """Since when no reminders have been swept, if that is longer ago than a day; None while all is well.

    A sweep by hand that queued something counts too.
    """
    swept = SlotClaim.select(fn.MAX(SlotClaim.slot_at)).where(
        (SlotClaim.job == SWEEP) & SlotClaim.finished_at.is_null(False)
    )
    queued = Reminder.select(fn.MAX(Reminder.queued_on))
    # A bare subquery comes back as text on SQLite; a function can say what it is.
    columns = (
        fn.COALESCE(swept, None).python_value(SlotClaim.slot_at.python_value),
        fn.COALESCE(queued, None).python_value(Reminder.queued_on.python_value),
    )
    found = Installation.select(*columns, Installation.created_at).tuples().first()
    if found is None:
        return None
    slot, day, created = found
    known = [moment for moment in (slot, datetime.combine(day, time(0), calendar.CIVIL) if day else None) if moment]
    since = max(known, default=created)
    return since if since < now - QUIET else None
