"""Read-only questions of the register: lists and pages, always within what the reader may see."""

import operator
from dataclasses import dataclass
from datetime import date
from functools import reduce

from peewee import Case, Expression, ModelSelect, Value, fn

from registry.records import reply_clock, search, visibility, waiting
from registry.records.assignments import (
    Assignment,
)
from registry.records.database import NotFound
from registry.records.organisations import Organisation
from registry.records.recommendations import CaseReference, Copy, Notice, Recommendation, Topic
from registry.rules import permissions, searching
from registry.rules.clocks import ACCEPTANCE_UNREPLIED
from registry.rules.permissions import Actor
from registry.rules.searching import Query


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by: machine names and slugs; an empty one narrows nothing."""

    q: str = ""
    topic: str = ""
    organisation: str = ""
    basis: str = ""
    acceptance: str = ""
    reply_clock: str = ""
    implementation: str = ""
    audit_result: str = ""
    year: int | None = None
    # The list of assignments only: what they wait for, and of which recommendation they are.
    waiting: str = ""
    reference: str = ""
    # The list of recommendations only: "no" leaves those that are not public yet.
    published: str = ""


def recommendations(actor: Actor, today: date, filters: Filters) -> ModelSelect:
    """The recommendations the reader may see that fit, newest first, with notice and topic."""
    query = (
        Recommendation.select(Recommendation, Notice, Topic)
        .join(Notice)
        .switch(Recommendation)
        .left_outer_join(Topic)
        .where(visibility.notices(actor, today))
        .order_by(Notice.made_on.is_null(), Notice.made_on.desc(), Recommendation.id.desc())
    )
    wanted = [*_of_notice(actor, today, filters), *_of_assignments(actor, today, filters)]
    return query.where(*wanted) if wanted else query


def _of_notice(actor: Actor, today: date, filters: Filters) -> list[Expression]:
    wanted = _matching(actor, today, searching.parse(filters.q))
    if filters.topic:
        wanted.append(Topic.slug == filters.topic)
    if filters.basis:
        wanted.append(Notice.basis == filters.basis)
    if filters.year:
        first, last = date(filters.year, 1, 1), date(filters.year, 12, 31)
        wanted.append(Notice.made_on.between(first, last))
    if filters.published == "no":
        wanted.append(Notice.published_on.is_null() | (Notice.published_on > today))
    return wanted


def _matching(actor: Actor, today: date, query: Query) -> list[Expression]:
    """What fits a search. Before publication the name of an organisation stands only for what the reader may know.

    The search table holds the names of all addressees; without this, searching for another force (or for all but it)
    would tell whether a notice under embargo went to it.
    """
    whole = search.matching(query)
    if whole is None or visibility.sees_every_addressee(actor):
        return [] if whole is None else [whole]
    named = search.named(query)
    if not named:
        return [whole]
    visible = _visible(actor, today, Assignment.recommendation)
    put_to = {run: Recommendation.id.in_(visible.where(Assignment.organisation.in_(ids))) for run, ids in named.items()}
    text = search.matching(Query(query.wanted, tuple(run for run in query.unwanted if run not in named)))
    told = [put_to[run] for run in query.wanted if run in named] + [~put_to[r] for r in query.unwanted if r in named]
    known = reduce(operator.and_, told if text is None else [text, *told])
    return [(visibility.public_notices(today) & whole) | known]


def _of_assignments(actor: Actor, today: date, filters: Filters) -> list[Expression]:
    """The conditions that ask for an assignment with something the reader may see."""
    wanted = _facts(actor, filters)
    if filters.organisation:
        wanted.append(Organisation.slug == filters.organisation)
    if not wanted:
        return []
    return [Recommendation.id.in_(_visible(actor, today, Assignment.recommendation).where(*wanted))]


def _facts(actor: Actor, filters: Filters) -> list[Expression]:
    wanted = []
    if filters.acceptance in ACCEPTANCE_UNREPLIED:
        # That no reply has come is no secret: the clock says so to everybody.
        wanted.append(Assignment.acceptance == filters.acceptance)
    elif filters.acceptance:
        wanted.append((Assignment.acceptance == filters.acceptance) & visibility.fact(actor, "acceptance"))
    if filters.implementation:
        seen = visibility.fact(actor, "implementation")
        wanted.append((Assignment.implementation == filters.implementation) & seen)
    if filters.audit_result:
        wanted.append(_found(actor, filters.audit_result))
    return wanted


def _found(actor: Actor, audit_result: str) -> Expression:
    """An audit result as the reader may see it: to whoever may not know of a plan, a planned audit is none yet."""
    plan, result = visibility.fact(actor, "audit_plan"), Assignment.audit_result == audit_result
    if audit_result == "planned":
        result = result & plan
    elif audit_result == "not_audited":
        result = result | ((Assignment.audit_result == "planned") & ~plan)
    return result & visibility.fact(actor, "audit_result")


def _visible(actor: Actor, today: date, *columns: object) -> ModelSelect:
    return (
        Assignment.select(*columns)
        .join(Recommendation)
        .join(Notice)
        .switch(Assignment)
        .join(Organisation)
        .where(visibility.assignments(actor, today))
    )


def assignments(actor: Actor, today: date, filters: Filters | None = None) -> ModelSelect:
    """The assignments the reader may see that fit, soonest reply first, with all that a row shows; one query."""
    return _lines(actor, today, filters or Filters(), visibility.assignments(actor, today))


def own_assignments(actor: Actor, today: date, filters: Filters | None = None) -> ModelSelect:
    """The assignments that are the actor's business and fit (see `visibility.own_assignments`), like `assignments`."""
    return _lines(actor, today, filters or Filters(), visibility.own_assignments(actor, today))


