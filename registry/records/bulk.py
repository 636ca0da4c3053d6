"""Very many rows at once, by the quickest way each database has. For data made up by a program, never for verbs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from registry.records.database import Table, database, is_sqlite

BATCH = 20_000


def insert(table: type[Table], columns: Sequence[str], rows: Iterable[tuple]) -> int:
    """Append rows that give a value for each of `columns`; the others take the table's defaults. Returns how many.

    Days and instants may be given as ISO text. Call it inside a transaction; counters of ids are set by `count_on`.
    """
    given = [table._meta.fields[name].column_name for name in columns]
    rest = {
        field.column_name: default() if callable(default) else default
        for field, default in table._meta.defaults.items()
        if field.name not in columns
    }
    names = [*given, *rest]
    tail = tuple(rest.values())
    full = (row + tail for row in rows)
    return _sqlite(table, names, full) if is_sqlite() else _postgresql(table, names, full)


def _sqlite(table: type[Table], names: list[str], rows: Iterator[tuple]) -> int:
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    statement = f'INSERT INTO "{table._meta.table_name}" ({listed}) VALUES ({marks})'
    connection, count = database.connection(), 0
    while batch := list(islice(rows, BATCH)):
        connection.executemany(statement, batch)
        count += len(batch)
    return count


def _postgresql(table: type[Table], names: list[str], rows: Iterator[tuple]) -> int:
    listed, count = ", ".join(f'"{name}"' for name in names), 0
    with (
        database.connection().cursor() as cursor,
        cursor.copy(f'COPY "{table._meta.table_name}" ({listed}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def count_on(tables: Iterable[type[Table]]) -> None:
    """Let each table's next id follow its last one: rows that came with ids of their own leave PostgreSQL behind."""
    for table in tables:
        if not is_sqlite():
            name = table._meta.table_name
            last: Any = f'(SELECT MAX(id) FROM "{name}")'
            database.execute_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last}) WHERE {last} > 0")


def learn_sizes() -> None:
    """Let the database count what it holds, so that it plans its queries for it."""
    database.execute_sql("ANALYZE")
