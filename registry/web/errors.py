"""What went wrong, as a page in plain words that says what to do next: one mapping for every view."""

import re

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from registry.actions import sign_ins
from registry.records.database import AWAY, NotFound, Stale
from registry.rules.permissions import NotPermitted
from registry.rules.wording import N_
from registry.rules.workflow import NotAllowed
from registry.web import access, language

# Seconds after which a program may ask again while the database is away.
RETRY_AFTER = "10"

_PERMISSION = re.compile(r" \([a-z_-]+:[a-z_]+\)\.$")
_REFUSAL = N_("Your role does not let you do this.")

# HTTP's own errors: status -> title, what to do next.
PAGES = {
    400: (
        N_("The page could not read what was sent"),
        N_("Go back, reload the page and try again. If you followed a link, it may have been cut short."),
    ),
    404: (
        N_("Page not found"),
        N_("If you typed the address, check it. If you followed a link, it may be to something you cannot see."),
    ),
    405: (
        N_("This address cannot be opened by itself"),
        N_("It is where a form is sent to. Go back to the page with the form and use its button."),
    ),
    413: (N_("What you sent is too large"), N_("Go back, shorten it to less than 2 megabytes and send it again.")),
    414: (
        N_("The address of this page is too long"),
        N_("Search for fewer words, or remove some filters. If you followed a link, it may be broken."),
    ),
    415: (
        N_("This kind of content is not accepted"),
        N_("Send it with the form on the page. A program must send the kind of content this address expects."),
    ),
    429: (N_("Too many tries"), N_("Wait a few minutes, then try again. Nothing was changed.")),
}
OTHERWISE = (N_("There is a problem"), N_("Go back and try again."))

# What breaks without a page of its own, shown without the frame: status -> title, what to do next.
BROKEN = {
    500: (
        N_("Sorry, there is a problem with the service"),
        N_("Nothing was saved. Try again later."),
    ),
    503: (
        N_("Sorry, the register cannot be reached just now"),
        N_("Nothing was saved. Wait a minute, then load the page again. What you typed is still on the page before."),
    ),
}

log = structlog.get_logger()


def init(app: Flask) -> None:
    """Map the refusals of rules and records, and HTTP's own errors, to pages."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(NotPermitted, _not_permitted)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(Stale, _not_allowed)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _other)
    app.register_error_handler(500, _broken)
    for error in AWAY:
        app.register_error_handler(error, _away)


Page = tuple[str, int]


def _page(status: int, title: str, text: str, subject: str | None = None) -> Page:
    return render_template("errors/page.html", title=title, text=text, subject=subject), status


def _not_found(_error: Exception) -> Page:
    title, text = PAGES[404]
    return _page(404, _(title), _(text))


def _not_permitted(error: Exception) -> Page:
    # Reading writes nothing: only what somebody tried to do is logged.
    if request.method == "POST" and current_user.is_authenticated:
        sign_ins.log_refusal("not_permitted", origin=access.origin(), now=access.now(), person=current_user.person)
    # The permission's own name is for the log and the command line.
    refusal = _PERMISSION.sub(".", str(error))
    next_step = _("If it should, ask whoever looks after roles in your organisation.")
    return _page(403, _("You cannot do this"), f"{_(refusal)} {next_step}")


def _not_allowed(error: Exception) -> Page:
    # The page of the thing itself stands one step up: /assignments/12/respond is about /assignments/12.
    subject = request.path.rpartition("/")[0] if request.view_args else None
    return _page(409, _("This cannot be done now"), _(str(error)), subject)


def _expired(_error: Exception) -> Page:
    text = _("The form you sent was open for too long, or in another sign-in. Go back, reload the page and try again.")
    return _page(400, _("Send the form again"), text)


def _other(error: Exception) -> Page | Response:
    assert isinstance(error, HTTPException)
    code = error.code or 500
    if code in BROKEN:
        return _alone(code)
    title, text = PAGES.get(code, OTHERWISE)
    page = make_response(_page(code, _(title), _(text)))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            page.headers[name] = value
    return page


def _broken(_error: Exception) -> Response:
    return _alone(500)


def _away(error: Exception) -> Response:
    """The database is not there, locked or full: not the person's fault, and perhaps over in a moment."""
    log.error("database unavailable", exc_info=error)
    answer = _alone(503)
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _alone(status: int) -> Response:
    """Without the frame, in the language chosen: the frame asks the database, also who is signed in."""
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()
    spoken = language.chosen() or language.DEFAULT
    title, text = BROKEN[status]
    with force_locale(spoken):
        number = g.get("request_number", "")
        page = render_template("errors/broken.html", language=spoken, title=_(title), text=_(text), number=number)
    return make_response(page, status)
