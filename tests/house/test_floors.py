"""Each floor imports only floors below it (setup.cfg holds the contracts; the README shows them)."""

import configparser
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ("floors", "rules", "weasyprint", "flask", "apscheduler")


@pytest.fixture(scope="module")
def settings():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_import_keeps_to_its_floor(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    broken = lint_imports(no_cache=True, no_logo=True)
    assert broken == 0, capsys.readouterr().out


def test_the_contracts_are_all_there(settings):
    held = [name.removeprefix("importlinter:contract:") for name in settings if name.startswith("importlinter:")]
    assert set(CONTRACTS) <= set(held)


def test_the_floors_stand_in_their_order(settings):
    contract = settings["importlinter:contract:floors"]
    assert contract["exhaustive"] == "True", "a new part of the package must be given a floor"
    assert contract["layers"].split("\n")[1:] == [
        "cli",
        "app | answering | serving | worker",
        "web",
        "reporting | channels",
        "actions",
        "records",
        "config | logs",
        "rules",
    ]
