"""What needs whom today: the questions behind each desk. Every one has a bound."""

import operator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from peewee import SQL, ModelSelect, Select, fn

from registry.records import keyset, lines, narrow, register, reply_clock, sorting, visibility, waiting
from registry.records.assignments import Assignment, Contact
from registry.records.keyset import Sort
from registry.records.people import Person
from registry.records.recommendations import Notice, Recommendation
from registry.rules import clocks
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
    """The first rows of a question and their number, up to a bound: a desk costs the same however much waits.

    One query for each part of the sort, until there are rows enough.
    """
    rows = keyset.page(query.select_extend(keyset.count_beside(query, MOST_COUNTED).alias("total")), sort, MOST).rows
    return _pile_of(rows, "total")


def _assignments(actor: Actor, today: date) -> ModelSelect:
    return lines.of_desk(register.assignments(actor, today))


def drafts(actor: Actor) -> ModelSelect:
    """The drafts the actor may read, newest first, with authors and `first_title` (of the first recommendation)."""
    return _titled().where(Notice.id.in_(visibility.drafts(actor).select(Notice.id))).order_by(Notice.id.desc())


def _titled() -> ModelSelect:
    """Notices with their authors, where they have one, and `first_title`."""
    first = Recommendation.select(Recommendation.title).where(
        (Recommendation.notice == Notice.id) & (Recommendation.number == 1)
    )
    return Notice.select(Notice, Person, first.alias("first_title")).left_outer_join(
        Person, on=(Notice.author == Person.id)
    )


def embargoed(actor: Actor, today: date) -> ModelSelect:
    """Notices made and not yet public that the actor may read: their clocks run."""
    hidden = Notice.published_on.is_null() | (Notice.published_on > today)
    return Notice.select().where(visibility.notices(actor, today) & (Notice.state == "made") & hidden)


def notices(actor: Actor, today: date) -> dict[str, Pile]:
    """The drafts in each state and the embargoed notices ("made"), by state, each pile oldest first. One query."""
    questions = {state: visibility.drafts(actor).where(Notice.state == state) for state in visibility.DRAFT_STATES}
    questions["made"] = embargoed(actor, today)
    order = (Notice.made_on, Notice.id)
    first = [Notice.id.in_(q.select(Notice.id).order_by(*order).limit(MOST)) for q in questions.values()]
    totals = [keyset.count_beside(q, MOST_COUNTED).alias(f"total_{state}") for state, q in questions.items()]
    found = list(_titled().where(reduce(operator.or_, first)).select_extend(*totals).order_by(*order))
    return {state: _pile_of([n for n in found if n.state == state], f"total_{state}") for state in questions}


def _pile_of(rows: list[Any], total: str) -> Pile:
    return Pile(rows, getattr(rows[0], total) if rows else 0)


UNANSWERED = ("overdue", "due_soon", "extension_requested")


def unanswered(actor: Actor, today: date) -> dict[str, Pile]:
    """The open replies that are overdue, due soon, or whose more time is to be decided, by state of their clock.

    Each pile by the date in the letter, the earliest first, and each row with `last_contact`: the day somebody last
    chased it. One query.
    """
    scope = register.assignments(actor, today)
    questions = {state: scope.where(_OPEN & reply_clock.where(state, today)) for state in UNANSWERED}
    order = (Assignment.response_due_on, Assignment.id)
    totals = [keyset.count_beside(q, MOST_COUNTED).alias(f"total_{state}") for state, q in questions.items()]
    first = Assignment.id.in_(_first_of_each(list(questions.values()), order))
    found = list(_with_last_contact(actor, today).where(first).select_extend(*totals).order_by(*order))
    by_state = {state: [row for row in found if clocks.reply_clock(row, today) == state] for state in UNANSWERED}
    return {state: _pile_of(rows, f"total_{state}") for state, rows in by_state.items()}


def _first_of_each(questions: list[ModelSelect], order: tuple[Any, ...]) -> Any:
    """The ids of the first rows of several questions: one list, which both databases look up row by row."""
    slim = [narrow.without_needless_joins(q).select(Assignment.id).order_by(*order).limit(MOST) for q in questions]
    parts = [Select((one.alias(f"part_{number}"),), (SQL("id"),)) for number, one in enumerate(slim)]
    return reduce(operator.add, parts)


def _with_last_contact(actor: Actor, today: date) -> ModelSelect:
    last = Contact.select(fn.MAX(Contact.contacted_on)).where(Contact.assignment == Assignment.id)
    # A bare subquery comes back as text on SQLite; a function can say that it is a date.
    as_date = fn.COALESCE(last, None).python_value(Contact.contacted_on.python_value)
    return _assignments(actor, today).select_extend(as_date.alias("last_contact"))


def replies_to_handle(actor: Actor, today: date) -> ModelSelect:
    """Replies whose publication or disclosure is not decided, or that wait to be published; most urgent first."""
    return (
        _assignments(actor, today)
        .where(waiting.where(actor, "decision"))
        .order_by(Assignment.publish_by.is_null(), Assignment.publish_by, Assignment.id)
    )


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
