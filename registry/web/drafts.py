"""Drafts: written by an author, approved by somebody else, made by an approver or case officer."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from registry.actions import notices
from registry.actions.notices import DraftContent, DraftRecommendation, LetterDate
from registry.records import desks, register, sorting
from registry.records.database import NotFound
from registry.records.recommendations import Notice, draft_addressees, in_order
from registry.rules import limits, workflow
from registry.web.access import actor, needs, now, settings, today
from registry.web.acting import act, show
from registry.web.addressing import Groups
from registry.web.fields import options
from registry.web.forms import Act, ApproveForm, DraftForm, MakeForm, ReturnForm, split
from registry.web.paging import listed

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")


@blueprint.get("")
@needs("draft:read")
def drafts() -> str:
    return render_template("drafts/drafts.html", found=listed(desks.drafts(actor()), sorting.DRAFTS))


@blueprint.route("/new", methods=["GET", "POST"])
@needs("notice:draft")
def new() -> Any:
    form, groups = _form()
    if _add_part(form):
        return render_template("drafts/revise_draft.html", form=form, notice=None, groups=groups)
    done = act(
        form,
        lambda: notices.draft(_content(form, groups), actor=actor(), now=now()),
        _("Draft saved"),
        lambda notice: url_for("drafts.draft", draft_id=notice.id),
    )
    return done or show("drafts/revise_draft.html", form, notice=None, groups=groups)


@blueprint.get("/<id:draft_id>")
@needs("draft:read")
def draft(draft_id: int) -> str:
    notice = _find(draft_id)
    return render_template("drafts/draft.html", **_shown(notice), form=Act())


@blueprint.route("/<id:draft_id>/revise-draft", methods=["GET", "POST"])
@needs("notice:revise_draft")
def revise_draft(draft_id: int) -> Any:
    notice = _find(draft_id)
    workflow.check(notice, "state", "revise_draft", "draft")
    form, groups = _form(notice)
    if _add_part(form):
        return render_template("drafts/revise_draft.html", form=form, notice=notice, groups=groups)
    done = act(
        form,
        lambda: notices.revise_draft(
            draft_id, _content(form, groups), actor=actor(), now=now(), revision=form.revision.number()
        ),
        _("Draft saved"),
        url_for("drafts.draft", draft_id=draft_id),
    )
    return done or show("drafts/revise_draft.html", form, notice=notice, groups=groups)


@blueprint.post("/<id:draft_id>/submit")
@needs("notice:submit")
def submit(draft_id: int) -> Any:
    notice, form = _find(draft_id), Act()
    to = url_for("drafts.draft", draft_id=draft_id)
    done = act(form, lambda: notices.submit(draft_id, actor=actor(), now=now()), _("Sent for approval"), to)
    return done or show("drafts/draft.html", form, **_shown(notice))


@blueprint.route("/<id:draft_id>/return-draft", methods=["GET", "POST"])
@needs("notice:return_draft")
def return_draft(draft_id: int) -> Any:
    notice, form = _find(draft_id), ReturnForm()
    workflow.check(notice, "state", "return_draft", "draft")
    done = act(
        form,
        lambda: notices.return_draft(draft_id, form.reason.data, actor=actor(), now=now()),
        _("Returned to the author"),
        url_for("drafts.draft", draft_id=draft_id),
    )
    return done or show("drafts/return_draft.html", form, notice=notice)


@blueprint.route("/<id:draft_id>/approve", methods=["GET", "POST"])
@needs("notice:approve")
def approve(draft_id: int) -> Any:
    notice = _find(draft_id)
    form = ApproveForm(data={"revision": str(notice.revision)})
    workflow.check(notice, "state", "approve", "approved")
    done = act(
        form,
        lambda: notices.approve(draft_id, actor=actor(), now=now(), revision=form.revision.number()),
        _("Approved"),
        url_for("drafts.draft", draft_id=draft_id),
    )
    return done or show("drafts/approve.html", form, **_shown(notice))


@blueprint.route("/<id:draft_id>/make", methods=["GET", "POST"])
@needs("notice:make")
def make(draft_id: int) -> Any:
    notice = _find(draft_id)
    form = MakeForm(data={"revision": str(notice.revision)})
    workflow.check(notice, "state", "make", "made")
    done = act(
        form,
        lambda: notices.make(
            draft_id,
            actor=actor(),
            now=now(),
            revision=form.revision.number(),
            response_days=settings().response_days,
            letter_date=_letter_date(form),
            embargo_reason=form.embargo_reason.data,
        ),
        _("The notice has been made. The time for replies has started."),
        lambda made: url_for("notices.notice", reference=made.reference),
    )
    untold = notices.nobody_to_tell(notice, today())
    return done or show("drafts/make.html", form, untold=untold, **_shown(notice))


def _find(draft_id: int) -> Notice:
    """The notice, if the person may read drafts; one that has been made is found too, to say so in plain words."""
    found = Notice.get_or_none(Notice.id == draft_id)
    if found is None or not actor().is_regulator:
        raise NotFound("There is no such draft.")
    return found


def _shown(notice: Notice) -> dict[str, Any]:
    return {
        "notice": notice,
        "recommendations": list(in_order(notice)),
        "cases": register.case_references(notice),
        "addressees": draft_addressees(notice),
    }


def _form(notice: Notice | None = None) -> tuple[DraftForm, Groups]:
    """The draft form, filled from the notice unless something was sent, with what can be chosen."""
    groups = Groups.of(today())
    form = DraftForm(data=_stored(notice, groups) if notice else None)
    topics = options([("", _("No topic")), *((str(topic.id), topic.name) for topic in register.topics())])
    for part in form.recommendations:
        part.form.topic.choices = topics
    form.recipients.choices = form.in_scope.choices = options(groups.choices())
    return form, groups


def _stored(notice: Notice, groups: Groups) -> dict[str, Any]:
    chosen = draft_addressees(notice)
    return {
        "basis": notice.basis,
        "background": notice.background,
        "case_references": "; ".join(register.case_references(notice)),
        "recommendations": [
            {"title": r.title, "body": r.body, "topic": str(r.topic_id or "")} for r in in_order(notice)
        ],
        "recipients": groups.collapse([a.organisation.slug for a in chosen if a.capacity != "in_scope"]),
        "in_scope": groups.collapse([a.organisation.slug for a in chosen if a.capacity == "in_scope"]),
        "revision": str(notice.revision),
    }


def _add_part(form: DraftForm) -> bool:
    """Another recommendation asked for by its button: the form comes back with one more, and nothing is checked."""
    if "add" not in request.form or len(form.recommendations) >= limits.RECOMMENDATIONS_IN_A_NOTICE:
        return False
    form.recommendations.append_entry()
    form.recommendations[-1].form.topic.choices = form.recommendations[0].form.topic.choices
    return True


def _content(form: DraftForm, groups: Groups) -> DraftContent:
    recipients = groups.expand(form.recipients.data)
    # One that was added and left empty is left out.
    parts = [part.form for part in form.recommendations if part.form.title.data or part.form.body.data]
    return DraftContent(
        basis=form.basis.data,
        background=form.background.data,
        case_references=tuple(split(form.case_references.data)),
        recommendations=tuple(
            DraftRecommendation(p.title.data, p.body.data, int(p.topic.data) if p.topic.data else None) for p in parts
        ),
        recipients=tuple(recipients),
        # "All forces in scope" means all the others: a recipient is asked for more already.
        in_scope=tuple(o for o in groups.expand(form.in_scope.data) if o not in recipients),
    )


def _letter_date(form: MakeForm) -> LetterDate | None:
    day = form.response_due_on.data
    return LetterDate(day, form.due_reason.data) if day else None
