"""Signing in, its limits, links and sessions: what holds below the pages."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from registry.actions import accounts, passwords, sign_ins
from registry.actions.accounts import LinkOver
from registry.actions.sign_ins import Origin, TooOften
from registry.records import sessions
from registry.records import sign_ins as records
from registry.records.database import NotFound, database
from registry.records.history import History
from registry.records.messages import Message
from registry.records.people import Person
from registry.records.sessions import Session
from registry.records.sign_ins import OneTimeLink, SignInAttempt
from registry.rules.permissions import PUBLIC, NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import DAY, NOW

EMAIL = "liaison@kent.example.org"
RIGHT = "correct horse battery staple"
KEY = "a secret key that is long enough"
HOME, ELSEWHERE = Origin("192.0.2.1", "Firefox, Linux"), Origin("198.51.100.7")
MINUTE = timedelta(minutes=1)
HOURS = timedelta(hours=10)


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """The real hash takes a tenth of a second on purpose; the tests need not."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def officer(database):
    given.a_register()
    found = given.a_liaison_officer()
    Person.update(password_hash=passwords.hash_password(RIGHT)).where(Person.id == found.person_id).execute()
    return found


def attempt(password=RIGHT, email=EMAIL, origin=HOME, now=NOW):
    return sign_ins.sign_in(email, password, origin=origin, now=now)


def fail(times, email=EMAIL, origin=HOME, now=NOW):
    for _ in range(times):
        assert attempt("wrong", email, origin, now) is None


def outcomes():
    return [row.outcome for row in SignInAttempt.select().order_by(SignInAttempt.id)]


# ---- signing in


def test_the_right_password_begins_a_session_under_a_key_that_is_not_kept(officer):
    key, session = attempt()
    assert session.person_id == officer.person_id and session.agent == "Firefox, Linux"
    assert sessions.find(key, NOW, HOURS) == session
    assert key not in str(list(Session.select().tuples())) and sessions.find(session.key_hash, NOW, HOURS) is None
    assert attempt()[0] != key
    assert outcomes() == ["signed_in", "signed_in"]


def test_a_session_is_over_after_its_time_or_when_the_person_is_disabled(officer):
    key, _ = attempt()
    assert sessions.find(key, NOW + HOURS - MINUTE, HOURS)
    assert sessions.find(key, NOW + HOURS, HOURS) is None
    Person.update(active=False).where(Person.id == officer.person_id).execute()
    assert sessions.find(key, NOW, HOURS) is None


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(officer):
    key, session = attempt()
    sign_ins.sign_out(session, now=NOW)
    assert sessions.find(key, NOW, HOURS) is None


def test_a_sign_in_is_in_the_log_and_not_in_the_history(officer):
    attempt()
    attempt("wrong", "nobody@example.org")
    known, unknown = SignInAttempt.select().order_by(SignInAttempt.id)
    assert (known.person_id, known.network) == (officer.person_id, "192.0.2.1")
    assert unknown.person_id is None and "nobody" not in unknown.account
    assert given.events() == []


def test_whoever_is_disabled_while_the_password_is_checked_is_not_let_in(officer, monkeypatch):
    check = passwords.check

    def slow(email, password):
        found = check(email, password)
        Person.update(active=False).where(Person.id == found.id).execute()
        return found

    monkeypatch.setattr(passwords, "check", slow)
    assert attempt() is None
    assert outcomes() == ["wrong"]


# ---- how often


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_after_five_wrong_passwords_none_is_looked_at_for_a_while_whoever_it_is_for(officer, email):
    fail(5, email)
    for password in ("wrong", RIGHT):
        with pytest.raises(TooOften) as refused:
            attempt(password, email, now=NOW + MINUTE)
        assert refused.value.free_at == NOW + 15 * MINUTE
    assert outcomes() == ["wrong"] * 5 + ["refused"] * 2
    fail(1, email, now=NOW + 15 * MINUTE)


