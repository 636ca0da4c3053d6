"""What the worker has done and is asked to do: claimed slots and reports to make."""

from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, Expression, ForeignKeyField, IntegerField, IntegrityError, ModelSelect, TextField

from registry.records.database import InstantField, NotFound, Table, is_sqlite, one_of, transaction
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.rules.permissions import AUDIT_ROLES, FORCE_ROLES, REGULATOR_ROLES, Actor

REPORT_KINDS = ("force",)
REPORT_STATES = ("queued", "making", "ready", "failed")
REPORT_LEASE = timedelta(minutes=10)
# A run that failed or died may be taken up again when this has passed since it was claimed.
SLOT_LEASE = timedelta(minutes=30)


class SlotClaim(Table):
    """That one worker, of any number, runs a job for a slot (an instant in UTC).

    `finished_at` is set only by a run that succeeded; `outcome` says what it did, or why it failed.
    """

    job = CharField(max_length=40)
    slot_at = InstantField()
    claimed_at = InstantField()
    finished_at = InstantField(null=True)
    outcome = TextField(default="")

    class Meta:
        indexes = ((("job", "slot_at"), True),)


class ReportJob(Table):
    """A report somebody asked for. `file` is its name below the reports folder once it is ready."""

    kind = CharField(max_length=20)
    organisation = ForeignKeyField(Organisation, null=True)
    person = ForeignKeyField(Person)
    requested_at = InstantField()
    state = CharField(max_length=7, default="queued")
    lease_until = InstantField(null=True)
    as_at = InstantField(null=True)
    file = CharField(max_length=120, default="")
    sha256 = CharField(max_length=64, default="")
    pages = IntegerField(null=True)
    reason = TextField(default="")

    class Meta:
        constraints = [one_of("state", REPORT_STATES)]


def claim_slot(job: str, slot_at: datetime, now: datetime) -> SlotClaim | None:
    """Claim a slot; None when it is done or another worker has it.

    A run that failed, or whose worker died, is claimed again once its lease is over.
    """
    held = SlotClaim.get_or_none((SlotClaim.job == job) & (SlotClaim.slot_at == slot_at))
    if held:
        return _take_over(held, now)
    try:
        return _insert_slot(job, slot_at, now)
    except IntegrityError:
        return None


def _take_over(held: SlotClaim, now: datetime) -> SlotClaim | None:
    lapsed = SlotClaim.finished_at.is_null() & (SlotClaim.claimed_at < now - SLOT_LEASE)
    taken = SlotClaim.update(claimed_at=now).where((SlotClaim.id == held.id) & lapsed).execute()
    return SlotClaim.get_by_id(held.id) if taken else None


def finish_slot(claim: SlotClaim, outcome: str, *, now: datetime) -> None:
    """Record that the run of a slot succeeded, and what it did."""
    SlotClaim.update(finished_at=now, outcome=outcome).where(_ours(claim)).execute()


def fail_slot(claim: SlotClaim, reason: str) -> None:
    """Record why the run of a slot failed; it stays unfinished, so it is run again when the lease is over."""
    SlotClaim.update(outcome=reason).where(_ours(claim)).execute()


def _ours(claim: SlotClaim) -> Expression:
    return (SlotClaim.id == claim.id) & (SlotClaim.claimed_at == claim.claimed_at)


@transaction
def _insert_slot(job: str, slot_at: datetime, now: datetime) -> SlotClaim:
    return SlotClaim.create(job=job, slot_at=slot_at, claimed_at=now)


@transaction
def claim_report(now: datetime) -> ReportJob | None:
    """Take the oldest report waiting to be made, or one whose maker died."""
    lapsed = (ReportJob.state == "making") & (ReportJob.lease_until < now)
    query = ReportJob.select().where((ReportJob.state == "queued") | lapsed).order_by(ReportJob.id).limit(1)
    job = (query if is_sqlite() else query.for_update("FOR UPDATE SKIP LOCKED")).first()
    if job:
        job.state, job.lease_until = "making", now + REPORT_LEASE
        job.save()
    return job


@transaction
def settle_report(job: ReportJob, *, state: str, **outcome: Any) -> bool:
    """Record how making a claimed report ended; False when its lease was over and another maker has it."""
    ours = (ReportJob.id == job.id) & (ReportJob.state == "making") & (ReportJob.lease_until == job.lease_until)
    return bool(ReportJob.update(state=state, lease_until=None, **outcome).where(ours).execute())


def readable(actor: Actor) -> ModelSelect:
    """The reports the actor asked for and may still read, newest first, with their organisations.

    Whoever has left a force no longer reads what was made for its people.
    """
    query = (
        ReportJob.select(ReportJob, Organisation)
        .join(Organisation)
        .where(ReportJob.person == actor.person_id)
        .order_by(ReportJob.id.desc())
    )
    if actor.has(*REGULATOR_ROLES, *AUDIT_ROLES):
        return query
    return query.where(ReportJob.organisation.in_(actor.organisations(*FORCE_ROLES)))


def report(actor: Actor, job_id: int) -> ReportJob:
    """One report within `readable`; NotFound when there is none."""
    found = readable(actor).where(ReportJob.id == job_id).get_or_none()
    if found is None:
        raise NotFound("There is no such report.")
    return found
