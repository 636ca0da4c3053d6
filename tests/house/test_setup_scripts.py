"""The scripts that make a machine ready: what a newcomer runs first must not be what breaks first."""

import configparser
import json
import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ROOT / "bin" / "locked"
VENDOR = ROOT / "registry" / "web" / "static" / "vendor"

SHELL_SCRIPTS = ["bin/lock", "bin/run", "bin/setup", "bin/test"]
LOCKS = ["setup.txt", "packages.txt", "test-packages.txt", "node.txt", "scan.txt"]

# Loopback, addresses for examples, and the name of a standard: no other host belongs in the project, an index least.
ADDRESS = re.compile(r"(?:https?|ftp|git)://(?:[^/\s@\"']*@)?([a-z0-9][a-z0-9.-]*)", re.IGNORECASE)
HOSTS = re.compile(r"127\.0\.0\.1|localhost|(?:[a-z]+\.)*example\.(?:org|com)|www\.w3\.org")


def pinned(lock: str) -> dict[str, str]:
    """The entries of a lock: package name -> everything said about it."""
    text = (LOCKED / lock).read_text()
    return {entry.split("==")[0]: entry for entry in re.split(r"\n(?=[a-z])", text) if "==" in entry}


def versions(lock: str) -> dict[str, str]:
    return {name: re.split(r"==|[ ;]", entry)[1] for name, entry in pinned(lock).items()}


def requirements(lines: str) -> set[str]:
    return {line.strip() for line in lines.splitlines() if line.strip() and not line.startswith("#")}


def tracked_files() -> list[Path]:
    """What git holds or would hold; in an unpacked sdist there is no git, nor anything to check."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [file for name in listed.split("\0") if name and (file := ROOT / name).is_file()]


@pytest.mark.parametrize("script", [*SHELL_SCRIPTS, "bin/assets", "bin/scan", ".ci/run"])
def test_script_is_executable(script):
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("script", SHELL_SCRIPTS)
def test_script_is_valid_posix_shell(script):
    subprocess.run(["sh", "-n", ROOT / script], check=True)


@pytest.mark.parametrize("script", ["bin/run", "bin/setup", "bin/assets"])
def test_script_refuses_an_argument_it_does_not_know(script):
    command = [ROOT / script, "--nonsense"]
    if script == "bin/assets":
        command = [ROOT / ".venv" / "bin" / "python", *command]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert result.returncode == 2
    assert result.stderr.startswith("usage:")


def test_ci_runs_every_test():
    assert re.search(r"^exec .*/bin/test\" --all$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock):
    assert pinned(lock)
    for name, entry in pinned(lock).items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name


def test_every_locked_npm_package_has_a_hash():
    packages = json.loads((LOCKED / "package-lock.json").read_text())["packages"]
    fetched = {path: package for path, package in packages.items() if path}
    assert {path for path, package in fetched.items() if not package["integrity"].startswith("sha512-")} == set()
    wanted = json.loads((LOCKED / "package.json").read_text())
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert fetched[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_lock_names_no_address(lock):
    assert "://" not in (LOCKED / lock).read_text()


def test_the_tests_run_with_the_versions_that_are_shipped():
    shipped, tested = versions("packages.txt"), versions("test-packages.txt")
    assert {name: tested.get(name) for name in shipped} == shipped
    assert versions("setup.txt")["setuptools"] == tested["setuptools"]


def test_lock_holds_what_was_asked_for():
    for lock in LOCKS:
        for requirement in requirements((LOCKED / lock).with_suffix(".in").read_text()):
            if not requirement.startswith("-"):
                assert re.match(r"[a-z0-9-]+", requirement)[0] in pinned(lock), f"{requirement}: run bin/lock"


@pytest.mark.parametrize(
    ("name", "said", "faults"),
    [
        ("sign-in", "429 (Too Many Requests) - 12 times", 0),
        ("sign-in", "409 (Conflict) - 27 times", 1),
        ("sign-in", "POST parameter 'email' is vulnerable. 429 (Too Many Requests) - 12 times", 1),
        ("search", "429 (Too Many Requests) - 12 times", 1),
    ],
)
def test_a_scan_that_our_own_limit_held_is_no_finding(name, said, faults, monkeypatch, tmp_path, capsys):
    scan = runpy.run_path(str(ROOT / "bin" / "scan"))
    monkeypatch.setitem(scan["try_sql"].__globals__, "WORK", tmp_path)
    ran = subprocess.CompletedProcess([], 0, f"testing 'AND boolean-based blind'\n{said}", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ran)
    assert len(scan["try_sql"](name, [], 60)) == faults
    assert ("held by the limit" in capsys.readouterr().out) == (faults == 0)


def test_the_installed_package_asks_for_the_same_as_the_lock():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    assert requirements(config["options"]["install_requires"]) == requirements((LOCKED / "packages.in").read_text())


def test_assets_hold_nothing_that_is_licensed_for_gov_uk_only():
    names = {file.name for file in VENDOR.iterdir()}
    assert {"govuk-frontend.min.css", "govuk-frontend.min.js", "fonts.css"} <= names
    assert {name for name in names if re.search(r"crest|crown|transport|logo|light-|bold-", name)} == set()
    for file in VENDOR.iterdir():
        said = file.read_bytes().lower()
        assert b"gds transport" not in said, file.name
        assert b"crest" not in said, file.name


def test_every_font_named_in_the_assets_is_there():
    fonts = (VENDOR / "fonts.css").read_text()
    files = re.findall(r"url\(([^)]+)\)", fonts)
    assert len(files) == 6
    for name in files:
        assert (VENDOR / name).read_bytes().startswith(b"wOF2")
    assert '"Source Sans 3",arial' in (VENDOR / "govuk-frontend.min.css").read_text("utf-8")


def test_no_file_leads_to_a_host_outside():
    """So no lock, script or setting can name a package index either."""
    for file in tracked_files():
        text = file.read_bytes().decode("utf-8", "ignore")
        assert [host for host in ADDRESS.findall(text) if not HOSTS.fullmatch(host.lower())] == [], file


def test_no_lock_says_where_a_package_comes_from():
    for lock in LOCKS:
        text = (LOCKED / lock).read_text()
        assert "index-url" not in text and "://" not in text, lock
    assert '"resolved"' not in (LOCKED / "package-lock.json").read_text()
