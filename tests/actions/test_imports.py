"""Importing recommendations: the thirty real rows, and every bad cell there can be."""

import csv
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from registry import config
from registry.actions import imports, imports_reading, installing
from registry.actions.imports import BadFile, Imported
from registry.records import history, search
from registry.records.assignments import Acknowledgement, Assignment, Response
from registry.records.installation import Installation
from registry.records.messages import Message
from registry.records.organisations import Organisation
from registry.records.recommendations import CaseReference, Copy, Notice, Recommendation, Topic, Version
from registry.records.visibility import public_notices
from registry.rules import clocks, limits
from registry.rules.permissions import NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW, TODAY

REAL = config.data("learning_recommendations.csv")
EMPTY = dict.fromkeys(imports_reading.PARSERS, "")
GOOD = EMPTY | {"n": "1", "addressees": "kent", "summary": "Replace the cords"}


def take(file: Path, **rest: Any) -> Imported:
    return imports.import_recommendations(file, actor=given.the_system(), now=NOW, **rest)


@pytest.fixture
def register(database: Database) -> None:
    given.a_register()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of rows; each row is GOOD with the cells that are given, numbered from 1."""

    def write(*rows: dict[str, str], columns: tuple[str, ...] = tuple(EMPTY), name: str = "rows.csv") -> Path:
        file = tmp_path / name
        with file.open("w", encoding="utf-8", newline="") as stream:
            sheet = csv.DictWriter(stream, columns, extrasaction="ignore")
            sheet.writeheader()
            sheet.writerows(GOOD | {"n": str(n)} | row for n, row in enumerate(rows, start=1))
        return file

    return write


def refused(file: Path) -> BadFile:
    """Why the file was refused; nothing may have been written."""
    with pytest.raises(BadFile) as caught:
        take(file)
    assert Notice.select().count() == 0 and Topic.select().count() == 0 and history.length() == 0
    assert str(caught.value).startswith(f"{file.name}: ") and str(caught.value).endswith(".")
    return caught.value


def notice(n: int, file: str = REAL.name) -> Notice:
    return Notice.get(Notice.source_key == f"{file}:{n}")


def assignments_of(notice: Notice) -> dict[str, Assignment]:
    rows = Assignment.select().join(Recommendation).where(Recommendation.notice == notice).order_by(Assignment.id)
    return {row.organisation.slug: row for row in rows}


# ---- the real file


@pytest.fixture
def real(database: Database) -> Imported:
    installing.init(config.PACKAGE / "data", now=NOW)
    return take(REAL)


def test_the_thirty_real_rows_are_imported_as_they_are(real: Imported) -> None:
    assert (real.created, real.unchanged) == (30, 0)
    assert Notice.select().where(Notice.state == "made").count() == 30
    assert Version.select().count() == 30
    assert given.events() == ["recommendations.imported"]
    assert given.broken() == []
    for table in (Message, Copy, Acknowledgement):
        assert table.select().count() == 0


def test_nothing_is_invented_about_a_row(real: Imported) -> None:
    assert not Notice.select().where(Notice.external_reference.is_null(False) | Notice.sent_at.is_null(False)).exists()
    dates = (Assignment.acknowledge_by, Assignment.acknowledged_on, Assignment.received_on, Assignment.publish_by)
    for column in (*dates, Assignment.statutory_last_day, Assignment.response_due_on):
        assert not Assignment.select().where(column.is_null(False)).exists()
    assert {row.capacity for row in Assignment.select()} == {"recipient"}


def test_the_pull_cords_of_row_1(real: Imported) -> None:
    cords = notice(1)
    assert (cords.made_on, cords.made_on_precision, cords.published_on) == (
        date(2019, 7, 1),
        "month",
        date(2019, 7, 12),
    )
    assert (cords.reference, cords.basis) == ("LN-2019-0001", "not_stated")
    assert cords.source == "review of local investigation; wired-gov.net"
    assignment = assignments_of(cords)["npcc"]
    assert assignment.acceptance == "accepted"
    assert clocks.reply_clock(assignment, TODAY) == "replied"
    response = assignment.responses.get()
    assert (response.acceptance, response.received_on) == ("accepted", None)
    assert response.text == "NPCC shared via custody forum; replacement work in train"
    recommendation = cords.recommendations.get()
    assert (recommendation.reference, recommendation.topic.slug) == ("LR-2019-0001", "custody")
    assert list(Recommendation.select().where(search.matching("pull cord"))) == [recommendation]
    assert "Line 2 (n 1), column made_on: only the month is given, so no clock runs." in real.notes


def test_row_10_has_its_day_but_no_basis_so_no_clock(real: Imported) -> None:
    row = notice(10)
    assert (row.made_on, row.made_on_precision) == (date(2021, 8, 26), "day")
    assert [case.value for case in row.case_references] == ["2019/125197"]
    assert not [note for note in real.notes if "(n 10), column made_on" in note]
    assert "Line 11 (n 10), column basis: the basis is not stated, so no clock runs." in real.notes


def test_row_5_has_three_case_references(real: Imported) -> None:
    assert [case.value for case in notice(5).case_references.order_by(CaseReference.id)] == [
        "2018/109205",
        "2022/176800",
        "2023/188862",
    ]


def test_row_15_was_published_in_a_month_and_stays_out_of_the_public_register(real: Imported) -> None:
    row = notice(15)
    assert row.published_on is None
    assert "HMICFRS audit 2023-07-28" in row.internal_note and "published in February 2023" in row.internal_note
    assert [note for note in real.notes if note.startswith("Line 16 (n 15), column published_on: only the month")]


def test_row_16_has_no_date_and_takes_the_year_of_the_import(real: Imported) -> None:
    row = notice(16)
    assert (row.made_on, row.reference) == (None, "LN-2026-0001")
    assert clocks.reply_clock(assignments_of(row)["metropolitan"], TODAY) == "not_known"
    assert "Line 17 (n 16), column made_on: no date is given, so no clock runs." in real.notes


def test_row_21_goes_to_two_forces_and_row_27_to_five(real: Imported) -> None:
    assert list(assignments_of(notice(21))) == ["norfolk", "suffolk"]
    five = assignments_of(notice(27))
    assert list(five) == ["greater-manchester", "cumbria", "cheshire", "merseyside", "lancashire"]
    assert {row.acceptance for row in five.values()} == {"awaiting"}


def test_only_rows_with_a_day_of_publication_are_public(real: Imported) -> None:
    with REAL.open(encoding="utf-8", newline="") as lines:
        published = {f"{REAL.name}:{row['n']}" for row in csv.DictReader(lines) if len(row["published_on"]) == 10}
    public = {row.source_key for row in Notice.select().where(public_notices(TODAY))}
    assert public == published and len(public) == 7


def test_a_second_import_changes_nothing(real: Imported) -> None:
    again = take(REAL)
    assert again == Imported(created=0, unchanged=30, notes=[])
    assert (Notice.select().count(), Response.select().count(), history.length()) == (30, 8, 1)


# ---- what a file may say


def test_a_dry_run_tells_the_same_and_writes_nothing(register: None, write: Callable[..., Path]) -> None:
    file = write({}, {"made_on": "2021-08"})
    told = take(file, dry_run=True)
    assert (Notice.select().count(), history.length()) == (0, 0)
    assert told == take(file)


def test_a_dated_row_under_28a_runs_its_clock(register: None, write: Callable[..., Path]) -> None:
    told = take(write({"basis": "28a", "made_on": "2026-02-02"}))
    row = assignments_of(notice(1, "rows.csv"))["kent"]
    assert (row.statutory_last_day, row.response_due_on) == (date(2026, 3, 29), date(2026, 3, 30))
    assert clocks.reply_clock(row, TODAY) == "running"
    assert row.acknowledge_by is None and told.notes == []


@pytest.mark.parametrize("made_on", ["2026-02", ""])
def test_a_row_under_28a_without_a_day_has_no_clock(register: None, write: Callable[..., Path], made_on: str) -> None:
    told = take(write({"basis": "28a", "made_on": made_on}))
    row = assignments_of(notice(1, "rows.csv"))["kent"]
    assert (row.statutory_last_day, row.response_due_on) == (None, None)
    assert len(told.notes) == 1 and told.notes[0].startswith("Line 2 (n 1), column made_on:")


def test_under_section_10_the_addressees_are_invited(register: None, write: Callable[..., Path]) -> None:
    take(write({"basis": "section_10", "made_on": "2026-02-02"}))
    row = assignments_of(notice(1, "rows.csv"))["kent"]
    assert (row.capacity, row.statutory_last_day) == ("invited", None)


def test_a_reply_without_an_acceptance_is_kept_and_told(register: None, write: Callable[..., Path]) -> None:
    told = take(write({"reply": "The force described what it does."}))
    row = assignments_of(notice(1, "rows.csv"))["kent"]
    response = row.responses.get()
    assert (row.acceptance, response.acceptance) == ("awaiting", None)
    assert response.text == "The force described what it does."
    assert (
        "Line 2 (n 1), column acceptance: a reply is kept, but the file does not say whether it was accepted."
        in told.notes
    )


def test_a_refusal_keeps_its_text_as_the_reason(register: None, write: Callable[..., Path]) -> None:
    take(write({"acceptance": "not_accepted", "reply": "It is done already."}))
    assert Response.get().text == "It is done already."


def test_one_answer_for_several_addressees_is_told(register: None, write: Callable[..., Path]) -> None:
    told = take(write({"addressees": "kent; essex", "acceptance": "accepted"}))
    assert {row.acceptance for row in Assignment.select()} == {"accepted"}
    assert [note for note in told.notes if "column acceptance: one answer is given for 2 addressees" in note]


def test_an_addressee_may_be_named_in_full(register: None, write: Callable[..., Path]) -> None:
    Organisation.update(name="Kent Police").where(Organisation.slug == "kent").execute()
    take(write({"addressees": "Kent Police;npcc"}))
    assert list(assignments_of(notice(1, "rows.csv"))) == ["kent", "npcc"]


def test_a_long_summary_is_cut_at_a_word_for_the_title(register: None, write: Callable[..., Path]) -> None:
    long = "custody " * 60
    take(write({"summary": long}, {"summary": "x" * 300}))
    first, second = Recommendation.select().order_by(Recommendation.id)
    assert first.title.endswith("custody…") and len(first.title) <= limits.LINE
    assert first.body == long.strip()
    assert len(second.title) == limits.LINE and second.title.endswith("x…")


def test_topics_are_created_once_by_their_slug(register: None, write: Callable[..., Path]) -> None:
    Topic.create(slug="custody", name="Custody")
    take(write({"topic": "Custody"}, {"topic": "Stop and search"}, {"topic": "Stop and Search"}))
    assert {(row.slug, row.name) for row in Topic.select()} == {
        ("custody", "Custody"),
        ("stop-and-search", "Stop and search"),
    }


def test_a_byte_order_mark_and_any_order_of_columns_are_accepted(register: None, write: Callable[..., Path]) -> None:
    file = write({}, columns=tuple(reversed(EMPTY)))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes() + b"\r\n\r\n")
    assert take(file).created == 1


def test_new_rows_of_a_grown_file_are_added(register: None, write: Callable[..., Path]) -> None:
    take(write({}))
    told = take(write({}, {}))
    assert (told.created, told.unchanged, history.length()) == (1, 1, 2)
    assert take(write({}, {})).notes == []


def test_a_changed_row_is_told_and_changes_nothing(register: None, write: Callable[..., Path]) -> None:
    take(write({}, {}))
    told = take(write({}, {"summary": "Something else", "topic": "Custody"}))
    assert (told.created, told.unchanged) == (0, 2)
    assert told.notes == [
        "Line 3 (n 2), columns topic, summary: the row has changed since it was imported; "
        "the register keeps what it has."
    ]
    assert {row.body for row in Recommendation.select()} == {"Replace the cords"}
    assert history.length() == 1


def test_what_happened_since_in_the_register_is_not_a_change_of_the_row(
    register: None, write: Callable[..., Path]
) -> None:
    file = write({"made_on": "2026-01-05"})
    take(file)
    given.publish(notice(1, "rows.csv"))
    given.replied(assignments_of(notice(1, "rows.csv"))["kent"])
    assert take(file) == Imported(0, 1, [])


# ---- who, and where


def test_an_administrator_may_import_and_an_author_may_not(register: None, write: Callable[..., Path]) -> None:
    people = given.people()
    with pytest.raises(NotPermitted):
        imports.import_recommendations(write({}), actor=people.author, now=NOW)
    assert imports.import_recommendations(write({}), actor=people.administrator, now=NOW).created == 1
    assert notice(1, "rows.csv").author_id == people.administrator.person_id


def test_a_demonstration_takes_no_real_recommendations(register: None, write: Callable[..., Path]) -> None:
    Installation.update(kind="demonstration").execute()
    with pytest.raises(NotAllowed, match="demonstration"):
        take(write({}))
    Installation.delete().execute()
    with pytest.raises(NotAllowed, match="registry init"):
        take(write({}))


def test_two_imports_of_one_file_at_once_write_it_once(shared_database: str, write: Callable[..., Path]) -> None:
    given.a_register()
    file, system = write({}, {}), given.the_system()
    outcomes = given.together(*[lambda: imports.import_recommendations(file, actor=system, now=NOW)] * 2)
    assert sorted(one.created for one in outcomes) == [0, 2]
    assert (Notice.select().count(), history.length()) == (2, 1)


# ---- bad cells


BAD_CELLS = {
    "no n": ({"n": ""}, "n", "is not a whole number"),
    "n in words": ({"n": "first"}, "n", "“first” is not a whole number"),
    "n too long": ({"n": "1" * 21}, "n", "21 characters; shorten it to 20"),
    "no addressee": ({"addressees": " ; "}, "addressees", "name at least one organisation"),
    "unknown addressee": ({"addressees": "kent; kemt"}, "addressees", "“kemt” is not a known organisation"),
    "addressee twice": ({"addressees": "kent; Kent"}, "addressees", "is there twice"),
    "addressee too long": ({"addressees": "k" * 201}, "addressees", "longer than 200 characters"),
    "impossible day": ({"made_on": "2021-02-30"}, "made_on", "“2021-02-30” is not in the calendar"),
    "impossible month": ({"made_on": "2021-13"}, "made_on", "is not in the calendar"),
    "another way of writing a date": ({"made_on": "26/08/2021"}, "made_on", "write a day like 2021-08-26"),
    "only a year": ({"made_on": "2021"}, "made_on", "is not a date"),
    "digits of another script": ({"made_on": "２０２１-08-26"}, "made_on", "is not a date"),
    "before 1985": ({"made_on": "1984-12-31"}, "made_on", "is before 1985"),
    "year nought": ({"made_on": "0000-01-01"}, "made_on", "is not in the calendar"),
    "made in the future": ({"made_on": "2026-03-03"}, "made_on", "is in the future"),
    "a month in the future": ({"made_on": "2026-04"}, "made_on", "is in the future"),
    "published in the future": ({"published_on": "2026-03-03"}, "published_on", "is in the future"),
    "published first": ({"made_on": "2021-08", "published_on": "2021-07-31"}, "published_on", "before made_on"),
    "case reference twice": ({"case_references": "2021/1; 2021/1"}, "case_references", "is there twice"),
    "case reference too long": ({"case_references": "1" * 61}, "case_references", "longer than 60"),
    "unknown basis": ({"basis": "29a"}, "basis", "“29a” is not a basis; write 28a, section_10, not_stated"),
    "topic without a letter": ({"topic": "!!!"}, "topic", "has no letter or number"),
    "topic too long": ({"topic": "t" * 61}, "topic", "shorten it to 60"),
    "source_type too long": ({"source_type": "t" * 201}, "source_type", "shorten it to 200"),
    "no summary": ({"summary": "  "}, "summary", "write what is recommended"),
    "summary too long": ({"summary": "word " * 4001}, "summary", "shorten it to 20000"),
    "unknown acceptance": ({"acceptance": "yes"}, "acceptance", "“yes” is not an acceptance; write accepted"),
    "reply too long": ({"reply": "r" * 20_001}, "reply", "shorten it to 20000"),
    "note too long": ({"note": "n" * 4_001}, "note", "shorten it to 4000"),
    "source too long": ({"source": "s" * 291}, "source", "shorten it to 290"),
    "a NUL": ({"note": "before\0after"}, "note", "holds a NUL character"),
    "an unseen character": ({"note": "before\x1bafter"}, "note", "a character that cannot be shown"),
}


@pytest.mark.parametrize("name", BAD_CELLS)
def test_a_bad_cell_is_named_with_its_mend(register: None, write: Callable[..., Path], name: str) -> None:
    cells, column, reason = BAD_CELLS[name]
    fault = refused(write({}, cells if "n" in cells else {"n": "2"} | cells))
    assert len(fault.faults) == 1
    assert fault.faults[0].startswith(f"line 3, column {column}: ") and reason in fault.faults[0]


def test_all_bad_cells_are_told_at_once(register: None, write: Callable[..., Path]) -> None:
    fault = refused(write({}, {"basis": "x", "summary": ""}, {"made_on": "x"}))
    assert [one.partition(":")[0] for one in fault.faults] == [
        "line 3, column basis",
        "line 3, column summary",
        "line 4, column made_on",
    ]
    assert str(fault).endswith("(and 2 more faults).")


def test_the_same_n_twice_in_a_file(register: None, write: Callable[..., Path]) -> None:
    fault = refused(write({"n": "7"}, {}, {"n": "7"}))
    assert fault.faults == ["line 4, column n: “7” is already on line 2; give each row its own"]


def test_a_row_with_too_few_or_too_many_cells(register: None, write: Callable[..., Path]) -> None:
    file = write({})
    file.write_text(file.read_text() + "2,kent,2021-08\r\n3" + "," * 14 + "\r\n")
    few, many = refused(file).faults
    assert few.startswith("line 3, column published_on: the row has 3 cells instead of 13")
    assert many.startswith("line 4, column source: the row has 15 cells instead of 13")


def test_lines_are_counted_as_an_editor_counts_them(register: None, write: Callable[..., Path]) -> None:
    fault = refused(write({"summary": "one\ntwo\nthree"}, {"basis": "x"}))
    assert fault.faults[0].startswith("line 5, column basis")


# ---- bad files


def test_a_cell_in_another_encoding_is_named(register: None, write: Callable[..., Path]) -> None:
    file = write({"note": "caf\u00e9"})
    file.write_bytes(file.read_text(encoding="utf-8").encode("latin-1"))
    assert refused(file).faults[0].startswith("line 2, column note: the cell is not UTF-8 text")


def test_a_file_in_utf_16(register: None, write: Callable[..., Path]) -> None:
    file = write({})
    file.write_bytes(file.read_text(encoding="utf-8").encode("utf-16"))
    assert "UTF-16" in str(refused(file))


def test_a_header_that_lacks_a_column(register: None, write: Callable[..., Path]) -> None:
    columns = tuple(column for column in EMPTY if column not in ("basis", "note"))
    assert refused(write({}, columns=columns)).faults == [
        "line 1: the column basis is missing; add it to the first line",
        "line 1: the column note is missing; add it to the first line",
    ]


def test_a_header_with_a_column_twice_or_unknown(register: None, write: Callable[..., Path]) -> None:
    file = write({})
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("n,addressees", "n,n,colour,,addressees", 1))
    faults = refused(file).faults
    assert faults[0].startswith("line 1: the column n is there twice")
    assert faults[1].startswith("line 1: “colour” is not a known column")
    assert faults[2].startswith("line 1: a column has no name")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"  \r\n\r\n"])
def test_an_empty_file(register: None, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    assert "the file is empty" in str(refused(file))


def test_a_file_with_nothing_below_the_header(register: None, write: Callable[..., Path]) -> None:
    assert "there is no row" in str(refused(write()))


def test_a_file_that_is_not_there_and_a_folder(register: None, tmp_path: Path) -> None:
    assert "there is no such file" in str(refused(tmp_path / "none.csv"))
    assert "this is a folder" in str(refused(tmp_path))


def test_a_file_under_another_file(register: None, tmp_path: Path) -> None:
    (tmp_path / "rows").touch()
    assert "cannot be read (Not a directory)" in str(refused(tmp_path / "rows" / "rows.csv"))


def test_an_unclosed_quotation_mark(register: None, write: Callable[..., Path]) -> None:
    file = write({})
    file.write_text(file.read_text() + '2,kent,,,,,,,"Replace the cords,,,,\r\n')
    assert "line 3: the row cannot be read" in str(refused(file))


def test_an_enormous_file_is_not_read(
    register: None, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_reading, "MOST_ROWS", 2)
    assert "line 4: more than 2 rows" in str(refused(write({}, {}, {})))
    monkeypatch.setattr(imports_reading, "MOST_BYTES", 100)
    assert "split it into several files" in str(refused(write({})))


@pytest.mark.parametrize("name", ["x" * 200 + ".csv", "a\nb.csv"])
def test_a_file_name_that_cannot_be_part_of_a_key(register: None, tmp_path: Path, name: str) -> None:
    file = shutil.copy(REAL, tmp_path / name)
    with pytest.raises(BadFile, match="name is part of the key"):
        take(Path(file))
