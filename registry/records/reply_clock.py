"""The rows of rules.clocks compiled to SQL: a CASE for showing, a WHERE for finding."""

import operator
from collections.abc import Iterable
from datetime import date
from functools import reduce
from typing import Any

from peewee import Case, Expression

from registry.records.assignments import Assignment
from registry.rules import clocks

_TESTS = {"before": operator.lt, "from": operator.ge, "until": operator.le, "after": operator.gt}


def where(state: str, today: date) -> Expression:
    """The condition under which an assignment's clock stands at `state`.

    What all rows of the state demand stands once, in front: only so is a partial index found.
    """
    rows = [row.conditions for row in clocks.ROWS if row.state == state]
    common = [c for c in rows[0] if all(c in others for others in rows)]
    rest = [[c for c in conditions if c not in common] for conditions in rows]
    found = _all(common, today)
    return found & reduce(operator.or_, [_all(conditions, today) for conditions in rest]) if all(rest) else found


def case(today: date) -> Case:
    """The state of the clock as a column."""
    return Case(None, [(_all(row.conditions, today), row.state) for row in clocks.ROWS])


def _all(conditions: Iterable[clocks.Condition], today: date) -> Expression:
    return reduce(operator.and_, [_condition(c, today) for c in conditions])


def _condition(condition: clocks.Condition, today: date) -> Expression:
    column = getattr(Assignment, condition.column)
    if condition.test == "in":
        values = condition.operand
        return column == values[0] if len(values) == 1 else column.in_(values)
    if condition.test in ("is_null", "not_null"):
        return column.is_null(condition.test == "is_null")
    bound: dict[str, Any] = {"today": today, "soon": clocks.soon(today)}
    operand = bound.get(condition.operand)
    if operand is None:
        operand = getattr(Assignment, condition.operand)
    return _TESTS[condition.test](column, operand)
