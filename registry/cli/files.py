"""What goes in and comes out as files, and whether it can be relied on: import, report, verify."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from registry import config
from registry.actions import imports
from registry.cli.framing import Refused, as_json, command, say
from registry.records import checkpoints, people, verifying
from registry.rules import calendar, wording


@command
@click.argument("kind", type=click.Choice(["recommendations"]), metavar="recommendations")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@as_json
def import_(settings: config.Settings, kind: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Import recommendations from a CSV file; all rows or none."""
    now = datetime.now(UTC)
    actor = people.system(calendar.day_of(now))
    done = imports.import_recommendations(
        file, actor=actor, now=now, response_days=settings.response_days, dry_run=dry_run
    )
    verb = "would be imported" if dry_run else "imported"
    text = f"{wording.plural(done.created, 'recommendation')} {verb}, {done.unchanged} already there"
    say(
        as_json,
        {"created": done.created, "unchanged": done.unchanged, "notes": done.notes},
        "\n".join([text, *grouped(done.notes)]),
    )


def grouped(notes: list[str]) -> list[str]:
    """The same remark about many lines, said once: "column made_on: …: lines 2, 3, 7"."""
    found: dict[str, list[str]] = {}
    for note in notes:
        where, _, remark = note.partition(", ")
        found.setdefault(remark, []).append(where.removeprefix("Line ").partition(" ")[0])
    return [
        f"{remark} ({'line' if len(lines) == 1 else 'lines'} {', '.join(lines)})" for remark, lines in found.items()
    ]


@command
@click.argument("kind", type=click.Choice(["force"]))
@click.option("--organisation", required=True, metavar="ID", help="The organisation's short name, such as kent.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@as_json
def report(settings: config.Settings, kind: str, organisation: str, out: Path, as_json: bool) -> None:
    """Make a PDF report."""
    from registry.reporting import making

    now = datetime.now(UTC)
    try:
        made = making.make_file(settings, organisation, out, actor=people.system(calendar.day_of(now)), now=now)
    except (making.CannotMake, OSError) as error:
        raise Refused(str(error)) from error
    say(as_json, {"file": str(out), "pages": made.pages, "sha256": made.sha256}, f"{out}: {made.pages} pages")


@command
@click.argument("what", type=click.Choice(["history"]))
@as_json
def verify(settings: config.Settings, what: str, as_json: bool) -> None:
    """Check that the history is whole and ends where it was signed; exit 1 when it is not."""
    marks = [*checkpoints.in_database(), *checkpoints.in_file(settings.checkpoints)]
    found = verifying.verify(marks, checkpoints.public_key(settings.signing_key))
    faults = [asdict(fault) for fault in found.faults]
    say(as_json, {"faults": faults, "events": found.events, "held_until": found.held_until}, _told(found))
    if faults:
        sys.exit(1)


def _told(found: verifying.Verified) -> str:
    if found.faults:
        return "\n".join(fault.sentence for fault in found.faults)
    whole = f"The history is whole: {wording.plural(found.events, 'event')}."
    if found.held_until is None:
        return f"{whole} No checkpoint holds its end yet: registry worker and registry backup sign one."
    after = found.events - found.held_until
    if not after:
        return f"{whole} A checkpoint holds all of it."
    return f"{whole} A checkpoint holds it to event {found.held_until}; nobody can tell whether what came after is all."
