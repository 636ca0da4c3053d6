"""How gunicorn runs the web application: every option with its reason, its worker, its log.

`registry serve` gives it to gunicorn by name; address and number of workers come from the command.
"""

import logging
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

from registry import logs
from registry.config import load

# Whatever its processes write is for the register's own account only, also when gunicorn is started by hand.
os.umask(0o077)

# ---- options, under the names gunicorn knows them by

# Pages wait for the database and for the network: threads share the memory of one process.
worker_class = "registry.answering.PatientWorker"
threads = 4
# Loaded once and shared: the processes start sooner and take half the memory. No connection is open before they part.
preload_app = True
# A process that shows no sign of life for so long hangs as a whole and is replaced; a slow page alone does not.
timeout = 60
# What runs when it is told to stop may end within this; `registry serve` waits a little longer.
graceful_timeout = 25
# A browser asks for a page's parts within a second or two; longer would only hold connections.
keepalive = 5
# Memory that some library never gives back ends with the process; spread, so that not all restart at once.
max_requests = 50_000
max_requests_jitter = 5_000
# The sign of life is a file's time: on a busy disk even that can wait.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# What it says of itself is worth a line when something is wrong. Requests are logged by the application.
loglevel = "warning"
logger_class = "registry.answering.Log"
# A way in for other programs that nobody asked for.
control_socket_disable = True
# Nobody in front of us decides under which path we are served.
forwarder_headers = ""

# ---- patience with slow clients

HEAD_SECONDS = 10
# From the head to the end of the body: the largest form or file, 3 MB, by a slow line.
BODY_SECONDS = 20
# From the head to the end of the answer: working on it, and fetching a long file by a slow line.
REQUEST_SECONDS = 120


class PatientWorker(ThreadWorker):
    """A worker with threads that gives slow clients up: each of them holds a thread, and there are few."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self._until: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> Any:
        """Answer what comes on a connection; its head must be there in time."""
        self._until[conn] = time.monotonic() + HEAD_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._until.pop(conn, None)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request whose head is complete; its body must be there in time."""
        now = time.monotonic()
        self._until[conn] = now + REQUEST_SECONDS
        req.body.reader = _TimedReader(req.body.reader, self._until, conn, now + BODY_SECONDS)
        return super().handle_request(req, conn)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take connections or not. One that stops closes the door, so that new ones are refused, not kept waiting."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def murder_pending(self) -> None:
        """Close what takes too long; asked once a second. The thread that waits for it wakes up and is free."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._until.items()):
            if until < now:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)


class _TimedReader:
    """What reads a body from a connection; whoever waits for a piece of it waits until then and no longer."""

    def __init__(self, reader: Any, until: dict[TConn, float], conn: TConn, end: float):
        self._reader, self._until, self._conn, self._end = reader, until, conn, end

    def read(self, size: int) -> bytes:
        """The next piece. Work between two pieces, and after the last, has the longer time."""
        longer = self._until[self._conn]
        self._until[self._conn] = min(longer, self._end)
        try:
            return self._reader.read(size)
        finally:
            self._until[self._conn] = longer


# ---- its log


class Log(Logger):
    """What gunicorn says of itself, in the one log."""

    def setup(self, cfg: Config) -> None:
        """Hand over to the product's log instead of writing in a form of its own."""
        super().setup(cfg)
        logs.use(load().log)
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True
        logging.getLogger("gunicorn.access").disabled = True
