"""What a search looks for in a text, and where it stands there: the one definition, for index, query and highlight.

A text is folded (no accents, no capitals), cut into words, and each word cut to its stem. `tŷ` and `ty` are one word,
`cords` and `cord` too. The databases are given stems of plain letters and digits only, so that neither has an opinion.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

# A language without a stemmer of its own is searched by whole words.
STEMMERS = {"en": snowballstemmer.stemmer("english")}
_one_at_a_time = threading.Lock()

MOST_TERMS = 32
LONGEST_STEM = 60
EXCERPT = 240

_MARKS = "\u0300-\u036f"
# A word with the marks that combine with its letters; the genitive is no part of it.
_WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{_MARKS}])*")
_GENITIVE = re.compile(f"['\u2019]s(?![^\\W_]|[{_MARKS}])", re.IGNORECASE)
_TERM = re.compile('(-?)(?:["\u201c\u201d]([^"\u201c\u201d]*)["\u201c\u201d]|([^\\s"\u201c\u201d]+))')
_PLAIN = re.compile("[a-z0-9]+")


@dataclass(frozen=True)
class Word:
    """A word where it stands in a text."""

    start: int
    end: int
    stem: str


def words(text: str, language: str = "en") -> list[Word]:
    """The words of a text in order, with their stems. A genitive's s is no word."""
    found, after = [], 0
    for match in _WORD.finditer(text):
        if match.start() < after:
            continue
        genitive = _GENITIVE.match(text, match.end())
        after = genitive.end() if genitive else match.end()
        found.append(Word(match.start(), match.end(), stem(match.group(), language)))
    return found


def stems(text: str, language: str = "en") -> list[str]:
    """The stems of the words of a text, in order: "Pull cords" gives pull, cord."""
    return [word.stem for word in words(text, language)]


@lru_cache(maxsize=50_000)
def stem(word: str, language: str = "en") -> str:
    """The stem of one word, in plain letters and digits; other writing is spelled out by its bytes."""
    folded = _fold(word)
    if _PLAIN.fullmatch(folded):
        stemmer = STEMMERS.get(language)
        # A stemmer keeps the word it works on: two threads at once would mix theirs.
        with _one_at_a_time:
            folded = stemmer.stemWord(folded) if stemmer else folded
    if not _PLAIN.fullmatch(folded) or folded.startswith("zz"):
        folded = "zz" + folded.encode().hex()
    return folded[:LONGEST_STEM]


def _fold(word: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Query:
    """What is asked for: runs of stems that must each stand in a text side by side, and runs that must not.

    A single word is a run of one; `2024/010817`, `body-worn` and `"pull cord"` are runs.
    """

    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        """False when there is no word in it."""
        return bool(self.wanted or self.unwanted)


def parse(text: str, language: str = "en") -> Query:
    """Read what somebody typed: words, "phrases in quotes", and -words that must not be there."""
    wanted: list[tuple[str, ...]] = []
    unwanted: list[tuple[str, ...]] = []
    for minus, phrase, term in _TERM.findall(text)[:MOST_TERMS]:
        run = tuple(stems(phrase or term, language))
        kind = unwanted if minus else wanted
        if run and run not in kind:
            kind.append(run)
    return Query(tuple(wanted), tuple(unwanted))


def holds(text_stems: list[str], run: tuple[str, ...]) -> bool:
    """True when the run stands in the stems, side by side."""
    return next(_places(text_stems, run), None) is not None


def matches(text: str, query: Query, language: str = "en") -> bool:
    """True when a text holds all that is wanted and nothing that is not."""
    there = stems(text, language)
    return all(holds(there, run) for run in query.wanted) and not any(holds(there, run) for run in query.unwanted)


def _places(text_stems: list[str], run: tuple[str, ...]) -> Iterator[int]:
    size = len(run)
    return (at for at in range(len(text_stems) - size + 1) if tuple(text_stems[at : at + size]) == run)


@dataclass(frozen=True)
class Piece:
    """A piece of a text, found or not. All the pieces together are the text."""

    text: str
    found: bool


def highlight(text: str, query: Query, language: str = "en") -> list[Piece]:
    """The text in pieces, those that were searched for marked as found."""
    there = words(text, language)
    found = _found(there, query)
    pieces, at = [], 0
    for number, word in enumerate(there):
        if number not in found:
            continue
        # The space within a phrase belongs to it.
        start = at if number - 1 in found and (number - 1, number) in found.values() else word.start
        if start > at:
            pieces.append(Piece(text[at:start], False))
        if start == at and pieces and pieces[-1].found:
            pieces[-1] = Piece(pieces[-1].text + text[at : word.end], True)
        else:
            pieces.append(Piece(text[start : word.end], True))
        at = word.end
    return [*pieces, Piece(text[at:], False)] if at < len(text) else pieces


def _found(there: list[Word], query: Query) -> dict[int, tuple[int, int] | None]:
    """The numbers of the words found, each with the pair it makes with the word before it in a phrase."""
    only = [word.stem for word in there]
    found: dict[int, tuple[int, int] | None] = {}
    for run in query.wanted:
        for at in _places(only, run):
            for number in range(at, at + len(run)):
                pair = (number - 1, number) if number > at else None
                found[number] = found.get(number) or pair
    return found


def excerpt(text: str, query: Query, language: str = "en", length: int = EXCERPT) -> list[Piece]:
    """About `length` characters of the text around the first word found, in pieces; empty where none is found."""
    there = words(text, language)
    found = _found(there, query)
    if not found:
        return []
    first = there[min(found)].start
    start = next((word.start for word in there if word.start >= first - length // 3), first)
    end = max((word.end for word in there if word.end <= start + length), default=first)
    end = max(end, there[min(found)].end)
    pieces = highlight(text[start:end], query, language)
    before = [Piece("… ", False)] if text[:start].strip() else []
    after = [Piece(" …", False)] if text[end:].strip(" .\n") else []
    return [*before, *pieces, *after]
