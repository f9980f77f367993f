"""A person at a page: a browser that fails the test for whatever its console complains about."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from counterfoil.artifacts import ROOT

SCREENS = ROOT / "build" / "screens"
# What a browser complains of when a server is killed: it depends on how far an answer had come.
CUT_OFF = (
    *("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE"),
    *("ERR_INCOMPLETE_CHUNKED", "[object Event]"),
)
ZONE = "Asia/Shanghai"
PHONE = (390, 844)
DESK = (1280, 860)
_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_SERIOUS = ("serious", "critical")
_SECONDS = 15_000  # milliseconds, for anything that a page is to show


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: apt-get install chromium"
    expect.set_options(timeout=_SECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@dataclass
class Person:
    """Someone with a browser window. ``allowed``: parts of complaints that a test expects."""

    context: BrowserContext
    page: Page
    allowed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)

    def go(self, url: str) -> None:
        """Open a page."""
        self.page.goto(url)

    def hears_nothing(self) -> None:
        """No page that is opened from now on is told what happens."""
        self.allowed += ["ERR_FAILED", "[object Event]"]
        self.page.route("**/events*", lambda route: route.abort())

    def press(self, name: str, role: str = "button") -> None:
        """Press the button, or follow the link, of this name."""
        self.page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]

    def sees(self, text: str) -> None:
        """The page says this, now or soon."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def screenshot(self, name: str) -> None:
        """Keep what is seen."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        # Playwright would hide the caret by a style of its own, which the page's policy forbids.
        self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True, caret="initial")

    def look_for_barriers(self) -> None:
        """axe finds nothing serious (https://github.com/dequelabs/axe-core), and nothing has to be
        scrolled sideways."""
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3])
            for one in found["violations"]
            if one["impact"] in _SERIOUS
        ]
        assert not serious, json.dumps(serious, indent=1)
        wide, seen = self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen, f"{wide} of {seen} pixels at {self.page.url}"

    def check(self) -> None:
        """Nothing was complained about but what was expected."""
        unexpected = [
            said for said in self.complaints if not any(part in said for part in self.allowed)
        ]
        assert not unexpected, unexpected


@contextmanager
def person(
    browser: Browser, size: tuple[int, int] = DESK, scheme: str = "light"
) -> Iterator[Person]:
    """A window of its own, closed and judged at the end."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        timezone_id=ZONE,
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_SECONDS)
    page = context.new_page()
    who = Person(context, page)
    page.on("console", lambda said: who.complaints.append(said.text) if said.type in _BAD else None)
    page.on("pageerror", lambda error: who.complaints.append(str(error)))
    page.on("framenavigated", lambda frame: who.visited.append(frame.url))
    try:
        yield who
        who.check()
    finally:
        context.close()


_BAD = ("error", "warning")
