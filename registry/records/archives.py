"""The file a backup is: a compressed tar whose last member, the manifest, holds size and SHA-256 of every other."""

import gzip
import hashlib
import io
import json
import os
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files/"
# What a manifest says, and of what kind each part must be.
SAID = {
    "kind": str | None,
    "database": str,
    "version": str,
    "migrations": list,
    "taken_at": str,
    "counts": dict,
    "history": dict,
    "members": dict,
}
LONGEST_MANIFEST = 256 * 1024 * 1024
# Reports are compressed already; for the rest a quick pass gains nearly what a slow one does.
LEVEL = 3
BLOCK = 1024 * 1024


class BadBackup(Exception):
    """A backup that cannot be made, or a file that cannot be restored. The message is one plain sentence."""


def why(error: OSError) -> str:
    """What the system says of a failure, without the number and the path."""
    return error.strerror or str(error)


class _Hashed:
    """Reads a file or a member and hashes what went by."""

    def __init__(self, source: IO[bytes]):
        self.source, self.sum = source, hashlib.sha256()

    def read(self, size: int = BLOCK) -> bytes:
        block = self.source.read(size)
        self.sum.update(block)
        return block


class Writer:
    """An archive being written."""

    def __init__(self, tar: tarfile.TarFile):
        self._tar = tar
        self.members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, file: Path) -> None:
        """Add a file under a name. Raises FileNotFoundError when it is gone; BadBackup when it shrinks meanwhile."""
        with file.open("rb") as source:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = os.fstat(source.fileno()).st_size, 0o600
            hashed = _Hashed(source)
            try:
                self._tar.addfile(entry, hashed)
            except OSError as error:
                if error.errno is None:
                    raise BadBackup(f"{file} changed while it was being read. Try again.") from error
                raise
        self.members[name] = {"size": entry.size, "sha256": hashed.sum.hexdigest()}

    def close_with(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, which ends the archive."""
        text = json.dumps({**manifest, "format": FORMAT, "members": self.members}, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(text), 0o600
        self._tar.addfile(entry, io.BytesIO(text))


@contextmanager
def written(out: Path) -> Iterator[Writer]:
    """Write `out` whole or not at all: beside it, only for its owner to read, then renamed."""
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=LEVEL, format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
        settle(out.parent)
    except OSError as error:
        raise BadBackup(f"{out} cannot be written: {why(error)}.") from error
    finally:
        part.unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Have the disk remember the names in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unpack(archive: Path, place: Callable[[str], Path]) -> dict[str, Any]:
    """Write every member to where `place` puts its name, check each against the manifest, and return that.

    Raises BadBackup for whatever is not a whole, unchanged backup; what is written by then is the caller's to delete.
    """
    try:
        with gzip.open(archive) as packed:
            with tarfile.open(fileobj=packed, mode="r|") as tar:
                seen, manifest = _read(archive, tar, place)
            # To the very end: that is where the checksum of the whole stands.
            while packed.read(BLOCK):
                pass
    except EOFError as error:
        raise BadBackup(f"{archive} is damaged: it ends too early. Use another backup.") from error
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error) as error:
        raise BadBackup(f"{archive} is not a backup of the registry, or is damaged: {error}.") from error
    except OSError as error:
        raise BadBackup(f"{archive} cannot be unpacked: {why(error)}.") from error
    if manifest is None:
        raise BadBackup(f"{archive} is not a whole backup of the registry: it has no manifest.")
    _compare(archive, seen, manifest["members"])
    return manifest


Members = dict[str, dict[str, Any]]


def _read(archive: Path, tar: tarfile.TarFile, place: Callable[[str], Path]) -> tuple[Members, dict[str, Any] | None]:
    seen: Members = {}
    manifest = None
    for entry in tar:
        if manifest or entry.name in seen or not entry.isreg() or not _ours(entry.name):
            raise BadBackup(f"{archive} was not made by the registry: it holds {entry.name!r}.")
        source = tar.extractfile(entry)
        assert source is not None
        if entry.name == MANIFEST:
            manifest = _manifest(archive, source)
        else:
            seen[entry.name] = _write(source, place(entry.name), entry.size)
    return seen, manifest


def _ours(name: str) -> bool:
    """A name of ours, and a plain path below the folder of files: no way out of it."""
    path = PurePosixPath(name)
    below = name.startswith(FILES) and len(path.parts) > 1 and ".." not in path.parts and str(path) == name
    return name in (MANIFEST, DATABASE) or (below and "\0" not in name)


def _write(source: IO[bytes], out: Path, size: int) -> dict[str, Any]:
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(out.parent).free
    if size > free:
        raise BadBackup(f"There is no room in {out.parent}: {size:,} bytes are needed and {free:,} are free.")
    hashed = _Hashed(source)
    with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(hashed, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())
    return {"size": size, "sha256": hashed.sum.hexdigest()}


def _manifest(archive: Path, source: IO[bytes]) -> dict[str, Any]:
    try:
        found = json.loads(source.read(LONGEST_MANIFEST))
    except ValueError as error:
        raise BadBackup(f"{archive} is damaged: its manifest cannot be read.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadBackup(f"{archive} is of a kind that this version does not read. Install the version that made it.")
    wrong = [name for name, kind in SAID.items() if name not in found or not isinstance(found[name], kind)]
    if wrong:
        raise BadBackup(f"{archive} is damaged: its manifest says nothing usable of {', '.join(wrong)}.")
    return found


def _compare(archive: Path, seen: Members, told: Members) -> None:
    for name in sorted(seen.keys() | told.keys()):
        if name not in seen:
            raise BadBackup(f"{archive} is not whole: {name} is missing.")
        if seen[name] != told.get(name):
            raise BadBackup(f"{archive} was changed after it was made: {name} is not what the manifest says.")
    if DATABASE not in seen:
        raise BadBackup(f"{archive} is not a whole backup: it holds no database.")
