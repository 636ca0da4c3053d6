"""The command: results on stdout, one sentence for an error, exit codes that scripts can rely on."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from registry import __version__, cli, config
from registry.records.database import database
from registry.rules import wording

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture
def registry(shared_database, tmp_path):
    """Run the command on a database of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    environment = {
        **own,
        "REGISTRY_DATABASE": shared_database,
        "REGISTRY_FILES": f"file://{tmp_path}/files",
        "REGISTRY_MAIL": f"file://{tmp_path}/mail",
        "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
        "REGISTRY_SIGNING_KEY": "11" * 32,
        "REGISTRY_CHECKPOINTS": f"file://{tmp_path}/checkpoints",
    }

    def run(*arguments: str, code: int = 0, umask: int = -1, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from registry.cli import main; main()", *arguments]
        own = {**environment, **settings}
        done = subprocess.run(command, env=own, umask=umask, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_a_register_is_made_filled_swept_and_verified(registry, tmp_path):
    assert registry("init").stdout == "The register is ready with 102 organisations.\n"
    real = str(config.data("learning_recommendations.csv"))
    assert registry("import", "recommendations", real).stdout.startswith(
        "30 recommendations imported, 0 already there\n"
    )
    assert registry("import", "recommendations", real).stdout.startswith(
        "0 recommendations imported, 30 already there\n"
    )
    assert registry("sweep", "--on", "2026-11-22").stdout == "0 reminders queued\n"
    assert registry("deliver").stdout == "0 messages sent, 0 failed\n"
    assert registry("status").stdout == (
        "Up to date; holds a register: 30 notices, 30 recommendations, 43 assignments, 102 organisations, 1 account. "
        f"Version {__version__}.\n"
    )
    assert json.loads(registry("verify", "history", "--json").stdout) == {"faults": [], "events": 1, "held_until": None}
    out = tmp_path / "kent.pdf"
    registry("report", "force", "--organisation", "kent", "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF-")
    assert "register" in registry("demo", code=2).stderr


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_whatever_is_written_is_for_its_owner_only(registry, tmp_path):
    var = tmp_path / "var"
    places = {"REGISTRY_FILES": f"file://{var}/files", "REGISTRY_MAIL": f"file://{var}/mail"}
    places["REGISTRY_CHECKPOINTS"] = f"file://{var}/checkpoints"
    places |= {"REGISTRY_DATABASE": f"sqlite:///{var}/registry.db"}
    registry("demo", umask=0o022, **places)
    # While it is open, what was written last stands beside the database.
    with closing(sqlite3.connect(var / "registry.db")) as opened:
        opened.execute("SELECT count(*) FROM person").fetchone()
        for arguments in (("sweep",), ("deliver",), ("doctor",), ("backup", f"{var}/b.registry")):
            registry(*arguments, umask=0o022, **places)
        report = ("--organisation", "aldermere", "--out", f"{var}/files/report.pdf")
        registry("report", "force", *report, umask=0o022, **places)
        modes = {str(file.relative_to(tmp_path)): file.stat().st_mode & 0o777 for file in [var, *var.rglob("*")]}
    expected = {"var", "var/registry.db", "var/registry.db-wal", "var/files", "var/files/report.pdf", "var/mail"}
    assert expected <= set(modes) and [name for name in modes if name.endswith(".eml")]
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_the_demonstration_is_loaded_once_and_prints_a_sign_in_for_each_role(registry):
    first = registry("demo", "--on", "2026-06-01").stdout
    assert first.count("@example.org") == 9
    assert registry("demo").stdout == first
    assert registry("demo", "--if-empty").stdout == first
    assert "demonstration" in registry("init", code=2).stderr


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (["nonsense"], {}, "No such command 'nonsense'."),
        (["sweep", "--on", "2026-02-30"], {}, "2026-02-30 is not a date; write it like 2026-03-27."),
        (["sweep", "--on", "9999-12-31"], {}, "9999-12-31 is out of range; give a year from 1985 to 2099."),
        (["deliver", "--at", "0001-01-01T00:00:00+14:00"], {}, "is out of range"),
        (["sweep"], {}, "The database holds nothing yet. Run: registry init"),
        (["status"], {"REGISTRY_SECRET_KEY": "short"}, "REGISTRY_SECRET_KEY must have 32 characters or more."),
        (["deliver", "--at", "noon"], {}, "noon is not an instant; write it like 2026-03-27T09:00:00Z."),
        (["status"], {"REGISTRY_DATABSE": "x"}, "REGISTRY_DATABSE is not a setting of the registry"),
        (["status"], {"REGISTRY_DATABASE": "mysql://x"}, "REGISTRY_DATABASE must begin with"),
        (["status"], {"REGISTRY_RESPONSE_DAY_RULE": "many"}, "REGISTRY_RESPONSE_DAY_RULE must be a whole number"),
        (["status"], {"REGISTRY_DATABASE": "psycopg3://u:secret@127.0.0.1:1/x"}, "The database cannot be used"),
        (["report", "force", "--organisation", "atlantis", "--out", "x.pdf"], {}, "atlantis"),
        (["import", "recommendations", "nowhere.csv"], {}, "nowhere.csv"),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr_and_exit_2(registry, arguments, settings, sentence):
    if arguments[0] in ("report", "import"):
        registry("init")
    done = registry(*arguments, code=2, **settings)
    assert sentence in done.stderr
    assert done.stdout == "" and "secret" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_backup_is_taken_and_restored_by_the_command(registry, tmp_path):
    registry("init")
    out = str(tmp_path / "b.registry")
    done = registry("backup", out)
    assert done.stdout.startswith(f"{out}: 0 events, 0 files, ")
    assert "The secrets are not in it: keep " in done.stderr
    assert "add --force" in registry("restore", out, code=2).stderr
    assert "in use" in (said := registry("restore", out, "--force", code=2).stderr) or "connected" in said
    # This process was the other one.
    database.close()
    getattr(database.obj, "close_all", database.close)()
    restored = registry("restore", out, "--force").stdout
    assert restored.startswith("Restored as it was at ")
    assert restored.endswith("The history is whole.\n")
    assert json.loads(registry("restore", out, "--force", "--json").stdout)["faults"] == []


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_backup_told_to_stop_leaves_nothing_half_made(shared_database, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "large").write_bytes(os.urandom(60_000_000))
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "b.registry"
    out.write_text("the backup of yesterday")
    settings = {"REGISTRY_DATABASE": shared_database, "REGISTRY_FILES": f"file://{tmp_path}/files"}
    settings["REGISTRY_CHECKPOINTS"] = f"file://{tmp_path}/checkpoints"
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    command = [sys.executable, "-c", "from registry.cli import main; main()", "backup", str(out)]
    backing_up = subprocess.Popen(command, env={**own, **settings}, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert any(line.startswith("Packing 1 file ") for line in backing_up.stderr)
    backing_up.terminate()
    backing_up.communicate(timeout=60)
    assert backing_up.returncode == 143
    assert [file.name for file in out.parent.iterdir()] == ["b.registry"]
    assert out.read_text() == "the backup of yesterday"


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["backup", "nowhere/b"], "There is no folder nowhere. Make it first."),
        (["restore", "nowhere"], "There is no file nowhere."),
        (["restore", "README.md"], "README.md is not a backup of the registry, or is damaged"),
    ],
)
def test_a_backup_that_cannot_be_is_one_sentence_last_and_exit_2(registry, arguments, sentence):
    assert sentence in registry(*arguments, code=2).stderr.splitlines()[-1]


