"""The public calculator, and the explanation on an assignment."""

from urllib.parse import urlencode

import pytest

from registry.actions import extensions
from tests import given
from tests.given import NOW


def address(**asked):
    """The address a browser makes of the form: a day has three boxes of one name."""
    pairs = [(name, part) for name, value in asked.items() for part in (value if isinstance(value, list) else [value])]
    return f"/deadlines?{urlencode(pairs)}"


MADE = ["2", "3", "2026"]


def test_anybody_works_out_a_deadline_and_reads_how_it_was_counted(register, browse):
    reader = browse()
    reader.get("/deadlines")
    assert "The written reply" not in reader.text
    reader.get(address(basis="28a", made_on=MADE, extended="14", received_on=["9", "3", "2026"]))
    assert "the last day in law is Sunday 26 April 2026" in reader.text
    assert "14 days given (paragraph 28B(3)): the last day in law moves to Sunday 10 May 2026." in reader.text
    assert "by Sunday 29 March 2026" in reader.text
    assert "The target is Monday 9 March 2026." in reader.text


def test_under_section_10_there_is_no_time_to_count(register, browse):
    reader = browse()
    reader.get(address(basis="section_10", made_on=MADE, extended="14"))
    assert "sets no duty to reply and no time" in reader.text and "28B(3)" not in reader.text.partition("Work out")[0]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"made_on": MADE}, "Choose paragraph 28A or section 10"),
        ({"basis": "28a"}, "Enter the day it was made"),
        ({"basis": "28a", "made_on": ["31", "2", "2026"]}, "Enter a real date"),
        ({"basis": "28a", "made_on": ["1", "5", "2001"]}, "The Police Reform Act is of 2002"),
        ({"basis": "28a", "made_on": MADE, "extended": "many"}, "Enter a whole number from 1 to 366"),
        ({"basis": "28a", "made_on": MADE, "extended": "0"}, "Enter a whole number from 1 to 366"),
        ({"basis": "28a", "made_on": MADE, "received_on": ["1", "3", "2026"]}, "cannot have been received before"),
        ({"basis": "27b", "made_on": MADE}, "Choose paragraph 28A or section 10"),
    ],
)
def test_what_cannot_be_counted_is_told_field_by_field_and_stays_typed(register, browse, asked, words):
    reader = browse()
    reader.get(address(**asked), status=400)
    assert words in reader.text
    if isinstance(asked.get("made_on"), list):
        assert reader.page.find(".//input[@id='made_on-year']").get("value") == asked["made_on"][2]


def test_a_year_whose_holidays_are_not_known_leaves_the_target_open_and_the_law_counts_on(register, browse):
    reader = browse()
    reader.get(address(basis="28a", made_on=["27", "12", "2098"]))
    assert "the target is left open" in reader.text and "the last day in law is" in reader.text


def test_it_works_in_welsh(register, browse):
    reader = browse()
    reader.get("/?lang=cy", status=302)
    reader.get(address(basis="28a", made_on=MADE))
    assert "Dydd Sul 26 Ebrill 2026" in reader.text


def test_an_assignment_explains_its_own_dates_with_what_was_added(register, browse):
    assignment = given.an_assignment_with_more_time_asked()
    wanted = extensions.MoreTime(14, "Why not.")
    extensions.grant_extension(assignment.id, wanted, actor=given.the_case_officer(), now=NOW)
    for person in (given.a_liaison_officer(), given.the_case_officer()):
        reader = browse(person)
        reader.get(f"/assignments/{assignment.id}")
        assert "The date in the letter is Monday 27 April 2026" in reader.text
        assert "14 days given on 2 March 2026 (paragraph 28B(3))" in reader.text
        assert "How the target for acknowledging was counted" in reader.text
