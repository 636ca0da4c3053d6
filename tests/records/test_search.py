"""Search finds the same on both databases, by stems and not by spelling."""

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from registry import config
from registry.records import migrating, register, search, sorting
from registry.records.database import database as bound
from registry.records.keyset import page
from registry.records.recommendations import Notice, Recommendation, Topic
from registry.records.register import Filters
from registry.rules import searching
from registry.rules.permissions import PUBLIC
from tests import given
from tests.given import TODAY

TEXTS = {
    "Replace emergency pull cords": "Cords in accessible toilets can be used as a ligature.",
    "Observation rounds": "Officers must rouse a detainee at every visit; visits are recorded.",
    "Welfare of children": "A child's welfare officer must be told. The children’s team is called at once.",
    "Café procedure 10.5": "Body-worn video; the naïve reader's view, 100% of it.",
}


@pytest.fixture
def library(database):
    given.a_register()
    notice = Notice.create(basis="28a", author=given.the_author().person_id, created_at=given.NOW, background="Custody")
    topic = Topic.create(slug="safety", name="Detention safety")
    for number, (title, body) in enumerate(TEXTS.items(), start=1):
        Recommendation.create(notice=notice, number=number, title=title, body=body, topic=topic)
    search.index(notice)
    return notice


def found(text):
    return [row.title for row in Recommendation.select().where(search.matching(text)).order_by(Recommendation.number)]


@pytest.mark.parametrize("text", ["pull cord", "pull cords", "Pull CORDS", "cord pulling", "cords", "replacing cord"])
def test_pull_cord_finds_pull_cords(library, text):
    assert found(text) == ["Replace emergency pull cords"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("visit", ["Observation rounds"]),
        ("recording", ["Observation rounds"]),
        ("child", ["Welfare of children"]),
        ("children's", ["Welfare of children"]),
        ("children’s", ["Welfare of children"]),
        ("café", ["Café procedure 10.5"]),
        ("body-worn", ["Café procedure 10.5"]),
        ("officers", ["Observation rounds", "Welfare of children"]),
        ("officer detainee", ["Observation rounds"]),
        ("officer toilet", []),
        ("zebra", []),
    ],
)
def test_every_word_must_be_there_in_any_order(library, text, titles):
    assert found(text) == titles


@pytest.mark.parametrize("text", ["custody", "detention safety"])
def test_the_background_and_the_topic_are_searched_too(library, text):
    assert found(text) == list(TEXTS)


@pytest.mark.parametrize("text", ["", "   ", "?!", "_", "' \" % & | ! ( ) : *"])
def test_without_a_word_there_is_nothing_to_match(database, text):
    assert search.matching(text) is None


@pytest.mark.parametrize(
    "text",
    [
        'cords"',
        "cords' OR 1=1 --",
        "cords AND",
        "cords NOT toilets",
        "cords:*",
        "cords & !x",
        "NEAR(cords toilets)",
        "%s ?",
        "co*",
        "words:cords",
        "back\\slash",
    ],
)
def test_signs_that_mean_something_to_a_database_mean_nothing_here(library, text):
    assert found(text) in ([], ["Replace emergency pull cords"])


@random(text=st.text(max_size=40).filter(lambda text: "\0" not in text))
def test_whatever_somebody_types_is_no_error(library, text):
    condition = search.matching(text)
    if condition is not None:
        list(Recommendation.select(Recommendation.id).where(condition))


def test_indexing_again_replaces_what_was_there(library):
    Recommendation.update(title="Nothing", body="Nothing").execute()
    search.index(library)
    assert found("cords") == []
    assert found("nothing") == ["Nothing"] * len(TEXTS)


def test_a_notice_is_found_once_it_is_made(database):
    given.a_register()
    given.an_approved_notice()
    assert found("pull cord") == []
    given.a_made_notice()
    assert found("pull cord") == ["Replace emergency pull cords"]


# ---- the same set on both databases: that of the rule, written in Python alone

