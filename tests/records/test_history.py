"""The history: every event once, in order, and no way to change one unseen."""

import hashlib
from datetime import timedelta

import pytest
from peewee import DatabaseError, InternalError

from registry.actions.history import redact
from registry.records import history, verifying
from registry.records.database import is_sqlite, transaction
from registry.records.history import GENESIS, History, HistoryDetail
from registry.records.installation import Installation
from registry.records.people import SYSTEM_EMAIL, Person
from tests import given
from tests.given import NOW

REFUSED = (DatabaseError, InternalError)


@pytest.fixture
def register(database):
    given.a_register()
    return Installation.get()


def record(verb="tested.thing", *, at=NOW, detail="", **facts):
    person = Person.get(email=SYSTEM_EMAIL)
    return history.record(verb, Installation.get(), person_id=person.id, at=at, facts=facts, detail=detail)


def sentences():
    """What verifying finds but for guards, which every test that alters the history has to drop."""
    return [fault.sentence for fault in verifying.verify([], "").faults if fault.harm != "guards"]


def without_guards(database, *statements):
    """Do what somebody with the database's own password could do."""
    if is_sqlite():
        for name in ("history_no_update", "history_no_delete", "history_next_only"):
            database.execute_sql(f"DROP TRIGGER {name}")
    else:
        database.execute_sql("ALTER TABLE history DISABLE TRIGGER USER")
    for statement in statements:
        database.execute_sql(statement)


# ---- appending


def test_the_first_event_follows_nothing(register):
    event = record()
    assert (event.id, event.previous) == (1, GENESIS)


def test_each_event_follows_the_one_before(register):
    first, second = record(), record()
    assert (second.id, second.previous) == (2, first.hash)
    assert sentences() == []
    assert history.length() == 2


def test_an_event_is_read_back_as_it_was_recorded(register):
    record(detail="She said 'no' – twice.", count=2, day=given.TODAY)
    event = History.get()
    assert event.at == NOW
    assert event.facts == '{"count":2,"day":"2026-03-02"}'
    assert event.hash == history.digest_of(event)


def test_an_instant_is_told_apart_to_the_microsecond(register):
    event = record(at=NOW + timedelta(microseconds=1))
    assert history.digest_of(History.get()) == event.hash


def test_free_text_lies_apart_behind_a_commitment(register):
    event = record(detail="A name that may have to go")
    detail = HistoryDetail.get()
    assert event.detail_commitment == hashlib.sha256((detail.salt + detail.text).encode()).hexdigest()
    assert "name" not in event.facts


def test_the_same_text_twice_has_two_commitments(register):
    assert record(detail="No.").detail_commitment != record(detail="No.").detail_commitment


def test_an_event_without_text_has_no_detail(register):
    assert record().detail_commitment is None
    assert HistoryDetail.select().count() == 0


def test_text_can_be_redacted_and_the_chain_stays_whole(register):
    record(detail="A name from five years ago")
    record()
    redact(1, "A private person's name", actor=given.the_administrator(), now=NOW)
    assert sentences() == []
    assert [row.history_id for row in HistoryDetail.select()] == [3]


def test_a_text_removed_by_nobody_is_found(register):
    record(detail="A name from five years ago")
    HistoryDetail.delete().execute()
    assert sentences() == ["The text of event 1 was removed, and nobody redacted it."]


def test_an_event_that_is_rolled_back_leaves_no_gap(register, database):
    record()
    with pytest.raises(ZeroDivisionError), database.atomic():
        record()
        raise ZeroDivisionError
    assert record().id == 2
    assert sentences() == []


def test_the_events_of_a_subject_come_newest_first_with_the_people(register):
    record("tested.one")
    record("tested.two")
    assert [(event.verb, event.person.email) for event in history.of("installation", register.id)] == [
        ("tested.two", "system"),
        ("tested.one", "system"),
    ]
    assert list(history.of("installation", register.id + 1)) == []


# ---- what the database refuses


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET verb = 'x' WHERE id = 1",
        "UPDATE history SET id = 9 WHERE id = 2",
        "DELETE FROM history WHERE id = 2",
        "DELETE FROM history",
    ],
)
def test_an_event_can_neither_be_changed_nor_removed(register, database, statement):
    record()
    record()
    with pytest.raises(REFUSED, match="append-only"), database.atomic():
        database.execute_sql(statement)
    assert history.length() == 2 and sentences() == []


