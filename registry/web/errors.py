"""What went wrong, as a page in plain words: one mapping for every view."""

from typing import Any

import structlog
from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from peewee import InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded
from werkzeug.exceptions import HTTPException

from registry.records.database import NotFound, Stale
from registry.rules.permissions import NotPermitted
from registry.rules.workflow import NotAllowed

log = structlog.get_logger()


def init(app: Flask) -> None:
    """Map the refusals of rules and records, and HTTP's own errors, to pages."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(NotPermitted, _not_permitted)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(Stale, _not_allowed)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _other)
    app.register_error_handler(500, _broken)
    for kind in (OperationalError, InterfaceError, MaxConnectionsExceeded):
        app.register_error_handler(kind, _unavailable)


Page = tuple[str, int]


def _page(status: int, title: str, text: str, subject: str | None = None) -> Page:
    return render_template("errors/page.html", title=title, text=text, subject=subject), status


def _not_found(_error: Exception) -> Page:
    text = _("If you typed the address, check it. If you followed a link, it may be to something you cannot see.")
    return _page(404, _("Page not found"), text)


def _not_permitted(error: Exception) -> Page:
    return _page(403, _("You cannot do this"), _(str(error)))


def _not_allowed(error: Exception) -> Page:
    # The page of the thing itself stands one step up: /assignments/12/respond is about /assignments/12.
    subject = request.path.rpartition("/")[0] if request.view_args else None
    return _page(409, _("This cannot be done now"), _(str(error)), subject)


def _expired(_error: Exception) -> Page:
    text = _("The form you sent was open for too long, or in another sign-in. Go back, reload the page and try again.")
    return _page(400, _("Send the form again"), text)


def _other(error: Exception) -> Page:
    assert isinstance(error, HTTPException)
    texts = {
        400: _("The page could not read what was sent. Go back and try again."),
        405: _("This address does not take that kind of request."),
        413: _("What you sent is too large. Send less than 2 megabytes."),
    }
    code = error.code or 500
    return _page(code, _("There is a problem"), texts.get(code, _("Go back and try again.")))


def _broken(_error: Exception) -> Page:
    return _alone("errors/broken.html", 500)


def _unavailable(error: Exception) -> Any:
    """The database is not there, locked or full: not the person's fault, and perhaps over in a moment."""
    log.error("database unavailable", exc_info=error)
    return *_alone("errors/unavailable.html", 503), {"Retry-After": "10"}


def _alone(template: str, status: int) -> Page:
    """A page without the frame: the frame asks the database, also who is signed in, and that may be what is broken."""
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()
    return render_template(template, number=g.get("request_number", "")), status
