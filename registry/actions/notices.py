"""The life of a notice up to publication: draft, submit, approve (by somebody else), make, publish."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from registry.records import history, installation, messages, people, register, search
from registry.records.assignments import Assignment
from registry.records.database import insert_all, lock, save, transaction
from registry.records.organisations import Organisation
from registry.records.recommendations import (
    Addressee,
    CaseReference,
    Copy,
    Notice,
    Recommendation,
    draft_addressees,
    freeze,
    in_order,
    next_reference,
)
from registry.rules import calendar, clocks, permissions, wording, workflow
from registry.rules.permissions import Actor
from registry.rules.workflow import NotAllowed


@dataclass(frozen=True)
class DraftRecommendation:
    """One recommendation as the author writes it; `topic_id` may be left open."""

    title: str
    body: str
    topic_id: int | None = None


@dataclass(frozen=True)
class DraftContent:
    """What an author decides about a notice. Organisations by id; nobody is both recipient and in scope."""

    basis: str
    recommendations: tuple[DraftRecommendation, ...]
    recipients: tuple[int, ...]
    in_scope: tuple[int, ...] = ()
    background: str = ""
    case_references: tuple[str, ...] = field(default=())
    external_reference: str | None = None


@transaction
def draft(content: DraftContent, *, actor: Actor, now: datetime) -> Notice:
    """Start a notice with its recommendations and addressees; the actor becomes its author."""
    permissions.require(actor, "notice:draft")
    _require_sound(content)
    notice = Notice.create(basis=content.basis, author=actor.person_id, created_at=now)
    _write(notice, content)
    save(notice)
    _record("notice.drafted", notice, actor, now)
    return notice


@transaction
def revise_draft(
    notice_id: int, content: DraftContent, *, actor: Actor, now: datetime, revision: int | None = None
) -> Notice:
    """Replace what a draft says. Raises Stale when somebody revised it after the page was opened."""
    permissions.require(actor, "notice:revise_draft")
    notice = lock(Notice, notice_id, revision)
    workflow.move(notice, "state", "revise_draft", to="draft")
    _require_sound(content)
    _write(notice, content)
    save(notice)
    _record("notice.revised", notice, actor, now)
    return notice


@transaction
def submit(notice_id: int, *, actor: Actor, now: datetime) -> Notice:
    """Send a draft for approval; what the law or the reader needs must be there."""
    permissions.require(actor, "notice:submit")
    notice = lock(Notice, notice_id)
    workflow.move(notice, "state", "submit", to="in_review")
    missing = [words for words, there in _needed(notice) if not there]
    if missing:
        raise NotAllowed(f"Before it is sent for approval: {'; '.join(missing)}.")
    save(notice)
    _record("notice.submitted", notice, actor, now)
    return notice


@transaction
def return_draft(notice_id: int, reason: str, *, actor: Actor, now: datetime) -> Notice:
    """Send a draft back to its author with the reason. Like approving, never by somebody who wrote it."""
    permissions.require(actor, "notice:return_draft")
    notice = lock(Notice, notice_id)
    _require_other(notice, actor, "Somebody else must return it.")
    workflow.move(notice, "state", "return_draft", to="draft")
    if not reason.strip():
        raise NotAllowed("Say what the author should change.")
    notice.return_reason = reason
    notice.approved_by = notice.approved_on = None
    save(notice)
    _record("notice.returned", notice, actor, now, detail=reason)
    return notice


@transaction
def approve(notice_id: int, *, actor: Actor, now: datetime, revision: int | None = None) -> Notice:
    """Approve the text as it was read. Never by the author, nor by anybody who revised it."""
    permissions.require(actor, "notice:approve")
    notice = lock(Notice, notice_id, revision)
    _require_other(notice, actor, "Somebody else must approve it.")
    workflow.move(notice, "state", "approve", to="approved")
    notice.approved_by, notice.approved_on = actor.person_id, calendar.day_of(now)
    notice.return_reason = ""
    save(notice)
    _record("notice.approved", notice, actor, now)
    return notice


@dataclass(frozen=True)
class LetterDate:
    """A date for the letter set by hand instead of by the house rule, with the reason."""

    response_due_on: date
    reason: str


@transaction
def make(
    notice_id: int,
    *,
    actor: Actor,
    now: datetime,
    revision: int | None = None,
    response_days: int = clocks.PERIOD_DAYS,
    letter_date: LetterDate | None = None,
    embargo_reason: str = "",
) -> Notice:
    """Send an approved notice: the clock starts today (para 28B(2)), whether or not it is ever published.

    Gives out the house references, freezes version 1, puts each recommendation to each addressee,
    records the copies and queues the messages, which go out at once. `response_days` is the house
    rule for the letter's date, in days after the day of making. Raises Stale when the text is not
    the one the actor read.
    """
    permissions.require(actor, "notice:make")
    notice = lock(Notice, notice_id, revision)
    workflow.move(notice, "state", "make", to="made")
    made_on = calendar.day_of(now)
    notice.made_on, notice.sent_at = made_on, now
    notice.reference = next_reference("LN", made_on.year)
    notice.embargo_reason = embargo_reason
    asked_by = _reply_asked_by(notice, response_days, letter_date)
    for recommendation in in_order(notice):
        recommendation.reference = next_reference("LR", made_on.year)
        recommendation.save()
    save(notice)
    freeze(notice, 1, now)
    addressees = list(notice.addressees.order_by(Addressee.id))
    _assign(notice, addressees, asked_by)
    _copy(notice, addressees, made_on)
    search.index(notice)
    _queue_messages(notice, addressees, now)
    facts = {
        "reference": notice.reference,
        "addressees": len(addressees),
        "statutory_last_day": _law(notice),
        "nobody_to_tell": [o.slug for o in nobody_to_tell(notice, made_on)],
    }
    _record("notice.made", notice, actor, now, facts=facts)
    return notice


FAMILY_TOLD = ("yes", "not_applicable")


@dataclass(frozen=True)
class PublicationCheck:
    """What must be thought of before the public reads a notice, each answered by the case officer.

    family_told: "yes" or "not_applicable" (SI 2020/2 Part 4: complainants and interested persons are informed).
    """

    family_told: str
    proceedings_checked: bool
    anonymity_checked: bool
    method_checked: bool
    show_implementation: bool = False
    show_audit_result: bool = False


@transaction
def publish(notice_id: int, check: PublicationCheck, *, actor: Actor, now: datetime) -> Notice:
    """Put a made notice on the public register, with the checklist recorded."""
    permissions.require(actor, "notice:publish")
    notice = lock(Notice, notice_id)
    workflow.move(notice, "state", "publish", to="made")
    if notice.published_on is not None:
        raise NotAllowed(f"This notice was already published on {notice.published_on:%-d %B %Y}.")
    if check.family_told not in FAMILY_TOLD:
        raise NotAllowed("Tell the family or the complainant first, or say that there is nobody to tell.")
    if not (check.proceedings_checked and check.anonymity_checked and check.method_checked):
        raise NotAllowed("Check proceedings, anonymity and the wording of methods before publishing.")
    notice.published_on = calendar.day_of(now)
    notice.checklist = {
        "family_told": check.family_told,
        "proceedings": check.proceedings_checked,
        "anonymity": check.anonymity_checked,
        "method_wording": check.method_checked,
    }
    Recommendation.update(
        implementation_public=check.show_implementation, audit_result_public=check.show_audit_result
    ).where(Recommendation.notice == notice).execute()
    save(notice)
    _warn_of_naming(notice, now)
    _record("notice.published", notice, actor, now, facts={"checklist": notice.checklist})
    return notice


def _warn_of_naming(notice: Notice, now: datetime) -> None:
    """Tell those whose reply is overdue already that the public list will name them (see `clocks.named_on`)."""
    today = calendar.day_of(now)
    late = register.overdue_of(notice, today)
    held = people.holders("liaison_officer", [row.organisation_id for row in late], today)
    to = sorted({person for persons in held.values() for person in persons})
    messages.queue("to_be_named", to, notice.reference, day=today, at=now, notice=notice)


def _require_sound(content: DraftContent) -> None:
    if set(content.recipients) & set(content.in_scope):
        raise NotAllowed("An organisation can be a recipient or in scope, not both.")
    if content.basis == "not_stated" or content.basis not in clocks.BASES:
        raise NotAllowed("Choose paragraph 28A or section 10.")


def _write(notice: Notice, content: DraftContent) -> None:
    """Write a draft's own columns and replace its child rows."""
    notice.basis = content.basis
    notice.background = content.background
    notice.external_reference = content.external_reference
    for child in (Recommendation, CaseReference, Addressee):
        child.delete().where(child.notice == notice).execute()
    for number, one in enumerate(content.recommendations, start=1):
        Recommendation.create(notice=notice, number=number, title=one.title, body=one.body, topic=one.topic_id)
    insert_all(
        CaseReference,
        [{"notice": notice, "value": value} for value in dict.fromkeys(content.case_references)],
    )
    asked = "recipient" if clocks.BASES[content.basis].duty else "invited"
    rows = [{"notice": notice, "organisation": o, "capacity": asked} for o in dict.fromkeys(content.recipients)]
    rows += [{"notice": notice, "organisation": o, "capacity": "in_scope"} for o in dict.fromkeys(content.in_scope)]
    insert_all(Addressee, rows)


