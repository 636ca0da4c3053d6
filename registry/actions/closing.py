"""Closing an assignment of which nothing more is asked, and opening it again."""

from datetime import datetime

from registry.records import history
from registry.records.assignments import Assignment
from registry.records.database import lock, save, transaction
from registry.rules import calendar, permissions, workflow
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


@transaction
def close(assignment_id: int, note: str, *, actor: Actor, now: datetime) -> Assignment:
    """Close an assignment whose reply did not accept the recommendation, once its reasons are published.

    The other reasons come with their own verbs: agreed not applicable, superseded, withdrawn, found in place.
    """
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:close", assignment.organisation_id)
    require_closable(assignment)
    assignment.closed_on, assignment.closed_reason = calendar.day_of(now), "not_accepted"
    save(assignment)
    facts = {"closed_reason": assignment.closed_reason}
    history.record("assignment.closed", assignment, person_id=actor.person_id, at=now, facts=facts, detail=note)
    return assignment


@transaction
def reopen(assignment_id: int, reason: str, *, actor: Actor, now: datetime) -> Assignment:
    """Open a closed assignment again, with the reason. What was agreed not to apply is taken to apply again."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:reopen", assignment.organisation_id)
    require_reopenable(assignment)
    if not reason.strip():
        raise NotAllowed("Say why it is opened again.")
    facts = {"closed_on": assignment.closed_on, "closed_reason": assignment.closed_reason}
    if assignment.applicability == "agreed_not":
        workflow.move(assignment, "applicability", "reopen", to="applicable")
    assignment.closed_on = assignment.closed_reason = None
    save(assignment)
    history.record("assignment.reopened", assignment, person_id=actor.person_id, at=now, facts=facts, detail=reason)
    return assignment


def require_closable(assignment: Assignment) -> None:
    """Raise NotAllowed unless it may be closed: not accepted, and the reasons are published."""
    workflow.require_open(assignment)
    if assignment.acceptance != "not_accepted":
        raise NotAllowed("Only what was not accepted is closed by hand. The other ends have verbs of their own.")
    if assignment.response_published_on is None:
        raise NotAllowed("Publish the reply first: its reasons have to be public.")


def require_reopenable(assignment: Assignment) -> None:
    """Raise NotAllowed unless it is closed, and not because its notice is withdrawn or superseded."""
    if assignment.closed_on is None:
        raise NotAllowed("This assignment is open.")
    if assignment.closed_reason in ("withdrawn", "superseded"):
        raise NotAllowed("The notice was withdrawn or superseded: what it asked is asked no more.")
