"""The pages on which people are managed: a lead's own organisation, and all of them for an administrator."""

from datetime import date

import pytest

from registry.records.people import Membership, Person
from registry.records.sign_ins import SignInAttempt
from tests import given
from tests.given import NOW, TODAY

NEW = "new@example.org"


@pytest.fixture
def lead(register):
    given.a_liaison_officer()
    given.a_lead("essex")
    given.the_administrator()
    return given.a_lead()


def day(name, value):
    return {name: [str(value.day), str(value.month), str(value.year)]}


def invite(browser, slug="kent", status=302, **typed):
    form = {"email": NEW, "name": "New Officer", "role": "liaison_officer", **day("from_on", TODAY), **typed}
    return browser.post(f"/people/organisations/{slug}/invite", status=status, **form)


def test_a_lead_comes_straight_to_the_own_people(lead, browse):
    person = browse(lead)
    assert person.get("/people", status=302).location == "/people/organisations/kent"
    person.get("/people/organisations/kent")
    assert "lead@kent.example.org" in person.text and "essex" not in person.text.lower()
    assert "People" in "".join(person.page.find(".//nav[@aria-label='Main']").itertext())


def test_whoever_leads_nobody_has_no_such_page(lead, browse):
    for somebody in (given.a_liaison_officer(), given.the_case_officer(), given.an_auditor()):
        person = browse(somebody)
        for path in ("/people", "/people/organisations/kent", "/people/sign-ins"):
            person.get(path, status=404)
        person.get("/desk")
        assert 'href="/people"' not in person.html


def test_a_lead_sees_and_does_nothing_elsewhere(lead, browse):
    person, essex = browse(lead), given.membership_of(given.a_lead("essex"))
    paths = [
        "/people/organisations/essex",
        "/people/organisations/essex/invite",
        f"/people/{essex.person_id}",
        f"/people/{essex.person_id}/organisations/kent/grant",
        f"/people/{lead.person_id}/organisations/essex/grant",
        f"/people/memberships/{essex.id}/end",
        f"/people/memberships/{essex.id}/name-deputy",
        "/people/sign-ins",
    ]
    for path in paths:
        person.get(path, status=404)
    for path in (*paths[1:2], *paths[3:7]):
        person.post(path, status=404, **day("to_on", TODAY))
    for verb in ("appoint-lead", "release-lead"):
        person.post(f"/people/memberships/{essex.id}/{verb}", status=404)
    person.post(f"/people/{essex.person_id}/send-link", status=404)
    assert given.events() == []


def test_somebody_is_invited_given_another_role_and_a_deputy_and_let_go(lead, browse):
    person = browse(lead)
    invite(person)
    assert "A message with all they need is on its way" in person.text and "Invited, has not signed in" in person.text
    new = Person.get(email=NEW)
    person.post(
        f"/people/{new.id}/organisations/kent/grant",
        role="chief_officer_delegate",
        **day("from_on", TODAY),
        **day("to_on", date(2026, 4, 1)),
    )
    assert "Chief-officer delegate" in person.text and "until 1 April 2026" in person.text
    mine = given.membership_of(lead)
    person.post(
        f"/people/memberships/{mine.id}/name-deputy",
        deputy=str(new.id),
        **day("from_on", date(2026, 3, 10)),
        **day("to_on", date(2026, 3, 20)),
    )
    assert "stands in for Lead" in person.text
    held = Membership.get(person=new, role="liaison_officer", deputy_for=None)
    person.post(f"/people/memberships/{held.id}/appoint-lead")
    assert "The person is a lead now" in person.text
    person.post(f"/people/memberships/{held.id}/release-lead")
    person.get(f"/people/memberships/{held.id}/end")
    revision = person.value("revision")
    person.post(f"/people/memberships/{held.id}/end", revision=revision, **day("to_on", TODAY))
    assert "The last day of the role is set" in person.text and "until 2 March 2026" in person.text
    person.post(f"/people/{new.id}/send-link")
    assert "A message with a link is on its way" in person.text


