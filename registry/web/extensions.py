"""More time for a reply: asked for, decided, and added by a court. Pages of an assignment."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from registry.actions import extensions
from registry.actions.extensions import MoreTime, Proceedings
from registry.records.assignments import Assignment
from registry.rules import clocks
from registry.web.access import actor, needs, now, settings, today
from registry.web.acting import act, show
from registry.web.assignments import blueprint, find, is_own, page_of
from registry.web.forms import CourtDaysForm, ExtensionForm, GrantForm, RefuseForm


@blueprint.route("/<id:assignment_id>/request-extension", methods=["GET", "POST"])
@needs("assignment:request_extension")
def request_extension(assignment_id: int) -> Any:
    found, form = find(assignment_id, "request_extension"), ExtensionForm()
    by_post = not is_own(found)
    if not by_post:
        del form.received_on
    if request.method == "GET":
        extensions.require_extendable(found)
    done = act(
        form,
        lambda: extensions.request_extension(
            found.id,
            MoreTime(form.days.number(), form.reason.data),
            actor=actor(),
            now=now(),
            received_on=form.received_on.data if by_post else None,
        ),
        _("The application for more time is recorded"),
        page_of(found),
    )
    return done or show("extensions/request_extension.html", form, by_post=by_post, **_period(found))


@blueprint.route("/<id:assignment_id>/grant-extension", methods=["GET", "POST"])
@needs("assignment:grant_extension")
def grant_extension(assignment_id: int) -> Any:
    found = find(assignment_id, "grant_extension")
    asked = extensions.require_pending(found)
    longest = settings().extension_days
    form = GrantForm(data={"days": str(asked.days)})
    done = act(
        form,
        lambda: extensions.grant_extension(
            found.id, MoreTime(form.days.number(), form.reason.data), actor=actor(), now=now(), longest=longest
        ),
        _("More time is given"),
        page_of(found),
    )
    after = clocks.extended(found, asked.days)
    context = {"asked": asked, "after": after, "longest": longest, "past": after.due_on < today(), **_period(found)}
    return done or show("extensions/grant_extension.html", form, **context)


@blueprint.route("/<id:assignment_id>/refuse-extension", methods=["GET", "POST"])
@needs("assignment:refuse_extension")
def refuse_extension(assignment_id: int) -> Any:
    found, form = find(assignment_id, "refuse_extension"), RefuseForm()
    asked = extensions.require_pending(found)
    done = act(
        form,
        lambda: extensions.refuse_extension(found.id, form.reason.data, actor=actor(), now=now()),
        _("No more time is given"),
        page_of(found),
    )
    return done or show("extensions/refuse_extension.html", form, asked=asked, **_period(found))


@blueprint.route("/<id:assignment_id>/add-court-days", methods=["GET", "POST"])
@needs("assignment:add_court_days")
def add_court_days(assignment_id: int) -> Any:
    found, form = find(assignment_id, "add_court_days"), CourtDaysForm()
    extensions.require_period(found)
    done = act(
        form,
        lambda: extensions.add_court_days(found.id, _proceedings(form), actor=actor(), now=now()),
        _("The days are added"),
        page_of(found),
    )
    return done or show("extensions/add_court_days.html", form, **_period(found))


def _period(found: Assignment) -> dict[str, Any]:
    """What each of these pages says of the period as it stands."""
    return {"found": found, "granted": extensions.days_granted(found)}


def _proceedings(form: CourtDaysForm) -> Proceedings:
    day = form.started_on.data
    assert day is not None, "the form has asked for it"
    return Proceedings(day, form.days.number(), form.note.data)
