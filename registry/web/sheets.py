"""Every list as a CSV file: the same filters, order and scope as its page, streamed so that length costs no memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import get_translations
from peewee import ModelSelect

from registry.records import desks, events, jobs, keyset, members, overdue, register, sign_ins, sorting, visibility
from registry.records.database import database
from registry.records.keyset import Sort
from registry.records.register import Filters
from registry.reporting import sheets
from registry.reporting.sheets import Columns
from registry.rules import permissions
from registry.web.access import actor, needs, today
from registry.web.filtering import read_filters
from registry.web.history import read
from registry.web.security import is_demonstration

blueprint = Blueprint("sheets", __name__)

BATCH = 500


@blueprint.get("/recommendations.csv")
@needs("register:read")
def recommendations() -> Response:
    filters = read_filters(request.args)
    query = register.recommendations(actor(), today(), filters)
    return _sheet("recommendations", sheets.RECOMMENDATIONS, _rows(query, sorting.recommendations(filters.q)))


@blueprint.get("/organisations.csv")
@needs("register:read")
def organisations() -> Response:
    counts = register.counts(actor(), today())
    found = list(register.organisations())
    for one in found:
        one.put_to = counts.get(one.id, 0)
    return _sheet("organisations", sheets.ORGANISATIONS, [found])


@blueprint.get("/organisations/<slug:slug>.csv")
@needs("register:read")
def organisation(slug: str) -> Response:
    register.organisation(slug)
    query = register.assignments(actor(), today(), Filters(organisation=slug))
    return _assignments(slug, query, sorting.OF_ORGANISATION)


@blueprint.get("/overdue.csv")
@needs("register:read")
def overdue_replies() -> Response:
    return _assignments("overdue", overdue.replies(actor(), today()), sorting.OVERDUE)


@blueprint.get("/assignments.csv")
@needs("assignment:read")
def assignments() -> Response:
    query = register.own_assignments(actor(), today(), read_filters(request.args, of_assignments=True))
    return _assignments("assignments", query, sorting.ASSIGNMENTS)


@blueprint.get("/drafts.csv")
@needs("draft:read")
def drafts() -> Response:
    return _sheet("drafts", sheets.DRAFTS, _rows(desks.drafts(actor()), sorting.DRAFTS))


@blueprint.get("/reports.csv")
@needs("report:read")
def reports() -> Response:
    return _sheet("reports", sheets.REPORTS, _rows(jobs.readable(actor()), sorting.REPORTS))


@blueprint.get("/people/organisations/<slug:organisation>.csv")
@needs("person:read")
def members_of(organisation: str) -> Response:
    found = members.organisation(actor(), organisation)
    return _sheet(f"people-{organisation}", sheets.MEMBERSHIPS, [list(members.memberships_in(found, today()))])


@blueprint.get("/history.csv")
@needs("history:read")
def history() -> Response:
    return _sheet("history", sheets.EVENTS, _rows(events.events(actor(), read(request.args)), sorting.EVENTS))


@blueprint.get("/people/sign-ins.csv")
@needs("sign_in:read")
def log() -> Response:
    query = sign_ins.log(actor(), request.args.get("outcome", ""))
    return _sheet("sign-ins", sheets.SIGN_INS, _rows(query, sorting.SIGN_INS))


def _rows(query: ModelSelect, sorts: Sequence[Sort]) -> Iterable[list[Any]]:
    """All the rows of a list, in the order the address asks for."""
    return keyset.batches(query, keyset.chosen(sorts, request.args.get("sort", "")), BATCH)


def _assignments(name: str, query: ModelSelect, sorts: Sequence[Sort]) -> Response:
    """The sheet of assignments, each as the person asking may read it."""
    batches, read = _rows(query, sorts), _reading()
    return _sheet(name, sheets.ASSIGNMENTS, ([read(row) for row in batch] for batch in batches))


def _reading() -> Callable[[Any], Any]:
    """How the person asking reads an assignment: all that this request knows of it, since the file outlives it."""
    who, day, say = actor(), today(), get_translations().ugettext
    covered = visibility.covered(who)

    def read(row: Any) -> Any:
        reader = permissions.reader_of(who, row.organisation_id, covered.get(row.organisation_id))
        return sheets.assignment_row(row, lambda fact: permissions.sees(reader, fact, row), day, say)

    return read


def _sheet(name: str, columns: Columns, batches: Iterable[list[Any]]) -> Response:
    invented = is_demonstration()
    answer = Response(_connected(sheets.as_csv(columns, batches, invented=invented)), mimetype="text/csv")
    file = f"{'demonstration-' if invented else ''}{name}-{today():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def _connected(lines: Iterable[str]) -> Iterator[str]:
    """The lines, with a connection of their own: by the time they are sent the request has closed its own."""
    opened = database.connect(reuse_if_open=True)
    try:
        yield from lines
    finally:
        if opened:
            database.close()
