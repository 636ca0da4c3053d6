"""Signing in and out."""

import re
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from registry.actions import passwords
from registry.web.access import SignedIn, needs
from registry.web.acting import show
from registry.web.forms import SignInForm

# A path of one of our pages and its query: no second slash, no backslash, no control character.
_OURS = re.compile(r"/(?:[a-z0-9-][A-Za-z0-9/-]*)?(?:\?[!-\[\]-~]*)?")

blueprint = Blueprint("people", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@needs("sign-in")
def sign_in() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("desk.desk"))
    form = SignInForm()
    if form.validate_on_submit():
        person = passwords.check(form.email.data, form.password.data)
        if person:
            session.clear()
            session.permanent = True
            login_user(SignedIn(person))
            return redirect(_within(request.args.get("next", "")))
        form.refuse(_("The e-mail address or the password is not right. Check both and try again."))
    return show("people/sign_in.html", form)


@blueprint.post("/sign-out")
@needs("sign-in")
def sign_out() -> Any:
    logout_user()
    session.clear()
    return redirect(url_for("public.home"))


def _within(address: str) -> str:
    """The page asked for before signing in, if it is one of ours; else the desk."""
    ours = _OURS.fullmatch(address) is not None
    return address.rstrip("?") if ours else url_for("desk.desk")
