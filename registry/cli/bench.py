"""Data for benchmarks: a made-up register of any size."""

from datetime import UTC, datetime
from typing import Any

import click

from registry import config
from registry.cli.framing import Refused, as_json, command, say
from registry.records import bulk, installation, migrating
from registry.rules import wording

MOST = 1_000_000


@command
@click.argument("what", type=click.Choice(["load"]), metavar="load")
@click.option("--recommendations", default=10_000, show_default=True, type=click.IntRange(1, MOST))
@click.option("--organisations", default=100, show_default=True, type=click.IntRange(1, 999))
@as_json
def bench(settings: config.Settings, what: str, recommendations: int, organisations: int, as_json: bool) -> None:
    """Fill an empty database, or one filled by this before, with a made-up register."""
    from registry.actions import bench_data

    migrating.migrate(config.folder("migrations"))
    if installation.kind() is not None:
        if not bench_data.holds_bench():
            raise Refused("This database holds something else. Use another REGISTRY_DATABASE for benchmarks.")
        migrating.drop_everything()
        migrating.migrate(config.folder("migrations"))
    now = datetime.now(UTC)
    loaded = bench_data.load(config.data(""), recommendations, organisations, now=now, tell=_tell)
    bulk.learn_sizes()
    sign_ins: list[dict[str, Any]] = [
        {"role": role, "email": email, "password": password} for role, email, password in bench_data.sign_ins()
    ]
    lines = [f"  {one['role']:<28} {one['email']:<40} {one['password']}" for one in sign_ins]
    text = f"{wording.plural(loaded.assignments, 'assignment')} loaded. Everything in it is made up. Sign in as:"
    say(as_json, {"assignments": loaded.assignments, "sign_ins": sign_ins}, "\n".join([text, *lines]))


def _tell(line: str) -> None:
    click.echo(line, err=True)
