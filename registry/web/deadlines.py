"""The public calculator: every deadline, and how it is counted. It asks no database but for the bank holidays."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from registry.records import installation
from registry.rules import clocks, explaining
from registry.rules.explaining import Moved
from registry.web.access import needs, settings
from registry.web.forms import DeadlinesForm

blueprint = Blueprint("deadlines", __name__, url_prefix="/deadlines")


@blueprint.get("")
@needs("register:read")
def deadlines() -> tuple[str, int]:
    asked = bool(request.args.keys() & {"basis", "made_on", "received_on", "extended"})
    form = DeadlinesForm(request.args if asked else None)
    good = asked and form.validate()
    status = 400 if asked and not good else 200
    return render_template("deadlines/deadlines.html", form=form, answer=_answer(form) if good else None), status


def _answer(form: DeadlinesForm) -> dict[str, Any]:
    """The sentences that explain each deadline, by heading."""
    made_on, basis = form.made_on.day(), form.basis.data
    due_on = clocks.response_due_on(made_on, basis, settings().response_days)
    told = {
        _("The written reply"): explaining.reply(made_on, basis, _moves(form), due_on, _),
        _("Acknowledging receipt"): explaining.acknowledgement(made_on, installation.holidays(), _),
    }
    if form.received_on.data and clocks.BASES[basis].duty:
        told[_("Publishing the reply")] = explaining.publication(form.received_on.data, _)
    return told


def _moves(form: DeadlinesForm) -> list[Moved]:
    made_on, days = form.made_on.day(), form.extended.number()
    law = clocks.statutory_last_day(made_on, form.basis.data)
    if not days or law is None:
        return []
    due_on = clocks.response_due_on(made_on, form.basis.data, settings().response_days)
    after = clocks.Extended.of(law, due_on or law, days)
    return [Moved("extension", days, None, after.last_day, after.due_on)]
