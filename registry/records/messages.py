"""Reminders (why somebody is written to) and messages (what is sent): queue, claim, settle."""

from datetime import date, datetime, timedelta

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from registry.records.assignments import Assignment
from registry.records.database import InstantField, Table, is_sqlite, one_of, transaction
from registry.records.people import Person
from registry.records.recommendations import Notice

STATES = ("queued", "sending", "sent", "parked")
CHANNELS = ("email",)
KINDS = ("notice_made", "reminders", "response_received")
LEASE = timedelta(minutes=5)
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


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
        constraints = [one_of("state", STATES), one_of("channel", CHANNELS), one_of("kind", KINDS)]


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
    if rows:
        Message.insert_many(rows).on_conflict_ignore().execute()


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
    """Record how a try ended: `sent`, `try_later` (back-off, then parked) or `refused` (parked with the answer)."""
    Attempt.create(message=message, at=now, delivered=outcome, answer=answer[:500])
    message.tries += 1
    message.lease_until = None
    message.subject = subject
    if outcome == "sent":
        message.state, message.sent_at, message.reason = "sent", now, ""
    elif outcome == "try_later" and message.tries <= len(BACK_OFF):
        message.state, message.next_at, message.reason = (
            "queued",
            now + BACK_OFF[message.tries - 1],
            answer[:500],
        )
    else:
        message.state, message.reason = "parked", answer[:500]
    message.save()
