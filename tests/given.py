"""Data for tests, made through the verbs: plain functions with keyword defaults.

`a_register()` comes first: a few organisations, the holidays and the system's person. Everything else makes what it
needs of the rest. Days are in 2026, when the shipped holidays are known; NOW is a Monday.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from registry import config
from registry.actions import assignments, extensions, installing, notices, passwords
from registry.records import people as people_records
from registry.records import verifying
from registry.records.assignments import Assignment, Response
from registry.records.database import Table, database
from registry.records.history import History
from registry.records.installation import Installation
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person
from registry.records.recommendations import Notice, Recommendation
from registry.rules.calendar import day_of
from registry.rules.permissions import Actor, Grant

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = day_of(NOW)
DAY = timedelta(days=1)

Row = TypeVar("Row", bound=Table)


# ---- organisations and people


def a_register(*, now: datetime = NOW) -> None:
    """A register with three forces, two policing bodies, two national bodies, the regulator and the audit body."""
    Installation.create(kind="register", created_at=now)
    an_organisation("regulator", type="regulator", region="National")
    an_organisation("audit-body", type="audit_body", region="National")
    an_organisation("kent", region="South East")
    an_organisation("essex", region="Eastern")
    an_organisation("surrey", region="South East")
    an_organisation("kent-pcc", type="pcc", force=organisation("kent"))
    an_organisation("essex-pcc", type="pcc", force=organisation("essex"))
    an_organisation("npcc", type="national_body", region="National")
    an_organisation("college", type="national_body", region="National")
    installing.seed_holidays(config.data("bank-holidays.json"))
    installing.create_system_person(now)


def an_organisation(slug: str, *, type: str = "territorial", name: str = "", **columns: Any) -> Organisation:
    return Organisation.create(slug=slug, name=name or slug.replace("-", " ").title(), type=type, **columns)


def many_forces(count: int = 43) -> list[str]:
    """That many more forces, each with one liaison officer; returns their slugs."""
    slugs = [f"force-{number:02d}" for number in range(1, count + 1)]
    for slug in slugs:
        a_person(f"liaison@{slug}.example.org", an_organisation(slug), "liaison_officer")
    return slugs


def organisation(slug: str) -> Organisation:
    return Organisation.get(slug=slug)


def a_person(
    email: str,
    organisation: str | Organisation,
    *roles: str,
    password: str | None = None,
    name: str = "",
    lead: bool = False,
    now: datetime = NOW,
) -> Actor:
    """The person with that address, created at need, holding the roles since 2020; as the actor they are on the day."""
    if isinstance(organisation, str):
        organisation = Organisation.get(slug=organisation)
    person = Person.get_or_none(email=email) or Person.create(
        email=email,
        name=name or email.partition("@")[0].replace(".", " ").title(),
        password_hash=_hashed(password) if password else None,
        created_at=now,
    )
    actor = people_records.actor(person, day_of(now))
    missing = [role for role in roles if Grant(role, organisation.id, lead) not in actor.grants]
    for role in missing:
        Membership.create(person=person, organisation=organisation, role=role, lead=lead, from_on=date(2020, 1, 1))
    return people_records.actor(person, day_of(now)) if missing else actor


@cache
def _hashed(password: str) -> str:
    """Hashing is slow on purpose; one hash a password will do for tests."""
    return passwords.hash_password(password)


@dataclass(frozen=True)
class People:
    """Those of the regulator who take a notice through its life."""

    author: Actor
    approver: Actor
    case_officer: Actor
    administrator: Actor


def people() -> People:
    """The regulator's four, the same each time."""
    return People(the_author(), the_approver(), the_case_officer(), the_administrator())


def the_author() -> Actor:
    return a_person("author@example.org", "regulator", "author")


def the_approver() -> Actor:
    return a_person("approver@example.org", "regulator", "approver")


def the_case_officer() -> Actor:
    return a_person("case-officer@example.org", "regulator", "case_officer")


def the_administrator() -> Actor:
    return a_person("administrator@example.org", "regulator", "administrator")


def the_system() -> Actor:
    return people_records.system(TODAY)


def a_liaison_officer(slug: str = "kent") -> Actor:
    return a_person(f"liaison@{slug}.example.org", slug, "liaison_officer")


def a_lead(slug: str = "kent") -> Actor:
    """The liaison officer who manages the people of a force."""
    return a_person(f"lead@{slug}.example.org", slug, "liaison_officer", lead=True)


def membership_of(actor: Actor, role: str | None = None) -> Membership:
    """The first role somebody holds, or the one asked for."""
    held = Membership.select().where(Membership.person == actor.person_id).order_by(Membership.id)
    return (held.where(Membership.role == role) if role else held).get()


def an_auditor(slug: str = "audit-body") -> Actor:
    return a_person(f"auditor@{slug}.example.org", slug, "auditor")


def a_policing_body_reader(slug: str = "kent-pcc") -> Actor:
    return a_person(f"reader@{slug}.example.org", slug, "local_policing_body_reader")


# ---- notices


def some_content(
    *,
    to: tuple[str, ...] | list[str] = ("kent",),
    in_scope: tuple[str, ...] | list[str] = (),
    basis: str = "28a",
    titles: tuple[str, ...] | list[str] = ("Replace emergency pull cords",),
    body: str = "Replace the cords by another way of raising the alarm that cannot be used as a ligature.",
    background: str = "A detained man used a cord as a ligature. He was found in time.",
    **rest: Any,
) -> notices.DraftContent:
    """What an author writes; organisations by slug."""
    recommendations = tuple(notices.DraftRecommendation(title, body) for title in titles)
    return notices.DraftContent(basis, recommendations, _ids(to), _ids(in_scope), background, **rest)


