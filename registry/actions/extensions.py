"""More time for a written reply: applications for it and how they are decided, and days added by judicial review."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.actions.receiving import received
from registry.records import history, messages, people
from registry.records.assignments import Assignment, CourtDays, Extension
from registry.records.database import lock, save, transaction
from registry.rules import calendar, clocks, permissions, wording, workflow
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed

LONGEST = 366


@dataclass(frozen=True)
class MoreTime:
    """What is applied for: calendar days on top of the period, and why."""

    days: int
    reason: str


@transaction
def request_extension(
    assignment_id: int, wanted: MoreTime, *, actor: Actor, now: datetime, received_on: date | None = None
) -> Extension:
    """Record an application for more time, received before the end of the period (para 28B(3)); else it is refused.

    `received_on` is given when a case officer records one that came by post. While it is not decided nobody is late.
    """
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:request_extension", assignment.organisation_id)
    require_extendable(assignment)
    if not 1 <= wanted.days <= LONGEST:
        raise NotAllowed(f"Ask for a whole number of days from 1 to {LONGEST}.")
    if not wanted.reason.strip():
        raise NotAllowed("Say why more time is needed.")
    by_post, day = received(assignment, actor, now, received_on)
    _require_in_period(day, assignment)
    assignment.extension_requested_on = day
    save(assignment)
    extension = Extension.create(
        assignment=assignment,
        days=wanted.days,
        reason=wanted.reason,
        received_on=day,
        by_post=by_post,
        person=actor.person_id,
        recorded_at=now,
        old_last_day=assignment.statutory_last_day,
        old_due_on=assignment.response_due_on,
    )
    if not by_post:
        messages.queue(
            "extension_asked",
            people.case_officers(calendar.day_of(now)),
            str(extension.id),
            day=calendar.day_of(now),
            at=now,
            assignment=assignment,
        )
    facts = {"days": wanted.days, "received_on": day, "by_post": by_post}
    _record("assignment.extension_requested", assignment, actor, now, facts, wanted.reason)
    return extension


@transaction
def grant_extension(
    assignment_id: int, given: MoreTime, *, actor: Actor, now: datetime, longest: int = clocks.EXTENSION_DAYS
) -> Extension:
    """Make the period longer (para 28B(3)), counted from its present end; the old dates are kept.

    May be decided after the end, where the application came before it. `longest` is the house limit on all the days
    granted for one assignment.
    """
    assignment, extension = _pending("assignment:grant_extension", assignment_id, actor)
    granted = days_granted(assignment)
    if not 1 <= given.days <= longest - granted:
        left = longest - granted
        limit = f"The house limit is {wording.plural(longest, 'day')} in all"
        raise NotAllowed(f"{limit}, of which {left} {'is' if left == 1 else 'are'} left. Grant that or less.")
    after = clocks.extended(assignment, given.days)
    extension.days_granted, extension.new_last_day, extension.new_due_on = given.days, after.last_day, after.due_on
    assignment.statutory_last_day, assignment.response_due_on = after.last_day, after.due_on
    _decide(assignment, extension, "granted", given.reason, actor, now)
    facts = {"days": given.days, "last_day": after.last_day, "due_on": after.due_on}
    _record("assignment.extension_granted", assignment, actor, now, facts, given.reason)
    return extension


@transaction
def refuse_extension(assignment_id: int, reason: str, *, actor: Actor, now: datetime) -> Extension:
    """Leave the period as it is, with the reason; where its end has passed, the reply is late from now on."""
    assignment, extension = _pending("assignment:refuse_extension", assignment_id, actor)
    if not reason.strip():
        raise NotAllowed("Say why no more time is given.")
    _decide(assignment, extension, "refused", reason, actor, now)
    _record("assignment.extension_refused", assignment, actor, now, {}, reason)
    return extension


@dataclass(frozen=True)
class Proceedings:
    """Judicial review of the decision to make the recommendation: when it was started, and the days it took."""

    started_on: date
    days: int
    note: str


@transaction
def add_court_days(assignment_id: int, proceedings: Proceedings, *, actor: Actor, now: datetime) -> CourtDays:
    """Add to the period the days that proceedings are in progress (para 28B(4)), started within it as it stands."""
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, "assignment:add_court_days", assignment.organisation_id)
    require_period(assignment)
    _require_started_in_period(proceedings.started_on, assignment, calendar.day_of(now))
    if proceedings.days < 1:
        raise NotAllowed("Give the number of days that the proceedings were in progress, 1 or more.")
    if not proceedings.note.strip():
        raise NotAllowed("Say which proceedings these are.")
    after = clocks.extended(assignment, proceedings.days)
    added = CourtDays.create(
        assignment=assignment,
        started_on=proceedings.started_on,
        days=proceedings.days,
        note=proceedings.note,
        added_on=calendar.day_of(now),
        person=actor.person_id,
        recorded_at=now,
        old_last_day=assignment.statutory_last_day,
        old_due_on=assignment.response_due_on,
        new_last_day=after.last_day,
        new_due_on=after.due_on,
    )
    assignment.statutory_last_day, assignment.response_due_on = after.last_day, after.due_on
    assignment.days_added += proceedings.days
    save(assignment)
    facts = {"days": proceedings.days, "started_on": proceedings.started_on, "last_day": after.last_day}
    _record("assignment.court_days_added", assignment, actor, now, facts, proceedings.note)
    return added


def require_period(assignment: Assignment) -> None:
    """Raise NotAllowed where the law sets no period, or none is known: then there is nothing to add to."""
    if not clocks.has_period(assignment):
        raise NotAllowed("The law sets no time for this reply, so there is none to extend.")


def require_extendable(assignment: Assignment) -> None:
    """Raise NotAllowed unless an application may come in: a reply is still due, and none is being decided."""
    workflow.require_open(assignment)
    require_period(assignment)
    if assignment.acceptance != "awaiting":
        raise NotAllowed("The reply has been recorded, so no more time is needed.")
    if assignment.extension_requested_on is not None:
        raise NotAllowed("More time was asked for already, and that is not decided yet.")


def require_pending(assignment: Assignment) -> Extension:
    """The application that is to be decided. Raises NotAllowed when there is none."""
    found = assignment.extensions.where(Extension.decision.is_null()).order_by(Extension.id.desc()).first()
    if found is None:
        raise NotAllowed("Nobody has asked for more time, or it has been decided.")
    return found


def days_granted(assignment: Assignment) -> int:
    """All the days granted for the assignment so far."""
    return sum(row.days_granted for row in assignment.extensions.where(Extension.decision == "granted"))


def _pending(permission: str, assignment_id: int, actor: Actor) -> tuple[Assignment, Extension]:
    assignment = lock(Assignment, assignment_id)
    permissions.require(actor, permission, assignment.organisation_id)
    return assignment, require_pending(assignment)


def _require_in_period(day: date, assignment: Assignment) -> None:
    if not clocks.in_period(day, assignment):
        last = wording.day(assignment.statutory_last_day)
        raise NotAllowed(
            f"An application must be received before the end of the period, which was {last} (paragraph 28B(3)). "
            "The reply is recorded whenever it comes."
        )


def _require_started_in_period(started_on: date, assignment: Assignment, today: date) -> None:
    if started_on > today:
        raise NotAllowed("The day on which the proceedings were started cannot be in the future.")
    made_on = assignment.recommendation.notice.made_on
    if made_on and started_on < made_on:
        raise NotAllowed(
            f"The proceedings cannot have been started before the notice was made, {wording.day(made_on)}."
        )
    if not clocks.in_period(started_on, assignment):
        last = wording.day(assignment.statutory_last_day)
        raise NotAllowed(
            f"Only proceedings started within the period add to it (paragraph 28B(4)). It ended on {last}."
        )


def _decide(
    assignment: Assignment, extension: Extension, decision: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Write a decision down on the application and the assignment, and tell the organisation's people."""
    today = calendar.day_of(now)
    extension.decision, extension.decision_reason = decision, reason
    extension.decided_on, extension.decided_by_person = today, actor.person_id
    extension.save()
    assignment.extension_requested_on = None
    save(assignment)
    held = people.holders("liaison_officer", [assignment.organisation_id], today)
    to = sorted({person for persons in held.values() for person in persons})
    messages.queue("extension_decided", to, str(extension.id), day=today, at=now, assignment=assignment)


def _record(verb: str, assignment: Assignment, actor: Actor, now: datetime, facts: dict, detail: str) -> None:
    history.record(verb, assignment, person_id=actor.person_id, at=now, facts=facts, detail=detail)
