"""A bounded page of a list, with a link to the next one and no count of everything."""

from dataclasses import dataclass
from typing import Any

from flask import request
from peewee import ModelSelect

PAGE = 50
LAST_PAGE = 2000


@dataclass(frozen=True)
class Paged:
    """The rows of one page; `next` and `previous` are page numbers, or None."""

    rows: list[Any]
    number: int
    previous: int | None
    next: int | None


def paged(query: ModelSelect, size: int = PAGE) -> Paged:
    """The page the address asks for; a number that is none of ours is the first page. One query."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 1
    number = min(max(number, 1), LAST_PAGE)
    rows = list(query.limit(size + 1).offset((number - 1) * size))
    return Paged(rows[:size], number, number - 1 if number > 1 else None, number + 1 if len(rows) > size else None)
