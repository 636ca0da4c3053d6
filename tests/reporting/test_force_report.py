"""What is gathered for a report: the assignments as the reader may see them, in a fixed number of queries."""

import json

import pytest

from registry.actions import assignments
from registry.records.assignments import Assignment
from registry.records.database import NotFound
from registry.records.installation import Installation
from registry.reporting.force_report import ForceReport, gather
from registry.rules.permissions import PUBLIC
from tests import given
from tests.given import DAY, NOW


@pytest.fixture(autouse=True)
def _register(database):
    given.a_register()


def of_kent(*, actor=None, as_at=NOW) -> ForceReport:
    return gather(given.organisation("kent").id, actor=actor or given.the_case_officer(), as_at=as_at)


def lines(report: ForceReport) -> list:
    return [line for group in report.groups for line in group.lines]


def the_line(report: ForceReport):
    (line,) = lines(report)
    return line


def test_an_organisation_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        gather(999_999, actor=given.the_case_officer(), as_at=NOW)


def test_a_line_tells_the_four_facts_and_both_dates():
    assignment = given.an_assignment(made_at=NOW - 60 * DAY)
    assignments.acknowledge(assignment.id, actor=given.a_liaison_officer(), now=NOW - 59 * DAY)
    given.replied(assignment, "accepted_in_part", now=NOW - DAY)
    assignments.report_progress(assignment.id, "Two of five suites.", actor=given.a_liaison_officer(), now=NOW)
    line = the_line(of_kent())
    made_on = (NOW - 60 * DAY).date()
    assert (line.made_on, line.statutory_last_day, line.response_due_on) == (
        made_on,
        made_on + 55 * DAY,
        made_on + 56 * DAY,
    )
    assert (line.reply_clock, line.days_late, line.late_in_law) == ("replied_late", 3, True)
    assert (line.acknowledged_on, line.received_on) == (made_on + DAY, made_on + 59 * DAY)
    assert (line.acceptance, line.implementation, line.audit_result) == (
        "accepted_in_part",
        "under_way",
        "not_audited",
    )
    assert line.progress.text == "Two of five suites."
    assert line.summary == "Accepted in part on 1 March 2026; work under way; not yet checked."


def test_only_the_latest_progress_is_told():
    assignment = given.an_assignment()
    for text in ("First.", "Second."):
        assignments.report_progress(assignment.id, text, actor=given.a_liaison_officer(), now=NOW)
    assert the_line(of_kent()).progress.text == "Second."


def test_what_is_owed_comes_first_and_what_is_settled_last():
    given.replied(given.an_assignment(made_at=NOW - 90 * DAY), now=NOW - 80 * DAY)
    given.an_assignment(to=("npcc",), in_scope=("kent",))
    given.an_assignment(basis="section_10")
    given.an_assignment(made_at=NOW - 10 * DAY)
    given.an_assignment(made_at=NOW - 50 * DAY)
    given.an_assignment(made_at=NOW - 70 * DAY)
    report = of_kent()
    told = [(group.key, [line.reply_clock for line in group.lines]) for group in report.groups]
    assert told == [
        ("owed", ["overdue", "due_soon"]),
        ("awaited", ["running", "no_deadline"]),
        ("in_scope", ["no_deadline"]),
        ("replied", ["replied_in_time"]),
    ]
    assert report.longest_overdue == 14


def test_a_closed_assignment_has_no_running_clock():
    assignment = given.an_assignment(made_at=NOW - 200 * DAY)
    Assignment.update(closed_on=NOW.date(), closed_reason="withdrawn").where(Assignment.id == assignment.id).execute()
    report = of_kent()
    line = the_line(report)
    assert [group.key for group in report.groups] == ["closed"]
    assert (line.days_late, line.summary) == (0, "Closed on 2 March 2026: Withdrawn.")


def test_a_policing_body_is_not_told_what_is_not_disclosed():
    assignment = given.an_assignment()
    given.replied(assignment)
    assignments.report_done(assignment.id, "For the regulator.", actor=given.a_liaison_officer(), now=NOW)
    line = the_line(of_kent(actor=given.a_policing_body_reader()))
    assert line.acceptance is line.applicability is line.progress is None
    assert (line.implementation, line.audit_result) == ("reported_done", "not_audited")
    assert "Accepted" not in line.summary


def test_the_public_is_told_only_what_is_published():
    given.an_assignment(published=True)
    given.an_assignment()
    line = the_line(of_kent(actor=PUBLIC))
    assert line.acceptance == "awaiting"
    assert line.implementation is line.audit_result is line.disputed is line.sites_total is None
    assert of_kent(actor=PUBLIC).made_for == "the public"


def test_a_planned_audit_is_told_to_nobody_because_a_report_is_handed_on():
    assignment = given.an_assignment()
    Assignment.update(audit_result="planned").where(Assignment.id == assignment.id).execute()
    assert the_line(of_kent(actor=given.a_liaison_officer())).audit_result == "not_audited"
    assert the_line(of_kent()).audit_result == "not_audited"


def test_the_number_of_queries_does_not_grow_with_the_assignments():
    def count(actor) -> int:
        with given.queries() as sent:
            of_kent(actor=actor)
        return len(sent)

    readers = (given.the_case_officer(), given.a_liaison_officer(), given.a_policing_body_reader(), PUBLIC)
    given.an_assignment(published=True)
    before = [count(actor) for actor in readers]
    given.a_published_notice(titles=[f"Number {n}" for n in range(25)])
    for assignment in Assignment.select():
        assignments.report_progress(assignment.id, "On it.", actor=given.a_liaison_officer(), now=NOW)
    assert [count(actor) for actor in readers] == before
    assert max(before) <= 9


def test_the_report_is_one_json_text_the_same_each_time():
    given.an_assignment(made_at=NOW - 70 * DAY)
    report = of_kent()
    read = json.loads(report.canonical)
    assert read["organisation"] == "kent"
    assert read["as_at"] == "2026-03-02T09:00:00+00:00"
    assert read["figures"]["overdue"] == {"n": 1, "of": 1}
    assert read["groups"][0]["lines"][0]["statutory_last_day"] == "2026-02-15"
    assert of_kent().canonical == report.canonical


def test_the_report_says_for_whom_it_was_made_and_whether_all_is_invented():
    report = of_kent(actor=given.a_person("ann@example.org", "regulator", "case_officer", name="Ann Field"))
    assert (report.made_for, report.reader, report.demonstration) == ("Ann Field, Regulator", "regulator", False)
    Installation.update(kind="demonstration").execute()
    assert of_kent().demonstration
