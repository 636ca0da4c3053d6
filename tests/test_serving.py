"""`registry serve` as it runs: what is begun is finished, what dies comes back, and nothing is left behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import given
from tests.postgres import free_port

ROOT = Path(__file__).parents[1]
ENOUGH = 20
FORM = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@dataclass
class Served:
    """A running `registry serve`, its port, the folder for its temporary files, and its log."""

    process: subprocess.Popen
    port: int
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def children(self, parent: int | None = None) -> dict[int, str]:
        """The processes it started, and theirs: number -> command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == (parent or self.process.pid):
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
                    found |= self.children(int(folder.name))
        return found

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=ENOUGH)

    def get(self, path: str) -> bytes:
        with closing(self.connect()) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return read_all(connection)

    def answers(self) -> bool:
        with suppress(OSError):
            return b" 200 " in self.get("/readyz").partition(b"\r\n")[0]
        return False

    def half_a_request(self) -> socket.socket:
        """A form of which half has arrived: a thread is busy with it."""
        connection = self.connect()
        connection.sendall(FORM + b"Content-Length: 20\r\n\r\nemail=half")
        time.sleep(0.5)
        return connection

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(ENOUGH)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def until(condition: Callable[[], object], seconds: float = ENOUGH) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def gone(numbers: dict[int, str]) -> bool:
    return not any(alive(number) for number in numbers)


def alive(number: int) -> bool:
    with suppress(OSError):
        return (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def umask(number: int) -> str:
    return re.search(r"Umask:\s*(\d+)", (Path("/proc") / str(number) / "status").read_text()).group(1)


@pytest.fixture
def serve(shared_database, tmp_path) -> Iterator[Callable[..., Served]]:
    """Start it with these arguments, and wait until it answers."""
    given.a_register()
    started: list[Served] = []

    def start(*arguments: str, answering: bool = True) -> Served:
        folder = tmp_path / f"run-{len(started)}"
        folder.mkdir()
        (folder / "tmp").mkdir()
        port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")},
            "REGISTRY_DATABASE": shared_database,
            "REGISTRY_FILES": f"file://{folder}/files",
            "REGISTRY_SIGNING_KEY": "11" * 32,
            "REGISTRY_CHECKPOINTS": f"file://{folder}/checkpoints",
            "REGISTRY_MAIL": f"file://{folder}/mail",
            "REGISTRY_SECRET_KEY": "long enough for tests and nothing else",
            "TMPDIR": str(folder / "tmp"),
        }
        command = [sys.executable, "-c", "from registry.cli import main; main()", "serve", "--port", str(port)]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen([*command, *arguments], env=environment, stderr=log, stdout=log, cwd=ROOT)
        served = Served(process, port, folder)
        started.append(served)
        if answering:
            until(served.answers)
        return served

    yield start
    for served in started:
        left = served.children()
        served.process.kill()
        served.process.wait()
        for number in left:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


sqlite_only = pytest.mark.parametrize("shared_database", ["sqlite"], indirect=True)


def test_told_to_stop_it_finishes_what_it_has_begun_and_leaves_nothing(serve):
    served = serve("--workers", "1", "--with-worker")
    until(lambda: "worker started" in served.log)
    family = served.children()
    assert len(family) == 3
    assert {umask(number) for number in family} == {"0077"}
    busy = served.half_a_request()
    served.process.send_signal(signal.SIGTERM)
    until(lambda: not served.answers())
    assert served.process.poll() is None, "it did not wait for the request"
    busy.sendall(b"&password=")
    with busy:
        assert read_all(busy).startswith(b"HTTP/1.1 400 ")
    assert served.process.wait(ENOUGH) == 0
    assert gone(family)
    assert list((served.folder / "tmp").iterdir()) == []
    lines = [json.loads(line) for line in served.log.splitlines()]
    assert lines[0] == {**lines[0], "event": "serving", "address": f"http://127.0.0.1:{served.port}"}
    assert "worker stopped" in [line["event"] for line in lines]


