"""Every page in every state, read by the Nu HTML checker: as the standard says, not as browsers forgive."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.web import scenes

CHECKER = Path(__file__).parents[2] / "var" / "test-assets" / "vnu.jar"
# What the components bring and the standard only advises against: filtered by its own words, nothing else is.
ADVICE = (
    # Said where it is harmless too: older screen readers need it.
    r"The “\w+” role is unnecessary for element “\w+”\..*",
)

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def test_the_html_checker_finds_nothing_on_any_page(register, browse, tmp_path):
    """One run of the checker for all of them: it starts slowly and reads fast."""
    assert CHECKER.is_file(), "the checker is not there: run bin/setup --all"
    scenes.every_state()
    scenes.long_words()
    names: dict[str, str] = {}
    seen: set[str] = set()
    for reader, actor in scenes.readers().items():
        for language in ("en", "cy") if reader in ("public", "liaison-officer") else ("en",):
            browser = browse(actor, now=scenes.LATER)
            browser.client.set_cookie("language", language)
            for name, html in scenes.walk(browser, most_of_a_kind=6).pages.items():
                if (plain := scenes.without_tokens(html)) not in seen:
                    seen.add(plain)
                    file = tmp_path / f"{len(names):04}.html"
                    file.write_text(html, encoding="utf-8")
                    names[file.name] = f"{name} for {reader} in {language}"
    assert len(names) > 150
    assert complaints(tmp_path, names) == []


def complaints(folder: Path, names: dict[str, str]) -> list[str]:
    """What the checker says about the files of the folder, errors and warnings, each once with its page."""
    command = ["java", "-Xss4m", "-jar", CHECKER, "--format", "json", "--filterpattern", "|".join(ADVICE), folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stderr.strip().startswith("{"), done.stderr[-2000:]
    found: dict[str, str] = {}
    for message in json.loads(done.stderr)["messages"]:
        name = names[Path(message["url"]).name]
        found.setdefault(message["message"], f"{name}: {message['message']} {message.get('extract', '')}")
    return list(found.values())
