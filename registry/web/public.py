"""The register as anybody reads it: search, and a page for each recommendation and organisation."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from registry.records import register
from registry.records.register import Filters
from registry.rules import clocks, workflow
from registry.web.access import actor, needs, today
from registry.web.paging import Paged, paged

blueprint = Blueprint("public", __name__)

LONGEST_QUERY = 200


@blueprint.get("/")
@needs("register:read")
def home() -> str:
    latest = register.recommendations(actor(), today(), Filters()).limit(5)
    return render_template("public/home.html", latest=latest)


@blueprint.get("/recommendations")
@needs("register:read")
def recommendations() -> str:
    filters = read_filters(request.args)
    found = paged(register.recommendations(actor(), today(), filters))
    return render_template("public/recommendations.html", found=found, filters=filters, **choices())


@blueprint.get("/recommendations/<reference:reference>")
@needs("register:read")
def recommendation(reference: str) -> str:
    found = register.recommendation(actor(), today(), reference)
    addressees = list(register.addressees(actor(), today(), found))
    context = {
        "addressees": addressees,
        "cases": register.case_references(found.notice),
        "replies": register.published_replies(addressees),
    }
    return render_template("public/recommendation.html", found=found, **context)


@blueprint.get("/organisations")
@needs("register:read")
def organisations() -> str:
    counts = register.counts(actor(), today())
    return render_template("public/organisations.html", organisations=register.organisations(), counts=counts)


@blueprint.get("/organisations/<slug:slug>")
@needs("register:read")
def organisation(slug: str) -> str:
    found = register.organisation(slug)
    rows: Paged = paged(register.assignments(actor(), today(), Filters(organisation=slug)))
    return render_template("public/organisation.html", organisation=found, rows=rows)


def read_filters(arguments: MultiDict[str, str]) -> Filters:
    """The filters in an address. A value that is none of ours narrows nothing, so an old link still opens."""

    def known(name: str, values: Any) -> str:
        value = arguments.get(name, "")
        return value if value in values else ""

    year = arguments.get("year", "")
    return Filters(
        q=" ".join(arguments.get("q", "").replace("\x00", " ").split())[:LONGEST_QUERY],
        topic=plain(arguments.get("topic", "")),
        organisation=plain(arguments.get("organisation", "")),
        basis=known("basis", clocks.BASES),
        acceptance=known("acceptance", workflow.ACCEPTANCE),
        reply_clock=known("reply_clock", clocks.REPLY_CLOCK_STATES),
        implementation=known("implementation", workflow.IMPLEMENTATION),
        year=int(year) if year.isascii() and year.isdecimal() and len(year) == 4 and year > "1900" else None,
    )


def plain(slug: str) -> str:
    """A slug from an address, or nothing when it cannot be one."""
    return slug if slug.replace("-", "").isalnum() and slug.isascii() else ""


def choices() -> dict[str, Any]:
    """What the filter lists offer."""
    return {
        "topics": [(topic.slug, topic.name) for topic in register.topics()],
        "organisations": [(found.slug, found.name) for found in register.organisations()],
        "years": [(year, year) for year in register.years(actor(), today())],
    }
