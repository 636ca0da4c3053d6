"""Somebody is invited, comes in by the link in the e-mail, and is let go, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.site import Person, Site

pytestmark = pytest.mark.browser
NEW = "new.officer@example.org"
WORDS = "copper kettle under the stairs"


@pytest.mark.parametrize(("width", "scripts"), [(1100, True), (320, False)], ids=["desktop", "phone-without-scripts"])
def test_somebody_is_invited_comes_in_and_is_let_go(site: Site, chromium: Browser, width: int, scripts: bool) -> None:
    lead = Person(site, chromium, "liaison.aldermere@example.org", width=width, scripts=scripts)
    lead.open("/people")
    lead.check_page()
    lead.press("Invite somebody")
    lead.fill("E-mail address", NEW)
    lead.fill("Name", "New Officer (demonstration)")
    lead.tick("Liaison officer")
    lead.check_page()
    lead.press("Invite")
    lead.sees("A message with all they need is on its way")
    lead.sees("Invited, has not signed in")

    site.command("deliver")
    (letter,) = site.letters_to(NEW)
    path = re.search(r"/links/[0-9]+-[0-9a-f]{40}", letter.replace("=\n", ""))
    assert path, letter
    officer = Person(site, chromium, width=width, scripts=scripts)
    officer.open(path.group(0))
    officer.check_page()
    officer.fill("New password", "aldermere1234")
    officer.fill("New password again", "aldermere1234")
    officer.press("Set the password")
    officer.sees("too easy to guess")
    officer.check_page()
    officer.fill("New password", WORDS)
    officer.fill("New password again", WORDS)
    officer.press("Set the password")
    officer.sees("Your password is set. Sign in with it.")
    officer.fill("E-mail address", NEW)
    officer.fill("Password", WORDS)
    officer.press("Sign in")
    officer.sees("Your desk")
    officer.open(path.group(0))
    officer.sees("This link no longer works")
    officer.check_page()
    officer.open("/account")
    officer.sees("This one")
    officer.check_page()

    administrator = Person(site, chromium, "administrator@example.org", width=width, scripts=scripts)
    administrator.open("/people/organisations/aldermere")
    administrator.follow("New Officer (demonstration)")
    administrator.check_page()
    administrator.press("Disable this person")
    administrator.sees("signed out everywhere")
    officer.open("/desk")
    officer.sees("You are no longer signed in")
    administrator.open("/people/sign-ins")
    administrator.sees("Set a password by a link")
    administrator.check_page()
    for somebody in (lead, officer, administrator):
        somebody.leave()
