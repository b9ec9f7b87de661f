"""A page in a browser that notes what goes wrong there, and what axe says of it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.page.axe import FILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESKTOP = (1280, 860)
PHONE = (360, 740)
PATIENCE_MS = 45_000
WHAT = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
"""What another colour scheme can change."""
TOO_WIDE = """[...document.querySelectorAll("main *")]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(one => `${one.tagName}.${one.className}: ${(one.textContent || "").slice(0, 80)}`)"""


@dataclass
class Looked:
    """One tab."""

    page: "Page"
    base: str
    troubles: list[str] = field(default_factory=list)
    """Errors, and lines of the console."""
    asked: list[str] = field(default_factory=list)
    """Addresses."""

    def view(self, name: str) -> None:
        """Go to a view and wait until it is there."""
        self.page.goto(f"{self.base}/#/{name}")
        self.page.locator(f".view-{name} h1").first.wait_for()

    @property
    def elsewhere(self) -> list[str]:
        """Addresses that are not the service's."""
        return [one for one in self.asked if not one.startswith(f"{self.base}/") and urlsplit(one).scheme != "data"]

    def axe(self, what: Any = WHAT) -> list[str]:
        """What is serious for people who can't see, hear or point as others do; nothing where axe is not here."""
        if not FILE.is_file():
            return []
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(FILE.read_text(encoding="utf-8"))
        found: Any = self.page.evaluate("what => axe.run(document, what)", what)
        return [
            f"{one['id']}: {one['help']}: {node['html'][:120]} {node['target']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    def overflow_px(self) -> int:
        """How much wider than the window it is."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def too_wide(self) -> list[str]:
        """What goes beyond the window; nothing where the page is no wider than that."""
        found: list[str] = self.page.evaluate(TOO_WIDE)
        return found if self.overflow_px() > 0 else []


@contextlib.contextmanager
def looking(
    browser: "Browser", base: str, size: tuple[int, int] = DESKTOP, scheme: Any = "light", **more: Any
) -> Iterator[Looked]:
    """A fresh tab; what is noted in `troubles` is for the test to look at."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce", **more
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    looked = Looked(page, base)
    page.on("pageerror", lambda error: looked.troubles.append(f"error: {error}"))
    page.on(
        "console",
        lambda line: looked.troubles.append(line.text) if line.type in ("error", "warning") else None,
    )
    page.on("request", lambda request: looked.asked.append(request.url))
    try:
        yield looked
    finally:
        context.close()


def awaited(tab: Looked, so: Callable[[], bool]) -> None:
    """Until it is so, or a test's time is over."""
    while not so():
        tab.page.wait_for_timeout(50)
