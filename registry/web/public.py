"""The register as anybody reads it: search, and a page for each recommendation and organisation."""

from flask import Blueprint, render_template, request

from registry.records import desks, lines, outcomes, overdue, register, sorting
from registry.records.register import Filters
from registry.web.access import actor, needs, today
from registry.web.filtering import choices, read_filters
from registry.web.paging import listed

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@needs("register:read")
def home() -> str:
    return render_template("public/home.html", latest=desks.latest(actor(), today(), most=5))


@blueprint.get("/recommendations")
@needs("register:read")
def recommendations() -> str:
    filters = read_filters(request.args)
    found = listed(register.recommendations(actor(), today(), filters), sorting.recommendations(filters.q))
    return render_template("public/recommendations.html", found=found, **choices(filters))


@blueprint.get("/recommendations/<reference:reference>")
@needs("register:read")
def recommendation(reference: str) -> str:
    found = register.recommendation(actor(), today(), reference)
    addressees = list(register.addressees(actor(), today(), found))
    context = {
        "addressees": addressees,
        "cases": register.case_references(found.notice),
        "replies": outcomes.published_replies(addressees),
    }
    return render_template("public/recommendation.html", found=found, **context)


@blueprint.get("/overdue")
@needs("register:read")
def overdue_replies() -> str:
    found = listed(lines.of_list(overdue.replies(actor(), today())), sorting.OVERDUE)
    late = desks.pile(overdue.publications(actor(), today()), sorting.TO_PUBLISH)
    return render_template("public/overdue.html", found=found, late=late)


@blueprint.get("/organisations")
@needs("register:read")
def organisations() -> str:
    counts = register.counts(actor(), today())
    return render_template("public/organisations.html", organisations=register.organisations(), counts=counts)


@blueprint.get("/organisations/<slug:slug>")
@needs("register:read")
def organisation(slug: str) -> str:
    found = register.organisation(slug)
    query = lines.of_list(register.assignments(actor(), today(), Filters(organisation=slug)))
    rows = listed(query, sorting.OF_ORGANISATION)
    return render_template("public/organisation.html", organisation=found, found=rows)
