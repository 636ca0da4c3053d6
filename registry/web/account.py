"""One's own account: who one is here, where one is signed in, and the password."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from registry.actions import accounts
from registry.actions.sign_ins import TooOften
from registry.records import people, sessions
from registry.web.access import actor, needs, now, origin, settings, today
from registry.web.acting import act, show
from registry.web.forms import Act
from registry.web.people import refused
from registry.web.people_forms import ChangePasswordForm

MOST_SESSIONS = 50

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@needs("account:read")
def account() -> str:
    return render_template("account/account.html", form=Act(), **_shown())


def _shown() -> dict[str, Any]:
    person = current_user.person
    return {
        "memberships": list(people.held_by(person, today())),
        "sessions": list(sessions.of(person, now(), settings().session_lifetime).limit(MOST_SESSIONS)),
        "own": current_user.session,
    }


@blueprint.post("/sessions/<id:session_id>/end")
@needs("account:end_session")
def end_session(session_id: int) -> Any:
    form = Act()
    done = act(
        form,
        lambda: accounts.end_session(session_id, actor=actor(), now=now()),
        _("The session has ended"),
        url_for("account.account"),
    )
    return done or _again(form)


@blueprint.post("/sessions/end-others")
@needs("account:end_other_sessions")
def end_other_sessions() -> Any:
    form = Act()
    done = act(
        form,
        lambda: accounts.end_other_sessions(current_user.session.id, actor=actor(), now=now()),
        _("All other sessions have ended"),
        url_for("account.account"),
    )
    return done or _again(form)


def _again(form: Act) -> tuple[str, int]:
    return show("account/account.html", form, **_shown())


@blueprint.route("/change-password", methods=["GET", "POST"])
@needs("account:change_password")
def change_password() -> Any:
    form = ChangePasswordForm()
    try:
        done = act(
            form,
            lambda: _change(form),
            _("Your password has changed. All other sessions have ended."),
            url_for("account.account"),
        )
    except TooOften as refusal:
        return refused(form, refusal, "account/change_password.html"), 429
    return done or show("account/change_password.html", form)


def _change(form: ChangePasswordForm) -> None:
    accounts.new_password(
        form.present.data,
        form.password.data,
        actor=actor(),
        session_id=current_user.session.id,
        origin=origin(),
        now=now(),
    )
