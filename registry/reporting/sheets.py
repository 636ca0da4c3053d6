"""Lists as sheets: which columns each has, and the sheet as CSV, some rows at a time.

Machine names come first, with the words beside them in a column of their own. A cell is empty where there is nothing,
and where the reader may not see it.

The text is UTF-8 with a byte-order mark, without which Excel takes it for the computer's old code page; readers of
other programs skip it (in Python: `encoding="utf-8-sig"`).
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.rules import clocks, reading, sheets, wording

BOM = "\ufeff"
Seen = Callable[[str], bool]
Columns = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class AssignmentRow:
    """An assignment as one reader may read it on a day."""

    row: Any
    shown: reading.Reading
    seen: Seen
    today: date
    translate: wording.Translate

    @property
    def outside(self) -> bool:
        """True for a reader who is told of no lateness before the reply is processed."""
        return not self.seen("unprocessed")

    def where(self, fact: str, value: Any) -> Any:
        """The value, if the reader may see the fact."""
        return value if self.seen(fact) else None

    def words(self, table: Mapping[str, str], value: str | None) -> str | None:
        """The words of a machine name; None stays None."""
        return self.translate(table[value]) if value else None


def assignment_row(row: Any, seen: Seen, today: date, translate: wording.Translate = wording.english) -> AssignmentRow:
    """Make a row of the sheet of assignments, as the reader who sees the facts `seen`."""
    return AssignmentRow(row, reading.read(row, seen), seen, today, translate)


ASSIGNMENTS: Columns = {
    "id": lambda a: a.row.id,
    "reference": lambda a: a.row.recommendation.reference,
    "notice": lambda a: a.row.recommendation.notice.reference,
    "title": lambda a: a.row.recommendation.title,
    "topic": lambda a: a.row.recommendation.topic and a.row.recommendation.topic.name,
    "organisation": lambda a: a.row.organisation.slug,
    "organisation_name": lambda a: a.row.organisation.name,
    "capacity": lambda a: a.row.capacity,
    "capacity_words": lambda a: wording.capacity(a.row, a.translate),
    "basis": lambda a: a.row.basis,
    "basis_words": lambda a: a.words(wording.BASIS, a.row.basis),
    "made_on": lambda a: a.row.recommendation.notice.made_on,
    "made_on_precision": lambda a: a.row.recommendation.notice.made_on_precision,
    "published_on": lambda a: a.row.recommendation.notice.published_on,
    "statutory_last_day": lambda a: a.row.statutory_last_day,
    "response_due_on": lambda a: a.row.response_due_on,
    "invited_by": lambda a: a.row.invited_by,
    "reply_clock": lambda a: clocks.told(a.row, a.today, a.outside),
    "reply_clock_words": lambda a: wording.reply_clock(a.row, a.today, a.translate, a.outside),
    "days_late": lambda a: (
        0 if clocks.told(a.row, a.today, a.outside) == "replied" else clocks.days_late(a.row, a.today)
    ),
    "acknowledged_on": lambda a: a.where("history", a.row.acknowledged_on),
    "acceptance": lambda a: a.shown.acceptance,
    "acceptance_words": lambda a: a.words(wording.ACCEPTANCE, a.shown.acceptance),
    "received_on": lambda a: a.where("acceptance", a.row.received_on),
    "publish_by": lambda a: a.where("history", a.row.publish_by),
    "response_published_on": lambda a: a.row.response_published_on,
    "applicability": lambda a: a.shown.applicability,
    "implementation": lambda a: a.shown.implementation,
    "implementation_words": lambda a: a.words(wording.IMPLEMENTATION, a.shown.implementation),
    "audit_result": lambda a: a.shown.audit_result,
    "audit_result_words": lambda a: a.words(wording.AUDIT_RESULT, a.shown.audit_result),
    "disputed": lambda a: a.shown.disputed,
    "checked_on": lambda a: a.shown.checked_on,
    "sites_checked": lambda a: a.shown.sites_checked,
    "sites_total": lambda a: a.shown.sites_total,
    "closed_on": lambda a: a.where("history", a.row.closed_on),
    "closed_reason": lambda a: a.where("history", a.row.closed_reason),
    "summary": lambda a: wording.summary(a.row, a.today, a.seen, a.translate),
}
RECOMMENDATIONS: Columns = {
    "reference": lambda r: r.reference,
    "notice": lambda r: r.notice.reference,
    "number": lambda r: r.number,
    "title": lambda r: r.title,
    "body": lambda r: r.body,
    "topic": lambda r: r.topic and r.topic.name,
    "basis": lambda r: r.notice.basis,
    "basis_words": lambda r: wording.BASIS[r.notice.basis],
    "notice_state": lambda r: r.notice.state,
    "made_on": lambda r: r.notice.made_on,
    "made_on_precision": lambda r: r.notice.made_on_precision,
    "published_on": lambda r: r.notice.published_on,
    "source": lambda r: r.notice.source,
}
ORGANISATIONS: Columns = {
    "organisation": lambda o: o.slug,
    "organisation_name": lambda o: o.name,
    "type": lambda o: o.type,
    "type_words": lambda o: wording.ORGANISATION_TYPE[o.type],
    "region": lambda o: o.region,
    "recommendations": lambda o: o.put_to,
}
DRAFTS: Columns = {
    "id": lambda n: n.id,
    "title": lambda n: n.first_title,
    "state": lambda n: n.state,
    "state_words": lambda n: wording.NOTICE_STATE[n.state],
    "basis": lambda n: n.basis,
    "author": lambda n: n.author.name,
    "created_at": lambda n: n.created_at,
}
REPORTS: Columns = {
    "id": lambda j: j.id,
    "kind": lambda j: j.kind,
    "organisation": lambda j: j.organisation.slug,
    "organisation_name": lambda j: j.organisation.name,
    "requested_at": lambda j: j.requested_at,
    "state": lambda j: j.state,
    "state_words": lambda j: wording.REPORT_STATE[j.state],
    "as_at": lambda j: j.as_at,
    "pages": lambda j: j.pages,
    "sha256": lambda j: j.sha256,
    "reason": lambda j: j.reason,
}
MEMBERSHIPS: Columns = {
    "organisation": lambda m: m.organisation.slug,
    "organisation_name": lambda m: m.organisation.name,
    "name": lambda m: m.person.name,
    "email": lambda m: m.person.email,
    "role": lambda m: m.role,
    "role_words": lambda m: wording.ROLE[m.role],
    "lead": lambda m: m.lead,
    "from_on": lambda m: m.from_on,
    "to_on": lambda m: m.to_on,
    "active": lambda m: m.person.active,
}
SIGN_INS: Columns = {
    "id": lambda a: a.id,
    "at": lambda a: a.at,
    "name": lambda a: a.person.name if a.person_id else None,
    "email": lambda a: a.person.email if a.person_id else None,
    "outcome": lambda a: a.outcome,
    "outcome_words": lambda a: wording.SIGN_IN_OUTCOME[a.outcome],
    "network": lambda a: a.network,
}
EVENTS: Columns = {
    "id": lambda e: e.id,
    "at": lambda e: e.at,
    "name": lambda e: e.person.name,
    "verb": lambda e: e.verb,
    "words": lambda e: wording.event(e.verb, e.person.name, json.loads(e.facts)),
    "subject_type": lambda e: e.subject_type,
    "subject_id": lambda e: e.subject_id,
    "facts": lambda e: e.facts,
    "text": lambda e: getattr(getattr(e, "detail", None), "text", None),
    "detail_commitment": lambda e: e.detail_commitment,
    "previous": lambda e: e.previous,
    "hash": lambda e: e.hash,
}


def as_csv(columns: Columns, batches: Iterable[list[Any]], *, invented: bool = False) -> Iterator[str]:
    """The sheet, a batch of rows at a time. A column `demonstration` says where everything in it is invented."""
    last = ["demonstration"] if invented else []
    yield BOM + _lines([[*columns, *last]])
    said = ["invented"] if invented else []
    for batch in batches:
        yield _lines([[*(cell(read(row)) for read in columns.values()), *said] for row in batch])


def cell(value: Any) -> Any:
    """A value as it stands in the file: dates and instants in ISO form, true and false in words, texts made safe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, int) else sheets.safe(str(value))


def _lines(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
