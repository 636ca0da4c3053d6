"""What was recorded about an assignment, as far as a reader may see it: replies, decisions, reports, contacts."""

from dataclasses import dataclass, field, replace
from datetime import date

from peewee import ModelSelect, prefetch

from registry.records.assignments import (
    Acknowledgement,
    Assignment,
    Claim,
    Contact,
    CourtDays,
    Decision,
    Extension,
    HoldingReply,
    Progress,
    Response,
    View,
)
from registry.records.database import Table
from registry.records.people import Person
from registry.rules import permissions
from registry.rules.explaining import Moved


def latest_response(of: Assignment) -> Response | None:
    """The reply now in force, or None."""
    return of.responses.order_by(Response.number.desc()).first()


def latest_view(of: Assignment) -> View | None:
    """The regulator's last view of the reply now in force, or None."""
    response = latest_response(of)
    return response.views.order_by(View.id.desc()).first() if response else None


@dataclass(frozen=True)
class Recorded:
    """What was recorded about an assignment, as far as the reader may see it; newest first."""

    response: Response | None
    shown_part: str | None
    decisions: list[Decision]
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    court_days: list[CourtDays] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    holding_replies: list[HoldingReply] = field(default_factory=list)
    views: list[View] = field(default_factory=list)


@dataclass(frozen=True)
class Move:
    """A change of the dates for a reply as it can be explained, and what the letter's date was before."""

    moved: Moved
    old_due_on: date


def moves(of: Recorded) -> list[Move]:
    """The extensions granted and the days added for proceedings, in the order in which they moved the dates."""
    granted = [row for row in of.extensions if row.decision == "granted"]
    found = [
        (
            row.new_last_day,
            Move(
                Moved("extension", row.days_granted, row.decided_on, row.new_last_day, row.new_due_on), row.old_due_on
            ),
        )
        for row in granted
    ]
    found += [
        (
            row.new_last_day,
            Move(Moved("court", row.days, row.added_on, row.new_last_day, row.new_due_on), row.old_due_on),
        )
        for row in of.court_days
    ]
    # Days are only ever added: a later move ends later.
    return [move for _, move in sorted(found, key=lambda pair: pair[0])]


@dataclass(frozen=True)
class PublishedReply:
    """A reply as everybody may read it: the whole of it, or the part that was decided."""

    assignment: Assignment
    recorded: Recorded


def published_replies(among: list[Assignment]) -> list[PublishedReply]:
    """The replies among these assignments that have been published, in their order; three queries."""
    shown = {row.id: row for row in among if permissions.sees("public", "reply_text", row)}
    responses = Response.select().where(Response.assignment.in_(list(shown))).order_by(Response.number)
    latest = {response.assignment_id: response for response in prefetch(responses, Decision.select())} if shown else {}
    views = _published_views([response.id for response in latest.values()]) if latest else {}
    found = [(row, latest[key]) for key, row in shown.items() if key in latest]
    return [
        PublishedReply(
            row, replace(_as_seen(row, response, response.decisions, "public"), views=views.get(response.id, []))
        )
        for row, response in found
    ]


def _published_views(responses: list[int]) -> dict[int, list[View]]:
    """The regulator's published views of these replies, the last first, by reply."""
    rows = View.select().where(View.response.in_(responses) & View.published_on.is_null(False)).order_by(View.id.desc())
    found: dict[int, list[View]] = {}
    for row in rows:
        found.setdefault(row.response_id, []).append(row)
    return found


def recorded(of: Assignment, reader: str) -> Recorded:
    """The reply (or the part of it that was decided for this reader), reports, contacts and decisions."""

    def seen(fact: str) -> bool:
        return permissions.sees(reader, fact, of)

    response = latest_response(of) if seen("reply_text") else None
    decisions = list(response.decisions.order_by(Decision.id)) if response else []
    return replace(
        _as_seen(of, response, decisions, reader),
        acknowledgements=_with_person(of.acknowledgements, Acknowledgement) if seen("history") else [],
        progress=_with_person(of.progress, Progress) if seen("progress") else [],
        contacts=_with_person(of.contacts, Contact) if seen("contact_log") else [],
        extensions=list(of.extensions.order_by(Extension.id.desc())) if seen("history") else [],
        court_days=list(of.court_days.order_by(CourtDays.id.desc())) if seen("history") else [],
        claims=list(of.claims.order_by(Claim.id.desc())) if seen("history") else [],
        holding_replies=list(of.holding_replies.order_by(HoldingReply.id.desc())) if seen("representations") else [],
        views=_views(response, seen("view")),
    )


def _views(response: Response | None, all_of_them: bool) -> list[View]:
    """The regulator's views of a reply the reader may see: all of them, or those that were published."""
    if response is None:
        return []
    rows = response.views.order_by(View.id.desc())
    return list(rows if all_of_them else rows.where(View.published_on.is_null(False)))


def _as_seen(of: Assignment, response: Response | None, decisions: list[Decision], reader: str) -> Recorded:
    """The reply, or the part of it that the decisions show this reader."""
    every_word = permissions.sees(reader, "representations", of)
    parts = permissions.parts_shown(reader, of)
    redacted = [d.redacted_text for d in decisions if d.kind in parts and d.extent == "part"]
    whole = every_word or any(d.kind in parts and d.extent == "all" for d in decisions)
    return Recorded(
        response=response,
        shown_part=None if whole or not redacted else redacted[0],
        decisions=decisions if every_word else [],
    )


def _with_person(rows: ModelSelect, table: type[Table]) -> list[Table]:
    return list(rows.select(table, Person).join(Person).order_by(table.id.desc()))
