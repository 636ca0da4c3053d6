"""What goes wrong is told in plain words, with what to do next, in the reader's language."""

import pytest
from flask import Blueprint, abort
from peewee import OperationalError

from registry.app import create_app
from registry.records.database import open_database
from registry.rules.permissions import NotPermitted
from registry.web.errors import BROKEN, PAGES
from tests import given
from tests.web.browsing import Browser

# status -> a word of the page in English, and one in Welsh
SAID = {
    400: ("Go back, reload the page", "ail-lwythwch y dudalen"),
    403: ("You cannot do this", "Ni allwch wneud hyn"),
    404: ("Page not found", "Ni chafwyd hyd i'r dudalen"),
    405: ("use its button", "defnyddiwch y botwm yno"),
    413: ("less than 2 megabytes", "lai na 2 megabeit"),
    414: ("Search for fewer words", "Chwiliwch am lai o eiriau"),
    415: ("Send it with the form", "Anfonwch ef gyda'r ffurflen"),
    429: ("Wait a few minutes", "Arhoswch ychydig funudau"),
    418: ("Go back and try again", "Ewch yn ôl a rhowch gynnig arall arni"),
    500: ("Nothing was saved", "Ni chadwyd dim"),
    503: ("load the page again", "llwythwch y dudalen eto"),
}


def failing_pages() -> Blueprint:
    """A page for each way to fail, beside the real ones."""
    pages = Blueprint("failing", __name__)

    @pages.get("/failing/<int:status>")
    def fail(status: int) -> None:
        if status == 403:
            raise NotPermitted("Your role does not let you open this page.")
        if status == 503:
            raise OperationalError("the database is away")
        if status == 500:
            raise ZeroDivisionError
        abort(status)

    return pages


@pytest.fixture
def failing(register, settings):
    app = create_app(settings, clock=lambda: given.NOW)
    app.register_blueprint(failing_pages())
    return Browser(app, None)


@pytest.mark.parametrize("status", SAID)
def test_every_error_says_in_both_languages_what_to_do_next(failing, status):
    for language, words in zip(("en", "cy"), SAID[status], strict=True):
        failing.client.set_cookie("language", language)
        failing.get(f"/failing/{status}", status=status)
        assert failing.page.get("lang") == language
        assert words in failing.text
        assert [link for link in failing.page.iter("a") if link.get("href") == "/"], "there is a way on"


def test_every_error_we_have_words_for_is_tried():
    assert set(PAGES) | set(BROKEN) <= set(SAID)


def test_a_real_request_of_each_kind_gets_its_page(register, browse):
    reader = browse()
    token = reader._token()
    assert reader.client.post("/recommendations", data={"csrf_token": token}).status_code == 405
    too_large = reader.client.post("/sign-in", data={"csrf_token": token, "email": "x" * 3_000_000})
    assert too_large.status_code == 413 and "shorten it" in too_large.text
    assert "GET" in reader.client.post("/recommendations", data={"csrf_token": token}).headers["Allow"]


def test_a_database_that_is_away_is_a_page_that_says_when_to_come_back(tmp_path, settings):
    open_database(f"sqlite:///{tmp_path}/gone/registry.db", tmp_path)
    (tmp_path / "gone").rmdir()
    reader = Browser(create_app(settings, clock=lambda: given.NOW), None)
    answer = reader.get("/", status=503)
    assert answer.headers["Retry-After"] == "10"
    assert "cannot be reached" in reader.text and "Traceback" not in reader.html
    reader.client.set_cookie("language", "cy")
    reader.get("/recommendations", status=503)
    assert "ni ellir cyrraedd" in reader.text
