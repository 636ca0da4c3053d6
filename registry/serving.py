"""The production server, and for one machine the worker beside it, stopped together.

How gunicorn is set up stands in answering.py.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

import structlog

from registry import logs

# More than gunicorn and a job under way are given to end.
GRACE_SECONDS = 30
# The pause before a worker that died is started again: twice as long each time, from the first again once it held.
FIRST_PAUSE, LONGEST_PAUSE = 1, 60
HELD_SECONDS = 120

log = structlog.get_logger()


class Died(Exception):
    """The web server ended without being told to."""


def serve_for_ever(host: str, port: int, workers: int, with_worker: bool, log_mode: str = "auto") -> str | None:
    """Serve until stopped. Returns a sentence when it could not start; a worker that dies is started again.

    The first SIGTERM or Ctrl-C lets running requests and jobs end, the second does not. Raises Died.
    """
    fault = _port_fault(host, port)
    if fault:
        return fault
    counts = tempfile.mkdtemp(prefix="registry-counts-")
    programs = [_Program(_web(host, port, workers), {"PROMETHEUS_MULTIPROC_DIR": counts})]
    programs += [_Program(_worker(), {})] if with_worker else []
    _greet(f"http://{host}:{port}", log_mode)
    try:
        _Family(programs).run()
    finally:
        shutil.rmtree(counts, ignore_errors=True)
    return None


def _greet(address: str, log_mode: str) -> None:
    logs.use(log_mode)
    if logs.as_json(log_mode):
        log.info("serving", address=address)
    else:
        print(f"Serving {address} – stop with Ctrl-C", file=sys.stderr, flush=True)


def _port_fault(host: str, port: int) -> str | None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Cannot serve on {host}:{port}: {error.strerror}. Choose another with --port (bin/run: PORT=…)."
    return None


def _web(host: str, port: int, workers: int) -> list[str]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = ["--config", "python:registry.answering", "--bind", address, "--workers", str(workers)]
    return [sys.executable, "-m", "gunicorn", *options, "registry.app:serve()"]


def _worker() -> list[str]:
    return [sys.executable, "-c", "from registry.cli import main; main()", "worker"]


@dataclass
class _Program:
    """One of the processes: how it is started, and how it has fared."""

    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    again_at: float = 0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the parent, which stops all in order."""
        environment = {**os.environ, **self.environment}
        self.process = subprocess.Popen(
            self.command, env=environment, start_new_session=True, preexec_fn=_end_with_parent
        )
        self.started, self.again_at = time.monotonic(), 0

    @property
    def runs(self) -> bool:
        """True while its process is there."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> None:
        """Start it again after a pause when it has died."""
        now = time.monotonic()
        if self.runs:
            return
        if not self.again_at:
            self.pause = FIRST_PAUSE if now - self.started > HELD_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
            self.again_at = now + self.pause
            log.error("the worker stopped and is started again", code=self._code(), seconds=self.pause)
        elif now >= self.again_at:
            self.start()

    def _code(self) -> int | None:
        return self.process.returncode if self.process else None

    def tell(self, number: int) -> None:
        """Send it a signal if it is there."""
        if self.process and self.runs:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it and whatever it has started."""
        if self.process and self.runs:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """Should the parent be killed outright, Linux tells its children to stop: no port stays taken."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


class _Family:
    """The processes that live and stop together; the first is the web server."""

    def __init__(self, programs: list[_Program]):
        self.web, *self.others = self.programs = programs
        self.told = 0

    def run(self) -> None:
        """Run until told to stop; raises Died when the web server ended by itself."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for program in self.programs:
            program.start()
        while not self.told and self.web.runs:
            for program in self.others:
                program.revive()
            time.sleep(0.2)
        told = self.told
        self._end()
        if not told:
            raise Died("The web server stopped by itself; its reason stands above.")

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.told += 1

    def _end(self) -> None:
        """Tell all to stop and wait; the second signal, or the end of patience, kills what is left."""
        for program in self.programs:
            program.tell(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        first = max(self.told, 1)
        while any(program.runs for program in self.programs):
            if self.told > first or time.monotonic() > until:
                self._kill()
            time.sleep(0.05)

    def _kill(self) -> None:
        """End at once, each with the processes of its session: what gunicorn and the worker have started."""
        for program in self.programs:
            program.kill()
