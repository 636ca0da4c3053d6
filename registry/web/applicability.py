"""Whether a recommendation applies: claimed, agreed to, refused. Pages of an assignment."""

from typing import Any

from flask_babel import gettext as _

from registry.actions import applicability
from registry.web.access import actor, needs, now
from registry.web.acting import act, show
from registry.web.assignments import blueprint, find, page_of
from registry.web.forms import AgreeForm, ClaimForm, RefuseClaimForm


@blueprint.route("/<id:assignment_id>/claim-not-applicable", methods=["GET", "POST"])
@needs("assignment:claim_not_applicable")
def claim_not_applicable(assignment_id: int) -> Any:
    found, form = find(assignment_id, "claim_not_applicable"), ClaimForm()
    applicability.require_claimable(found)
    done = act(
        form,
        lambda: applicability.claim_not_applicable(found.id, form.reason.data, actor=actor(), now=now()),
        _("The regulator will decide whether it applies"),
        page_of(found),
    )
    return done or show("applicability/claim_not_applicable.html", form, found=found)


@blueprint.route("/<id:assignment_id>/agree-not-applicable", methods=["GET", "POST"])
@needs("assignment:agree_not_applicable")
def agree_not_applicable(assignment_id: int) -> Any:
    found, form = find(assignment_id, "agree_not_applicable"), AgreeForm()
    claim = applicability.require_claimed(found)
    done = act(
        form,
        lambda: applicability.agree_not_applicable(found.id, form.reason.data, actor=actor(), now=now()),
        _("Agreed, and closed"),
        page_of(found),
    )
    return done or show("applicability/agree_not_applicable.html", form, found=found, claim=claim)


@blueprint.route("/<id:assignment_id>/refuse-not-applicable", methods=["GET", "POST"])
@needs("assignment:refuse_not_applicable")
def refuse_not_applicable(assignment_id: int) -> Any:
    found, form = find(assignment_id, "refuse_not_applicable"), RefuseClaimForm()
    claim = applicability.require_claimed(found)
    done = act(
        form,
        lambda: applicability.refuse_not_applicable(found.id, form.reason.data, actor=actor(), now=now()),
        _("Decided: it applies"),
        page_of(found),
    )
    return done or show("applicability/refuse_not_applicable.html", form, found=found, claim=claim)
