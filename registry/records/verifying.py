"""Whether the history is what was recorded: every event and text in its order, held against the signed checkpoints."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from registry.records import guards
from registry.records.checkpoints import Mark
from registry.records.database import database
from registry.records.history import COLUMNS, GENESIS, REDACTED, commitment, digest

# What may have been done to a history.
HARMS = ("changed", "missing", "out_of_order", "text", "cut", "rewritten", "checkpoint", "guards")
ROWS_AT_ONCE = 5_000
FIRST = -(2**63)


@dataclass(frozen=True)
class Fault:
    """One harm: its kind, the number of the first event that shows it (None: not one event's), and a sentence."""

    harm: str
    event: int | None
    sentence: str


@dataclass(frozen=True)
class Verified:
    """What was read: events, the last event a genuine checkpoint holds (None: none), and the faults in order."""

    events: int
    held_until: int | None
    faults: list[Fault]


def verify(marks: Iterable[Mark], public_key: str, most: int = 100) -> Verified:
    """Read the whole history, while others add to it, and say what is wrong with it: at most `most` faults.

    What nobody can see: events that were added in good order after the last checkpoint, or cut off after it.
    """
    marks = list(marks)
    genuine = [mark for mark in marks if mark.is_genuine(public_key)]
    walk = _Walk(genuine)
    found = [*_first(walk.faults(), most), *_first(_around(walk), most)]
    found += [_false_mark(mark) for mark in marks if mark not in genuine][:most]
    held = [mark.number for mark in genuine if mark.number <= walk.last]
    return Verified(walk.read, max(held, default=None), found[:most])


def _first(faults: Iterator[Fault], most: int) -> list[Fault]:
    return [fault for fault, _ in zip(faults, range(most), strict=False)]


class _Walk:
    """Goes through the events in their order, with their texts and with the checkpoints that are over them."""

    def __init__(self, genuine: list[Mark]):
        self.marks = sorted(genuine, key=lambda mark: mark.number)
        self.last, self.read, self.fitting = 0, 0, 0
        self.redacted = _redacted()

    def faults(self) -> Iterator[Fault]:
        """Every fault of an event, first to last; nothing after a gap, where all that follows would be one."""
        previous, over = GENESIS, self._over()
        for rows, texts in _chunks():
            for row in rows:
                number = row[0]
                if number != self.last + 1:
                    yield _gap(self.last + 1, number)
                    return
                if row[8] != previous:
                    yield Fault("out_of_order", number, f"Event {number} does not follow event {number - 1}.")
                if row[9] != digest(row):
                    yield Fault("changed", number, f"Event {number} was changed after it was recorded.")
                yield from self._of_text(number, row[7], texts.get(number))
                yield from self._of_marks(over.get(number, ()), row[9])
                previous, self.last = row[9], number
                self.read += 1

    def _over(self) -> dict[int, list[Mark]]:
        found: dict[int, list[Mark]] = {}
        for mark in self.marks:
            found.setdefault(mark.number, []).append(mark)
        return found

    def _of_text(self, number: int, promised: str | None, text: tuple[str, str] | None) -> Iterator[Fault]:
        if text is None:
            if promised is not None and not self._is_redacted(number):
                yield Fault("text", number, f"The text of event {number} was removed, and nobody redacted it.")
        elif not all(isinstance(part, str) for part in text) or commitment(text[1], text[0]) != promised:
            yield Fault("text", number, f"The text of event {number} was changed after it was recorded.")

    def _is_redacted(self, number: int) -> bool:
        # Somebody may have redacted it since the walk began.
        if number not in self.redacted:
            self.redacted = _redacted()
        return number in self.redacted

    def _of_marks(self, marks: Iterable[Mark], hash: str) -> Iterator[Fault]:
        for mark in marks:
            if mark.hash != hash:
                said = f"Event {mark.number} is not the one signed at {mark.signed_at}: from event {self.fitting + 1}"
                yield Fault("rewritten", mark.number, f"{said} on the history was written anew.")
                return
            self.fitting = mark.number


def _around(walk: _Walk) -> Iterator[Fault]:
    """What is wrong beyond the single events: the end, texts without an event, guards."""
    beyond = [mark for mark in walk.marks if mark.number > walk.last]
    if beyond:
        newest = beyond[-1]
        said = f"The history ends at event {walk.last}, but event {newest.number} was signed at {newest.signed_at}"
        yield Fault("cut", walk.last + 1, f"{said}: its end was cut off.")
    # Not NOT IN: PostgreSQL would go through all events again for each text.
    known = "SELECT 1 FROM history WHERE history.id = history_detail.history_id"
    stray = f"SELECT MIN(history_id) FROM history_detail WHERE NOT EXISTS ({known})"
    (number,) = database.execute_sql(stray).fetchone()
    if number is not None:
        yield Fault("cut", number, f"There is a text of event {number}, and no such event.")
    missing = guards.missing()
    if missing:
        said = f"Guards of the history are off: {', '.join(missing)}. Run: registry migrate"
        yield Fault("guards", None, said)


def _gap(expected: int, found: Any) -> Fault:
    if not isinstance(found, int) or found < expected:
        return Fault("out_of_order", expected, f"Event {expected} is missing: there is an event {found} in its place.")
    return Fault("missing", expected, f"Event {expected} is missing: the next is {found}.")


def _false_mark(mark: Mark) -> Fault:
    said = f"The checkpoint in the {mark.where} over event {mark.number} was not signed by this installation's key."
    return Fault("checkpoint", mark.number, said)


def _chunks() -> Iterator[tuple[list[tuple[Any, ...]], dict[int, tuple[str, str]]]]:
    """The events in their order, some thousand at a time, each lot with its texts by number."""
    first, mark = FIRST, database.param
    while True:
        query = f"SELECT {', '.join(COLUMNS)} FROM history WHERE id >= {mark} ORDER BY id LIMIT {ROWS_AT_ONCE}"
        rows = database.execute_sql(query, (first,)).fetchall()
        if not rows:
            return
        between = f"history_id BETWEEN {mark} AND {mark}"
        texts = f"SELECT history_id, text, salt FROM history_detail WHERE {between}"
        held = database.execute_sql(texts, (rows[0][0], rows[-1][0])).fetchall()
        yield rows, {number: (text, salt) for number, text, salt in held}
        first = rows[-1][0] + 1


def _redacted() -> set[int]:
    """The numbers of the events whose text somebody redacted, as later events say."""
    rows = database.execute_sql(f"SELECT facts FROM history WHERE verb = {database.param}", (REDACTED,))
    return {number for (facts,) in rows for number in _named(facts)}


def _named(facts: Any) -> Iterator[int]:
    try:
        yield int(json.loads(facts)["event"])
    except (ValueError, KeyError, TypeError):
        return
