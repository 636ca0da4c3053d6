"""A notice after making, and its publication."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from registry.actions import notices
from registry.actions.notices import PublicationCheck
from registry.records import history, register
from registry.records.recommendations import Notice, in_order
from registry.rules.workflow import NotAllowed
from registry.web.access import actor, needs, now, today
from registry.web.acting import act, show
from registry.web.forms import PublishForm

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
# A notice of thirty recommendations to a hundred organisations has 3,000 rows; the lists have them all.
MOST_ROWS = 100


@blueprint.get("/<reference:reference>")
@needs("notice:read")
def notice(reference: str) -> str:
    found = register.notice(actor(), today(), reference)
    return render_template("notices/notice.html", **_shown(found))


@blueprint.route("/<reference:reference>/publish", methods=["GET", "POST"])
@needs("notice:publish")
def publish(reference: str) -> Any:
    found = register.notice(actor(), today(), reference)
    if found.published_on:
        raise NotAllowed(_("This notice has already been published."))
    form = PublishForm()
    done = act(
        form,
        lambda: notices.publish(found.id, _check(form), actor=actor(), now=now()),
        _("The notice is on the public register"),
        url_for("notices.notice", reference=reference),
    )
    return done or show("notices/publish.html", form, notice=found)


def _check(form: PublishForm) -> PublicationCheck:
    return PublicationCheck(
        family_told=form.family_told.data,
        proceedings_checked=form.proceedings.data,
        anonymity_checked=form.anonymity.data,
        method_checked=form.method.data,
        show_implementation=form.show_implementation.data,
        show_audit_result=form.show_audit_result.data,
    )


def _shown(found: Notice) -> dict[str, Any]:
    rows = list(register.of_notice(actor(), today(), found).limit(MOST_ROWS + 1))
    return {
        "notice": found,
        "recommendations": list(in_order(found)),
        "cases": register.case_references(found),
        "rows": rows[:MOST_ROWS],
        "more": len(rows) > MOST_ROWS,
        "copies": list(register.copies(actor(), found)),
        "events": list(history.of("notice", found.id)) if actor().is_regulator else [],
    }
