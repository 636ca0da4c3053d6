"""Headers every page carries, and the token every form must."""

import secrets

from flask import Flask, Response, abort, g, request
from flask_wtf import CSRFProtect

from registry.records import installation

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
    app.before_request(_make_nonce)
    app.before_request(_refuse_odd_forms)
    csrf.init_app(app)
    app.after_request(_add_headers)


def _make_nonce() -> None:
    g.nonce = secrets.token_urlsafe(16)


def _refuse_odd_forms() -> None:
    """None of our forms has that many fields, one without a name, or a name outside plain letters."""
    names = list(request.form)
    if len(names) > MOST_FIELDS or not all(isinstance(name, str) and name.isascii() for name in names):
        abort(400)


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = _policy(g.get("nonce", ""))
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
    response.headers["Cache-Control"] = "no-store"
    if g.get("demonstration"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def is_demonstration() -> bool:
    """True when the database holds invented forces only; every page then says so."""
    if "demonstration" not in g:
        g.demonstration = installation.kind() == "demonstration"
    return g.demonstration
