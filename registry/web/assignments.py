"""An organisation's part in a recommendation: what is known, and everything that can be done with it."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from registry.actions import assignments
from registry.actions.assignments import Call, Extent, Reply
from registry.records import history, installation, lines, outcomes, register, sorting
from registry.records.assignments import Assignment
from registry.records.outcomes import Recorded
from registry.rules import clocks, explaining, permissions, workflow
from registry.rules.workflow import NotAllowed
from registry.web import words
from registry.web.access import actor, needs, now, today
from registry.web.acting import act, show
from registry.web.fields import Page
from registry.web.filtering import choices, read_filters
from registry.web.forms import (
    AcknowledgeForm,
    Act,
    ContactForm,
    DecideForm,
    ReportForm,
    RespondForm,
)
from registry.web.paging import listed

blueprint = Blueprint("assignments", __name__, url_prefix="/assignments")


@blueprint.get("")
@needs("assignment:read")
def listing() -> str:
    filters = read_filters(request.args, of_assignments=True)
    query = lines.of_list(register.own_assignments(actor(), today(), filters))
    found = listed(query, sorting.ASSIGNMENTS)
    return render_template("assignments/listing.html", found=found, **choices(filters))


@blueprint.get("/<id:assignment_id>")
@needs("assignment:read")
def assignment(assignment_id: int) -> str:
    found = register.assignment(actor(), today(), assignment_id)
    seen = words.seer(found)
    recorded = outcomes.recorded(found, words.reader(found))
    events = [e for e in history.of("assignment", found.id) if seen(permissions.EVENT_FACTS.get(e.verb, "history"))]
    context = {
        "recorded": recorded,
        "seen": seen,
        "events": events,
        "form": Act(),
        "counted": _counted(found, recorded),
    }
    return render_template("assignments/assignment.html", found=found, **context)


def _counted(found: Assignment, recorded: Recorded) -> dict[str, list[str]]:
    """How the deadlines were counted, by heading: the reply's and, where there is a target, the acknowledgement's."""
    notice, told = found.recommendation.notice, {}
    if clocks.has_period(found) and notice.made_on_precision == "day":
        moves = outcomes.moves(recorded)
        first = moves[0].old_due_on if moves else found.response_due_on
        told[_("How the days for the reply were counted")] = explaining.reply(
            notice.made_on, found.basis, [move.moved for move in moves], first, _
        )
    if found.acknowledge_by:
        holidays = installation.holidays()
        told[_("How the target for acknowledging was counted")] = explaining.acknowledgement(
            notice.made_on, holidays, _
        )
    return told


@blueprint.route("/<id:assignment_id>/acknowledge", methods=["GET", "POST"])
@needs("assignment:acknowledge")
def acknowledge(assignment_id: int) -> Any:
    found = find(assignment_id, "acknowledge")
    workflow.require_open(found)
    if found.acknowledged_on:
        raise NotAllowed(_("Receipt was already acknowledged."))
    by_post = not is_own(found)
    form: Page = AcknowledgeForm() if by_post else Act()
    received_on = form.received_on.data if isinstance(form, AcknowledgeForm) else None
    done = act(
        form,
        lambda: assignments.acknowledge(found.id, actor=actor(), now=now(), received_on=received_on),
        _("Receipt acknowledged"),
        page_of(found),
    )
    return done or show("assignments/acknowledge.html", form, found=found, by_post=by_post)


@blueprint.route("/<id:assignment_id>/respond", methods=["GET", "POST"])
@needs("assignment:respond")
def respond(assignment_id: int) -> Any:
    found = find(assignment_id, "respond")
    by_post = not is_own(found)
    form = RespondForm(data={"revision": str(found.revision)})
    if not by_post:
        del form.received_on
    if request.method == "GET":
        workflow.require_open(found)
        workflow.check(found, "acceptance", "respond", "accepted")
    done = act(
        form,
        lambda: assignments.respond(
            found.id,
            _reply(form),
            actor=actor(),
            now=now(),
            received_on=form.received_on.data if by_post else None,
            revision=form.revision.number(),
        ),
        _("Reply recorded"),
        page_of(found),
    )
    return done or show("assignments/respond.html", form, found=found, by_post=by_post)


@blueprint.route("/<id:assignment_id>/report-progress", methods=["GET", "POST"])
@needs("assignment:report_progress")
def report_progress(assignment_id: int) -> Any:
    return _report(assignment_id, "report_progress", _("Report progress"), _("Progress reported"))


@blueprint.route("/<id:assignment_id>/report-done", methods=["GET", "POST"])
@needs("assignment:report_done")
def report_done(assignment_id: int) -> Any:
    return _report(assignment_id, "report_done", _("Report that it is done"), _("Reported as done"))


@blueprint.route("/<id:assignment_id>/report-none", methods=["GET", "POST"])
@needs("assignment:report_none")
def report_none(assignment_id: int) -> Any:
    return _report(
        assignment_id, "report_none", _("Report that no action is planned"), _("Reported: no action planned")
    )


def _report(assignment_id: int, verb: str, title: str, said: str) -> Any:
    found, form = find(assignment_id, verb), ReportForm()
    if request.method == "GET":
        workflow.require_open(found)
        workflow.check(found, "implementation", verb, workflow.MOVES["implementation"][verb][1][0])
    run = getattr(assignments, verb)
    done = act(form, lambda: run(found.id, form.text.data, actor=actor(), now=now()), said, page_of(found))
    return done or show("assignments/report.html", form, found=found, title=title)


@blueprint.route("/<id:assignment_id>/decide-publication", methods=["GET", "POST"])
@needs("assignment:decide_publication")
def decide_publication(assignment_id: int) -> Any:
    title = _("Decide what to publish of the reply")
    return _decide(assignment_id, "publication", assignments.decide_publication, title)


@blueprint.route("/<id:assignment_id>/decide-disclosure", methods=["GET", "POST"])
@needs("assignment:decide_disclosure")
def decide_disclosure(assignment_id: int) -> Any:
    title = _("Decide what to disclose to those who had copies")
    return _decide(assignment_id, "disclosure", assignments.decide_disclosure, title)


def _decide(assignment_id: int, kind: str, verb: Any, title: str) -> Any:
    found = find(assignment_id, f"decide_{kind}")
    form = DecideForm(data={"revision": str(found.revision)})
    if request.method == "GET":
        assignments.require_undecided(found, kind)
    done = act(
        form,
        lambda: verb(found.id, _extent(form), actor=actor(), now=now(), revision=form.revision.number()),
        _("Decision recorded"),
        page_of(found),
    )
    reply = outcomes.latest_response(found)
    return done or show("assignments/decide.html", form, found=found, title=title, reply=reply)


@blueprint.post("/<id:assignment_id>/publish-response")
@needs("assignment:publish_response")
def publish_response(assignment_id: int) -> Any:
    found = find(assignment_id, "publish_response")
    form = Act()
    verb = assignments.publish_response
    done = act(form, lambda: verb(found.id, actor=actor(), now=now()), _("The reply is public"), page_of(found))
    if done is None:
        raise NotAllowed("; ".join(form.form_errors) or _("Try again."))
    return done


@blueprint.route("/<id:assignment_id>/log-contact", methods=["GET", "POST"])
@needs("assignment:log_contact")
def log_contact(assignment_id: int) -> Any:
    found, form = find(assignment_id, "log_contact"), ContactForm(data={"contacted_on": today()})
    done = act(
        form,
        lambda: assignments.log_contact(found.id, _call(form), actor=actor(), now=now()),
        _("Contact logged"),
        page_of(found),
    )
    return done or show("assignments/log_contact.html", form, found=found)


def find(assignment_id: int, verb: str) -> Assignment:
    """The assignment, if the person may see it; and only then whether they may do this to it."""
    found = register.assignment(actor(), today(), assignment_id)
    permissions.require(actor(), f"assignment:{verb}", found.organisation_id)
    return found


def is_own(found: Assignment) -> bool:
    """True when the person acts for the organisation itself; a case officer records what came by post."""
    return found.organisation_id in actor().organisations("liaison_officer")


def page_of(found: Assignment) -> str:
    """The address of the page of an assignment."""
    return url_for("assignments.assignment", assignment_id=found.id)


def _reply(form: RespondForm) -> Reply:
    return Reply(
        acceptance=form.acceptance.data,
        action_taken=form.action_taken.data,
        action_proposed=form.action_proposed.data,
        why_none=form.why_none.data,
        representations=form.representations.data,
    )


def _extent(form: DecideForm) -> Extent:
    return Extent(form.extent.data, form.redacted_text.data, form.reason.data)


def _call(form: ContactForm) -> Call:
    day = form.contacted_on.data
    assert day is not None, "the form has asked for it"
    return Call(day, form.channel.data, form.note.data, form.spoke_to.data)