def _ids(slugs: tuple[str, ...] | list[str]) -> tuple[int, ...]:
    found = dict(Organisation.select(Organisation.slug, Organisation.id).where(Organisation.slug.in_(slugs)).tuples())
    return tuple(found[slug] for slug in slugs)


def a_draft(*, now: datetime = NOW, **content: Any) -> Notice:
    return notices.draft(some_content(**content), actor=the_author(), now=now)


def a_submitted_notice(*, now: datetime = NOW, **content: Any) -> Notice:
    return notices.submit(a_draft(now=now, **content).id, actor=the_author(), now=now)


def an_approved_notice(*, now: datetime = NOW, **content: Any) -> Notice:
    return notices.approve(a_submitted_notice(now=now, **content).id, actor=the_approver(), now=now)


def a_made_notice(
    *,
    made_at: datetime = NOW,
    letter_date: notices.LetterDate | None = None,
    embargo_reason: str = "",
    **content: Any,
) -> Notice:
    """A notice that has been sent but is not public."""
    approved = an_approved_notice(now=made_at, **content)
    return notices.make(
        approved.id, actor=the_approver(), now=made_at, letter_date=letter_date, embargo_reason=embargo_reason
    )


CHECKED = notices.PublicationCheck("yes", True, True, True)


def publish(notice: Notice, *, now: datetime = NOW, check: notices.PublicationCheck = CHECKED) -> Notice:
    return notices.publish(notice.id, check, actor=the_case_officer(), now=now)


def a_published_notice(*, made_at: datetime = NOW, published_at: datetime | None = None, **content: Any) -> Notice:
    return publish(a_made_notice(made_at=made_at, **content), now=published_at or made_at)


def recommendation_of(notice: Notice, number: int = 1) -> Recommendation:
    return notice.recommendations.where(Recommendation.number == number).get()


# ---- assignments


def assignment_of(notice: Notice, slug: str = "kent", number: int = 1) -> Assignment:
    """That organisation's part in the numbered recommendation of a made notice."""
    return (
        Assignment.select(Assignment)
        .join(Recommendation)
        .switch(Assignment)
        .join(Organisation)
        .where(Recommendation.notice == notice, Recommendation.number == number, Organisation.slug == slug)
        .get()
    )


def an_assignment(slug: str = "kent", *, published: bool = False, **made: Any) -> Assignment:
    """One organisation's part in a notice that was just made (and published); addressed to it unless told otherwise."""
    if slug not in (*made.get("to", ()), *made.get("in_scope", ())):
        made["to"] = (*made.get("to", ()), slug)
    return assignment_of(a_published_notice(**made) if published else a_made_notice(**made), slug)


def a_reply(acceptance: str = "accepted", **texts: str) -> assignments.Reply:
    """A complete written reply."""
    if not texts:
        texts = {"why_none": "No such cords."} if acceptance == "not_accepted" else {"action_taken": "Cords replaced."}
    return assignments.Reply(acceptance, **texts)


def replied(
    assignment: Assignment,
    acceptance: str = "accepted",
    *,
    now: datetime = NOW,
    received_on: date | None = None,
    **texts: str,
) -> Response:
    """The organisation's own reply, or one by post where `received_on` is given."""
    actor = the_case_officer() if received_on else a_liaison_officer(assignment.organisation.slug)
    reply = a_reply(acceptance, **texts)
    return assignments.respond(assignment.id, reply, actor=actor, now=now, received_on=received_on)


def an_assignment_with_more_time_asked(slug: str = "kent", *, days: int = 14, now: datetime = NOW) -> Assignment:
    """An assignment whose organisation asked for more time on the day of `now`; nobody has decided."""
    assignment = an_assignment(slug)
    wanted = extensions.MoreTime(days, "The estates survey is not back.")
    extensions.request_extension(assignment.id, wanted, actor=a_liaison_officer(slug), now=now)
    return again(assignment)


def again(row: Row) -> Row:
    """The row as it stands in the database now."""
    return type(row).get_by_id(row.get_id())


# ---- what happened


def broken() -> list[str]:
    """What is wrong with the history, a sentence each."""
    return [fault.sentence for fault in verifying.verify([], "").faults]


def events() -> list[str]:
    """The verbs in the history, oldest first."""
    return [event.verb for event in History.select(History.verb).order_by(History.id)]


@contextmanager
def queries() -> Iterator[list[str]]:
    """Collects the SQL statements that this thread sends inside the block (savepoints and BEGIN apart)."""
    sent: list[str] = []
    held, execute = database.obj, database.obj.execute_sql

    def noted(sql: str, *args: Any, **kwargs: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            sent.append(sql)
        return execute(sql, *args, **kwargs)

    held.execute_sql = noted
    try:
        yield sent
    finally:
        del held.execute_sql


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run each call in a thread of its own with a connection of its own, all starting at one moment.

    Returns what each returned or raised, in order. For `shared_database` only.
    """
    gate = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            with database.connection_context():
                gate.wait(timeout=30)
                outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a thread still waits for the database"
    return outcomes
