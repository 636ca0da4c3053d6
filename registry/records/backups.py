"""Backup and restore: the database and the files as of one moment in one file, and back again, whole or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from peewee import DatabaseError, OperationalError

from registry.records import archives, dumps, history, installation, migrating, verifying
from registry.records.archives import BadBackup, why
from registry.records.database import database, is_sqlite, snapshot
from registry.records.dumps import Tell
from registry.records.history import History
from registry.records.search import TABLE as SEARCH
from registry.rules import wording

FILES_AT_ONCE = 500
# Names under which a file is being written: not yet there, or never.
UNFINISHED = ".part"


@dataclass
class BackedUp:
    """What a backup holds: rows by table, files, and those that were left out with the reason."""

    manifest: dict[str, Any]
    size: int
    files: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Restored:
    """What was restored, what is wrong with it (as sentences) and which migrations are to be run."""

    manifest: dict[str, Any]
    files: int
    faults: list[str]
    pending: list[str]


# ---- backup


def backup(out: Path, *, files: Path, version: str, now: datetime, tell: Tell) -> BackedUp:
    """Write a backup to `out` while others work. The secrets in var/keys are not part of it.

    The files are read after the database, so that every file it knows is there; files are never changed.
    Raises BadBackup; then there is no new `out`, and an old one is as it was.
    """
    _refuse_place(out, files)
    with _scratch(out.parent, "backup") as folder:
        dump = folder / archives.DATABASE
        tell("Copying the database")
        with snapshot():
            manifest = {"version": version, "taken_at": now.isoformat(), **_facts()}
            dumps.take(dump, tell)
        done = BackedUp(manifest, 0)
        with archives.written(out) as archive:
            archive.add(archives.DATABASE, dump)
            _add_files(archive, files, done, tell)
            archive.close_with(manifest)
    done.size = out.stat().st_size
    return done


def _refuse_place(out: Path, files: Path) -> None:
    if not out.parent.is_dir():
        raise BadBackup(f"There is no folder {out.parent}. Make it first.")
    if out.is_dir():
        raise BadBackup(f"{out} is a folder. Give the name of a file.")
    if out.resolve().is_relative_to(files.resolve()):
        raise BadBackup(f"{out} lies among the files that are backed up. Choose another place.")


def _facts() -> dict[str, Any]:
    """What the manifest says of the database, read in the snapshot that is copied."""
    tables = _tables()
    head = History.select(History.id, History.hash).order_by(History.id.desc()).first() if "history" in tables else None
    return {
        "kind": installation.kind() if "installation" in tables else None,
        "database": dumps.kind(),
        "migrations": migrating.applied(),
        "counts": {table: _count(table) for table in tables},
        "history": {"events": head.id if head else 0, "hash": head.hash if head else history.GENESIS},
    }


def _tables() -> list[str]:
    """Every table but the inner ones of the full-text index."""
    return sorted(name for name in database.get_tables() if not name.startswith((f"{SEARCH}_", "sqlite_")))


def _count(table: str) -> int:
    return database.execute_sql(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]


def _add_files(archive: archives.Writer, files: Path, done: BackedUp, tell: Tell) -> None:
    found = sorted(path for path in files.rglob("*") if path.is_symlink() or path.is_file())
    tell(f"Packing {wording.plural(len(found), 'file')}")
    for number, path in enumerate(found, start=1):
        name = path.relative_to(files)
        if path.is_symlink():
            done.left_out.append(f"{name}: it is a link")
        elif not path.name.endswith(UNFINISHED):
            try:
                archive.add(f"{archives.FILES}{name.as_posix()}", path)
                done.files += 1
            except FileNotFoundError:
                done.left_out.append(f"{name}: it was deleted while the backup was made")
        if number % FILES_AT_ONCE == 0:
            tell(f"Files: {number:,} of {len(found):,}")


# ---- restore


def restore(archive: Path, *, files: Path, migrations: Path, force: bool, tell: Tell) -> Restored:
    """Put a backup in place of the database and the files. Nothing is touched before all of it has been checked.

    Refuses a database or a folder that holds anything unless `force`. Needs no open connection, so that a
    damaged database can be replaced. Raises BadBackup, or presence.InUse while other programs use the database.
    """
    if not archive.is_file():
        raise BadBackup(f"There is no file {archive}.")
    if not force and (_holds_anything() or any(files.rglob("*"))):
        raise BadBackup("The database or its files hold something already. To replace all of it, add --force.")
    beside = Path(database.obj.database).parent if is_sqlite() else files.parent
    with _scratch(beside, "restore") as folder, _scratch(files.parent, "restore-files") as unpacked:
        tell("Checking the backup")
        manifest = archives.unpack(archive, lambda name: (folder if name == archives.DATABASE else unpacked) / name)
        _refuse_unfitting(manifest, migrations)
        tell("Putting it in place")
        with _exchanged(files, unpacked / archives.FILES):
            dumps.put_back(folder / archives.DATABASE)
    tell("Checking the history")
    with database.connection_context():
        return Restored(manifest, len(manifest["members"]) - 1, _faults(manifest), migrating.pending(migrations))


def _holds_anything() -> bool:
    """True when any table but the list of migrations has a row; a file that is no database holds something too."""
    try:
        with database.connection_context():
            return any(_count(table) for table in _tables() if table != migrating.TABLE)
    except OperationalError:
        raise
    except DatabaseError:
        return True


def _refuse_unfitting(manifest: dict[str, Any], migrations: Path) -> None:
    if manifest["database"] != dumps.kind():
        raise BadBackup(f"The backup is of {manifest['database']}, and REGISTRY_DATABASE names {dumps.kind()}.")
    known = {file.stem for file in migrations.glob("[0-9]*.py")}
    newer = [str(name) for name in manifest["migrations"] if name not in known]
    if newer:
        version = manifest["version"]
        raise BadBackup(f"The backup was made by a newer version ({version}, with {newer[0]}). Install that version.")


@contextmanager
def _exchanged(files: Path, fresh: Path) -> Iterator[None]:
    """Put `fresh` in place of the folder of files; put the old one back when the block fails."""
    fresh.mkdir(exist_ok=True, mode=0o700)
    old = fresh.with_name("old")
    try:
        if files.exists():
            files.rename(old)
        fresh.rename(files)
        yield
    except BaseException:
        if files.exists() and not fresh.exists():
            files.rename(fresh)
        if old.exists():
            old.rename(files)
        raise


def _faults(manifest: dict[str, Any]) -> list[str]:
    """What is not as it was when the backup was made, and every break of the chain of events."""
    found = _facts()
    faults = [
        f"{table} holds {found['counts'].get(table, 0)} rows, not {count}."
        for table, count in manifest["counts"].items()
        if found["counts"].get(table) != count
    ]
    if found["history"] != manifest["history"]:
        faults.append("The last event is not the one the backup was made at.")
    # Of the chain alone: which key signed its checkpoints, `registry verify history` asks when the keys are back too.
    return faults + [fault.sentence for fault in verifying.verify([], "").faults]


@contextmanager
def _scratch(beside: Path, name: str) -> Iterator[Path]:
    """A folder of our own, on the disk where its contents will be renamed; gone afterwards whatever happens."""
    folder = beside / f".{name}-{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True)
        yield folder
    except OSError as error:
        raise BadBackup(f"{beside} cannot be written to: {why(error)}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
