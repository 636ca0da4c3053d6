"""Pages ask the records, and the records ask who is asking: no view goes past the scope of its reader.

Three rules, each read off the code as it is: a page names no table but to say what it was given; it builds no query;
and whatever it asks of `records` takes the actor, or a row (or a query) that was found for the actor before.
"""

import ast
import importlib
import inspect
import typing
from pathlib import Path
from types import ModuleType

import pytest
from peewee import Model, ModelSelect

WEB = Path(__file__).resolve().parents[2] / "registry" / "web"
PAGES = sorted(WEB.glob("*.py"))

QUERYING = {
    *("select", "select_extend", "where", "orwhere", "left_outer_join", "switch", "raw", "execute"),
    *("execute_sql", "get_or_none", "get_by_id", "get_or_create", "create", "insert_many", "bulk_create"),
    *("delete_instance", "save", "objects", "from_", "union", "union_all", "cursor"),
}
# A page may ask these of anybody: they tell no fact of a notice or an assignment.
OPEN_TO_ALL = {
    "registry.records.register.topics": "the subjects recommendations are filed under",
    "registry.records.register.organisations": "which organisations there are",
    "registry.records.register.organisation": "which organisations there are",
    "registry.records.organisations.addressable": "which organisations there are",
    "registry.records.installation.kind": "whether all of it is invented",
    "registry.records.installation.edition": "that something changed, not what",
    "registry.records.installation.holidays": "the bank holidays",
    "registry.records.keyset.chosen": "an order, of no rows yet",
    "registry.records.sorting.recommendations": "an order, of no rows yet",
    "registry.records.migrating.applied": "whether the database is up to date",
    "registry.records.operations.state": "how many messages and jobs wait, for the operator",
    "registry.records.operations.quiet_since": "since when no reminders have gone out",
    "registry.records.database.connected": "a connection, of no rows yet",
}
# The history of a subject, asked after the subject was found for the reader; its events pass `permissions.sees`.
# What moved the dates, out of what was recorded and read for the reader.
AFTER_FINDING = {"registry.records.history.of", "registry.records.outcomes.moves"}
# Before it is known who asks: whoever holds the key of a session or the token of a link is who they say they are.
BY_KEY = {"registry.records.sessions.find", "registry.records.sessions.owner", "registry.records.sign_ins.find_link"}
# The person behind the cookie.
WHO_ASKS = {("access.py", "Person")}


def namespace(file: Path) -> dict[str, object]:
    return vars(importlib.import_module(f"registry.web.{file.stem}" if file.stem != "__init__" else "registry.web"))


def value_of(node: ast.AST, names: dict[str, object]) -> object:
    """What an expression such as `Notice` or `recommendations.Notice` stands for in the module; None if not known."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value, names)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
    return None


def is_table(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Model)


def tables_used(tree: ast.AST, names: dict[str, object]) -> list[str]:
    """Where a table is more than the type of something: an attribute of it, or a call."""
    used = [n.value for n in ast.walk(tree) if isinstance(n, ast.Attribute)]
    used += [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    used += [arg for n in ast.walk(tree) if isinstance(n, ast.Call) for arg in n.args]
    return [ast.unparse(node) for node in used if is_table(value_of(node, names))]


def queries_built(tree: ast.AST, names: dict[str, object]) -> list[str]:
    called = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    return [
        ast.unparse(func)
        for func in called
        if func.attr in QUERYING and not isinstance(value_of(func.value, names), ModuleType)
    ]


def asked_of_records(tree: ast.AST, names: dict[str, object]) -> dict[str, object]:
    """Every function of `records` that the module names, by its full name."""
    found = {}
    for node in ast.walk(tree):
        value = value_of(node, names)
        if inspect.isfunction(value) and value.__module__.startswith("registry.records"):
            found[f"{value.__module__}.{value.__name__}"] = inspect.unwrap(value)
    return found


def is_scoped(function: typing.Any) -> bool:
    """True when it takes the actor, or something that was found for the actor: a row, rows or a query."""
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    given = [one for hint in hints.values() for one in (hint, *typing.get_args(hint))]
    return "actor" in hints or any(is_table(one) or one is ModelSelect for one in given)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_page_names_a_table_only_as_a_type(file):
    used = tables_used(ast.parse(file.read_text(encoding="utf-8")), namespace(file))
    assert [name for name in used if (file.name, name) not in WHO_ASKS] == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_a_page_builds_no_query_of_its_own(file):
    built = queries_built(ast.parse(file.read_text(encoding="utf-8")), namespace(file))
    assert [name for name in built if (file.name, name.partition(".")[0]) not in WHO_ASKS] == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_what_a_page_asks_of_the_records_knows_who_is_asking(file):
    asked = asked_of_records(ast.parse(file.read_text(encoding="utf-8")), namespace(file))
    unscoped = {name for name, function in asked.items() if not is_scoped(function)}
    assert unscoped - OPEN_TO_ALL.keys() - AFTER_FINDING - BY_KEY == set()


def test_the_three_rules_would_find_a_page_that_goes_past_the_scope():
    from registry.records import recommendations, register
    from registry.records.recommendations import Notice, next_reference

    names = {"Notice": Notice, "recommendations": recommendations, "register": register, "next_up": next_reference}
    for text in ("Notice.get(id=1)", "recommendations.Notice.state", "[Notice(id=1)]", "all_of(Notice)"):
        assert tables_used(ast.parse(text), names), text
    assert queries_built(ast.parse("register.notice(who, day, 'LN').versions.where(x)"), names)
    asked = asked_of_records(ast.parse("next_up('LN', 2026) + register.years(who, day)"), names)
    assert [name for name, function in asked.items() if not is_scoped(function)] == [
        "registry.records.recommendations.next_reference"
    ]
