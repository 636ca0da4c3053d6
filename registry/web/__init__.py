"""The only code that knows HTTP: one module per desk or subject."""

from flask import Flask

from registry.web import (
    access,
    assignments,
    caching,
    converters,
    desk,
    drafts,
    errors,
    notices,
    people,
    public,
    reports,
    security,
    sheets,
    words,
)

DESKS = (public, people, desk, drafts, notices, assignments, reports, sheets)


def register(app: Flask) -> None:
    """Add every desk and what all of them need: who is asking, headers, error pages, words."""
    for part in (converters, access, caching, security, words, errors):
        part.init(app)
    for desk_module in DESKS:
        app.register_blueprint(desk_module.blueprint)
