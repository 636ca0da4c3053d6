"""Public pages that a browser may keep: it asks each time, and is told in a moment when nothing has changed.

The validator is made of everything such a page depends on: the last event of the history, the kind of database, the
civil day, the language, the settings shown and the program itself. It is read before the page is rendered, so it is
never newer than the page. Whoever carries a sign-in cookie is no part of this: their pages are stored nowhere.
"""

import hashlib
from functools import cache

from flask import Flask, Response, current_app, g, request, session

from registry import config
from registry.records import installation
from registry.web import access, language

KEPT = "no-cache"
PRIVATE = "no-store"


def init(app: Flask) -> None:
    """Answer "not changed" before the page is asked for; who asks by another name than ours is refused before."""
    _stamp()
    app.before_request(_not_changed)


@cache
def _stamp() -> str:
    """A hash of all that pages are made by: code, templates and translations."""
    found = hashlib.sha256()
    folders = (config.PACKAGE, config.folder("templates"))
    for file in sorted(file for folder in folders for file in folder.rglob("*.*")):
        if file.suffix in (".py", ".html", ".po"):
            found.update(file.read_bytes())
    return found.hexdigest()


def _not_changed() -> Response | None:
    """A 304 when the browser already has the page as it is now."""
    signed_in = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if request.blueprint != "public" or request.method not in ("GET", "HEAD") or signed_in:
        return None
    g.validator = _validator()
    return Response(status=304) if request.if_none_match.contains_weak(g.validator) else None


def _validator() -> str:
    settings = access.settings()
    # Nobody is signed in here, so the language is what was chosen for the visit.
    spoken = language.chosen() or language.DEFAULT
    parts = (_stamp(), settings.service_name, *installation.edition(), g.today.isoformat(), spoken)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def mark(response: Response) -> None:
    """Say whether and how the answer may be kept: only a public page that carries no sign-in and no cookie."""
    public = "validator" in g and response.status_code in (200, 304) and not session.modified
    response.headers["Cache-Control"] = KEPT if public else PRIVATE
    if public:
        response.set_etag(g.validator, weak=True)
        response.vary.add("Cookie")
