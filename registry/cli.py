"""The `registry` command. Results go to stdout, everything else to stderr; an error is one sentence."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import wraps
from pathlib import Path
from typing import Any

import click

from registry import config
from registry.actions import imports, installing
from registry.actions import reminders as sweeping
from registry.records import history, installation, migrating, people
from registry.records.database import UNREACHABLE, NotFound, database, open_database
from registry.rules import calendar, wording
from registry.rules.workflow import NotAllowed
from registry.serving import serve_for_ever

# Commands import the heavy floors (reports, worker, demonstration) themselves: the others start in half the time.

YEARS = range(1985, 2100)
MORNING = time(9, 0, tzinfo=calendar.CIVIL)


class Refused(click.ClickException):
    """A usage or input error: one sentence, exit 2."""

    exit_code = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="learning-recommendation-registry")
@click.pass_context
def registry(context: click.Context) -> None:
    """A registry of police learning recommendations and a tracker of their audit."""
    context.obj = config.load()


def command(function: Callable[..., Any]) -> Any:
    """A command that needs the database open; what rules and files refuse becomes a sentence."""

    @registry.command(name=function.__name__.replace("_", "-"))
    @click.pass_obj
    @wraps(function)
    def run(settings: config.Settings, *args: Any, **kwargs: Any) -> Any:
        try:
            open_database(settings.database, settings.base)
            database.connect()
            return function(settings, *args, **kwargs)
        except UNREACHABLE as error:
            raise Refused(f"The database cannot be used: {str(error).strip().splitlines()[0]}") from error
        except (NotAllowed, NotFound, imports.BadFile, ValueError) as error:
            raise Refused(str(error)) from error
        finally:
            if database.obj is not None and not database.is_closed():
                database.close()

    return run


def as_day(_context: Any, _parameter: Any, value: str | None) -> date | None:
    """A date from the command line."""
    try:
        found = date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Refused(f"{value} is not a date; write it like 2026-03-27.") from error
    if found and found.year not in YEARS:
        raise Refused(f"{value} is out of range; give a year from {YEARS[0]} to {YEARS[-1]}.")
    return found


def as_instant(_context: Any, _parameter: Any, value: str | None) -> datetime | None:
    """An instant from the command line; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(value) if value else None
    except ValueError as error:
        raise Refused(f"{value} is not an instant; write it like 2026-03-27T09:00:00Z.") from error
    if found and found.year not in YEARS:
        raise Refused(f"{value} is out of range; give a year from {YEARS[0]} to {YEARS[-1]}.")
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def morning_of(day: date | None) -> datetime:
    """Nine in the morning of a simulated day, or the present instant."""
    return datetime.combine(day, MORNING).astimezone(UTC) if day else datetime.now(UTC)