def _require_other(notice: Notice, actor: Actor, sentence: str) -> None:
    """Raise NotAllowed when the actor wrote or ever revised the text: an approver reads what others wrote."""
    verbs = ("notice.drafted", "notice.revised")
    mine = history.of("notice", notice.id).where(
        (history.History.person == actor.person_id) & history.History.verb.in_(verbs)
    )
    if notice.author_id == actor.person_id or mine.exists():
        raise NotAllowed(f"You wrote this text. {sentence}")


def _reply_asked_by(notice: Notice, response_days: int, letter_date: LetterDate | None) -> date | None:
    """The date written in the letter, by the house rule or by hand: due from recipients, invited from others."""
    if letter_date is None:
        due_on = clocks.response_due_on(notice.made_on, notice.basis, response_days)
        return due_on or clocks.invited_by(notice.made_on, notice.basis, response_days)
    if not letter_date.reason.strip():
        raise NotAllowed("Say why the letter gives another date.")
    if letter_date.response_due_on <= notice.made_on:
        raise NotAllowed("The date in the letter must be after today.")
    law = _law(notice)
    if law is not None and letter_date.response_due_on < law:
        raise NotAllowed(f"The law gives until {wording.day(law)}. Give that day or a later one in the letter.")
    notice.due_reason = letter_date.reason
    return letter_date.response_due_on


