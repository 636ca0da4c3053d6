"""Full text of recommendations: stemmed here, in Python, so that both databases find the same.

`index` is the only way to write the search table; `matching` the only way to read it.
"""

import re
from functools import lru_cache

from peewee import SQL, Expression
from snowballstemmer import stemmer

from registry.records.assignments import Assignment
from registry.records.database import database, is_sqlite
from registry.records.organisations import Organisation
from registry.records.recommendations import Notice, Recommendation, Topic

TABLE = "recommendation_search"
CREATE = {
    "sqlite": (f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(words, tokenize = 'unicode61')",),
    "postgresql": (
        f"CREATE TABLE IF NOT EXISTS {TABLE} (rowid integer PRIMARY KEY, words tsvector NOT NULL)",
        f"CREATE INDEX IF NOT EXISTS {TABLE}_words ON {TABLE} USING gin (words)",
    ),
}
_WORD = re.compile(r"\w+")
_english = stemmer("english")


def stems(text: str) -> list[str]:
    """The stems of the words of a text, in order, in lower case: "Pull cords" gives pull, cord."""
    return _english.stemWords(_WORD.findall(text.lower().replace("’", "'").replace("'s", "")))


def index(notice: Notice) -> None:
    """Write the search rows of a notice anew: texts, references, and the names of those it was put to."""
    rows = Recommendation.select(Recommendation, Topic).left_outer_join(Topic).where(Recommendation.notice == notice)
    cases = [case.value for case in notice.case_references]
    same = [notice.background, notice.reference or "", notice.external_reference or "", *cases]
    for row in rows:
        names = Organisation.select(Organisation.name).join(Assignment).where(Assignment.recommendation == row)
        words = [row.title, row.body, row.topic.name if row.topic else "", row.reference or "", *same]
        words += [name for (name,) in names.tuples()]
        _write(row.id, " ".join(stems(" ".join(words))))


def named(text: str) -> list[list[int]]:
    """For each word of `text` that stands in names of organisations: the ids of those organisations."""
    names = [(id, _stems_of(name)) for id, name in Organisation.select(Organisation.id, Organisation.name).tuples()]
    found = [[id for id, words in names if word in words] for word in dict.fromkeys(stems(text))]
    return [ids for ids in found if ids]


@lru_cache(maxsize=2000)
def _stems_of(name: str) -> frozenset[str]:
    return frozenset(stems(name))


def _write(recommendation_id: int, words: str) -> None:
    mark = "?" if is_sqlite() else "%s"
    value = mark if is_sqlite() else f"to_tsvector('simple', {mark})"
    database.execute_sql(f"DELETE FROM {TABLE} WHERE rowid = {mark}", (recommendation_id,))
    database.execute_sql(f"INSERT INTO {TABLE} (rowid, words) VALUES ({mark}, {value})", (recommendation_id, words))


def matching(text: str) -> Expression | None:
    """The condition that a recommendation holds every word of `text`; None when the text has no word."""
    wanted = list(dict.fromkeys(stems(text)))
    if not wanted:
        return None
    if is_sqlite():
        found = SQL(f"(SELECT rowid FROM {TABLE} WHERE words MATCH ?)", (" ".join(f'"{w}"' for w in wanted),))
    else:
        query = " & ".join(f"'{w}'" for w in wanted)
        found = SQL(f"(SELECT rowid FROM {TABLE} WHERE words @@ CAST(%s AS tsquery))", (query,))
    return Recommendation.id.in_(found)
