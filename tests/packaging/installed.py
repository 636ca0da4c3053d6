"""The package as somebody else has it: Pythons of this machine, clean environments, and the command run in them."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ROOT / "bin" / "locked"
UV = Path(sys.executable).with_name("uv")
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
# What bin/setup asks of a Python too; and the version, since a shim may answer for another one.
ABLE = "import ensurepip, sqlite3, ssl, sys, venv; print('%d.%d' % sys.version_info[:2])"
# The folders beside registry/ that stand inside it once installed.
MAPPED = ("migrations", "reports", "templates")


def pythons() -> dict[str, str]:
    """The Pythons of this machine that the register supports: version -> program. Nothing is downloaded."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    running = "{}.{}".format(*sys.version_info[:2])
    found = {running: sys.executable}
    for version in SUPPORTED:
        programs = [*sorted(map(str, kept.glob(f"{version}.*/bin/python")), reverse=True), f"/usr/bin/python{version}"]
        for program in programs:
            if version not in found and _says(program) == version:
                found[version] = program
    return found


def _says(program: str) -> str:
    try:
        return subprocess.run([program, "-c", ABLE], capture_output=True, text=True, timeout=30).stdout.strip()
    except OSError:
        return ""


def tracked() -> list[str]:
    """What git holds or would hold, as paths from the project's folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def assets() -> list[str]:
    """The page assets that bin/setup built, as paths from the project's folder."""
    vendor = ROOT / "registry" / "web" / "static" / "vendor"
    return sorted(str(file.relative_to(ROOT)) for file in vendor.iterdir())


def copy(names: list[str], to: Path) -> Path:
    """A folder with these files of the project."""
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, to / name)
    return to


def sound(command: list[str | Path], **options: object) -> str:
    """Run a program that must succeed; returns what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def environment(folder: Path, python: str, *what: str | Path) -> Path:
    """A clean virtual environment with the locked packages, and then `what`; returns its folder."""
    sound([UV, "venv", "--quiet", "--no-python-downloads", "--python", python, folder])
    into = [UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    # setuptools stands in setup.txt: with it an sdist is built without asking a network for it.
    sound([*into, "--require-hashes", "-r", LOCKED / "packages.txt", "-r", LOCKED / "setup.txt"])
    sound([*into, "--no-deps", "--no-build-isolation", *what])
    return folder


@dataclass
class Installed:
    """The `registry` command of an environment, run in a folder that is not the project's."""

    environment: Path
    folder: Path

    def run(self, *arguments: str | Path) -> str:
        return sound([self.environment / "bin" / "registry", *arguments], cwd=self.folder, env=self.variables())

    def python(self, code: str) -> str:
        return sound([self.environment / "bin" / "python", "-c", code], cwd=self.folder, env=self.variables()).strip()

    def variables(self) -> dict[str, str]:
        """Nothing of the tests' own environment leads back to the checkout."""
        left_out = ("REGISTRY_", "PYTHON", "VIRTUAL_ENV")
        own = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return own | {"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address at which the pages are served for the block."""
        port = free_port()
        command = [self.environment / "bin" / "registry", "serve", "--port", str(port), "--workers", "1"]
        process = subprocess.Popen(command, cwd=self.folder, env=self.variables(), stderr=subprocess.PIPE)
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
        assert b"Traceback" not in said, said.decode()

    def an_organisation(self, data: Path) -> str:
        with closing(sqlite3.connect(data / "registry.db")) as database:
            return database.execute("SELECT slug FROM organisation WHERE type = 'territorial'").fetchone()[0]


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the server stopped by itself"
        time.sleep(0.1)
    raise AssertionError("the server does not listen")


def fetched(address: str) -> bytes:
    """The body of a page that must be there."""
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{address}: {error.code}") from error


def static_files(page: bytes) -> set[str]:
    """The addresses below /static that a page leads to."""
    return set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.decode()))


def checks(doctor: str) -> dict[str, str]:
    """How each check of `registry doctor --json` went."""
    return {check["name"]: check["state"] for check in json.loads(doctor)["checks"]}
