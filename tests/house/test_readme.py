"""The newcomer's page: its tables of pages and permissions are those of the program, and what it points to is there."""

import re
from pathlib import Path

import pytest

from registry import cli, config
from registry.app import create_app
from registry.records.database import database
from registry.rules import permissions
from registry.rules.permissions import LEAD_ONLY, PERMISSIONS, ROLES
from registry.rules.wording import ROLE

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading, up to the next."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title}"
    return found.group(1)


def rows(title: str) -> list[list[str]]:
    """The cells of the section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# ---- pages


@pytest.fixture
def groups(tmp_path):
    """The first step of every address the program answers to."""
    before = database.obj
    app = create_app(config.load({"REGISTRY_SECRET_KEY": "long enough for tests and nothing else"}, base=tmp_path))
    assert database.obj is before, "building the pages opens no database"
    return {"/" + re.split(r"[/.<]", rule.rule[1:])[0] for rule in app.url_map.iter_rules()}


def test_every_group_of_pages_is_in_the_readme_and_no_other(groups):
    told = [group for row in rows("Pages") for group in code(row[0])]
    assert len(told) == len(set(told)), "a group is told twice"
    assert set(told) == groups, "see the section Pages"


def test_every_group_of_pages_says_what_it_is_for_and_for_whom():
    assert all(len(row) == 3 and all(row) for row in rows("Pages"))


# ---- permissions


def who(permission: str) -> str:
    """Who has a permission, in the words of the README."""
    roles = PERMISSIONS[permission]
    if "public" in roles:
        return "everybody"
    if set(ROLES) <= set(roles):
        return "everybody signed in"
    words = [ROLE[role].lower() if role != "system" else "the system" for role in ROLES if role in roles]
    as_leads = permission in LEAD_ONLY and "liaison_officer" in roles
    return ", ".join(words) + (" (liaison officers as leads only)" if as_leads else "")


def test_every_permission_is_in_the_readme_with_those_who_have_it_and_no_other():
    told = {permission: row[0] for row in rows("Permissions") for permission in code(row[1])}
    wanted = {permission: who(permission) for permission in PERMISSIONS}
    assert told == wanted, "see the section Permissions"


def test_every_role_of_a_permission_is_a_role():
    assert {role for roles in permissions.PERMISSIONS.values() for role in roles} <= {"public", *ROLES}


# ---- what it points to


def test_every_file_and_folder_the_readme_names_is_there():
    named = re.findall(r"`((?:registry|templates|tests|bench|bin|migrations|reports)/[\w./-]*)`", README)
    named += re.findall(r"^(?:\.venv/bin/registry import \w+ )(registry/\S+)$", README, re.MULTILINE)
    named += [f"registry/{name}" for name in re.findall(r"`((?:rules|records|actions|web|cli)/\w+\.py)`", README)]
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_in_the_readme_is_one():
    told = {match.group(1) for match in re.finditer(r"(?:\.venv/bin/|`)registry ([a-z]+)", README)}
    assert told - set(cli.registry.commands) == set()