def test_a_database_that_was_never_made_is_pending(registry, tmp_path):
    done = registry("status", code=1, REGISTRY_DATABASE=f"sqlite:///{tmp_path}/new.db")
    count = len(list(config.folder("migrations").glob("[0-9]*.py")))
    assert done.stdout == f"{wording.plural(count, 'migration')} pending. Version {__version__}.\n"


def commands(group, before=""):
    """Every command with its full name, those inside groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


def test_every_command_and_option_is_in_the_readme():
    assert "user add" in dict(commands(cli.registry))
    for name, command in commands(cli.registry):
        assert f"`registry {name}" in README, f"registry {name} is not documented"
        line = next(line for line in README.splitlines() if line.startswith(f"| `registry {name}"))
        for parameter in command.params:
            option = parameter.opts[0]
            if option.startswith("--") and option != "--json":
                assert option in line, f"registry {name} {option} is not documented"


def test_the_first_administrator_is_added_with_a_link_and_never_a_password(registry):
    registry("init")
    arguments = ("--name", "First Administrator", "--organisation", "regulator", "--role", "administrator")
    said = registry("user", "add", "first@example.org", *arguments).stdout
    assert said.startswith("http://127.0.0.1:8000/links/") and "password, once" in said
    told = json.loads(registry("user", "reset", "First@example.org", "--json").stdout)
    assert told["link"].startswith("http://127.0.0.1:8000/links/") and told["expires_at"]
    assert "without an administrator" in registry("user", "disable", "first@example.org", code=2).stderr
    registry("user", "add", "second@example.org", *arguments, "--json")
    assert json.loads(registry("user", "disable", "first@example.org", "--json").stdout)["active"] is False
    assert registry("deliver").stdout == "0 messages sent, 0 failed\n"


@pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)
def test_a_mistake_about_a_person_is_one_sentence(registry):
    registry("init")
    add = ("user", "add", "a", "--name", "A", "--organisation")
    mistakes = {
        ("user", "reset", "nobody@example.org"): "There is nobody with the address nobody@example.org.",
        (*add, "kent", "--role", "auditor"): "its roles are: liaison_officer, chief_officer_delegate.",
        (*add, "kent", "--role", "liaison_officer"): "one e-mail address",
        (*add, "oz", "--role", "auditor"): "There is no organisation oz.",
        (*add, "kent", "--role", "king"): "'king' is not one of",
        ("user", "nonsense"): "No such command 'nonsense'.",
    }
    for arguments, sentence in mistakes.items():
        done = registry(*arguments, code=2)
        assert sentence in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_data_for_benchmarks_are_loaded_again_and_again_but_never_over_anything_else(registry):
    for _ in range(2):
        done = registry("bench", "load", "--recommendations", "10", "--organisations", "3")
        assert done.stdout.startswith("30 assignments loaded.") and "30 assignments" in done.stderr
    registry("demo", "--fresh", "--on", "2026-06-01")
    assert "holds something else" in registry("bench", "load", code=2).stderr
