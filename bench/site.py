"""The product's own application with pages beside it that say the same by one f-string: what templates cost.

    gunicorn … bench.site:serve()

`/bench/assignments` answers with the page of the product, written by one f-string over the same rows;
`/bench/static` with the same bytes and no query but who asks.
"""

from typing import Any

from flask import Flask, current_app, request
from markupsafe import escape

from registry import app as product
from registry.records import lines, register, sorting
from registry.web import words
from registry.web.access import actor, needs, today
from registry.web.filtering import choices, read_filters
from registry.web.paging import listed

BODY = '<tbody class="govuk-table__body">'
KEPT: dict[str, str] = {}


def serve() -> Flask:
    """The product and the comparisons."""
    app = product.serve()
    app.add_url_rule("/bench/assignments", "bench-assignments", view_func=assignments)
    app.add_url_rule("/bench/static", "bench-static", view_func=static)
    return app


def page(path: str) -> str:
    """The product's own page of the same reader, rendered once in this process."""
    if path not in KEPT:
        with current_app.test_client() as client:
            KEPT[path] = client.get(path, headers={"Cookie": request.headers.get("Cookie", "")}).text
    return KEPT[path]


def pieces() -> tuple[str, str]:
    """What stands before and after the rows."""
    before, rest = page("/assignments").split(BODY, 1)
    after = rest[rest.index("</tbody>") :]
    return before + BODY, after


@needs("assignment:read")
def assignments() -> str:
    """The list of assignments by one f-string: the same questions to the database, the same words, no template."""
    filters = read_filters(request.args)
    query = lines.of_list(register.own_assignments(actor(), today(), filters))
    found = listed(query, sorting.ASSIGNMENTS)
    choices(filters)
    before, after = pieces()
    return f"{before}{''.join(map(_row, found.rows))}{after}"


TAGS = {"overdue": "red", "replied_late": "orange", "due_soon": "yellow", "running": "blue"}
TAGS |= {"replied_in_time": "green", "replied": "green"}


def _row(row: Any) -> str:
    f = words.facts(row)
    of = row.recommendation
    return (
        f'<tr class="govuk-table__row"><th scope="row" class="govuk-table__header"><a class="govuk-link" '
        f'href="/assignments/{row.id}">{escape(of.title)}</a><br><span class="govuk-!-font-weight-regular">'
        f'{escape(of.reference)}</span></th><td class="govuk-table__cell" data-label="Organisation">'
        f'{escape(row.organisation.name)}</td><td class="govuk-table__cell" data-label="Reply"><strong '
        f'class="govuk-tag govuk-tag--{TAGS.get(f.clock, "grey")}">{f.reply_clock}</strong></td>'
        f'<td class="govuk-table__cell" data-label="Answer">{f.acceptance}</td>'
        f'<td class="govuk-table__cell" data-label="The work">{f.implementation}</td>'
        f'<td class="govuk-table__cell" data-label="Auditors found">{f.audit_result}</td></tr>\n'
    )


@needs("assignment:read")
def static() -> str:
    """The same bytes, and nothing done for them but finding out who asks."""
    return page("/assignments")
