"""Making a database and looking after it: init, migrate, status, demo."""

import sys
from datetime import UTC, date, datetime

import click

from registry import __version__, config
from registry.actions import installing
from registry.cli.framing import as_json, command, morning_of, on_day, say
from registry.records import checkpoints, inspecting, installation, migrating
from registry.rules import wording
from registry.rules.workflow import NotAllowed


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
    counts = inspecting.counts() if kind else {}
    told = ", ".join(wording.plural(count, word) for word, count in counts.items())
    holds = f"holds a {kind}: {told}" if kind else "holds nothing yet"
    text = f"{wording.plural(len(pending), 'migration')} pending" if pending else f"Up to date; {holds}"
    result = {"pending": pending, "kind": kind, "counts": counts, "version": __version__}
    say(as_json, result, f"{text}. Version {__version__}.")
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
        checkpoints.set_aside(settings.checkpoints, datetime.now(UTC))
        migrating.migrate(config.folder("migrations"))
    kind = installation.kind()
    if kind == "register" and if_empty:
        say(as_json, {"kind": kind}, "This database holds a register; no demonstration was loaded.")
        return
    if kind is None:
        click.echo("Loading the demonstration …", err=True)
        demonstration.load(config.data(""), now=morning_of(on))
        checkpoints.make(settings.signing_key, settings.checkpoints, now=morning_of(on))
    elif kind == "register":
        raise NotAllowed("This database holds a register. Use another REGISTRY_DATABASE for the demonstration.")
    sign_ins = [
        {"role": role, "email": email, "password": password} for role, email, password in demonstration.sign_ins()
    ]
    lines = [f"  {one['role']:<28} {one['email']:<40} {one['password']}" for one in sign_ins]
    say(as_json, {"sign_ins": sign_ins}, "\n".join(["The demonstration is loaded. Sign in as:", *lines]))
