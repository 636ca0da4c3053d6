"""The product as it runs, and a real browser before it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from registry import config
from registry.records import migrating
from tests.browser.site import Site

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
# Background services of the browser would look for hosts outside; nothing here leaves the machine.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    found = [path for path in CHROMIUM if Path(path).exists()]
    assert found, "Chromium is not installed: run bin/setup --all"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def site(shared_database: str, tmp_path: Path) -> Iterator[Site]:
    """The demonstration, served with its worker as `bin/run` serves it, on either database."""
    assert not migrating.pending(config.folder("migrations"))
    with _served(shared_database, tmp_path, "--with-worker") as found:
        yield found


@pytest.fixture(scope="session")
def common_site(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One served demonstration for the whole session: for tests that read, or that mind no change by another."""
    folder = tmp_path_factory.mktemp("common-site")
    database = shutil.copy(sqlite_template.file, folder / "registry.db")
    with _served(f"sqlite:///{database}", folder) as found:
        yield found


@contextmanager
def _served(database: str, folder: Path, *options: str) -> Iterator[Site]:
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")},
        "REGISTRY_DATABASE": database,
        "REGISTRY_FILES": f"file://{folder}/files",
        "REGISTRY_SIGNING_KEY": "11" * 32,
        "REGISTRY_CHECKPOINTS": f"file://{folder}/checkpoints",
        "REGISTRY_MAIL": f"file://{folder}/mail",
        "REGISTRY_BASE_URL": f"http://127.0.0.1:{port}",
        "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
    }
    registry = [sys.executable, "-c", "from registry.cli import main; main()"]
    subprocess.run([*registry, "demo"], env=environment, check=True, capture_output=True)
    serving = subprocess.Popen([*registry, "serve", "--port", str(port), "--workers", "1", *options], env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield Site(f"http://127.0.0.1:{port}", folder / "mail", [*registry], environment)
    finally:
        serving.terminate()
        assert serving.wait(30) == 0, "the server did not stop cleanly"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer in {seconds} seconds")
