"""The demonstration: invented forces and people, and a story told by the verbs as if it had happened."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

from registry.actions import demonstration_people, installing, reminders
from registry.actions.demonstration_people import PASSWORD, SIGN_INS
from registry.actions.demonstration_story import Story
from registry.records import installation, people
from registry.records.database import transaction
from registry.records.installation import Installation
from registry.rules import calendar, wording
from registry.rules.workflow import NotAllowed

ORGANISATIONS = "demonstration_organisations.csv"
STORY = "demonstration.toml"
# The register of the story is this much older than the day it is loaded for.
IN_USE = timedelta(days=730)


@transaction
def load(data: Path, *, now: datetime) -> None:
    """Fill an empty database with the demonstration, as if today were the day of `now`; nothing the second time.

    `data` is the folder of the shipped facts. The same day gives the same story, number for number.
    Raises NotAllowed in a register: invented and real forces never share a database.
    """
    kind = installation.kind()
    if kind == "register":
        raise NotAllowed("This database holds a register. Use another REGISTRY_DATABASE for the demonstration.")
    if kind is not None:
        return
    began = now - IN_USE
    Installation.create(kind="demonstration", created_at=began)
    installing.seed_organisations(data / ORGANISATIONS)
    installing.seed_holidays(data / "bank-holidays.json")
    installing.create_system_person(began)
    demonstration_people.seed(began)
    today = calendar.day_of(now)
    Story(today).tell(tomllib.loads((data / STORY).read_text(encoding="utf-8"))["notice"])
    # Of the reminders only today's: those of the past would be written as if they had never been sent.
    reminders.sweep(actor=people.system(today), now=now)
    demonstration_people.seed_deputies(now)


def sign_ins() -> list[tuple[str, str, str]]:
    """For each role one person to sign in as: the role in words, the e-mail address, the password."""
    return [(wording.ROLE[role], email, PASSWORD) for role, email in SIGN_INS.items()]
