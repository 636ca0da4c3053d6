"""Bringing in recommendations that were written down elsewhere: facts only, nothing invented."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from registry.actions.imports_reading import BadFile, Known, Row, read, slug
from registry.records import history, search
from registry.records.assignments import Assignment, Response
from registry.records.database import lock, transaction
from registry.records.history import History
from registry.records.installation import Installation
from registry.records.organisations import Organisation
from registry.records.recommendations import (
    Addressee,
    CaseReference,
    Notice,
    Recommendation,
    Topic,
    freeze,
    next_reference,
)
from registry.rules import calendar, clocks, limits, permissions, wording
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed

__all__ = ["BadFile", "Imported", "import_recommendations"]

EVENT = "recommendations.imported"
# File name and n share a key of limits.LINE characters.
LONGEST_FILE_NAME = 170


@dataclass(frozen=True)
class Imported:
    """What an import did, or with `dry_run` would do: notices created, rows already there, and what to know.

    Each of `notes` is a sentence that names the line, the row's `n` and the column.
    """

    created: int
    unchanged: int
    notes: list[str]


@transaction
def import_recommendations(
    file: Path,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    response_days: int = clocks.PERIOD_DAYS,
) -> Imported:
    """Create a made notice for each row of the file that the register does not have yet; one event a file.

    Nobody is written to and nothing is asked for: no message, copy, letter or acknowledgement. A row is
    public only with a day in `published_on`. File name and `n` are its key, so a second import changes
    nothing. `response_days` is the house rule for the letter's date of a dated row under 28A.
    All rows or none: raises BadFile; and NotAllowed in a demonstration.
    """
    permissions.require(actor, "recommendation:import_recommendation")
    installation = _register()
    _require_name(file)
    rows = read(file, Known(calendar.day_of(now), _organisations()))
    before = _imported_before(file, rows)
    fresh = [row for row in rows if row.n not in before]
    if fresh and not dry_run:
        writer = _Writer(file, actor, now, response_days)
        written = {row.n: [writer.write(row).reference, row.marks] for row in fresh}
        facts = {"file": file.name, "created": len(fresh), "rows": written}
        history.record(EVENT, installation, person_id=actor.person_id, at=now, facts=facts)
    notes = [note for row in rows for note in (_changes(row, before[row.n]) if row.n in before else _notes(row))]
    return Imported(len(fresh), len(rows) - len(fresh), notes)


def _register() -> Installation:
    """The installation, held to the end of the transaction, so that two imports never run at once."""
    installed = Installation.select().first()
    if installed is None:
        raise NotAllowed("This database holds no organisations yet. Run “registry init” first.")
    if installed.kind != "register":
        raise NotAllowed("This database holds a demonstration. Use another REGISTRY_DATABASE for real recommendations.")
    return lock(Installation, installed.id)


def _require_name(file: Path) -> None:
    """Raise BadFile unless the file's name can be part of the key of its rows."""
    if len(file.name) > LONGEST_FILE_NAME or not file.name.isprintable():
        mend = f"give it a name of plain letters, {LONGEST_FILE_NAME} characters or fewer"
        raise BadFile(file, [f"the file's name is part of the key of its rows; {mend}"])


def _organisations() -> dict[str, int]:
    """Ids by slug and by exact name; a slug wins."""
    found = list(Organisation.select(Organisation.id, Organisation.slug, Organisation.name))
    return {one.name: one.id for one in found} | {one.slug: one.id for one in found}


def _key(file: Path, n: str) -> str:
    return f"{file.name}:{n}"


def _imported_before(file: Path, rows: list[Row]) -> dict[str, str]:
    """Which rows the register has already: n -> the marks of the row as it was imported."""
    keys = {_key(file, row.n): row.n for row in rows}
    kept = Notice.select(Notice.source_key).where(Notice.source_key.in_(list(keys))).tuples()
    marks: dict[str, str] = {}
    for (facts,) in History.select(History.facts).where(History.verb == EVENT).order_by(History.id).tuples():
        event = json.loads(facts)
        if event["file"] == file.name:
            marks |= {n: row_marks for n, (_, row_marks) in event["rows"].items()}
    return {keys[key]: marks.get(keys[key], "") for (key,) in kept}


def _changes(row: Row, marks: str) -> Iterator[str]:
    """What differs from the row that was imported before under the same key. Told, never applied."""
    changed = row.changed_columns(marks)
    if changed:
        kind = "column" if len(changed) == 1 else "columns"
        yield (
            f"{row.where}, {kind} {', '.join(changed)}: the row has changed since it was imported; "
            "the register keeps what it has."
        )


