"""People from the command line: the first administrator, and a way in when no page can help."""

from datetime import UTC, datetime

import click

from registry import config
from registry.actions import people as verbs
from registry.actions.people import Term
from registry.cli.framing import Refused, as_json, command_of, registry, say
from registry.records import people, sign_ins
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.sign_ins import OneTimeLink
from registry.rules import calendar, permissions
from registry.rules.permissions import ROLES

GIVEN = tuple(role for role in ROLES if role != "system")


@registry.group()
def user() -> None:
    """People: add, reset, disable."""


@command_of(user)
@click.argument("email")
@click.option("--name", required=True, help="As it reads on the pages.")
@click.option("--organisation", required=True, metavar="ID", help="The organisation's short name, such as regulator.")
@click.option("--role", required=True, metavar="ROLE", type=click.Choice(GIVEN), help=", ".join(GIVEN))
@click.option("--lead", is_flag=True, help="Manages the organisation's people (liaison officers only).")
@as_json
def add(
    settings: config.Settings, email: str, name: str, organisation: str, role: str, lead: bool, as_json: bool
) -> None:
    """Give somebody a role; prints a one-time link to set a password with."""
    now = datetime.now(UTC)
    today = calendar.day_of(now)
    where = Organisation.get_or_none(Organisation.slug == organisation)
    if where is None:
        raise Refused(f"There is no organisation {organisation}.")
    if role not in permissions.roles_in(where.type):
        roles = ", ".join(permissions.roles_in(where.type))
        raise Refused(f"There is no {role} in {organisation}; its roles are: {roles}.")
    term = Term(role, today, lead=lead)
    link = verbs.invite(where.id, email, name, term, actor=people.system(today), now=now, by_mail=False)
    if link:
        _say_link(settings, link, email, as_json)
    else:
        text = f"{email} has the role and signs in with the password they have."
        say(as_json, {"email": email, "link": None}, text)


@command_of(user)
@click.argument("email")
@as_json
def reset(settings: config.Settings, email: str, as_json: bool) -> None:
    """Print a one-time link to set another password."""
    now = datetime.now(UTC)
    actor = people.system(calendar.day_of(now))
    link = verbs.send_link(_find(email).id, actor=actor, now=now, by_mail=False)
    _say_link(settings, link, email, as_json)


@command_of(user)
@click.argument("email")
@as_json
def disable(settings: config.Settings, email: str, as_json: bool) -> None:
    """Shut somebody out at once."""
    now = datetime.now(UTC)
    verbs.disable(_find(email).id, actor=people.system(calendar.day_of(now)), now=now)
    say(as_json, {"email": email, "active": False}, f"{email} is disabled and signed out everywhere.")


def _find(email: str) -> Person:
    person = Person.get_or_none(Person.email == email.strip().lower())
    if person is None:
        raise Refused(f"There is nobody with the address {email}.")
    return person


def _say_link(settings: config.Settings, link: OneTimeLink, email: str, as_json: bool) -> None:
    address = f"{settings.base_url}/links/{sign_ins.token(link, settings.secret_key)}"
    until = f"{link.expires_at:%Y-%m-%d %H:%M} UTC"
    text = f"{address}\nGive this link to {email} and nobody else: it sets their password, once, until {until}."
    say(as_json, {"email": email, "link": address, "expires_at": link.expires_at.isoformat()}, text)
