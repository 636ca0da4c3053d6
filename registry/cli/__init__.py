"""The `registry` command. Results go to stdout, everything else to stderr; an error is one sentence.

One module for each kind of work; commands import the heavy floors (reports, worker, demonstration)
themselves: the others start in half the time.
"""

import os
import sys

import click

from registry import config
from registry.cli import bench, doctor, files, installation, people, running, safety
from registry.cli.framing import registry

# Importing them is what adds their commands.
COMMANDS = (installation, people, running, files, safety, doctor, bench)


def main() -> None:
    """Run the command; what goes wrong is one sentence on stderr, never a traceback."""
    # Whatever is written, replies, e-mails, reports, is for the register's own account only.
    os.umask(0o077)
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
