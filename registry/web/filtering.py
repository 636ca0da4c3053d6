"""What a list is narrowed by: read from the address, offered, and shown so that each can be taken away."""

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from registry.records import register, waiting
from registry.records.register import Filters
from registry.rules import clocks, searching, wording, workflow
from registry.rules.wording import N_
from registry.web.access import actor, today
from registry.web.converters import Reference

LONGEST_QUERY = 200
LABELS = {
    "q": N_("Search"),
    "topic": N_("Topic"),
    "organisation": N_("Organisation"),
    "basis": N_("Basis"),
    "year": N_("Year made"),
    "acceptance": N_("Accepted"),
    "audit_result": N_("Auditors found"),
    "reply_clock": N_("Reply"),
    "implementation": N_("The force says"),
    "waiting": N_("Waiting for"),
    "reference": N_("Recommendation"),
    "published": N_("Published"),
}
# Those a list has no box for: links lead to them, and the form keeps them.
UNSEEN = ("waiting", "reference", "published")
WORDS = {
    "basis": wording.BASIS,
    "acceptance": wording.ACCEPTANCE,
    "audit_result": wording.AUDIT_RESULT,
    "reply_clock": wording.REPLY_CLOCK,
    "implementation": wording.IMPLEMENTATION,
    "waiting": wording.WAITING,
    "published": {"no": N_("Not yet")},
}
REFERENCE = re.compile(Reference.regex)


def read_filters(arguments: MultiDict[str, str], of_assignments: bool = False) -> Filters:
    """The filters in an address. A value that is none of ours narrows nothing, so an old link still opens."""
    reference = arguments.get("reference", "")

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
        reply_clock=known("reply_clock", clocks.REPLY_CLOCK_STATES) if of_assignments else "",
        waiting=known("waiting", waiting.WAITING) if of_assignments else "",
        reference=reference if of_assignments and REFERENCE.fullmatch(reference) else "",
        published="" if of_assignments else known("published", ("no",)),
        implementation=known("implementation", workflow.IMPLEMENTATION),
        audit_result=known("audit_result", workflow.AUDIT_RESULT),
        year=int(year) if year.isascii() and year.isdecimal() and len(year) == 4 and year > "1900" else None,
    )


def plain(slug: str) -> str:
    """A slug from an address, or nothing when it cannot be one."""
    return slug if slug.replace("-", "").isalnum() and slug.isascii() else ""


def choices(filters: Filters) -> dict[str, Any]:
    """What the filter lists offer, and what was chosen of them."""
    found = register.choices(actor(), today())
    offered: dict[str, list[tuple[Any, str]]] = {
        "topic": found.topics,
        "organisation": found.organisations,
        "year": [(year, str(year)) for year in found.years],
        **{name: [(value, _(words)) for value, words in table.items()] for name, table in WORDS.items()},
    }
    kept = {name: getattr(filters, name) for name in UNSEEN if getattr(filters, name)}
    return {"filters": filters, "offered": offered, "narrowed": narrowed(filters, offered), "kept": kept}


@dataclass(frozen=True)
class Narrowing:
    """One thing a list was narrowed by: its name in the address, and both as they are read."""

    name: str
    label: str
    value: str


def narrowed(filters: Filters, offered: dict[str, list[tuple[Any, str]]]) -> list[Narrowing]:
    """What the list was narrowed by, each to be shown and to be taken away. A value not on offer is shown as it is.

    What was typed and holds no word, only signs, narrows nothing.
    """
    words = searching.parse(filters.q)
    found = []
    for name, label in LABELS.items():
        value = getattr(filters, name)
        if value and (name != "q" or words.wanted or words.unwanted):
            found.append(Narrowing(name, _(label), dict(offered.get(name, [])).get(value, str(value))))
    return found
