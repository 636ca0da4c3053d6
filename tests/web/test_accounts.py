"""Sessions, links and limits as a browser meets them."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from registry import config
from registry.actions import passwords
from registry.actions import people as verbs
from registry.app import create_app
from registry.records import sign_ins
from registry.records.messages import Message
from registry.records.people import Person
from registry.records.sessions import Session
from registry.records.sign_ins import OneTimeLink, SignInAttempt
from tests import given
from tests.given import NOW
from tests.web.browsing import Browser

KEY = "long enough for tests and nothing else"
EMAIL, RIGHT, OTHER = "liaison@kent.example.org", "four plain words here", "four other words now"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """The real hash takes a tenth of a second on purpose; the tests need not."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobody.cache_clear()
    given._hashed.cache_clear()
    yield
    passwords._nobody.cache_clear()
    given._hashed.cache_clear()


@pytest.fixture
def officer(register):
    return given.a_person(EMAIL, "kent", "liaison_officer", password=RIGHT)


class Clock:
    """A clock that stands still until it is set."""

    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def person(officer, settings, clock):
    """The officer, signed in with the password, at a site whose clock can be set."""
    app = create_app(settings, clock=clock)
    app.testing = True
    found = Browser(app, None)
    sign_in(found)
    return found


def sign_in(browser, password=RIGHT, email=EMAIL, status=302, **more):
    return browser.post("/sign-in", status=status, email=email, password=password, **more)


def a_link(officer, purpose="reset"):
    link = sign_ins.new_link(Person.get_by_id(officer.person_id), purpose, NOW)
    return f"/links/{sign_ins.token(link, KEY)}"


# ---- sessions


def test_a_copied_cookie_is_dead_after_signing_out(person):
    copied = person.client.get_cookie("session").value
    person.post("/sign-out")
    person.client.set_cookie("session", copied)
    person.get("/desk", status=302)


def test_every_sign_in_has_a_cookie_of_its_own(person):
    first = person.client.get_cookie("session").value
    person.post("/sign-out")
    sign_in(person)
    assert person.client.get_cookie("session").value != first
    assert Session.select().count() == 2


def test_whoever_opens_no_page_for_an_hour_is_signed_out_and_told(person, clock):
    for _ in range(4):
        clock.now += 59 * MINUTE
        person.get("/desk")
    clock.now += 61 * MINUTE
    answer = person.get("/desk", status=302)
    person.get(answer.location)
    assert "You are no longer signed in" in person.text


def test_nobody_stays_signed_in_longer_than_a_working_day(person, clock):
    while clock.now < NOW + timedelta(hours=9, minutes=50):
        clock.now += 10 * MINUTE
        person.get("/desk")
    clock.now += 20 * MINUTE
    person.get("/desk", status=302)


def test_the_cookie_is_renewed_at_most_once_a_minute(person, clock):
    clock.now += 30 * timedelta(seconds=1)
    assert "Set-Cookie" not in person.get("/desk").headers
    clock.now += MINUTE
    assert "Set-Cookie" in person.get("/desk").headers


def test_a_cookie_of_somebody_elses_making_opens_nothing(person):
    person.client.set_cookie("session", "x" + person.client.get_cookie("session").value[1:])
    person.get("/desk", status=302)


def test_sessions_are_listed_and_one_or_all_others_are_ended(person, officer, browse):
    others = [browse(officer) for _ in range(3)]
    person.get("/account")
    assert person.text.count("A test") >= 3 and "Your account" in person.text
    newest = Session.select().order_by(Session.id.desc()).first()
    person.post(f"/account/sessions/{newest.id}/end")
    assert "The session has ended" in person.text
    others[2].get("/desk", status=302)
    others[1].get("/desk")
    person.post("/account/sessions/end-others")
    others[1].get("/desk", status=302)
    person.get("/desk")


