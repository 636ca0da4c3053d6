"""Passwords are checked and never kept; somebody unknown and a wrong password look and take alike."""

import threading
import time

import pytest
from argon2 import PasswordHasher

from registry.actions import passwords
from registry.records.people import Person
from tests import given

RIGHT = "correct horse battery staple"
CHEAP = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """The real hash takes a tenth of a second on purpose; the tests need not."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(**CHEAP))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def person(database):
    given.a_register()
    actor = given.a_person("somebody@example.org", "kent", "liaison_officer")
    person = Person.get_by_id(actor.person_id)
    person.password_hash = passwords.hash_password(RIGHT)
    person.save()
    return person


def test_the_right_password_finds_the_person_whatever_the_case_of_the_address(person):
    assert passwords.check("somebody@example.org", RIGHT) == person
    assert passwords.check(" Somebody@EXAMPLE.org", RIGHT) == person


@pytest.mark.parametrize("password", ["", "wrong", RIGHT + " ", RIGHT.upper()])
def test_a_wrong_password_finds_nobody(person, password):
    assert passwords.check("somebody@example.org", password) is None


def test_an_unknown_address_finds_nobody(person):
    assert passwords.check("nobody@example.org", RIGHT) is None


def test_the_password_that_stands_in_for_nobody_opens_nothing(person):
    assert passwords.check("unknown@example.org", "nobody") is None
    assert passwords.check("system", "nobody") is None


def test_somebody_who_left_cannot_sign_in(person):
    Person.update(active=False).where(Person.id == person.id).execute()
    assert passwords.check("somebody@example.org", RIGHT) is None


def test_a_hash_that_is_none_is_a_no_and_not_an_error(person):
    Person.update(password_hash="not a hash").where(Person.id == person.id).execute()
    assert passwords.check("somebody@example.org", RIGHT) is None


def test_a_password_is_kept_only_as_a_salted_argon2id_hash():
    one, other = passwords.hash_password(RIGHT), passwords.hash_password(RIGHT)
    assert one.startswith("$argon2id$") and RIGHT not in one
    assert one != other


@pytest.mark.parametrize("email", ["somebody@example.org", "nobody@example.org", "system"])
def test_a_hash_is_checked_whoever_asks(person, email, monkeypatch):
    checked = []

    class Noting(PasswordHasher):
        def verify(self, hash, password):
            checked.append(password)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Noting(**CHEAP))
    passwords.check(email, "a guess")
    assert checked == ["a guess"]


def test_no_more_passwords_are_hashed_at_once_than_the_memory_is_for(monkeypatch):
    """Each hash takes 64 MiB: thirty people who sign in at once would take two gigabytes."""
    running, most = [], []

    class Slow(PasswordHasher):
        def hash(self, password):
            running.append(password)
            most.append(len(running))
            time.sleep(0.01)
            running.pop()
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    threads = [threading.Thread(target=passwords.hash_password, args=(str(number),)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 12 and max(most) <= passwords.AT_ONCE


@pytest.mark.parametrize("password", ["kent1234567890", "KENTpolice2026", "Kent Police Kent", "kent-kent-kent-1"])
def test_the_name_of_the_force_makes_no_password_strong(password):
    assert "too easy to guess" in passwords.weakness(password, around=["Kent Police"])


def test_a_strong_password_may_hold_the_name_of_the_force():
    assert passwords.weakness("kettles of copper in Kent", around=["Kent Police"]) is None


@pytest.mark.parametrize("password", ["\u00e9" * 12 + "a plain kettle", "correct horse battery staple", "x9!Lm2#qWv7$"])
def test_a_password_of_any_letters_will_do_if_it_is_hard_to_guess(password):
    assert passwords.weakness(password, own=["Somebody", "somebody@example.org"]) is None
