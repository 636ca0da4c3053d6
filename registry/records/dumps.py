"""The whole database as one file, taken while others write, and such a file put back in one step, on either kind."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from psycopg.conninfo import make_conninfo

from registry.records import presence
from registry.records.archives import BadBackup, settle, why
from registry.records.database import database, is_sqlite

PAGES_AT_ONCE = 4_000
DEBIAN = Path("/usr/lib/postgresql")
Tell = Callable[[str], None]


def kind() -> str:
    """`sqlite` or `postgresql`: a backup of one is not restored into the other."""
    return "sqlite" if is_sqlite() else "postgresql"


def take(out: Path, tell: Tell) -> None:
    """Write the database into `out` as of the moment of the snapshot that the caller holds open."""
    if is_sqlite():
        _copy_sqlite(out, tell)
    else:
        (snapshot,) = database.execute_sql("SELECT pg_export_snapshot()").fetchone()
        options = ["--format=custom", "--compress=0", f"--snapshot={snapshot}", f"--file={out}"]
        _run("pg_dump", [*_WHAT, *options], out.parent, connected=True)


def put_back(dump: Path) -> None:
    """Replace the database by what `take` wrote: all of it or, when anything fails, nothing.

    This thread's connection is closed. Raises BadBackup, and presence.InUse while another program uses the database.
    """
    if is_sqlite():
        _replace_sqlite(dump, Path(database.obj.database))
    else:
        _replace_postgresql(dump)


# ---- SQLite: pages copied from a held read transaction, so that no writer makes the copy begin again


def _copy_sqlite(out: Path, tell: Tell) -> None:
    def progress(_status: int, left: int, total: int) -> None:
        if total > PAGES_AT_ONCE:
            tell(f"The database: {(total - left) * 100 // total} %")

    with closing(sqlite3.connect(out)) as copy:
        database.connection().backup(copy, pages=PAGES_AT_ONCE, progress=progress)
        _check_sqlite(copy)
        # One file, without the two that the write-ahead log keeps beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _check_sqlite(connection: sqlite3.Connection) -> None:
    try:
        faults = [text for (text,) in connection.execute("PRAGMA integrity_check(3)") if text != "ok"]
    except sqlite3.DatabaseError as error:
        # So damaged that it cannot even be looked at.
        faults = [str(error)]
    if faults:
        raise BadBackup(f"The database is damaged: {'; '.join(faults)}")


def _replace_sqlite(dump: Path, path: Path) -> None:
    try:
        with closing(sqlite3.connect(dump)) as connection:
            _check_sqlite(connection)
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"The database in the backup cannot be used: {error}.") from error
    if not database.is_closed():
        database.close()
    with presence.alone(path):
        if path.exists():
            _shut_down(path)
            _become_like(dump, path)
        os.replace(dump, path)
        settle(path.parent)


def _shut_down(path: Path) -> None:
    """Fold the write-ahead log away, which SQLite does only while nobody else has the file open."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise presence.InUse(f"{path} is in use: {error}. Stop every program that uses it first.") from error
    except sqlite3.DatabaseError:
        # Damaged beyond opening. A log left beside it would be taken for one of the new file.
        for ending in ("-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)


def _become_like(dump: Path, path: Path) -> None:
    """Give the new file the owner and the mode of the old one: who restores may not be who serves."""
    shutil.copymode(path, dump)
    with suppress(PermissionError):
        os.chown(dump, path.stat().st_uid, path.stat().st_gid)


# ---- PostgreSQL: its own programs


# The schema's own name is left out: one that was made anew by hand would stand in the way of the script.
_WHAT = ("--no-owner", "--no-privileges", "--schema=public")
# The server's own processes, such as the one that vacuums, are no reason to wait.
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def _replace_postgresql(dump: Path) -> None:
    (others,) = database.execute_sql(_OTHERS).fetchone()
    if others:
        raise presence.InUse(
            "Other programs are connected to the database. Stop `registry serve` and `registry worker` first."
        )
    # First into a file: read from a pipe, a dump that breaks off would be committed as far as it came.
    script = dump.with_name("database.sql")
    _run("pg_restore", [*_WHAT, f"--file={script}", str(dump)], dump.parent, connected=False)
    anew = [f"--command={text}" for text in ("SET lock_timeout = '20s'", "DROP SCHEMA public CASCADE")]
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    script_last = ["--command=CREATE SCHEMA public", f"--file={script}"]
    _run("psql", [*options, *anew, *script_last], dump.parent, connected=True)
    # Statements prepared on the old tables must not be tried on the new ones.
    getattr(database.obj, "close_all", database.close)()


def _run(program: str, options: list[str], folder: Path, *, connected: bool) -> None:
    where = [f"--dbname={_address(folder)}"] if connected else []
    done = subprocess.run([_find(program), *where, *options], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it gave no reason"]
        reason = next((line for line in said if "ERROR" in line or "error:" in line), said[0])
        raise BadBackup(f"{program} failed: {reason.strip().rstrip('.')}.")


def _address(folder: Path) -> str:
    """Where the database is, for PostgreSQL's programs. The password goes into a file: all may read a command line."""
    found = {name: str(value) for name, value in database.obj.connect_params.items() if value is not None}
    found.pop("options", None)
    password = found.pop("password", "")
    if password:
        file = folder / "password"
        file.touch(mode=0o600)
        file.write_text("*:*:*:*:" + re.sub(r"([\\:])", r"\\\1", password) + "\n")
        found["passfile"] = str(file)
    return make_conninfo("", dbname=database.obj.database, **found)


def _find(program: str) -> str:
    """The program of the version closest to the server's, and not older: an older one refuses, a newer adds words."""
    server = int(database.execute_sql("SHOW server_version_num").fetchone()[0]) // 10_000
    on_path = shutil.which(program)
    candidates = [*DEBIAN.glob(f"*/bin/{program}"), *([Path(on_path)] if on_path else [])]
    versions = [(version, str(file)) for file in candidates if (version := _version(file)) >= server]
    if not versions:
        raise BadBackup(
            f"{program} of PostgreSQL {server} or newer is needed and was not found. "
            f"Install it: apt-get install postgresql-client (or postgresql-client-{server})."
        )
    return min(versions)[1]


def _version(file: Path) -> int:
    try:
        said = subprocess.run([file, "--version"], capture_output=True, text=True).stdout
    except OSError as error:
        raise BadBackup(f"{file} cannot be run: {why(error)}.") from error
    found = re.search(r"\) (\d+)", said)
    return int(found.group(1)) if found else 0
