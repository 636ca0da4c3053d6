"""Asking for a report. It is made by the worker, in a process of its own."""

from datetime import datetime

from registry.records import history
from registry.records.database import lock, transaction
from registry.records.jobs import REPORT_KINDS, ReportJob
from registry.records.organisations import Organisation
from registry.rules import permissions
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


@transaction
def request_report(kind: str, organisation_id: int, *, actor: Actor, now: datetime) -> ReportJob:
    """Ask for a report about an organisation; a force's people about their own force only.

    Asking again while the same report waits or is being made returns the one asked for first.
    """
    # Held until the end, so that two clicks at once ask for one report.
    organisation = lock(Organisation, organisation_id)
    permissions.require(actor, "report:request", organisation_id)
    if kind not in REPORT_KINDS:
        raise NotAllowed("There is no such kind of report.")
    asked = _unfinished(kind, organisation_id, actor)
    if asked:
        return asked
    job = ReportJob.create(kind=kind, organisation=organisation, person=actor.person_id, requested_at=now)
    facts = {"kind": kind, "organisation": organisation.slug}
    history.record("report.requested", job, person_id=actor.person_id, at=now, facts=facts)
    return job


def _unfinished(kind: str, organisation_id: int, actor: Actor) -> ReportJob | None:
    return (
        ReportJob.select()
        .where(
            (ReportJob.kind == kind)
            & (ReportJob.organisation == organisation_id)
            & (ReportJob.person == actor.person_id)
            & ReportJob.state.in_(("queued", "making"))
        )
        .first()
    )
