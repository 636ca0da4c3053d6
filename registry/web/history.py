"""The history of the whole register, for the regulator: narrowed, downloaded, and redacted in the open."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from registry.actions import history
from registry.records import events, sorting
from registry.records.events import Wanted
from registry.rules import wording
from registry.web import words
from registry.web.access import actor, needs, now
from registry.web.acting import act, show
from registry.web.filtering import REFERENCE
from registry.web.forms import RedactForm
from registry.web.paging import listed

blueprint = Blueprint("history", __name__, url_prefix="/history")


@blueprint.get("")
@needs("history:read")
def listing() -> str:
    wanted = read(request.args)
    found = listed(events.events(actor(), wanted), sorting.EVENTS)
    subjects = events.subjects(actor(), found.rows)
    return render_template("history/listing.html", found=found, subjects=subjects, wanted=wanted, verbs=words.verbs())


@blueprint.route("/<id:number>/redact", methods=["GET", "POST"])
@needs("history:redact")
def redact(number: int) -> Any:
    event, form = events.event(actor(), number), RedactForm()
    history.require_text(number)
    done = act(
        form,
        lambda: history.redact(number, form.reason.data, actor=actor(), now=now()),
        _("The text was removed. The history says so."),
        url_for("history.listing"),
    )
    return done or show("history/redact.html", form, event=event)


def read(arguments: MultiDict[str, str]) -> Wanted:
    """What the address asks for; a value that is none of ours narrows nothing."""
    verb, reference = arguments.get("verb", ""), arguments.get("reference", "").strip().upper()
    return Wanted(
        verb=verb if verb in wording.EVENTS else "",
        reference=reference if REFERENCE.fullmatch(reference) else "",
        from_on=_day(arguments.get("from", "")),
        to_on=_day(arguments.get("to", "")),
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
