"""Passwords: checked for strength, set and checked with argon2, never kept."""

import re
import threading
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.records import people
from registry.records.people import Person
from registry.rules import limits
from registry.rules.wording import N_
from registry.rules.workflow import NotAllowed

FEWEST = 12
# How many guesses a password has to withstand, on the scale of zxcvbn: 3 is a hundred million.
STRENGTH = 3
# zxcvbn takes long over long texts, and what comes after this adds nothing to a verdict.
LOOKED_AT = 72
# One hash takes 64 MiB: more at once would take the memory of the pages.
AT_ONCE = 2

_hasher = PasswordHasher()
_turn = threading.BoundedSemaphore(AT_ONCE)


@cache
def _nobody() -> str:
    """Checked when there is no such person, so that the answer takes as long as for one who exists."""
    return _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its own salt."""
    with _turn:
        return _hasher.hash(password)


def new_hash(password: str, person: Person) -> str:
    """The hash of a password the person chose; raises NotAllowed with the reason when it is too weak."""
    places = [membership.organisation.name for membership in people.memberships_of(person)]
    fault = weakness(password, own=(person.name, person.email), around=places)
    if fault:
        raise NotAllowed(fault)
    return hash_password(password)


def weakness(password: str, own: Iterable[str] = (), around: Iterable[str] = ()) -> str | None:
    """Why a password will not do, as a sentence, or None.

    `own` is the person's name and address, which it must not hold; `around` what others there would
    try first, such as the name of the force: it may hold that, and must be strong without it.
    """
    if len(password) < FEWEST:
        return N_("The password must have 12 characters or more. Three or four words that nobody would guess will do.")
    if len(password) > limits.LINE:
        return N_("The password must have 200 characters or fewer.")
    if any(part in password.lower() for part in _parts(own)):
        return N_("The password must not hold your name or your e-mail address. Choose other words.")
    if _score(password, _parts(around)) < STRENGTH:
        return N_("This password is too easy to guess: it is common, or like a common one. Add another word or two.")
    return None


def _parts(texts: Iterable[str]) -> set[str]:
    """The words of the texts that are long enough to be known by, and each text as a whole."""
    found = {part for text in texts for part in (text, *re.split(r"\W+", text))}
    return {part.lower() for part in found if len(part) > 3}


def _score(password: str, known: set[str]) -> int:
    """How hard what is left is to guess, from 0 to 4, once the known words are taken out."""
    # Imported late: its lists of words are wanted here only.
    from zxcvbn import zxcvbn

    rest = password.lower() if known else password
    for part in sorted(known, key=len, reverse=True):
        rest = rest.replace(part, "")
    scores = [zxcvbn(text[:LOOKED_AT])["score"] for text in (password, rest) if text]
    return min(scores) if rest else 0


def check(email: str, password: str) -> Person | None:
    """The active person with that e-mail address and password, or None; takes as long either way."""
    person, stand_in = people.by_email(email), _nobody()
    kept = person.password_hash if person else None
    try:
        with _turn:
            _hasher.verify(kept or stand_in, password)
    except (VerificationError, InvalidHashError):
        return None
    return person if kept else None
