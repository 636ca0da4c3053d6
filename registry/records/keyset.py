"""Pages of a long list, found by where the last one ended: the thousandth is as quick as the first.

A sort is made of parts, walked one after the other: the rows with a date, then those without. In each part the order
is that of plain columns in one direction, so an index on them serves it, on either database, in either direction.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SQL, DateField, Expression, Field, IntegerField, ModelSelect, Select, Tuple, fn

from registry.records import narrow

LARGEST_ID = 2**31 - 1
LONGEST_TEXT = 400


@dataclass(frozen=True)
class Part:
    """A stretch of a list: the rows that fit `where`, in the order of `keys`. Together the keys tell any two apart."""

    keys: tuple[Any, ...]
    where: Expression | None = None
    descending: bool = False


@dataclass(frozen=True)
class Sort:
    """One order a list can be in; `name` is how an address asks for it."""

    name: str
    parts: tuple[Part, ...]


def parts(*keys: Any, descending: bool = False) -> tuple[Part, ...]:
    """The parts of an order by the keys; where the first may be empty, the rows without it come last."""
    first, *rest = keys
    if not (isinstance(first, Field) and first.null):
        return (Part(keys, None, descending),)
    return Part(keys, first.is_null(False), descending), Part(tuple(rest), first.is_null(), descending)


@dataclass(frozen=True)
class Place:
    """Where a row stands: its part, and its keys there."""

    part: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    """The rows of one page; `previous` and `next` are the places its neighbours are counted from, or None."""

    rows: list[Any]
    previous: str | None = None
    next: str | None = None


def page(query: ModelSelect, sort: Sort, size: int, *, after: str = "", before: str = "") -> Page:
    """The page after a place, or before it, or the first. A place that is none of this sort's is the first page too.

    At most one query for each part of the sort, and as many again where nothing is left at the place.
    """
    back, ahead = read_place(before, sort), read_place(after, sort)
    if back:
        found = list(_walk(query, sort, back, size + 1, backwards=True))
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(_rows(shown), _place(shown[0], sort), _place(shown[-1], sort))
        # The first page, whole: not the few rows that happen to stand before the place.
        return _forwards(query, sort, None, size)
    return _forwards(query, sort, ahead, size)


def _forwards(query: ModelSelect, sort: Sort, place: Place | None, size: int) -> Page:
    found = list(_walk(query, sort, place, size + 1))
    if place and not found:
        return _forwards(query, sort, None, size)
    shown = found[:size]
    following = _place(shown[-1], sort) if len(found) > size else None
    return Page(_rows(shown), _place(shown[0], sort) if place else None, following)


Found = tuple[int, Any]


def _rows(found: Iterable[Found]) -> list[Any]:
    return [row for _, row in found]


def _walk(query: ModelSelect, sort: Sort, place: Place | None, most: int, backwards: bool = False) -> Iterable[Found]:
    """Up to `most` rows from the place on, each with the number of its part."""
    numbers = range(len(sort.parts))[:: -1 if backwards else 1]
    start = numbers.index(place.part) if place else 0
    for number in numbers[start:]:
        values = place.values if place and place.part == number else None
        for row in _stretch(query, sort.parts[number], values, most, backwards):
            yield number, row
            most -= 1
        if not most:
            return


def _stretch(query: ModelSelect, part: Part, values: tuple[Any, ...] | None, most: int, backwards: bool) -> ModelSelect:
    """The rows of one part, from `values` on. The database's own keys come with each row, as `key_0`, `key_1`, …"""
    down = part.descending != backwards
    found = query.select_extend(*(_beside(key).alias(f"key_{number}") for number, key in enumerate(part.keys)))
    if part.where is not None:
        found = found.where(part.where)
    if values is not None:
        ours, theirs = Tuple(*part.keys), Tuple(*values)
        found = found.where(ours < theirs if down else ours > theirs)
        if len(values) > 1:
            # Said once more for the first key alone: PostgreSQL finds no index for keys of several tables together.
            found = found.where(part.keys[0] <= values[0] if down else part.keys[0] >= values[0])
    return found.order_by(*(key.desc() if down else key.asc() for key in part.keys)).limit(most)


def _beside(key: Any) -> Any:
    """A key as a column of the row itself: a plain field would be put on the joined row it belongs to."""
    return fn.COALESCE(key, None).python_value(key.python_value) if isinstance(key, Field) else key


def count(query: ModelSelect, most: int) -> int:
    """How many rows there are, counted to one more than `most` and no further."""
    return _to_count(query, most).count()


def count_beside(query: ModelSelect, most: int) -> Any:
    """The same number as a column beside the rows of another query, or of this one: counted once, not for each row."""
    return Select((_to_count(query, most).select(SQL("1")),), (fn.COUNT(SQL("1")),))


def _to_count(query: ModelSelect, most: int) -> ModelSelect:
    return narrow.without_needless_joins(query).order_by().limit(most + 1)


def batches(query: ModelSelect, sort: Sort, size: int) -> Iterable[list[Any]]:
    """All the rows in order, so many at a time: a list of any length in the memory of one page."""
    place: Place | None = None
    while True:
        found = list(_walk(query, sort, place, size))
        if found:
            yield _rows(found)
        if len(found) < size:
            return
        place = _where(found[-1], sort)


# ---- places as text


def _where(found: Found, sort: Sort) -> Place:
    number, row = found
    return Place(number, tuple(getattr(row, f"key_{key}") for key in range(len(sort.parts[number].keys))))


def _place(found: Found, sort: Sort) -> str:
    place = _where(found, sort)
    values = [value.isoformat() if isinstance(value, date) else value for value in place.values]
    text = json.dumps([sort.name, place.part, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(text: str, sort: Sort) -> Place | None:
    """The place that a text from an address stands for; None when it is none in this sort, whatever it is."""
    try:
        name, number, *values = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        keys = sort.parts[number].keys if name == sort.name and number >= 0 else ()
        if not keys or len(keys) != len(values):
            return None
        return Place(number, tuple(_value(key, value) for key, value in zip(keys, values, strict=True)))
    except (ValueError, TypeError, IndexError, RecursionError):
        return None


def _value(key: Any, value: Any) -> Any:
    """The value of a key as the database takes it. Raises ValueError or TypeError for what cannot be one."""
    if isinstance(key, DateField):
        return date.fromisoformat(value)
    if isinstance(key, IntegerField):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_ID:
            raise ValueError("no id")
        return value
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        raise ValueError("no text")
    value.encode()
    return value


def chosen(sorts: Sequence[Sort], name: str) -> Sort:
    """The sort of that name; the first where there is none."""
    return next((sort for sort in sorts if sort.name == name), sorts[0])
