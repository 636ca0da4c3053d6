"""The only code that knows HTTP: one module per desk or subject."""

from flask import Flask

from registry.web import (
    access,
    account,
    applicability,
    assignments,
    caching,
    closing,
    converters,
    deadlines,
    desk,
    drafts,
    errors,
    extensions,
    health,
    history,
    language,
    members,
    notices,
    people,
    public,
    replies,
    reports,
    security,
    sheets,
    tracing,
    words,
)

DESKS = (
    public,
    deadlines,
    people,
    desk,
    drafts,
    notices,
    assignments,
    reports,
    sheets,
    account,
    members,
    history,
    health,
)


# More pages of an assignment: they stand on its blueprint.
PAGES_OF_ASSIGNMENTS = (extensions, applicability, closing, replies)


def register(app: Flask) -> None:
    """Add every desk and what all of them need: who is asking, headers, error pages, words."""
    for part in (tracing, converters, language, access, security, caching, words, errors):
        part.init(app)
    for desk_module in DESKS:
        app.register_blueprint(desk_module.blueprint)