def _law(notice: Notice) -> date | None:
    return clocks.statutory_last_day(notice.made_on, notice.basis)


def _assign(notice: Notice, addressees: Iterable[Addressee], asked_by: date | None) -> None:
    """One assignment per recommendation and addressee. Only a recipient has legal dates."""
    target = clocks.acknowledge_by(notice.made_on, installation.holidays())
    rows = [
        {
            "recommendation": recommendation,
            "organisation": addressee.organisation_id,
            "capacity": addressee.capacity,
            "basis": notice.basis,
            "statutory_last_day": _law(notice) if addressee.capacity == "recipient" else None,
            "response_due_on": asked_by if addressee.capacity == "recipient" else None,
            "invited_by": asked_by if addressee.capacity == "invited" else None,
            "acknowledge_by": target,
            "acceptance": "not_asked" if addressee.capacity == "in_scope" else "awaiting",
        }
        for recommendation in in_order(notice)
        for addressee in addressees
    ]
    insert_all(Assignment, rows)


def _copy(notice: Notice, addressees: Iterable[Addressee], made_on: date) -> None:
    """Para 28A: what goes to a chief officer is copied to the local policing body that holds the force to account."""
    if not clocks.BASES[notice.basis].duty:
        return
    recipients = [a.organisation_id for a in addressees if a.capacity == "recipient"]
    bodies = Organisation.select().where(Organisation.force.in_(recipients))
    rows = [
        {"notice": notice, "organisation": body.id, "copied_for": body.force_id, "copied_on": made_on}
        for body in bodies
    ]
    insert_all(Copy, rows)


def _needed(notice: Notice) -> list[tuple[str, bool]]:
    """What a notice must say before anybody approves it, and whether it does."""
    texts = [(row.title, row.body) for row in notice.recommendations]
    return [
        ("write at least one recommendation", bool(texts)),
        ("write what is recommended under each title", all(title.strip() and body.strip() for title, body in texts)),
        ("write the background", bool(notice.background.strip())),
        (
            "choose at least one recipient",
            notice.addressees.where(Addressee.capacity != "in_scope").exists(),
        ),
    ]


def nobody_to_tell(notice: Notice, today: date) -> list[Organisation]:
    """The addressees without a liaison officer on the day: their clock runs, and no message can tell them."""
    addressed = {a.organisation_id: a.organisation for a in draft_addressees(notice)}
    officers = people.holders("liaison_officer", list(addressed), today)
    return [organisation for key, organisation in addressed.items() if key not in officers]


def _queue_messages(notice: Notice, addressees: Iterable[Addressee], now: datetime) -> None:
    day = calendar.day_of(now)
    officers = people.holders("liaison_officer", [a.organisation_id for a in addressees], day)
    copied = [copy.organisation_id for copy in notice.copies]
    readers = people.holders("local_policing_body_reader", copied, day)
    to = {person for held in (officers, readers) for persons in held.values() for person in persons}
    messages.queue("notice_made", sorted(to), notice.reference, day=day, at=now, notice=notice)


def _record(
    verb: str, notice: Notice, actor: Actor, now: datetime, facts: dict | None = None, detail: str = ""
) -> None:
    history.record(verb, notice, person_id=actor.person_id, at=now, facts=facts, detail=detail)
