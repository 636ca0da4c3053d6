"""Every page in every state, for every kind of reader: checked as a careful reader would, and read in Welsh."""

import pytest

from tests.web import scenes
from tests.web.browsing import check_page

# What a page looks like hardly depends on the database: on PostgreSQL the walk waits for --all.
pytestmark = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


# Those that take longest and differ least from the others wait for --all.
LONG = ("many", "reports")


@pytest.mark.parametrize(
    "scene", [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in scenes.SCENES]
)
def test_every_page_in_every_state_holds_for_every_reader(register, browse, scene):
    scenes.SCENES[scene]()
    checked: set[str] = set()
    for reader, actor in scenes.readers().items():
        for name, html in scenes.walk(browse(actor, now=scenes.LATER), most_of_a_kind=6).pages.items():
            plain = scenes.without_tokens(html)
            if plain not in checked:
                checked.add(plain)
                check_page(html, f"{name} for {reader}")
    assert len(checked) > 60, "hardly any page was opened"
