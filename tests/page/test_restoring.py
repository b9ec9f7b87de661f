"""A backup put back on the page: chosen, looked into, in place once the service has started again, or was killed."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.api.http.tokens import PASSWORD, Tokens
from tests.page.axe import FILE
from tests.page.looking import PHONE, looking
from tests.page.staging import Staged, aside, said, served
from tests.page.test_care import edge

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECRET = "correct-horse-battery-staple"  # noqa: S105 (of tests)


def shopping(here: Staged) -> list[str]:
    return [one["text"] for one in here.asked("lists")["lists"].get("shopping", ())]


@pytest.mark.timeout(400)
def test_a_backup_is_put_in_place_of_what_is_here(browser: "Browser", tmp_path: Path) -> None:
    with served(tmp_path, HTTP__REQUIRE_TOKEN="true") as here, looking(browser, here.base, PHONE) as tab:  # noqa: S106
        page = tab.page
        aside(lambda: Tokens.in_state(here.state).put(PASSWORD, SECRET))
        page.goto(here.base)
        page.get_by_label("Password").fill(SECRET)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="First run").wait_for()
        said(here, "add oat milk to the shopping list")
        tab.view("health")
        page.get_by_label("Passphrase", exact=True).fill("battery staple")
        page.get_by_role("button", name="Make a backup").click()
        page.get_by_role("button", name="Restore edge-").wait_for(timeout=60_000)
        said(here, "add bread to the shopping list")
        assert sorted(shopping(here)) == ["bread", "oat milk"]
        page.get_by_role("button", name="Restore edge-").click()
        page.get_by_label("Its passphrase").fill("battery staple")
        page.get_by_role("button", name="See what is in it").click()
        page.get_by_role("button", name="Restore it …").click(timeout=60_000)
        page.get_by_role("dialog").get_by_role("button", name="Restore it").click()
        page.get_by_text("Restored just now").wait_for(timeout=90_000)
        assert shopping(here) == ["oat milk"]
        # What was here before, beside the one that was put in place.
        assert page.get_by_role("button", name="Restore edge-").count() == 2
        assert tab.overflow_px() <= 0
        if FILE.is_file():
            assert tab.axe() == []
        assert [one for one in tab.troubles if "Failed to load" not in one and "ERR_" not in one] == []


def test_what_waits_is_put_in_place_though_the_service_was_killed(tmp_path: Path) -> None:
    with served(tmp_path) as here:
        said(here, "add oat milk to the shopping list")
        aside(lambda: edge(here, "backup", str(tmp_path / "a.backup")))
        said(here, "add bread to the shopping list")
        aside(lambda: edge(here, "restore", str(tmp_path / "a.backup"), "--at-start"))
        assert sorted(shopping(here)) == ["bread", "oat milk"]
        os.kill(here.pid, signal.SIGKILL)
    with served(tmp_path) as again:
        assert shopping(again) == ["oat milk"]
