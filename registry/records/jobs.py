"""What the worker has done and is asked to do: claimed slots and reports to make."""

from datetime import datetime, timedelta

from peewee import CharField, ForeignKeyField, IntegerField, IntegrityError, ModelSelect, TextField

from registry.records.database import InstantField, Table, is_sqlite, one_of, transaction
from registry.records.organisations import Organisation
from registry.records.people import Person

REPORT_KINDS = ("force",)
REPORT_STATES = ("queued", "making", "ready", "failed")
REPORT_LEASE = timedelta(minutes=10)


class SlotClaim(Table):
    """That one worker, of any number, runs a job for a slot (an instant in UTC)."""

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
        constraints = [one_of("kind", REPORT_KINDS), one_of("state", REPORT_STATES)]


def claim_slot(job: str, slot_at: datetime, now: datetime) -> SlotClaim | None:
    """Claim a slot; None when another worker, or an earlier run, already has it."""
    try:
        return _insert_slot(job, slot_at, now)
    except IntegrityError:
        return None


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


def last_run(job: str) -> SlotClaim | None:
    """The newest slot of the job that was claimed."""
    return SlotClaim.select().where(SlotClaim.job == job).order_by(SlotClaim.slot_at.desc()).first()


def reports_of(person_id: int) -> ModelSelect:
    """The reports a person asked for, newest first."""
    return (
        ReportJob.select(ReportJob, Organisation)
        .join(Organisation)
        .where(ReportJob.person == person_id)
        .order_by(ReportJob.id.desc())
    )
