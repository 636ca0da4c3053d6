"""A made-up register of any size for benchmarks: `registry bench load`. Never in a database that holds anything real.

Its rows are written in bulk and not by verbs: what a thousand verbs would leave behind, without their messages,
reminders and acknowledgements by version. It counts as a demonstration: everything in it is invented.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from random import Random

from registry.actions import bench_rows, installing, passwords
from registry.actions.bench_rows import Asked, Replies, Staff, iso
from registry.records import bulk, history, installation, search
from registry.records.assignments import Assignment, Contact, Decision, Response
from registry.records.database import transaction
from registry.records.history import GENESIS, History
from registry.records.installation import Installation
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person
from registry.records.recommendations import (
    CaseReference,
    Copy,
    HouseNumber,
    Notice,
    Recommendation,
    Topic,
    Version,
    freeze,
)
from registry.rules import calendar
from registry.rules.workflow import NotAllowed

SEED = 20_190_724
MARK = "bench-regulator"
PASSWORD = "nothing here is real"
TOPICS = ("Custody", "Searching people", "Property", "Vehicles", "Control rooms", "Vulnerable people")
DRAFTS = 25
NATIONAL_EVERY = 20  # of the organisations, one in so many is a national body without a policing body

# role -> the person to sign in as
SIGN_INS = {
    "author": "author@bench.example.org",
    "approver": "approver@bench.example.org",
    "case_officer": "case-officer@bench.example.org",
    "administrator": "administrator@bench.example.org",
    "auditor": "auditor@bench.example.org",
    "liaison_officer": "liaison-001@bench.example.org",
    "local_policing_body_reader": "reader-001@bench.example.org",
}
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """How much was written."""

    recommendations: int
    organisations: int
    assignments: int


def holds_bench() -> bool:
    """True when the database was filled by `load`, and so may be emptied again."""
    return installation.kind() == "demonstration" and Organisation.get_or_none(Organisation.slug == MARK) is not None


@transaction
def load(data: Path, recommendations: int, organisations: int, *, now: datetime, tell: Tell) -> Loaded:
    """Fill an empty database with so many recommendations, each put to every one of so many organisations.

    The same numbers on the same day give the same rows. Raises NotAllowed where the database holds anything.
    """
    installation.lock_filling()
    if installation.kind() is not None:
        raise NotAllowed("This database holds something already. Use another REGISTRY_DATABASE for benchmarks.")
    random, today = Random(SEED), calendar.day_of(now)
    Installation.create(kind="demonstration", created_at=now)
    staff = _regulator(now)
    installing.seed_holidays(data / "bank-holidays.json")
    installing.create_system_person(now)
    forces = _organisations(organisations, now)
    topics = [Topic.create(slug=name.lower().replace(" ", "-"), name=name).id for name in TOPICS]
    tell(f"{organisations:,} organisations")
    notices = list(bench_rows.asked(recommendations, today, random, installation.holidays()))
    _notices(notices, topics, random, staff)
    count = _assignments(notices, forces, today, random, staff, tell)
    _copies(notices, forces)
    _drafts(topics, random, staff, now)
    bulk.count_on((Notice, Recommendation, Assignment, Response))
    _index(tell)
    _events(notices, staff, now)
    return Loaded(recommendations, organisations, count)


def _person(role: str, email: str, organisation: Organisation, kept: str, now: datetime) -> int:
    name = email.partition("@")[0].replace("-", " ").title()
    person = Person.create(email=email, name=name, password_hash=kept, created_at=now)
    Membership.create(person=person, organisation=organisation, role=role, from_on=date(2000, 1, 1))
    return person.id


def _regulator(now: datetime) -> Staff:
    kept = passwords.hash_password(PASSWORD)
    own = Organisation.create(slug=MARK, name="Bench regulator", type="regulator", region="National")
    body = Organisation.create(slug="bench-audit-body", name="Bench audit body", type="audit_body", region="National")
    ids = {
        role: _person(role, SIGN_INS[role], body if role == "auditor" else own, kept, now)
        for role in ("author", "approver", "case_officer", "administrator", "auditor")
    }
    return Staff(ids["author"], ids["approver"], ids["case_officer"])


def _organisations(count: int, now: datetime) -> dict[int, int | None]:
    """The addressees, each with a liaison officer: organisation id -> the id of its policing body."""
    kept = passwords.hash_password(PASSWORD)
    found: dict[int, int | None] = {}
    for number in range(1, count + 1):
        national = number % NATIONAL_EVERY == 0
        name = f"Bench {'body' if national else 'force'} {number:03d}"
        kind = "national_body" if national else "territorial"
        force = Organisation.create(slug=name.lower().replace(" ", "-"), name=name, type=kind, region="Nowhere")
        _person("liaison_officer", f"liaison-{number:03d}@bench.example.org", force, kept, now)
        found[force.id] = None if national else _policing_body(number, force, kept, now)
    return found


def _policing_body(number: int, force: Organisation, kept: str, now: datetime) -> int:
    name = f"Bench policing body {number:03d}"
    body = Organisation.create(slug=f"bench-pcc-{number:03d}", name=name, type="pcc", force=force)
    _person("local_policing_body_reader", f"reader-{number:03d}@bench.example.org", body, kept, now)
    return body.id


def _year(one: Asked) -> int:
    return date.fromordinal(one.made).year


NOTICE = (
    "id",
    "reference",
    "state",
    "basis",
    "background",
    "author",
    "approved_by",
    "approved_on",
    "made_on",
    "sent_at",
    "published_on",
    "created_at",
)


def _notices(notices: list[Asked], topics: list[int], random: Random, staff: Staff) -> None:
    rows = []
    for one in notices:
        made = iso(one.made)
        at = f"{made}T09:00:00.000000Z"
        reference = f"LN-{_year(one)}-{one.notice_id:04d}"
        published = iso(one.published) if one.published else None
        row = (one.notice_id, reference, "made", one.kind[0], bench_rows.text(random), staff.author, staff.approver)
        rows.append((*row, made, made, at, published, at))
    bulk.insert(Notice, NOTICE, rows)
    _recommendations(notices, topics, random)
    bulk.insert(CaseReference, ("notice", "value"), [(one.notice_id, one.case_reference) for one in notices])
    years = {_year(one) for one in notices}
    last = {"LN": notices[-1].notice_id, "LR": notices[-1].recommendation_ids[-1]}
    numbers = [(series, year, last[series]) for series in last for year in sorted(years)]
    bulk.insert(HouseNumber, ("series", "year", "last"), numbers)


def _recommendations(notices: list[Asked], topics: list[int], random: Random) -> None:
    columns = ("id", "notice", "number", "reference", "title", "body", "topic", "implementation_public")
    rows = [
        (
            key,
            one.notice_id,
            number,
            f"LR-{_year(one)}-{key:04d}",
            bench_rows.title(random),
            bench_rows.text(random),
            random.choice(topics),
            random.random() < 0.7,
        )
        for one in notices
        for number, key in enumerate(one.recommendation_ids, start=1)
    ]
    bulk.insert(Recommendation, columns, rows)


def _assignments(
    notices: list[Asked], forces: dict[int, int | None], today: date, random: Random, staff: Staff, tell: Tell
) -> int:
    count, batch = 0, 200
    for start in range(0, len(notices), batch):
        replies, rows = Replies(), list[tuple]()
        for one in notices[start : start + batch]:
            first = count + len(rows) + 1
            rows += bench_rows.assignments(one, first, list(forces), today.toordinal(), random, replies, staff)
        count += bulk.insert(Assignment, bench_rows.ASSIGNMENT, rows)
        bulk.insert(Response, bench_rows.RESPONSE, replies.responses)
        bulk.insert(Decision, bench_rows.DECISION, replies.decisions)
        bulk.insert(Contact, bench_rows.CONTACT, replies.contacts)
        tell(f"{count:,} assignments")
    return count


def _copies(notices: list[Asked], forces: dict[int, int | None]) -> None:
    """What went to every chief officer was copied to every policing body."""
    to_all = [one for one in notices if one.kind[0] == "28a" and one.kind[2] == "recipient"]
    rows: Iterable[tuple] = chain.from_iterable(
        [(one.notice_id, body, force, iso(one.made)) for force, body in forces.items() if body] for one in to_all
    )
    bulk.insert(Copy, ("notice", "organisation", "copied_for", "copied_on"), rows)


def _drafts(topics: list[int], random: Random, staff: Staff, now: datetime) -> None:
    bulk.count_on((Notice, Recommendation))
    for state in ("draft", "in_review", "approved"):
        for _ in range(DRAFTS):
            notice = Notice.create(
                state=state, basis="28a", background=bench_rows.text(random), author=staff.author, created_at=now
            )
            Recommendation.create(
                notice=notice,
                number=1,
                title=bench_rows.title(random),
                body=bench_rows.text(random),
                topic=random.choice(topics),
            )


def _index(tell: Tell) -> None:
    """The search rows, and version 1 of each notice."""
    for count, notice in enumerate(Notice.select().where(Notice.state == "made").order_by(Notice.id), start=1):
        search.index(notice)
        freeze(notice, 1, notice.sent_at)
        if count % 1000 == 0:
            tell(f"{count:,} notices indexed for search")


def _events(notices: list[Asked], staff: Staff, now: datetime) -> None:
    """One event for the making of each notice, in a whole chain."""
    columns = ("id", "at", "person", "verb", "subject_type", "subject_id", "facts", "previous", "hash")
    previous, rows = GENESIS, []
    for number, one in enumerate(notices, start=1):
        event = History(id=number, at=now, person=staff.approver, verb="notice.made", subject_type="notice")
        event.subject_id, event.facts, event.previous = one.notice_id, "{}", previous
        previous = history.digest_of(event)
        at = f"{now:%Y-%m-%dT%H:%M:%S.%f}Z"
        rows.append((number, at, staff.approver, event.verb, "notice", one.notice_id, "{}", event.previous, previous))
    bulk.insert(History, columns, rows)


def sign_ins() -> list[tuple[str, str, str]]:
    """For each role one person to sign in as: the role, the e-mail address, the password."""
    return [(role, email, PASSWORD) for role, email in SIGN_INS.items()]


# Which tables are filled, for whoever counts them.
FILLED = (Notice, Recommendation, Assignment, Response, Decision, Contact, Copy, Version)
