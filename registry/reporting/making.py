"""Making a report, always in a process of its own: never in a web worker, never in a thread of the scheduler.

A report takes a second or two of one core and much memory; the process is started for it (spawned, so it
shares nothing) and ends with it. It reads the database as of one moment and can not write to it.
"""

import gc
import hashlib
import os
import secrets
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import structlog

from registry.config import Settings
from registry.records import checkpoints, people
from registry.records.database import NotFound, open_database, snapshot
from registry.records.jobs import REPORT_LEASE, ReportJob, claim_report, settle_report
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.reporting import force_report
from registry.reporting.force_report import ForceReport
from registry.rules import calendar, permissions
from registry.rules.permissions import Actor, NotPermitted

log = structlog.get_logger()

# The process ends itself before the lease on the job does, so that no two make the same report.
TIME_LIMIT = int(REPORT_LEASE.total_seconds()) - 60
DIED = "The report took too long or too much memory to make. Nothing was written."
UNEXPECTED = "The report could not be made because of a fault in the register. The worker's log says more."


class CannotMake(Exception):
    """The report was not made and nothing was written. The message is one plain sentence."""


@dataclass(frozen=True)
class Job:
    """What to make: a report about an organisation (id), for a person, as at a moment, into a file."""

    kind: str
    organisation_id: int
    actor: Actor
    as_at: datetime
    out: Path


@dataclass(frozen=True)
class Made:
    """A finished report: pages, SHA-256 of the file, and how many seconds it took."""

    pages: int
    sha256: str
    seconds: float


def make_waiting(settings: Settings, now: datetime) -> bool:
    """Make the report that waits longest, and record it as ready or as failed with the reason.

    True when there was one. The report is as at `now`, the moment of making it.
    """
    waiting = claim_report(now)
    if waiting is None:
        return False
    file = f"{waiting.kind}-{waiting.organisation.slug}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{waiting.id}.pdf"
    try:
        made = make_report(settings, _job(settings, waiting, file, now))
        settle_report(waiting, state="ready", file=file, sha256=made.sha256, pages=made.pages, as_at=now)
        log.info("report made", report=waiting.id, pages=made.pages, seconds=round(made.seconds, 2))
    except CannotMake as fault:
        settle_report(waiting, state="failed", reason=str(fault))
        log.warning("report failed", report=waiting.id, reason=str(fault))
    except Exception:
        settle_report(waiting, state="failed", reason=UNEXPECTED)
        log.exception("report failed", report=waiting.id)
    return True


def make_file(settings: Settings, organisation_slug: str, out: Path, *, actor: Actor, now: datetime) -> Made:
    """Make a report about an organisation into the file `out`, replacing it. Raises CannotMake."""
    organisation = Organisation.get_or_none(Organisation.slug == organisation_slug)
    if organisation is None:
        raise CannotMake(f"There is no organisation called {organisation_slug}.")
    return make_report(settings, Job("force", organisation.id, actor, now, out))


def make_report(settings: Settings, job: Job) -> Made:
    """Make one report in a process started for it. Raises CannotMake; anything else is a fault of the register."""
    started = time.monotonic()
    try:
        # What a report says can be held against a history that was signed up to then.
        checkpoints.make(settings.signing_key, settings.checkpoints, now=job.as_at)
    except OSError as error:
        raise CannotMake(f"{settings.checkpoints} cannot be written: {error.strerror}.") from error
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_settle_in, initargs=(TIME_LIMIT,)) as pool:
        try:
            pages, sha256 = pool.submit(_make, settings, job).result()
        except BrokenProcessPool as error:
            raise CannotMake(DIED) from error
    return Made(pages, sha256, time.monotonic() - started)


def _job(settings: Settings, waiting: ReportJob, file: str, now: datetime) -> Job:
    """The job as its person may have it now: roles may have ended since it was asked for."""
    actor = people.actor(Person.get_by_id(waiting.person_id), calendar.day_of(now))
    try:
        permissions.require(actor, "report:read", waiting.organisation_id)
    except NotPermitted as error:
        raise CannotMake("The person who asked may no longer have this report.") from error
    folder = settings.files / "reports"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CannotMake(f"{folder} cannot be made: {error.strerror}.") from error
    return Job(waiting.kind, waiting.organisation_id, actor, now, folder / file)


# ---- in the process of its own


def _settle_in(seconds: int) -> None:
    """Being told to stop is for the parent, which waits for this report; one that takes for ever ends by the alarm."""
    for told_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told_to_stop, signal.SIG_IGN)
    signal.alarm(seconds)


def _make(settings: Settings, job: Job) -> tuple[int, str]:
    """Make the report; returns the number of its pages and the SHA-256 of the file."""
    try:
        # Imported here: WeasyPrint is large, and nobody but this process needs it.
        from registry.reporting import rendering
    except (ImportError, OSError) as error:
        raise CannotMake(f"WeasyPrint or a library of the system that it needs is missing: {error}") from error
    try:
        report = _gather(settings, job)
        # What exists by now stays: going through it again and again costs a tenth to a quarter of the time.
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        rendered = rendering.render(report, service_name=settings.service_name)
    except (NotFound, rendering.CannotRender) as error:
        raise CannotMake(str(error)) from error
    _write(job.out, rendered.pdf)
    return rendered.pages, hashlib.sha256(rendered.pdf).hexdigest()


def _gather(settings: Settings, job: Job) -> ForceReport:
    open_database(settings.database, settings.base)
    with snapshot():
        return force_report.gather(job.organisation_id, actor=job.actor, as_at=job.as_at)


def _write(out: Path, pdf: bytes) -> None:
    """Write the file whole or not at all: first beside it, then renamed."""
    part = out.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise CannotMake(f"{out} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink()
