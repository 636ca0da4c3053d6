"""Everything a compliance report about one organisation says, gathered in a fixed number of queries.

What is gathered are machine values as in the JSON of an assignment (contract); the words come when it is
rendered. A fact the reader may not see is None here and "Not disclosed" on paper.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from peewee import fn

from registry.records import database, installation, register, visibility
from registry.records.assignments import Assignment, Progress
from registry.records.database import NotFound
from registry.records.organisations import Organisation
from registry.reporting.figures import Figures, figures
from registry.rules import calendar, clocks, permissions, reading, wording
from registry.rules.permissions import Actor
from registry.rules.wording import Translate

# The order in which a board reads: what is owed first, what is settled last.
GROUPS = ("owed", "awaited", "in_scope", "replied", "closed")
OWED_CLOCKS = ("overdue", "due_soon")


@dataclass(frozen=True)
class Said:
    """What the organisation last reported about its work, and on which day."""

    implementation: str
    text: str
    reported_on: date


@dataclass(frozen=True)
class Line:
    """One assignment as the reader may see it. Days are civil dates; `days_late` counts calendar days.

    acceptance, applicability, implementation and audit_result are None where the reader may not see them.
    """

    id: str
    reference: str
    notice: str
    title: str
    topic: str | None
    organisation: str
    capacity: str
    basis: str
    made_on: date | None
    made_on_precision: str
    published_on: date | None
    statutory_last_day: date | None
    response_due_on: date | None
    reply_clock: str
    days_late: int
    late_in_law: bool
    acknowledge_by: date | None
    acknowledged_on: date | None
    received_on: date | None
    publish_by: date | None
    acceptance: str | None
    applicability: str | None
    implementation: str | None
    progress: Said | None
    audit_result: str | None
    disputed: bool | None
    checked_on: date | None
    sites_checked: int | None
    sites_total: int | None
    closed_on: date | None
    closed_reason: str | None
    summary: str
    revision: int

    @property
    def group(self) -> str:
        """Which of GROUPS it stands in."""
        if self.closed_on is not None:
            return "closed"
        if self.reply_clock.startswith("replied"):
            return "replied"
        if self.reply_clock in OWED_CLOCKS:
            return "owed"
        return "in_scope" if self.capacity == "in_scope" else "awaited"


@dataclass(frozen=True)
class Group:
    """Assignments that stand alike; `key` is one of GROUPS."""

    key: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class ForceReport:
    """The report as data: `as_at` is an instant in UTC, `made_for` a name with the organisations it acts for.

    `reader` is as whom it was read (permissions.READERS); `demonstration` marks invented data.
    """

    kind: str
    organisation: str
    organisation_name: str
    as_at: datetime
    made_for: str
    reader: str
    language: str
    demonstration: bool
    figures: Figures
    groups: tuple[Group, ...]

    @property
    def owed(self) -> tuple[Line, ...]:
        """What needs attention now: overdue and due soon, the first due first."""
        return next((group.lines for group in self.groups if group.key == "owed"), ())

    @property
    def longest_overdue(self) -> int:
        """Days by which the reply that is longest overdue is late; 0 when none is."""
        return max((line.days_late for line in self.owed), default=0)

    @property
    def canonical(self) -> str:
        """The one JSON text of the report: the same data give the same bytes."""
        return database.canonical(asdict(self))


def gather(
    organisation_id: int,
    *,
    actor: Actor,
    as_at: datetime,
    translate: Translate = wording.english,
    language: str = "en",
) -> ForceReport:
    """Gather the report about an organisation as the actor may see it; NotFound when there is no such one.

    The number of queries does not depend on the number of assignments. For figures and lines of one moment
    call it within `database.snapshot()`.
    """
    organisation = Organisation.get_or_none(Organisation.id == organisation_id)
    if organisation is None:
        raise NotFound("There is no such organisation.")
    today = calendar.day_of(as_at)
    reader = permissions.reader_of(actor, organisation_id, visibility.covered(actor).get(organisation_id))
    return ForceReport(
        kind="force",
        organisation=organisation.slug,
        organisation_name=organisation.name,
        as_at=as_at,
        made_for=_made_for(actor, translate),
        reader=reader,
        language=language,
        demonstration=installation.kind() == "demonstration",
        figures=figures(organisation_id, actor=actor, today=today),
        groups=_grouped(_lines(organisation_id, actor, reader, today, translate)),
    )


def _made_for(actor: Actor, translate: Translate) -> str:
    """The person with the organisations they act for: "Ann Field, The regulator"."""
    ids = {grant.organisation_id for grant in actor.grants}
    found = Organisation.select(Organisation.name).where(Organisation.id.in_(ids)).order_by(Organisation.name)
    names = [actor.name, *(organisation.name for organisation in found)]
    return ", ".join(name for name in names if name) or translate(wording.N_("the public"))


def _grouped(lines: list[Line]) -> tuple[Group, ...]:
    groups = (Group(key, tuple(line for line in lines if line.group == key)) for key in GROUPS)
    return tuple(group for group in groups if group.lines)


def _lines(organisation_id: int, actor: Actor, reader: str, today: date, translate: Translate) -> list[Line]:
    """The assignments of the organisation that the actor may see: two queries."""
    said = _last_said(organisation_id)
    rows = register.assignments(actor, today).where(Assignment.organisation == organisation_id)
    return [_line(row, said.get(row.id), reader, today, translate) for row in rows]


def _last_said(organisation_id: int) -> dict[int, Said]:
    """The newest progress of each assignment of the organisation."""
    newest = (
        Progress.select(fn.MAX(Progress.id))
        .join(Assignment)
        .where(Assignment.organisation == organisation_id)
        .group_by(Progress.assignment)
    )
    return {
        row.assignment_id: Said(row.implementation, row.text, row.reported_on)
        for row in Progress.select().where(Progress.id.in_(newest))
    }


def _line(row: Assignment, said: Said | None, reader: str, today: date, translate: Translate) -> Line:
    recommendation, notice = row.recommendation, row.recommendation.notice

    def seen(fact: str) -> bool:
        return permissions.sees(reader, fact, row)

    line = Line(
        id=str(row.id),
        reference=recommendation.reference,
        notice=notice.reference,
        title=recommendation.title,
        topic=recommendation.topic.name if recommendation.topic else None,
        organisation=row.organisation.slug,
        capacity=row.capacity,
        basis=row.basis,
        made_on=notice.made_on,
        made_on_precision=notice.made_on_precision,
        published_on=notice.published_on,
        statutory_last_day=row.statutory_last_day,
        response_due_on=row.response_due_on,
        reply_clock=clocks.told(row, today, not seen("unprocessed")),
        days_late=clocks.days_late(row, today),
        late_in_law=clocks.late_in_law(row, today),
        acknowledge_by=row.acknowledge_by,
        acknowledged_on=row.acknowledged_on,
        received_on=row.received_on,
        publish_by=row.publish_by,
        closed_on=row.closed_on,
        closed_reason=row.closed_reason,
        summary=wording.summary(row, today, seen, translate),
        revision=row.revision,
        progress=said if seen("progress") else None,
        **_facts(row, seen),
    )
    return _ended(line, translate) if line.closed_on else line


def _facts(row: Assignment, seen: Callable[[str], bool]) -> dict[str, Any]:
    """The facts that not everybody may see. A planned audit is told to nobody here: a report is handed on."""
    return vars(reading.read(row, lambda fact: fact != "audit_plan" and seen(fact)))


def _ended(line: Line, translate: Translate) -> Line:
    """A closed assignment: no clock runs any more, and the sentence says when and why it was closed."""
    values = {
        "day": wording.day(line.closed_on, translate),
        "reason": translate(wording.CLOSED_REASON[line.closed_reason or ""]),
    }
    closed = translate(wording.N_("Closed on %(day)s: %(reason)s.")) % values
    if line.reply_clock not in clocks.OPEN_CLOCKS:
        return replace(line, summary=f"{line.summary} {closed}")
    return replace(line, summary=closed, days_late=0, late_in_law=False)