on_day = click.option("--on", metavar="DATE", callback=as_day, help="As if today were DATE (2026-03-27).")
at_instant = click.option("--at", metavar="INSTANT", callback=as_instant, help="As if it were INSTANT, in UTC.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@command
@as_json
def init(settings: config.Settings, as_json: bool) -> None:
    """Create the database of a register, with the reference organisations."""
    migrating.migrate(config.folder("migrations"))
    count = installing.init(config.data(""), now=datetime.now(UTC))
    say(as_json, {"organisations": count}, f"The register is ready with {count} organisations.")


@command
@as_json
def migrate(settings: config.Settings, as_json: bool) -> None:
    """Bring the database up to date; safe to run on several hosts at once."""
    applied = migrating.migrate(config.folder("migrations"))
    say(as_json, {"applied": applied}, f"{wording.plural(len(applied), 'migration')} applied.")


@command
@as_json
def status(settings: config.Settings, as_json: bool) -> None:
    """Say whether the database is up to date; exit 1 when migrations are pending."""
    pending = migrating.pending(config.folder("migrations"))
    kind = None if pending else installation.kind()
    text = f"Up to date; holds {'a ' + kind if kind else 'nothing yet'}."
    say(
        as_json,
        {"pending": pending, "kind": kind},
        f"{wording.plural(len(pending), 'migration')} pending." if pending else text,
    )
    if pending:
        sys.exit(1)


@command
@click.option("--fresh", is_flag=True, help="Throw the present demonstration away first.")
@click.option("--if-empty", is_flag=True, help="Leave a database that holds anything as it is.")
@on_day
@as_json
def demo(settings: config.Settings, fresh: bool, if_empty: bool, on: date | None, as_json: bool) -> None:
    """Load the demonstration: invented forces and people, recommendations in every state."""
    from registry.actions import demonstration

    migrating.migrate(config.folder("migrations"))
    if fresh and installation.kind() == "demonstration":
        migrating.drop_everything()
        migrating.migrate(config.folder("migrations"))
    kind = installation.kind()
    if kind == "register" and if_empty:
        say(as_json, {"kind": kind}, "This database holds a register; no demonstration was loaded.")
        return
    if kind is None:
        click.echo("Loading the demonstration …", err=True)
        demonstration.load(config.data(""), now=morning_of(on))
    elif kind == "register":
        raise NotAllowed("This database holds a register. Use another REGISTRY_DATABASE for the demonstration.")
    sign_ins = [
        {"role": role, "email": email, "password": password} for role, email, password in demonstration.sign_ins()
    ]
    lines = [f"  {one['role']:<28} {one['email']:<40} {one['password']}" for one in sign_ins]
    say(as_json, {"sign_ins": sign_ins}, "\n".join(["The demonstration is loaded. Sign in as:", *lines]))


@command
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--with-worker", is_flag=True, help="Run the scheduler too, for one machine.")
def serve(settings: config.Settings, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the pages."""
    pending = migrating.pending(config.folder("migrations"))
    if pending:
        raise Refused("The database is not up to date. Run: registry migrate")
    database.close()
    fault = serve_for_ever(host, port, workers, with_worker)
    if fault:
        raise Refused(fault)


@command
@at_instant
def worker(settings: config.Settings, at: datetime | None) -> None:
    """Run the scheduler and the outbox; any number, on any hosts."""
    from registry.worker import scheduler

    database.close()
    if scheduler.run(settings, at=at):
        sys.exit(1)


@command
@on_day
@as_json
def sweep(settings: config.Settings, on: date | None, as_json: bool) -> None:
    """Queue every reminder that has fallen due."""
    now = morning_of(on)
    count = sweeping.sweep(actor=people.system(calendar.day_of(now)), now=now)
    say(as_json, {"reminders": count}, f"{wording.plural(count, 'reminder')} queued")


@command
@click.option("--limit", type=click.IntRange(1), help="Send at most this many.")
@at_instant
@as_json
def deliver(settings: config.Settings, limit: int | None, at: datetime | None, as_json: bool) -> None:
    """Send what waits in the outbox."""
    from registry.worker import delivery

    done = delivery.deliver(settings, now=at or delivery.now_in_utc, limit=limit)
    result = {"sent": done.sent, "failed": done.failed}
    say(as_json, result, f"{wording.plural(done.sent, 'message')} sent, {done.failed} failed")


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
    """Check that the history is whole; exit 1 when it is not."""
    faults = list(history.faults())
    text = "\n".join(faults) or f"The history is whole: {wording.plural(history.length(), 'event')}."
    say(as_json, {"faults": faults, "events": history.length()}, text)
    if faults:
        sys.exit(1)


registry.commands["import"] = registry.commands.pop("import-")


def say(as_json: bool, result: dict[str, Any], text: str) -> None:
    """Print a result: as JSON for programs, else the words for people."""
    click.echo(json.dumps(result) if as_json else text)


def main() -> None:
    """Run the command; what goes wrong is one sentence on stderr, never a traceback."""
    try:
        registry(standalone_mode=False)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except config.BadSetting as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except (click.Abort, BrokenPipeError):
        sys.exit(130)
