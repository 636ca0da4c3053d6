"""The browser of the page tests."""

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from registry.records.people import Person
from registry.rules.permissions import Actor
from registry.web.access import SignedIn
from registry.web.language import LANGUAGES

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Browser:
    """A person at the site. `get` and `post` return the answer; `page` and `text` are of the last HTML page."""

    def __init__(self, app: Flask, actor: Actor | None):
        self.client = app.test_client()
        self.html = ""
        if actor:
            with self.client.session_transaction() as session:
                session["_user_id"] = SignedIn(Person.get_by_id(actor.person_id)).get_id()
                session["_fresh"] = True

    def get(self, path: str, status: int = 200) -> TestResponse:
        """Fetch a page and check it as a careful reader would."""
        return self._seen(self.client.get(path), path, status)

    def post(self, path: str, status: int = 302, **fields: Any) -> TestResponse:
        """Send a form with the token of the session. Fetches what it is sent on to."""
        answer = self.client.post(path, data={"csrf_token": self._token(), **fields})
        self._seen(answer, path, status)
        if answer.status_code == 302:
            self.get(answer.location)
        return answer

    @property
    def text(self) -> str:
        """The words of the last page, with single spaces."""
        return " ".join("".join(self.page.itertext()).split())

    @property
    def page(self) -> Element:
        return html5lib.parse(self.html, namespaceHTMLElements=False)

    def errors(self) -> list[str]:
        """The error summary."""
        return [
            " ".join("".join(item.itertext()).split())
            for item in self.page.findall(".//*[@class='govuk-list govuk-error-summary__list']/li")
        ]

    def value(self, name: str) -> str:
        """What a field of the last page holds."""
        field = self.page.find(f".//*[@name='{name}']")
        assert field is not None, f"there is no field {name}"
        return (field.text or "").removeprefix("\n") if field.tag == "textarea" else field.get("value", "")

    def _token(self) -> str:
        page = self.client.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, "no page gave a token"
        return found.group(1)

    def _seen(self, answer: TestResponse, path: str, status: int) -> TestResponse:
        assert answer.status_code == status, f"{path}: {answer.status_code}, not {status}"
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302):
            self.html = answer.text
            check_page(self.html, path)
        return answer


def check_page(html: str, path: str) -> None:
    """What a careful reader would look for: order, names, languages, fields that say what they are, links that lead."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    assert page.get("lang") in LANGUAGES, f"{path}: no language"
    assert "".join(page.find(".//title").itertext()).strip(), f"{path}: no title"
    assert len(page.findall(".//main")) == 1, f"{path}: not one main part"
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    assert not [name for name, count in ids.items() if count > 1], f"{path}: repeated ids {ids.most_common(3)}"
    _check_headings(page, path)
    _check_fields(page, ids, path)
    _check_errors(page, path)
    _check_links_and_buttons(page, ids, path)
    _check_tables_and_lists(page, path)


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _check_headings(page: Element, path: str) -> None:
    """One h1, none empty, and no level left out. Before it stand only what was done and what is wrong."""
    headings = [element for element in page.iter() if element.tag in HEADINGS]
    assert all(_words(heading) for heading in headings), f"{path}: an empty heading"
    levels = [HEADINGS.index(heading.tag) + 1 for heading in headings]
    assert levels.count(1) == 1, f"{path}: not one h1"
    first = levels.index(1)
    assert set(levels[:first]) <= {2}, f"{path}: headings {levels} before the h1"
    jumps = [pair for pair in zip(levels[first:], levels[first + 1 :], strict=False) if pair[1] > pair[0] + 1]
    assert not jumps, f"{path}: the headings jump: {levels}"


def _check_fields(page: Element, ids: Counter, path: str) -> None:
    labels = {label.get("for") for label in page.iter("label") if _words(label)}
    for kind in ("input", "textarea", "select"):
        for field in page.iter(kind):
            name = field.get("name")
            if field.get("type") not in ("hidden", "submit"):
                assert field.get("id") in labels, f"{path}: {name} has no label"
            if field.get("type") in ("email", "password", "tel"):
                assert field.get("autocomplete"), f"{path}: {name} does not say what it is for"
            for described in field.get("aria-describedby", "").split():
                assert described in ids, f"{path}: {described} is not there"
    for group in page.iter("fieldset"):
        legend = group.find("legend")
        assert legend is not None and _words(legend), f"{path}: a group of fields without a name"


def _check_errors(page: Element, path: str) -> None:
    """Each error of the summary leads to a field; each field in error is in the summary; the title says so."""
    fields = {field.get("id") for kind in ("input", "textarea", "select") for field in page.iter(kind)}
    summary = page.find(".//*[@class='govuk-error-summary']")
    marked = page.findall(".//p[@class='govuk-error-message']")
    if summary is None:
        assert not marked, f"{path}: errors beside fields and no summary"
        return
    for link in summary.iter("a"):
        assert link.get("href", "").removeprefix("#") in fields, f"{path}: {link.get('href')} is no field"
    said = {_words(item) for item in summary.iter("li")}
    for error in marked:
        text = _words(error).partition(":")[2].strip()
        assert text in said, f"{path}: {text!r} is not in the summary"
    assert _words(page.find(".//title")).startswith(("Error: ", "Gwall: ")), f"{path}: the title does not say Error"


def _check_links_and_buttons(page: Element, ids: Counter, path: str) -> None:
    for link in page.iter("a"):
        assert _words(link), f"{path}: a link without words"
        target = link.get("href", "")
        assert not target.startswith("#") or target[1:] in ids, f"{path}: {target} leads nowhere"
        assert not link.get("hreflang") or link.get("lang") == link.get("hreflang"), f"{path}: {target} has no language"
    for button in page.iter("button"):
        assert _words(button) or button.get("aria-label"), f"{path}: a button without words"
    for marked in page.iter():
        assert marked.get("lang", "en") in LANGUAGES, f"{path}: {marked.get('lang')} is no language of ours"
        for named in marked.get("aria-labelledby", "").split():
            assert named in ids, f"{path}: {named} is not there"


def _check_tables_and_lists(page: Element, path: str) -> None:
    for table in page.iter("table"):
        assert table.find("caption") is not None and _words(table.find("caption")), f"{path}: a table without a caption"
        assert all(cell.get("scope") for cell in table.iter("th")), f"{path}: a header cell without a scope"
        assert all(_words(cell) for cell in table.iter("th")), f"{path}: a header cell without words"
    for kind in ("ul", "ol"):
        for found in page.iter(kind):
            assert found.findall("li"), f"{path}: an empty list"
            assert {child.tag for child in found} == {"li"}, f"{path}: a list holds more than its items"
