"""What somebody makes of the page who never saw it: words that people use, and that there is more than fits."""

from typing import TYPE_CHECKING

from tests.page.looking import PHONE, awaited, looking
from tests.page.staging import Staged

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_what_only_says_on_and_off_is_told_as_people_say_it(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base, PHONE) as tab:
        tab.view("sensors")
        for name, said_so in (("Bathroom Leak Sensor", "dry"), ("Bathroom Motion", "motion")):
            row = tab.page.locator(".sensors li", has=tab.page.get_by_text(name, exact=True))
            assert said_so in row.locator(".value").inner_text()
        tab.page.get_by_role("link", name="Bathroom Leak Sensor dry").click()
        tab.page.locator(".big", has_text="dry").wait_for()
        tab.page.locator("tbody th", has_text="dry").wait_for()


def test_a_narrow_bar_shows_where_there_are_more_views(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base, PHONE) as tab:
        bar = tab.page.locator("#nav ul")
        tab.view("now")
        awaited(tab, lambda: bar.get_attribute("class") == "after")
        tab.view("settings")
        awaited(tab, lambda: bar.get_attribute("class") == "before")
