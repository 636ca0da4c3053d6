"""Which programs use a SQLite database: a lock on a file beside it, because an idle connection holds none."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from registry.records.database import database, is_sqlite

# Kept open until the process ends, however it ends: the system then gives the locks back.
_held: list[IO[str]] = []


class InUse(Exception):
    """Another program uses the database. The message says what to stop."""


def announce() -> None:
    """Say that this process uses the database from now on: called by what runs for long. PostgreSQL knows by itself."""
    if is_sqlite() and database.obj.database != ":memory:":
        # A folder that cannot be written to is no reason to serve nothing.
        with suppress(OSError):
            file = _beside(database.obj.database).open("w")
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            _held.append(file)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a SQLite database for one who replaces it. Raises InUse while a server or a worker runs on this machine."""
    with _beside(path).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(f"{path} is in use. Stop `registry serve` and `registry worker` first.") from error
        yield


def _beside(path: str | Path) -> Path:
    return Path(f"{path}.in-use")
