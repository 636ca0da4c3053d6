"""The figures about one organisation, each defined once, as a condition in SQL. One query counts them all.

Every figure is n of N and both are shown. Only what the reader may see is counted, through the same
scope functions as the pages; an assignment agreed to be not applicable is in no figure but its own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SQL, Case, Expression, fn

from registry.records import reply_clock, visibility
from registry.records.assignments import Assignment
from registry.records.recommendations import Notice, Recommendation
from registry.rules.clocks import WITH_DUTY
from registry.rules.permissions import Actor

CONCLUDED = ("in_place", "partly_in_place", "not_in_place", "could_not_test")
ENDED = ("withdrawn", "superseded")


@dataclass(frozen=True)
class Share:
    """n of N: how many of those counted."""

    n: int
    of: int


@dataclass(frozen=True)
class Figures:
    """What is counted about an organisation on a day. Whole numbers of assignments, but `notices`.

    replied_on_time     required replies received by the later of the two dates, of those that came or are overdue
    overdue             required replies missing after both dates, of the required replies still awaited
    acknowledged_in_time  acknowledged (or replied) by the house target, of those whose target has passed or is met
    found_in_place      found in place by an auditor, of those that apply and still stand
    says_done           said by the organisation itself to be done, of the same
    checked             of the same, those with an audit result; `audits_undisclosed` and `work_undisclosed`
                        count those of the same left out because the reader may not see the fact
    """

    notices: int
    assignments: int
    asked_to_reply: int
    must_reply: int
    in_scope: int
    not_applicable: int
    not_public: int
    replied_on_time: Share
    replied_late: int
    overdue: Share
    due_soon: int
    acknowledged_in_time: Share
    found_in_place: Share
    checked: int
    audits_undisclosed: int
    says_done: Share
    work_undisclosed: int


def figures(organisation_id: int, *, actor: Actor, today: date) -> Figures:
    """Count everything about the organisation that the actor may see on the day; one query."""
    conditions = _conditions(actor, today)
    columns = [fn.COALESCE(fn.SUM(_one(where)), 0).alias(name) for name, where in conditions.items()]
    counted = (
        Assignment.select(fn.COUNT(Recommendation.notice.distinct()).alias("notices"), *columns)
        .join(Recommendation)
        .join(Notice)
        .where(visibility.assignments(actor, today) & (Assignment.organisation == organisation_id))
        .dicts()
        .get()
    )
    return _figures({name: int(n) for name, n in counted.items()})


def _figures(counted: dict[str, int]) -> Figures:
    """Pair each figure with what it is counted out of."""
    pairs = {name.removesuffix("_of"): name for name in counted if name.endswith("_of")}
    shares = {name: Share(counted[name], counted[of]) for name, of in pairs.items()}
    plain = {name: n for name, n in counted.items() if name not in pairs and name not in pairs.values()}
    values: dict[str, Any] = plain | shares
    return Figures(**values)


def _conditions(actor: Actor, today: date) -> dict[str, Any]:
    """The definitions: name -> what is counted; `<name>_of` is what it is counted out of."""
    agreed_not = (Assignment.applicability == "agreed_not") & visibility.fact(actor, "acceptance")
    return {
        "assignments": SQL("1 = 1"),
        "not_applicable": agreed_not,
        "not_public": _not(visibility.public_notices(today)),
        **_replies(_not(agreed_not), today),
        **_acknowledgements(_not(agreed_not), today),
        **_implementation(_not(agreed_not) & _standing(), actor),
    }


def _replies(applies: Expression, today: date) -> dict[str, Any]:
    open_ = Assignment.closed_on.is_null()
    must = applies & (Assignment.capacity == "recipient") & Assignment.basis.in_(WITH_DUTY)
    in_time = applies & reply_clock.where("replied_in_time", today)
    late = applies & reply_clock.where("replied_late", today)
    overdue = applies & open_ & reply_clock.where("overdue", today)
    return {
        "asked_to_reply": applies & (Assignment.capacity != "in_scope"),
        "must_reply": must,
        "in_scope": applies & (Assignment.capacity == "in_scope"),
        "replied_on_time": in_time,
        "replied_on_time_of": in_time | late | overdue,
        "replied_late": late,
        "overdue": overdue,
        "overdue_of": must & open_ & (Assignment.acceptance == "awaiting"),
        "due_soon": applies & open_ & reply_clock.where("due_soon", today),
    }


def _acknowledgements(applies: Expression, today: date) -> dict[str, Any]:
    """A house step. A reply with no earlier acknowledgement counts as one, on the day it was received."""
    asked = applies & Notice.sent_at.is_null(False) & Assignment.acknowledge_by.is_null(False)
    first = fn.COALESCE(Assignment.acknowledged_on, Assignment.received_on)
    missing = first.is_null() & Assignment.closed_on.is_null() & (Assignment.acknowledge_by < today)
    return {
        "acknowledged_in_time": asked & (first <= Assignment.acknowledge_by),
        "acknowledged_in_time_of": asked & (first.is_null(False) | missing),
    }


def _implementation(standing: Expression, actor: Actor) -> dict[str, Any]:
    audits = visibility.fact(actor, "audit_result")
    work = visibility.fact(actor, "implementation")
    return {
        "found_in_place": standing & audits & (Assignment.audit_result == "in_place"),
        "found_in_place_of": standing & audits,
        "checked": standing & audits & Assignment.audit_result.in_(CONCLUDED),
        "audits_undisclosed": standing & _not(audits),
        "says_done": standing & work & (Assignment.implementation == "reported_done"),
        "says_done_of": standing & work,
        "work_undisclosed": standing & _not(work),
    }


def _standing() -> Expression:
    """Neither withdrawn nor superseded: what was asked still is."""
    return Assignment.closed_reason.is_null() | Assignment.closed_reason.not_in(ENDED)


def _one(where: Any) -> Case:
    return Case(None, [(where, 1)], 0)


def _not(where: Any) -> Expression:
    """True where the condition is false *or unknown*: a plain NOT of a NULL would count on neither side."""
    return _one(where) == 0
