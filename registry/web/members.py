"""People: who holds which role in an organisation, for its lead and for the regulator's administrator."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.actions import people as verbs
from registry.actions.people import Term
from registry.records import history, members, people, sign_ins, sorting
from registry.records.people import Membership
from registry.rules import permissions
from registry.web.access import actor, needs, now, today
from registry.web.acting import act, show
from registry.web.forms import Act
from registry.web.paging import listed
from registry.web.people_forms import DeputyForm, EndForm, InviteForm, TermForm

MOST_EVENTS = 50

blueprint = Blueprint("members", __name__, url_prefix="/people")


@blueprint.get("")
@needs("person:read")
def organisations() -> Any:
    rows = list(members.managed(actor(), today()))
    if len(rows) == 1:
        return redirect(url_for("members.organisation", organisation=rows[0].slug))
    return render_template("members/organisations.html", rows=rows)


@blueprint.get("/organisations/<slug:organisation>")
@needs("person:read")
def organisation(organisation: str) -> str:
    found = members.organisation(actor(), organisation)
    rows = list(members.memberships_in(found, today()))
    leads = any(row.lead and row.person.active and people.holds(row, today()) for row in rows)
    return render_template("members/organisation.html", organisation=found, rows=rows, leads=leads, form=Act())


@blueprint.route("/organisations/<slug:organisation>/invite", methods=["GET", "POST"])
@needs("person:invite")
def invite(organisation: str) -> Any:
    found = members.organisation(actor(), organisation)
    form = InviteForm(data={"from_on": today()})
    form.offer(permissions.roles_in(found.type))
    if "liaison_officer" not in permissions.roles_in(found.type):
        del form.lead
    done = act(
        form,
        lambda: verbs.invite(found.id, form.email.data, form.name.data, _term(form), actor=actor(), now=now()),
        _("The person has the role. A message with all they need is on its way."),
        url_for("members.organisation", organisation=found.slug),
    )
    return done or show("members/invite.html", form, organisation=found)


@blueprint.get("/<id:person_id>")
@needs("person:read")
def person(person_id: int) -> str:
    return render_template("members/person.html", form=Act(), **_shown(person_id))


def _shown(person_id: int) -> dict[str, Any]:
    """What the page of a person shows: of their roles and events only those the reader manages."""
    found = members.person(actor(), person_id)
    held = members.roles(actor(), found)
    everything = permissions.may(actor(), "person:disable")
    events = list(history.of("person", found.id).limit(MOST_EVENTS)) if everything else []
    return {"person": found, "memberships": list(held), "events": events}


@blueprint.route("/<id:person_id>/organisations/<slug:organisation>/grant", methods=["GET", "POST"])
@needs("person:grant")
def grant(person_id: int, organisation: str) -> Any:
    found, where = members.person(actor(), person_id), members.organisation(actor(), organisation)
    form = TermForm(data={"from_on": today()})
    form.offer(permissions.roles_in(where.type))
    done = act(
        form,
        lambda: verbs.grant(found.id, where.id, _term(form), actor=actor(), now=now()),
        _("The role has been given"),
        url_for("members.person", person_id=found.id),
    )
    return done or show("members/grant.html", form, person=found, organisation=where)


@blueprint.post("/<id:person_id>/send-link")
@needs("person:send_link")
def send_link(person_id: int) -> Any:
    return _press(person_id, verbs.send_link, _("A message with a link is on its way"))


@blueprint.post("/<id:person_id>/disable")
@needs("person:disable")
def disable(person_id: int) -> Any:
    return _press(person_id, verbs.disable, _("The person is disabled and signed out everywhere"))


@blueprint.post("/<id:person_id>/enable")
@needs("person:enable")
def enable(person_id: int) -> Any:
    return _press(person_id, verbs.enable, _("The person can sign in again"))


def _press(person_id: int, verb: Any, said: str) -> Any:
    """A button on the page of a person."""
    members.person(actor(), person_id)
    form, to = Act(), url_for("members.person", person_id=person_id)
    done = act(form, lambda: verb(person_id, actor=actor(), now=now()), said, to)
    return done or show("members/person.html", form, **_shown(person_id))


@blueprint.route("/memberships/<id:membership_id>/end", methods=["GET", "POST"])
@needs("person:end")
def end(membership_id: int) -> Any:
    held = members.membership(actor(), membership_id)
    form = EndForm(data={"to_on": held.to_on or today(), "revision": str(held.revision)})
    done = act(
        form,
        lambda: verbs.end(held.id, form.to_on.day(), actor=actor(), now=now(), revision=form.revision.number()),
        _("The last day of the role is set"),
        _to(held),
    )
    return done or show("members/end.html", form, held=held, at_once=today() - timedelta(days=1))


@blueprint.route("/memberships/<id:membership_id>/name-deputy", methods=["GET", "POST"])
@needs("person:name_deputy")
def name_deputy(membership_id: int) -> Any:
    held = members.membership(actor(), membership_id)
    form = DeputyForm(data={"from_on": today()})
    form.offer(members.colleagues(held, today()))
    done = act(form, lambda: _name_deputy(held, form), _("The deputy is named"), _to(held))
    return done or show("members/name_deputy.html", form, held=held)


def _name_deputy(held: Membership, form: DeputyForm) -> Membership:
    deputy = int(form.deputy.data)
    return verbs.name_deputy(held.id, deputy, form.from_on.day(), form.to_on.day(), actor=actor(), now=now())


@blueprint.post("/memberships/<id:membership_id>/appoint-lead")
@needs("person:appoint_lead")
def appoint_lead(membership_id: int) -> Any:
    return _press_role(membership_id, verbs.appoint_lead, _("The person is a lead now"))


@blueprint.post("/memberships/<id:membership_id>/release-lead")
@needs("person:release_lead")
def release_lead(membership_id: int) -> Any:
    return _press_role(membership_id, verbs.release_lead, _("The person is a lead no longer"))


def _press_role(membership_id: int, verb: Any, said: str) -> Any:
    """A button beside a role, on the page of the person who holds it."""
    held = members.membership(actor(), membership_id)
    form, to = Act(), url_for("members.person", person_id=held.person_id)
    done = act(form, lambda: verb(held.id, actor=actor(), now=now()), said, to)
    return done or show("members/person.html", form, **_shown(held.person_id))


@blueprint.get("/sign-ins")
@needs("sign_in:read")
def log() -> str:
    outcome = request.args.get("outcome", "")
    found = listed(sign_ins.log(actor(), outcome), sorting.SIGN_INS)
    return render_template("members/sign_ins.html", found=found, outcome=outcome, outcomes=sign_ins.OUTCOMES)


# ---- what they share


def _term(form: TermForm) -> Term:
    lead = "lead" in form and form["lead"].data
    return Term(form.role.data, form.from_on.day(), form.to_on.data, bool(lead))


def _to(held: Membership) -> str:
    return url_for("members.organisation", organisation=held.organisation.slug)
