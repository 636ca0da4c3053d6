"""Filling a new database: the reference data of a register, and what every kind needs."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

from registry.records.database import transaction
from registry.records.installation import Holiday, Installation, lock_filling
from registry.records.organisations import Organisation
from registry.records.people import SYSTEM_EMAIL, Membership, Person
from registry.rules.workflow import NotAllowed

DIVISION = "england-and-wales"


@transaction
def init(data: Path, *, now: datetime) -> int:
    """Seed a register with the real organisations; returns how many there are. Does nothing the second time.

    Raises NotAllowed in a demonstration: invented and real forces never share a database.
    """
    lock_filling()
    installed = Installation.select().first()
    if installed and installed.kind != "register":
        raise NotAllowed("This database holds a demonstration. Use another REGISTRY_DATABASE for the register.")
    if installed is None:
        Installation.create(kind="register", created_at=now)
        seed_organisations(data / "organisations.csv")
        _seed_policing_bodies(data / "local_policing_bodies.csv")
        _own_organisations()
        seed_holidays(data / "bank-holidays.json")
        create_system_person(now)
    return Organisation.select().count()


def seed_organisations(file: Path) -> None:
    """Create the organisations of a CSV with the columns id, name, region, type and perhaps ons_code."""
    for row in _rows(file):
        Organisation.create(
            slug=row["id"],
            name=row["name"],
            type=row["type"],
            region=row["region"],
            ons_code=row.get("ons_code") or None,
        )


def seed_holidays(file: Path) -> None:
    """Create the bank holidays of England and Wales from the shipped file."""
    events = json.loads(file.read_text(encoding="utf-8"))[DIVISION]["events"]
    days = {date.fromisoformat(event["date"]): event["title"] for event in events}
    Holiday.insert_many([{"day": day, "name": name} for day, name in days.items()]).execute()


def create_system_person(now: datetime) -> Person:
    """The person the worker acts as. It has no password and cannot sign in."""
    person = Person.create(email=SYSTEM_EMAIL, name="The register", created_at=now)
    regulator = Organisation.get(Organisation.type == "regulator")
    Membership.create(person=person, organisation=regulator, role="system", from_on=date(2000, 1, 1))
    return person


def _seed_policing_bodies(file: Path) -> None:
    forces = {force.slug: force for force in Organisation.select()}
    for row in _rows(file):
        force = forces[row["force_id"]]
        Organisation.create(slug=row["id"], name=row["name"], type=row["type"], region=force.region, force=force)


def _own_organisations() -> None:
    """The regulator and the audit body of this installation, under neutral names."""
    Organisation.create(slug="regulator", name="The regulator", type="regulator", region="National")
    Organisation.create(slug="audit-body", name="The audit body", type="audit_body", region="National")


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
