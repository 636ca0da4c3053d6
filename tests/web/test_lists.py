"""Lists as they are read: narrowed, put in order, and walked page by page."""

from datetime import timedelta

import pytest

from registry.records.assignments import Assignment
from registry.web import notices, paging
from tests import given
from tests.given import NOW

LISTS = ("/recommendations", "/organisations/kent", "/assignments", "/drafts", "/reports")
MOST_QUERIES = 8


@pytest.fixture
def short_pages(monkeypatch):
    """Pages of two rows, so that a test need not make hundreds."""
    monkeypatch.setattr(paging, "PAGE", 2)
    monkeypatch.setattr(paging, "MOST_COUNTED", 4)


def link(reader, rel):
    found = [a.get("href") for a in reader.page.iter("a") if a.get("rel") == rel]
    return found[0] if found else None


def numbered(count):
    return [f"Number {number}" for number in range(1, count + 1)]


def shown(reader):
    return [number for number in numbered(9) if number in reader.text]


def test_a_list_is_walked_to_its_end_and_back(register, browse, short_pages):
    given.a_published_notice(titles=numbered(5))
    reader = browse()
    reader.get("/recommendations")
    pages = [shown(reader)]
    assert link(reader, "prev") is None
    while following := link(reader, "next"):
        reader.get(following)
        pages.append(shown(reader))
    assert pages == [["Number 4", "Number 5"], ["Number 2", "Number 3"], ["Number 1"]]
    while earlier := link(reader, "prev"):
        reader.get(earlier)
        pages.append(shown(reader))
    assert pages[3:] == [["Number 2", "Number 3"], ["Number 4", "Number 5"]]


def test_the_pages_keep_the_filter_and_the_order(register, browse, short_pages):
    given.a_published_notice(titles=numbered(3))
    given.a_published_notice(titles=numbered(3), basis="section_10")
    reader = browse()
    reader.get("/recommendations?basis=28a&sort=title")
    assert shown(reader) == ["Number 1", "Number 2"]
    reader.get(link(reader, "next"))
    assert shown(reader) == ["Number 3"] and "1 found" not in reader.text
    assert reader.page.find(".//select[@id='sort']/option[@selected]").get("value") == "title"


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 found"), (2, "2 found"), (3, "2 of 3"), (4, "2 of 4"), (6, "2 of more than 4")]
)
def test_the_count_says_where_it_stopped(register, browse, short_pages, count, words):
    given.a_published_notice(titles=numbered(count))
    reader = browse()
    reader.get("/recommendations")
    assert words in reader.text


def test_what_a_list_was_filtered_by_is_shown_and_can_be_taken_away(register, browse):
    given.a_published_notice()
    reader = browse()
    reader.get("/recommendations?q=cords&organisation=kent&basis=28a&sort=title")
    assert "What you filtered by" in reader.text
    assert "Search: cords Remove" in reader.text and "Organisation: Kent Remove" in reader.text
    away = {a.get("href") for a in reader.page.iter("a") if "Remove" in "".join(a.itertext())}
    assert away == {
        "/recommendations?organisation=kent&basis=28a&sort=title",
        "/recommendations?q=cords&basis=28a&sort=title",
        "/recommendations?q=cords&organisation=kent&sort=title",
        "/recommendations",
    }
    reader.get("/recommendations")
    assert "What you filtered by" not in reader.text


def test_where_nothing_fits_the_page_says_what_to_try(register, browse):
    given.a_published_notice()
    reader = browse()
    reader.get("/recommendations?q=horses&basis=section_10")
    for said in ("Nothing fits", "Check the spelling", "Take a filter away", "Show everything"):
        assert said in reader.text
    reader.get("/recommendations?basis=section_10")
    assert "Check the spelling" not in reader.text


@pytest.mark.parametrize("path", LISTS)
def test_an_address_with_anything_in_it_is_the_first_page(register, browse, path):
    given.an_assignment(published=True)
    given.a_draft()
    reader = browse(given.the_author())
    for wild in ("%00", "x", "W10", "WyJuZXdlc3QiLDAsMSwxXQ", "%F0%9F%92%A9", "a" * 700, "null", "e30="):
        reader.get(f"{path}?after={wild}&sort={wild}&before={wild}&audit_result={wild}&year={wild}")


