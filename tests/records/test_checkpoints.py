"""Checkpoints: who signed the end of the history, when, and in two places."""

import json
from datetime import timedelta

import pytest

from registry.records import checkpoints
from registry.records.checkpoints import FILE, Checkpoint
from registry.records.installation import Installation
from registry.records.people import Person
from tests import given
from tests.given import NOW

KEY = "11" * 32
PUBLIC = checkpoints.public_key(KEY)


@pytest.fixture
def register(database):
    given.a_register()


def an_event():
    from registry.records import history

    return history.record("tested.thing", Installation.get(), person_id=Person.get().id, at=NOW)


def test_without_an_event_there_is_nothing_to_sign(register, tmp_path):
    assert checkpoints.make(KEY, tmp_path, now=NOW) is None
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_stands_in_the_database_and_in_the_file_alike(register, tmp_path):
    event = an_event()
    row = checkpoints.make(KEY, tmp_path, now=NOW)
    (inside,), (outside,) = checkpoints.in_database(), checkpoints.in_file(tmp_path)
    assert (row.number, row.hash, row.key) == (event.id, event.hash, PUBLIC)
    assert inside.is_genuine(PUBLIC) and outside.is_genuine(PUBLIC)
    assert (inside.number, inside.hash, inside.signature) == (outside.number, outside.hash, outside.signature)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0o044  # as the umask has it; nothing in it is secret


def test_the_same_end_is_signed_once(register, tmp_path):
    an_event()
    for hours in range(3):
        checkpoints.make(KEY, tmp_path, now=NOW + timedelta(hours=hours))
    assert Checkpoint.select().count() == len(list(checkpoints.in_file(tmp_path))) == 1
    an_event()
    checkpoints.make(KEY, tmp_path, now=NOW)
    assert [mark.number for mark in checkpoints.in_file(tmp_path)] == [1, 2]


def test_a_line_that_was_lost_is_written_again(register, tmp_path):
    an_event()
    checkpoints.make(KEY, tmp_path, now=NOW)
    (tmp_path / FILE).unlink()
    checkpoints.make(KEY, tmp_path, now=NOW)
    assert len(list(checkpoints.in_file(tmp_path))) == 1


@pytest.mark.parametrize("column", ["number", "hash", "signed_at", "signature", "key"])
def test_a_checkpoint_that_was_altered_is_not_genuine(register, tmp_path, column):
    an_event()
    checkpoints.make(KEY, tmp_path, now=NOW)
    said = json.loads((tmp_path / FILE).read_text())
    said[column] = 7 if column == "number" else said[column][:-1] + ("0" if said[column][-1] != "0" else "1")
    (tmp_path / FILE).write_text(json.dumps(said))
    (mark,) = checkpoints.in_file(tmp_path)
    assert not mark.is_genuine(PUBLIC)


@pytest.mark.parametrize("line", ["{}", "not json", '{"number": "x"}', "[]", '{"number": 1, "hash": null}'])
def test_a_line_that_is_none_is_a_mark_nobody_signed(register, tmp_path, line):
    (tmp_path / FILE).write_text(f"{line}\n\n")
    (mark,) = checkpoints.in_file(tmp_path)
    assert not mark.is_genuine(PUBLIC)


def test_a_file_put_aside_is_kept_under_another_name(register, tmp_path):
    assert checkpoints.set_aside(tmp_path, NOW) is None
    an_event()
    checkpoints.make(KEY, tmp_path, now=NOW)
    aside = checkpoints.set_aside(tmp_path, NOW)
    assert aside.name == "checkpoints-until-20260302T090000.jsonl" and aside.exists()
    assert list(checkpoints.in_file(tmp_path)) == []
