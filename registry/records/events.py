"""Reading the history: who did what, when and to what, for those who may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from peewee import SQL, Expression, ModelSelect

from registry.records.assignments import Assignment
from registry.records.database import NotFound
from registry.records.history import History, HistoryDetail
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Notice, Recommendation
from registry.rules import permissions
from registry.rules.calendar import CIVIL
from registry.rules.permissions import Actor


@dataclass(frozen=True)
class Wanted:
    """What a list of events is narrowed by: a verb, a house reference (LN-…, LR-…), the first and the last day."""

    verb: str = ""
    reference: str = ""
    from_on: date | None = None
    to_on: date | None = None


def events(actor: Actor, wanted: Wanted) -> ModelSelect:
    """The events that fit, with the people who acted and the texts that are still there; none for who may not read."""
    rows = (
        History.select(History, Person, HistoryDetail)
        .join(Person)
        .switch(History)
        .left_outer_join(HistoryDetail, on=(HistoryDetail.history == History.id), attr="detail")
    )
    if not permissions.may(actor, "history:read"):
        return rows.where(SQL("1 = 0"))
    conditions = _conditions(wanted)
    return rows.where(*conditions) if conditions else rows


def _conditions(wanted: Wanted) -> list[Expression]:
    found = []
    if wanted.verb:
        found.append(History.verb == wanted.verb)
    if wanted.reference:
        found.append(_about(wanted.reference))
    if wanted.from_on:
        found.append(History.at >= datetime.combine(wanted.from_on, time.min, CIVIL))
    if wanted.to_on:
        found.append(History.at <= datetime.combine(wanted.to_on, time.max, CIVIL))
    return found


def _about(reference: str) -> Expression:
    """Events of the notice, or of the recommendation's assignments and its notice."""
    of_notice = Notice.select(Notice.id).where(Notice.reference == reference)
    named = Recommendation.reference == reference
    over = Recommendation.select(Recommendation.notice).where(named)
    assigned = Assignment.select(Assignment.id).join(Recommendation).join(Notice)
    assigned = assigned.where(named | (Notice.reference == reference))
    on_notice = (History.subject_type == "notice") & (History.subject_id.in_(of_notice) | History.subject_id.in_(over))
    return on_notice | ((History.subject_type == "assignment") & History.subject_id.in_(assigned))


def event(actor: Actor, number: int) -> History:
    """One event within `events`; NotFound when there is none."""
    found = events(actor, Wanted()).where(History.id == number).get_or_none()
    if found is None:
        raise NotFound("There is no such event.")
    return found


@dataclass(frozen=True)
class Subject:
    """What an event happened to, for reading: its name, and the reference or id its page has; "" where it has none."""

    name: str
    page: str


def subjects(actor: Actor, of: Iterable[History]) -> dict[tuple[str, int], Subject]:
    """What the events happened to, by type and id; two queries however many there are."""
    if not permissions.may(actor, "history:read"):
        return {}
    ids: dict[str, set[int]] = {}
    for one in of:
        ids.setdefault(one.subject_type, set()).add(one.subject_id)
    found: dict[tuple[str, int], Subject] = {}
    notices = Notice.select(Notice.id, Notice.reference).where(Notice.id.in_(list(ids.get("notice", ()))))
    for key, reference in notices.tuples():
        found["notice", key] = Subject(reference or "", reference or "")
    assigned = (
        Assignment.select(Assignment.id, Recommendation.reference, Organisation.name)
        .join(Recommendation)
        .switch(Assignment)
        .join(Organisation)
        .where(Assignment.id.in_(list(ids.get("assignment", ()))))
    )
    for key, reference, name in assigned.tuples():
        found["assignment", key] = Subject(f"{reference}, {name}", str(key))
    return found