@pytest.mark.parametrize("number", [1, 2, 4, 0, -1])
def test_only_the_next_number_can_be_inserted(register, database, number):
    record()
    record()
    row = dict(History.select().where(History.id == 1).dicts().get(), id=number)
    with pytest.raises(REFUSED, match="gaps"), database.atomic():
        History.insert(row).execute()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_insert_or_replace_on_sqlite_replaces_nothing(register, database):
    first = record()
    with pytest.raises(REFUSED, match="gaps"), database.atomic():
        History.replace(dict(History.select().dicts().get(), verb="forged")).execute()
    assert History.get_by_id(first.id).verb == "tested.thing"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_history_cannot_be_truncated_on_postgresql(register, database):
    record()
    with pytest.raises(REFUSED, match="append-only"), database.atomic():
        database.execute_sql("TRUNCATE history CASCADE")


# ---- what verifying finds, when somebody went round the guards


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("verb", "'tested.other'"),
        ("facts", "'{}'"),
        ("person_id", "(SELECT id FROM person WHERE email = 'author@example.org')"),
        ("subject_id", "99"),
        ("subject_type", "'notice'"),
        ("at", "'2026-03-02T09:00:00.000001Z'"),
        ("detail_commitment", "NULL"),
        ("hash", "'" + "f" * 64 + "'"),
    ],
)
def test_a_changed_column_is_found(register, database, column, value):
    given.the_author()
    for number in range(3):
        record(detail="text", number=number)
    without_guards(database, f"UPDATE history SET {column} = {value} WHERE id = 2")
    assert "Event 2 was changed after it was recorded." in sentences()


def test_a_changed_text_is_found(register, database):
    record(detail="The cords were replaced.")
    HistoryDetail.update(text="The cords were removed.").execute()
    assert sentences() == ["The text of event 1 was changed after it was recorded."]


def test_a_text_added_to_an_event_that_had_none_is_found(register, database):
    event = record()
    HistoryDetail.create(history=event, text="More", salt="0" * 32)
    assert sentences() == ["The text of event 1 was changed after it was recorded."]


@pytest.mark.parametrize("lost", [1, 2])
def test_an_event_cut_from_the_chain_is_found(register, database, lost):
    for _ in range(3):
        record()
    without_guards(database, f"DELETE FROM history WHERE id = {lost}")
    assert sentences() == [f"Event {lost} is missing: the next is {lost + 1}."]


def test_an_event_cut_and_the_rest_renumbered_is_found(register, database):
    for number in range(3):
        record(number=number)
    without_guards(database, "DELETE FROM history WHERE id = 2", "UPDATE history SET id = 2 WHERE id = 3")
    assert "Event 2 does not follow event 1." in sentences()


def test_an_event_put_in_between_is_found(register, database):
    first, second = record(), record()
    forged = History(**first.__data__ | {"id": 2, "previous": first.hash, "verb": "forged.thing"})
    forged.hash = history.digest_of(forged)
    without_guards(database, "UPDATE history SET id = 3 WHERE id = 2")
    forged.save(force_insert=True)
    assert f"Event {second.id + 1} does not follow event 2." in sentences()


def test_two_events_changed_places_are_found(register, database):
    for number in range(3):
        record(number=number)
    without_guards(
        database,
        "UPDATE history SET id = 99 WHERE id = 2",
        "UPDATE history SET id = 2 WHERE id = 3",
        "UPDATE history SET id = 3 WHERE id = 99",
    )
    assert len(sentences()) >= 2


# ---- many writers

WRITERS, EACH = 8, 12


@transaction
def one_event():
    return record().id


def test_many_writers_at_once_leave_one_chain_without_gaps(shared_database):
    given.a_register()
    written = given.together(*[lambda: [one_event() for _ in range(EACH)]] * WRITERS)
    numbers = [number for numbers in written for number in numbers]
    assert sorted(numbers) == list(range(1, WRITERS * EACH + 1))
    assert sentences() == []


def test_many_verbs_at_once_leave_one_chain_without_gaps(shared_database):
    given.a_register()
    given.the_author()
    outcomes = given.together(*[given.a_draft] * WRITERS)
    assert [error for error in outcomes if isinstance(error, Exception)] == []
    assert given.events() == ["notice.drafted"] * WRITERS
    assert sentences() == []
