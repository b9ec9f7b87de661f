"""A model fetched from a hub on the page: with progress, broken off and gone on with, refused where it is spoilt."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.models.catalogue import catalogue
from tests.gguf_maker import make
from tests.models.hub_server import Mishap, serving
from tests.page.looking import looking
from tests.page.staging import aside, served
from tests.page.test_care import fine

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.timeout(300)
def test_a_model_is_fetched_broken_off_and_gone_on_with(browser: "Browser", tmp_path: Path) -> None:
    going_on = threading.Event()

    def wait() -> None:
        going_on.wait()

    with (
        serving() as hub,
        served(tmp_path, MODELS__HUB=hub.url, LLM__ENABLED="false") as here,
        looking(browser, here.base) as tab,
    ):
        page = tab.page
        tab.view("model")
        page.get_by_role("button", name="Look at the hardware").click()
        install = page.locator("button[aria-label^='Install ']").first
        install.wait_for(timeout=90_000)
        title = str(install.get_attribute("aria-label")).removeprefix("Install ")
        entry = next(one for one in aside(catalogue) if one.title == title)
        data = make(tmp_path / "tiny.gguf").read_bytes()
        hub.repository, hub.files = entry.repository, {entry.file_of(one): data for one in entry.quantisations}
        half = len(data) // 2
        hub.mishaps.append(Mishap(cut_after=half, stall=wait))
        install.click()
        page.get_by_role("dialog").get_by_text(entry.license).wait_for()
        page.get_by_role("button", name="Take it and install").click()
        page.locator(".job", has_text="%").wait_for()
        assert 0 < float(page.locator(".job progress").evaluate("one => one.value")) < 1
        fine(tab)
        page.get_by_role("button", name="Call it off").click()
        page.locator(".job", has_text="called off").wait_for()
        going_on.set()
        page.get_by_text("have come.").wait_for()
        page.get_by_role("button", name="Go on").click()
        page.locator("[data-in-use]").wait_for()
        assert hub.sent == len(data)
        assert page.locator("tr", has_text=title).get_by_text("is here").is_visible()
        page.get_by_role("button", name="Remove ").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        page.locator("[data-in-use]").wait_for(state="detached")
        hub.mishaps.append(Mishap(spoil=True))
        install.click()
        page.get_by_role("button", name="Take it and install").click()
        page.locator(".job .problem", has_text="don't trust that hub").wait_for()
        assert not page.locator("[data-in-use]").count()
        fine(tab)
