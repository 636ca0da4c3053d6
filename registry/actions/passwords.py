"""Passwords: set and checked with argon2, never kept."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.records import people
from registry.records.people import Person

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when there is no such person, so that the answer takes as long as for one who exists."""
    return _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its own salt."""
    return _hasher.hash(password)


def check(email: str, password: str) -> Person | None:
    """The active person with that e-mail address and password, or None; takes as long either way."""
    person = people.by_email(email)
    kept = person.password_hash if person else None
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    return person if kept else None
