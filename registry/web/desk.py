"""What needs me, first: one desk for each of the kinds of people."""

from typing import Any

from flask import Blueprint, render_template

from registry.records import desks, operations, register, sorting
from registry.rules.permissions import FORCE_ROLES, Actor
from registry.web.access import actor, needs, now, today

blueprint = Blueprint("desk", __name__)


@blueprint.get("/desk")
@needs("desk:read")
def desk() -> str:
    who = actor()
    if who.is_regulator:
        return render_template("desk/regulator.html", **_regulator(who))
    if who.has(*FORCE_ROLES):
        return render_template("desk/force.html", **_force(who))
    if who.is_auditor:
        return render_template("desk/auditor.html", latest=desks.latest(who, today()))
    return render_template("desk/reader.html", latest=desks.latest(who, today()))


def _regulator(who: Actor) -> dict[str, Any]:
    day = today()
    notices, unanswered = desks.notices(who, day), desks.unanswered(who, day)
    return {
        "drafts": notices["draft"],
        "in_review": notices["in_review"],
        "approved": notices["approved"],
        "embargoed": notices["made"],
        "to_chase": unanswered["overdue"],
        "replies": desks.pile(desks.replies_to_handle(who, day), sorting.TO_HANDLE),
        "due_soon": unanswered["due_soon"],
        "more_time": unanswered["extension_requested"],
        "quiet_since": operations.quiet_since(now()) if who.has("administrator", "case_officer") else None,
    }


def _force(who: Actor) -> dict[str, Any]:
    day = today()
    return {
        "organisations": list(register.own_organisations(who)),
        "to_acknowledge": desks.pile(desks.to_acknowledge(who, day), sorting.TO_ACKNOWLEDGE),
        "to_reply": desks.pile(desks.to_reply(who, day), sorting.OWED),
        "to_do": desks.pile(desks.to_do(who, day), sorting.OWED),
    }
