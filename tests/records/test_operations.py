"""What the operator is told, and when the desk says that the worker stands still."""

from datetime import timedelta

from registry.actions import reminders
from registry.records import jobs, operations
from registry.records.messages import Message
from tests import given
from tests.given import DAY, NOW, TODAY

HOUR = timedelta(hours=1)


def finished(slot_at, job="sweep"):
    jobs.finish_slot(jobs.claim_slot(job, slot_at, slot_at), "done", now=slot_at)


def test_an_empty_register_has_nothing_waiting(database):
    given.a_register()
    assert operations.state(TODAY) == operations.State(0, None, 0, 0, 0, 0, {})


def test_the_state_counts_what_waits_is_parked_open_and_overdue(database):
    given.a_register()
    given.a_liaison_officer()
    given.a_liaison_officer("essex")
    given.a_made_notice(to=["kent", "essex"])
    Message.update(state="parked").where(
        Message.id == Message.select(Message.id).order_by(Message.id).limit(1)
    ).execute()
    finished(NOW)
    finished(NOW - DAY)
    jobs.claim_slot("sweep", NOW + DAY, NOW + DAY)
    found = operations.state(TODAY + 80 * DAY)
    assert found == operations.State(1, NOW, 1, 0, 2, 2, {"sweep": NOW})
    assert operations.state(TODAY).assignments_overdue == 0


def test_counting_stops_where_it_is_many(database, monkeypatch):
    monkeypatch.setattr(operations, "MOST", 2)
    given.a_register()
    given.a_made_notice(to=given.many_forces(3))
    assert operations.state(TODAY).assignments_open == 2


def test_the_state_takes_a_number_of_queries_that_does_not_grow(database):
    given.a_register()
    given.a_made_notice(to=given.many_forces(3))
    with given.queries() as sent:
        operations.state(TODAY)
    assert len(sent) == 7


def test_a_register_that_was_never_swept_is_quiet_after_a_day(database):
    given.a_register()
    assert operations.quiet_since(NOW + 25 * HOUR) is None
    assert operations.quiet_since(NOW + 27 * HOUR) == NOW


def test_a_sweep_this_morning_or_yesterday_is_no_silence(database):
    given.a_register()
    finished(NOW + 9 * DAY)
    assert operations.quiet_since(NOW + 10 * DAY) is None
    assert operations.quiet_since(NOW + 10 * DAY + 3 * HOUR) == NOW + 9 * DAY


def test_a_run_that_failed_is_no_sweep_and_another_job_neither(database):
    given.a_register()
    jobs.claim_slot("sweep", NOW + 9 * DAY, NOW + 9 * DAY)
    finished(NOW + 9 * DAY, job="other")
    assert operations.quiet_since(NOW + 9 * DAY) == NOW


def test_reminders_queued_by_hand_count_as_a_sweep(database):
    given.a_register()
    given.a_liaison_officer()
    given.an_assignment()
    reminders.sweep(actor=given.the_system(), now=NOW + 42 * DAY)
    assert operations.quiet_since(NOW + 42 * DAY + 10 * HOUR) is None
    assert operations.quiet_since(NOW + 44 * DAY) is not None


def test_an_empty_database_is_not_called_quiet(database):
    assert operations.quiet_since(NOW) is None
