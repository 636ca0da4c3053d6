"""The whole story, in a real browser, on the demonstration: from a draft to a PDF."""

import io

import pytest
from pypdf import PdfReader

from tests.browser.site import Person, Site

pytestmark = pytest.mark.browser

TITLE = "Fit cell hatches that cannot hold a ligature"
FORCE = "aldermere"
WINDOWS = {"desktop": (1100, True), "phone": (375, True), "phone-without-javascript": (375, False)}


@pytest.mark.parametrize(("width", "scripts"), WINDOWS.values(), ids=WINDOWS)
def test_a_notice_goes_from_draft_to_a_pdf_the_same_afternoon(site: Site, chromium, width, scripts):
    def somebody(email: str | None = None) -> Person:
        return Person(site, chromium, email, width=width, scripts=scripts)

    draft = write(somebody("author@example.org"))
    approve_and_make(somebody("approver@example.org"), draft)
    nobody_outside_sees_it(somebody())
    acknowledge_and_reply(somebody(f"liaison.{FORCE}@example.org"))
    publish_and_decide(somebody("case-officer@example.org"))
    report_done(somebody(f"liaison.{FORCE}@example.org"))
    everybody_reads_it(somebody())
    assert FORCE.title() in download(somebody("auditor@example.org"))


def write(author: Person) -> str:
    author.press("Start a draft")
    author.press("Save the draft")
    author.sees("There is a problem")
    author.check_page()
    author.fill("Title", TITLE)
    author.fill("Recommendation", "Replace hatches that a cord can be tied to.\n\n- in cells\n- in holding rooms")
    author.fill("Background", "A hatch was used as a fixing point. Nobody was hurt.")
    author.fill("Case references", "2026/000001")
    author.tick("Paragraph 28A: recipients must reply within 56 days")
    author.page.locator("summary").first.click()
    author.tick("Aldermere Police")
    author.page.locator("#in_scope").check()
    author.press("Save the draft")
    author.sees(TITLE)
    author.check_page()
    address = author.page.url.removeprefix(author.site.address)
    author.press("Send for approval")
    author.sees("Waiting for approval")
    author.leave()
    return address


def approve_and_make(approver: Person, draft: str) -> None:
    approver.check_page()
    approver.open(draft)
    approver.press("Read and approve")
    approver.sees("in holding rooms")
    approver.check_page()
    approver.press("Approve this text")
    approver.press("Make the notice")
    approver.sees("Last day for the reply in law")
    approver.check_page()
    approver.press("Make the notice now")
    approver.sees("The time for replies has started")
    approver.check_page()
    approver.leave()


def nobody_outside_sees_it(reader: Person) -> None:
    reader.open("/recommendations?q=hatches+ligature")
    reader.sees_not(TITLE)
    reader.open(f"/organisations/{FORCE}")
    reader.sees_not(TITLE)
    reader.leave()


def acknowledge_and_reply(officer: Person) -> None:
    officer.site.command("deliver")
    letters = officer.site.letters_to(f"liaison.{FORCE}@example.org")
    [letter] = [text for text in letters if "hatches" in text]
    assert officer.site.address in letter
    officer.check_page()
    officer.follow(TITLE)
    officer.press("Acknowledge receipt")
    officer.check_page()
    officer.press("Acknowledge receipt")
    officer.sees("Receipt acknowledged")
    officer.press("Reply")
    officer.press("Send the reply")
    officer.sees("Choose whether the recommendation is accepted")
    officer.check_page()
    officer.tick("Accepted")
    officer.fill("What has been done?", "Every hatch was looked at.")
    officer.fill("What will be done, and by when?", "All are replaced by the summer.")
    officer.press("Send the reply")
    officer.sees("Replied in time")
    officer.check_page()
    officer.leave()


def publish_and_decide(officer: Person) -> None:
    officer.check_page()
    officer.open("/recommendations?q=hatches")
    officer.follow(TITLE)
    officer.follow("The notice")
    officer.press("Publish")
    officer.tick("There is nobody to tell")
    for check in ("No proceedings", "Nobody can be identified", "The wording does not", "Show the public what each"):
        officer.page.get_by_label(check).check()
    officer.check_page()
    officer.press("Publish")
    officer.sees("The notice is on the public register")
    officer.follow("Aldermere Police")
    officer.press("Decide publication")
    officer.check_page()
    officer.tick("All of it")
    officer.press("Record the decision")
    officer.press("Publish the reply")
    officer.sees("The reply is public")
    officer.leave()


def report_done(officer: Person) -> None:
    officer.open("/assignments?q=hatches")
    officer.check_page()
    officer.follow(TITLE)
    officer.press("Report that it is done")
    officer.fill("What is the position?", "All hatches are replaced.")
    officer.press("Report that it is done")
    officer.sees("the force says done; not yet checked.")
    officer.leave()


def everybody_reads_it(reader: Person) -> None:
    reader.open("/")
    reader.check_page()
    reader.fill("Search recommendations", "hatch")
    reader.press("Search")
    reader.check_page()
    reader.follow(TITLE)
    reader.sees("Force says done")
    reader.sees("Not shown to the public")
    reader.check_page()
    for path in ("/organisations", f"/organisations/{FORCE}", "/sign-in", "/nowhere"):
        reader.open(path)
        reader.check_page()
    reader.leave()


def download(auditor: Person) -> str:
    auditor.check_page()
    auditor.follow("Get a PDF report about a force")
    auditor.check_page()
    auditor.page.get_by_label("Organisation").select_option("Aldermere Police")
    auditor.press("Make the report")
    link = auditor.page.get_by_role("button", name="Download the PDF")
    link.wait_for(timeout=60_000)
    auditor.check_page()
    with auditor.page.expect_download() as waiting:
        link.click()
    with open(waiting.value.path(), "rb") as file:
        reader = PdfReader(io.BytesIO(file.read()))
    auditor.leave()
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "Fit cell hatches" in text and "Force says done" in text
    return text
