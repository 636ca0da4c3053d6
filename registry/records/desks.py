"""What needs whom today: the questions behind each desk. Every one has a bound."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import ModelSelect, fn

from registry.records import keyset, lines, register, reply_clock, sorting, visibility, waiting
from registry.records.assignments import Assignment, Contact
from registry.records.keyset import Sort
from registry.records.people import Person
from registry.records.recommendations import Notice, Recommendation
from registry.rules.permissions import FORCE_ROLES, Actor

MOST = 20
MOST_COUNTED = 1000
_OPEN = Assignment.closed_on.is_null()


@dataclass(frozen=True)
class Pile:
    """What lies on a desk: the first rows, and how many there are altogether (MOST_COUNTED + 1: more than that)."""

    rows: list[Any]
    total: int

    @property
    def counted(self) -> str:
        """The number as it is shown: "37", or "1,000+" where nobody would count any further."""
        return f"{MOST_COUNTED:,}+" if self.total > MOST_COUNTED else f"{self.total:,}"


def pile(query: ModelSelect, sort: Sort) -> Pile:
    """The first rows of a question and their number, up to a bound: a desk costs the same however much waits."""
    page = keyset.page(query, sort, MOST)
    return Pile(page.rows, keyset.count(query, MOST_COUNTED) if page.next else len(page.rows))


def _assignments(actor: Actor, today: date) -> ModelSelect:
    return lines.of_desk(register.assignments(actor, today))


def drafts(actor: Actor) -> ModelSelect:
    """The drafts the actor may read, newest first, with authors and `first_title` (of the first recommendation)."""
    first = Recommendation.select(Recommendation.title).where(
        (Recommendation.notice == Notice.id) & (Recommendation.number == 1)
    )
    return (
        visibility.drafts(actor)
        .select(Notice, Person, first.alias("first_title"))
        .join(Person, on=(Notice.author == Person.id))
        .order_by(Notice.id.desc())
    )


def drafts_in(actor: Actor, state: str) -> ModelSelect:
    """The drafts in a state, oldest first, with their authors and first titles."""
    return drafts(actor).where(Notice.state == state).order_by(Notice.id)


def embargoed(actor: Actor, today: date) -> ModelSelect:
    """Notices made and not yet public that the actor may read, oldest first: their clocks run."""
    hidden = Notice.published_on.is_null() | (Notice.published_on > today)
    return (
        Notice.select()
        .where(visibility.notices(actor, today) & (Notice.state == "made") & hidden)
        .order_by(Notice.made_on, Notice.id)
    )


def to_chase(actor: Actor, today: date) -> ModelSelect:
    """Overdue replies, the longest first, each with `last_contact`: the day somebody last chased it."""
    last = Contact.select(fn.MAX(Contact.contacted_on)).where(Contact.assignment == Assignment.id)
    query = _assignments(actor, today).where(_OPEN & reply_clock.where("overdue", today))
    # A bare subquery comes back as text on SQLite; a function can say that it is a date.
    as_date = fn.COALESCE(last, None).python_value(Contact.contacted_on.python_value)
    return query.select_extend(as_date.alias("last_contact"))


def replies_to_handle(actor: Actor, today: date) -> ModelSelect:
    """Replies whose publication or disclosure is not decided, or that wait to be published; most urgent first."""
    return (
        _assignments(actor, today)
        .where(waiting.where(actor, "decision"))
        .order_by(Assignment.publish_by.is_null(), Assignment.publish_by, Assignment.id)
    )


def due_soon(actor: Actor, today: date) -> ModelSelect:
    """Replies due within two weeks, soonest first."""
    return _assignments(actor, today).where(_OPEN & reply_clock.where("due_soon", today))


def own(actor: Actor, today: date) -> ModelSelect:
    """The open assignments of the actor's own organisations."""
    mine = actor.organisations(*FORCE_ROLES)
    return lines.of_desk(register.own_assignments(actor, today)).where(_OPEN & Assignment.organisation.in_(mine))


def to_acknowledge(actor: Actor, today: date) -> ModelSelect:
    """What the actor's organisation has been sent and has not acknowledged, by target day."""
    found = own(actor, today).where(waiting.where(actor, "acknowledge"))
    return found.order_by(Assignment.acknowledge_by, Assignment.id)


def to_reply(actor: Actor, today: date) -> ModelSelect:
    """Replies the actor's organisation owes, by the date in the letter; invitations last."""
    return own(actor, today).where(Assignment.acceptance == "awaiting")


def to_do(actor: Actor, today: date) -> ModelSelect:
    """What the actor's organisation has accepted, or is in scope of, and does not yet say is done."""
    return own(actor, today).where(waiting.where(actor, "report"))


def latest(actor: Actor, today: date, most: int = MOST) -> list[Recommendation]:
    """The recommendations made last that the reader may see."""
    return keyset.page(
        register.recommendations(actor, today, register.Filters()), sorting.RECOMMENDATIONS[0], most
    ).rows
