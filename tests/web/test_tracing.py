"""Every request has a number that a person can quote, and a line in the log that tells nothing private."""

import re

import pytest
from flask import abort
from peewee import OperationalError
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from registry.web import tracing
from tests import given

NUMBER = r"\d{4}-\d{4}-\d{4}"


def lines(logs):
    return [line for line in logs if line["event"] == "request"]


def test_each_request_has_a_number_of_its_own_in_header_and_context(register, browse):
    reader = browse()
    numbers = {reader.get("/").headers["X-Request-ID"] for _ in range(3)}
    assert len(numbers) == 3
    assert all(re.fullmatch(NUMBER, number) for number in numbers)
    assert get_contextvars() == {}


@pytest.mark.parametrize("told", ["4bf92f3577b34da6a3ce929d0e0e4736", "proxy-1_a.7"])
def test_a_sane_number_from_outside_is_kept(register, browse, told):
    answer = browse().client.get("/", headers={"X-Request-ID": told})
    assert answer.headers["X-Request-ID"] == told


@pytest.mark.parametrize("told", ["", "short", "x" * 65, "two words", "a@example.org", "<script>1234", "ŵŵŵŵŵŵŵŵ"])
def test_any_other_number_from_outside_is_not_repeated(register, browse, told):
    answer = browse().client.get("/", headers={"X-Request-ID": told})
    assert re.fullmatch(NUMBER, answer.headers["X-Request-ID"])


def test_the_line_of_a_request_says_what_was_answered_to_whom_and_nothing_typed(register, browse):
    officer = given.the_case_officer()
    with capture_logs() as logs:
        browse(officer).get("/recommendations?q=John+Smith&after=sEcReT")
    (line,) = lines(logs)
    assert line.pop("ms") > 0
    assert line.pop("bytes") > 1000
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/recommendations",
        "status": 200,
        "person": officer.person_id,
    }


def test_what_is_typed_into_the_sign_in_is_nowhere_in_the_log(register, browse):
    reader = browse()
    typed = {"csrf_token": reader._token(), "email": "somebody@example.org", "password": "open sesame"}
    with capture_logs() as logs:
        assert reader.client.post("/sign-in", data=typed).status_code >= 400
    assert lines(logs)
    assert "somebody" not in str(logs) and "sesame" not in str(logs)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/link/sEcReT-token/7", "/link/<token>/7"),
        ("/recommendations/LR-2026-0001", "/recommendations/LR-2026-0001"),
        ("/organisations/kent", "/organisations/kent"),
        ("/assignments/12", "/assignments/12"),
        ("/static/icon.svg", "/static/icon.svg"),
        ("/nowhere/at-all", "/nowhere/at-all"),
        ("/lnik/eyJhbGciOiJIUzI1NiJ9-sEcReT-sEcReT", "/lnik/…"),
    ],
)
def test_a_token_in_an_address_is_left_out_also_where_the_address_is_wrong(register, browse, asked, told):
    reader = browse()
    app = reader.client.application
    app.add_url_rule("/link/<token>/<int:step>", "link", lambda token, step: abort(404))
    with app.test_request_context(asked) as context:
        assert tracing.told_path(context.request) == told


def broken(reader, error):
    """An app of which one page breaks, as in production: the error is not handed on to the test."""
    app = reader.client.application
    app.testing = False

    def view(token):
        raise error

    app.add_url_rule("/broken/<token>", "broken", view)


def test_the_page_of_a_fault_gives_the_number_and_the_log_the_reason(register, browse):
    reader = browse(given.the_case_officer())
    broken(reader, RuntimeError("the reason"))
    with capture_logs() as logs:
        answer = reader.get("/broken/sEcReT?q=typed", status=500)
    assert answer.headers["X-Request-ID"] in reader.text
    assert "the reason" not in reader.html
    (fault,) = [line for line in logs if line["event"] == "request failed"]
    assert fault["path"] == "/broken/<token>"
    assert str(fault["exc_info"]) == "the reason"
    assert "sEcReT" not in str(logs) and "typed" not in str(logs)
    assert lines(logs)[0]["status"] == 500


def test_a_database_that_is_not_there_answers_503_with_the_number(register, browse):
    reader = browse(given.the_case_officer())
    broken(reader, OperationalError("database or disk is full"))
    with capture_logs() as logs:
        answer = reader.get("/broken/x", status=503)
    assert answer.headers["Retry-After"] == "10"
    assert "the register cannot be reached just now" in reader.text
    assert answer.headers["X-Request-ID"] in reader.text
    assert "full" not in reader.html
    assert [line["event"] for line in logs] == ["database unavailable", "request"]
