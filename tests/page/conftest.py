"""One house and one browser for all tests of the page."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.page.staging import Staged, staged

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    """The simulated house with its service."""
    with staged(tmp_path_factory.mktemp("house")) as here:
        yield here


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("needs the dev extra (playwright)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Without its sandbox as root alone, as whom it won't have one.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()