def test_a_session_of_somebody_else_cannot_be_ended(person, browse):
    browse(given.a_liaison_officer("essex"))
    theirs = Session.select().order_by(Session.id.desc()).first()
    person.post(f"/account/sessions/{theirs.id}/end", status=404)
    assert given.again(theirs).ended_at is None


def test_sending_something_is_noted_in_the_session_and_reading_is_not(person, clock):
    clock.now += 5 * MINUTE
    person.get("/account")
    assert Session.get().last_seen_at == NOW
    person.post("/account/sessions/end-others")
    assert Session.get().last_seen_at == clock.now


def test_the_password_is_changed_by_whoever_knows_it(person, officer, browse):
    other = browse(officer)
    form = {"password": OTHER, "again": OTHER}
    person.post("/account/change-password", status=409, present="wrong words here", **form)
    assert person.errors() == ["The present password is not right. Enter it again."]
    person.post("/account/change-password", status=400, present=RIGHT, password=OTHER, again="x")
    assert person.errors() == ["The two passwords are not the same. Enter the new one twice."]
    person.post("/account/change-password", status=409, present=RIGHT, password="password1234", again="password1234")
    assert "too easy to guess" in person.errors()[0]
    person.post("/account/change-password", present=RIGHT, **form)
    assert "Your password has changed" in person.text
    other.get("/desk", status=302)


# ---- a form sent after the session ended


def test_what_was_typed_when_the_session_had_ended_is_kept_and_sent_again(person, clock):
    assignment = given.an_assignment()
    person.post(f"/assignments/{assignment.id}/acknowledge")
    clock.now += 2 * timedelta(hours=1)
    person.post(f"/assignments/{assignment.id}/report-progress", status=401, text="Two suites\nof <four>.")
    assert "What you sent was not done" in person.text
    kept = person.value("kept")
    assert given.again(assignment).implementation == "not_started"
    sign_in(person, status=409, password="wrong", kept=kept)
    sign_in(person, status=200, kept=person.value("kept"))
    assert "Send what you typed again" in person.text and "of <four>." in person.text
    action = person.page.find(".//main//form").get("action")
    # With the token that stands in this page, as a browser sends it.
    person.post(action, csrf_token=person.value("csrf_token"), text=person.value("text"))
    assert given.again(assignment).implementation == "under_way"


def test_what_somebody_typed_is_shown_to_nobody_else_and_not_for_ever(person, clock, browse):
    assignment = given.an_assignment()
    clock.now += timedelta(hours=2)
    person.post(f"/assignments/{assignment.id}/report-progress", status=401, text="For Kent alone.")
    kept = person.value("kept")
    given.a_person("other@example.org", "kent", "liaison_officer", password=RIGHT)
    other = browse()
    assert sign_in(other, email="other@example.org", kept=kept).location == "/desk"
    assert "For Kent alone" not in other.text
    clock.now += timedelta(hours=25)
    assert sign_in(person, kept=kept).location == "/desk"


def test_no_password_and_no_token_is_kept_in_the_page(person, clock):
    clock.now += 2 * timedelta(hours=1)
    person.post("/account/change-password", status=401, present=RIGHT, password=OTHER, again=OTHER)
    sign_in(person, status=200, kept=person.value("kept"))
    assert OTHER not in person.html and RIGHT not in person.html


@pytest.mark.parametrize("kept", ["nonsense", "eyJ0byI6Imh0dHBzOi8vZXhhbXBsZS5vcmcifQ.abc"])
def test_a_kept_form_of_somebody_elses_making_is_left_aside(officer, browse, kept):
    assert sign_in(browse(), kept=kept).location == "/desk"


# ---- limits


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_too_many_wrong_passwords_are_told_with_the_time_to_try_again(officer, browse, email):
    person = browse()
    for _ in range(5):
        sign_in(person, "wrong", email, 409)
    for password in ("wrong", RIGHT):
        sign_in(person, password, email, 429)
        assert person.errors() == [
            "There were too many wrong passwords. Try again at 09:15, or set a new password by e-mail."
        ]
        assert person.value("email") == email