def _lines(actor: Actor, today: date, filters: Filters, scope: Expression) -> ModelSelect:
    wanted = [scope, *_of_notice(actor, today, filters), *_facts(actor, filters)]
    if filters.organisation:
        wanted.append(Organisation.slug == filters.organisation)
    if filters.reply_clock:
        wanted.append(reply_clock.where(filters.reply_clock, today))
    if filters.waiting:
        wanted.append(waiting.where(actor, filters.waiting))
    if filters.reference:
        wanted.append(Recommendation.reference == filters.reference)
    return (
        Assignment.select(Assignment, Recommendation, Notice, Organisation, Topic)
        .join(Recommendation)
        .join(Notice)
        .switch(Recommendation)
        .left_outer_join(Topic)
        .switch(Assignment)
        .join(Organisation)
        .where(*wanted)
        .order_by(Assignment.response_due_on.is_null(), Assignment.response_due_on, Assignment.id)
    )


def assignment(actor: Actor, today: date, assignment_id: int) -> Assignment:
    """One assignment with all that its page shows; NotFound when there is none or it is not the actor's business."""
    found = own_assignments(actor, today).where(Assignment.id == assignment_id).get_or_none()
    if found is None:
        raise NotFound("There is no such assignment.")
    return found


def recommendation(actor: Actor, today: date, reference: str) -> Recommendation:
    """One recommendation with its notice and topic; NotFound like `assignment`."""
    found = recommendations(actor, today, Filters()).where(Recommendation.reference == reference).get_or_none()
    if found is None:
        raise NotFound("There is no such recommendation.")
    return found


def notice(actor: Actor, today: date, reference: str) -> Notice:
    """One notice after making; NotFound like `assignment`."""
    scope = visibility.notices(actor, today)
    found = Notice.select().where(scope & (Notice.reference == reference)).get_or_none()
    if found is None:
        raise NotFound("There is no such notice.")
    return found


def draft(actor: Actor, notice_id: int) -> Notice:
    """A notice as those read it who write drafts. One that has been made is found too, to say so in plain words."""
    found = visibility.drafts(actor, also_made=True).where(Notice.id == notice_id).get_or_none()
    if found is None:
        raise NotFound("There is no such draft.")
    return found


def addressees(actor: Actor, today: date, of: Recommendation) -> ModelSelect:
    """Every addressee of a recommendation that the reader may see: recipients first, then by name."""
    return (
        assignments(actor, today)
        .where(Assignment.recommendation == of.id)
        .order_by(Assignment.capacity == "in_scope", Organisation.name)
    )


def organisations() -> ModelSelect:
    """The organisations the register is about, forces first."""
    return (
        Organisation.select()
        .where(Organisation.type.not_in(("regulator", "audit_body")) & Organisation.force.is_null())
        .order_by(Organisation.type != "territorial", Organisation.name)
    )


