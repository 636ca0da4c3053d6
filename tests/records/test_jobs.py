"""What the worker claims is done once, however many workers there are."""

from datetime import timedelta

import pytest

from registry.records import jobs
from registry.records.jobs import REPORT_LEASE, SLOT_LEASE, ReportJob, SlotClaim
from tests import given
from tests.given import NOW

SOON_AFTER = NOW + timedelta(minutes=1)
MUCH_LATER = NOW + SLOT_LEASE + timedelta(seconds=1)


def test_a_slot_is_claimed_once(database):
    assert jobs.claim_slot("sweep", NOW, NOW).slot_at == NOW
    assert jobs.claim_slot("sweep", NOW, SOON_AFTER) is None
    assert SlotClaim.select().count() == 1


def test_a_finished_slot_is_never_claimed_again(database):
    claim = jobs.claim_slot("sweep", NOW, NOW)
    jobs.finish_slot(claim, "12 reminders queued", now=SOON_AFTER)
    assert jobs.claim_slot("sweep", NOW, NOW + timedelta(days=365)) is None
    kept = SlotClaim.get()
    assert (kept.finished_at, kept.outcome) == (SOON_AFTER, "12 reminders queued")


@pytest.mark.parametrize("ended", ["died", "failed"])
def test_a_run_that_died_or_failed_is_taken_up_when_its_lease_is_over(database, ended):
    claim = jobs.claim_slot("sweep", NOW, NOW)
    if ended == "failed":
        jobs.fail_slot(claim, "the database went away")
    assert jobs.claim_slot("sweep", NOW, NOW + SLOT_LEASE) is None
    assert jobs.claim_slot("sweep", NOW, MUCH_LATER).claimed_at == MUCH_LATER
    assert jobs.claim_slot("sweep", NOW, MUCH_LATER) is None


def test_a_worker_that_was_thought_dead_no_longer_speaks_for_the_slot(database):
    first = jobs.claim_slot("sweep", NOW, NOW)
    jobs.claim_slot("sweep", NOW, MUCH_LATER)
    jobs.finish_slot(first, "too late", now=MUCH_LATER)
    jobs.fail_slot(first, "too late")
    assert (SlotClaim.get().finished_at, SlotClaim.get().outcome) == (None, "")


def test_another_job_and_another_slot_are_claimed_apart(database):
    assert jobs.claim_slot("sweep", NOW, NOW)
    assert jobs.claim_slot("deliver", NOW, NOW)
    assert jobs.claim_slot("sweep", NOW + given.DAY, NOW)


def test_a_refused_claim_leaves_the_transaction_usable(database):
    jobs.claim_slot("sweep", NOW, NOW)
    with database.atomic():
        assert jobs.claim_slot("sweep", NOW, NOW) is None
        assert SlotClaim.select().count() == 1


def test_of_many_workers_one_gets_the_slot(shared_database):
    claims = given.together(*[lambda: jobs.claim_slot("sweep", NOW, NOW)] * 6)
    assert [error for error in claims if isinstance(error, Exception)] == []
    assert sum(claim is not None for claim in claims) == 1


def test_of_many_workers_one_takes_up_what_another_left(shared_database):
    jobs.claim_slot("sweep", NOW, NOW)
    claims = given.together(*[lambda: jobs.claim_slot("sweep", NOW, MUCH_LATER)] * 6)
    assert [error for error in claims if isinstance(error, Exception)] == []
    assert sum(claim is not None for claim in claims) == 1


# ---- reports


@pytest.fixture
def asked_for(database):
    given.a_register()
    return a_report_job()


def a_report_job():
    person = given.a_liaison_officer().person_id
    return ReportJob.create(kind="force", organisation=given.organisation("kent"), person=person, requested_at=NOW)


def test_the_oldest_report_is_made_first(asked_for):
    second = a_report_job()
    assert jobs.claim_report(NOW) == asked_for
    assert jobs.claim_report(NOW) == second
    assert jobs.claim_report(NOW) is None


def test_a_report_whose_maker_died_is_made_by_another(asked_for):
    jobs.claim_report(NOW)
    assert jobs.claim_report(NOW + REPORT_LEASE) is None
    again = jobs.claim_report(NOW + REPORT_LEASE + timedelta(seconds=1))
    assert again == asked_for
    assert again.lease_until == NOW + 2 * REPORT_LEASE + timedelta(seconds=1)


def test_a_finished_report_is_not_made_again(asked_for):
    ReportJob.update(state="ready").execute()
    assert jobs.claim_report(NOW + given.DAY) is None


def test_of_many_makers_one_gets_the_report(shared_database):
    given.a_register()
    a_report_job()
    made = given.together(*[lambda: jobs.claim_report(NOW)] * 4)
    assert [error for error in made if isinstance(error, Exception)] == []
    assert sum(job is not None for job in made) == 1
