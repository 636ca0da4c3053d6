"""What a message says, as facts read at the moment of sending: what is asked, by when, and why of this person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from registry.records import messages, people, register, reminders, sign_ins
from registry.records.assignments import Assignment, Extension
from registry.records.messages import Message, Reminder
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Notice
from registry.records.sign_ins import PURPOSES, OneTimeLink
from registry.rules import calendar, clocks
from registry.rules.permissions import FORCE_ROLES, Actor

# A digest longer than this says how many more there are: nobody reads on, and servers limit what they take.
ITEMS = 100
NOTHING_WAITS = "Nothing waits any more."
NO_LINK = "The link was used or has expired, or nobody has the address that was typed."
NO_LONGER_CONCERNED = "This person no longer holds the role this was for."


class Unneeded(Exception):
    """Nothing has to be sent after all. The message says why."""


@dataclass(frozen=True)
class Item:
    """One thing asked of an organisation: `clock` says what, `due_on` by when (None: no date).

    `late` is true only of what is late in law on the day of sending: a target of the house never is.
    """

    clock: str
    assignment: Assignment
    due_on: date | None
    late: bool

    @property
    def urgency(self) -> tuple[bool, date, int]:
        """Sorts the most urgent first: what is late, then whatever is due first."""
        return (not self.late, self.due_on or date.max, self.assignment.id)


@dataclass(frozen=True)
class Letter:
    """What one message says to one person. `held_as` is why: roles with the organisation they are held in.

    `items` are the most urgent first; `more` counts those left out, `late` all that are late.
    `copied_for` names the organisations for whose notice this is the copy.
    """

    kind: str
    person: Person
    today: date
    items: tuple[Item, ...] = ()
    more: int = 0
    late: int = 0
    notice: Notice | None = None
    copied_for: tuple[str, ...] = ()
    held_as: tuple[tuple[str, str], ...] = ()
    one_time_link: OneTimeLink | None = None
    extension: Extension | None = None


def letter(message: Message, *, now: datetime) -> Letter:
    """Read what a claimed message has to say now; raises Unneeded when there is nothing left to say."""
    today = calendar.day_of(now)
    if message.kind in PURPOSES:
        return _one_time_link(message, now)
    actor = people.actor(message.person, today)
    return _KINDS[message.kind](message, actor, today)


def _one_time_link(message: Message, now: datetime) -> Letter:
    """An invitation, or the link to set a new password: the newest the person can still use."""
    link = sign_ins.open_link(message.person, message.kind, now)
    if link is None:
        raise Unneeded(NO_LINK)
    today = calendar.day_of(now)
    actor = people.actor(message.person, today)
    held = _held(actor, tuple({g.role for g in actor.grants}), {g.organisation_id for g in actor.grants})
    return Letter(message.kind, message.person, today, held_as=held, one_time_link=link)


def _role_given(message: Message, actor: Actor, today: date) -> Letter:
    """That somebody who can sign in already was given another role."""
    if not message.person.active:
        raise Unneeded(NO_LONGER_CONCERNED)
    held = _held(actor, tuple({g.role for g in actor.grants}), {g.organisation_id for g in actor.grants})
    return Letter("role_given", message.person, today, held_as=held)


def _notice_made(message: Message, actor: Actor, today: date) -> Letter:
    """The notice itself to those who must act on it, or the copy to the body that holds them to account."""
    addressed = actor.organisations(*FORCE_ROLES)
    asked = list(messages.asked_in(message.notice, addressed))
    items = tuple(Item("reply", one, one.response_due_on, False) for one in asked)
    if items:
        held = _held(actor, FORCE_ROLES, {one.organisation_id for one in asked})
        return Letter("notice_made", message.person, today, items, notice=message.notice, held_as=held)
    bodies = actor.organisations("local_policing_body_reader")
    copied_for = tuple(force.name for force in messages.copied_to(message.notice, bodies))
    if not copied_for:
        raise Unneeded(NO_LONGER_CONCERNED)
    held = _held(actor, ("local_policing_body_reader",), set(bodies))
    return Letter("notice_made", message.person, today, notice=message.notice, copied_for=copied_for, held_as=held)


def _reminders(message: Message, actor: Actor, today: date) -> Letter:
    """The digest: what still waits for this person, one line an item."""
    waiting = [_item(reminder, today) for reminder in reminders.still_waiting(message, actor)]
    if not waiting:
        raise Unneeded(NOTHING_WAITS if actor.grants else NO_LONGER_CONCERNED)
    waiting.sort(key=lambda item: item.urgency)
    organisations = {item.assignment.organisation_id for item in waiting}
    held = _held(actor, FORCE_ROLES, organisations)
    if any(item.clock == "publish_response" for item in waiting):
        held += _held(actor, ("case_officer",), set(actor.organisations("case_officer")))
    more, late = max(0, len(waiting) - ITEMS), sum(item.late for item in waiting)
    return Letter("reminders", message.person, today, tuple(waiting[:ITEMS]), more, late, held_as=held)


def _response_received(message: Message, actor: Actor, today: date) -> Letter:
    """That a reply came, to the case officers who decide on it."""
    offices = actor.organisations("case_officer")
    if not offices:
        raise Unneeded(NO_LONGER_CONCERNED)
    assignment = message.assignment
    if assignment.response_published_on is not None:
        raise Unneeded(NOTHING_WAITS)
    item = Item("publish_response", assignment, assignment.publish_by, False)
    held = _held(actor, ("case_officer",), set(offices))
    return Letter("response_received", message.person, today, (item,), held_as=held)


def _extension_asked(message: Message, actor: Actor, today: date) -> Letter:
    """That more time is asked for, to the case officers who decide on it."""
    offices = actor.organisations("case_officer")
    if not offices:
        raise Unneeded(NO_LONGER_CONCERNED)
    if message.assignment.extension_requested_on is None:
        raise Unneeded(NOTHING_WAITS)
    held = _held(actor, ("case_officer",), set(offices))
    return _about_extension(message, today, held)


def _extension_decided(message: Message, actor: Actor, today: date) -> Letter:
    """How an application for more time was decided, to those who act for the organisation."""
    organisation_id = message.assignment.organisation_id
    if organisation_id not in actor.organisations(*FORCE_ROLES):
        raise Unneeded(NO_LONGER_CONCERNED)
    return _about_extension(message, today, _held(actor, FORCE_ROLES, {organisation_id}))


def _about_extension(message: Message, today: date, held: tuple[tuple[str, str], ...]) -> Letter:
    assignment = message.assignment
    extension = assignment.extensions.order_by(Extension.id.desc()).first()
    item = Item("reply", assignment, assignment.response_due_on, clocks.reply_clock(assignment, today) == "overdue")
    return Letter(message.kind, message.person, today, (item,), held_as=held, extension=extension)


def _to_be_named(message: Message, actor: Actor, today: date) -> Letter:
    """That the public list will name the organisation, since the notice is public now and its reply overdue."""
    mine = actor.organisations(*FORCE_ROLES)
    late = [one for one in register.overdue_of(message.notice, today) if one.organisation_id in mine]
    if not late:
        raise Unneeded(NOTHING_WAITS if mine else NO_LONGER_CONCERNED)
    items = tuple(Item("reply", one, one.response_due_on, True) for one in late)
    held = _held(actor, FORCE_ROLES, {one.organisation_id for one in late})
    return Letter("to_be_named", message.person, today, items, late=len(late), held_as=held)


_KINDS: dict[str, Callable[[Message, Actor, date], Letter]] = {
    "notice_made": _notice_made,
    "reminders": _reminders,
    "response_received": _response_received,
    "role_given": _role_given,
    "to_be_named": _to_be_named,
    "extension_asked": _extension_asked,
    "extension_decided": _extension_decided,
}


def _item(reminder: Reminder, today: date) -> Item:
    late = {
        "acknowledge": False,
        # Late only when the later of the two dates has passed.
        "reply": clocks.reply_clock(reminder.assignment, today) == "overdue",
        "publish_response": reminder.due_on < today,
    }
    return Item(reminder.clock, reminder.assignment, reminder.due_on, late[reminder.clock])


def _held(actor: Actor, roles: tuple[str, ...], organisation_ids: set[int]) -> tuple[tuple[str, str], ...]:
    """The actor's roles, of these, in these organisations, each with the organisation's name."""
    grants = [g for g in actor.grants if g.role in roles and g.organisation_id in organisation_ids]
    named = Organisation.select(Organisation.id, Organisation.name).where(
        Organisation.id.in_([grant.organisation_id for grant in grants])
    )
    names = dict(named.tuples())
    return tuple(dict.fromkeys((grant.role, names[grant.organisation_id]) for grant in grants))