def test_bad_input_is_named_with_its_mend_and_what_was_typed_stays(lead, browse):
    person = browse(lead)
    invite(person, status=400, email="not an address", name="", role="auditor", from_on=["1", "2", ""])
    assert person.errors() == [
        "Choose a role",
        "Enter a real date, such as 27 3 2026",
        "Enter one e-mail address, such as name@example.org",
        "Enter a name",
    ]
    assert person.value("email") == "not an address"
    invite(person, status=400, email="a@example.org\r\nBcc: b@example.org", name="A\x00B")
    assert len(person.errors()) == 2
    invite(person, status=409, **day("from_on", date(2026, 3, 1)))
    assert person.errors() == ["The first day cannot be in the past. Give today or a later day."]
    invite(person, status=400, **day("to_on", date(2026, 3, 1)))
    assert person.errors() == ["The last day cannot be before the first day"]
    officer = given.membership_of(given.a_liaison_officer())
    path = f"/people/memberships/{officer.id}/name-deputy"
    person.post(path, status=400, deputy="", from_on=["", "", ""], to_on=["x", "y", "z"])
    assert len(person.errors()) == 3
    person.post(path, status=400, deputy="999999", **day("from_on", TODAY), **day("to_on", TODAY))
    assert person.errors()


def test_the_last_lead_is_told_why_they_cannot_go(lead, browse):
    person, mine = browse(lead), given.membership_of(lead)
    person.post(f"/people/memberships/{mine.id}/end", status=409, revision="0", **day("to_on", TODAY))
    assert "Appoint another lead first" in person.errors()[0]
    person.post(f"/people/memberships/{mine.id}/release-lead", status=409)
    assert "Appoint another lead first" in person.errors()[0]


def test_an_administrator_manages_everybody_and_sees_who_signed_in(lead, browse):
    person = browse(given.the_administrator())
    person.get("/people")
    assert "Kent" in person.text and "Regulator" in person.text
    invite(person, "regulator", role="author")
    invite(person, "essex-pcc", email="reader@example.org", role="local_policing_body_reader")
    officer = given.a_liaison_officer()
    person.post(f"/people/{officer.person_id}/disable")
    assert "signed out everywhere" in person.text and "disabled the person" in person.text
    person.post(f"/people/{officer.person_id}/enable")
    assert "can sign in again" in person.text
    own = given.the_administrator().person_id
    person.post(f"/people/{own}/disable", status=409)
    browse().post("/sign-in", status=409, email="nobody@example.org", password="wrong")
    person.get("/people/sign-ins")
    assert "Nobody in the register" in person.text and "nobody@example.org" not in person.text
    person.get("/people/sign-ins?outcome=signed_in")
    assert "Nothing is logged" in person.text


def test_a_lead_cannot_disable_and_is_not_offered_to(lead, browse):
    person, officer = browse(lead), given.a_liaison_officer()
    person.get(f"/people/{officer.person_id}")
    assert "Disable" not in person.text
    person.post(f"/people/{officer.person_id}/disable", status=403)
    assert Person.get_by_id(officer.person_id).active


def test_the_log_is_a_bounded_list_of_pages(lead, browse):
    rows = [{"at": NOW, "account": "x", "network": "192.0.2.1", "outcome": "wrong"} for _ in range(120)]
    SignInAttempt.insert_many(rows).execute()
    person = browse(given.the_administrator())
    with given.queries() as sent:
        person.get("/people/sign-ins")
    assert person.html.count("192.0.2.1") == 50 and len(sent) <= 8
    for _ in range(2):
        person.get(person.page.find(".//a[@rel='next']").get("href"))
    assert person.html.count("192.0.2.1") == 20


def test_an_organisation_of_many_people_takes_few_queries(lead, browse):
    for number in range(40):
        given.a_person(f"officer{number}@kent.example.org", "kent", "liaison_officer")
    person = browse(lead)
    with given.queries() as sent:
        person.get("/people/organisations/kent")
    assert len(sent) <= 8
    with given.queries() as sent:
        browse(given.the_administrator()).get("/people")
    assert len(sent) <= 12


def test_an_organisation_without_a_lead_says_so(lead, browse):
    Person.update(active=False).where(Person.id == lead.person_id).execute()
    person = browse(given.the_administrator())
    person.get("/people/organisations/kent")
    assert "Nobody leads here" in person.text
    person.get("/people/organisations/surrey")
    assert "Nobody holds a role here yet" in person.text
