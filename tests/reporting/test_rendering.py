"""The PDF: what is on which page, that it is whole for everybody who reads it, and that it is the same each time."""

import logging
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from weasyprint.formatting_structure.boxes import TextBox
from weasyprint.urls import FatalURLFetchingError

from registry import config
from registry.reporting import rendering
from registry.reporting.figures import Share
from tests.reporting import made_up
from tests.reporting.made_up import DONE, OVERDUE, REPLIED, a_line, a_report, many_lines, words

FULL = a_report(*many_lines(25), demonstration=True)
MARK = "Demonstration: invented organisations and events"


# ---- what it says


def test_the_cover_is_the_answer_on_one_page():
    cover = words(FULL)[0]
    for text in (
        "Kent Police",
        "As at 2 March 2026 at 09:05",
        "3 of 5 Replied on time",
        "1 of 2 Overdue now",
        "0 of 8 Found in place",
        "2 of 8 Force says done",
        "Needs attention now",
        "Made for Ann Field, The regulator",
        "Police learning register, version 1.2.3",
        "not public: 2. Do not publish it.",
    ):
        assert text in cover


def test_a_full_cover_with_long_titles_stays_one_page():
    long = "Make sure that body-worn video is on before force is used and say in the record why not " * 2
    report = a_report(*(a_line(n, title=long, **OVERDUE) for n in range(1, 9)), demonstration=True)
    pages = words(report)
    assert "Made by" in pages[0]
    assert "And on the next pages: 3 more." in pages[0]
    assert pages[1].count("LR-2026-") > 3


def test_every_reference_is_in_it_and_every_page_is_numbered_and_dated():
    pages = words(FULL)
    for group in FULL.groups:
        for line in group.lines:
            assert any(line.reference in page for page in pages[1:])
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "As at 2 March 2026 at 09:05" in page
        assert "Police learning register, version 1.2.3" in page


def test_invented_data_are_marked_on_every_page_and_real_ones_on_none():
    assert all(MARK in page for page in words(FULL))
    assert not any(MARK in page for page in words(a_report(a_line())))


def test_the_head_of_a_table_is_repeated_and_force_says_stands_apart_from_found_in_place():
    pages = words(a_report(*(a_line(n, **REPLIED, **DONE) for n in range(1, 26))))
    head = "Force says its own report Found in place? independent audit"
    tables = [page for page in pages if "LR-2026-" in page]
    assert len(tables) >= 3
    assert all(page.count(head) == 1 for page in tables)
    assert "Accepted Force says done Not audited" in tables[0]
    assert all("Kent Police: Replied (25)" in page for page in tables)


def test_a_line_tells_both_dates_the_receipt_and_what_was_said():
    late = a_line(**REPLIED | DONE | {"late_in_law": True})
    page = words(a_report(late))[1]
    for text in (
        "Must reply Paragraph 28A",
        "5 January 2026 (not public) Acknowledged 8 January 2026",
        "Replied in time Letter: 2 March 2026 In law: 1 March 2026 (missed) Received: 20 February 2026",
        "Reported on 25 February 2026: “All replaced.”",
    ):
        assert text in page


def test_a_fact_that_is_not_disclosed_says_so():
    hidden = a_line(acceptance=None, applicability=None, implementation=None, audit_result=None, disputed=None)
    assert words(a_report(hidden))[1].count("Not disclosed") == 3


def test_whoever_is_addressed_under_no_stated_provision_is_not_said_to_owe_a_reply():
    rows = [
        rendering.page(a_report(a_line(basis=basis)), service_name="x", version="1") for basis in ("28a", "not_stated")
    ]
    assert ["<td>Must reply<br>" in html for html in rows] == [True, False]
    assert ["<td>Recipient<br>" in html for html in rows] == [False, True]


def test_an_audit_result_is_told_with_day_and_sites():
    checked = {"checked_on": made_up.MADE_ON, "sites_checked": 3, "sites_total": 14}
    page = words(a_report(a_line(audit_result="in_place", disputed=True, **checked)))[1]
    assert "In place when checked on 5 January 2026, at 3 of 14 sites Disputed" in page


def test_nothing_to_show_is_said_in_a_sentence():
    nothing = {name: 0 for name in made_up.FIGURES.__dataclass_fields__}
    shares = {name: Share(0, 0) for name, value in vars(made_up.FIGURES).items() if isinstance(value, Share)}
    pages = words(a_report(figures=replace(made_up.FIGURES, **(nothing | shares))))
    assert "There is nothing to show" in pages[0]
    assert len(pages) == 2


def test_the_definitions_cite_the_law_and_count_as_the_product_does():
    last = words(FULL)[-1]
    for text in (
        "56 days beginning with the day it was made",
        "paragraph 28B(2)",
        "Made on 2 March 2026, the last day in law is 26 April 2026",
        "27 April 2026 in the example",
        "It is never inferred from what the organisation reports.",
        "How the figures are counted",
    ):
        assert text in last