def test_what_a_visitor_says_of_the_own_address_is_not_believed(officer, browse):
    person = browse()
    person.client.get("/sign-in")
    for number in range(3):
        person.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        sign_in(person, "wrong", "nobody@example.org", 409)
    assert {row.network for row in SignInAttempt.select()} == {"127.0.0.1"}


def test_the_address_a_proxy_of_ours_gives_counts(officer, tmp_path):
    environ = {"REGISTRY_SECRET_KEY": KEY, "REGISTRY_PROXIES": "1"}
    app = create_app(config.load(environ, base=tmp_path), clock=lambda: NOW)
    person = Browser(app, None)
    person.client.environ_base["HTTP_X_FORWARDED_FOR"] = "198.51.100.1, 203.0.113.9"
    sign_in(person, "wrong", "nobody@example.org", 409)
    assert SignInAttempt.get().network == "203.0.113.9"


# ---- one-time links


def test_opening_a_link_uses_nothing_up_and_setting_a_password_does(officer, browse):
    path, person = a_link(officer, "invitation"), browse()
    with given.queries() as sent:
        for _ in range(3):
            person.get(path)
            assert person.client.head(path).status_code == 200
    assert not [sql for sql in sent if not sql.startswith("SELECT")]
    assert EMAIL in person.text
    person.post(path, status=400, password=OTHER, again="another")
    person.post(path, status=409, password="kent.example.org", again="kent.example.org")
    assert "name or your e-mail" in person.errors()[0]
    person.post(path, password=OTHER, again=OTHER)
    assert "Your password is set. Sign in with it." in person.text
    sign_in(person, OTHER)


def test_a_link_used_twice_or_too_late_says_so_and_what_to_do_next(officer, browse):
    path, person = a_link(officer), browse()
    late = browse(now=NOW + timedelta(hours=2))
    late.get(path, status=410)
    assert "Its time is over" in late.text and "ask for a new link" in late.text
    person.post(path, password=OTHER, again=OTHER)
    for send in (lambda: person.get(path, status=410), lambda: person.post(path, status=410, password=RIGHT)):
        send()
        assert "It has been used already" in person.text and "sign in with it" in person.text
    assert passwords.check(EMAIL, OTHER)


def test_a_link_that_never_was_is_a_page_that_is_not_there(officer, browse):
    path, person = a_link(officer), browse()
    for wrong in ("/links/1-abc", path[:-1] + "x", "/links/x", "/links/99999999999-a"):
        person.get(wrong, status=404)
        person.post(wrong, status=404, password=OTHER, again=OTHER)
    assert OneTimeLink.get().used_at is None
    assert {row.outcome for row in SignInAttempt.select()} == {"link_refused"}


def test_a_forgotten_password_gets_the_same_answer_whoever_asks(officer, browse):
    answers = []
    for email in (EMAIL, "nobody@example.org"):
        person = browse()
        answer = person.post("/forgotten-password", email=email)
        answers.append((answer.status_code, answer.location, person.text))
    assert answers[0] == answers[1] and "a message is on its way" in answers[0][2]
    assert Message.select().count() == 2
    browse().post("/forgotten-password", status=400, email=" ")


def test_whoever_is_disabled_is_out_with_the_next_page_and_cannot_come_back(person, officer):
    verbs.disable(officer.person_id, actor=given.the_administrator(), now=NOW)
    person.get("/desk", status=302)
    sign_in(person, status=409)


# ---- the log


def test_what_somebody_tried_and_may_not_is_logged_and_reading_is_not(person, officer):
    draft = given.a_draft()
    assert person.client.get(f"/drafts/{draft.id}/approve").status_code == 403
    assert [row.outcome for row in SignInAttempt.select()] == ["signed_in"]
    person.post(f"/drafts/{draft.id}/approve", status=403)
    last = SignInAttempt.select().order_by(SignInAttempt.id.desc()).first()
    assert (last.outcome, last.person_id) == ("not_permitted", officer.person_id)
