"""Signing in and out, a forgotten password, and one-time links."""

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer

from registry.actions import accounts, sign_ins
from registry.actions.accounts import LinkOver
from registry.actions.sign_ins import TooOften
from registry.records import sessions
from registry.records import sign_ins as records
from registry.records.database import NotFound
from registry.records.sign_ins import OneTimeLink
from registry.rules import calendar
from registry.rules.workflow import NotAllowed
from registry.web.access import SignedOut, begin, needs, now, origin, settings
from registry.web.acting import show
from registry.web.fields import Page
from registry.web.people_forms import ForgottenForm, NewPasswordForm, SignInForm

# A path of one of our pages and its query: no second slash, no backslash, no control character.
_OURS = re.compile(r"/(?:[a-z0-9-][A-Za-z0-9/-]*)?(?:\?[!-\[\]-~]*)?")

# What was typed when a session had ended can be sent again for so long.
KEPT_FOR = timedelta(hours=24)

blueprint = Blueprint("people", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@needs("sign-in")
def sign_in() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("desk.desk"))
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form)
    try:
        begun = sign_ins.sign_in(form.email.data, form.password.data, origin=origin(), now=now())
    except TooOften as refusal:
        return refused(form, refusal), 429
    if begun is None:
        form.refuse(_("The e-mail address or the password is not right. Check both and try again."))
        return _sign_in_page(form)
    login_user(begin(*begun))
    kept = _kept(form.kept.data, current_user.person.id)
    if kept:
        return render_template("people/send_again.html", form=Page(), kept=kept)
    return redirect(_within(request.args.get("next", "")))


def _sign_in_page(form: SignInForm) -> tuple[str, int]:
    # Whose cookie still names a session had one that is over.
    return show("people/sign_in.html", form, ended="_user_id" in session)


def refused(form: Page, refusal: TooOften, template: str = "people/sign_in.html") -> str:
    """The page of a form whose password was not looked at, with the time from which it will be."""
    # Rounded up to the minute: a little too early would be refused.
    local = (refusal.free_at + timedelta(seconds=59)).astimezone(calendar.CIVIL)
    said = _("There were too many wrong passwords. Try again at %(time)s, or set a new password by e-mail.")
    form.refuse(said % {"time": f"{local:%H:%M}"})
    return render_template(template, form=form, ended=False)


@blueprint.app_errorhandler(SignedOut)
def signed_out(_error: SignedOut) -> tuple[str, int]:
    """A form of somebody whose session is over: nothing is done, and what was typed waits in the sign-in page."""
    form = SignInForm(formdata=None)
    form.kept.data = _keep()
    return render_template("people/sign_in.html", form=form, ended=True, address=url_for("people.sign_in")), 401


def _keep() -> str:
    """The form that was sent and whose session it was, signed, without its token and without passwords."""
    owner = sessions.owner(session.get("_user_id", ""))
    if owner is None:
        return ""
    secrets = ("csrf_token", "password", "again", "present", "kept")
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in secrets]
    kept = {"of": owner, "at": now().timestamp(), "to": request.full_path.rstrip("?"), "fields": fields}
    return _serializer().dumps(kept)


def _kept(sent: str | None, person_id: int) -> dict[str, Any] | None:
    """What was typed, for the person who typed it and for a day; nobody else is shown it or sends it."""
    try:
        kept = _serializer().loads(sent) if sent else None
    except BadSignature:
        return None
    if kept is None or now().timestamp() - kept["at"] > KEPT_FOR.total_seconds():
        return None
    return kept if kept["of"] == person_id else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="what was typed when a session had ended")


@blueprint.post("/sign-out")
@needs("sign-in")
def sign_out() -> Any:
    if current_user.is_authenticated:
        sign_ins.sign_out(current_user.session, now=now())
        logout_user()
    session.clear()
    return redirect(url_for("public.home"))


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
@needs("sign-in")
def forgotten_password() -> Any:
    form = ForgottenForm()
    if not form.validate_on_submit():
        return show("people/forgotten_password.html", form)
    sign_ins.ask_for_reset(form.email.data, origin=origin(), now=now())
    flash(_("If that is the address of somebody in the register, a message is on its way. Its link works for 1 hour."))
    return redirect(url_for("people.sign_in"))


@blueprint.route("/links/<slug:token>", methods=["GET", "POST"])
@needs("sign-in")
def one_time_link(token: str) -> Any:
    """Opening a link uses nothing up: mail filters open every link before its reader does."""
    link = records.find_link(token, settings().secret_key)
    if link is None:
        return _no_such_link()
    if not records.is_open(link, now()):
        return _link_over(link)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            secret = settings().secret_key
            accounts.set_password(token, form.password.data, secret=secret, origin=origin(), now=now())
        except LinkOver:
            return _link_over(link)
        except NotAllowed as refusal:
            form.refuse(_(str(refusal)))
        else:
            session.clear()
            flash(_("Your password is set. Sign in with it."))
            return redirect(url_for("people.sign_in"))
    return show("people/one_time_link.html", form, link=link)


def _no_such_link() -> Any:
    if request.method == "POST":
        sign_ins.log_refusal("link_refused", origin=origin(), now=now())
    raise NotFound("There is no such link.")


def _link_over(link: OneTimeLink) -> tuple[str, int]:
    return render_template("people/link_over.html", link=link), 410


def _within(address: str) -> str:
    """The page asked for before signing in, if it is one of ours; else the desk."""
    ours = _OURS.fullmatch(address) is not None
    return address.rstrip("?") if ours else url_for("desk.desk")
