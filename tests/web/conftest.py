"""A browser without a window: it signs in, sends forms with their tokens, and checks every page it fetches."""

from collections.abc import Callable

import pytest

from registry import config
from registry.app import create_app
from tests import given
from tests.web.browsing import Browser


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> config.Settings:
    """One folder for the session, so that templates are compiled once."""
    return config.load(
        {"REGISTRY_SECRET_KEY": "long enough for tests and nothing else"}, base=tmp_path_factory.mktemp("site")
    )


@pytest.fixture
def register(database) -> None:
    """A small register on either database."""
    given.a_register()


@pytest.fixture
def browse(database, settings) -> Callable[..., Browser]:
    """Open the site as somebody (an Actor, or nobody) at an instant: browse(actor, now=...)."""

    def open_as(actor=None, now=given.NOW) -> Browser:
        app = create_app(settings, clock=lambda: now)
        app.testing = True
        return Browser(app, actor)

    return open_as