def _notes(row: Row) -> Iterator[str]:
    """What the file does not say, and what follows from that."""
    if row.made_on.on is None:
        yield f"{row.where}, column made_on: no date is given, so no clock runs."
    elif row.made_on.precision == "month":
        yield f"{row.where}, column made_on: only the month is given, so no clock runs."
    if row.basis == "not_stated":
        yield f"{row.where}, column basis: the basis is not stated, so no clock runs."
    if row.published_on.precision == "month":
        yield f"{row.where}, column published_on: only the month is given, so the row is not public; see its note."
    if row.reply and row.acceptance is None:
        yield f"{row.where}, column acceptance: a reply is kept, but the file does not say whether it was accepted."
    if row.acceptance and len(row.addressees) > 1:
        yield (
            f"{row.where}, column acceptance: one answer is given for {len(row.addressees)} addressees; "
            "it is kept for each of them."
        )


class _Writer:
    """Writes checked rows; holds what is the same for all rows of one file."""

    def __init__(self, file: Path, actor: Actor, now: datetime, response_days: int):
        self.file, self.actor, self.now, self.response_days = file, actor, now, response_days
        self.topics = {topic.slug: topic for topic in Topic.select()}

    def write(self, row: Row) -> Notice:
        """The notice of a row: made, frozen as version 1, put to its addressees, searchable."""
        notice = self._notice(row)
        recommendation = self._recommendation(notice, row)
        values = [{"notice": notice, "value": value} for value in row.case_references]
        if values:
            CaseReference.insert_many(values).execute()
        freeze(notice, 1, self.now)
        capacity = "recipient" if clocks.BASES[row.basis].duty or row.basis == "not_stated" else "invited"
        for organisation_id in row.addressees:
            Addressee.create(notice=notice, organisation=organisation_id, capacity=capacity)
            self._assign(recommendation, organisation_id, capacity, row)
        search.index(notice)
        return notice

    def _notice(self, row: Row) -> Notice:
        return Notice.create(
            reference=next_reference("LN", self._year(row)),
            source_key=_key(self.file, row.n),
            source="; ".join(part for part in (row.source_type, row.source) if part),
            state="made",
            basis=row.basis,
            internal_note=_internal_note(row),
            author=self.actor.person_id,
            made_on=row.made_on.on,
            made_on_precision=row.made_on.precision,
            published_on=row.published_on.on if row.published_on.precision == "day" else None,
            created_at=self.now,
        )

    def _recommendation(self, notice: Notice, row: Row) -> Recommendation:
        return Recommendation.create(
            notice=notice,
            number=1,
            reference=next_reference("LR", self._year(row)),
            title=_title(row.summary),
            body=row.summary,
            topic=self._topic(row.topic),
        )

    def _year(self, row: Row) -> int:
        return (row.made_on.on or calendar.day_of(self.now)).year

    def _topic(self, name: str) -> Topic | None:
        if not name:
            return None
        key = slug(name)
        if key not in self.topics:
            self.topics[key] = Topic.create(slug=key, name=name)
        return self.topics[key]

    def _assign(self, recommendation: Recommendation, organisation_id: int, capacity: str, row: Row) -> None:
        """The addressee's part, with legal dates only where the day and the basis are known."""
        day = row.made_on.on if row.made_on.precision == "day" else None
        assignment = Assignment.create(
            recommendation=recommendation,
            organisation=organisation_id,
            capacity=capacity,
            basis=row.basis,
            statutory_last_day=clocks.statutory_last_day(day, row.basis) if day else None,
            response_due_on=clocks.response_due_on(day, row.basis, self.response_days) if day else None,
            acceptance=row.acceptance or "awaiting",
        )
        if row.acceptance or row.reply:
            # The day of receipt is not in the file: the reply is neither in time nor late.
            Response.create(
                assignment=assignment,
                number=1,
                acceptance=row.acceptance,
                person=self.actor.person_id,
                recorded_at=self.now,
                text=row.reply,
            )


def _internal_note(row: Row) -> str:
    """The row's note, and the month of publication, which has no column of its own."""
    if row.published_on.precision == "day":
        return row.note
    month = wording.day(row.published_on.on, precision="month")
    return "\n\n".join(part for part in (row.note, f"According to the source it was published in {month}.") if part)


def _title(summary: str) -> str:
    """The summary on one line, cut at a word when it is longer than a title may be."""
    line = " ".join(summary.split())
    cut = textwrap.shorten(line, limits.LINE, placeholder="…")
    return cut if cut != "…" else line[: limits.LINE - 1] + "…"
