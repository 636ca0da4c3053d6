"""The rows of rules.clocks compiled to SQL: a CASE for showing, a WHERE for finding."""

import operator
from datetime import date
from functools import reduce
from typing import Any

from peewee import Case, Expression

from registry.records.assignments import Assignment
from registry.rules import clocks

_TESTS = {"before": operator.lt, "from": operator.ge, "until": operator.le, "after": operator.gt}


def where(state: str, today: date) -> Expression:
    """The condition under which an assignment's clock stands at `state`; uses the partial indices."""
    rows = [_conjunction(row, today) for row in clocks.ROWS if row.state == state]
    return reduce(operator.or_, rows)


def case(today: date) -> Case:
    """The state of the clock as a column."""
    return Case(None, [(_conjunction(row, today), row.state) for row in clocks.ROWS])


def _conjunction(row: clocks.ClockRow, today: date) -> Expression:
    return reduce(operator.and_, [_condition(c, today) for c in row.conditions])


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
