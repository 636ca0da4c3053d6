"""The worker's process: runs the table of jobs by the clock until it is told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import structlog
from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from registry import logs
from registry.config import Settings
from registry.records import presence
from registry.records.database import database, open_database
from registry.worker.delivery import now_in_utc
from registry.worker.jobs import JOBS, Job, run_job

# Seconds after which a job that could not start in time is skipped; the default of 1 drops jobs silently.
GRACE = 600
STOPPING = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


def run(
    settings: Settings,
    at: datetime | None = None,
    *,
    jobs: tuple[Job, ...] = JOBS,
    stop: threading.Event | None = None,
) -> int:
    """Run the jobs until SIGTERM, SIGINT or `stop`, then finish the running ones and return.

    With `at` (aware), each job runs once as if it were that instant. Returns how many of those failed;
    a worker that was told to stop returns 0. Opens the settings' database unless one is open.
    """
    logs.use(settings.log)
    if database.obj is None:
        open_database(settings.database, settings.base)
    if at is not None:
        return sum(not run_job(job, settings, lambda: at) for job in jobs)
    presence.announce()
    with _told_to_stop(stop or threading.Event()) as told:
        log.info("worker started", jobs=", ".join(job.name for job in jobs))
        _run_until(told, _scheduler(settings, jobs))
        log.info("worker stopped")
    return 0


def _scheduler(settings: Settings, jobs: tuple[Job, ...]) -> BlockingScheduler:
    """A scheduler that keeps nothing between runs: what was done for which slot stands in the database."""
    scheduler = BlockingScheduler(
        executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE},
        timezone=UTC,
    )
    for job in jobs:
        scheduler.add_job(
            run_job,
            "interval",
            seconds=job.every.total_seconds(),
            args=(job, settings, now_in_utc),
            id=job.name,
            next_run_time=now_in_utc(),
        )
    return scheduler


def _run_until(told: threading.Event, scheduler: BlockingScheduler) -> None:
    """Block until told to stop and every running job has ended."""

    def stop_when_told() -> None:
        told.wait()
        scheduler.shutdown(wait=True)

    # Shut down from another thread: in this one it would wait for itself.
    stopper = threading.Thread(target=stop_when_told, name="stopper", daemon=True)
    # Only a scheduler that has started can be shut down, even when it is told to stop before.
    scheduler.add_listener(lambda event: stopper.start(), EVENT_SCHEDULER_STARTED)
    scheduler.start()
    stopper.join()


@contextmanager
def _told_to_stop(told: threading.Event) -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set. Outside the main thread, where signals do not arrive, only the caller."""
    if threading.current_thread() is not threading.main_thread():
        yield told
        return

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()

    before = {number: signal.signal(number, tell) for number in STOPPING}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
