"""Keeping what the register holds: backup and restore."""

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from registry import __version__, config
from registry.cli.framing import as_json, command, refusals, registry, say
from registry.records import backups, checkpoints
from registry.records.database import open_database
from registry.rules import wording

SECRETS = "The secrets are not in it: keep {keys} elsewhere, and apart from it."
ASIDE = "The checkpoints of the history before were put aside: {aside}. Keep that file: it says what was there."


def tell(line: str) -> None:
    """A line about how far it has come."""
    click.echo(f"{line} …", err=True)


def _end_tidily() -> None:
    """SIGTERM ends the command as an error does, so that no half-made file stays behind."""

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(143)

    signal.signal(signal.SIGTERM, end)


@command
@click.argument("file", type=click.Path(path_type=Path))
@as_json
def backup(settings: config.Settings, file: Path, as_json: bool) -> None:
    """Write the database and the files into one file, while everything runs."""
    _end_tidily()
    checkpoints.make(settings.signing_key, settings.checkpoints, now=datetime.now(UTC))
    done = backups.backup(file, files=settings.files, version=__version__, now=datetime.now(UTC), tell=tell)
    for note in done.left_out:
        click.echo(f"Left out: {note}", err=True)
    click.echo(SECRETS.format(keys=config.secret_file(settings.base).parent), err=True)
    events = done.manifest["history"]["events"]
    text = f"{file}: {wording.plural(events, 'event')}, {wording.plural(done.files, 'file')}, {done.size:,} bytes"
    result = {"file": str(file), "events": events, "files": done.files, "bytes": done.size, "left_out": done.left_out}
    say(as_json, result, text)


@registry.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database and files that hold something.")
@as_json
@click.pass_obj
def restore(settings: config.Settings, file: Path, force: bool, as_json: bool) -> None:
    """Put a backup in place of the database and the files; stop the server and the worker first."""
    _end_tidily()
    with refusals():
        open_database(settings.database, settings.base)
        folder = config.folder("migrations")
        done = backups.restore(file, files=settings.files, migrations=folder, force=force, tell=tell)
        aside = checkpoints.set_aside(settings.checkpoints, datetime.now(UTC))
    if aside:
        click.echo(ASIDE.format(aside=aside), err=True)
    say(as_json, _result(done), _told(done))
    if done.faults:
        sys.exit(1)


def _result(done: backups.Restored) -> dict[str, Any]:
    events = done.manifest["history"]["events"]
    return {"events": events, "files": done.files, "faults": done.faults, "pending": done.pending}


def _told(done: backups.Restored) -> str:
    held = f"{wording.plural(done.manifest['history']['events'], 'event')}, {wording.plural(done.files, 'file')}"
    lines = [f"Restored as it was at {done.manifest['taken_at']}: {held}."]
    lines += done.faults or ["The history is whole."]
    if done.pending:
        lines.append(f"{wording.plural(len(done.pending), 'migration')} pending. Run: registry migrate")
    return "\n".join(lines)
