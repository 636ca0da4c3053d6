"""The forms an identity can take in an address; anything else is a page that does not exist."""

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map


class Identifier(IntegerConverter):
    """A row's number in plain figures: never larger than a database column holds."""

    regex = "[0-9]+"

    def __init__(self, url_map: Map):
        super().__init__(url_map, min=1, max=2**31 - 1)


class Reference(BaseConverter):
    """A house reference, such as LR-2026-0007 or LN-2026-0003."""

    regex = "L[RN]-[0-9]{4}-[0-9]{4,6}"


class Slug(BaseConverter):
    """The short name of an organisation, such as devon-and-cornwall."""

    regex = r"[a-z0-9-]{1,60}"


def init(app: Flask) -> None:
    """Make `id`, `reference` and `slug` known to the routes."""
    app.url_map.converters.update(id=Identifier, reference=Reference, slug=Slug)
