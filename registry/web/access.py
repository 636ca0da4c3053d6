"""Who is asking, and whether the page is theirs to open. A page without a stated permission does not start."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user

from registry.actions.sign_ins import Origin
from registry.config import Settings
from registry.records import people, sessions
from registry.records.database import NotFound, database
from registry.records.sessions import Session
from registry.rules import calendar, permissions, sign_ins
from registry.rules.permissions import PUBLIC, Actor
from registry.rules.wording import N_

login = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])


# When the cookie last said that a page was opened; renewed once this old, not with every page.
SEEN = "seen"
RENEWED = timedelta(minutes=1)


class SignedOut(Exception):
    """A form came from somebody whose session is over. What was typed is still in the request."""


class SignedIn(UserMixin):
    """The person behind the cookie, as flask-login wants it: the cookie holds the key of a session."""

    def __init__(self, key: str, row: Session):
        self.key, self.session, self.person = key, row, row.person

    def get_id(self) -> str:
        """The key of the session, which only the browser knows."""
        return self.key


def init(app: Flask) -> None:
    """Open the database for each request and find out who asks."""
    login.init_app(app)
    app.before_request(_open)
    app.after_request(_renew)
    app.teardown_request(_close)


def _open() -> None:
    g.now = current_app.extensions["registry_clock"]()
    g.today = calendar.day_of(g.now)
    g.held = not database.is_closed()
    # For a stylesheet too: one that is not there answers with a page, and a page asks the database.
    # What watches us must not need it, and a person's cookie is no matter there.
    if request.blueprint == "health":
        return
    database.connect(reuse_if_open=True)


def _close(_error: BaseException | None) -> None:
    # Only what this request opened, wherever it did: a test may hold the connection.
    if not g.pop("held", True) and not database.is_closed():
        database.close()


@login.user_loader
def _load(key: str) -> SignedIn | None:
    """Whose session it is, unless it is over: ended, too old, or nothing opened for too long.

    When a page was last opened stands in the signed cookie and not in the table, so that reading a
    page writes nothing. A copied cookie stays as old as it was when it was copied.
    """
    seen = session.get(SEEN)
    if not isinstance(seen, int) or g.now.timestamp() - seen > settings().session_idle.total_seconds():
        return None
    row = sessions.find(key, g.now, settings().session_lifetime)
    if row is None:
        return None
    g.signed_in = SignedIn(key, row)
    return g.signed_in


def begin(key: str, row: Session) -> SignedIn:
    """Put a new session into the cookie; nothing of what the cookie held before stays."""
    session.clear()
    # Made for the cookie that is gone: a form on this very answer needs one of the new.
    g.pop("csrf_token", None)
    session.permanent = True
    session[SEEN] = int(g.now.timestamp())
    return SignedIn(key, row)


def _renew(response: Response) -> Response:
    """Say in the cookie that a page was opened. No stylesheet ever does: nobody is known there."""
    if "signed_in" in g and g.now.timestamp() - session.get(SEEN, 0) > RENEWED.total_seconds():
        session[SEEN] = int(g.now.timestamp())
    return response


def actor() -> Actor:
    """The person asking, with the roles held today; the public when nobody is signed in."""
    if "actor" not in g:
        g.actor = people.actor(current_user.person, g.today) if current_user.is_authenticated else PUBLIC
    return g.actor


def today() -> date:
    """The civil day of this request."""
    return g.today


def now() -> datetime:
    """The instant of this request."""
    return g.now


def origin() -> Origin:
    """Where this request comes from, as the security log has it."""
    return Origin(sign_ins.network(request.remote_addr or ""), sign_ins.agent_label(request.user_agent.string))


def settings() -> Settings:
    """The settings of this process."""
    return current_app.extensions["registry_settings"]


def needs(permission: str) -> Callable[[View], View]:
    """State who may open a page. The public is sent to sign in; anybody else gets 403, or 404 for reading."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if request.method == "POST" and current_user.is_authenticated:
                sessions.touch(current_user.session, g.now)
            if permissions.may(PUBLIC, permission) or permissions.may(actor(), permission):
                return view(*args, **kwargs)
            if current_user.is_authenticated and permission.endswith(":read"):
                raise NotFound("What somebody may not see does not exist for them.")
            if current_user.is_authenticated:
                raise permissions.NotPermitted(N_("Your role does not let you open this page."))
            if request.method == "POST" and "_user_id" in session:
                raise SignedOut()
            return redirect(url_for("people.sign_in", next=request.full_path if request.method == "GET" else None))

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate
