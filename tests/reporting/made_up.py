"""Reports made up by hand, for tests of what is drawn: no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from registry.reporting import rendering
from registry.reporting.figures import Figures, Share
from registry.reporting.force_report import GROUPS, ForceReport, Group, Line, Said

AS_AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
MADE_ON = date(2026, 1, 5)
FIGURES = Figures(
    notices=3,
    assignments=9,
    asked_to_reply=7,
    must_reply=6,
    in_scope=1,
    not_applicable=1,
    not_public=2,
    replied_on_time=Share(3, 5),
    replied_late=1,
    overdue=Share(1, 2),
    due_soon=1,
    acknowledged_in_time=Share(4, 8),
    found_in_place=Share(0, 8),
    checked=0,
    audits_undisclosed=0,
    says_done=Share(2, 8),
    work_undisclosed=0,
)
LINE = Line(
    id="1",
    reference="LR-2026-0001",
    notice="LN-2026-0001",
    title="Replace emergency pull cords",
    topic="Custody",
    organisation="kent",
    capacity="recipient",
    basis="28a",
    made_on=MADE_ON,
    made_on_precision="day",
    published_on=None,
    statutory_last_day=MADE_ON + timedelta(days=55),
    response_due_on=MADE_ON + timedelta(days=56),
    reply_clock="due_soon",
    days_late=0,
    late_in_law=False,
    acknowledge_by=date(2026, 1, 12),
    acknowledged_on=date(2026, 1, 8),
    received_on=None,
    publish_by=None,
    acceptance="awaiting",
    applicability="applicable",
    implementation="not_started",
    progress=None,
    audit_result="not_audited",
    disputed=False,
    checked_on=None,
    sites_checked=None,
    sites_total=None,
    closed_on=None,
    closed_reason=None,
    summary="Due soon: 2 March 2026; work not started; not yet checked.",
    revision=0,
)
OVERDUE = {"reply_clock": "overdue", "days_late": 12, "summary": "Overdue by 12 days; work not started."}
REPLIED = {"reply_clock": "replied_in_time", "received_on": date(2026, 2, 20), "acceptance": "accepted"}
DONE = {"implementation": "reported_done", "progress": Said("reported_done", "All replaced.", date(2026, 2, 25))}


def a_line(number: int = 1, **facts: Any) -> Line:
    return replace(LINE, id=str(number), reference=f"LR-2026-{number:04d}", **facts)


def a_report(*lines: Line, figures: Figures = FIGURES, **columns: Any) -> ForceReport:
    groups = (Group(key, tuple(line for line in lines if line.group == key)) for key in GROUPS)
    values = {
        "kind": "force",
        "organisation": "kent",
        "organisation_name": "Kent Police",
        "as_at": AS_AT,
        "made_for": "Ann Field, The regulator",
        "reader": "regulator",
        "language": "en",
        "demonstration": False,
        "figures": figures,
        "groups": tuple(group for group in groups if group.lines),
    }
    return ForceReport(**(values | columns))


def many_lines(count: int) -> list[Line]:
    """Lines in every group, with everything that a line can tell."""
    kinds = (OVERDUE, {}, REPLIED | DONE, {"capacity": "in_scope", "reply_clock": "no_deadline"}, REPLIED)
    return [a_line(number, **kinds[number % len(kinds)]) for number in range(1, count + 1)]


def render(report: ForceReport, **options: Any) -> bytes:
    return rendering.render(report, service_name="Police learning register", version="1.2.3", **options).pdf


@cache
def rendered(report: ForceReport) -> PdfReader:
    """The report as it is read back; made once for all tests of the session that ask for the same one."""
    return PdfReader(BytesIO(render(report)))


def words(report: ForceReport) -> list[str]:
    """What each page says, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in rendered(report).pages]
