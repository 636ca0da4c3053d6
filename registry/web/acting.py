"""What every view of a verb does alike: try it, and show a refusal with everything typed kept."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from registry.records.database import Stale
from registry.rules.workflow import NotAllowed
from registry.web.fields import Page


def act(form: Page, verb: Callable[[], Any], done: str, to: str | Callable[[Any], str]) -> Response | None:
    """Run the verb if the form is sent and right; returns the redirect, or None to show the form (again).

    `done` is said on the next page; `to` is its address, or a function of what the verb returned.
    """
    if not form.validate_on_submit():
        return None
    try:
        result = verb()
    except (NotAllowed, Stale) as refusal:
        form.refuse(refusal)
        return None
    flash(done)
    return redirect(to(result) if callable(to) else to)


def show(template: str, form: Page, **context: Any) -> tuple[str, int]:
    """The page of a form: 200 when asked for, 400 when what was sent has to be mended, 409 when refused."""
    status = 200
    if request.method == "POST":
        status = 409 if form.form_errors else 400
    return render_template(template, form=form, **context), status
