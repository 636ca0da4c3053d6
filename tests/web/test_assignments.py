"""What an organisation, and the regulator, do with an assignment on their pages."""

import pytest

from registry.records import desks
from registry.records.assignments import Contact, Response
from registry.records.jobs import ReportJob
from tests import given
from tests.given import DAY, NOW

REPLY = {
    "acceptance": "accepted",
    "action_taken": "We replaced the cords.",
    "action_proposed": "",
    "why_none": "",
    "representations": "",
}


@pytest.fixture
def assignment(register):
    return given.an_assignment(published=True)


def test_a_liaison_officer_finds_acknowledges_and_replies(assignment, browse):
    officer = browse(given.a_liaison_officer())
    officer.get("/desk")
    assert "Replace emergency pull cords" in officer.text
    officer.post(f"/assignments/{assignment.id}/acknowledge")
    assert given.again(assignment).acknowledged_on == NOW.date()
    officer.get(f"/assignments/{assignment.id}/respond")
    officer.post(f"/assignments/{assignment.id}/respond", **REPLY, revision=officer.value("revision"))
    assert "We replaced the cords." in officer.text and "Accepted on 2 March 2026" in officer.text
    officer.post(f"/assignments/{assignment.id}/report-progress", text="Half of the cords are gone.")
    officer.post(f"/assignments/{assignment.id}/report-done", text="All are gone.")
    assert "the force says done; not yet checked." in officer.text


def test_the_regulator_decides_and_publishes_a_part_of_the_reply(assignment, browse):
    given.replied(assignment, action_taken="We did it. Officer X was told.", representations="Please leave out X.")
    officer, public = browse(given.the_case_officer()), browse()
    page = f"/assignments/{assignment.id}"
    officer.get(f"{page}/decide-publication")
    revision = {"revision": officer.value("revision")}
    officer.post(f"{page}/decide-publication", status=400, extent="part", redacted_text="", reason="", **revision)
    assert officer.errors() == ["Write the text that remains", "Say why not all of the reply is shown"]
    officer.post(
        f"{page}/decide-publication", extent="part", redacted_text="We did it.", reason="Names a person", **revision
    )
    officer.get(f"{page}/decide-disclosure")
    revision = {"revision": officer.value("revision")}
    officer.post(f"{page}/decide-disclosure", extent="none", redacted_text="", reason="Not asked for", **revision)
    officer.post(f"{page}/publish-response")
    public.get(f"/recommendations/{assignment.recommendation.reference}")
    assert "Accepted" in public.text
    assert "Part of the reply was published. This is the part:" in public.text and "We did it." in public.text
    assert "Officer X" not in public.text and "leave out X" not in public.text
    reader = browse(given.a_policing_body_reader())
    reader.get(page)
    assert "We did it." in reader.text and "Officer X" not in reader.text and "leave out X" not in reader.text
    addressee = browse(given.a_liaison_officer())
    addressee.get(page)
    assert "Officer X" in addressee.text


def test_a_policing_body_sees_no_word_of_a_reply_before_disclosure_is_decided(assignment, browse):
    given.replied(assignment, action_taken="Our own words.")
    reader = browse(given.a_policing_body_reader())
    reader.get(f"/assignments/{assignment.id}")
    assert "Our own words" not in reader.text and "Accepted" not in reader.text.replace("Accepted?", "")
    extent = given.assignments.Extent("all")
    given.assignments.decide_disclosure(assignment.id, extent, actor=given.the_case_officer(), now=NOW)
    reader.get(f"/assignments/{assignment.id}")
    assert "Our own words" in reader.text


def test_a_policing_body_reads_before_publication_only_what_it_was_copied(register, browse):
    reader = browse(given.a_policing_body_reader())
    copied = given.a_made_notice(titles=["Copied"])
    invited = given.a_made_notice(titles=["Invited"], basis="section_10")
    in_scope = given.a_made_notice(titles=["In scope"], to=["npcc"], in_scope=["kent"])
    reader.get(f"/notices/{copied.reference}")
    reader.get(f"/assignments/{given.assignment_of(copied).id}")
    for notice in (invited, in_scope):
        reader.get(f"/notices/{notice.reference}", status=404)
        reader.get(f"/assignments/{given.assignment_of(notice).id}", status=404)
    given.publish(in_scope)
    reader.get(f"/assignments/{given.assignment_of(in_scope).id}")


def test_a_reply_by_post_is_recorded_with_the_day_it_came(assignment, browse):
    officer = browse(given.the_case_officer(), now=NOW + 60 * DAY)
    page = f"/assignments/{assignment.id}/respond"
    officer.get(page)
    revision = officer.value("revision")
    officer.post(page, status=400, **REPLY, revision=revision)
    assert officer.errors() == ["Enter the day the letter or e-mail was received"]
    officer.post(page, status=409, **REPLY, revision=revision, received_on=["2", "2", "2026"])
    assert officer.errors() == ["The day of receipt cannot be before the notice was made on 2 March 2026."]
    assert officer.value("action_taken") == "We replaced the cords."
    officer.post(page, **REPLY, revision=revision, received_on=["24", "4", "2026"])
    assert "Replied in time" in officer.text and "It came by post" in officer.text


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"acceptance": ""}, ["Choose whether the recommendation is accepted"]),
        ({"acceptance": "awaiting"}, ["Choose whether the recommendation is accepted"]),
        ({"action_taken": ""}, ["Say what has been done, what will be done, or why nothing is"]),
        ({"acceptance": "not_accepted"}, ["Say why the recommendation is not accepted"]),
        ({"action_taken": "x" * 20_001}, ["What has been done: use 20,000 characters or fewer"]),
        (
            {"action_taken": "a\x00b"},
            ["What has been done holds a character that cannot be shown. Delete it and type it again."],
        ),
    ],
)
def test_a_reply_that_is_not_complete_says_what_is_missing(assignment, browse, change, errors):
    officer = browse(given.a_liaison_officer())
    officer.post(f"/assignments/{assignment.id}/respond", status=400, **{**REPLY, **change}, revision="0")
    assert officer.errors() == errors
    assert Response.select().count() == 0


