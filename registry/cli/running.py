"""What runs: the pages, the scheduler, the morning sweep, the outbox."""

import sys
from datetime import date, datetime

import click

from registry import config
from registry.actions import reminders as sweeping
from registry.cli.framing import Refused, as_json, at_instant, command, morning_of, on_day, say
from registry.records import migrating, people
from registry.records.database import database
from registry.rules import calendar, wording
from registry.serving import Died, serve_for_ever


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
    try:
        fault = serve_for_ever(host, port, workers, with_worker, settings.log)
    except Died as error:
        raise click.ClickException(str(error)) from error
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
