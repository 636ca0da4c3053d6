"""A letter as an e-mail in the reader's language: plain text and HTML from templates/messages."""

import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from registry import config
from registry.channels import letters, wording
from registry.channels.letters import Item, Letter
from registry.channels.outgoing import Outgoing, message_id, one_line
from registry.config import Settings
from registry.records import sign_ins
from registry.records.assignments import Assignment
from registry.records.messages import Message
from registry.rules import clocks
from registry.rules import wording as words
from registry.rules.calendar import CIVIL
from registry.rules.wording import N_, Translate

# A recommendation's text is cut here, in characters; the page has all of it.
EXCERPT = 1_500
LINE = 76


@dataclass(frozen=True)
class Row:
    """An item as the templates show it: every text ready but unescaped, and the address of its page."""

    assignment: Assignment
    reference: str
    heading: str
    title: str
    body: str
    organisation: str
    state: str
    dates: str
    acknowledge: str
    naming: str
    late: bool
    link: str


def render(message: Message, *, settings: Settings, demonstration: bool, now: datetime) -> Outgoing:
    """The e-mail of a claimed message, as of `now`. Raises letters.Unneeded when nothing has to be sent."""
    letter = letters.letter(message, now=now)
    person = letter.person
    templates = _environment(person.language)
    translate = translation(person.language).gettext
    heading = subject = one_line(wording.subject(letter, translate))
    if demonstration:
        subject = translate(N_("[Demonstration] %(subject)s")) % {"subject": heading}
    context = _context(letter, settings, demonstration, translate) | {"heading": heading, "subject": subject}
    return Outgoing(
        to=person.email,
        name=person.name,
        from_name=settings.service_name,
        subject=subject,
        text=_tidy(templates.get_template(f"{letter.kind}.txt").render(context)),
        html=templates.get_template(f"{letter.kind}.html").render(context),
        message_id=message_id(message.key, settings.mail_from),
        language=person.language,
        at=now,
    )


def _context(letter: Letter, settings: Settings, demonstration: bool, translate: Translate) -> dict[str, object]:
    notice = letter.notice
    return {
        "letter": letter,
        "rows": [_row(item, letter, settings.base_url, translate) for item in letter.items],
        "notice": notice,
        "notice_link": f"{settings.base_url}/notices/{notice.reference}" if notice else "",
        "provision": clocks.BASES[notice.basis].provision if notice else "",
        "public": bool(notice and notice.published_on and notice.published_on <= letter.today),
        "link": _link(letter, settings),
        "valid_until": letter.one_time_link.expires_at.astimezone(CIVIL) if letter.one_time_link else None,
        "held_as": wording.held_as(letter, translate),
        "service_name": settings.service_name,
        "base_url": settings.base_url,
        "demonstration": demonstration,
    }


def _link(letter: Letter, settings: Settings) -> str:
    """The address of the one-time link; worked out here, at delivery, since no table holds it."""
    if letter.one_time_link is None:
        return ""
    return f"{settings.base_url}/links/{sign_ins.token(letter.one_time_link, settings.secret_key)}"


def _row(item: Item, letter: Letter, base_url: str, translate: Translate) -> Row:
    recommendation = item.assignment.recommendation
    return Row(
        assignment=item.assignment,
        reference=recommendation.reference or "",
        heading=wording.ask(item, translate),
        title=recommendation.title,
        body=recommendation.body,
        organisation=item.assignment.organisation.name,
        state=wording.state(item, letter.today, translate),
        dates=wording.dates(item, letter.today, translate),
        acknowledge=wording.acknowledge(item, translate) if letter.kind == "notice_made" else "",
        naming=wording.naming(item, letter.today, translate),
        late=item.late,
        link=f"{base_url}/assignments/{item.assignment.id}",
    )


@cache
def translation(language: str) -> NullTranslations:
    """The catalogue of a language; without one, texts stay in English."""
    return Translations.load(config.PACKAGE / "translations", [language])


@cache
def _environment(language: str) -> Environment:
    """The templates in one language. A value that is missing is an error, never an empty place in a letter."""
    catalogue = translation(language)
    environment = Environment(
        loader=FileSystemLoader(config.folder("templates") / "messages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["language"] = language
    environment.filters["day"] = partial(words.day, translate=catalogue.gettext)
    environment.filters.update(line=one_line, paragraphs=paragraphs, wrapped=wrapped)
    return environment


# What the author marked as strong or emphasised: an e-mail in plain text shows the words alone.
_EMPHASIS = re.compile(r"(\*\*|\*)(?=\S)(.+?)(?<=\S)\1")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a person's text, each on one line; a long text is cut, and ends in "…"."""
    short = text if len(text) <= EXCERPT else text[:EXCERPT].rpartition(" ")[0] + " …"
    plain = _EMPHASIS.sub(r"\2", short.strip())
    return [one_line(paragraph) for paragraph in re.split(r"\n\s*\n|\n(?=\s*[-*] )", plain)]


def wrapped(text: str, indent: int = 0) -> str:
    """The text in lines of e-mail width; an address or a long word is never broken."""
    return textwrap.fill(
        text,
        LINE,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
