"""How stored values read on a page: the wording rules with the reader's language, as template functions."""

import json
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, g
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from nh3 import clean

from registry.records import visibility
from registry.records.recommendations import in_order
from registry.rules import calendar, clocks, permissions, reading, searching, wording, workflow
from registry.web import access, language, security

_markdown = MarkdownIt("commonmark", {"html": False})
# The name of the register unless a setting gives another: marked here so that it is Welsh on a Welsh page.
_SERVICE_NAME = wording.N_("Police learning register")
# So much of a text stands in the line of its event.
LONGEST_TEXT = 200
_TAGS = {"p", "ul", "ol", "li", "strong", "em", "blockquote", "br", "code"}


def init(app: Flask) -> None:
    """Give the templates their functions."""
    app.jinja_env.globals.update(
        words=wording,
        word=word,
        facts=facts,
        is_regulator=lambda: access.actor().is_regulator,
        has_duty=lambda basis: clocks.BASES[basis].duty,
        has_period=clocks.has_period,
        publishing_late=lambda assignment: clocks.days_publishing_late(assignment, access.today()),
        capacity=lambda assignment: wording.capacity(assignment, said),
        has_page=lambda assignment: reader(assignment) != "public",
        may=lambda permission, organisation_id=None: permissions.may(access.actor(), permission, organisation_id),
        allowed=workflow.allowed,
        roles_in=permissions.roles_in,
        is_demonstration=security.is_demonstration,
        actor=access.actor,
        settings=access.settings,
        service_name=lambda: _(access.settings().service_name),
        today=access.today,
        elsewhere=elsewhere,
        as_csv=as_csv,
        event_sentence=event_sentence,
        draft_title=draft_title,
        law_day=lambda notice: clocks.statutory_last_day(access.today(), notice.basis),
        letter_day=letter_day,
        report_state=lambda state: _(wording.REPORT_STATE[state]),
    )
    app.jinja_env.filters.update(
        day=day, instant=instant, markdown=markdown, pair=pair, by_type=by_type, found=found, excerpt=excerpt
    )


def word(table: str, value: str) -> str:
    """The words of a machine name, such as word("ACCEPTANCE", "awaiting")."""
    return said(getattr(wording, table)[value])


def by_type(organisations: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Organisations under their types, in the order they come in."""
    found: dict[str, list[Any]] = {}
    for organisation in organisations:
        found.setdefault(organisation.type, []).append(organisation)
    return list(found.items())


def letter_day(notice: Any) -> date | None:
    """The date a letter of today would give by the house rule: due, or invited by."""
    today, days = access.today(), access.settings().response_days
    return clocks.response_due_on(today, notice.basis, days) or clocks.invited_by(today, notice.basis, days)


def draft_title(notice: Any) -> str:
    """What a draft is called in lists: its first recommendation's title."""
    first = in_order(notice).first()
    return first.title if first else _("Untitled draft")


def found(text: str, typed: str) -> Markup:
    """The text with what was searched for marked."""
    return _marked(searching.highlight(text, searching.parse(typed)))


def excerpt(text: str, typed: str) -> Markup:
    """Some of a Markdown text around the first word that was searched for, marked; nothing where there is none."""
    return _marked(searching.excerpt(markdown(text).striptags(), searching.parse(typed)))


def _marked(pieces: Iterable[searching.Piece]) -> Markup:
    marked = (Markup("<mark>{}</mark>").format(one.text) if one.found else escape(one.text) for one in pieces)
    return Markup("").join(marked)


def pair(value: str, table: str) -> tuple[str, str]:
    """A machine name with its words, for a drop-down list."""
    return value, word(table, value)


def day(value: date | None, precision: str = "day") -> str:
    """A date as read; "not known" for None."""
    return wording.day(value, _, precision)


def instant(value: datetime | None) -> str:
    """An instant in local time: "5 March 2026 at 09:02"."""
    if value is None:
        return ""
    local = value.astimezone(calendar.CIVIL)
    return _("%(day)s at %(time)s", day=day(local.date()), time=f"{local:%H:%M}")


def markdown(text: str) -> Markup:
    """Markdown as safe HTML: no raw HTML, no links, no pictures."""
    return Markup(clean(_markdown.render(text), tags=_TAGS, attributes={}))


@dataclass(frozen=True)
class Facts:
    """The four facts of an assignment as this reader may see them; None where they may not."""

    clock: str
    reply_clock: str
    acceptance: str | None
    implementation: str | None
    audit_result: str | None
    summarise: Callable[[], str]

    @property
    def summary(self) -> str:
        """The four facts in one sentence; put together only where a page asks for it."""
        return self.summarise()


def said(text: str) -> str:
    """A text in the reader's language, looked up once for each answer: a list says the same few words in every row."""
    known = g.setdefault("said", {})
    if text not in known:
        known[text] = _(text)
    return known[text]


def facts(assignment: Any) -> Facts:
    """Read an assignment as the person asking."""
    seen = seer(assignment)
    shown, outside = reading.read(assignment, seen), not seen("unprocessed")
    return Facts(
        clock=clocks.told(assignment, g.today, outside),
        reply_clock=wording.reply_clock(assignment, g.today, said, outside),
        acceptance=wording.acceptance(shown.acceptance, assignment.basis, said) if shown.acceptance else None,
        implementation=word("IMPLEMENTATION", shown.implementation) if shown.implementation else None,
        audit_result=wording.audit_result(shown, said) if shown.audit_result else None,
        summarise=lambda: wording.summary(assignment, g.today, seen, said),
    )


def reader(assignment: Any) -> str:
    """As whom the person asking reads the assignment; the same for all of an organisation."""
    known, organisation_id = g.setdefault("readers", {}), assignment.organisation_id
    if organisation_id not in known:
        if "covered" not in g:
            g.covered = visibility.covered(access.actor())
        known[organisation_id] = permissions.reader_of(access.actor(), organisation_id, g.covered.get(organisation_id))
    return known[organisation_id]


def seer(assignment: Any) -> Callable[[str], bool]:
    """Which facts of the assignment the person asking may see."""
    who = reader(assignment)
    return lambda fact: permissions.sees(who, fact, assignment)


def elsewhere(**changes: Any) -> str:
    """The address of this list from its beginning, with some of its query changed; None leaves a name out."""
    return language.here(**{"after": None, "before": None, **changes})


def as_csv() -> str:
    """The address of this list, with its filters and order, as a CSV file."""
    return language.here(".csv", after=None, before=None)


def event_sentence(event: Any, seen: Callable[[str], bool] | None = None) -> str:
    """An event of the history as a sentence, with what was written, cut short, for whoever may see it."""
    sentence = wording.event(event.verb, event.person.name, json.loads(event.facts), said)
    text = getattr(getattr(event, "detail", None), "text", None)
    fact = permissions.EVENT_TEXTS.get(event.verb)
    if not (seen and text and fact and seen(fact)):
        return sentence
    short = textwrap.shorten(text, LONGEST_TEXT, placeholder=" …")
    return f"{sentence}: {short}"


def verbs() -> list[tuple[str, str]]:
    """What events can be of, for a drop-down list: the name of each and its words without who did it, A to Z."""
    spoken = {verb: said(sentence) % wording.Blank() for verb, sentence in wording.EVENTS.items()}
    named = {verb: " ".join(words.split()) for verb, words in spoken.items()}
    return sorted(((verb, words[:1].upper() + words[1:]) for verb, words in named.items()), key=lambda pair: pair[1])
