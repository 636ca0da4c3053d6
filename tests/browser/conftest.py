"""The product as it runs, and a real browser before it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
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
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")},
        "REGISTRY_DATABASE": shared_database,
        "REGISTRY_FILES": f"file://{tmp_path}/files",
        "REGISTRY_MAIL": f"file://{tmp_path}/mail",
        "REGISTRY_BASE_URL": f"http://127.0.0.1:{port}",
        "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
    }
    registry = [sys.executable, "-c", "from registry.cli import main; main()"]
    subprocess.run([*registry, "demo"], env=environment, check=True, capture_output=True)
    serving = subprocess.Popen(
        [*registry, "serve", "--port", str(port), "--workers", "1", "--with-worker"], env=environment
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield Site(f"http://127.0.0.1:{port}", tmp_path / "mail", [*registry], environment)
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