def test_a_table_says_which_column_it_is_sorted_by(register, browse):
    given.an_assignment()
    reader = browse(given.the_case_officer())
    sorted_by = lambda: [  # noqa: E731
        ("".join(th.itertext()).strip(), th.get("aria-sort")) for th in reader.page.iter("th") if th.get("aria-sort")
    ]
    reader.get("/assignments?sort=title")
    assert sorted_by() == [("Recommendation", "ascending")]
    reader.get("/assignments?sort=organisation")
    assert sorted_by() == [("Organisation", "ascending")]
    reader.get("/assignments?sort=newest")
    assert sorted_by() == []


def test_organisations_are_put_in_order_by_name(register, browse):
    given.a_made_notice(to=["surrey", "essex", "kent"])
    reader = browse(given.the_case_officer())
    reader.get("/assignments?sort=organisation")
    rows = [td.text for td in reader.page.iter("td") if td.get("data-label") == "Organisation"]
    assert rows == ["Essex", "Kent", "Surrey"]


def test_the_words_found_are_marked_in_title_and_text_and_nothing_else_is_markup(register, browse):
    given.a_published_notice(titles=["Pull <b>cords</b>"], body="Replace *every* cord & <script>x</script>")
    reader = browse()
    reader.get("/recommendations?q=cords")
    assert [mark.text for mark in reader.page.iter("mark")] == ["cords", "cord"]
    assert "<script>x" not in reader.html and "<b>" not in reader.html
    assert "Replace every cord &" in reader.text
    reader.get("/recommendations")
    assert list(reader.page.iter("mark")) == []


def test_a_search_is_answered_by_the_best_match_unless_another_order_is_asked_for(register, browse):
    given.a_published_notice(titles=["Cords"])
    given.a_published_notice(titles=["Bells"], body="Not cords")
    reader = browse()
    reader.get("/recommendations?q=cords")
    assert ["".join(a.itertext()) for a in reader.page.iter("a") if "bold" in a.get("class", "")] == ["Cords", "Bells"]
    reader.get("/recommendations?q=cords&sort=newest")
    assert ["".join(a.itertext()) for a in reader.page.iter("a") if "bold" in a.get("class", "")] == ["Bells", "Cords"]


# ---- the audit result as a filter


@pytest.fixture
def audited(register):
    """One assignment whose audit result nobody chose to show in public, and one that everybody may see."""

    def of(title, show):
        notice = given.a_made_notice(titles=[title])
        given.publish(notice, check=given.notices.PublicationCheck("yes", True, True, True, show_audit_result=show))
        return given.assignment_of(notice)

    return of("Hidden", False), of("Shown", True)


def set_result(result):
    Assignment.update(audit_result=result).execute()


def test_a_result_that_is_not_shown_cannot_be_filtered_for(audited, browse):
    set_result("not_in_place")
    reader = browse()
    reader.get("/recommendations?audit_result=not_in_place")
    assert "Shown" in reader.text and "Hidden" not in reader.text
    reader.get("/recommendations?audit_result=in_place")
    assert "Nothing fits" in reader.text
    for person in (given.the_case_officer(), given.a_liaison_officer(), given.an_auditor()):
        inside = browse(person)
        inside.get("/assignments?audit_result=not_in_place")
        assert "Shown" in inside.text and "Hidden" in inside.text


def test_a_planned_audit_is_none_yet_to_whoever_may_not_know(audited, browse):
    set_result("planned")
    for person, planned in ((given.the_case_officer(), True), (given.a_liaison_officer(), False), (None, False)):
        reader = browse(person)
        reader.get("/recommendations?audit_result=planned")
        assert ("Shown" in reader.text) is planned
        reader.get("/recommendations?audit_result=not_audited")
        assert ("Shown" in reader.text) is not planned


# ---- how many questions a list asks


READERS = {
    "a case officer": given.the_case_officer,
    "a liaison officer": given.a_liaison_officer,
    "an auditor": given.an_auditor,
    "a policing body's reader": given.a_policing_body_reader,
    "the public": lambda: None,
}


@pytest.mark.parametrize("who", READERS)
def test_a_list_asks_at_most_eight_questions_however_long_it_is(register, browse, short_pages, who):
    person = READERS[who]()
    reader = browse(person, now=NOW + timedelta(days=1))
    for _more in range(3):
        ask_everything(reader, signed_in=person is not None)
        given.a_published_notice(titles=numbered(2), to=["kent", "essex"])
        given.a_made_notice(basis="section_10")
        given.a_draft()