def test_the_wait_grows_and_being_refused_does_not_lengthen_it(officer):
    waits, now = [], NOW
    for _ in range(12):
        try:
            fail(1, now=now)
        except TooOften as refused:
            waits.append((refused.free_at - now) // MINUTE)
            now = refused.free_at
            fail(1, now=now)
    assert waits == [15, 15, 15, 30, 30, 30, 60]


def test_nobody_is_locked_out_for_ever(officer):
    fail(5, origin=ELSEWHERE)
    attempt(now=NOW + 15 * MINUTE)
    fail(4, origin=ELSEWHERE, now=NOW + 16 * MINUTE)
    assert attempt(origin=ELSEWHERE, now=NOW + 17 * MINUTE)


def test_guesses_from_elsewhere_do_not_shut_out_where_somebody_signed_in_before(officer):
    attempt()
    fail(5, origin=ELSEWHERE, now=NOW + MINUTE)
    with pytest.raises(TooOften):
        attempt(origin=ELSEWHERE, now=NOW + 2 * MINUTE)
    assert attempt(now=NOW + 2 * MINUTE)


def test_a_network_is_refused_after_thirty_failures_for_whomever(officer):
    for number in range(30):
        fail(1, f"nobody{number}@example.org", now=NOW + number * timedelta(seconds=1))
    with pytest.raises(TooOften) as refused:
        attempt(now=NOW + MINUTE)
    assert refused.value.free_at == NOW + 15 * MINUTE
    assert attempt(origin=ELSEWHERE, now=NOW + MINUTE)
    assert attempt(now=NOW + 16 * MINUTE)


def test_thirty_refused_tries_for_made_up_addresses_do_not_shut_out_who_signed_in_from_there_before(officer):
    attempt()
    later = NOW + 29 * DAY
    for number in range(30):
        fail(1, f"nobody{number}@example.org", now=later)
    with pytest.raises(TooOften):
        attempt(email="another@example.org", now=later + MINUTE)
    fail(4, now=later + MINUTE)
    assert attempt(now=later + MINUTE)
    fail(5, now=later + 2 * MINUTE)
    with pytest.raises(TooOften):
        attempt(now=later + 2 * MINUTE)


def test_who_signed_in_from_a_network_too_long_ago_is_held_to_its_limit_again(officer):
    attempt()
    for number in range(30):
        fail(1, f"nobody{number}@example.org", now=NOW + 30 * DAY)
    with pytest.raises(TooOften):
        attempt(now=NOW + 30 * DAY + MINUTE)


def test_links_that_do_not_exist_shut_nobody_out(officer):
    for _ in range(30):
        sign_ins.log_refusal("link_refused", origin=HOME, now=NOW)
    assert attempt(now=NOW + MINUTE)


def test_a_try_whose_checker_died_counts_as_wrong(officer, monkeypatch):
    def die(email, password):
        raise MemoryError

    with monkeypatch.context() as dying:
        dying.setattr(passwords, "check", die)
        for _ in range(5):
            with pytest.raises(MemoryError):
                attempt()
    with pytest.raises(TooOften):
        attempt()


GUESSING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from registry.actions import passwords, sign_ins
from registry.records.database import database, open_database
url, seed, times = sys.argv[1:]
checked = []
passwords.check = lambda email, password: checked.append(email)
open_database(url, Path("/"))
database.connect()
print("ready", flush=True)
sys.stdin.readline()
refused = 0
for number in range(int(times)):
    email = f"person{number % 4}@example.org"
    origin = sign_ins.Origin(f"192.0.2.{number % 40 + 1}")
    try:
        sign_ins.sign_in(email, f"{seed} {number}", origin=origin, now=datetime(2026, 3, 2, 9, tzinfo=UTC))
    except sign_ins.TooOften:
        refused += 1
database.close()
print(len(checked), refused)
"""


def guess(url, processes, times):
    """Real processes that guess at one moment; how many passwords were looked at, and how many tries refused."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", GUESSING, url, str(number), str(times)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for number in range(processes)
    ]
    assert [process.stdout.readline() for process in started] == ["ready\n"] * processes
    for process in started:
        process.stdin.write("now\n")
        process.stdin.flush()
    said = [process.communicate(timeout=540)[0].split() for process in started]
    return sum(int(checked) for checked, _ in said), sum(int(refused) for _, refused in said)


def test_no_number_of_processes_looks_at_more_passwords_than_are_allowed(shared_database):
    given.a_register()
    database.close()
    checked, refused = guess(shared_database, processes=4, times=60)
    database.connect()
    assert (checked, refused) == (4 * 5, 240 - 4 * 5)
    assert SignInAttempt.select().count() == 240