def test_two_people_answering_at_once_the_second_is_told_and_keeps_the_text(assignment, browse):
    officer = browse(given.a_liaison_officer())
    page = f"/assignments/{assignment.id}/respond"
    officer.get(page)
    revision = officer.value("revision")
    officer.post(page, **REPLY, revision=revision)
    officer.post(page, status=409, **{**REPLY, "action_taken": "My other words"}, revision=revision)
    assert officer.errors() == ["Somebody else changed this after you opened the page."]
    assert officer.value("action_taken") == "My other words"
    assert Response.select().count() == 1


def test_a_second_click_on_acknowledge_does_nothing_twice(assignment, browse):
    officer = browse(given.a_liaison_officer())
    officer.post(f"/assignments/{assignment.id}/acknowledge")
    before = given.events()
    officer.post(f"/assignments/{assignment.id}/acknowledge", status=409)
    assert "already acknowledged" in officer.text
    assert given.events() == before


def test_a_verb_out_of_turn_is_a_plain_page_that_says_why(assignment, browse):
    given.replied(assignment)
    officer = browse(given.a_liaison_officer())
    officer.get(f"/assignments/{assignment.id}/respond", status=409)
    assert "A reply has already been recorded." in officer.text
    case_officer = browse(given.the_case_officer())
    case_officer.post(f"/assignments/{assignment.id}/publish-response", status=409)
    assert "Decide first how much of the reply is published." in case_officer.text


def test_another_forces_assignment_does_not_exist(assignment, browse):
    other = browse(given.a_liaison_officer("essex"))
    for verb in ("", "/acknowledge", "/respond", "/report-progress", "/report-done"):
        other.get(f"/assignments/{assignment.id}{verb}", status=404)
    for verb in ("/acknowledge", "/respond", "/report-progress", "/report-done"):
        other.post(f"/assignments/{assignment.id}{verb}", status=404, **REPLY, text="x")
    other.get("/assignments")
    assert "Replace emergency" not in other.text
    assert given.again(assignment).acknowledged_on is None and Response.select().count() == 0


def test_an_auditor_reads_everything_and_changes_nothing(assignment, browse):
    auditor = browse(given.an_auditor())
    auditor.get("/desk")
    auditor.get("/assignments")
    assert "Replace emergency" in auditor.text
    auditor.get(f"/assignments/{assignment.id}")
    for verb in ("acknowledge", "respond", "report-progress", "report-done", "log-contact", "decide-publication"):
        auditor.post(f"/assignments/{assignment.id}/{verb}", status=403, **REPLY)


def test_an_auditor_who_is_of_the_force_reads_it_as_the_public_does(assignment, browse):
    inside = given.a_person("two-hats@example.org", "kent", "auditor")
    browse(inside).get(f"/assignments/{assignment.id}", status=404)


def test_a_contact_is_logged_for_the_regulator_alone(assignment, browse):
    officer = browse(given.the_case_officer())
    call = {
        "contacted_on": ["2", "3", "2026"],
        "channel": "telephone",
        "spoke_to": "",
        "note": "They will reply on Friday",
    }
    officer.post(f"/assignments/{assignment.id}/log-contact", **call)
    assert "They will reply on Friday" in officer.text and Contact.select().count() == 1
    for person in (given.a_liaison_officer(), given.an_auditor(), given.a_policing_body_reader()):
        reader = browse(person)
        reader.get(f"/assignments/{assignment.id}")
        assert "Friday" not in reader.text and "logged a contact" not in reader.text


def test_the_desk_says_when_an_overdue_reply_was_last_chased(assignment, browse):
    later = NOW + 70 * DAY
    officer = browse(given.the_case_officer(), now=later)
    officer.get("/desk")
    assert "Never" in officer.text
    call = given.assignments.Call(later.date(), "telephone", "No answer")
    given.assignments.log_contact(assignment.id, call, actor=given.the_case_officer(), now=later)
    officer.get("/desk")
    assert "11 May 2026" in officer.text and "Never" not in officer.text


def test_a_report_is_asked_for_and_only_ones_own_force_is_offered(assignment, browse):
    officer = browse(given.a_liaison_officer())
    officer.get("/reports")
    assert "Essex" not in officer.text
    officer.post("/reports", status=400, organisation="essex")
    officer.post("/reports", organisation="kent")
    assert "being made" in officer.text
    job = ReportJob.get()
    browse(given.a_liaison_officer("essex")).get(f"/reports/{job.id}", status=404)
    officer.get(f"/reports/{job.id}/download", status=404)


def test_a_desk_asks_no_more_questions_the_longer_it_is(register, browse):
    counts = []
    for more in (desks.MOST + 1, 5):
        for number in range(more):
            given.a_made_notice(titles=[f"Title {number}"], to=["kent", "essex"])
        for person in (given.the_case_officer(), given.a_liaison_officer()):
            reader = browse(person, now=NOW + 70 * DAY)
            reader.get("/desk")
            with given.queries() as asked:
                reader.get("/desk")
                reader.get("/assignments")
                reader.get("/recommendations")
            counts.append(len(asked))
    assert all(later <= earlier for earlier, later in zip(counts[:2], counts[2:], strict=True))
    assert max(counts) <= 32
