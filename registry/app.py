"""The web application: settings, templates and the desks put together. No rule and no route lives here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemBytecodeCache, FileSystemLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from registry import config, logs, web
from registry.records import presence
from registry.records.database import open_database

MAX_BODY_BYTES = 2 * 1024 * 1024
# The cookie outlives the session it names: whose session is over is told so, and what they typed is not lost.
AFTERWARDS = timedelta(hours=14)


def now_in_utc() -> datetime:
    """The present instant; the only place where the pages read a clock."""
    return datetime.now(UTC)


def create_app(settings: config.Settings | None = None, clock: Callable[[], datetime] = now_in_utc) -> Flask:
    """Build the application. `clock` gives the instant each request is handled at (tests pass their own)."""
    settings = settings or config.load()
    app = Flask(__name__, static_folder="web/static", static_url_path="/static", template_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Only an answer that changes the session carries the cookie: no stylesheet ever does.
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime + AFTERWARDS,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(config.PACKAGE / "translations"),
    )
    app.extensions["registry_settings"] = settings
    app.extensions["registry_clock"] = clock
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    _use_templates(app, settings.base / "var" / "cache")
    web.register(app)
    return app


def _use_templates(app: Flask, cache: Path) -> None:
    """Our pages first, then the GOV.UK-style components; compiled templates are kept for a quick start."""
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(cache))
    packages = ("govuk_frontend_jinja", "govuk_frontend_wtf")
    components = PrefixLoader({name: PackageLoader(name) for name in packages})
    app.jinja_env.loader = ChoiceLoader([FileSystemLoader(config.folder("templates")), components])


def serve() -> Flask:
    """The application for the production server: opens the database named in the settings."""
    settings = config.load()
    logs.use(settings.log)
    open_database(settings.database, settings.base, keep=True)
    presence.announce()
    return create_app(settings)