# ---- whole for every reader


def test_it_is_tagged_has_a_language_and_a_title_and_says_that_it_is_pdf_ua():
    reader = made_up.rendered(FULL)
    catalog = reader.root_object
    assert "/StructTreeRoot" in catalog
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert catalog["/Lang"] == "en"
    assert reader.metadata.title == "Compliance report: Kent Police, as at 2 March 2026 at 09:05"
    assert b"pdfuaid" in catalog["/Metadata"].get_data()
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == ["Kent Police"]


def test_welsh_letters_have_a_font_that_draws_them():
    reader = made_up.rendered(a_report(a_line(title="Llŷn a’r tŵr: ŵ ŷ Ŵ Ŷ â ê î ô û"), language="cy"))
    assert reader.root_object["/Lang"] == "cy"
    page = reader.pages[1]
    assert "Llŷn a’r tŵr: ŵ ŷ Ŵ Ŷ â ê î ô û" in page.extract_text()
    drawn = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
    assert any("Source-Sans-3-Extended" in name for name in drawn)
    assert all("Source-Sans-3" in name for name in drawn)


def test_titles_are_text_and_never_markup():
    hostile = "<script>alert(1)</script><img src=x> & “quoted” {{ 7 * 7 }}\u202e"
    report = a_report(a_line(title=hostile), organisation_name="Kent & <b>Essex</b>", made_for="<u>Ann</u>")
    html = rendering.page(report, service_name="<i>x</i>", version="1")
    assert not re.search(r"<(script|img|u|i)\b|<b>Essex", html)
    assert hostile.rstrip("\u202e") in words(report)[1]
    assert "\u202e" not in html
    assert "Kent & <b>Essex</b>" in words(report)[0]


def test_very_long_words_stay_on_the_page():
    endless = a_line(title="x" * 200, progress=replace(DONE["progress"], text="w" * 3_000))
    report = a_report(endless, a_line(2, **OVERDUE, title="W" * 200), organisation_name="N" * 200)
    html = rendering.page(report, service_name="S" * 60, version="1")
    for page in rendering.lay_out(html, config.folder("reports") / "force").pages:
        texts = [box for box in page._page_box.descendants() if isinstance(box, TextBox)]
        assert texts
        assert all(box.position_x >= 0 and box.position_x + box.width <= page.width for box in texts)


def test_a_long_report_of_progress_is_shortened_between_words():
    assert rendering.shorten("one two\n three", 40) == "one two three"
    assert rendering.shorten("one two three", 9) == "one two…"
    assert rendering.shorten("o" * 20, 9) == "o" * 8 + "…"


class Texts(HTMLParser):
    """The pieces of text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def crossed_out(text: str) -> str:
    """A translation that leaves no letter but the names of values."""
    return re.sub(r"%\(\w+\)s|[A-Za-z]+", lambda found: found[0] if found[0].startswith("%") else "§", text)


def test_every_word_of_the_page_can_be_translated():
    report = a_report(
        *many_lines(10),
        a_line(99, acceptance=None, closed_on=made_up.MADE_ON, closed_reason="withdrawn"),
        demonstration=True,
    )
    html = rendering.page(report, service_name="§", version="§", translate=crossed_out)
    data = "Kent Police|Ann Field, The regulator|LR-2026-[0-9]+|Replace emergency pull cords|All replaced.|"
    data += "|".join(re.escape(line.summary) for group in report.groups for line in group.lines)
    said = [re.sub(data, "", text) for text in Texts(html).found]
    assert [text for text in said if re.search("[a-zA-Z]", text)] == []


# ---- the same each time, and from nowhere else


def test_the_same_report_gives_the_same_bytes_and_another_time_others():
    assert made_up.render(FULL) == made_up.render(FULL)
    later = replace(FULL, as_at=made_up.AS_AT.replace(hour=10))
    assert made_up.render(later) != made_up.render(FULL)


def test_rendering_has_nothing_to_complain_about(caplog):
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        made_up.render(a_report(a_line()))
    assert caplog.messages == []


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x.css",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "data:text/css,p{}",
        (config.folder("reports") / "force" / ".." / ".." / "setup.cfg").as_uri(),
    ],
)
def test_nothing_is_read_but_the_files_of_the_report_and_its_fonts(url):
    fetcher = rendering.OnlyFrom(config.folder("reports") / "force", rendering.FONTS)
    with pytest.raises(FatalURLFetchingError, match="may not read"):
        fetcher.fetch(url)


def test_a_missing_font_is_said_and_not_replaced(tmp_path):
    with pytest.raises(rendering.CannotRender, match=r"source-sans-3-latin-400-normal.woff2 is missing: run bin/setup"):
        made_up.render(a_report(a_line()), fonts=tmp_path)
