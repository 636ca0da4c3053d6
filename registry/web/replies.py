"""Beside the written reply: a holding reply, and the regulator's view. Pages of an assignment."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from registry.actions import replies
from registry.actions.replies import Judgement
from registry.rules import workflow
from registry.rules.workflow import NotAllowed
from registry.web.access import actor, needs, now
from registry.web.acting import act, show
from registry.web.assignments import blueprint, find, is_own, page_of
from registry.web.forms import Act, HoldForm, ViewForm


@blueprint.route("/<id:assignment_id>/hold-reply", methods=["GET", "POST"])
@needs("assignment:hold_reply")
def hold_reply(assignment_id: int) -> Any:
    found, form = find(assignment_id, "hold_reply"), HoldForm()
    by_post = not is_own(found)
    if not by_post:
        del form.received_on
    if request.method == "GET":
        workflow.require_open(found)
        workflow.check(found, "acceptance", "hold_reply", "awaiting")
    done = act(
        form,
        lambda: replies.hold_reply(
            found.id,
            form.text.data,
            actor=actor(),
            now=now(),
            received_on=form.received_on.data if by_post else None,
        ),
        _("The holding reply is recorded. The written reply is still due."),
        page_of(found),
    )
    return done or show("replies/hold_reply.html", form, found=found, by_post=by_post)


@blueprint.route("/<id:assignment_id>/give-view", methods=["GET", "POST"])
@needs("assignment:give_view")
def give_view(assignment_id: int) -> Any:
    found, form = find(assignment_id, "give_view"), ViewForm()
    reply = replies.require_reply(found)
    done = act(
        form,
        lambda: replies.give_view(found.id, Judgement(form.judgement.data, form.text.data), actor=actor(), now=now()),
        _("The view is recorded. It stays inside unless it is published."),
        page_of(found),
    )
    return done or show("replies/give_view.html", form, found=found, reply=reply)


@blueprint.post("/<id:assignment_id>/publish-view")
@needs("assignment:publish_view")
def publish_view(assignment_id: int) -> Any:
    found, form = find(assignment_id, "publish_view"), Act()
    verb = replies.publish_view
    done = act(form, lambda: verb(found.id, actor=actor(), now=now()), _("The view is public"), page_of(found))
    if done is None:
        raise NotAllowed("; ".join(form.form_errors) or _("Try again."))
    return done
