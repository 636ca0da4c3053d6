"""The demonstration: every state is there, nothing in it is real, and the same day gives the same story."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import Database, fn

from registry import config
from registry.actions import demonstration, installing, passwords
from registry.records import MODELS, reply_clock, search, verifying
from registry.records.assignments import Acknowledgement, Assignment, Contact, Decision, Response
from registry.records.database import database as bound
from registry.records.database import open_database
from registry.records.history import History
from registry.records.installation import Installation
from registry.records.messages import Message
from registry.records.organisations import Organisation
from registry.records.people import Membership, Person
from registry.records.recommendations import CaseReference, Copy, Notice, Recommendation
from registry.records.visibility import public_notices
from registry.rules import clocks, wording
from registry.rules.calendar import CIVIL
from registry.rules.workflow import NotAllowed
from tests.given import NOW, TODAY

DATA = config.PACKAGE / "data"
MADE = Notice.state == "made"
CLOCKED = Assignment.statutory_last_day.is_null(False)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of its own with the demonstration as of NOW; the tests of this module only read it."""
    template = request.getfixturevalue(f"{request.param}_template")
    with template.for_many(tmp_path_factory.mktemp("demonstration")) as url:
        found = open_database(url, Path("/"))
        found.connect()
        demonstration.load(DATA, now=NOW)
        yield found
        found.close()
        getattr(found, "close_all", lambda: None)()


@pytest.fixture
def story(loaded: Database) -> Iterator[None]:
    bound.initialize(loaded)
    yield
    bound.initialize(None)


def the(title: str) -> Notice:
    """The notice whose first recommendation begins with these words."""
    return Notice.select().join(Recommendation).where(Recommendation.title.startswith(title)).get()


def assignments(*where: Any) -> list[Assignment]:
    rows = Assignment.select(Assignment).join(Recommendation).join(Notice).switch(Assignment).join(Organisation)
    return list(rows.where(*where) if where else rows)


def clocks_of(notice: Notice, today: date = TODAY) -> Counter[str]:
    rows = Assignment.select().join(Recommendation).where(Recommendation.notice == notice)
    return Counter(clocks.reply_clock(row, today) for row in rows)


# ---- nothing in it is real


def test_no_real_organisation_is_in_it(story: None) -> None:
    for file in ("organisations.csv", "local_policing_bodies.csv"):
        with (DATA / file).open(encoding="utf-8", newline="") as lines:
            real = list(csv.DictReader(lines))
        slugs, names = [row["id"] for row in real], [row["name"] for row in real]
        assert (
            not Organisation.select().where(Organisation.slug.in_(slugs) & (Organisation.slug != "regulator")).exists()
        )
        assert not Organisation.select().where(Organisation.name.in_(names)).exists()
    assert Installation.get().kind == "demonstration"


def test_each_force_has_its_policing_body_and_its_liaison_officer(story: None) -> None:
    forces = Organisation.select().where(Organisation.type == "territorial")
    assert forces.count() == 43
    body = Organisation.get(slug="lpb-millhaven")
    assert (body.name, body.type) == ("Police and Crime Commissioner for Millhaven (demonstration)", "pcc")
    assert body.force.slug == "millhaven"
    assert Organisation.select().where(Organisation.force.in_(forces)).count() == 43
    led = Membership.select(Membership.organisation).where((Membership.role == "liaison_officer") & Membership.lead)
    led = led.where(Membership.deputy_for.is_null())
    assert led.count() == 45 and not forces.where(Organisation.id.not_in(led)).exists()


def test_two_forces_have_a_second_liaison_officer_and_one_stands_in_for_the_lead(story: None) -> None:
    second = Membership.select().join(Person).where(Person.email.startswith("second."))
    assert Counter(row.organisation.slug for row in second) == {"aldermere": 2, "millhaven": 1}
    (deputy,) = second.where(Membership.deputy_for.is_null(False))
    assert deputy.deputy_for.person.email == "liaison.aldermere@example.org" and deputy.from_on > TODAY


def test_everybody_is_invented_and_one_person_of_each_role_can_sign_in(story: None) -> None:
    people = list(Person.select().where(Person.email != "system"))
    assert all(one.email.endswith("@example.org") and one.name.endswith("(demonstration)") for one in people)
    told = demonstration.sign_ins()
    assert {role for role, _, _ in told} == {words for role, words in wording.ROLE.items() if role != "system"}
    for role, email, password in told:
        person = passwords.check(email, password)
        assert person and [wording.ROLE[one.role] for one in person.memberships] == [role]


def test_case_references_cannot_be_those_of_a_real_case(story: None) -> None:
    assert all("/D" in row.value for row in CaseReference.select())


# ---- the pull cords


