"""Reminders (why somebody is written to) and messages (what is sent): queue, claim, settle."""

from datetime import date, datetime, timedelta

from peewee import CharField, DateField, ForeignKeyField, IntegerField, ModelSelect, TextField

from registry.records.assignments import Assignment
from registry.records.database import InstantField, Table, insert_all, is_sqlite, lock, one_of, transaction
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Copy, Notice, Recommendation

STATES = ("queued", "sending", "sent", "parked")
LEASE = timedelta(minutes=5)
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
# How long to leave a mail server alone that cannot be reached.
PAUSE = timedelta(minutes=5)
REASON_LENGTH = 500


class Reminder(Table):
    """That an item reached a step of its ladder. An extension moves `due_on` and so earns new reminders."""

    assignment = ForeignKeyField(Assignment, backref="reminders")
    clock = CharField(max_length=20)
    step = CharField(max_length=40)
    due_on = DateField()
    queued_on = DateField()

    class Meta:
        indexes = ((("assignment", "clock", "step", "due_on"), True),)


class Message(Table):
    """One message to one person. `key` names it for ever: queued twice, it is sent once."""

    key = CharField(max_length=120, unique=True)
    kind = CharField(max_length=20)
    person = ForeignKeyField(Person)
    day = DateField()
    channel = CharField(max_length=10, default="email")
    notice = ForeignKeyField(Notice, null=True)
    assignment = ForeignKeyField(Assignment, null=True)
    state = CharField(max_length=8, default="queued")
    next_at = InstantField()
    lease_until = InstantField(null=True)
    tries = IntegerField(default=0)
    subject = TextField(default="")
    reason = TextField(default="")
    sent_at = InstantField(null=True)

    class Meta:
        constraints = [one_of("state", STATES)]


Message.add_index(
    Message.index(Message.next_at, name="message_waiting", where=Message.state.in_(("queued", "sending")))
)


class ReminderMessage(Table):
    """Which reminders one message carries."""

    reminder = ForeignKeyField(Reminder, backref="messages")
    message = ForeignKeyField(Message, backref="reminders")

    class Meta:
        indexes = ((("reminder", "message"), True),)


class Attempt(Table):
    """One try to send a message, and what the other side said."""

    message = ForeignKeyField(Message, backref="attempts")
    at = InstantField()
    delivered = CharField(max_length=9)
    answer = TextField(default="")

    class Meta:
        constraints = [one_of("delivered", ("sent", "try_later", "refused"))]


def queue(
    kind: str,
    person_ids: list[int],
    subject_key: str,
    *,
    day: date,
    at: datetime,
    notice: Notice | None = None,
    assignment: Assignment | None = None,
) -> None:
    """Queue one message a person; one that is already queued or sent under the same key is left alone."""
    rows = [
        {
            "key": f"{kind}:{subject_key}:{person_id}",
            "kind": kind,
            "person": person_id,
            "day": day,
            "next_at": at,
            "notice": notice,
            "assignment": assignment,
        }
        for person_id in person_ids
    ]
    insert_all(Message, rows, but_known=True)


@transaction
def claim(now: datetime, limit: int) -> list[Message]:
    """Take up to `limit` messages to send, oldest first, and hold them for the lease.

    A message whose sender died comes back when its lease is over. Two senders never hold the same one.
    """
    lapsed = (Message.state == "sending") & (Message.lease_until < now)
    waiting = ((Message.state == "queued") & (Message.next_at <= now)) | lapsed
    query = Message.select(Message.id).where(waiting).order_by(Message.next_at, Message.id).limit(limit)
    if not is_sqlite():
        query = query.for_update("FOR UPDATE SKIP LOCKED")
    ids = [row.id for row in query]
    if not ids:
        return []
    Message.update(state="sending", lease_until=now + LEASE).where(Message.id.in_(ids)).execute()
    claimed = Message.select(Message, Person).join(Person).where(Message.id.in_(ids)).order_by(Message.id)
    return list(claimed)


@transaction
def settle(message: Message, outcome: str, answer: str, *, now: datetime, subject: str = "") -> None:
    """Record how a try ended: `sent`, `try_later` (back-off, then parked) or `refused` (parked with the answer).

    A sender whose lease ran out meanwhile no longer decides, except that what was sent is sent.
    """
    Attempt.create(message=message, at=now, delivered=outcome, answer=answer[:REASON_LENGTH])
    held = lock(Message, message.id)
    taken_over = (held.state, held.lease_until) != ("sending", message.lease_until)
    if taken_over and (outcome != "sent" or held.state == "sent"):
        return
    held.tries += 1
    held.lease_until = None
    held.subject = subject
    if outcome == "sent":
        held.state, held.sent_at, held.reason = "sent", now, ""
    elif outcome == "try_later" and held.tries <= len(BACK_OFF):
        held.state, held.next_at, held.reason = (
            "queued",
            now + BACK_OFF[held.tries - 1],
            answer[:REASON_LENGTH],
        )
    else:
        held.state, held.reason = "parked", answer[:REASON_LENGTH]
    held.save()


@transaction
def postpone(claimed: list[Message], reason: str, *, now: datetime) -> None:
    """Put back what was claimed because the other side cannot be reached: that counts against no message."""
    for message in claimed:
        _put(message, state="queued", next_at=now + PAUSE, reason=reason)


def park(message: Message, reason: str) -> None:
    """Set a claimed message aside unsent: nothing waits any more, or it cannot be written."""
    _put(message, state="parked", reason=reason)


def _put(message: Message, *, reason: str, **columns: object) -> None:
    """Change a message that this sender still holds; one that another took over is the other's."""
    mine = (Message.id == message.id) & (Message.state == "sending") & (Message.lease_until == message.lease_until)
    Message.update(lease_until=None, reason=reason[:REASON_LENGTH], **columns).where(mine).execute()


def asked_in(notice: Notice, organisation_ids: tuple[int, ...]) -> ModelSelect:
    """What the notice asks of the organisations: their assignments in the order of its recommendations."""
    return (
        Assignment.select(Assignment, Recommendation, Organisation)
        .join(Recommendation)
        .switch(Assignment)
        .join(Organisation)
        .where((Recommendation.notice == notice) & Assignment.organisation.in_(organisation_ids))
        .order_by(Recommendation.number, Organisation.name)
    )


def copied_to(notice: Notice, organisation_ids: tuple[int, ...]) -> ModelSelect:
    """The organisations for which these bodies were sent a copy of the notice, by name."""
    return (
        Organisation.select(Organisation)
        .join(Copy, on=Copy.copied_for == Organisation.id)
        .where((Copy.notice == notice) & Copy.organisation.in_(organisation_ids))
        .order_by(Organisation.name)
    )
