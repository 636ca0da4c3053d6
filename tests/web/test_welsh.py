"""What a member of the public reads in Welsh is Welsh: every fixed text of every public page, in every state."""

import io
import re
from functools import cache

import html5lib
import pytest
from babel.messages.pofile import read_po

from registry import config
from registry.records.organisations import Organisation
from registry.records.people import Person
from registry.records.recommendations import Notice, Recommendation, Topic
from registry.rules import wording
from registry.web.language import LANGUAGES
from tests.web import scenes

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# Words of the wording tables that only people who are signed in ever see.
INSIDE = {"ROLE", "NOTICE_STATE", "CONTACT_CHANNEL", "REPORT_STATE", "EVENTS", "FACT_WORDS"}
ATTRIBUTES = ("aria-label", "data-label", "alt", "title", "placeholder")


@cache
def messages() -> dict[str, str]:
    """English -> Welsh, of the texts that are translated."""
    file = config.PACKAGE / "translations" / "cy" / "LC_MESSAGES" / "messages.po"
    return {m.id: m.string for m in read_po(io.BytesIO(file.read_bytes()), locale="cy") if m.id and m.string}


def test_placeholders_agree_in_both_languages():
    for english, welsh in messages().items():
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(welsh)), english
        assert welsh.count("%") == len(PLACEHOLDER.findall(welsh)), f"a loose percent sign: {welsh}"


def test_the_translations_begin_and_end_as_the_texts_do():
    for english, welsh in messages().items():
        assert (english[0] == " ", english[-1] == " ") == (welsh[0] == " ", welsh[-1] == " "), english
        assert (english[-1] in ".:?") == (welsh[-1] in ".:?"), english


def test_no_translation_is_the_english_text():
    assert [english for english, welsh in messages().items() if english == welsh] == []


@pytest.mark.parametrize(
    "table", [name for name, value in vars(wording).items() if isinstance(value, dict) and name.strip("_").isupper()]
)
def test_every_state_the_public_can_read_has_its_welsh_word(table):
    if table not in INSIDE:
        assert [text for text in getattr(wording, table).values() if text not in messages()] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scene", ["empty", "every-state", "long-words"])
def test_no_fixed_english_is_left_on_a_public_page(register, browse, scene):
    scenes.SCENES[scene]()
    reader = browse(now=scenes.LATER)
    reader.client.set_cookie("language", "cy")
    reader.client.get("/")
    pages = scenes.walk(reader).pages
    assert len(pages) > 15
    known = welsh_texts() | {re.escape(text) for text in data()}
    months = "|".join(messages()[month] for month in wording.MONTHS)
    whole = re.compile("|".join([rf"(\d+ )?({months}) \d{{4}}", *sorted(known, key=len, reverse=True)]))
    for path, html in pages.items():
        for text in texts(html):
            label, _, value = text.partition(": ")
            said = whole.fullmatch(text) or whole.fullmatch(text.rstrip("."))
            assert said or (whole.fullmatch(label) and whole.fullmatch(value)), f"{path}: {text!r} is not Welsh"


def welsh_texts() -> set[str]:
    """Each translated text, its placeholders standing for anything; untranslated ones are not among them."""
    found = set()
    for welsh in messages().values():
        parts = [re.escape(part.strip()) for part in re.split(r"%\(\w+\)s", welsh)]
        if any(re.search(r"[^\W\d_]{2}", part) for part in parts):
            found.add(".+".join(parts).replace("\\ ", " "))
    return found


def data() -> set[str]:
    """What people have entered, and the two languages' own names."""
    found = {*LANGUAGES.values()}
    for table, columns in ((Organisation, "name region"), (Recommendation, "title body reference"), (Topic, "name")):
        for row in table.select():
            found |= {" ".join(str(getattr(row, column)).split()) for column in columns.split()}
    for person in Person.select():
        found |= {person.name, person.email}
    for notice in Notice.select():
        found |= {" ".join(line.strip("- ").split()) for line in notice.background.splitlines()}
    return found | {"Looked at.", "None.", "zzz", "cords", "X" * 40}


def texts(html: str) -> set[str]:
    """The texts of a page and of the attributes that are read out, cut where the templates put them together.

    What was searched for is marked in titles, which are read whole, and in excerpts of what people wrote.
    """
    page = html5lib.parse(html, namespaceHTMLElements=False)
    found = []
    for excerpt in page.iterfind(".//*[@class='register-excerpt']"):
        excerpt.clear()
    for element in page.iter():
        marked = element.find("mark") is not None
        if marked:
            found.append("".join(element.itertext()))
        elif element.tag not in ("script", "style", "mark"):
            found += [element.text, *(element.get(name) for name in ATTRIBUTES)]
        if element.tag != "mark":
            found.append(element.tail)
    cut = [part for text in found if text for part in re.split(r" · | – |; |^Gwall: ", " ".join(text.split()))]
    return {
        part.strip(" .:,") if part.count(" ") < 1 else part.strip().removeprefix(". ")
        for part in cut
        if re.search("[A-Za-z]{2}", part)
    }
