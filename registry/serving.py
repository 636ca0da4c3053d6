"""The production server, and for one machine the worker beside it, stopped together."""

import signal
import socket
import subprocess
import sys
import time
from types import FrameType

GRACE_SECONDS = 30


def serve_for_ever(host: str, port: int, workers: int, with_worker: bool) -> str | None:
    """Serve until stopped. Returns a sentence when it could not start; a worker that dies is started again."""
    fault = _port_fault(host, port)
    if fault:
        return fault
    commands = [_web(host, port, workers)] + ([_worker()] if with_worker else [])
    print(f"Serving http://{host}:{port} – stop with Ctrl-C", file=sys.stderr, flush=True)
    return _Family(commands).run()


def _port_fault(host: str, port: int) -> str | None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Cannot serve on {host}:{port}: {error.strerror}. Choose another with --port (bin/run: PORT=…)."
    return None


def _web(host: str, port: int, workers: int) -> list[str]:
    options = ["--bind", f"{host}:{port}", "--workers", str(workers), "--threads", "4", "--worker-class", "gthread"]
    quiet = ["--log-level", "warning", "--graceful-timeout", "10", "--no-control-socket", "--forwarder-headers", ""]
    # Loaded once and shared: the processes start sooner and take half the memory. No connection is open yet.
    quiet += ["--preload"]
    return [sys.executable, "-m", "gunicorn", *options, *quiet, "registry.app:serve()"]


def _worker() -> list[str]:
    return [sys.executable, "-c", "from registry.cli import main; main()", "worker"]


class _Family:
    """The processes that live and stop together; the first is the web server."""

    def __init__(self, commands: list[list[str]]):
        self.commands = commands
        self.stopping = False
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self) -> str | None:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        # Children of their own session: Ctrl-C reaches this process, which stops them in order.
        self.processes = [self._start(command) for command in self.commands]
        while not self.stopping and self.processes[0].poll() is None:
            self._revive()
            time.sleep(0.2)
        failed = not self.stopping
        self._end()
        return "The web server stopped by itself; its reason stands above." if failed else None

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, start_new_session=True)

    def _revive(self) -> None:
        for place, process in enumerate(self.processes[1:], start=1):
            if process.poll() is not None:
                print("The worker stopped and is started again in 5 seconds.", file=sys.stderr, flush=True)
                time.sleep(5)
                self.processes[place] = self._start(self.commands[place])

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
