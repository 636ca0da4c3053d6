"""A whole errand for each kind of person with Tab, Enter and Space alone; and the same where no script runs."""

import pytest
from playwright.sync_api import expect

from registry.actions.demonstration_people import SIGN_INS
from tests.browser.site import PASSWORD, Person, Site

pytestmark = pytest.mark.browser

# What has the focus, as it is called; whether it can be seen to have it; and whether it is in the window.
FOCUS = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    const label = e.labels && e.labels.length ? e.labels[0].textContent : "";
    const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none"
        || (e.type === "checkbox" || e.type === "radio");
    return {
        name: (label || e.getAttribute("aria-label") || e.textContent || e.value || "").trim().replace(/\\s+/g, " "),
        main: !!e.closest("main"), seen: marked, inside: box.bottom > 0 && box.top < innerHeight, tag: e.tagName,
    };
}"""
MOST_STEPS = 150


class Keys:
    """A person who has a keyboard and nothing else."""

    def __init__(self, person: Person):
        self.person, self.page = person, person.page

    def focus(self) -> dict | None:
        return self.page.evaluate(FOCUS)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def to(self, name: str, *, main: bool = True) -> None:
        """Tab on until that has the focus; each stop on the way shows that it has it."""
        for _ in range(MOST_STEPS):
            self.press("Tab")
            found = self.focus()
            if found is None:
                continue
            assert found["seen"], f"{self.page.url}: nobody sees that {found['name']!r} has the focus"
            assert found["inside"], f"{self.page.url}: {found['name']!r} has the focus outside the window"
            if found["name"].startswith(name) and found["main"] == main:
                return
        raise AssertionError(f"{self.page.url}: {name!r} cannot be reached by Tab")

    def activate(self, name: str, *, main: bool = True) -> None:
        """Go to a link or a button and press Enter; the next page is waited for."""
        self.to(name, main=main)
        with self.page.expect_navigation():
            self.press("Enter")

    def type(self, label: str, text: str) -> None:
        self.to(label)
        self.press("Control+A")
        self.page.keyboard.type(text)

    def sign_in(self, email: str) -> None:
        self.person.open("/sign-in")
        self.type("E-mail address", email)
        self.type("Password", PASSWORD)
        self.activate("Sign in")
        self.starts_with_a_way_past_the_head()

    def starts_with_a_way_past_the_head(self) -> None:
        """The first stop of a page is the link that skips to its content."""
        self.press("Tab")
        assert self.focus()["name"] == "Skip to main content"
        self.press("Enter")
        self.page.wait_for_url("**#main-content")

    def is_told(self, error: str) -> None:
        """The summary of what is wrong has the focus where scripts run, and leads to the field everywhere."""
        summary = self.page.locator(".govuk-error-summary")
        expect(summary).to_contain_text(error)
        if self.person.scripts:
            expect(summary).to_be_focused()
        self.to(error)
        self.press("Enter")
        if self.person.scripts:
            assert self.focus()["tag"] in ("INPUT", "TEXTAREA", "SELECT")
        else:
            self.page.wait_for_url("**#*")

    def is_not_trapped(self) -> None:
        """Tab leads through the whole page and out of it again, and no stop is set out of its order."""
        assert self.page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
        self.person.open(self.page.url.removeprefix(self.person.site.address).partition("#")[0])
        for _ in range(MOST_STEPS * 2):
            self.press("Tab")
            if self.focus() is None:
                return
        raise AssertionError(f"{self.page.url}: Tab never leaves the page")


def reads(keys: Keys) -> None:
    """Anybody: searches, and reads what was found."""
    keys.person.open("/")
    keys.starts_with_a_way_past_the_head()
    keys.type("Search recommendations", "cords")
    keys.press("Enter")
    keys.page.wait_for_url("**/recommendations?q=cords")
    keys.activate("Replace emergency pull cords")
    keys.person.sees("Who was asked, and where it stands")
    keys.activate("Cymraeg", main=False)
    keys.person.sees("Ynghylch yr argymhelliad hwn")


def writes(keys: Keys) -> None:
    keys.activate("Start a draft")
    keys.activate("Save the draft")
    keys.is_told("Enter a title for the first recommendation")
    keys.person.open("/drafts/new")
    keys.type("Title", "Written without a mouse")
    keys.to("Paragraph 28A")
    keys.press("Space")
    keys.activate("Save the draft")
    keys.person.sees("Written without a mouse")


def returns(keys: Keys) -> None:
    """The approver: reads what waits, and is told that a reason is wanted."""
    keys.page.locator("#review ~ ul a").first.wait_for()
    title = keys.page.locator("#review ~ ul a").first.inner_text()
    keys.activate(title)
    keys.activate("Read and approve")
    keys.activate("Return to the author")
    keys.activate("Return to the author")
    keys.is_told("Say what should change")


def logs_a_contact(keys: Keys) -> None:
    keys.activate("Log a contact")
    keys.activate("Log the contact")
    keys.is_told("Choose how you were in contact")
    keys.to("Telephone")
    keys.press("Space")
    keys.type("What was said?", "They will reply on Friday.")
    keys.activate("Log the contact")
    keys.person.sees("Contact logged")


def looks_around(keys: Keys) -> None:
    keys.activate("Assignments", main=False)
    keys.type("Search", "cords")
    keys.press("Enter")
    keys.page.wait_for_url("**/assignments?q=cords*")
    keys.activate("Replace emergency pull cords")
    keys.person.sees("The four facts")


def replies(keys: Keys) -> None:
    keys.activate("Reply:")
    keys.activate("Send the reply")
    keys.is_told("Choose whether the recommendation is accepted")
    keys.press("Space")
    keys.type("What has been done?", "All of it.")
    keys.activate("Send the reply")
    keys.person.sees("Reply recorded")


def asks_for_a_report(keys: Keys) -> None:
    keys.activate("Reports", main=False)
    keys.activate("Make the report")
    keys.is_told("Choose an organisation")
    keys.page.keyboard.type("Aldermere")
    keys.activate("Make the report")
    keys.person.sees("The report is being made")


ERRANDS = {
    "public": reads,
    "author": writes,
    "approver": returns,
    "case_officer": logs_a_contact,
    "administrator": looks_around,
    "liaison_officer": replies,
    "chief_officer_delegate": looks_around,
    "audit_planner": asks_for_a_report,
    "auditor": asks_for_a_report,
    "local_policing_body_reader": looks_around,
}


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
@pytest.mark.parametrize("role", ERRANDS)
def test_an_errand_is_done_with_the_keyboard_alone(common_site: Site, chromium, role, scripts):
    keys = Keys(Person(common_site, chromium, scripts=scripts))
    if role != "public":
        keys.sign_in(SIGN_INS[role])
    ERRANDS[role](keys)
    keys.is_not_trapped()
    keys.person.leave()


def test_every_role_has_its_errand():
    assert set(ERRANDS) == {"public", *SIGN_INS}
