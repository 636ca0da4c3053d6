"""What addressees and the regulator do with an assignment: acknowledge, respond, decide, publish, report, chase."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from registry.actions.receiving import received
from registry.records import history, messages, people
from registry.records.assignments import (
    CONTACT_CHANNELS,
    Acknowledgement,
    Assignment,
    Contact,
    Decision,
    Progress,
    Response,
)
from registry.records.database import lock, save, transaction
from registry.records.recommendations import Notice, current_version
from registry.rules import calendar, clocks, permissions, wording, workflow
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


@dataclass(frozen=True)
class Reply:
    """A written response: whether the recommendation is accepted, and the action taken or proposed, or why none."""

    acceptance: str
    action_taken: str = ""
    action_proposed: str = ""
    why_none: str = ""
    representations: str = ""

    def text(self) -> str:
        """Everything the reply says, as one text, for the history."""
        parts = (self.action_taken, self.action_proposed, self.why_none, self.representations)
        return "\n\n".join(part for part in parts if part)


@transaction
def acknowledge(assignment_id: int, *, actor: Actor, now: datetime, received_on: date | None = None) -> Acknowledgement:
    """Record that the organisation has the version now in force. A house step, not in statute.

    `received_on` is given when a case officer records an acknowledgement that came by post.
    """
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:acknowledge", assignment.organisation_id)
    workflow.require_open(assignment)
    if assignment.acknowledged_on is not None:
        raise NotAllowed(f"Receipt was already acknowledged on {wording.day(assignment.acknowledged_on)}.")
    by_post, day = received(assignment, actor, now, received_on)
    assignment.acknowledged_on = day
    save(assignment)
    acknowledgement = Acknowledgement.create(
        assignment=assignment,
        version=current_version(_notice(assignment)),
        received_on=day,
        by_post=by_post,
        person=actor.person_id,
        recorded_at=now,
    )
    _record("assignment.acknowledged", assignment, actor, now, {"received_on": day, "by_post": by_post})
    return acknowledgement


@transaction
def respond(
    assignment_id: int,
    reply: Reply,
    *,
    actor: Actor,
    now: datetime,
    received_on: date | None = None,
    revision: int | None = None,
) -> Response:
    """Record the written response (para 28B(1)) and start the 21-day publication clock (para 28B(5)).

    `received_on` is given when a case officer records a reply that came by post. A reply after the
    last day is recorded as late, never refused. Raises Stale when another reply came first.
    """
    assignment = lock(Assignment, assignment_id, revision)
    permissions.require(actor, "assignment:respond", assignment.organisation_id)
    workflow.require_open(assignment)
    workflow.check(assignment, "acceptance", "respond", to=reply.acceptance)
    _complete(reply)
    by_post, day = received(assignment, actor, now, received_on)
    workflow.move(assignment, "acceptance", "respond", to=reply.acceptance)
    assignment.received_on = day
    assignment.publish_by = clocks.publish_by(day, assignment, reply.representations)
    save(assignment)
    response = Response.create(
        assignment=assignment,
        number=assignment.responses.count() + 1,
        received_on=day,
        by_post=by_post,
        person=actor.person_id,
        recorded_at=now,
        **asdict(reply),
    )
    if not by_post:
        _tell_case_officers(assignment, response, now)
    facts = {
        "acceptance": reply.acceptance,
        "received_on": day,
        "by_post": by_post,
        "number": response.number,
    }
    _record("assignment.responded", assignment, actor, now, facts, reply.text())
    return response


@dataclass(frozen=True)
class Extent:
    """How much of a reply is published or disclosed; a part needs the text that remains and the reason."""

    extent: str
    redacted_text: str = ""
    reason: str = ""


@transaction
def decide_publication(
    assignment_id: int, extent: Extent, *, actor: Actor, now: datetime, revision: int | None = None
) -> Decision:
    """Decide how much of the reply the public may read: none, part or all (para 28B(7))."""
    return _decide("publication", assignment_id, extent, actor, now, revision)


@transaction
def decide_disclosure(
    assignment_id: int, extent: Extent, *, actor: Actor, now: datetime, revision: int | None = None
) -> Decision:
    """Decide how much of the reply those who were sent a copy may read: none, part or all (para 28B(7))."""
    return _decide("disclosure", assignment_id, extent, actor, now, revision)


@transaction
def publish_response(assignment_id: int, *, actor: Actor, now: datetime) -> Assignment:
    """Publish the decided part of the reply (para 28B(5)); the notice itself must be public."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:publish_response", assignment.organisation_id)
    if assignment.response_published_on is not None:
        raise NotAllowed(f"The reply was already published on {wording.day(assignment.response_published_on)}.")
    if assignment.publication is None:
        raise NotAllowed("Decide first how much of the reply is published.")
    if assignment.publication == "none":
        raise NotAllowed("It was decided to publish none of this reply.")
    if _notice(assignment).published_on is None:
        raise NotAllowed("The notice itself is not public yet. Publish the notice first.")
    assignment.response_published_on = calendar.day_of(now)
    save(assignment)
    _record("assignment.response_published", assignment, actor, now, {"publication": assignment.publication})
    return assignment