@pytest.mark.slow
def test_ten_thousand_tries_from_four_processes_look_at_five_passwords_an_address(shared_database):
    given.a_register()
    database.close()
    checked, refused = guess(shared_database, processes=4, times=2500)
    database.connect()
    print(f"10,000 tries: {checked} passwords checked, {refused} refused")
    assert (checked, refused) == (20, 9980)


# ---- one-time links


def a_link(officer, purpose="reset"):
    return records.new_link(Person.get_by_id(officer.person_id), purpose, NOW)


def set_password(token, password="another four plain words", now=NOW):
    return accounts.set_password(token, password, secret=KEY, origin=HOME, now=now)


def test_a_link_sets_a_password_once_and_ends_every_session(officer):
    key, _ = attempt()
    other, token = a_link(officer), records.token(a_link(officer), KEY)
    set_password(token)
    assert sessions.find(key, NOW, HOURS) is None
    assert attempt() is None and attempt("another four plain words")
    for used in (token, records.token(other, KEY)):
        with pytest.raises(LinkOver):
            set_password(used)
    assert given.events() == ["account.password_set"] and given.broken() == []


def test_a_link_used_by_two_at_once_is_used_once(shared_database):
    given.a_register()
    token = records.token(a_link(given.a_liaison_officer()), KEY)
    found = given.together(*(lambda n=n: set_password(token, f"another {n} plain words") for n in range(3)))
    assert sorted(type(one).__name__ for one in found) == ["LinkOver", "LinkOver", "Person"]


@pytest.mark.parametrize(("purpose", "hours"), [("invitation", 72), ("reset", 1)])
def test_a_link_expires(officer, purpose, hours):
    token = records.token(a_link(officer, purpose), KEY)
    with pytest.raises(LinkOver):
        set_password(token, now=NOW + timedelta(hours=hours))
    set_password(token, now=NOW + timedelta(hours=hours) - MINUTE)


def test_a_link_nobody_was_sent_opens_nothing(officer):
    link = a_link(officer)
    token = records.token(link, KEY)
    wrong = [token[:-1], f"{token}0", f"{link.id}-", "1", "", "x", "²-1", f"99{token}", records.token(link, "another")]
    for one in wrong:
        with pytest.raises(NotFound):
            set_password(one)


def test_the_token_of_a_link_is_not_in_the_database(officer):
    link = a_link(officer)
    mac = records.token(link, KEY).partition("-")[2]
    assert mac not in str(list(OneTimeLink.select().tuples())) and len(mac) == 40


def test_a_new_password_begins_the_count_of_wrong_ones_anew(officer):
    fail(5)
    set_password(records.token(a_link(officer), KEY))
    assert attempt("another four plain words")


def test_asking_for_a_reset_does_the_same_whether_or_not_there_is_such_a_person(officer):
    with given.queries() as known:
        sign_ins.ask_for_reset(EMAIL, origin=HOME, now=NOW)
    with given.queries() as unknown:
        sign_ins.ask_for_reset("nobody@example.org", origin=HOME, now=NOW)
    assert unknown == known
    assert OneTimeLink.select().count() == Message.select().count() == 2
    assert given.events() == []


def test_nobody_is_flooded_with_resets_and_the_stand_in_cannot_be_used(officer):
    for minute in range(10):
        sign_ins.ask_for_reset(EMAIL, origin=HOME, now=NOW + minute * MINUTE)
    assert Message.select().count() == 3
    sign_ins.ask_for_reset("nobody@example.org", origin=HOME, now=NOW)
    decoy = OneTimeLink.select().order_by(OneTimeLink.id.desc()).first()
    with pytest.raises(LinkOver):
        set_password(records.token(decoy, KEY))


def test_a_reset_is_sent_however_many_passwords_were_wrong_and_lets_its_holder_in(officer):
    for number in range(30):
        fail(1, f"nobody{number}@example.org")
    sign_ins.ask_for_reset(EMAIL, origin=HOME, now=NOW + MINUTE)
    link = OneTimeLink.get(OneTimeLink.person == officer.person_id)
    assert Message.get().person_id == officer.person_id and outcomes()[-1] == "reset_asked"
    set_password(records.token(link, KEY), now=NOW + MINUTE)
    assert attempt("another four plain words", now=NOW + MINUTE)


