"""Who may see what, as SQL: one condition per subject, used by every list, page, search and count.

The table of facts is `rules.permissions.FACTS`; here each of its conditions has its SQL twin.
"""

import operator
from collections.abc import Callable
from datetime import date
from functools import reduce

from peewee import SQL, Expression, ModelSelect, fn

from registry.records.assignments import Assignment
from registry.records.organisations import Organisation
from registry.records.people import Membership
from registry.records.recommendations import AFTER_MAKING, Copy, Notice, Recommendation
from registry.rules import permissions
from registry.rules.permissions import AUDIT_ROLES, FACTS, FORCE_ROLES, SHOWN, Actor
from registry.rules.workflow import NOTICE_STATES

TRUE = SQL("1 = 1")
FALSE = SQL("1 = 0")
NEVER = date.max


def public_notices(today: date) -> Expression:
    """Notices the public may read on the day: published, not before the day of publication."""
    # Most notices are public: an index on the day finds nearly all of them and loses the order they are wanted in.
    return Notice.state.in_(AFTER_MAKING) & (fn.COALESCE(Notice.published_on, NEVER) <= today)


def hidden_notices(today: date) -> Expression:
    """Notices made that the public may not read yet: few, and found by an index."""
    return Notice.state.in_(AFTER_MAKING) & (Notice.published_on.is_null() | (Notice.published_on > today))


def notices(actor: Actor, today: date) -> Expression:
    """Notices after making that the actor may read (drafts have a scope of their own)."""
    made = Notice.state.in_(AFTER_MAKING)
    if actor.is_regulator or actor.has("system") or actor.is_auditor:
        return made
    if not _closer_readers(actor):
        return public_notices(today)
    # Only of what is not public yet, which is little: the rest everybody may read.
    addressed = (
        Assignment.select(Recommendation.notice)
        .join(Recommendation)
        .join(Notice)
        .where(hidden_notices(today) & _before_publication(actor))
    )
    return public_notices(today) | (made & (Notice.id.in_(addressed) | Notice.id.in_(_copied_to(actor))))


def sees_every_addressee(actor: Actor) -> bool:
    """True for whoever sees all assignments of each notice they may read: the public, and the regulator."""
    return actor.is_regulator or actor.has("system") or not actor.grants


def assignments(actor: Actor, today: date) -> Expression:
    """Assignments the actor may see; the query must join Recommendation and Notice."""
    if actor.is_regulator or actor.has("system"):
        return TRUE
    return public_notices(today) | _before_publication(actor) if _closer_readers(actor) else public_notices(today)


def own_assignments(actor: Actor, today: date) -> Expression:
    """The visible assignments that are the actor's business: a force's own, a policing body's, an auditor's, or all.

    Only these have a page of their own; of the others everybody reads what the register publishes.
    The query must join Recommendation and Notice where the actor reads for a policing body.
    """
    if actor.is_regulator or actor.has("system"):
        return TRUE
    # What is seen before publication needs no look at the notice: a count of a force's own joins no table for it.
    mine = [
        where if before is where else where & (public_notices(today) | before)
        for where, before in _closer_and_before(actor)
    ]
    # Not FALSE | …: with a constant beside it SQLite takes no index.
    return reduce(operator.or_, mine) if mine else FALSE


def fact(actor: Actor, name: str) -> Expression:
    """The condition that the actor may see the fact of a visible assignment: for filters and counts.

    The query must join Recommendation and Notice. What the public may see, everybody may.
    """
    if actor.is_regulator or actor.has("system"):
        return _when(FACTS[name]["regulator"])
    closer = [where & _when(FACTS[name][reader]) for reader, where in _closer_readers(actor)]
    return reduce(operator.or_, closer, _when(FACTS[name]["public"]))


def covered(actor: Actor) -> dict[int, int]:
    """The forces a policing body's reader holds to account: force id -> policing body id. One query, or none."""
    bodies = actor.organisations("local_policing_body_reader")
    if not bodies:
        return {}
    rows = Organisation.select(Organisation.force, Organisation.id).where(Organisation.id.in_(bodies))
    return dict(rows.tuples())


DRAFT_STATES = ("draft", "in_review", "approved")


def drafts(actor: Actor, also_made: bool = False) -> ModelSelect:
    """The drafts the actor may read: all of them for the regulator, none for anybody else.

    `also_made` adds what was a draft once, for a page that says what became of it.
    """
    where = TRUE if permissions.may(actor, "draft:read") else FALSE
    return Notice.select().where(where & Notice.state.in_(NOTICE_STATES if also_made else DRAFT_STATES))


def members(actor: Actor) -> Expression:
    """The memberships the actor manages: a lead those of the own organisation, an administrator all."""
    if actor.has("administrator", "system"):
        return TRUE
    return Membership.organisation.in_(actor.led())


def _closer_readers(actor: Actor) -> list[tuple[str, Expression]]:
    """The readers the actor can be beside the public, with the assignments for which they are."""
    forces = actor.organisations(*FORCE_ROLES)
    bodies = actor.organisations("local_policing_body_reader")
    readers = []
    if forces:
        readers.append(("addressee", Assignment.organisation.in_(forces)))
    if actor.is_auditor:
        readers.append(("auditor", Assignment.organisation.not_in(actor.organisations(*AUDIT_ROLES))))
    if bodies:
        covered = Organisation.select(Organisation.force).where(Organisation.id.in_(bodies))
        readers.append(
            ("local_policing_body", Assignment.organisation.in_(bodies) | Assignment.organisation.in_(covered))
        )
    return readers


def _before_publication(actor: Actor) -> Expression:
    """The assignments seen although the public may not yet."""
    return reduce(operator.or_, (before for _, before in _closer_and_before(actor)), FALSE)


def _closer_and_before(actor: Actor) -> list[tuple[Expression, Expression]]:
    """For each closer reader its assignments, and those of them seen before publication: the same, but for a body's.

    Of its force's a policing body sees before publication only what it was copied.
    """
    copied = Notice.id.in_(_copied_to(actor))
    bodies = Assignment.organisation.in_(actor.organisations("local_policing_body_reader"))
    return [
        (where, where & (copied | bodies) if reader == "local_policing_body" else where)
        for reader, where in _closer_readers(actor)
    ]


def _copied_to(actor: Actor) -> ModelSelect:
    return Copy.select(Copy.notice).where(Copy.organisation.in_(actor.organisations("local_policing_body_reader")))


def _when(rule: bool | str) -> Expression:
    if isinstance(rule, bool):
        return TRUE if rule else FALSE
    return _CONDITIONS[rule]()


def _published() -> Expression:
    return Assignment.response_published_on.is_null(False) & Assignment.publication.in_(SHOWN)


def _disclosed() -> Expression:
    return Assignment.disclosure.in_(SHOWN)


_CONDITIONS: dict[str, Callable[[], Expression]] = {
    "published": _published,
    "disclosed": _disclosed,
    "published_or_disclosed": lambda: _published() | _disclosed(),
    "implementation_public": lambda: Recommendation.implementation_public == True,  # noqa: E712 - SQL, not Python
    "audit_result_public": lambda: Recommendation.audit_result_public == True,  # noqa: E712 - SQL, not Python
}