def ask_everything(reader, signed_in):
    """Every list in every order, on its first, next and previous page."""
    for path in LISTS if signed_in else LISTS[:2]:
        for sort in ("newest", "due", "organisation", "title"):
            asked_for = f"{path}?sort={sort}"
            for rel in ("next", "next", "prev"):
                with given.queries() as asked:
                    if reader.client.get(asked_for).status_code != 200:
                        break
                assert len(asked) <= MOST_QUERIES, (asked_for, asked)
                reader.get(asked_for)
                asked_for = link(reader, rel) or asked_for


def test_a_desk_leads_to_a_list_of_what_waits_and_says_so(register, browse):
    given.a_published_notice(titles=["New"])
    answered = given.assignment_of(given.a_published_notice(titles=["Answered"]))
    given.replied(answered)
    expected = {"acknowledge": "New", "decision": "Answered", "report": "Answered"}
    for reader in (browse(given.the_case_officer()), browse(given.a_liaison_officer())):
        for name, title in expected.items():
            reader.get(f"/assignments?waiting={name}")
            assert "Waiting for" in reader.text and title in reader.text
            assert not ({"New", "Answered"} - {title}) & set(reader.text.split())
    for path in ("/assignments?waiting=decision", f"/assignments?reference={answered.recommendation.reference}"):
        reader = browse(given.a_liaison_officer("essex"))
        reader.get(path)
        assert "Answered" not in reader.text


def test_what_is_not_public_yet_is_a_list_for_those_who_may_see_it(register, browse):
    given.a_published_notice(titles=["Open"])
    given.a_made_notice(titles=["Kept back"])
    for actor, there in ((given.the_case_officer(), True), (None, False)):
        reader = browse(actor)
        reader.get("/recommendations?published=no")
        assert ("Kept back" in reader.text) is there and "Open" not in reader.text.split()


def test_a_notice_shows_its_first_assignments_and_leads_to_all_of_them(register, browse, monkeypatch):
    monkeypatch.setattr(notices, "MOST_ROWS", 3)
    notice = given.a_made_notice(titles=numbered(2), to=("kent", "essex"))
    reader = browse(given.the_case_officer())
    reader.get(f"/notices/{notice.reference}")
    assert "These are the first 3" in reader.text
    assert len(reader.page.findall(".//tbody/tr")) == 3
    second = f"/recommendations/{given.recommendation_of(notice, 2).reference}#addressees"
    assert second in [a.get("href") for a in reader.page.iter("a")]
    reader.get(second)
    assert len(reader.page.findall(".//tbody/tr")) == 2
    given.publish(notice)
    monkeypatch.setattr(notices, "MOST_ROWS", 4)
    reader.get(f"/notices/{notice.reference}")
    assert "These are the first" not in reader.text


def test_a_search_of_nothing_but_signs_narrows_nothing_and_does_not_say_it_does(register, browse):
    given.a_published_notice(titles=["Open"])
    reader = browse()
    reader.get("/recommendations?q=%3F%21")
    assert "Open" in reader.text and "What you filtered by" not in reader.text


# What a desk asks at most: who asks (two), whether this is a demonstration, and one question for each part of a pile's
# order; drafts and embargoed notices are one question, so are unanswered replies, and whether the worker is silent is
# one more.
DESKS = {
    "the_author": 8,
    "the_case_officer": 8,
    "the_administrator": 8,
    "a_liaison_officer": 9,
    "an_auditor": 6,
    "a_policing_body_reader": 6,
}


@pytest.mark.parametrize("who", DESKS)
def test_a_desk_asks_no_more_questions_however_much_lies_on_it(register, browse, who):
    for slug in ("kent", *given.many_forces(24)):
        given.a_made_notice(to=[slug, "kent"] if slug != "kent" else [slug])
        given.a_draft()
    reader = browse(getattr(given, who)(), now=NOW + timedelta(days=60))
    asked = [questions_of_the_desk(reader)]
    for _more in range(5):
        given.a_made_notice(to=["kent", "essex"], titles=numbered(3))
        given.a_draft()
    asked.append(questions_of_the_desk(reader))
    assert asked[0] == asked[1] <= DESKS[who], asked


def questions_of_the_desk(reader):
    with given.queries() as asked:
        assert reader.client.get("/desk").status_code == 200
    return len(asked)
