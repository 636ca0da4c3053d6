"""Reading a file of learning recommendations: bytes to cells to checked values, or every fault with its mend.

Nothing here touches the database: what cells are checked against is passed in as `Known`.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from registry.rules import clocks, limits

MOST_BYTES = 10_000_000
MOST_ROWS = 5_000
# The Police Complaints Authority began in 1985: an older date in such a file is a slip.
EARLIEST = date(1985, 1, 1)
# How many hexadecimal digits of a cell's hash are kept to tell later that the cell was changed.
MARK = 8


class BadFile(Exception):
    """A file that cannot be imported; nothing was written.

    The message is one sentence for the first fault: line, column, reason and mend. `faults` has all of them.
    """

    def __init__(self, file: Path, faults: list[str]):
        self.faults = faults
        more = {0: "", 1: " (and 1 more fault)"}.get(len(faults) - 1, f" (and {len(faults) - 1} more faults)")
        super().__init__(f"{file.name}: {faults[0]}{more}.")


@dataclass(frozen=True)
class Known:
    """What cells are checked against: no date lies after `today`; `organisations` gives ids by slug and exact name."""

    today: date
    organisations: Mapping[str, int]


@dataclass(frozen=True)
class Dated:
    """A date as the file has it: a day, or the first of a month of which no day is known, or nothing."""

    on: date | None = None
    precision: str = "day"


@dataclass(frozen=True)
class Row:
    """A checked row; the fields are the columns. `marks` is a short hash of every cell, in the order of PARSERS."""

    line: int
    marks: str
    n: str
    addressees: tuple[int, ...]
    made_on: Dated
    published_on: Dated
    case_references: tuple[str, ...]
    basis: str
    topic: str
    source_type: str
    summary: str
    acceptance: str | None
    reply: str
    note: str
    source: str

    @property
    def where(self) -> str:
        """How a sentence points at the row."""
        return f"Line {self.line} (n {self.n})"

    def changed_columns(self, marks: str) -> list[str]:
        """The columns whose cells are not those that had `marks`."""
        cells = [(self.marks[at : at + MARK], marks[at : at + MARK]) for at in range(0, len(self.marks), MARK)]
        return [column for column, (now, then) in zip(PARSERS, cells, strict=True) if then and now != then]


def read(file: Path, known: Known) -> list[Row]:
    """Every row of the file, checked. Raises BadFile with every fault of the file."""
    lines = _lines(file)
    names = _columns(file, next(lines).cells)
    faults: list[str] = []
    rows: dict[str, Row] = {}
    count = 0
    for count, line in enumerate(lines, start=1):
        if count > MOST_ROWS:
            raise BadFile(file, [f"line {line.number}: more than {MOST_ROWS} rows; split the file into several"])
        row = _row(line, names, known, faults)
        if row and (first := rows.setdefault(row.n, row)) is not row:
            faults.append(
                f"line {row.line}, column n: “{row.n}” is already on line {first.line}; give each row its own"
            )
    if not count:
        faults.append("line 2: there is no row below the column names; add at least one")
    if faults:
        raise BadFile(file, faults)
    return list(rows.values())


def slug(name: str) -> str:
    """A name as it stands in a URL: "Stop and search" gives stop-and-search; empty when it has no letter or digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))


# ---- reading: bytes -> text -> cells


@dataclass(frozen=True)
class _Line:
    """A row of the file as it stands: the number of its first line, and its cells."""

    number: int
    cells: list[str]


