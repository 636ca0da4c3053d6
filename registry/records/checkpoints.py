"""Checkpoints: signatures over the number and hash of an event, kept in the database and in a file outside it.

The chain alone finds a changed event. That its end was cut off, or that all of it was written anew with
fitting hashes, only a signature finds whose key the database does not hold.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from peewee import CharField, IntegerField

from registry.records import history
from registry.records.database import InstantField, Table, canonical, transaction
from registry.records.history import History

FILE = "checkpoints.jsonl"


class Checkpoint(Table):
    """That event `number` had this hash at this instant, signed (Ed25519). `key` is the public key, in hex."""

    number = IntegerField(index=True)
    hash = CharField(max_length=64)
    signed_at = InstantField()
    key = CharField(max_length=64)
    signature = CharField(max_length=128)


@dataclass(frozen=True)
class Mark:
    """A checkpoint as it was found; `where` says in which of the two places."""

    number: int
    hash: str
    signed_at: str
    key: str
    signature: str
    where: str = "database"

    def is_genuine(self, public_key: str) -> bool:
        """True when this installation's key signed exactly this."""
        try:
            found = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
            found.verify(bytes.fromhex(self.signature), _signed(self.number, self.hash, self.signed_at))
        except (InvalidSignature, ValueError):
            return False
        return self.key == public_key


def public_key(private_key: str) -> str:
    """The public half of the signing key; both are 64 hex digits."""
    return _private(private_key).public_key().public_bytes_raw().hex()


def make(private_key: str, folder: Path, *, now: datetime) -> Checkpoint | None:
    """Sign the last event, in the database and in the file outside it. The same is signed once; None without events.

    Raises OSError when the file cannot be written; the row is there then, and the next call writes the line.
    """
    row = _sign(private_key, now)
    if row is not None:
        mark = _mark(row)
        if all(known.number != mark.number or known.hash != mark.hash for known in in_file(folder)):
            _append(folder, mark)
    return row


@transaction
def _sign(private_key: str, now: datetime) -> Checkpoint | None:
    head = History.select(History.id, History.hash).order_by(History.id.desc()).first()
    if head is None:
        return None
    public = public_key(private_key)
    same = (Checkpoint.number == head.id) & (Checkpoint.hash == head.hash) & (Checkpoint.key == public)
    held = Checkpoint.get_or_none(same)
    if held is not None:
        return held
    text = _signed(head.id, head.hash, _instant(now))
    signature = _private(private_key).sign(text).hex()
    return Checkpoint.create(number=head.id, hash=head.hash, signed_at=now, key=public, signature=signature)


def in_database() -> list[Mark]:
    """The checkpoints of the table, oldest first."""
    return [_mark(row) for row in Checkpoint.select().order_by(Checkpoint.id)]


def in_file(folder: Path) -> Iterator[Mark]:
    """The checkpoints of the file outside, oldest first; a line that is none is a mark that nobody signed."""
    file = folder / FILE
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in filter(str.strip, lines):
            yield _read(line)


def set_aside(folder: Path, now: datetime) -> Path | None:
    """Give the file another name: what it speaks of is no longer the history of this database. None without a file."""
    file = folder / FILE
    if not file.exists():
        return None
    return file.rename(folder / f"checkpoints-until-{now.astimezone(UTC):%Y%m%dT%H%M%S}.jsonl")


def _read(line: str) -> Mark:
    try:
        found = json.loads(line)
        texts = {name: str(found[name]) for name in ("hash", "signed_at", "key", "signature")}
        return Mark(number=int(found["number"]), where="file", **texts)
    except (ValueError, KeyError, TypeError):
        return Mark(0, "", "", "", "", where="file")


def _append(folder: Path, mark: Mark) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    said = {name: value for name, value in asdict(mark).items() if name != "where"}
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(canonical(said) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _mark(row: Checkpoint) -> Mark:
    return Mark(row.number, row.hash, _instant(row.signed_at), row.key, row.signature)


def _instant(at: datetime) -> str:
    return history.instant_text(at)


def _signed(number: int, hash: str, signed_at: str) -> bytes:
    return canonical(["checkpoint", number, hash, signed_at]).encode()


def _private(private_key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
