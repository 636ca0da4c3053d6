"""The table of jobs: a slot is run once by however many workers, and a missed one is caught up once."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from registry.records.database import database as bound
from registry.records.jobs import SLOT_LEASE, SlotClaim
from registry.records.messages import Message
from registry.rules import calendar
from registry.worker.jobs import JOBS, Job, connected, run_job, this_morning
from tests import given
from tests.given import DAY, NOW
from tests.worker.outbox import PushedClock, last_run, messages_wait, settings_for

SWEEP = next(job for job in JOBS if job.name == "sweep")
SETTINGS = settings_for("file:///nowhere")
MORNING = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


def at(now: datetime) -> PushedClock:
    return PushedClock(now)


def counted(runs: list, outcome: str = "done") -> Job:
    """A job with the slot of the day that notes when it ran."""

    def run(settings, clock) -> str:
        runs.append(clock())
        return outcome

    return Job("counted", timedelta(minutes=5), run, slot=this_morning)


# ---- the slot of the day


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        (datetime(2026, 3, 2, 6, 29, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 2, 6, 30, tzinfo=UTC), datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        (datetime(2026, 3, 2, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        (datetime(2026, 7, 1, 5, 29, tzinfo=UTC), None),
        (datetime(2026, 7, 1, 5, 30, tzinfo=UTC), datetime(2026, 7, 1, 5, 30, tzinfo=UTC)),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), None),
        # the days on which the clocks change
        (datetime(2026, 3, 29, 8, tzinfo=UTC), datetime(2026, 3, 29, 5, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 8, tzinfo=UTC), datetime(2026, 10, 25, 6, 30, tzinfo=UTC)),
    ],
)
def test_the_slot_is_half_past_six_in_england_as_an_instant(now, slot):
    assert this_morning(now) == slot


@whatever(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_nothing_is_due_in_the_night_and_each_day_has_one_slot(now):
    slot = this_morning(now)
    local = now.astimezone(calendar.CIVIL)
    assert (slot is None) == ((local.hour, local.minute) < (6, 30))
    assert slot is None or (slot <= now and calendar.day_of(slot) == calendar.day_of(now))


# ---- once a slot


def test_a_slot_is_run_once_and_what_it_did_is_recorded(database):
    runs: list[datetime] = []
    for minutes in (0, 5, 10, 600):
        assert run_job(counted(runs), SETTINGS, at(NOW + timedelta(minutes=minutes)))
    assert runs == [NOW]
    run = last_run("counted")
    assert (run.slot_at, run.claimed_at, run.finished_at, run.outcome) == (MORNING, NOW, NOW, "done")


def test_before_the_morning_nothing_runs(database):
    runs: list[datetime] = []
    run_job(counted(runs), SETTINGS, at(MORNING - timedelta(hours=4)))
    assert (runs, SlotClaim.select().count()) == ([], 0)


def test_two_workers_at_the_same_slot_sweep_once(shared_database):
    given.a_register()
    given.a_liaison_officer()
    given.an_assignment("kent")
    later = NOW + 42 * DAY
    given.together(*[lambda: run_job(SWEEP, SETTINGS, at(later))] * 4)
    assert given.events().count("reminders.swept") == 1
    assert [run.outcome for run in SlotClaim.select()] == ["2 reminders queued"]
    assert Message.select().where(Message.kind == "reminders").count() == 1


def test_many_workers_share_many_slots_and_none_runs_twice(shared_database):
    runs: list[datetime] = []
    days = [NOW + number * DAY for number in range(20)]
    job = counted(runs)
    given.together(*[lambda: [run_job(job, SETTINGS, at(day)) for day in days]] * 3)
    assert sorted(runs) == days


def test_after_a_weeks_outage_one_sweep_catches_up(database):
    given.a_register()
    officer = given.a_liaison_officer()
    given.an_assignment("kent")
    run_job(SWEEP, SETTINGS, at(NOW + 5 * DAY))
    back = NOW + 58 * DAY
    for minutes in (0, 5, 10):
        run_job(SWEEP, SETTINGS, at(back + timedelta(minutes=minutes)))
    assert SlotClaim.select().count() == 2
    assert given.events().count("reminders.swept") == 1
    digest = Message.get(kind="reminders")
    assert (digest.person_id, digest.day) == (officer.person_id, date(2026, 4, 29))
    assert digest.reminders.count() == 2


# ---- failures


def failing(runs: list) -> Job:
    def run(settings, clock) -> str:
        runs.append(clock())
        raise OSError("No space left on device")

    return Job("failing", timedelta(minutes=5), run, slot=this_morning)


def test_a_failed_run_is_recorded_with_its_reason_and_run_again_later_that_day(database):
    runs: list[datetime] = []
    assert not run_job(failing(runs), SETTINGS, at(NOW))
    assert last_run("failing").outcome == "OSError: No space left on device"
    assert last_run("failing").finished_at is None
    run_job(failing(runs), SETTINGS, at(NOW + SLOT_LEASE))
    assert runs == [NOW]
    again = NOW + SLOT_LEASE + timedelta(minutes=1)
    assert not run_job(failing(runs), SETTINGS, at(again))
    assert runs == [NOW, again]


def test_a_run_whose_worker_died_is_taken_up_by_one_other(shared_database):
    SlotClaim.create(job="counted", slot_at=MORNING, claimed_at=NOW)
    runs: list[datetime] = []
    later = NOW + SLOT_LEASE + timedelta(minutes=1)
    given.together(*[lambda: run_job(counted(runs), SETTINGS, at(later))] * 3)
    assert runs == [later]
    assert last_run("counted").finished_at == later


def test_a_failing_sweep_leaves_nothing_half_done(database, monkeypatch):
    given.a_register()
    given.a_liaison_officer()
    given.an_assignment("kent")
    monkeypatch.setattr("registry.actions.reminders.history.record", lambda *a, **k: 1 / 0)
    assert not run_job(SWEEP, SETTINGS, at(NOW + 42 * DAY))
    assert Message.select().where(Message.kind == "reminders").count() == 0
    assert "ZeroDivisionError" in last_run("sweep").outcome


def test_a_failing_job_without_a_slot_is_told_and_not_raised(database, capsys):
    job = Job("broken", timedelta(minutes=1), lambda settings, clock: 1 / 0)
    assert not run_job(job, SETTINGS, at(NOW))


# ---- the jobs themselves


def test_the_delivery_says_what_it_did_and_nothing_when_it_did_nothing(database, tmp_path: Path):
    messages_wait(2)
    settings = settings_for("file://mail", tmp_path)
    job = next(job for job in JOBS if job.name == "deliver")
    assert job.run(settings, at(NOW)) == "2 messages sent, 0 failed"
    assert job.run(settings, at(NOW)) == ""


def test_a_job_opens_a_connection_of_its_own_and_closes_it_again(shared_database):
    bound.close()
    with connected():
        assert not bound.is_closed()
    assert bound.is_closed()
    bound.connect()
    with connected():
        pass
    assert not bound.is_closed()


def test_job_names_are_unique_and_only_slots_are_kept(database):
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert [job.name for job in JOBS if job.slot] == ["sweep", "forget", "checkpoint"]
