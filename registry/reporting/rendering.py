"""From a gathered report to the bytes of a PDF: Jinja2 for the page, WeasyPrint for the paper.

The same report, service name and version give the same bytes: no clock, no network, and no file but the
folder of the report and the fonts. Called in a process of its own (see `making`).
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from registry import __version__, config
from registry.reporting.force_report import ForceReport, Line
from registry.rules import calendar, clocks, wording
from registry.rules.wording import Translate

# Made from the packages of page assets by bin/assets.
FONTS = config.PACKAGE / "web" / "static" / "vendor"
FONT_FACE = '@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("{file}"); }}'
# Two families, not one with unicode-range as on the web: WeasyPrint 70 takes two files of one family and weight
# for the same font, and ŵ and ŷ come out as nothing.
FAMILIES = {"Source Sans 3": "source-sans-3-latin", "Source Sans 3 Extended": "source-sans-3-latin-ext"}
FONT_SHEET = "".join(
    FONT_FACE.format(family=family, weight=weight, file=f"{file}-{weight}-normal.woff2")
    for family, file in FAMILIES.items()
    for weight in (400, 600, 700)
)
PRINT_SHEET = "print.css"
VARIANT = "pdf/ua-1"
# States whose words hold the date in the letter.
UNTIL = ("running", "due_soon")
# Letters of Welsh that many a font lacks.
SAMPLE = "Llŷn a’r tŵr: ŵ ŷ Ŵ Ŷ"
EXAMPLE_MADE_ON = date(2026, 3, 2)


class CannotRender(Exception):
    """The PDF cannot be made. The message is one sentence that says what is missing or refused."""


@dataclass(frozen=True)
class Rendered:
    """A PDF (PDF/UA-1, tagged) and its number of pages."""

    pdf: bytes
    pages: int


def render(
    report: ForceReport,
    *,
    service_name: str,
    version: str = __version__,
    translate: Translate = wording.english,
    fonts: Path = FONTS,
) -> Rendered:
    """Render a report; raises CannotRender with one sentence when a font or another file is missing."""
    html = page(report, service_name=service_name, version=version, translate=translate)
    document = lay_out(html, config.folder("reports") / report.kind, fonts)
    return Rendered(document.write_pdf(pdf_variant=VARIANT), len(document.pages))


def lay_out(html: str, folder: Path, fonts: Path = FONTS) -> Document:
    """Lay a page out on paper by the print sheet of its folder; raises CannotRender like `render`."""
    fetcher, configuration = OnlyFrom(folder, fonts), FontConfiguration()
    try:
        faces = CSS(string=FONT_SHEET, base_url=f"{fonts.as_uri()}/", url_fetcher=fetcher, font_config=configuration)
        sheet = CSS(url=(folder / PRINT_SHEET).as_uri(), url_fetcher=fetcher, font_config=configuration)
        return HTML(string=html, url_fetcher=fetcher).render(
            stylesheets=[faces, sheet], font_config=configuration, pdf_variant=VARIANT
        )
    except FatalURLFetchingError as error:
        raise CannotRender(str(error)) from error


def fault(fonts: Path = FONTS) -> str | None:
    """Why reports could not be drawn as they should, as a sentence, or None: draws a page with the letters of Welsh."""
    html = f'<html lang="cy"><head><title>{SAMPLE}</title></head><body><p>{SAMPLE}</p></body></html>'
    try:
        document = lay_out(html, config.folder("reports") / "force", fonts)
        document.write_pdf()
    except CannotRender as error:
        return str(error)
    missing = sorted({chr(code) for font in document.fonts.values() for code in font.missing})
    other = [font.family for font in document.fonts.values() if font.family not in FAMILIES]
    if missing or other:
        return f"These letters have no shape in the report's fonts: {' '.join(missing) or SAMPLE}. Run bin/setup."
    return None


def page(report: ForceReport, *, service_name: str, version: str, translate: Translate = wording.english) -> str:
    """The report as HTML for print. Every value is escaped."""
    environment = Environment(
        loader=FileSystemLoader(config.folder("reports")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_printable,
    )
    environment.globals.update(_words(translate))
    template = environment.get_template(f"{report.kind}/page.html")
    return template.render(
        report=report,
        figures=report.figures,
        service_name=service_name,
        version=version,
        as_at=report.as_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        example=_example(),
    )


class OnlyFrom(URLFetcher):
    """Reads files of the given folders. Anything else stops the rendering."""

    def __init__(self, *folders: Path) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)
        self._folders = tuple(folder.resolve() for folder in folders)

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The file of a file: URL; FatalURLFetchingError when it is outside the folders or cannot be read."""
        parts = urlsplit(url)
        path = Path(url2pathname(parts.path)).resolve()
        if parts.scheme != "file" or not any(path.is_relative_to(folder) for folder in self._folders):
            raise FatalURLFetchingError(f"A report may not read {url}.")
        try:
            body = path.read_bytes()
        except OSError as error:
            raise FatalURLFetchingError(f"{path.name} is missing: run bin/setup, which fetches it.") from error
        kind = "text/css" if path.suffix == ".css" else "font/woff2"
        return URLFetcherResponse(url, body, {"Content-Type": kind})


def _words(translate: Translate) -> dict[str, Callable[..., str]]:
    """The functions of the template: how stored values read on paper, in the reader's language."""

    def _(text: str, **values: Any) -> str:
        return translate(text) % values if values else translate(text)

    def day(value: date | None, precision: str = "day") -> str:
        return wording.day(value, translate, precision)

    def instant(value: datetime) -> str:
        local = value.astimezone(calendar.CIVIL)
        return _("%(day)s at %(time)s", day=day(local.date()), time=f"{local:%H:%M}")

    def word(table: str, value: str) -> str:
        return translate(getattr(wording, table)[value])

    def acceptance(line: Line) -> str:
        return wording.acceptance(line.acceptance or "", line.basis, translate)

    def clock(line: Line) -> str:
        if line.closed_on and line.reply_clock in clocks.OPEN_CLOCKS:
            return _("No reply recorded")
        return wording.clock(line.reply_clock, line.days_late, line.response_due_on, translate)

    def dated_clock(line: Line) -> str:
        """The clock for a place that tells the dates besides."""
        return word("REPLY_CLOCK", line.reply_clock) if line.reply_clock in UNTIL else clock(line)

    def audit(line: Line) -> str:
        return wording.audit_result(line, translate)

    named = (day, instant, word, acceptance, clock, dated_clock, audit, shorten)
    capacity = partial(wording.capacity, translate=translate)
    return {"_": _, "capacity": capacity, **{function.__name__: function for function in named}}


def _printable(value: Any) -> Any:
    """A text without invisible characters (Unicode Cf): they have no glyph, and some turn the words around them."""
    if type(value) is not str or value.isascii():
        return value
    return "".join(character for character in value if unicodedata.category(character) != "Cf")


def shorten(text: str, length: int) -> str:
    """The text on one line, cut between words to at most `length` characters with an ellipsis at the end."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def _example() -> dict[str, date | None]:
    """The two dates of a recommendation made on a given day, so that the definitions count as the product does."""
    return {
        "made_on": EXAMPLE_MADE_ON,
        "law": clocks.statutory_last_day(EXAMPLE_MADE_ON, "28a"),
        "letter": clocks.response_due_on(EXAMPLE_MADE_ON, "28a"),
    }
