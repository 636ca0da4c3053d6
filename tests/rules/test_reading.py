"""What one reader may read of an assignment."""

from datetime import date

from registry.rules import reading, wording
from tests.rules.strategies import an_assignment


def nothing(_fact):
    return False


def test_whoever_may_see_nothing_reads_nothing():
    assert set(vars(reading.read(an_assignment(acceptance="accepted"), nothing)).values()) == {None}


def test_where_no_reply_was_asked_or_none_has_come_nothing_is_kept_back():
    shown = reading.read(an_assignment(capacity="in_scope", acceptance="not_asked"), nothing)
    assert shown.acceptance == "not_asked"
    assert reading.read(an_assignment(), nothing).acceptance == "awaiting"


def test_a_planned_audit_is_not_yet_one_to_whoever_may_not_know():
    planned = an_assignment(audit_result="planned")
    assert reading.read(planned, lambda fact: fact == "audit_result").audit_result == "not_audited"
    assert reading.read(planned, lambda fact: fact in ("audit_result", "audit_plan")).audit_result == "planned"


def test_an_audit_under_way_is_told_to_those_it_is_opened_to_and_what_it_finds_to_others():
    under_way = an_assignment(audit_result="under_way")
    assert reading.read(under_way, lambda fact: fact == "audit_result").audit_result == "not_audited"
    assert reading.read(under_way, lambda fact: fact.startswith("audit_")).audit_result == "under_way"
    found = an_assignment(audit_result="in_place")
    assert reading.read(found, lambda fact: fact == "audit_result").audit_result == "in_place"


def test_whoever_is_addressed_under_no_known_duty_is_not_told_to_have_one():
    assert wording.capacity(an_assignment()) == "Must reply"
    assert wording.capacity(an_assignment(basis="not_stated")) == "Recipient"
    assert wording.capacity(an_assignment(basis="section_10", capacity="invited")) == "Invited to reply"


def test_a_reply_that_is_invited_says_by_when():
    asked = an_assignment(
        basis="section_10",
        capacity="invited",
        statutory_last_day=None,
        response_due_on=None,
        invited_by=date(2026, 4, 27),
    )
    words = wording.reply_clock(asked, date(2026, 12, 1))
    assert words == "No legal deadline (reply invited by 27 April 2026)"


def test_where_a_source_says_nothing_of_a_reply_nobody_is_said_to_be_awaited():
    assert wording.acceptance("awaiting", "28a") == "Awaiting reply"
    assert wording.acceptance("awaiting", "not_stated") == "No reply known"
    assert wording.acceptance("accepted", "not_stated") == "Accepted"
