"""The served demonstration, and people at its pages."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
AXE = ROOT / "var" / "test-assets" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What stands outside the window, or holds more than it shows; what is hidden on purpose is left out.
CUT_OFF = """[...document.querySelectorAll("body *")].filter(e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width <= 1 || box.height <= 1 || style.visibility === "hidden") return false;
    if (e.closest("[hidden], .govuk-visually-hidden, thead, select, input, .govuk-skip-link")) return false;
    const hidden = ["hidden", "clip"].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1;
    return hidden || box.right > document.documentElement.clientWidth + 1 || box.left < -1;
}).map(e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 40))"""
PASSWORD = "pull cords save lives"


@dataclass
class Site:
    address: str
    mail: Path
    registry: list[str]
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        """Run the `registry` command on this site's data; returns stdout."""
        done = subprocess.run(
            [*self.registry, *arguments], env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def letters_to(self, address: str) -> list[str]:
        """The e-mails that left for an address."""
        texts = [file.read_text() for file in sorted(self.mail.glob("*.eml"))]
        return [text for text in texts if f"To: {address}" in text or f"<{address}>" in text]


class Person:
    """Somebody at the site, in a browser window of their own: no window shares a cookie with another."""

    def __init__(
        self, site: Site, chromium: Browser, email: str | None = None, *, width: int = 1100, scripts: bool = True
    ):
        self.site, self.email, self.width, self.scripts = site, email, width, scripts
        self.context = chromium.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            bypass_csp=True,
            accept_downloads=True,
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", lambda answer: self._note(answer.status, answer.url))
        if email:
            self.open("/sign-in")
            self.fill("E-mail address", email)
            self.fill("Password", PASSWORD)
            self.press("Sign in")
            expect(self.page.get_by_role("heading", name="Your desk")).to_be_visible()

    def _note(self, status: int, url: str) -> None:
        if status >= 500:
            self.faults.append(f"{url}: {status}")

    def open(self, path: str) -> None:
        self.page.goto(self.site.address + path)

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(text)

    def tick(self, label: str, within: str = "body") -> None:
        self.page.locator(within).get_by_label(label, exact=True).first.check()

    def press(self, name: str) -> None:
        """Press the button, or follow the link that looks like one, in the page's own part."""
        main = self.page.locator("main")
        main.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def sees_not(self, words: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(words)

    def resize(self, width: int) -> None:
        """Another window. 320 is also what 1280 pixels show at a zoom of 400 %."""
        self.width = width
        self.page.set_viewport_size({"width": width, "height": 800})

    def check_page(self) -> None:
        """Nothing for axe-core to find (where scripts run), and nothing wider than the window or cut off."""
        name = self.page.url
        if self.scripts:
            self._check_with_axe(name)
        self.check_room()

    def check_room(self) -> None:
        """Nothing is wider than the window, and no text is cut off by the box around it."""
        name = self.page.url
        self.page.evaluate("document.fonts.ready.then(() => true)")  # measured in the font it is read in
        cut = self.page.evaluate(CUT_OFF)
        assert not cut, f"{name} at {self.width}: cut off or outside the window: {cut[:5]}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide at {self.width}"

    def _check_with_axe(self, name: str) -> None:
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules})"
            ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))",
            RULES,
        )
        assert not found, f"{name}: {json.dumps(found, indent=1)}"

    def leave(self) -> None:
        self.context.close()
        assert not self.faults, self.faults
