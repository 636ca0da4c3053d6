"""What the worker does and how often: one table. A job with a slot runs once a slot, however many workers there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import structlog

from registry.actions import reminders, sign_ins
from registry.config import Settings
from registry.records import checkpoints, jobs, people
from registry.records.database import connected
from registry.rules import calendar, wording
from registry.worker.delivery import Clock, deliver

MORNING = time(6, 30)
# A run of the delivery ends after this many messages, so that stopping the worker never waits long for it.
AT_ONCE = 1_000

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One job: `run` does it and returns what it did, "" for nothing.

    `every` is how often the scheduler looks. `slot`, where there is one, gives the instant (UTC) for
    which the job is due at a given moment, None for not now.
    """

    name: str
    every: timedelta
    run: Callable[[Settings, Clock], str]
    slot: Callable[[datetime], datetime | None] | None = None


def this_morning(now: datetime) -> datetime | None:
    """The slot of the day: 06:30 in England and Wales as an instant in UTC; None before it.

    Before 06:30 there is no slot, so nothing is swept in the night, and nothing in the hours that come
    twice or never when the clocks change. Missed mornings are caught up by the next: the sweep queues
    whatever has fallen due until today.
    """
    opening = datetime.combine(calendar.day_of(now), MORNING, tzinfo=calendar.CIVIL).astimezone(UTC)
    return opening if now >= opening else None


def run_sweep(settings: Settings, clock: Clock) -> str:
    """Queue the reminders that have fallen due."""
    now = clock()
    queued = reminders.sweep(actor=people.system(calendar.day_of(now)), now=now)
    return f"{wording.plural(queued, 'reminder')} queued"


def run_delivery(settings: Settings, clock: Clock) -> str:
    """Send what waits in the outbox."""
    done = deliver(settings, now=clock, limit=AT_ONCE)
    sent = f"{wording.plural(done.sent, 'message')} sent, {done.failed} failed"
    return sent if done.sent or done.failed else ""


def run_reports(settings: Settings, clock: Clock) -> str:
    """Make one report that somebody asked for, in a process of its own. How it ended is logged there."""
    # Imported late: a worker whose table has no reports needs nothing of reporting.
    from registry.reporting.making import make_waiting

    make_waiting(settings, clock())
    return ""


def run_forgetting(settings: Settings, clock: Clock) -> str:
    """Delete what is older than the security log is kept."""
    now = clock()
    gone = sign_ins.forget(settings.sign_in_log_days, actor=people.system(calendar.day_of(now)), now=now)
    return f"{wording.plural(gone, 'line')} of the security log deleted"


def run_checkpoint(settings: Settings, clock: Clock) -> str:
    """Sign the last event of the history, in the database and in the file outside it."""
    row = checkpoints.make(settings.signing_key, settings.checkpoints, now=clock())
    return f"event {row.number} signed" if row else "there is no event yet"


# In the order in which one pass (registry worker --at) runs them: what is swept leaves in the same pass.
JOBS = (
    Job("sweep", timedelta(minutes=5), run_sweep, slot=this_morning),
    Job("deliver", timedelta(minutes=1), run_delivery),
    Job("reports", timedelta(seconds=3), run_reports),
    Job("forget", timedelta(minutes=5), run_forgetting, slot=this_morning),
    Job("checkpoint", timedelta(minutes=5), run_checkpoint, slot=this_morning),
)


def run_job(job: Job, settings: Settings, clock: Clock) -> bool:
    """Run a job now if it is due, with a database connection of its own. False when it failed; the log says why."""
    try:
        with connected():
            outcome = _run_slot(job, job.slot, settings, clock) if job.slot else job.run(settings, clock)
    except Exception as fault:
        log.error("job failed", job=job.name, reason=_reason(fault))
        return False
    if outcome:
        log.info("job done", job=job.name, outcome=outcome)
    return True


def _run_slot(job: Job, slot: Callable[[datetime], datetime | None], settings: Settings, clock: Clock) -> str:
    """Run a job for its slot if nobody has. A failure is recorded and tried again when the lease is over."""
    slot_at = slot(clock())
    claim = jobs.claim_slot(job.name, slot_at, clock()) if slot_at else None
    if claim is None:
        return ""
    try:
        outcome = job.run(settings, clock)
    except Exception as fault:
        jobs.fail_slot(claim, _reason(fault))
        raise
    jobs.finish_slot(claim, outcome, now=clock())
    return outcome


def _reason(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