def _lines(file: Path) -> Iterator[_Line]:
    """The rows that are not blank, the header first."""
    reader = csv.reader(io.StringIO(_text(file), newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            if cells:
                yield _Line(number, cells)
            number = reader.line_num + 1
    except csv.Error as error:
        reason = f"line {number}: the row cannot be read ({error}); look for a quotation mark that is never closed"
        raise BadFile(file, [reason]) from error


def _text(file: Path) -> str:
    """The text of the file. A byte that is not UTF-8 becomes a lone surrogate, found again in its cell."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise BadFile(file, ["there is no such file; check the path"]) from error
    except IsADirectoryError as error:
        raise BadFile(file, ["this is a folder; name the CSV file in it"]) from error
    except OSError as error:
        raise BadFile(file, [f"the file cannot be read ({error.strerror}); check who may read it"]) from error
    if len(content) > MOST_BYTES:
        raise BadFile(file, [f"the file is larger than {MOST_BYTES // 1_000_000} MB; split it into several files"])
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(file, ["line 1: the file is UTF-16, not UTF-8; save it as “CSV UTF-8”"])
    text = content.decode("utf-8-sig", errors="surrogateescape")
    if not text.strip():
        raise BadFile(file, ["the file is empty; it needs a line of column names and at least one row"])
    return text


def _columns(file: Path, header: list[str]) -> list[str]:
    """The names of the columns, checked: each known one once, in any order."""
    names = [name.strip() for name in header]
    faults = [
        f"line 1: the column {name} is missing; add it to the first line" for name in PARSERS if name not in names
    ]
    for name in dict.fromkeys(names):
        if not name:
            faults.append("line 1: a column has no name; name it or remove it")
        elif name not in PARSERS:
            faults.append(f"line 1: “{_short(name)}” is not a known column; remove it or correct its name")
        elif names.count(name) > 1:
            faults.append(f"line 1: the column {name} is there twice; remove one of them")
    if faults:
        raise BadFile(file, faults)
    return names


# ---- checking: cell -> value


class _BadCell(ValueError):
    """Why a cell cannot be taken, and the mend."""


def _row(line: _Line, names: list[str], known: Known, faults: list[str]) -> Row | None:
    """The row with its values, or None with what is wrong added to `faults`."""
    if len(line.cells) != len(names):
        reason = f"{len(line.cells)} cells instead of {len(names)}; put a text that holds a comma in quotation marks"
        # The first column without a cell, or the last one, where the surplus begins.
        column = names[min(len(line.cells), len(names) - 1)]
        faults.append(f"line {line.number}, column {column}: the row has {reason}")
        return None
    cells = {name: cell.strip() for name, cell in zip(names, line.cells, strict=True)}
    values: dict[str, Any] = {}
    for column, parse in PARSERS.items():
        try:
            values[column] = parse(_plain(cells[column], MOST_CHARACTERS[column]), known)
        except _BadCell as fault:
            faults.append(f"line {line.number}, column {column}: {fault}")
    if len(values) < len(PARSERS):
        return None
    if _published_before_made(cells):
        reason = f"“{cells['published_on']}” is before made_on; correct the one that is wrong"
        faults.append(f"line {line.number}, column published_on: {reason}")
    marks = "".join(hashlib.sha256(cells[column].encode()).hexdigest()[:MARK] for column in PARSERS)
    return Row(line=line.number, marks=marks, **values)


def _plain(cell: str, most: int) -> str:
    """The cell, if it is clean text and not too long."""
    if "\0" in cell:
        raise _BadCell("the cell holds a NUL character; remove it")
    if any("\ud800" <= character <= "\udfff" for character in cell):
        raise _BadCell("the cell is not UTF-8 text; save the file as “CSV UTF-8”")
    if limits.has_unseen(cell):
        raise _BadCell("the cell holds a character that cannot be shown; remove it")
    if len(cell) > most:
        raise _BadCell(f"the text has {len(cell)} characters; shorten it to {most} or fewer")
    return cell


def _published_before_made(cells: Mapping[str, str]) -> bool:
    """ISO days and months compare as text, as far as both say something."""
    made, published = cells["made_on"], cells["published_on"]
    known = min(len(made), len(published))
    return made[:known] > published[:known]


def _text_cell(cell: str, known: Known) -> str:
    return cell


def _number(cell: str, known: Known) -> str:
    if not (cell.isascii() and cell.isdigit()):
        raise _BadCell(f"“{_short(cell)}” is not a whole number; number the rows 1, 2, 3")
    return cell


def _required(cell: str, known: Known) -> str:
    if not cell:
        raise _BadCell("the cell is empty; write what is recommended")
    return cell


def _addressees(cell: str, known: Known) -> tuple[int, ...]:
    names = _parts(cell, limits.LINE)
    if not names:
        raise _BadCell("the cell is empty; name at least one organisation")
    for name in names:
        if name not in known.organisations:
            raise _BadCell(f"“{_short(name)}” is not a known organisation; write its id or its exact name")
    ids = tuple(known.organisations[name] for name in names)
    if len(set(ids)) < len(ids):
        raise _BadCell("an organisation is there twice; name it once")
    return ids


def _case_references(cell: str, known: Known) -> tuple[str, ...]:
    values = _parts(cell, limits.REFERENCE)
    if len(set(values)) < len(values):
        raise _BadCell("a case reference is there twice; write it once")
    return values


def _parts(cell: str, most: int) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in cell.split(";") if part.strip())
    for part in parts:
        if len(part) > most:
            raise _BadCell(f"“{_short(part)}” is longer than {most} characters; shorten it, or part the list by “;”")
    return parts


def _day(cell: str, known: Known) -> Dated:
    """A day (2021-08-26), a month (2021-08), or nothing."""
    if not cell:
        return Dated()
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", cell):
        raise _BadCell(f"“{_short(cell)}” is not a date; write a day like 2021-08-26 or a month like 2021-08")
    precision = "day" if len(cell) == len("2021-08-26") else "month"
    try:
        on = date.fromisoformat(cell if precision == "day" else f"{cell}-01")
    except ValueError as error:
        raise _BadCell(f"“{cell}” is not in the calendar; correct the day or the month") from error
    if on < EARLIEST:
        raise _BadCell(f"“{cell}” is before {EARLIEST.year}; correct the year")
    if on > known.today:
        raise _BadCell(f"“{cell}” is in the future; correct it, or leave the cell empty until it has happened")
    return Dated(on, precision)


def _basis(cell: str, known: Known) -> str:
    return _one_of(cell, tuple(clocks.BASES), "a basis") if cell else "not_stated"


def _acceptance(cell: str, known: Known) -> str | None:
    return _one_of(cell, clocks.ACCEPTANCE_REPLIED, "an acceptance") if cell else None


def _one_of(cell: str, values: tuple[str, ...], kind: str) -> str:
    if cell not in values:
        raise _BadCell(f"“{_short(cell)}” is not {kind}; write {', '.join(values)}, or leave the cell empty")
    return cell


def _topic(cell: str, known: Known) -> str:
    if cell and not slug(cell):
        raise _BadCell(f"“{_short(cell)}” has no letter or number; write the topic's name, or leave the cell empty")
    return cell


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


# Every column, each with how its cell becomes a value. The order is that of the marks in the history: add at the end.
PARSERS: Mapping[str, Callable[[str, Known], Any]] = {
    "n": _number,
    "addressees": _addressees,
    "made_on": _day,
    "published_on": _day,
    "case_references": _case_references,
    "basis": _basis,
    "topic": _topic,
    "source_type": _text_cell,
    "summary": _required,
    "acceptance": _acceptance,
    "reply": _text_cell,
    "note": _text_cell,
    "source": _text_cell,
}
# source_type and source share one column of 500; a file's name and n share the key of 200.
MOST_CHARACTERS: Mapping[str, int] = dict.fromkeys(PARSERS, limits.PARAGRAPHS) | {
    "n": 20,
    "topic": limits.REFERENCE,
    "source_type": limits.LINE,
    "note": limits.NOTE,
    "source": 290,
}
