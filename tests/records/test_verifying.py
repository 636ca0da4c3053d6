"""What somebody with every right in the database can do to the history, and that it is found."""

import hashlib
import random
from dataclasses import replace

import pytest

from registry.records import checkpoints, history, verifying
from registry.records.checkpoints import Checkpoint
from registry.records.database import canonical, is_sqlite
from registry.records.database import database as bound
from registry.records.history import GENESIS, History, HistoryDetail
from registry.records.installation import Installation
from registry.records.people import Person
from tests import given
from tests.given import NOW

KEY, THEIRS = "11" * 32, "22" * 32
PUBLIC = checkpoints.public_key(KEY)
EVENTS = 24
ALTERATIONS = 500  # on each of the two databases


@pytest.fixture
def marks(database, tmp_path):
    """A history of two dozen events, signed at a third, at two thirds and at its end; the marks lie outside."""
    given.a_register()
    given.the_author()
    for number in range(1, EVENTS + 1):
        person = Person.select().order_by(Person.id)[number % 2]
        detail = f"What was said at step {number}" if number % 3 else ""
        history.record(
            "tested.thing", Installation.get(), person_id=person.id, at=NOW, facts={"n": number}, detail=detail
        )
        if number % 8 == 0:
            checkpoints.make(KEY, tmp_path, now=NOW)
    return list(checkpoints.in_file(tmp_path))


def found(marks):
    """What verifying finds with the checkpoints of the file and of the database; guards are off in every case."""
    faults = verifying.verify([*marks, *checkpoints.in_database()], PUBLIC).faults
    return [fault for fault in faults if fault.harm != "guards"]


def test_a_history_nobody_touched_is_whole_and_held_to_its_end(marks):
    result = verifying.verify(marks, PUBLIC)
    assert (result.events, result.held_until, result.faults) == (EVENTS, EVENTS, [])


def test_what_came_after_the_last_checkpoint_is_counted_as_held_by_nothing(marks):
    history.record("tested.thing", Installation.get(), person_id=Person.get().id, at=NOW)
    result = verifying.verify(marks, PUBLIC)
    assert (result.events, result.held_until, result.faults) == (EVENTS + 1, EVENTS, [])


# ---- one of each kind of harm, by its name


def without_guards():
    if is_sqlite():
        for name in ("history_no_update", "history_no_delete", "history_next_only"):
            bound.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
    else:
        bound.execute_sql("ALTER TABLE history DISABLE TRIGGER USER")


def hash_anew(first=1):
    """Make every hash from an event on fit again, as somebody would who knows how they are made."""
    previous = History.get_by_id(first - 1).hash if first > 1 else GENESIS
    for event in History.select().where(History.id >= first).order_by(History.id):
        event.previous = previous
        detail = HistoryDetail.get_or_none(HistoryDetail.history == event.id)
        event.detail_commitment = history.commitment(detail.salt, detail.text) if detail else None
        event.hash = previous = history.digest_of(event)
        event.save()


def test_a_cut_tail_is_found_and_the_first_lost_event_named(marks):
    without_guards()
    HistoryDetail.delete().where(HistoryDetail.history > 20).execute()
    History.delete().where(History.id > 20).execute()
    (fault,) = found(marks)
    assert (fault.harm, fault.event) == ("cut", 21)
    assert "ends at event 20, but event 24 was signed" in fault.sentence


def test_a_history_written_anew_is_found_and_where_it_still_fits_is_said(marks):
    without_guards()
    History.update(facts='{"n":999}').where(History.id == 12).execute()
    hash_anew(12)
    faults = found(marks)
    assert {fault.harm for fault in faults} == {"rewritten"}
    assert faults[0].event == 16 and "from event 9 on" in faults[0].sentence


def test_a_checkpoint_of_another_key_is_not_believed(marks, tmp_path):
    forged = replace(marks[-1], key=checkpoints.public_key(THEIRS))
    (fault,) = verifying.verify([*marks, forged], PUBLIC).faults
    assert fault.harm == "checkpoint" and fault.event == EVENTS


def test_guards_that_are_off_are_told(marks):
    without_guards()
    (fault,) = verifying.verify(marks, PUBLIC).faults
    assert fault.harm == "guards" and "registry migrate" in fault.sentence


def test_the_hash_put_together_by_hand_is_that_of_the_canonical_text(marks):
    for event in History.select():
        columns = [getattr(event, name) for name in history.COLUMNS[:-1]]
        columns[1] = event.at.isoformat(timespec="microseconds")
        assert event.hash == hashlib.sha256(canonical(columns).encode()).hexdigest()


# ---- a thousand at random


def test_every_alteration_of_many_at_random_is_found(marks, database):
    """Up to the limit the model states: what was added in good order after the last checkpoint, or cut off after it."""
    before = contents()
    missed, made = [], 0
    for seed in range(ALTERATIONS):
        chance = random.Random(seed * 2 + is_sqlite())
        kind = chance.choice(list(KINDS))
        with database.atomic() as attempt:
            without_guards()
            KINDS[kind](chance)
            if contents() != before:
                made += 1
                if not found(marks):
                    missed.append((seed, kind))
            attempt.rollback()
    assert missed == []
    assert made > ALTERATIONS * 0.9
    assert contents() == before