def organisation(slug: str) -> Organisation:
    """The organisation with that slug: that one exists is no secret. NotFound when there is none."""
    found = Organisation.get_or_none(Organisation.slug == slug)
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def own_organisations(actor: Actor) -> ModelSelect:
    """The addressees for which the actor acts, by name."""
    mine = actor.organisations(*permissions.FORCE_ROLES)
    return Organisation.select().where(Organisation.id.in_(mine)).order_by(Organisation.name)


def counts(actor: Actor, today: date) -> dict[int, int]:
    """How many assignments the reader may see, per organisation id; at most two queries.

    Of what everybody (or the regulator) sees whole, an index alone is counted; the few others are found one by one.
    """
    every = visibility.sees_every_addressee(actor)
    scope = visibility.notices(actor, today) if every else visibility.public_notices(today)
    whole = Recommendation.select(Recommendation.id).join(Notice).where(scope)
    number = fn.COUNT(Assignment.id)
    rows = Assignment.select(Assignment.organisation, number).where(Assignment.recommendation.in_(whole))
    found = dict(rows.group_by(Assignment.organisation).tuples())
    if not every:
        hidden = _visible(actor, today, Assignment.organisation, number).where(visibility.hidden_notices(today))
        for key, more in hidden.group_by(Assignment.organisation).tuples():
            found[key] = found.get(key, 0) + more
    return found


def case_references(of: Notice) -> list[str]:
    """The case references of a notice."""
    return [row.value for row in of.case_references.order_by(CaseReference.id)]


def topics() -> ModelSelect:
    """All topics by name."""
    return Topic.select().order_by(Topic.name)


@dataclass(frozen=True)
class Choices:
    """What lists can be narrowed by: topics and organisations as (slug, name), and years, newest first."""

    topics: list[tuple[str, str]]
    organisations: list[tuple[str, str]]
    years: list[int]


def choices(actor: Actor, today: date) -> Choices:
    """What the lists can be narrowed by; years run from the first notice the reader may see to the last. One query."""
    made = Notice.select(
        Value("year"), fn.MIN(Notice.made_on).cast("text"), fn.MAX(Notice.made_on).cast("text"), Value(0)
    ).where(visibility.notices(actor, today))
    named = Topic.select(Value("topic"), Topic.slug, Topic.name, Value(0))
    rank = Case(None, [(Organisation.type == "territorial", 0)], 1)
    listed = organisations().select(Value("organisation"), Organisation.slug, Organisation.name, rank).order_by()
    rows = list(made.union_all(named).union_all(listed).tuples())
    first, last = next((first, last) for kind, first, last, _ in rows if kind == "year")

    def of(wanted: str) -> list[tuple[str, str]]:
        found = [(rank, name, slug) for kind, slug, name, rank in rows if kind == wanted]
        return [(slug, name) for _, name, slug in sorted(found)]

    years = list(range(int(last[:4]), int(first[:4]) - 1, -1)) if first else []
    return Choices(of("topic"), of("organisation"), years)


def of_notice(actor: Actor, today: date, of: Notice) -> ModelSelect:
    """The assignments of a notice that the reader may see, by recommendation and name."""
    rows = assignments(actor, today).where(Recommendation.notice == of.id)
    return rows.order_by(Recommendation.number, Assignment.capacity == "in_scope", Organisation.name)


def overdue_of(notice: Notice, today: date) -> list[Assignment]:
    """The assignments of a notice whose reply is overdue on the day, whoever may know it."""
    late = reply_clock.where("overdue", today) & Assignment.closed_on.is_null()
    rows = Assignment.select(Assignment, Recommendation, Notice, Organisation).join(Recommendation).join(Notice)
    return list(rows.switch(Assignment).join(Organisation).where((Recommendation.notice == notice.id) & late))


def copies(actor: Actor, of: Notice) -> ModelSelect:
    """The copies of a notice: all of them for the regulator, its own for a policing body, none for others."""
    rows = Copy.select(Copy, Organisation).join(Organisation, on=Copy.organisation).where(Copy.notice == of.id)
    if not actor.is_regulator:
        rows = rows.where(Copy.organisation.in_(actor.organisations("local_policing_body_reader")))
    return rows.order_by(Organisation.name)
