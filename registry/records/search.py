"""Full text of recommendations: cut to stems here, in Python, so that both databases find the same.

`index` is the only way to write the search table; `matching` and `in_title` the only ways to read it. The databases
find the rows that hold every stem; that the stems of a phrase stand side by side is compared as text, on both alike.
What a search finds is still to be narrowed to what the reader may see: `visibility` does that.
"""

from typing import Any

from peewee import SQL, Expression

from registry.records.assignments import Assignment
from registry.records.database import database, is_sqlite
from registry.records.organisations import Organisation
from registry.records.recommendations import AFTER_MAKING, Notice, Recommendation, Topic
from registry.rules import searching
from registry.rules.searching import Query

# The number counts up whenever what is stored changes its form: then every row is written anew.
NAME = "recommendation_search"
TABLE = f"{NAME}_2"
CREATE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(words, title UNINDEXED, tokenize = 'unicode61')",
    ),
    "postgresql": (
        f"CREATE TABLE IF NOT EXISTS {TABLE} "
        "(rowid integer PRIMARY KEY, words text NOT NULL, title text NOT NULL, stems tsvector NOT NULL)",
        f"CREATE INDEX IF NOT EXISTS {TABLE}_stems ON {TABLE} USING gin (stems)",
    ),
}
# What SQLite's full-text table is made of inside.
INNER = ("_data", "_idx", "_content", "_docsize", "_config")
# Between two fields: no phrase reaches across, and no query can hold it.
BREAK = "|"


def install() -> None:
    """Create the search table in its present form; where it was not there, fill it with every notice made so far."""
    if database.table_exists(TABLE):
        return
    database.execute_sql(f"DROP TABLE IF EXISTS {NAME}")
    for statement in CREATE["sqlite" if is_sqlite() else "postgresql"]:
        database.execute_sql(statement)
    for notice in Notice.select().where(Notice.state.in_(AFTER_MAKING)).iterator():
        index(notice)


def index(notice: Notice) -> None:
    """Write the search rows of a notice anew: texts, references, and the names of those it was put to."""
    rows = Recommendation.select(Recommendation, Topic).left_outer_join(Topic).where(Recommendation.notice == notice)
    cases = [case.value for case in notice.case_references]
    same = [notice.background, notice.reference or "", notice.external_reference or "", *cases]
    for row in rows:
        names = Organisation.select(Organisation.name).join(Assignment).where(Assignment.recommendation == row)
        fields = [row.title, row.body, row.topic.name if row.topic else "", row.reference or "", *same]
        fields += [name for (name,) in names.tuples()]
        _write(row.id, _stored(row.title), f" {BREAK} ".join(_stored(field) for field in fields))


def _stored(text: str) -> str:
    return " ".join(searching.stems(text))


def _write(recommendation_id: int, title: str, words: str) -> None:
    if is_sqlite():
        database.execute_sql(f"DELETE FROM {TABLE} WHERE rowid = ?", (recommendation_id,))
        insert = f"INSERT INTO {TABLE} (rowid, title, words) VALUES (?, ?, ?)"
        database.execute_sql(insert, (recommendation_id, title, words))
    else:
        database.execute_sql(f"DELETE FROM {TABLE} WHERE rowid = %s", (recommendation_id,))
        # Not to_tsvector: its parser has opinions about what is a word, by the locale of the server.
        stems = "array_to_tsvector(string_to_array(%s, ' '))"
        insert = f"INSERT INTO {TABLE} (rowid, title, words, stems) VALUES (%s, %s, %s, {stems})"
        database.execute_sql(insert, (recommendation_id, title, words, " ".join(sorted({*words.split()}))))


def matching(text: str) -> Expression | None:
    """The condition that a recommendation fits what was typed (see `searching.parse`); None when that holds no word."""
    query = searching.parse(text)
    if not query:
        return None
    conditions = [Recommendation.id.in_(_rows(query.wanted))] if query.wanted else []
    conditions += [Recommendation.id.not_in(_rows((run,))) for run in query.unwanted]
    found = conditions[0]
    for condition in conditions[1:]:
        found = found & condition
    return found


def in_title(query: Query) -> Expression:
    """The condition that the title alone holds all that is wanted; the query must want something."""
    return Recommendation.id.in_(_rows(query.wanted, titles=query.wanted))


def _rows(runs: tuple[tuple[str, ...], ...], titles: tuple[tuple[str, ...], ...] = ()) -> Any:
    """The ids of the rows that hold every run, and every one of `titles` in their title, as a subquery."""
    mark = "?" if is_sqlite() else "%s"
    stems = sorted({stem for run in runs for stem in run})
    compared = [("words", run) for run in runs if len(run) > 1] + [("title", run) for run in titles]
    if is_sqlite():
        found, values = "words MATCH ?", [" AND ".join(f'"{stem}"' for stem in stems)]
    else:
        found, values = "stems @@ CAST(%s AS tsquery)", [" & ".join(f"'{stem}'" for stem in stems)]
    for column, run in compared:
        found += f" AND (' ' || {column} || ' ') LIKE {mark}"
        values.append(f"% {' '.join(run)} %")
    return SQL(f"(SELECT rowid FROM {TABLE} WHERE {found})", tuple(values))
