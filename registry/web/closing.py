"""Closing an assignment and opening it again. Pages of an assignment."""

from typing import Any

from flask_babel import gettext as _

from registry.actions import closing
from registry.web.access import actor, needs, now
from registry.web.acting import act, show
from registry.web.assignments import blueprint, find, page_of
from registry.web.forms import CloseForm, ReopenForm


@blueprint.route("/<id:assignment_id>/close", methods=["GET", "POST"])
@needs("assignment:close")
def close(assignment_id: int) -> Any:
    found, form = find(assignment_id, "close"), CloseForm()
    closing.require_closable(found)
    done = act(
        form,
        lambda: closing.close(found.id, form.note.data, actor=actor(), now=now()),
        _("Closed"),
        page_of(found),
    )
    return done or show("closing/close.html", form, found=found)


@blueprint.route("/<id:assignment_id>/reopen", methods=["GET", "POST"])
@needs("assignment:reopen")
def reopen(assignment_id: int) -> Any:
    found, form = find(assignment_id, "reopen"), ReopenForm()
    closing.require_reopenable(found)
    done = act(
        form,
        lambda: closing.reopen(found.id, form.reason.data, actor=actor(), now=now()),
        _("Opened again"),
        page_of(found),
    )
    return done or show("closing/reopen.html", form, found=found)
