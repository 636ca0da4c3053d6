"""Who is asking, and whether the page is theirs to open. A page without a stated permission does not start."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from registry.config import Settings
from registry.records import people
from registry.records.database import NotFound, database
from registry.records.people import Person
from registry.rules import calendar, permissions
from registry.rules.permissions import PUBLIC, Actor

login = LoginManager()
View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(UserMixin):
    """The person behind the cookie, as flask-login wants it."""

    def __init__(self, person: Person):
        self.person = person

    def get_id(self) -> str:
        """The person's id and a part of the password's hash: a new password ends every session."""
        return f"{self.person.id}.{(self.person.password_hash or '')[-12:]}"


def init(app: Flask) -> None:
    """Open the database for each request and find out who asks."""
    login.init_app(app)
    app.before_request(_open)
    app.teardown_request(_close)


def _open() -> None:
    g.now = current_app.extensions["registry_clock"]()
    g.today = calendar.day_of(g.now)
    # For a stylesheet too: one that is not there answers with a page, and a page asks the database.
    # What watches us must not need it, and a person's cookie is no matter there.
    if request.blueprint == "health":
        return
    g.opened = database.connect(reuse_if_open=True)


def _close(_error: BaseException | None) -> None:
    # Only what this request opened: a test may hold the connection.
    if g.pop("opened", False) and not database.is_closed():
        database.close()


@login.user_loader
def _load(cookie: str) -> SignedIn | None:
    person_id = cookie.partition(".")[0]
    person = Person.get_or_none((Person.id == int(person_id)) & Person.active) if person_id.isdecimal() else None
    signed_in = SignedIn(person) if person else None
    return signed_in if signed_in and signed_in.get_id() == cookie else None


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


def settings() -> Settings:
    """The settings of this process."""
    return current_app.extensions["registry_settings"]


def needs(permission: str) -> Callable[[View], View]:
    """State who may open a page. The public is sent to sign in; anybody else gets 403, or 404 for reading."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if permissions.may(PUBLIC, permission) or permissions.may(actor(), permission):
                return view(*args, **kwargs)
            if current_user.is_authenticated and permission.endswith(":read"):
                raise NotFound("What somebody may not see does not exist for them.")
            if current_user.is_authenticated:
                raise permissions.NotPermitted("Your role does not let you open this page.")
            return redirect(url_for("people.sign_in", next=request.full_path if request.method == "GET" else None))

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate
