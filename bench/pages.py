"""How quickly pages are answered, with how much memory, against limits and against the same page by one f-string.

    .venv/bin/python bench/pages.py [--quick] [10000 100000 1000000]

Loads a made-up register of each size into SQLite and into a private PostgreSQL, starts the product's own server with
two workers on loopback for each, and prints one table. Needs wrk (apt) and PostgreSQL's programs.
"""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from registry import serving  # noqa: E402
from registry.actions.bench_data import PASSWORD, SIGN_INS  # noqa: E402
from tests.postgres import cluster, free_port  # noqa: E402

ORGANISATIONS = 100
CLIENTS = 8
SCRIPT = """
done = function(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  local rate = summary.requests / summary.duration * 1e6
  io.write(string.format("R %f %f %d\\n", rate, latency:percentile(95) / 1000, bad))
end
"""


def environment(url: str, folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    key = "only for benchmarks on this machine alone"
    return {
        **own,
        "REGISTRY_DATABASE": url,
        "REGISTRY_FILES": f"file://{folder}/files",
        "REGISTRY_SECRET_KEY": key,
        "REGISTRY_CHECKPOINTS": f"file://{folder}/checkpoints",
    }


def load(size: int, settings: dict[str, str]) -> float:
    """Fill the database; the seconds it took."""
    started = time.monotonic()
    command = [sys.executable, "-c", "from registry.cli import main; main()", "bench", "load"]
    numbers = ["--recommendations", str(size // ORGANISATIONS), "--organisations", str(ORGANISATIONS)]
    subprocess.run(command + numbers, env=settings, check=True, cwd=ROOT, capture_output=True)
    return time.monotonic() - started


@contextmanager
def server(settings: dict[str, str], compared: bool = True) -> Iterator[tuple[int, float, int]]:
    """The product's server (with the comparisons beside it, or as it is): port, seconds to first answer, process."""
    port = free_port()
    if compared:
        parts = serving._web("127.0.0.1", port, 2)
        command = [part.replace("registry.app:serve()", "bench.site:serve()") for part in parts]
    else:
        main = "from registry.cli import main; main()"
        command = [sys.executable, "-c", main, "serve", "--port", str(port)]
    # As a service is started the second time: with what Python compiled the first.
    settings = {name: value for name, value in settings.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    process = subprocess.Popen(command, env=settings, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while time.monotonic() - started < 60:
            try:
                get(port, "/", {})
                break
            except OSError:
                time.sleep(0.02)
        yield port, time.monotonic() - started, process.pid
    finally:
        process.terminate()
        process.wait(30)


def get(port: int, path: str, headers: dict[str, str], body: str | None = None) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST" if body else "GET", path, body, headers)
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read().decode()
    connection.close()
    return found


def sign_in(port: int, role: str) -> str:
    """The session cookie of the person with that role."""
    _, headers, html = get(port, "/sign-in", {})
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert token
    form = urlencode({"email": SIGN_INS[role], "password": PASSWORD, "csrf_token": token[1]})
    kind = "application/x-www-form-urlencoded"
    sent = {"Cookie": headers["Set-Cookie"].partition(";")[0], "Content-Type": kind}
    status, headers, _ = get(port, "/sign-in", sent, form)
    assert status == 302, status
    return headers["Set-Cookie"].partition(";")[0]


def hammer(port: int, path: str, headers: dict[str, str], seconds: int, runs: int = 3) -> tuple[float, float]:
    """Requests a second and the 95th percentile in ms at 8 clients; medians of several runs."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT)
        script.flush()
        extra = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "-s", script.name, *extra]
        found = []
        for _ in range(runs):
            address = f"http://127.0.0.1:{port}{path}"
            done = subprocess.run([*command, address], capture_output=True, text=True, check=True)
            rate, late, bad = re.search(r"R (\S+) (\S+) (\d+)", done.stdout).groups()
            assert bad == "0", f"{path}: {bad} bad answers"
            found.append((float(rate), float(late)))
    return median(rate for rate, _ in found), median(late for _, late in found)


def memory(process: int) -> float:
    """Proportional memory of a process and all below it, in MB: what they share is counted once."""
    total, found = 0, [process]
    while found:
        one = found.pop()
        rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
        found += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return total / 1024


def plain(html: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"|\s', "", html)


def row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def measure(name: str, size: int, settings: dict[str, str], seconds: int, first: dict[str, float]) -> None:
    """All figures of one size on one database; `first` keeps those of the smallest for the ratio to it."""
    where = f"{name}, {size:,}"
    with server(settings) as (port, _, _):
        cookie = {"Cookie": sign_in(port, "case_officer")}
        same = plain(get(port, "/assignments", cookie)[2]) == plain(get(port, "/bench/assignments", cookie)[2])
        row(where, "the f-string's page is the product's", "yes" if same else "NO", "yes")
        static, _ = hammer(port, "/bench/static", cookie, seconds)
        by_hand, _ = hammer(port, "/bench/assignments", cookie, seconds)
        pages = {"list": ("/assignments", cookie), "regulator's desk": ("/desk", cookie)}
        pages["force's list"] = ("/assignments", {"Cookie": sign_in(port, "liaison_officer")})
        pages["force's desk"] = ("/desk", pages["force's list"][1])
        pages["public list"] = ("/recommendations", {})
        for title, (path, headers) in pages.items():
            rate, late = hammer(port, path, headers, seconds)
            row(where, f"{title}: requests/s; p95", f"{rate:.0f}; {late:.0f} ms", "p95 ≤ 50 ms")
            if title == "list":
                row(where, "list against one f-string", f"{rate / by_hand:.0%} of {by_hand:.0f}", "≥ 60 %")
                row(where, "list against static bytes", f"{rate / static:.0%} of {static:.0f}", "for information")
            slower = first.setdefault(f"{name} {title}", rate) / rate
            row(where, f"{title}: time against 10,000", f"{slower:.2f} ×", "≤ 1.3 ×")
        tag = get(port, "/recommendations", {})[1]["ETag"]
        rate, _ = hammer(port, "/recommendations", {"If-None-Match": tag}, seconds)
        row(where, "public page, not changed: requests/s", f"{rate:.0f}", "≥ 2,000")
    with server(settings, compared=False) as (port, wait, process):
        row(where, "start to first answer", f"{wait:.1f} s", "≤ 2 s")
        row(where, "web at rest (all processes)", f"{memory(process):.0f} MB", "≤ 150 MB")


def main(sizes: list[int], seconds: int) -> None:
    row("where", "what", "figure", "limit")
    row(*["---"] * 4)
    first: dict[str, float] = {}
    with cluster() as postgres, tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            urls = {"SQLite": f"sqlite:///{folder}/{size}.db", "PostgreSQL": postgres.create_database(f"bench_{size}")}
            for name, url in urls.items():
                settings = environment(url, Path(folder))
                row(f"{name}, {size:,}", "loading", f"{load(size, settings):.0f} s", "minutes at most")
                measure(name, size, settings, seconds, first)


if __name__ == "__main__":
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: sudo apt-get install wrk")
    quick = "--quick" in sys.argv
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    main(numbers or [10_000, 100_000, 1_000_000], 1 if quick else 4)
