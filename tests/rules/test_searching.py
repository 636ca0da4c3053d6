"""What a search looks for in a text, and where it stands there."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules import searching
from registry.rules.searching import Query, parse

WORDS = st.sampled_from(
    ["pull", "cords", "Cord", "tŷ", "ty", "can't", "body-worn", "2024/010817", "the", "…", '"', "-"]
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=40)


def marked(text, query):
    return "".join(f"[{one.text}]" if one.found else one.text for one in searching.highlight(text, parse(query)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tŷ", "ty"),
        ("Tŷ", "TY"),
        ("ty\u0302", "tŷ"),
        ("Café", "cafe"),
        ("straße", "STRASSE"),
        ("ﬁre", "fire"),
        ("children's", "children’s"),
        ("cords", "cord"),
    ],
)
def test_spellings_of_one_word_find_each_other(one, other):
    assert searching.stems(one) == searching.stems(other) != []


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Pull cords", Query((("pull",), ("cord",)))),
        ('"pull cord" bell', Query((("pull", "cord"), ("bell",)))),
        ("“Pull Cords”", Query((("pull", "cord"),))),
        ('cords "unfinished', Query((("cord",), ("unfinish",)))),
        ("2024/010817", Query((("2024", "010817"),))),
        ("LN-2026-0003", Query((("ln", "2026", "0003"),))),
        ("cords -bell", Query((("cord",),), (("bell",),))),
        ('-"pull cord"', Query((), (("pull", "cord"),))),
        ("cord cords", Query((("cord",),))),
        ("cords -- - ' !", Query((("cord",),))),
        ("child's", Query((("child",),))),
    ],
)
def test_what_somebody_types_is_read_as_words_phrases_and_words_left_out(text, query):
    assert parse(text) == query


@pytest.mark.parametrize("text", ["", "   ", "?!", '""', "-", "…", "\u0301", "_"])
def test_a_text_without_a_word_asks_for_nothing(text):
    assert not parse(text)


def test_a_very_long_text_asks_for_no_more_than_some_words():
    assert len(parse(" ".join(str(n) for n in range(1000))).wanted) == searching.MOST_TERMS
    assert len(searching.stem("x" * 5000)) == searching.LONGEST_STEM


@given(st.text(max_size=30))
def test_a_stem_is_of_plain_letters_and_digits_whatever_was_written(text):
    for stem in searching.stems(text):
        assert stem.isascii() and stem.isalnum() and stem == stem.lower()


def test_a_language_without_a_stemmer_is_searched_by_whole_words():
    assert searching.stems("tai cords", language="cy") == ["tai", "cords"]


def test_stemming_in_many_threads_at_once_gives_each_its_own_word():
    searching.stem.cache_clear()
    listed = [
        f"{letter}{word}" for letter in "abcdefgh" for word in ("cords", "pulling", "observations", "visits") * 40
    ]
    wrong = []

    def run(mine):
        for word in mine:
            searching.stem.cache_clear()
            if not word.startswith(searching.stem(word)[:3]):
                wrong.append(word)

    threads = [threading.Thread(target=run, args=(listed[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Replace pull cords, and bells", "cord bell", "Replace pull [cords], and [bells]"),
        ("Pull the pull cord.", '"pull cords"', "Pull the [pull cord]."),
        ("Pull the pull cord.", "pull cord", "[Pull] the [pull] [cord]."),
        ("body-worn video", "body-worn", "[body-worn] video"),
        ("In tŷ and ty\u0302 alike", "ty", "In [tŷ] and [ty\u0302] alike"),
        ("<b>cords</b> & more", "cords", "<b>[cords]</b> & more"),
        ("a child's cord", "child", "a [child]'s cord"),
        ("cords", "bell", "cords"),
        ("cords bell", "cords -bell", "[cords] bell"),
        ("a b c", '"a b" "b c"', "[a b c]"),
    ],
)
def test_the_words_found_are_marked_where_they_stand(text, query, shown):
    assert marked(text, query) == shown


@given(TEXTS, TEXTS)
def test_the_pieces_put_together_are_the_text(text, query):
    pieces = searching.highlight(text, parse(query))
    assert "".join(one.text for one in pieces) == text
    assert all(one.text for one in pieces)


@given(TEXTS, TEXTS)
def test_a_text_that_matches_has_something_marked(text, typed):
    query = parse(typed)
    if query.wanted and searching.matches(text, query):
        assert any(one.found for one in searching.highlight(text, query))
        assert any(one.found for one in searching.excerpt(text, query))


def test_an_excerpt_is_of_the_words_around_the_first_found():
    text = "start " + "before " * 100 + "the pull cord hangs " + "after " * 100
    pieces = searching.excerpt(text, parse('"pull cord"'))
    shown = "".join(one.text for one in pieces)
    assert [one.text for one in pieces if one.found] == ["pull cord"]
    assert shown.startswith("… before") and shown.endswith("after …") and len(shown) < 300


def test_there_is_no_excerpt_where_nothing_was_found():
    assert searching.excerpt("Cords", parse("bell")) == searching.excerpt("", parse("bell")) == []
