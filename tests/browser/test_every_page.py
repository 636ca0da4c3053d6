"""Every kind of page for every kind of person, in a real browser: wide, narrow, and with larger letters."""

import re
from collections.abc import Iterator

import pytest

from registry.actions.demonstration_people import SIGN_INS
from tests.browser.site import Person, Site

pytestmark = pytest.mark.browser

ROLES = {"public": None, **SIGN_INS}
MOST_PAGES = 24
LETTERS_TWICE_AS_LARGE = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.parametrize("role", ROLES)
def test_every_kind_of_page_holds_wide_and_narrow(common_site: Site, chromium, role):
    """At 1100 pixels, at 320 (which is 1280 at a zoom of 400 %), and with letters twice as large."""
    person = Person(common_site, chromium, ROLES[role])
    kinds = {}
    for path in pages(person):
        kinds[kind(path)] = path
        person.resize(1100)
        person.open(path)
        person.check_page()
        person.resize(320)
        person.check_page()
        person.resize(640)
        person.page.evaluate(LETTERS_TWICE_AS_LARGE)
        person.check_room()
    assert len(kinds) >= (6 if role == "public" else 8), f"hardly any page was opened: {kinds}"
    person.leave()


@pytest.mark.parametrize("path", ["/", "/recommendations?topic=custody", "/organisations", "/sign-in", "/nowhere"])
def test_a_page_holds_in_welsh(common_site: Site, chromium, path):
    person = Person(common_site, chromium, width=320)
    person.open(path)
    person.follow("Cymraeg")
    assert person.page.url == common_site.address + path
    person.check_page()
    person.resize(1100)
    person.check_page()
    person.leave()


@pytest.mark.parametrize("path", ["/", "/recommendations", "/organisations", "/sign-in"])
def test_a_page_holds_before_its_letters_have_come(common_site: Site, chromium, path):
    """A slow line or a blocked font leaves the machine's own letters, which may be wider."""
    person = Person(common_site, chromium, width=320)
    person.context.route("**/*.woff2", lambda route: route.abort())
    person.open(path)
    person.check_room()
    person.leave()


def pages(person: Person) -> Iterator[str]:
    """One page of each kind that links lead to from the first ones. Whoever asks for them opens each."""
    waiting = ["/", "/desk", "/nowhere"] if person.email else ["/", "/sign-in", "/nowhere"]
    seen = {kind(path) for path in waiting}
    done = 0
    while waiting and done < MOST_PAGES:
        path = waiting.pop(0)
        yield path
        done += 1
        for address in person.page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.getAttribute('href'))"):
            path = address.partition("#")[0]
            file = path.partition("?")[0].endswith(("/download", ".csv"))
            if kind(path) not in seen and "lang=" not in path and not file:
                seen.add(kind(path))
                waiting.append(path)


def kind(path: str) -> str:
    """The address without what tells one thing from another of its kind."""
    path = re.sub(r"/\d+", "/N", path.partition("?")[0])
    return re.sub(r"/(L[NR]-\d+-\d+|organisations/[a-z-]+)", "/one", path)
