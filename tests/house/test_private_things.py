"""Nothing in the repository names a real person's address, a machine, or a secret."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b")
# Reserved for examples (RFC 2606): nobody can ever be written to there.
RESERVED = re.compile(r"(^|\.)(example\.(org|com|net)|invalid|test)$")
# Spelt in halves, so that this file does not find itself.
MACHINE = re.compile(
    "|".join(("/wo" + "rk/", "/ho" + r"me/\w", "/Us" + r"ers/\w", "/ro" + "ot/", r"[A-Z]:\\\\Us" + "ers"))
)
SECRET = re.compile("BEGIN (RSA |EC |OPENSSH )?PRIVATE" + " KEY|AKIA" + "[0-9A-Z]{16}|gh[pousr]_" + "[A-Za-z0-9]{36}")


def tracked():
    """Files in git, and those that are about to be: neither ignored nor binary."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8000]]


@pytest.fixture(scope="module")
def texts():
    found = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8", errors="replace") for file in tracked()}
    assert len(found) > 50
    return found


def found(pattern, texts):
    return [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_every_address_is_one_reserved_for_examples(texts):
    real = [
        f"{name}: {match.group()}"
        for name, text in texts.items()
        for match in ADDRESS.finditer(text)
        if not RESERVED.search(match.group(1).lower())
    ]
    assert real == []


def test_no_file_knows_the_machine_it_was_written_on(texts):
    assert found(MACHINE, texts) == []


def test_no_file_holds_a_key(texts):
    assert found(SECRET, texts) == []


def test_a_mistake_would_be_found():
    assert ADDRESS.search("write to somebody@" + "police.uk")
    assert not RESERVED.search("police.uk") and not RESERVED.search("notexample.org")
    assert RESERVED.search("kent.example.org")
    assert MACHINE.search("see /wo" + "rk/main/x")
