"""The command: results on stdout, one sentence for an error, exit codes that scripts can rely on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry import cli, config
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
    }

    def run(*arguments: str, code: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from registry.cli import main; main()", *arguments]
        done = subprocess.run(command, env={**environment, **settings}, capture_output=True, text=True, timeout=120)
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
    assert registry("status").stdout == "Up to date; holds a register.\n"
    assert json.loads(registry("verify", "history", "--json").stdout) == {"faults": [], "events": 1}
    out = tmp_path / "kent.pdf"
    registry("report", "force", "--organisation", "kent", "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF-")
    assert "register" in registry("demo", code=2).stderr


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


def test_a_database_that_was_never_made_is_pending(registry, tmp_path):
    done = registry("status", code=1, REGISTRY_DATABASE=f"sqlite:///{tmp_path}/new.db")
    count = len(list(config.folder("migrations").glob("[0-9]*.py")))
    assert done.stdout == f"{wording.plural(count, 'migration')} pending.\n"


def test_every_command_and_option_is_in_the_readme():
    for name, command in cli.registry.commands.items():
        assert f"`registry {name}" in README, f"registry {name} is not documented"
        line = next(line for line in README.splitlines() if line.startswith(f"| `registry {name}"))
        for parameter in command.params:
            option = parameter.opts[0]
            if option.startswith("--") and option != "--json":
                assert option in line, f"registry {name} {option} is not documented"


def test_data_for_benchmarks_are_loaded_again_and_again_but_never_over_anything_else(registry):
    for _ in range(2):
        done = registry("bench", "load", "--recommendations", "10", "--organisations", "3")
        assert done.stdout.startswith("30 assignments loaded.") and "30 assignments" in done.stderr
    registry("demo", "--fresh", "--on", "2026-06-01")
    assert "holds something else" in registry("bench", "load", code=2).stderr
