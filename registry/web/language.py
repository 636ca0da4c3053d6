"""In which language a page is read, and the switch that changes it and keeps the page."""

import io
from typing import Any
from urllib.parse import quote, urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, current_app, redirect, request
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

from registry import config

# Each named in itself: whoever looks for the switch reads that language.
LANGUAGES = {"en": "English", "cy": "Cymraeg"}
DEFAULT = "en"
COOKIE = "language"
SWITCH = "lang"

babel = Babel()


class Catalogues(Domain):
    """The texts straight from messages.po, so that no checkout or install holds a compiled file that could be stale."""

    def get_translations(self) -> NullTranslations:
        """The texts of the reader's language; a text that is not translated stays English."""
        locale = str(get_locale() or DEFAULT)
        if locale not in self.cache:
            self.cache[locale] = catalogue(locale)
        return self.cache[locale]


def catalogue(language: str) -> NullTranslations:
    """The texts of a language, compiled in memory; none for English, which the texts are written in."""
    file = config.PACKAGE / "translations" / language / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(file.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def init(app: Flask) -> None:
    """Let every page be read in each language, and say to caches that the cookie makes a difference."""
    babel.init_app(app, locale_selector=language)
    babel.domain_instance = Catalogues()
    app.before_request(_switch)
    app.after_request(_vary)
    app.jinja_env.globals.update(language_switch=language_switch, get_locale=get_locale)


def language() -> str:
    """The language of this request: what was chosen for the visit, else the person's own, else English."""
    return chosen() or (current_user.person.language if current_user.is_authenticated else DEFAULT)


def chosen() -> str:
    """What the reader chose with the switch; needs no database. Empty when nothing, or nothing of ours, was chosen."""
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in LANGUAGES else ""


def here(suffix: str = "", /, **changes: Any) -> str:
    """The address of this page, perhaps with a suffix, with some of its query changed; None leaves a name out.

    It always leads to a page of ours: two slashes at the beginning would lead to another host.
    """
    kept = {**request.args.to_dict(flat=False), **changes}
    query = urlencode({name: value for name, value in kept.items() if value is not None}, doseq=True)
    return f"/{quote(request.path.lstrip('/'))}{suffix}" + (f"?{query}" if query else "")


def language_switch() -> list[tuple[str, str, str]]:
    """For each language its code, its own name, and the address of this page in it."""
    return [(code, name, _readable_here(code)) for code, name in LANGUAGES.items()]


def _readable_here(code: str) -> str:
    """This page; after a form that has no page of its own, the page of what it was about, one step up."""
    rule = request.url_rule
    if rule is not None and "GET" not in (rule.methods or ()):
        return f"/{quote(request.path.lstrip('/').rpartition('/')[0])}?{SWITCH}={code}"
    return here(**{SWITCH: code})


def _switch() -> Any:
    """Remember a choice in a cookie of the visit and come back without it in the address. Nothing is stored."""
    wanted = request.args.get(SWITCH)
    if wanted is None or request.method != "GET":
        return None
    answer = redirect(here(**{SWITCH: None}))
    if wanted in LANGUAGES:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(COOKIE, wanted, secure=secure, httponly=True, samesite="Lax")
    return answer


def _vary(response: Response) -> Response:
    if request.endpoint != "static":
        response.vary.add("Cookie")
    return response