def contents():
    tables = (History, HistoryDetail, Checkpoint)
    return [sorted(table.select().tuples(), key=repr) for table in tables]


def any_event(chance):
    return chance.randint(1, EVENTS)


COLUMNS = {
    "at": lambda chance: f"2026-0{chance.randint(1, 9)}-11T10:00:00.000000Z",
    "person_id": lambda chance: chance.choice([row.id for row in Person.select()]),
    "verb": lambda chance: chance.choice(["tested.other", "history.redacted", ""]),
    "subject_type": lambda chance: chance.choice(["notice", "assignment"]),
    "subject_id": lambda chance: chance.randint(2, 2_000_000),
    "facts": lambda chance: chance.choice(["{}", '{"n": 1}', '{"event":1}', "", "null", "\ud7ff"]),
    "detail_commitment": lambda chance: chance.choice([None, "0" * 64]),
    "previous": lambda chance: f"{chance.getrandbits(256):064x}",
    "hash": lambda chance: f"{chance.getrandbits(256):064x}",
}


def update(chance):
    column = chance.choice(list(COLUMNS))
    mark = bound.param
    query = f"UPDATE history SET {column} = {mark} WHERE id = {mark}"
    bound.execute_sql(query, (COLUMNS[column](chance), any_event(chance)))


def delete(chance):
    number = any_event(chance)
    HistoryDetail.delete().where(HistoryDetail.history == number).execute()
    History.delete().where(History.id == number).execute()


def delete_and_close_up(chance):
    number = any_event(chance)
    texts = {row.history_id: (row.text, row.salt) for row in HistoryDetail.select()}
    HistoryDetail.delete().execute()
    History.delete().where(History.id == number).execute()
    for one in range(number + 1, EVENTS + 1):
        History.update(id=one - 1).where(History.id == one).execute()
    for one, (text, salt) in texts.items():
        if one != number:
            HistoryDetail.create(history=one - (one > number), text=text, salt=salt)
    if chance.random() < 0.7:
        hash_anew()


def insert(chance):
    number = any_event(chance)
    HistoryDetail.delete().execute()
    for one in range(EVENTS, number - 1, -1):
        History.update(id=one + 1).where(History.id == one).execute()
    forged = History(**History.get_by_id(number + 1).__data__ | {"id": number, "verb": "forged.thing"})
    forged.save(force_insert=True)
    if chance.random() < 0.7:
        hash_anew()


def swap(chance):
    first, second = chance.sample(range(1, EVENTS + 1), 2)
    HistoryDetail.delete().where(HistoryDetail.history.in_([first, second])).execute()
    for old, new in ((first, 999), (second, first), (999, second)):
        History.update(id=new).where(History.id == old).execute()
    if chance.random() < 0.5:
        hash_anew()


def cut(chance):
    number = any_event(chance)
    HistoryDetail.delete().where(HistoryDetail.history >= number).execute()
    History.delete().where(History.id >= number).execute()


def rewrite(chance):
    number = any_event(chance)
    History.update(verb="tested.other").where(History.id == number).execute()
    hash_anew(number)


def rewrite_and_sign(chance):
    """With checkpoints of their own in place of ours: those outside are out of reach, and the key is too."""
    rewrite(chance)
    Checkpoint.delete().execute()
    checkpoints._sign(THEIRS, NOW)


def change_text(chance):
    numbers = [row.history_id for row in HistoryDetail.select()]
    HistoryDetail.update(text="Something else").where(HistoryDetail.history == chance.choice(numbers)).execute()


def change_text_and_rewrite(chance):
    change_text(chance)
    hash_anew()


def remove_text(chance):
    numbers = [row.history_id for row in HistoryDetail.select()]
    HistoryDetail.delete().where(HistoryDetail.history == chance.choice(numbers)).execute()


def replace_row(chance):
    """INSERT OR REPLACE, which on SQLite goes past triggers on update and delete; elsewhere the same in two steps."""
    event = History.get_by_id(any_event(chance))
    HistoryDetail.delete().where(HistoryDetail.history == event.id).execute()
    event.subject_id += 1
    if is_sqlite():
        History.replace(**event.__data__).execute()
    else:
        History.delete().where(History.id == event.id).execute()
        event.save(force_insert=True)


def renumber(chance):
    number = any_event(chance)
    HistoryDetail.delete().where(HistoryDetail.history == number).execute()
    History.update(id=chance.choice([0, -5, EVENTS + 10, 2**31 - 1])).where(History.id == number).execute()


KINDS = {
    one.__name__: one
    for one in (
        update,
        delete,
        delete_and_close_up,
        insert,
        swap,
        cut,
        rewrite,
        rewrite_and_sign,
        change_text,
        change_text_and_rewrite,
        remove_text,
        replace_row,
        renumber,
    )
}
