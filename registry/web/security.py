"""What no request gets past: the name the site is asked by, the size of it, the token of a form, the headers."""

import hashlib
import re
from base64 import b64encode
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_wtf import CSRFProtect

from registry.records import installation
from registry.web import caching

csrf = CSRFProtect()

MOST_FIELDS = 400
LONGEST_ADDRESS = 4000

# Names by which only the machine itself can be asked.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Asked by machines that know an address and not our name; what they are told has no link in it.
ASKED_BY_MACHINES = ("/healthz", "/readyz", "/metrics")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init(app: Flask) -> None:
    """Refuse what is not for us, and forms without our token; send the headers with every answer."""
    app.extensions["registry_policy"] = _policy(_inline_scripts(app))
    app.before_request(_refuse_other_names)
    app.before_request(_refuse_too_much)
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


def _refuse_other_names() -> tuple[str, int] | None:
    """Answer only to the name in the settings and to this machine's own: nobody else's name leads here."""
    address = current_app.extensions["registry_settings"].base_url
    if request.path in ASKED_BY_MACHINES or _host_name(request.host) in (urlsplit(address).hostname, *LOOPBACK):
        return None
    title, text = _("This is not the address of the register"), _("Its address is %(address)s.", address=address)
    return render_template("errors/page.html", title=title, text=text), 400


def _host_name(host: str) -> str | None:
    """The name in a Host header, in small letters, without its port; None when it cannot be one."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return None
    return None if parts.username is not None or parts.path or parts.query else parts.hostname


def _refuse_too_much() -> None:
    """Longer addresses and bodies than any of our pages sends, whatever kind of content they say they are."""
    if len(request.full_path) > LONGEST_ADDRESS:
        abort(414)
    if (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        abort(413)


def _refuse_odd_forms() -> None:
    """None of our forms has that many values, a file, a field without a name, or one outside plain letters."""
    names = [name for name, _value in request.form.items(multi=True)]
    if len(names) > MOST_FIELDS or not all(isinstance(name, str) and name.isascii() for name in names):
        abort(400)
    if request.files:
        abort(400)
    # What came in chunks has no length beforehand: it is read up to the limit, and more must not pass for the end.
    in_chunks = request.content_length is None and request.environ.get("wsgi.input_terminated")
    if in_chunks and request.environ["wsgi.input"].read(1):
        abort(413)


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = current_app.extensions["registry_policy"]
    # Not by how this request came: behind a proxy every one comes by http.
    if current_app.extensions["registry_settings"].secure:
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
