"""What every command shares: the group, the open database, dates from the command line, how results are printed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any

import click

from registry import config
from registry.actions import imports
from registry.records.archives import BadBackup
from registry.records.database import UNREACHABLE, NotFound, database, open_database
from registry.records.presence import InUse
from registry.rules import calendar
from registry.rules.workflow import NotAllowed

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
    try:
        context.obj = config.load()
    except config.BadSetting:
        # The doctor tells what is wrong with the settings, all of it.
        if context.invoked_subcommand != "doctor":
            raise


def command(function: Callable[..., Any]) -> Any:
    """A command that needs the database open; what rules and files refuse becomes a sentence."""
    return command_of(registry)(function)


def command_of(group: click.Group) -> Callable[[Callable[..., Any]], Any]:
    """The same for a command inside a group of commands."""
    return lambda function: _added(group, function)


def _added(group: click.Group, function: Callable[..., Any]) -> Any:
    @group.command(name=function.__name__.strip("_").replace("_", "-"))
    @click.pass_obj
    @wraps(function)
    def run(settings: config.Settings, *args: Any, **kwargs: Any) -> Any:
        with refusals():
            open_database(settings.database, settings.base)
            database.connect()
            return function(settings, *args, **kwargs)

    return run


@contextmanager
def refusals() -> Iterator[None]:
    """Make a sentence of what rules, files and the database refuse; close the database whatever happens."""
    try:
        yield
    except UNREACHABLE as error:
        raise Refused(f"The database cannot be used: {str(error).strip().splitlines()[0]}") from error
    except (NotAllowed, NotFound, imports.BadFile, BadBackup, InUse, ValueError) as error:
        raise Refused(str(error)) from error
    finally:
        if database.obj is not None and not database.is_closed():
            database.close()


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


def say(as_json: bool, result: dict[str, Any], text: str) -> None:
    """Print a result: as JSON for programs, else the words for people."""
    click.echo(json.dumps(result) if as_json else text)
