"""Headers every page carries, and the token every form must."""

import hashlib
import re
from base64 import b64encode

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf import CSRFProtect

from registry.records import installation
from registry.web import caching

csrf = CSRFProtect()

MOST_FIELDS = 400

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init(app: Flask) -> None:
    """Refuse forms without our token; send the headers with every answer."""
    app.extensions["registry_policy"] = _policy(_inline_scripts(app))
    app.before_request(_refuse_odd_forms)
    csrf.init_app(app)
    app.after_request(_add_headers)


# The frame of every page, without what it asks of ours.
_FRAME = (
    '{% extends "govuk_frontend_jinja/template.html" %}{% block header %}{% endblock %}{% block footer %}{% endblock %}'
)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def _inline_scripts(app: Flask) -> list[str]:
    """The hashes of the frame's inline scripts as it is rendered: the same on every page, which a nonce is not."""
    scripts = _SCRIPT.findall(app.jinja_env.from_string(_FRAME).render())
    return [b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]


def _refuse_odd_forms() -> None:
    """None of our forms has that many fields, one without a name, or a name outside plain letters."""
    names = list(request.form)
    if len(names) > MOST_FIELDS or not all(isinstance(name, str) and name.isascii() for name in names):
        abort(400)


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = current_app.extensions["registry_policy"]
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
    caching.mark(response)
    if g.get("demonstration"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _policy(hashes: list[str]) -> str:
    inline = " ".join(f"'sha256-{found}'" for found in hashes)
    return (
        f"default-src 'none'; script-src 'self' {inline}; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def is_demonstration() -> bool:
    """True when the database holds invented forces only; every page then says so."""
    if "demonstration" not in g:
        g.demonstration = installation.kind() == "demonstration"
    return g.demonstration
