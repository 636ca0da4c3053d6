"""A page of a list as its address asks for it: the order, the place, and a count that is honest about its bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from peewee import ModelSelect

from registry.records import keyset
from registry.records.keyset import Sort

PAGE = 50
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Listed:
    """The rows of one page, what `after` and `before` its neighbours have, and how many there are altogether.

    `total` is exact unless `more`: then it is the bound, and there are more than that.
    """

    rows: list[Any]
    previous: str | None
    next: str | None
    total: int
    more: bool
    sort: str
    sorts: tuple[str, ...]


def listed(query: ModelSelect, sorts: Sequence[Sort]) -> Listed:
    """The page the address asks for; a sort or a place that is none of ours is the first. Counts only where it must."""
    sort = keyset.chosen(sorts, request.args.get("sort", ""))
    after, before = request.args.get("after", ""), request.args.get("before", "")
    page = keyset.page(query, sort, PAGE, after=after, before=before)
    whole = page.previous is None and page.next is None
    total = len(page.rows) if whole else keyset.count(query, MOST_COUNTED)
    return Listed(
        rows=page.rows,
        previous=page.previous,
        next=page.next,
        total=min(total, MOST_COUNTED),
        more=total > MOST_COUNTED,
        sort=sort.name,
        sorts=tuple(known.name for known in sorts),
    )
