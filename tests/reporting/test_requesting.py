"""Asking for a report: who may, once at a time, and who may read what was made."""

import pytest

from registry.actions.reports import request_report
from registry.records import people
from registry.records.database import NotFound
from registry.records.history import History
from registry.records.jobs import ReportJob, readable
from registry.records.people import Membership, Person
from registry.rules.permissions import PUBLIC, NotPermitted
from registry.rules.workflow import NotAllowed
from tests import given
from tests.given import NOW


def ask(actor, slug: str = "kent", kind: str = "force") -> ReportJob:
    return request_report(kind, given.organisation(slug).id, actor=actor, now=NOW)


def test_regulator_and_auditor_may_ask_about_any_organisation(database):
    given.a_register()
    for actor in (given.the_case_officer(), given.an_auditor()):
        for slug in ("kent", "essex", "npcc"):
            assert ask(actor, slug).state == "queued"


def test_a_force_may_ask_about_itself_alone(database):
    given.a_register()
    assert ask(given.a_liaison_officer("kent"), "kent").organisation == given.organisation("kent")
    with pytest.raises(NotPermitted):
        ask(given.a_liaison_officer("kent"), "essex")


def test_nobody_else_may_ask(database):
    given.a_register()
    for actor in (given.a_policing_body_reader(), PUBLIC):
        with pytest.raises(NotPermitted):
            ask(actor)
    assert ReportJob.select().count() == 0


def test_an_unknown_kind_or_organisation_is_refused(database):
    given.a_register()
    with pytest.raises(NotAllowed, match="no such kind"):
        ask(given.the_case_officer(), kind="horoscope")
    with pytest.raises(NotFound):
        request_report("force", 999_999, actor=given.the_case_officer(), now=NOW)


def test_asking_is_one_event(database):
    given.a_register()
    job = ask(given.the_case_officer())
    event = History.get()
    assert (event.verb, event.subject_type, event.subject_id) == ("report.requested", "report_job", job.id)
    assert event.facts == '{"kind":"force","organisation":"kent"}'


def test_asking_again_while_it_waits_gives_the_same_report(database):
    given.a_register()
    first = ask(given.the_case_officer())
    assert ask(given.the_case_officer()) == first
    assert given.events() == ["report.requested"]
    assert ask(given.the_case_officer(), "essex") != first
    assert ask(given.an_auditor()) != first


def test_asking_again_when_it_is_ready_gives_a_new_one(database):
    given.a_register()
    first = ask(given.the_case_officer())
    ReportJob.update(state="ready").execute()
    assert ask(given.the_case_officer()) != first


def test_two_clicks_at_once_ask_for_one_report(shared_database):
    given.a_register()
    officer = given.the_case_officer()
    outcomes = given.together(lambda: ask(officer), lambda: ask(officer))
    assert outcomes[0] == outcomes[1]
    assert ReportJob.select().count() == 1


def test_everybody_reads_what_they_asked_for_newest_first(database):
    given.a_register()
    mine = [ask(given.the_case_officer(), slug) for slug in ("kent", "essex")]
    ask(given.an_auditor())
    assert list(readable(given.the_case_officer())) == mine[::-1]
    assert list(readable(PUBLIC)) == []


def test_who_has_left_a_force_no_longer_reads_its_report(database):
    given.a_register()
    officer = given.a_liaison_officer("kent")
    ask(officer)
    assert readable(officer).count() == 1
    Membership.update(organisation=given.organisation("essex")).where(Membership.person == officer.person_id).execute()
    moved = people.actor(Person.get_by_id(officer.person_id), NOW.date())
    assert readable(moved).count() == 0
