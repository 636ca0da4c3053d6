"""Whether a recommendation applies: claimed by those who owe no reply, agreed to or refused by the regulator."""

from datetime import datetime

from registry.records import history
from registry.records.assignments import Assignment, Claim
from registry.records.database import lock, save, transaction
from registry.rules import calendar, permissions, workflow
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


@transaction
def claim_not_applicable(assignment_id: int, reason: str, *, actor: Actor, now: datetime) -> Claim:
    """Say that the recommendation does not apply, with the reason. For those in scope and those invited to reply.

    A recipient says so in its reply (not accepted, and why): until it is given, the reply is still due (para 28B(1)).
    """
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:claim_not_applicable", assignment.organisation_id)
    require_claimable(assignment)
    if not reason.strip():
        raise NotAllowed("Say why it does not apply.")
    workflow.move(assignment, "applicability", "claim_not_applicable", to="claimed_not")
    save(assignment)
    claim = Claim.create(
        assignment=assignment,
        reason=reason,
        claimed_on=calendar.day_of(now),
        person=actor.person_id,
        recorded_at=now,
    )
    _record("assignment.not_applicable_claimed", assignment, actor, now, {}, reason)
    return claim


@transaction
def agree_not_applicable(assignment_id: int, reason: str = "", *, actor: Actor, now: datetime) -> Claim:
    """Agree that it does not apply, and close the assignment: it leaves the figures of what was found in place."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:agree_not_applicable", assignment.organisation_id)
    claim = require_claimed(assignment)
    workflow.move(assignment, "applicability", "agree_not_applicable", to="agreed_not")
    assignment.closed_on, assignment.closed_reason = calendar.day_of(now), "not_applicable"
    _decide(claim, assignment, "agreed", reason, actor, now)
    _record("assignment.not_applicable_agreed", assignment, actor, now, {}, reason)
    return claim


@transaction
def refuse_not_applicable(assignment_id: int, reason: str, *, actor: Actor, now: datetime) -> Claim:
    """Refuse the claim: the recommendation applies, and the reason says why."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:refuse_not_applicable", assignment.organisation_id)
    claim = require_claimed(assignment)
    if not reason.strip():
        raise NotAllowed("Say why it does apply.")
    workflow.move(assignment, "applicability", "refuse_not_applicable", to="refused_not")
    _decide(claim, assignment, "refused", reason, actor, now)
    _record("assignment.not_applicable_refused", assignment, actor, now, {}, reason)
    return claim


def require_claimable(assignment: Assignment) -> None:
    """Raise NotAllowed unless the organisation may claim now that it does not apply."""
    workflow.require_open(assignment)
    if assignment.capacity == "recipient":
        raise NotAllowed("You must reply: say in the reply that it is not accepted, and why.")
    workflow.check(assignment, "applicability", "claim_not_applicable", "claimed_not")


def require_claimed(assignment: Assignment) -> Claim:
    """The claim that is to be decided. Raises NotAllowed when there is none."""
    workflow.require_open(assignment)
    workflow.check(assignment, "applicability", "agree_not_applicable", "agreed_not")
    return assignment.claims.where(Claim.decision.is_null()).order_by(Claim.id.desc()).get()


def _decide(claim: Claim, assignment: Assignment, decision: str, reason: str, actor: Actor, now: datetime) -> None:
    claim.decision, claim.decision_reason = decision, reason
    claim.decided_on, claim.decided_by_person = calendar.day_of(now), actor.person_id
    claim.save()
    save(assignment)


def _record(verb: str, assignment: Assignment, actor: Actor, now: datetime, facts: dict, detail: str) -> None:
    history.record(verb, assignment, person_id=actor.person_id, at=now, facts=facts, detail=detail)
