"""English and Welsh: the switch keeps the page, and no fixed English is left where the public reads Welsh."""

import re

import pytest

from tests import given
from tests.given import NOW


def switch(page) -> dict[str, str | None]:
    """The language switch of a page: name -> address, None for the language the page is in."""
    found = page.find(".//*[@class='register-languages']")
    return {"".join(item.itertext()).strip(): item[0].get("href") for item in found}


def test_the_switch_comes_back_to_the_same_page_with_its_query(register, browse):
    reader = browse()
    reader.get("/recommendations?q=cords+%26+hooks&year=2026&page=2")
    assert switch(reader.page)["English"] is None
    answer = reader.get(switch(reader.page)["Cymraeg"], status=302)
    assert answer.location == "/recommendations?q=cords+%26+hooks&year=2026&page=2"
    reader.get(answer.location)
    assert reader.page.get("lang") == "cy" and "Argymhellion" in reader.text
    assert reader.value("q") == "cords & hooks"
    reader.get(reader.get(switch(reader.page)["English"], status=302).location)
    assert reader.page.get("lang") == "en"


def test_each_language_is_named_in_itself_and_says_where_it_leads(register, browse):
    reader = browse()
    reader.get("/")
    [link] = [link for link in reader.page.iter("a") if link.get("hreflang")]
    assert (link.text, link.get("lang"), link.get("hreflang")) == ("Cymraeg", "cy", "cy")
    [here] = [span for span in reader.page.iter("span") if span.get("aria-current")]
    assert (here.text, here.get("lang")) == ("English", "en")


def test_a_persons_own_language_holds_until_another_is_chosen_for_the_visit(register, browse):
    officer = given.a_liaison_officer()
    given.Person.update(language="cy").where(given.Person.id == officer.person_id).execute()
    person = browse(officer)
    person.get("/desk")
    assert person.page.get("lang") == "cy"
    person.get("/desk?lang=en", status=302)
    person.get("/desk")
    assert person.page.get("lang") == "en"
    assert given.Person.get_by_id(officer.person_id).language == "cy", "nothing is written by a choice for the visit"


def test_choosing_a_language_writes_nothing_to_the_database(register, browse):
    reader = browse(given.the_author())
    with given.queries() as sent:
        reader.get("/desk?lang=cy", status=302)
    assert sent == []


@pytest.mark.parametrize("odd", ["", "xx", "en-GB", "../cy", "%00", "cy%0d%0aX:y"])
def test_a_language_that_is_none_of_ours_changes_nothing(register, browse, odd):
    reader = browse()
    answer = reader.get(f"/organisations?lang={odd}", status=302)
    assert answer.location == "/organisations" and "Set-Cookie" not in answer.headers
    reader.get("/organisations")
    assert reader.page.get("lang") == "en"


@pytest.mark.parametrize(
    "path", ["//example.org/", "/\\example.org", "///example.org/..", "/x\r\ny", "/\t/example.org"]
)
def test_the_switch_never_leads_to_another_host(register, browse, path):
    reader = browse()
    wild = {"PATH_INFO": path, "QUERY_STRING": "lang=cy"}
    answer = reader.client.get("/", environ_overrides=wild)
    assert answer.status_code in (302, 308)
    assert re.match(r"(http://localhost)?/[^/\\\s]*", answer.location), answer.location
    assert not answer.location.startswith(("//", "/\\")), answer.location
    page = reader.client.get("/", environ_overrides={"PATH_INFO": path})
    assert not re.search(r'href="/[/\\]', page.text)


def test_a_cookie_that_was_tampered_with_is_english(register, browse):
    reader = browse()
    reader.client.set_cookie("language", "../../etc")
    reader.get("/")
    assert reader.page.get("lang") == "en"


def test_every_page_says_that_the_cookie_makes_a_difference(register, browse):
    reader = browse()
    for path, status in (("/", 200), ("/sign-in", 200), ("/nowhere", 404), ("/?lang=cy", 302)):
        assert "Cookie" in reader.get(path, status=status).headers["Vary"]


def test_the_page_of_a_form_that_has_none_of_its_own_leads_to_what_it_was_about(register, browse):
    draft = given.a_draft(background="")
    author = browse(given.the_author())
    author.post(f"/drafts/{draft.id}/submit", status=409)
    assert switch(author.page)["Cymraeg"] == f"/drafts/{draft.id}?lang=cy"


def test_dates_and_counts_are_welsh_on_a_welsh_page(register, browse):
    assignment = given.an_assignment(published=True)
    reader = browse(now=NOW + 60 * given.DAY)
    reader.get("/?lang=cy", status=302)
    reader.get(f"/recommendations/{assignment.recommendation.reference}")
    assert "2 Mawrth 2026" in reader.text and "March" not in reader.text
    assert "4 o ddiwrnodau yn hwyr" in reader.text