@sqlite_only
def test_the_second_signal_ends_it_at_once(serve):
    served = serve("--workers", "1", "--with-worker")
    family = served.children()
    busy = served.half_a_request()
    served.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    began = time.monotonic()
    assert served.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 5
    with busy:
        assert read_all(busy) == b""
    until(lambda: gone(family))


@sqlite_only
def test_a_web_process_that_crashes_is_replaced(serve):
    served = serve("--workers", "1")
    master = next(iter(served.children()))
    (crashed,) = served.children(master)
    os.kill(crashed, signal.SIGKILL)
    until(lambda: set(served.children(master)) - {crashed})
    until(served.answers)
    assert served.stop() == 0


@sqlite_only
def test_a_worker_that_dies_is_started_again_after_a_pause_that_grows(serve):
    served = serve("--workers", "1", "--with-worker")
    for seconds in (2, 4):
        until(lambda: [line for line in served.children().values() if line.rstrip().endswith(" worker")])
        number = next(number for number, line in served.children().items() if line.rstrip().endswith(" worker"))
        os.kill(number, signal.SIGKILL)
        until(lambda: f'"seconds": {seconds}' in served.log)  # noqa: B023
    began = time.monotonic()
    assert served.stop() == 0, "the pause does not hold up the end"
    assert time.monotonic() - began < 10


@sqlite_only
def test_when_the_web_server_dies_the_worker_stops_too_and_the_exit_code_says_so(serve):
    served = serve("--workers", "1", "--with-worker")
    family = served.children()
    master = next(number for number, line in family.items() if "gunicorn" in line)
    os.kill(master, signal.SIGKILL)
    assert served.process.wait(ENOUGH) == 1
    assert served.log.splitlines()[-1] == "The web server stopped by itself; its reason stands above."
    until(lambda: gone(family))


@sqlite_only
def test_killed_outright_it_takes_its_children_along_and_frees_the_port(serve):
    served = serve("--workers", "1", "--with-worker")
    family = served.children()
    served.process.kill()
    until(lambda: gone(family))
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", served.port))


@sqlite_only
def test_a_port_that_is_taken_is_said_in_a_sentence_and_nothing_is_started(serve):
    served = serve("--workers", "1")
    second = serve("--port", str(served.port), answering=False)
    assert second.process.wait(ENOUGH) == 2
    assert re.fullmatch(rf"Cannot serve on 127\.0\.0\.1:{served.port}: Address .*\n", second.log)


@sqlite_only
def test_requests_are_counted_over_all_processes_and_health_is_not_logged(serve):
    served = serve("--workers", "2")
    for _ in range(20):
        assert b" 200 OK" in served.get("/organisations?q=sEcReT")
    count = re.search(
        rb'registry_requests_total\{endpoint="public.organisations",status="2xx"\} (\d+)', served.get("/metrics")
    )
    assert count and int(count.group(1)) == 20
    requests = [line for line in map(json.loads, served.log.splitlines()) if line["event"] == "request"]
    assert [line["path"] for line in requests] == ["/organisations"] * 20
    assert "sEcReT" not in served.log


@sqlite_only
@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 40),
        (FORM + b"Content-Length: 20000\r\n\r\nemail=", 60),
        (FORM + b"Transfer-Encoding: chunked\r\n\r\n4e20\r\nemail=", 60),
    ],
    ids=["head", "body", "chunked body"],
)
def test_clients_that_never_finish_their_head_or_body_do_not_keep_others_out(serve, start, seconds):
    """One process of four threads, all of them held: after ten or twenty seconds they are free again."""
    served = serve("--workers", "1")
    slow = [served.connect() for _ in range(8)]
    for connection in slow:
        connection.sendall(start)
    end = time.monotonic() + seconds
    while time.monotonic() < end and slow:
        for connection in list(slow):
            try:
                connection.sendall(b"a")
            except OSError:
                slow.remove(connection)
                connection.close()
        time.sleep(0.2)
    assert slow == []
    assert b" 200 " in served.get("/healthz")
    assert "Traceback" not in served.log