def test_the_pull_cords_are_with_one_national_body_and_43_forces_in_scope(story: None) -> None:
    cords = the("Replace emergency pull cords")
    assert cords.reference == "LN-2025-0001" and cords.published_on is not None
    assert Counter(row.capacity for row in assignments(Notice.id == cords.id)) == {"recipient": 1, "in_scope": 43}
    (council,) = assignments(Notice.id == cords.id, Assignment.capacity == "recipient")
    assert (council.organisation.slug, council.acceptance) == ("chiefs-council", "accepted")
    said = Counter(row.implementation for row in assignments(Notice.id == cords.id, Assignment.capacity == "in_scope"))
    assert min(said["not_started"], said["under_way"], said["reported_done"]) >= 9
    assert any(row.acknowledged_on is None for row in assignments(Notice.id == cords.id))
    assert cords.recommendations.get() in list(Recommendation.select().where(search.matching("pull cord")))


# ---- every state that the verbs reach


STATES: dict[str, Callable[[], bool]] = {
    "a draft": lambda: Notice.select().where(Notice.state == "draft", Notice.return_reason == "").exists(),
    "a returned draft": lambda: Notice.select().where(Notice.state == "draft", Notice.return_reason != "").exists(),
    "waiting for approval": lambda: Notice.select().where(Notice.state == "in_review").exists(),
    "approved": lambda: Notice.select().where(Notice.state == "approved").exists(),
    "acknowledged by post": lambda: Acknowledgement.select().where(Acknowledgement.by_post).exists(),
    "a reply by post, recorded a week later": lambda: any(
        row.recorded_at.date() - row.received_on >= timedelta(days=5)
        for row in Response.select().where(Response.by_post)
    ),
    "a part published": lambda: _decided("publication", "part") == {True} and _redacted(),
    "none published": lambda: _decided("publication", "none") == {False},
    "all published": lambda: True in _decided("publication", "all"),
    "not decided in time": lambda: bool(assignments(Assignment.publish_by < TODAY, Assignment.publication.is_null())),
    "not decided, still in time": lambda: bool(
        assignments(Assignment.publish_by >= TODAY, Assignment.publication.is_null())
    ),
    "a voluntary answer under section 10": lambda: bool(
        assignments(Assignment.capacity == "invited", Assignment.response_published_on.is_null(False))
    ),
    "an invitation without an answer": lambda: bool(
        assignments(Assignment.capacity == "invited", Assignment.acceptance == "awaiting")
    ),
    "representations": lambda: Response.select().where(Response.representations != "").exists(),
    "contacts": lambda: Contact.select().count() >= 10,
    "the public may see implementation": lambda: Recommendation.select().where(
        Recommendation.implementation_public
    ).exists(),
    "a late reply under way to publication": lambda: bool(
        assignments(
            Assignment.response_published_on.is_null(False), Assignment.received_on > Assignment.response_due_on
        )
    ),
}  # fmt: skip


def _decided(kind: str, extent: str) -> set[bool]:
    rows = assignments(getattr(Assignment, kind) == extent)
    return {row.response_published_on is not None for row in rows}


def _redacted() -> bool:
    parts = list(Decision.select().where(Decision.extent == "part"))
    return all(row.redacted_text and row.reason for row in parts)


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_there(story: None, state: str) -> None:
    assert STATES[state]()


def test_every_state_of_the_clock_and_of_the_reply_is_there(story: None) -> None:
    column = reply_clock.case(TODAY)
    states = {state for (state,) in Assignment.select(column).distinct().tuples()}
    # Nothing here is without a date: not_known comes from imports only.
    assert states == set(clocks.REPLY_CLOCK_STATES) - {"not_known"}
    assert {row.acceptance for row in assignments()} == {*clocks.ACCEPTANCE_REPLIED, *clocks.ACCEPTANCE_UNREPLIED}


def test_embargoed_notices_run_inside_and_are_not_public(story: None) -> None:
    hidden = list(Notice.select().where(MADE, Notice.published_on.is_null()))
    assert all(row.embargo_reason for row in hidden)
    assert sum((clocks_of(row) for row in hidden), Counter()) == {"running": 2, "overdue": 1}
    public = {row.id for row in Notice.select().where(public_notices(TODAY))}
    assert not public & {row.id for row in hidden}
    assert public == {row.id for row in Notice.select().where(MADE)} - {row.id for row in hidden}


def test_notices_of_every_size_are_there(story: None) -> None:
    sizes = {n for (n,) in Recommendation.select(fn.COUNT(1)).group_by(Recommendation.notice).tuples()}
    assert sizes == {1, 2, 15}
    assert sum(clocks_of(the("Look at the grade of a call")).values()) == 43
    assert sum(clocks_of(the("Say in policy who places a warning marker")).values()) == 4
    cases = CaseReference.select(fn.COUNT(1)).group_by(CaseReference.notice).tuples()
    assert max(n for (n,) in cases) == 6


