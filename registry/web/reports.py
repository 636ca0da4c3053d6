"""Reports: asked for here, made by the worker, downloaded when ready."""

from typing import Any

from flask import Blueprint, render_template, send_file, url_for
from flask_babel import gettext as _

from registry.actions import reports
from registry.records import jobs, register, sorting
from registry.records.database import NotFound
from registry.records.jobs import ReportJob
from registry.records.organisations import Organisation
from registry.rules.permissions import FORCE_ROLES
from registry.web.access import actor, needs, now, settings
from registry.web.acting import act, show
from registry.web.forms import ReportRequestForm
from registry.web.paging import listed

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.route("", methods=["GET", "POST"])
@needs("report:request")
def listing() -> Any:
    form = ReportRequestForm()
    offered = _offered()
    form.offer(offered)
    slugs = {o.slug: o.id for o in offered}
    done = act(
        form,
        lambda: reports.request_report("force", slugs[form.organisation.data], actor=actor(), now=now()),
        _("The report is being made"),
        lambda job: url_for("reports.report", job_id=job.id),
    )
    return done or show("reports/listing.html", form, found=listed(jobs.readable(actor()), sorting.REPORTS))


@blueprint.get("/<id:job_id>")
@needs("report:read")
def report(job_id: int) -> str:
    return render_template("reports/report.html", job=_find(job_id))


@blueprint.get("/<id:job_id>/download")
@needs("report:read")
def download(job_id: int) -> Any:
    job = _find(job_id)
    file = settings().files / "reports" / job.file
    if job.state != "ready" or not file.is_file():
        raise NotFound("There is no such file.")
    name = f"{job.kind}-report-{job.organisation.slug}-{job.as_at:%Y-%m-%d}.pdf"
    return send_file(file, mimetype="application/pdf", as_attachment=True, download_name=name)


def _find(job_id: int) -> ReportJob:
    found = jobs.readable(actor()).where(ReportJob.id == job_id).get_or_none()
    if found is None:
        raise NotFound("There is no such report.")
    return found


def _offered() -> list[Organisation]:
    """The organisations the person may have a report about: a force's people their own, others all."""
    who = actor()
    if who.is_regulator or who.is_auditor:
        return list(register.organisations())
    mine = who.organisations(*FORCE_ROLES)
    return list(Organisation.select().where(Organisation.id.in_(mine)).order_by(Organisation.name))
