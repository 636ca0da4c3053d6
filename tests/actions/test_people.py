"""Managing people: who may, what is refused, and that nobody is left without a lead or an administrator."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from registry.actions import people
from registry.actions.people import Term
from registry.records import sign_ins
from registry.records.database import NotFound, Stale
from registry.records.history import History
from registry.records.messages import Message
from registry.records.people import Membership, Person, actor, holders
from registry.records.sessions import Session
from registry.records.sign_ins import OneTimeLink, SignInAttempt
from registry.rules import permissions, wording
from registry.rules.permissions import PERMISSIONS, PUBLIC, ROLES, NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.actions.test_every_verb import WORKS_FOR
from tests.given import DAY, NOW, TODAY

NEW = "new.officer@example.org"


@pytest.fixture(autouse=True)
def register(database):
    given.a_register()
    given.the_administrator()
    given.a_lead()


def kent():
    return given.organisation("kent").id


def an_officer():
    return given.membership_of(given.a_liaison_officer())


def a_term(role="liaison_officer", from_on=TODAY, to_on=None, lead=False):
    return Term(role, from_on, to_on, lead)


def invite(by, email=NEW, name="New Officer", slug="kent", **term):
    return people.invite(given.organisation(slug).id, email, name, a_term(**term), actor=by, now=NOW)


def in_two_weeks(actor, person, membership):
    return people.name_deputy(membership.id, person.person_id, TODAY, TODAY + 14 * DAY, actor=actor, now=NOW)


# ---- every verb alike: its subject, how to call it, the event it leaves, the permission

VERBS: dict[str, tuple[Callable, Callable, str]] = {
    "invite": (lambda: None, lambda _, who: invite(who), "person.invited"),
    "grant": (
        lambda: given.a_liaison_officer().person_id,
        lambda person, who: people.grant(person, kent(), a_term("chief_officer_delegate"), actor=who, now=NOW),
        "person.granted",
    ),
    "end": (an_officer, lambda m, who: people.end(m.id, TODAY, actor=who, now=NOW), "person.ended"),
    "name_deputy": (
        an_officer,
        lambda m, who: in_two_weeks(who, given.a_lead(), m),
        "person.deputy_named",
    ),
    "appoint_lead": (
        an_officer,
        lambda m, who: people.appoint_lead(m.id, actor=who, now=NOW),
        "person.lead_appointed",
    ),
    "release_lead": (
        lambda: given.membership_of(given.a_person("second@kent.example.org", "kent", "liaison_officer", lead=True)),
        lambda m, who: people.release_lead(m.id, actor=who, now=NOW),
        "person.lead_released",
    ),
    "send_link": (
        lambda: given.a_liaison_officer().person_id,
        lambda person, who: people.send_link(person, actor=who, now=NOW),
        "person.link_sent",
    ),
    "disable": (
        lambda: given.a_liaison_officer().person_id,
        lambda person, who: people.disable(person, actor=who, now=NOW),
        "person.disabled",
    ),
    "enable": (
        lambda: disabled(given.a_liaison_officer().person_id),
        lambda person, who: people.enable(person, actor=who, now=NOW),
        "person.enabled",
    ),
}
OF_A_LEAD = [name for name in VERBS if "liaison_officer" in PERMISSIONS[f"person:{name}"]]


def disabled(person_id):
    Person.update(active=False).where(Person.id == person_id).execute()
    return person_id


def size():
    tables = (Person, Membership, Session, OneTimeLink, SignInAttempt, Message, History)
    rows = (
        list(Person.select(Person.active).order_by(Person.id).tuples()),
        list(Membership.select().order_by(Membership.id).tuples()),
    )
    return [table.select().count() for table in tables], rows


@pytest.mark.parametrize("name", VERBS)
def test_an_administrator_may_and_leaves_one_event(name):
    subject, call, event = VERBS[name]
    made, administrator = subject(), given.the_administrator()
    before = given.events()
    call(made, administrator)
    assert given.events()[len(before) :] == [event]
    last = History.select().order_by(History.id.desc()).first()
    assert (last.person_id, last.at, last.subject_type) == (administrator.person_id, NOW, "person")
    assert event in wording.EVENTS and given.broken() == []


@pytest.mark.parametrize("name", VERBS)
def test_no_name_and_no_address_stands_in_the_facts_of_the_chain(name):
    subject, call, _ = VERBS[name]
    call(subject(), given.the_administrator())
    facts = History.select().order_by(History.id.desc()).first().facts
    assert "@" not in facts and "Officer" not in facts and " " not in facts


@pytest.mark.parametrize("name", OF_A_LEAD)
def test_a_lead_may_in_the_own_organisation(name):
    subject, call, event = VERBS[name]
    call(subject(), given.a_lead())
    assert given.events()[-1] == event


@pytest.mark.parametrize("name", VERBS)
def test_nobody_else_may_and_nothing_is_done(name):
    subject, call, _ = VERBS[name]
    made = subject()
    allowed = PERMISSIONS[f"person:{name}"]
    others = [role for role in ROLES if role not in allowed]
    people_of_roles = [given.a_person(f"{role}@another.example.org", WORKS_FOR[role], role) for role in others]
    plain = given.a_person("plain@kent.example.org", "kent", "liaison_officer")
    elsewhere = given.a_lead("essex")
    before = size()
    for one in (PUBLIC, plain, elsewhere, *people_of_roles):
        with pytest.raises(NotPermitted):
            call(made, one)
        assert size() == before


@pytest.mark.parametrize("name", ["disable", "enable"])
def test_a_lead_may_not_shut_anybody_out(name):
    subject, call, _ = VERBS[name]
    made = subject()
    with pytest.raises(NotPermitted):
        call(made, given.a_lead())


@pytest.mark.parametrize("name", [name for name in VERBS if name != "invite"])
def test_whoever_is_not_there_is_not_found(name):
    subject, call, _ = VERBS[name]
    made = subject()
    missing = Membership(id=999_999) if isinstance(made, Membership) else 999_999
    with pytest.raises(NotFound):
        call(missing, given.the_administrator())


# ---- inviting


def test_somebody_invited_has_the_role_no_password_and_a_link_in_the_post():
    link = invite(given.a_lead(), " New.Officer@EXAMPLE.org ", "  New \r\n Officer ")
    person = Person.get(email=NEW)
    assert (person.name, person.password_hash) == ("New Officer", None)
    assert holders("liaison_officer", [kent()], TODAY)[kent()][-1] == person.id
    assert (link.person_id, link.purpose, link.expires_at) == (person.id, "invitation", NOW + timedelta(hours=72))
    assert [(m.kind, m.person_id) for m in Message.select()] == [("invitation", person.id)]
    event = History.select().order_by(History.id.desc()).first()
    assert event.historydetail_set.first().text == "New Officer, new.officer@example.org"


def test_somebody_of_another_force_keeps_name_and_password_and_is_told():
    essex = given.a_person("essex@example.org", "essex", "liaison_officer", password="pull the other cord", name="Own")
    term = Term("liaison_officer", TODAY)
    kent = given.organisation("kent").id
    known = people.invite(kent, "essex@example.org", "Another Name", term, actor=given.the_administrator(), now=NOW)
    assert known is None
    assert Person.get_by_id(essex.person_id).name == "Own"
    assert len(actor(Person.get_by_id(essex.person_id), TODAY).grants) == 2
    assert [m.kind for m in Message.select()] == ["role_given"]


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a b@example.org", "a@example.org\r\nBcc: b@example.org", "a@b@example.org", "x" * 300 + "@a.org"],
)
def test_an_address_that_is_not_one_is_refused(email):
    with pytest.raises(NotAllowed, match="one e-mail address"):
        invite(given.a_lead(), email)


@pytest.mark.parametrize("name", ["", " \u200b", "a\x00b", "x" * 201])
def test_a_name_nobody_can_read_is_refused(name):
    with pytest.raises(NotAllowed, match="name"):
        invite(given.a_lead(), name=name)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in permissions.FORCE_ROLES])
def test_no_role_of_another_kind_of_organisation_is_given(role):
    for who in (given.a_lead(), given.the_administrator()):
        with pytest.raises(NotAllowed, match="no such role"):
            invite(who, role=role)


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        ({"from_on": TODAY - DAY}, "in the past"),
        ({"to_on": TODAY - DAY}, "before the first day"),
        ({"role": "chief_officer_delegate", "lead": True}, "Only a liaison officer"),
        ({"lead": True, "to_on": TODAY, "slug": "essex"}, "without a lead"),
    ],
)
def test_days_and_leads_that_make_no_sense_are_refused(term, reason):
    with pytest.raises(NotAllowed, match=reason):
        invite(given.the_administrator(), **term)


def test_a_role_is_not_given_twice_for_the_same_days():
    invite(given.a_lead(), to_on=TODAY + 5 * DAY)
    with pytest.raises(NotAllowed, match="already"):
        invite(given.a_lead(), from_on=TODAY + 5 * DAY)
    invite(given.a_lead(), from_on=TODAY + 6 * DAY)


def test_somebody_disabled_is_not_invited_back_by_a_lead():
    disabled(given.a_liaison_officer().person_id)
    with pytest.raises(NotAllowed, match="cannot be invited here"):
        invite(given.a_lead(), "liaison@kent.example.org", role="chief_officer_delegate")


def test_a_lead_learns_nothing_of_whoever_works_elsewhere_and_gives_them_no_role():
    given.a_person("essex@example.org", "essex", "liaison_officer", password="pull the other cord", name="Own")
    given.the_case_officer()
    for address in ("essex@example.org", "case-officer@example.org"):
        with pytest.raises(NotAllowed, match="cannot be invited here"):
            invite(given.a_lead(), address, "Another Name")
    assert Message.select().count() == 0


@pytest.mark.parametrize(("slug", "role"), [("kent", "liaison_officer"), ("kent-pcc", "local_policing_body_reader")])
def test_nobody_both_asks_or_audits_and_answers(slug, role):
    given.an_auditor()
    for address in ("case-officer@example.org", "auditor@audit-body.example.org"):
        given.the_case_officer()
        with pytest.raises(NotAllowed, match="Nobody works for the regulator or the audit body"):
            people.invite(
                given.organisation(slug).id,
                address,
                "Somebody",
                Term(role, TODAY),
                actor=given.the_administrator(),
                now=NOW,
            )


def test_nobody_gives_a_role_to_themselves():
    administrator, regulator = given.the_administrator(), given.organisation("regulator")
    with pytest.raises(NotAllowed, match="themselves"):
        people.grant(administrator.person_id, regulator.id, Term("approver", TODAY), actor=administrator, now=NOW)
    lead = given.a_lead()
    with pytest.raises(NotAllowed, match="themselves"):
        people.grant(
            lead.person_id,
            given.organisation("kent").id,
            Term("chief_officer_delegate", TODAY),
            actor=lead,
            now=NOW,
        )


def test_a_deputy_leads_for_the_days_and_changes_nothing_about_who_leads():
    lead, held = given.a_lead(), an_officer()
    own = given.membership_of(lead)
    people.name_deputy(own.id, held.person_id, TODAY, TODAY + DAY, actor=given.the_administrator(), now=NOW)
    deputy = actor(Person.get_by_id(held.person_id), TODAY)
    assert deputy.led() == (given.organisation("kent").id,)
    invite(deputy, "another@example.org", "Another Officer")
    standing_in = Membership.get(Membership.deputy_for == own.id)
    with pytest.raises(NotAllowed, match="For a longer time give it anew"):
        people.end(standing_in.id, TODAY + 300 * DAY, actor=deputy, now=NOW)
    for verb, subject in ((people.appoint_lead, held), (people.release_lead, own)):
        with pytest.raises(NotPermitted):
            verb(subject.id, actor=deputy, now=NOW)
    with pytest.raises(NotPermitted):
        people.end(own.id, TODAY, actor=deputy, now=NOW)
    with pytest.raises(NotPermitted):
        leads = Term("liaison_officer", TODAY, lead=True)
        people.invite(given.organisation("kent").id, "b@example.org", "B", leads, actor=deputy, now=NOW)
    friend = Person.get(Person.email == "another@example.org")
    for person in (held.person_id, friend.id):
        with pytest.raises(NotPermitted):
            people.name_deputy(own.id, person, TODAY + 2 * DAY, TODAY + 900 * DAY, actor=deputy, now=NOW)


def test_a_role_with_an_end_is_not_ended_later():
    held = an_officer()
    people.end(held.id, TODAY + DAY, actor=given.the_administrator(), now=NOW)
    with pytest.raises(NotAllowed, match="give it anew"):
        people.end(held.id, TODAY + 2 * DAY, actor=given.a_lead(), now=NOW)
    people.end(held.id, TODAY, actor=given.a_lead(), now=NOW)
    assert given.again(held).to_on == TODAY


def test_a_deputy_is_named_once_for_the_same_days():
    held = an_officer()
    in_two_weeks(given.a_lead(), given.a_lead(), held)
    with pytest.raises(NotAllowed, match="already"):
        in_two_weeks(given.a_lead(), given.a_lead(), held)
    assert Membership.select().where(Membership.deputy_for == held.id).count() == 1


# ---- ending, leads and administrators


def test_a_role_holds_to_its_last_day_and_its_deputies_end_with_it():
    held = an_officer()
    deputy = in_two_weeks(given.a_lead(), given.a_lead(), held)
    people.end(held.id, TODAY + DAY, actor=given.a_lead(), now=NOW)
    assert given.again(held).to_on == given.again(deputy).to_on == TODAY + DAY


def test_a_role_is_ended_at_once_by_giving_yesterday_and_not_before():
    held = an_officer()
    with pytest.raises(NotAllowed, match="before yesterday"):
        people.end(held.id, TODAY - 2 * DAY, actor=given.a_lead(), now=NOW)
    people.end(held.id, TODAY - DAY, actor=given.a_lead(), now=NOW)
    assert actor(Person.get_by_id(held.person_id), TODAY).grants == ()
    with pytest.raises(NotAllowed, match="already"):
        people.end(held.id, TODAY, actor=given.a_lead(), now=NOW)


def test_what_was_seen_in_an_older_state_is_not_ended():
    held = an_officer()
    people.end(held.id, TODAY + DAY, actor=given.a_lead(), now=NOW, revision=0)
    with pytest.raises(Stale):
        people.end(held.id, TODAY, actor=given.a_lead(), now=NOW, revision=0)


def test_the_last_lead_stays():
    lead = given.membership_of(given.a_lead())
    for who in (given.a_lead(), given.the_administrator()):
        with pytest.raises(NotAllowed, match="Appoint another lead first"):
            people.end(lead.id, TODAY, actor=who, now=NOW)
        with pytest.raises(NotAllowed, match="Appoint another lead first"):
            people.release_lead(lead.id, actor=who, now=NOW)
    people.appoint_lead(an_officer().id, actor=given.a_lead(), now=NOW)
    people.end(lead.id, TODAY, actor=given.a_lead(), now=NOW)


def test_a_lead_with_a_last_day_or_a_deputy_does_not_stand_for_another():
    lead, officer = given.membership_of(given.a_lead()), an_officer()
    in_two_weeks(given.a_lead(), given.a_liaison_officer(), lead)
    people.appoint_lead(officer.id, actor=given.a_lead(), now=NOW)
    people.end(officer.id, TODAY + 30 * DAY, actor=given.a_lead(), now=NOW)
    with pytest.raises(NotAllowed, match="Appoint another lead first"):
        people.end(lead.id, TODAY, actor=given.a_lead(), now=NOW)


def test_whoever_stands_in_for_a_lead_manages_people_meanwhile():
    lead = given.membership_of(given.a_lead())
    officer = given.a_liaison_officer()
    in_two_weeks(given.a_lead(), officer, lead)
    stand_in = Person.get_by_id(officer.person_id)
    invite(actor(stand_in, TODAY))
    later = TODAY + 15 * DAY
    assert not permissions.may(actor(stand_in, later), "person:invite", kent())


def test_the_last_administrator_is_neither_ended_nor_disabled():
    alone = given.the_administrator()
    with pytest.raises(NotAllowed, match="without an administrator"):
        people.end(given.membership_of(alone).id, TODAY, actor=alone, now=NOW)
    with pytest.raises(NotAllowed, match="without an administrator"):
        people.disable(alone.person_id, actor=given.the_system(), now=NOW)
    with pytest.raises(NotAllowed, match="cannot disable yourself"):
        people.disable(alone.person_id, actor=alone, now=NOW)
    second = given.a_person("second@example.org", "regulator", "administrator")
    people.disable(alone.person_id, actor=second, now=NOW)


def test_two_administrators_who_disable_each_other_at_once_leave_one(shared_database):
    given.a_register()
    one, other = given.the_administrator(), given.a_person("second@example.org", "regulator", "administrator")
    outcomes = given.together(
        lambda: people.disable(one.person_id, actor=other, now=NOW),
        lambda: people.disable(other.person_id, actor=one, now=NOW),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotAllowed", "Person"]


def test_the_register_itself_is_left_alone():
    system = given.the_system()
    with pytest.raises(NotAllowed):
        people.disable(system.person_id, actor=given.the_administrator(), now=NOW)
    with pytest.raises(NotAllowed):
        people.end(given.membership_of(system).id, TODAY, actor=given.the_administrator(), now=NOW)
    with pytest.raises(NotAllowed):
        people.send_link(system.person_id, actor=given.the_administrator(), now=NOW)


# ---- deputies, disabling, links


def test_a_deputy_has_the_role_for_the_days_and_the_event_says_so():
    lead, delegate = given.a_lead(), given.a_person("delegate@kent.example.org", "kent", "chief_officer_delegate")
    deputy = in_two_weeks(lead, delegate, an_officer())
    assert (deputy.role, deputy.deputy_for_id) == ("liaison_officer", an_officer().id)
    assert actor(Person.get_by_id(delegate.person_id), TODAY + 14 * DAY).has("liaison_officer")
    assert not actor(Person.get_by_id(delegate.person_id), TODAY + 15 * DAY).has("liaison_officer")
    facts = json.loads(History.select().order_by(History.id.desc()).first().facts)
    assert (facts["from_on"], facts["to_on"]) == ("2026-03-02", "2026-03-16")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (given.a_liaison_officer, "their own deputy"),
        (lambda: given.a_liaison_officer("essex"), "same organisation"),
    ],
)
def test_a_deputy_is_somebody_else_of_the_same_organisation(who, reason):
    held = an_officer()
    with pytest.raises(NotAllowed, match=reason):
        in_two_weeks(given.a_lead(), who(), held)


def test_somebody_disabled_is_out_at_once_and_in_again_when_enabled():
    officer = given.a_liaison_officer()
    person = Person.get_by_id(officer.person_id)
    Session.create(key_hash="x", person=person, created_at=NOW, last_seen_at=NOW)
    link = people.send_link(person.id, actor=given.a_lead(), now=NOW)
    people.disable(person.id, actor=given.the_administrator(), now=NOW)
    assert Session.get().ended_at == NOW
    assert not sign_ins.is_open(sign_ins.find_link(sign_ins.token(link, "key"), "key"), NOW)
    assert actor(given.again(person), TODAY).grants == ()
    people.enable(person.id, actor=given.the_administrator(), now=NOW)
    assert actor(given.again(person), TODAY).has("liaison_officer")


def test_a_link_is_an_invitation_until_there_is_a_password():
    officer = given.a_liaison_officer()
    assert people.send_link(officer.person_id, actor=given.a_lead(), now=NOW).purpose == "invitation"
    Person.update(password_hash="some hash").where(Person.id == officer.person_id).execute()
    assert people.send_link(officer.person_id, actor=given.a_lead(), now=NOW).purpose == "reset"
    assert [m.kind for m in Message.select().order_by(Message.id)] == ["invitation", "reset"]


def test_every_verb_about_people_is_in_the_table_above():
    functions = {name: one for name, one in vars(people).items() if getattr(one, "__module__", "") == people.__name__}
    assert {name for name, one in functions.items() if hasattr(one, "__wrapped__")} == set(VERBS)


def test_two_leads_who_end_each_other_at_once_leave_one(shared_database):
    given.a_register()
    one, other = given.a_lead(), given.a_person("second@kent.example.org", "kent", "liaison_officer", lead=True)
    mine, theirs = given.membership_of(one), given.membership_of(other)
    outcomes = given.together(
        lambda: people.end(mine.id, TODAY, actor=other, now=NOW),
        lambda: people.end(theirs.id, TODAY, actor=one, now=NOW),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Membership", "NotAllowed"]