def test_the_letters_date_set_by_hand_holds_after_the_day_in_law(story: None) -> None:
    (row,) = assignments(Notice.id == the("Ask aloud").id)
    assert row.recommendation.notice.due_reason
    assert row.statutory_last_day < TODAY < row.response_due_on
    assert clocks.reply_clock(row, TODAY) == "due_soon" and clocks.late_in_law(row, TODAY)


def test_one_force_has_something_of_everything_on_its_desk(story: None) -> None:
    mine = assignments(Organisation.slug == "aldermere")
    states = {clocks.reply_clock(row, TODAY) for row in mine}
    assert states == {"no_deadline", "replied_in_time", "overdue", "due_soon", "running"}
    assert any(row.acknowledged_on is None for row in mine)
    assert Copy.select().join(Organisation, on=Copy.organisation).where(Organisation.slug == "lpb-aldermere").exists()


# ---- how it was made


def test_the_history_is_whole_and_in_the_order_of_time(story: None) -> None:
    assert verifying.verify([], "").faults == []
    instants = [event.at for event in History.select(History.at).order_by(History.id)]
    assert instants == sorted(set(instants)) and instants[-1] == NOW
    told = [at.astimezone(CIVIL) for at in instants[:-1]]
    assert {at.weekday() for at in told} == {0, 1, 2, 3, 4}
    assert all(8 <= at.hour < 18 for at in told) and max(told).date() < TODAY


def test_nobody_approved_their_own_text(story: None) -> None:
    approved = Notice.select().where(Notice.approved_by.is_null(False))
    assert approved.count() >= 20 and not approved.where(Notice.approved_by == Notice.author).exists()


def test_messages_wait_for_the_worker_and_are_not_too_many(story: None) -> None:
    kinds = Counter(row.kind for row in Message.select())
    assert set(kinds) == {"notice_made", "response_received", "reminders", "extension_asked", "extension_decided"}
    assert sum(kinds.values()) < 500
    assert not Message.select().where((Message.state != "queued") | (Message.next_at > NOW)).exists()


def test_loading_again_does_nothing(story: None) -> None:
    before = everything()
    demonstration.load(DATA, now=NOW + timedelta(days=30))
    assert everything() == before


def test_the_same_day_gives_the_same_story(story: None, sqlite_template: Any, request: pytest.FixtureRequest) -> None:
    """Number for number, and on both databases."""
    told = everything()
    with sqlite_template.for_one_thread():
        begun = time.process_time()
        demonstration.load(DATA, now=NOW)
        assert time.process_time() - begun < 3
        again = everything()
    bound.initialize(request.getfixturevalue("loaded"))
    for table, rows in told.items():
        assert _comparable(table, rows) == _comparable(table, again[table]), table


def _comparable(table: str, rows: list[dict[str, Any]]) -> list[str]:
    """The rows of a table, without ids where one statement wrote many rows or an insert became an update.

    PostgreSQL orders the rows of one statement as it likes, and leaves a gap after an update.
    """
    unnumbered = {"HouseNumber": {"id"}, "Reminder": {"id"}, "Message": {"id"}}
    left_out = unnumbered.get(table, {"id", "reminder", "message"} if table == "ReminderMessage" else set())
    return sorted(str({name: value for name, value in row.items() if name not in left_out}) for row in rows)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without what is random on purpose: salts, and what is hashed with them."""
    random = {"password_hash", "detail_commitment", "salt", "previous", "hash"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in random}
            for row in model.select().order_by(model._meta.primary_key).dicts()
        ]
        for model in MODELS
    }


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "day", [date(2026, 12, 27), date(2026, 4, 7), date(2028, 2, 29), date(2027, 1, 1), date(2035, 6, 2)]
)
def test_the_states_hold_whatever_the_day(database: Database, day: date) -> None:
    """After Christmas, after Easter, on a leap day, on a holiday, and beyond the known holidays."""
    demonstration.load(DATA, now=datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
    found = sum((clocks_of(notice, day) for notice in Notice.select().where(MADE)), Counter())
    assert found == {
        "replied_in_time": 57,
        "no_deadline": 52,
        "overdue": 14,
        "replied_late": 6,
        "running": 5,
        "due_soon": 4,
        "extension_requested": 1,
        "replied": 1,
    }


def test_a_register_takes_no_demonstration(database: Database) -> None:
    installing.init(DATA, now=NOW)
    with pytest.raises(NotAllowed, match="holds a register"):
        demonstration.load(DATA, now=NOW)
    assert Notice.select().count() == 0
