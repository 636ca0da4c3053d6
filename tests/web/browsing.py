"""The browser of the page tests."""

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from registry.actions import sign_ins
from registry.actions.sign_ins import Origin
from registry.records.people import Person
from registry.rules.permissions import Actor
from registry.web.access import SEEN


class Browser:
    """A person at the site. `get` and `post` return the answer; `page` and `text` are of the last HTML page."""

    def __init__(self, app: Flask, actor: Actor | None):
        self.client = app.test_client()
        self.html = ""
        if actor:
            now = app.extensions["registry_clock"]()
            key, _ = sign_ins.new_session(Person.get_by_id(actor.person_id), Origin("127.0.0.1", "A test"), now)
            with self.client.session_transaction() as session:
                session.update({"_user_id": key, "_fresh": True, SEEN: int(now.timestamp())})

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
    """A title, one h1, a language, unique ids, labelled fields, links that say something, tables with headers."""
    page = html5lib.parse(html, namespaceHTMLElements=False)
    assert page.get("lang"), f"{path}: no language"
    assert "".join(page.find(".//title").itertext()).strip(), f"{path}: no title"
    assert len(page.findall(".//h1")) == 1, f"{path}: not one h1"
    ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
    assert not [name for name, count in ids.items() if count > 1], f"{path}: repeated ids {ids.most_common(3)}"
    _check_fields(page, ids, path)
    for link in page.iter("a"):
        assert "".join(link.itertext()).strip(), f"{path}: a link without words"
        target = link.get("href", "")
        assert not target.startswith("#") or target[1:] in ids, f"{path}: {target} leads nowhere"
    for table in page.iter("table"):
        assert table.find("caption") is not None, f"{path}: a table without a caption"
        assert all(cell.get("scope") for cell in table.iter("th")), f"{path}: a header cell without a scope"


def _check_fields(page: Element, ids: Counter, path: str) -> None:
    labels = {label.get("for") for label in page.iter("label")}
    for kind in ("input", "textarea", "select"):
        for field in page.iter(kind):
            if field.get("type") not in ("hidden", "submit"):
                assert field.get("id") in labels, f"{path}: {field.get('name')} has no label"
            for described in field.get("aria-describedby", "").split():
                assert described in ids, f"{path}: {described} is not there"
