"""Search finds the same on both databases, by stems and not by spelling."""

import pytest
from hypothesis import given as random
from hypothesis import strategies as st

from registry.records import search
from registry.records.recommendations import Notice, Recommendation, Topic
from tests import given

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


@pytest.mark.parametrize("text", ["", "   ", "?!", "' \" % & | ! ( ) : *"])
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
        "_",
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