@transaction
def report_progress(assignment_id: int, text: str, *, actor: Actor, now: datetime) -> Progress:
    """Record what the force says it is doing; implementation becomes under way."""
    return _report("report_progress", "under_way", "progress_reported", assignment_id, text, actor, now)


@transaction
def report_done(assignment_id: int, text: str, *, actor: Actor, now: datetime) -> Progress:
    """Record that the force says it is done. What an auditor finds is another fact."""
    return _report("report_done", "reported_done", "reported_done", assignment_id, text, actor, now)


@transaction
def report_none(assignment_id: int, text: str, *, actor: Actor, now: datetime) -> Progress:
    """Record that the force plans no action, and why."""
    return _report("report_none", "none_planned", "reported_none", assignment_id, text, actor, now)


@dataclass(frozen=True)
class Call:
    """A contact with an organisation: the day, how, with whom (a role, or the name they gave), and what was said."""

    contacted_on: date
    channel: str
    note: str
    spoke_to: str = ""


@transaction
def log_contact(assignment_id: int, call: Call, *, actor: Actor, now: datetime) -> Contact:
    """Log a chase. Internal to the regulator."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:log_contact", assignment.organisation_id)
    if call.channel not in CONTACT_CHANNELS:
        raise NotAllowed("Choose one of the answers offered.")
    if call.contacted_on > calendar.day_of(now):
        raise NotAllowed("The day of the contact cannot be in the future.")
    if not call.note.strip():
        raise NotAllowed("Write what was said.")
    contact = Contact.create(
        assignment=assignment,
        contacted_on=call.contacted_on,
        channel=call.channel,
        spoke_to=call.spoke_to,
        note=call.note,
        person=actor.person_id,
        recorded_at=now,
    )
    facts = {"contacted_on": call.contacted_on, "channel": call.channel}
    _record("assignment.contact_logged", assignment, actor, now, facts, call.note)
    return contact


def require_undecided(assignment: Assignment, kind: str) -> None:
    """Raise NotAllowed unless there is a reply whose `kind` (publication, disclosure) is still to be decided."""
    if assignment.acceptance not in clocks.ACCEPTANCE_REPLIED:
        raise NotAllowed("There is no reply to decide about yet.")
    if getattr(assignment, kind) is not None:
        raise NotAllowed(f"The {kind} of this reply has already been decided.")


def _decide(
    kind: str, assignment_id: int, extent: Extent, actor: Actor, now: datetime, revision: int | None
) -> Decision:
    assignment = lock(Assignment, assignment_id, revision)
    permissions.require(actor, f"assignment:decide_{kind}", assignment.organisation_id)
    require_undecided(assignment, kind)
    if extent.extent not in workflow.EXTENTS:
        raise NotAllowed("Choose one of the answers offered.")
    if extent.extent == "part" and not extent.redacted_text.strip():
        raise NotAllowed("Write the text that remains when only a part is shown.")
    if extent.extent != "all" and not extent.reason.strip():
        raise NotAllowed("Say why not all of the reply is shown.")
    setattr(assignment, kind, extent.extent)
    save(assignment)
    decision = Decision.create(
        response=assignment.responses.order_by(Response.number.desc()).first(),
        kind=kind,
        extent=extent.extent,
        redacted_text=extent.redacted_text if extent.extent == "part" else "",
        reason=extent.reason,
        decided_on=calendar.day_of(now),
        person=actor.person_id,
    )
    _record(f"assignment.{kind}_decided", assignment, actor, now, {"extent": extent.extent}, extent.reason)
    return decision


def _report(verb: str, to: str, event: str, assignment_id: int, text: str, actor: Actor, now: datetime) -> Progress:
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, f"assignment:{verb}", assignment.organisation_id)
    workflow.require_open(assignment)
    workflow.move(assignment, "implementation", verb, to=to)
    if not text.strip():
        raise NotAllowed("Say what has been done, or why nothing is.")
    save(assignment)
    progress = Progress.create(
        assignment=assignment,
        implementation=to,
        text=text,
        reported_on=calendar.day_of(now),
        person=actor.person_id,
        recorded_at=now,
    )
    _record(f"assignment.{event}", assignment, actor, now, {"implementation": to}, text)
    return progress


def _complete(reply: Reply) -> None:
    """Para 28B(1): the response says what action was taken or is proposed, or why none."""
    if reply.acceptance == "not_accepted" and not reply.why_none.strip():
        raise NotAllowed("Say why no action is taken: the law asks for the reasons.")
    if not any(text.strip() for text in (reply.action_taken, reply.action_proposed, reply.why_none)):
        raise NotAllowed("Say what was done, what is proposed, or why nothing is.")


def _notice(assignment: Assignment) -> Notice:
    return assignment.recommendation.notice


def _tell_case_officers(assignment: Assignment, response: Response, now: datetime) -> None:
    day = calendar.day_of(now)
    key = f"{assignment.id}.{response.number}"
    messages.queue("response_received", people.case_officers(day), key, day=day, at=now, assignment=assignment)


def _record(verb: str, assignment: Assignment, actor: Actor, now: datetime, facts: dict, detail: str = "") -> None:
    history.record(verb, assignment, person_id=actor.person_id, at=now, facts=facts, detail=detail)