WORDS = st.sampled_from(
    [
        "pull",
        "cord",
        "cords",
        "Cord's",
        "tŷ",
        "ty",
        "body-worn",
        "2024/010817",
        "LR-2026-0007",
        "the",
        "日本",
        "½",
        "zz",
        "a|b",
    ]
)
BODIES = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=20).filter(lambda text: "\0" not in text)
TERMS = st.builds(
    lambda minus, quote, inner: f"{minus}{quote}{inner}{quote}",
    st.sampled_from(["", "", "-"]),
    st.sampled_from(["", '"']),
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
)
QUERIES = st.lists(TERMS, max_size=3).map(" ".join) | st.text(max_size=20).filter(lambda text: "\0" not in text)


@random(bodies=st.lists(BODIES, min_size=1, max_size=4), typed=QUERIES)
def test_both_databases_find_exactly_what_the_rule_finds(library, bodies, typed):
    with bound.atomic() as undo:
        Recommendation.delete().execute()
        Notice.update(background="").execute()
        for number, body in enumerate(bodies, start=1):
            Recommendation.create(notice=library, number=number, title="", body=body)
        search.index(Notice.get_by_id(library.id))
        query, condition = searching.parse(typed), search.matching(typed)
        if condition is None:
            assert not query
        else:
            rows = Recommendation.select(Recommendation.number).where(condition)
            right = {n for n, body in enumerate(bodies, start=1) if searching.matches(body, query)}
            assert {row.number for row in rows} == right
        undo.rollback()


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ('"emergency pull cords"', ["Replace emergency pull cords"]),
        ('"cords emergency"', []),
        ('"pull cords cords"', []),  # the end of the title and the beginning of the body
        ("officers -detainee", ["Welfare of children"]),
        ("-officers", ["Replace emergency pull cords", "Café procedure 10.5"]),
        ('-"visits are recorded" officers', ["Welfare of children"]),
        ("cafe naive", ["Café procedure 10.5"]),
    ],
)
def test_phrases_are_words_side_by_side_and_a_minus_leaves_out(library, text, titles):
    assert found(text) == titles


def test_a_reference_finds_its_own_and_not_another_with_the_same_numbers(database):
    given.a_register()
    one = given.a_made_notice(titles=["One"], case_references=("2024/010817",))
    given.a_made_notice(titles=["Other"], case_references=("2024/010818", "2023/010817"))
    for text in (one.reference, given.recommendation_of(one).reference, "2024/010817"):
        assert found(text) == ["One"]


def test_a_phrase_is_found_however_long_the_text_is(library):
    Recommendation.update(body="the " * 3000 + "blue " * 3000 + "lamp").execute()
    search.index(library)
    assert len(found('"blue lamp"')) == len(TEXTS)
    assert found('"the lamp"') == []


def test_the_best_match_has_the_words_in_its_title_on_either_database(database):
    given.a_register()
    given.a_published_notice(titles=["Cords one"])
    given.a_published_notice(titles=["Bells"], body="Bells instead of cords")
    given.a_published_notice(titles=["Cords two"])
    query = register.recommendations(PUBLIC, TODAY, Filters(q="cord"))
    best = sorting.recommendations("cord")[0]
    assert [row.title for row in page(query, best, 9).rows] == ["Cords two", "Cords one", "Bells"]
    assert sorting.recommendations("-cord")[0].name == sorting.recommendations("?")[0].name == "newest"


def test_migrating_writes_the_search_anew_where_its_form_has_changed(shared_database):
    given.a_register()
    given.a_made_notice()
    given.a_draft(titles=["Half done"])
    bound.execute_sql(f"DROP TABLE {search.TABLE}")
    bound.execute_sql(f"CREATE TABLE {search.NAME} (rowid integer)")
    bound.close()
    migrating.migrate(config.folder("migrations"))
    bound.connect(reuse_if_open=True)
    assert found("pull cord") == ["Replace emergency pull cords"]
    assert found("half done") == []
    assert not bound.table_exists(search.NAME)
