"""Which items have reached a step of their ladder, and whom that concerns: set-based, so a re-run changes nothing."""

import operator
from datetime import date, datetime
from functools import reduce

from peewee import SQL, Expression, Field, ModelSelect, Value, fn

from registry.records.assignments import Assignment
from registry.records.database import is_sqlite
from registry.records.messages import Message, Reminder, ReminderMessage
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person, held_on
from registry.records.recommendations import Notice, Recommendation
from registry.rules.clocks import ACCEPTANCE_UNREPLIED
from registry.rules.permissions import Actor
from registry.rules.reminders import POLICY, Reach, Step

_STILL_OPEN = Assignment.closed_on.is_null()
# clock -> the stored date it runs to, and when an item still waits for it
CLOCKS: dict[str, tuple[Field, Expression]] = {
    "acknowledge": (
        Assignment.acknowledge_by,
        _STILL_OPEN & Assignment.acknowledged_on.is_null() & Assignment.acceptance.in_(ACCEPTANCE_UNREPLIED),
    ),
    # Nobody is reminded while an application for more time is not decided; a new date earns new reminders.
    "reply": (
        Assignment.response_due_on,
        _STILL_OPEN & (Assignment.acceptance == "awaiting") & Assignment.extension_requested_on.is_null(),
    ),
    "publish_response": (
        Assignment.publish_by,
        _STILL_OPEN
        & Assignment.response_published_on.is_null()
        & (Assignment.publication.is_null() | (Assignment.publication != "none")),
    ),
}


def queue_step(reach: Reach, today: date) -> int:
    """Insert the reminders of one step that are not there yet; returns how many. One statement."""
    due_on, waits = CLOCKS[reach.clock]
    reached = waits & (due_on <= reach.until)
    if reach.after is not None:
        reached &= due_on > reach.after
    if reach.clock == "reply" and reach.step.days > 0:
        # Nobody is called late before the later of the two dates has passed.
        reached &= Assignment.statutory_last_day < today
    kept = Reminder.select(SQL("1")).where(
        (Reminder.assignment == Assignment.id)
        & (Reminder.clock == reach.clock)
        & (Reminder.step == reach.step.name)
        & (Reminder.due_on == due_on)
    )
    found = Assignment.select(Assignment.id, Value(reach.clock), Value(reach.step.name), due_on, _as_date(today)).where(
        reached & ~fn.EXISTS(kept)
    )
    columns = [Reminder.assignment, Reminder.clock, Reminder.step, Reminder.due_on, Reminder.queued_on]
    return Reminder.insert_from(found, columns).on_conflict_ignore().as_rowcount().execute()


def queue_messages(clock: str, step: Step, today: date, now: datetime) -> int:
    """Give the step's reminders that nobody was told of yet to the people concerned: one message a person and day.

    A reminder whose item no longer waits, or that has nobody to tell, stays as it is. Returns the new messages.
    """
    waiting = _untold(clock, step, today)
    prefix = Value(f"reminders:{today.isoformat()}:")
    rows = waiting.select(
        prefix.concat(Membership.person.cast("text")),
        Value("reminders"),
        Membership.person,
        _as_date(today),
        Value("email"),
        Value("queued"),
        _as_instant(now),
        Value(0),
        Value(""),
        Value(""),
    ).distinct()
    columns = [
        Message.key,
        Message.kind,
        Message.person,
        Message.day,
        Message.channel,
        Message.state,
        Message.next_at,
        Message.tries,
        Message.subject,
        Message.reason,
    ]
    queued = Message.insert_from(rows, columns).on_conflict_ignore().as_rowcount().execute()
    _link(waiting, today)
    return queued


def _link(waiting: "_Untold", today: date) -> None:
    """Attach the reminders to today's messages. One that has already left takes no more: they go tomorrow."""
    if not is_sqlite():
        # Held until the end: a sender that took one meanwhile would leave with less than it is said to hold.
        mine = (Message.kind == "reminders") & (Message.day == today) & (Message.state == "queued")
        list(Message.select(Message.id).where(mine).order_by(Message.id).for_update("FOR NO KEY UPDATE"))
    links = (
        waiting.select(Reminder.id, Message.id)
        .join(
            Message,
            on=(Message.person == Membership.person)
            & (Message.kind == "reminders")
            & (Message.day == today)
            & (Message.state == "queued"),
        )
        .distinct()
    )
    ReminderMessage.insert_from(
        links, [ReminderMessage.reminder, ReminderMessage.message]
    ).on_conflict_ignore().execute()


def still_waiting(message: Message, actor: Actor) -> list[Reminder]:
    """The reminders of a message whose item waits on, to the same date, and still concerns the person.

    Each comes with its assignment, recommendation and organisation; of several steps of one item only
    the latest.
    """
    waits = [
        (Reminder.clock == clock) & waiting & (due_on == Reminder.due_on) & _concerns(clock, actor)
        for clock, (due_on, waiting) in CLOCKS.items()
    ]
    found = (
        Reminder.select(Reminder, Assignment, Recommendation, Notice, Organisation)
        .join(ReminderMessage)
        .switch(Reminder)
        .join(Assignment)
        .join(Recommendation)
        .join(Notice)
        .switch(Assignment)
        .join(Organisation)
        .where((ReminderMessage.message == message) & reduce(operator.or_, waits))
        .order_by(Reminder.due_on, Reminder.id)
    )
    return list({(reminder.assignment_id, reminder.clock): reminder for reminder in found}.values())


def _concerns(clock: str, actor: Actor) -> Expression:
    """The Python-side twin of `_untold`: the person holds a role of the ladder for the assignment."""
    roles = {role for step in POLICY[clock] for role in step.roles}
    if clock == "publish_response":
        return SQL("1 = 1") if actor.has(*roles) else SQL("1 = 0")
    return Assignment.organisation.in_(actor.organisations(*roles))


class _Untold:
    """The rows (reminder, membership) of a step whose reminder is in no message yet."""

    def __init__(self, where: Expression, concerned: Expression):
        self.where, self.concerned = where, concerned

    def select(self, *columns: object) -> ModelSelect:
        return (
            Reminder.select(*columns)
            .join(Assignment)
            .join(Membership, on=self.concerned)
            .join(Person, on=(Person.id == Membership.person) & Person.active)
            .where(self.where)
            .switch(Reminder)
        )


def _untold(clock: str, step: Step, today: date) -> _Untold:
    _, waits = CLOCKS[clock]
    told = ReminderMessage.select(SQL("1")).where(ReminderMessage.reminder == Reminder.id)
    holds = Membership.role.in_(step.roles) & held_on(today)
    # The regulator's own duties concern its case officers whoever the addressee is.
    own = SQL("1 = 1") if clock == "publish_response" else Membership.organisation == Assignment.organisation
    mine = (Reminder.clock == clock) & (Reminder.step == step.name) & waits & ~fn.EXISTS(told)
    return _Untold(mine, holds & own)


def _as_date(day: date) -> Expression:
    return Value(day.isoformat()) if is_sqlite() else Value(day).cast("date")


def _as_instant(now: datetime) -> Expression:
    return Value(Message.next_at.db_value(now)) if is_sqlite() else Value(now).cast("timestamptz")
