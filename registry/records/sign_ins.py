"""The security log (who tried to sign in, from where, with what outcome) and the one-time links.

Network addresses stand here and nowhere else: the log is kept for a limited time, the history for ever.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

from peewee import SQL, CharField, Expression, ForeignKeyField, ModelSelect, fn

from registry.records.database import InstantField, Table, database, is_sqlite, one_of
from registry.records.people import SYSTEM_EMAIL, Person
from registry.rules import permissions
from registry.rules.permissions import Actor
from registry.rules.sign_ins import (
    ACCOUNT_WINDOW,
    KNOWN_NETWORK,
    LINKS,
    NETWORK_WINDOW,
    account_free_at,
    network_free_at,
)

# `checking` is a try whose password is being checked, or whose checker died: it counts as wrong.
OUTCOMES = (
    "checking",
    "signed_in",
    "wrong",
    "refused",
    "reset_asked",
    "password_set",
    "link_refused",
    "not_permitted",
)
# What counts against an address and against a network, and what begins the count for an address anew.
# A link that does not exist counts against nothing: its 160 bits are not guessed, and no password is looked at.
FAILED = ("checking", "wrong")
FAILED_IN_NETWORK = (*FAILED, "reset_asked")
SUCCEEDED = ("signed_in", "password_set")
PURPOSES = tuple(LINKS)


class SignInAttempt(Table):
    """One line of the security log. `account` stands for the address as typed; `person` is whoever has it."""

    at = InstantField()
    account = CharField(max_length=64)
    person = ForeignKeyField(Person, null=True)
    network = CharField(max_length=45)
    outcome = CharField(max_length=13)

    class Meta:
        constraints = [one_of("outcome", OUTCOMES)]
        indexes = ((("account", "at"), False), (("network", "at"), False), (("at",), False))


class OneTimeLink(Table):
    """A link that lets its holder set a password, once. Its token is not stored: the secret key and `salt` give it."""

    purpose = CharField(max_length=10)
    person = ForeignKeyField(Person, backref="links")
    salt = CharField(max_length=32)
    created_at = InstantField()
    expires_at = InstantField()
    used_at = InstantField(null=True)

    class Meta:
        constraints = [one_of("purpose", PURPOSES)]


# ---- the log


def lock_counts(account: str, network: str) -> None:
    """Wait for whoever else counts the tries of the address or the network; until the transaction ends.

    SQLite has one writer. Two locks, always in the same order, so that nobody waits for each other.
    """
    if not is_sqlite():
        for number in sorted(_lock_number(text) for text in (f"account {account}", f"network {network}")):
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (number,))


def _lock_number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def free_at(account: str, network: str, now: datetime) -> datetime | None:
    """When the address may be tried again from the network; None: now. The same for addresses nobody has."""
    mine, here = SignInAttempt.account == account, SignInAttempt.network == network
    succeeded, failed = mine & SignInAttempt.outcome.in_(SUCCEEDED), mine & SignInAttempt.outcome.in_(FAILED)
    start = now - ACCOUNT_WINDOW
    known = _last(succeeded & here, now - KNOWN_NETWORK)
    if known:
        # Somebody who signed in from here before is not shut out by guesses from elsewhere, nor by others from here.
        instants = [account_free_at(_instants(failed & here, max(known, start)))]
    else:
        last = _last(succeeded, start)
        instants = [account_free_at(_instants(failed, last or start)), network_free(network, FAILED_IN_NETWORK, now)]
    return max((at for at in instants if at and at > now), default=None)


def network_free(network: str, outcomes: tuple[str, ...], now: datetime) -> datetime | None:
    """When the network may try again, where these outcomes count against it; None: now."""
    counted = (SignInAttempt.network == network) & SignInAttempt.outcome.in_(outcomes)
    return network_free_at(_instants(counted, now - NETWORK_WINDOW))


def _last(where: Expression, since: datetime) -> datetime | None:
    return SignInAttempt.select(fn.MAX(SignInAttempt.at)).where(where & (SignInAttempt.at > since)).scalar()


def _instants(where: Expression, since: datetime) -> list[datetime]:
    return [at for (at,) in SignInAttempt.select(SignInAttempt.at).where(where & (SignInAttempt.at > since)).tuples()]


def count(account: str, outcome: str, since: datetime) -> int:
    """How many lines with that outcome an address has since then."""
    where = (SignInAttempt.account == account) & (SignInAttempt.outcome == outcome) & (SignInAttempt.at > since)
    return SignInAttempt.select().where(where).count()


def log(actor: Actor, outcome: str = "") -> ModelSelect:
    """The security log with the people, newest first, perhaps of one outcome; none for who may not read it."""
    joined = SignInAttempt.select(SignInAttempt, Person).left_outer_join(Person)
    if not permissions.may(actor, "sign_in:read"):
        return joined.where(SQL("1 = 0"))
    if outcome in OUTCOMES:
        joined = joined.where(SignInAttempt.outcome == outcome)
    return joined


# ---- one-time links


def new_link(person: Person, purpose: str, now: datetime) -> OneTimeLink:
    """A link for the person, usable once and for a limited time."""
    return OneTimeLink.create(
        purpose=purpose,
        person=person,
        salt=secrets.token_hex(16),
        created_at=now,
        expires_at=now + LINKS[purpose],
    )


def token(link: OneTimeLink, secret: str) -> str:
    """What the link's address ends in: its number, and what only the holder of the secret key can work out."""
    text = f"one-time link {link.id} {link.purpose} {link.person_id} {link.salt}"
    return f"{link.id}-{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:40]}"


def find_link(sent: str, secret: str) -> OneTimeLink | None:
    """The link a token belongs to, used or not, with its person; None when it belongs to none."""
    number = sent.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    link = OneTimeLink.select(OneTimeLink, Person).join(Person).where(OneTimeLink.id == int(number)).get_or_none()
    return link if link and hmac.compare_digest(token(link, secret).encode(), sent.encode()) else None


def is_open(link: OneTimeLink, now: datetime) -> bool:
    """True while a link can be used: not yet used, not expired, of somebody who may sign in."""
    real = link.person.active and link.person.email != SYSTEM_EMAIL
    return real and link.used_at is None and link.expires_at > now


def open_link(person: Person, purpose: str, now: datetime) -> OneTimeLink | None:
    """The newest link of that purpose the person can still use, or None."""
    where = (OneTimeLink.person == person.id) & (OneTimeLink.purpose == purpose)
    for link in OneTimeLink.select(OneTimeLink, Person).join(Person).where(where).order_by(OneTimeLink.id.desc()):
        return link if is_open(link, now) else None
    return None


def use_up_links(person: Person, now: datetime) -> None:
    """Make every link of a person useless from now on."""
    OneTimeLink.update(used_at=now).where((OneTimeLink.person == person.id) & OneTimeLink.used_at.is_null()).execute()
