"""Beside the written reply: a holding reply, which stops nothing, and the regulator's view of what was replied."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.actions.receiving import received
from registry.records import history, outcomes
from registry.records.assignments import Assignment, HoldingReply, Response, View
from registry.records.database import lock, save, transaction
from registry.rules import calendar, permissions, workflow
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


@transaction
def hold_reply(
    assignment_id: int, text: str, *, actor: Actor, now: datetime, received_on: date | None = None
) -> HoldingReply:
    """Record a holding reply ("we are considering it"). It is no written response: the clock runs on (para 28B(1))."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:hold_reply", assignment.organisation_id)
    workflow.require_open(assignment)
    workflow.check(assignment, "acceptance", "hold_reply", "awaiting")
    if not text.strip():
        raise NotAllowed("Write the holding reply.")
    by_post, day = received(assignment, actor, now, received_on)
    save(assignment)
    reply = HoldingReply.create(
        assignment=assignment, text=text, received_on=day, by_post=by_post, person=actor.person_id, recorded_at=now
    )
    facts = {"received_on": day, "by_post": by_post}
    _record("assignment.reply_held", assignment, actor, now, facts, text)
    return reply


@dataclass(frozen=True)
class Judgement:
    """What the regulator thinks of a reply: sufficient, more_asked or none, and why."""

    judgement: str
    text: str


@transaction
def give_view(assignment_id: int, view: Judgement, *, actor: Actor, now: datetime) -> View:
    """Give the regulator's view of the reply now in force. Internal, until it is published by a verb of its own."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:give_view", assignment.organisation_id)
    response = require_reply(assignment)
    if view.judgement not in workflow.JUDGEMENTS:
        raise NotAllowed("Choose one of the answers offered.")
    if not view.text.strip():
        raise NotAllowed("Say why.")
    save(assignment)
    given = View.create(
        response=response,
        judgement=view.judgement,
        text=view.text,
        given_on=calendar.day_of(now),
        person=actor.person_id,
        recorded_at=now,
    )
    _record("assignment.view_given", assignment, actor, now, {"judgement": view.judgement}, view.text)
    return given


@transaction
def publish_view(assignment_id: int, *, actor: Actor, now: datetime) -> View:
    """Publish the regulator's last view of the reply, once the reply itself is public."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:publish_view", assignment.organisation_id)
    view = require_publishable_view(assignment)
    view.published_on = calendar.day_of(now)
    view.save()
    save(assignment)
    _record("assignment.view_published", assignment, actor, now, {"judgement": view.judgement}, "")
    return view


def require_reply(assignment: Assignment) -> Response:
    """The reply now in force. Raises NotAllowed when there is none to have a view of."""
    found = outcomes.latest_response(assignment)
    if found is None:
        raise NotAllowed("There is no reply yet to give a view of.")
    return found


def require_publishable_view(assignment: Assignment) -> View:
    """The view that can be published. Raises NotAllowed when there is none, it is public, or its reply is not."""
    view = outcomes.latest_view(assignment)
    if view is None:
        raise NotAllowed("No view of the reply has been given.")
    if view.published_on is not None:
        raise NotAllowed("The view is public already.")
    if assignment.response_published_on is None:
        raise NotAllowed("The reply itself is not public yet. Publish the reply first.")
    return view


def _record(verb: str, assignment: Assignment, actor: Actor, now: datetime, facts: dict, detail: str) -> None:
    history.record(verb, assignment, person_id=actor.person_id, at=now, facts=facts, detail=detail)
