"""Signing in and out, and what every answer carries."""

import pytest

from registry import config
from registry.app import create_app
from registry.records import sign_ins
from registry.records.database import database
from tests import given

KEY = "long enough for tests and nothing else"


@pytest.fixture
def officer(register):
    return given.a_person("liaison@kent.example.org", "kent", "liaison_officer", password="four plain words here")


def test_the_right_password_opens_the_desk(officer, browse):
    person = browse()
    person.post("/sign-in", email="Liaison@Kent.example.org ", password="four plain words here")
    assert "Your desk" in person.text


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(officer, browse):
    person = browse()
    person.post("/sign-in", status=409, email="liaison@kent.example.org", password="wrong")
    first = person.errors()
    person.post("/sign-in", status=409, email="nobody@example.org", password="wrong")
    assert person.errors() == first == ["The e-mail address or the password is not right. Check both and try again."]
    assert person.value("email") == "nobody@example.org"


def test_empty_fields_are_named_with_what_to_do(officer, browse):
    person = browse()
    person.post("/sign-in", status=400, email="", password="")
    assert person.errors() == ["Enter your e-mail address", "Enter your password"]


def test_whoever_asked_for_a_page_comes_to_it_after_signing_in(officer, browse):
    person = browse()
    answer = person.get("/assignments?reply_clock=overdue", status=302)
    answer = person.post(answer.location, email="liaison@kent.example.org", password="four plain words here")
    assert answer.location == "/assignments?reply_clock=overdue"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(officer, browse, elsewhere):
    person = browse()
    path = f"/sign-in?next={elsewhere}"
    answer = person.post(path, email="liaison@kent.example.org", password="four plain words here")
    assert answer.location == "/desk"


def test_signing_out_ends_it(officer, browse):
    person = browse(officer)
    person.get("/desk")
    person.post("/sign-out")
    person.get("/desk", status=302)


def test_a_new_password_ends_every_session(officer, browse):
    person = browse(officer)
    person.get("/desk")
    link = sign_ins.new_link(given.Person.get_by_id(officer.person_id), "reset", given.NOW)
    other = browse()
    other.post(f"/links/{sign_ins.token(link, KEY)}", password="four other words now", again="four other words now")
    person.get("/desk", status=302)


def test_somebody_switched_off_is_out_at_once(officer, browse):
    person = browse(officer)
    given.Person.update(active=False).where(given.Person.id == officer.person_id).execute()
    person.get("/desk", status=302)


def test_a_form_without_our_token_is_refused_and_does_nothing(officer, browse):
    assignment = given.an_assignment()
    person = browse(officer)
    answer = person.client.post(f"/assignments/{assignment.id}/acknowledge", data={})
    assert answer.status_code == 400 and "Send the form again" in answer.text
    assert given.again(assignment).acknowledged_on is None


def test_every_answer_carries_the_headers_that_keep_a_page_safe(officer, browse):
    person = browse(officer)
    for path, status in (("/", 200), ("/desk", 200), ("/nowhere", 404)):
        headers = person.get(path, status=status).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
    cookie = person.client.get_cookie("session")
    assert cookie.http_only and cookie.same_site == "Lax"


def test_over_https_the_cookie_is_sent_over_https_only(tmp_path):
    environ = {
        "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
        "REGISTRY_BASE_URL": "https://register.example.org",
    }
    app = create_app(config.load(environ, base=tmp_path))
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-session"


def test_a_stylesheet_may_be_kept_and_carries_no_cookie(officer, browse):
    person = browse(officer)
    with person.client.get("/static/registry.css") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert "Set-Cookie" not in answer.headers
    assert person.client.get("/static/nope").headers["Cache-Control"] == "no-store"


def test_a_page_that_is_not_there_leaves_no_connection_open(shared_database, settings):
    app = create_app(settings, clock=lambda: given.NOW)
    database.close()
    for path in ("/static/nope", "/static/registry.css", "/", "/nowhere"):
        with app.test_client().get(path):
            pass
        assert database.is_closed(), path
    database.connect()


def test_odd_forms_are_refused_and_break_nothing(officer, browse):
    person = browse(given.the_author())
    boundary = {"content_type": "multipart/form-data; boundary=x"}
    unnamed = b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"
    assert person.client.post("/sign-in", data=unnamed, **boundary).status_code == 400
    assert person.client.post("/drafts/new", data={"recommendations-\u00b2-title": "x"}).status_code == 400
    many = {f"recommendations-{number}-title": "x" for number in range(6000)}
    assert person.client.post("/drafts/new", data=many).status_code == 400