def test_one_network_is_sent_thirty_resets_and_no_more_for_a_while(officer):
    for number in range(31):
        sign_ins.ask_for_reset(f"nobody{number}@example.org", origin=HOME, now=NOW)
    assert Message.select().count() == 30 and outcomes()[-1] == "refused"
    sign_ins.ask_for_reset(EMAIL, origin=ELSEWHERE, now=NOW)
    sign_ins.ask_for_reset(EMAIL, origin=HOME, now=NOW + 16 * MINUTE)
    assert Message.select().count() == 32


# ---- passwords and sessions of one's own


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short words", "12 characters or more"),
        ("x" * 201, "200 characters or fewer"),
        ("password1234", "too easy to guess"),
        ("qwertyuiop12", "too easy to guess"),
        ("liverpool1892", "too easy to guess"),
        ("aaaaaaaaaaaaaaaa", "too easy to guess"),
        ("KENTkentKENT2026", "your name"),
        ("liaison is my name 77", "your name"),
        ("I live at kent.example.org", "your name"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(officer, password, reason):
    token = records.token(a_link(officer), KEY)
    with pytest.raises(NotAllowed, match=reason):
        set_password(token, password)
    set_password(token)


def renew(officer, session, present=RIGHT, password="another four plain words", now=NOW):
    return accounts.new_password(present, password, actor=officer, session_id=session.id, origin=HOME, now=now)


def test_changing_the_password_asks_for_the_present_one_and_ends_the_other_sessions(officer):
    (mine, session), (other, _) = attempt(), attempt()
    with pytest.raises(NotAllowed, match="present password"):
        renew(officer, session, present="wrong")
    assert renew(officer, session)
    assert sessions.find(mine, NOW, HOURS) and sessions.find(other, NOW, HOURS) is None
    assert given.events() == ["account.password_changed"]


def test_the_present_password_cannot_be_guessed_at_a_borrowed_screen(officer):
    _, session = attempt()
    for _ in range(5):
        with pytest.raises(NotAllowed, match="present password"):
            renew(officer, session, present="wrong", now=NOW + MINUTE)
    with pytest.raises(TooOften):
        renew(officer, session, now=NOW + MINUTE)


def test_a_session_of_somebody_else_is_not_found_and_an_own_one_is_ended_once(officer):
    _, session = attempt()
    with pytest.raises(NotFound):
        accounts.end_session(session.id, actor=given.a_liaison_officer("essex"), now=NOW)
    accounts.end_session(session.id, actor=officer, now=NOW)
    with pytest.raises(NotAllowed):
        accounts.end_session(session.id, actor=officer, now=NOW)
    assert given.events() == ["account.session_ended"]


def test_all_other_sessions_are_ended_with_one_event_or_none(officer):
    (key, session), (other, _) = attempt(), attempt()
    assert accounts.end_other_sessions(session.id, actor=officer, now=NOW) == 1
    assert accounts.end_other_sessions(session.id, actor=officer, now=NOW) == 0
    assert sessions.find(key, NOW, HOURS) and sessions.find(other, NOW, HOURS) is None
    assert given.events() == ["account.other_sessions_ended"]


def test_nobody_without_an_account_has_one_to_change(officer):
    _, session = attempt()
    for verb in (
        lambda: accounts.end_session(session.id, actor=PUBLIC, now=NOW),
        lambda: accounts.end_other_sessions(session.id, actor=PUBLIC, now=NOW),
        lambda: accounts.change_password("x", actor=PUBLIC, session_id=session.id, now=NOW),
    ):
        with pytest.raises(NotPermitted):
            verb()


def test_what_is_older_than_it_may_be_is_forgotten_and_the_history_says_how_much(officer):
    attempt()
    sign_ins.ask_for_reset("nobody@example.org", origin=HOME, now=NOW)
    later = NOW + 91 * DAY
    attempt(now=later)
    assert sign_ins.forget(90, actor=given.the_system(), now=later) == 2
    assert sign_ins.forget(90, actor=given.the_system(), now=later) == 0
    left = (SignInAttempt, Session, OneTimeLink, Message)
    assert [table.select().count() for table in left] == [1, 1, 0, 0]
    event = History.get()
    assert event.facts == '{"attempts":2,"days":90,"links":1,"messages":1,"sessions":1}'
    with pytest.raises(NotPermitted):
        sign_ins.forget(90, actor=given.the_administrator(), now=later)
