"""One word through every layer: the verb, its permission, its move, its event and its words on screen."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from registry import actions, config
from registry.rules import wording
from registry.rules.permissions import PERMISSIONS
from registry.rules.workflow import MOVES

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = {
    file.stem: importlib.import_module(f"registry.actions.{file.stem}")
    for file in sorted(Path(actions.__file__).parent.glob("[a-z]*.py"))
}
# Where the verbs on a subject live.
MODULES = {
    "notice": ("notices",),
    "assignment": ("assignments", "extensions", "applicability", "closing", "replies"),
    "recommendation": ("imports",),
    "reminder": ("reminders",),
    "report": ("reports",),
    "account": ("accounts",),
    "person": ("people",),
    "history": ("history",),
    "sign_in": ("sign_ins",),
}
# Said with their object: alone, "request" would be a word for anything.
SAID_WITH_OBJECT = {"request": "request_report", "import_recommendation": "import_recommendations"}
# Permissions that open pages and change nothing.
PAGES = ("read",)
VERBS = sorted(name.split(":") for name in PERMISSIONS if ":" in name and name.split(":")[1] not in PAGES)


def verbs_of(module):
    """The public functions of a module that run in a transaction: its verbs."""
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and hasattr(function, "__wrapped__")
        and not name.startswith("_")
        and "actor" in inspect.signature(function).parameters
    }


@pytest.mark.parametrize(("subject", "verb"), VERBS)
def test_every_permission_to_do_something_names_a_verb(subject, verb):
    name = SAID_WITH_OBJECT.get(verb, verb)
    found = {name for module in MODULES[subject] for name in verbs_of(ACTIONS[module])}
    assert name in found, f"{subject}:{verb} has no function in actions"


def test_every_verb_has_a_permission_of_its_name():
    known = {SAID_WITH_OBJECT.get(verb, verb) for _, verb in VERBS}
    missing = {f"{name}.{verb}" for name, module in ACTIONS.items() for verb in verbs_of(module) if verb not in known}
    assert missing == set()


@pytest.mark.parametrize("module", sorted(module for modules in MODULES.values() for module in modules))
def test_a_verb_asks_for_the_permission_of_its_own_name(module):
    """In its body, or in the private function it hands over to: never another verb's."""
    source = inspect.getsource(ACTIONS[module])
    asked = set(re.findall(r'(?:require\(\s*actor,|_pending\()\s*f?"([a-z_]+:[a-z_{}]+)"', source))
    subject = next(name for name, where in MODULES.items() if module in where)
    assert asked and all(permission.startswith(f"{subject}:") for permission in asked)
    exact = {permission for permission in asked if "{" not in permission}
    assert exact <= set(PERMISSIONS)


def test_every_move_of_a_state_is_a_verb():
    known = {verb for _, verb in VERBS}
    assert {verb for verbs in MOVES.values() for verb in verbs} <= known


def test_a_verb_takes_who_and_when_by_name_and_never_asks_a_clock():
    for module in ACTIONS.values():
        for name, function in verbs_of(module).items():
            parameters = inspect.signature(function).parameters
            assert parameters["actor"].kind is inspect.Parameter.KEYWORD_ONLY, name
            assert parameters["now"].kind is inspect.Parameter.KEYWORD_ONLY, name
            assert parameters["now"].default is inspect.Parameter.empty, name


def test_every_event_is_told_by_a_sentence_that_names_its_actor_or_needs_none():
    for event, sentence in wording.EVENTS.items():
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", event)
        assert sentence[0].isupper() or sentence.startswith("%(actor)s")
        assert not sentence.endswith(".")


# Not used: each has a word of its own in this house.
WORDS_NOT_SAID = ("obligation", "audit_log", "audit_trail", "notification", "snooze", "on_hold")


@pytest.mark.parametrize("word", WORDS_NOT_SAID)
def test_a_word_that_has_a_better_one_here_names_nothing(word):
    named = [
        f"{file.relative_to(ROOT)}:{node.lineno} {name}"
        for file in sorted((ROOT / "registry").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (name := getattr(node, "name", None) or getattr(node, "id", None)) and isinstance(name, str)
        if word in name.lower()
    ]
    assert named == []


def test_a_day_is_on_and_an_instant_is_at():
    """`_date` and `_time` say neither."""
    pattern = re.compile(r"\b[a-z_]+_(date|time|datetime|timestamp)\s*=\s*(Date|Instant)\w*Field")
    for file in (config.PACKAGE / "records").glob("*.py"):
        assert not pattern.search(file.read_text(encoding="utf-8")), file.name
