"""How much memory the web server and the worker hold at rest, and how soon the first page is answered.

    .venv/bin/python bench/resting.py

On a small register, each started as the product starts it; memory is proportional: what processes share counts once.
The start is the quickest of three.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import pages  # noqa: E402
from tests.postgres import cluster  # noqa: E402

SETTLED_SECONDS = 8


def worker(settings: dict[str, str]) -> float:
    """Memory of the worker once it has done what was due, in MB."""
    command = [sys.executable, "-c", "from registry.cli import main; main()", "worker"]
    process = subprocess.Popen(command, env=settings, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        time.sleep(SETTLED_SECONDS)
        return pages.memory(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def measure(name: str, settings: dict[str, str]) -> None:
    """Three lines of the table."""
    waits, held = [], 0.0
    for _ in range(3):
        with pages.server(settings, compared=False) as (_, wait, process):
            waits.append(wait)
            held = pages.memory(process)
    pages.row(name, "start to first answer", f"{min(waits):.1f} s", "≤ 2 s")
    pages.row(name, "web at rest (all processes)", f"{held:.0f} MB", "≤ 150 MB")
    pages.row(name, "worker at rest", f"{worker(settings):.0f} MB", "≤ 150 MB")


def main() -> None:
    with cluster() as postgres, tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/resting.db", "PostgreSQL": postgres.create_database("resting")}
        for name, url in urls.items():
            settings = pages.environment(url, Path(folder))
            pages.load(10_000, settings)
            measure(name, settings)


if __name__ == "__main__":
    main()
