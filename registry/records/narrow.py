"""A question without the tables it does not look at: a count of a list need not join what its lines show.

Neither database leaves such a join out by itself, and a join is looked up for every row that is counted.
"""

from typing import Any

from peewee import (
    JOIN,
    OP,
    SQL,
    Case,
    Expression,
    Field,
    ForeignKeyField,
    Function,
    Join,
    ModelSelect,
    Node,
    NodeList,
    Value,
    WrappedNode,
)


class _NotUnderstood(Exception):
    """A part of a condition of a kind that is not known here: then every table stays."""


def without_needless_joins(query: ModelSelect) -> ModelSelect:
    """The same rows, to be counted: without the joined tables that no condition names and that add and hide no row.

    Such a table is joined by its key, to a column that always points at a row of it, or by a left join.
    """
    if query._group_by or query._having or query._distinct or len(query._from_list) != 1:
        return query
    try:
        source = _narrowed(query._from_list[0], _named(query._where))
    except _NotUnderstood:
        return query
    slim = query.clone()
    slim._from_list = [source]
    return slim


def _narrowed(source: Any, named: set[Any]) -> Any:
    if not isinstance(source, Join):
        return source
    if source.rhs not in named and _meets_one(source):
        return _narrowed(source.lhs, named)
    return Join(_narrowed(source.lhs, named | _named(source._on)), source.rhs, source.join_type, source._on)


def _meets_one(join: Join) -> bool:
    """True when every row on the left meets one row on the right, or none in a left join: no more and no fewer rows."""
    on = join._on
    if not (isinstance(on, Expression) and on.op == OP.EQ and isinstance(on.lhs, ForeignKeyField)):
        return False
    by_key = isinstance(on.rhs, Field) and on.rhs.primary_key and on.rhs.model is join.rhs
    return by_key and (join.join_type == JOIN.LEFT_OUTER or not on.lhs.null)


def _named(node: Any) -> set[Any]:
    """The tables whose columns a condition looks at, its subqueries included."""
    return set().union(*(_named(part) for part in _parts(node))) if not isinstance(node, Field) else {node.model}


def _parts(node: Any) -> list[Any]:
    if isinstance(node, Expression):
        return [node.lhs, node.rhs]
    if isinstance(node, Function):
        return list(node.arguments)
    if isinstance(node, NodeList):
        return list(node.nodes)
    if isinstance(node, WrappedNode):
        return [node.node]
    if isinstance(node, Case):
        return [node.predicate, node.default, *(part for pair in node.expression_tuples for part in pair)]
    if isinstance(node, ModelSelect):
        return [*node._returning, node._where, *_of_joins(node._from_list)]
    if isinstance(node, list | tuple):
        return list(node)
    if isinstance(node, Node) and not isinstance(node, Value) and not _constant(node):
        raise _NotUnderstood(type(node).__name__)
    return []


def _of_joins(sources: list[Any]) -> list[Any]:
    """The conditions by which the tables of a subquery are joined."""
    found, left = [], list(sources)
    while left:
        one = left.pop()
        if isinstance(one, Join):
            found.append(one._on)
            left += [one.lhs, one.rhs]
    return found


def _constant(node: Node) -> bool:
    """SQL of ours that names no column, such as 1 = 1."""
    return isinstance(node, SQL) and "." not in node.sql and '"' not in node.sql
