"""The page in a browser: every view, on a desk and in a hand, in light and in dark; and what it is for."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.api.http.tokens import PASSWORD, Tokens
from tests.page.axe import FILE
from tests.page.looking import COLOURS, PHONE, Looked, looking
from tests.page.staging import Staged, aside, said, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

VIEWS = re.findall(
    r'id: "([\w-]+)"', (Path(__file__).parents[2] / "edge/api/http/page/files/shell/views.js").read_text()
)
SECRET = "correct-horse-battery-staple"  # noqa: S105 (of tests)


@pytest.fixture(scope="module")
def desk(house: Staged, browser: "Browser") -> Iterator[Looked]:
    """A tab on a desk."""
    with looking(browser, house.base) as tab:
        yield tab


@pytest.fixture(scope="module")
def hand(house: Staged, browser: "Browser") -> Iterator[Looked]:
    """One on a phone, in the dark."""
    with looking(browser, house.base, PHONE, "dark") as tab:
        yield tab


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_loads_on_a_desk(desk: Looked, view: str) -> None:
    desk.view(view)
    assert desk.axe() == []
    assert desk.too_wide() == []
    assert desk.elsewhere == []
    assert desk.troubles == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_loads_on_a_phone_in_the_dark(hand: Looked, view: str) -> None:
    hand.view(view)
    assert hand.axe(COLOURS) == []
    assert hand.too_wide() == []
    assert hand.elsewhere == []
    assert hand.troubles == []


def test_axe_is_there() -> None:
    if not FILE.is_file():
        pytest.skip("axe-core is not here: `python -m tests.page.axe` fetches it; views were not looked at with it")


def test_a_typed_sentence_moves_a_device_and_the_house_shows_it(house: Staged, browser: "Browser") -> None:
    said(house, "turn off the hall light")
    with looking(browser, house.base) as shown, looking(browser, house.base, PHONE) as typing:
        shown.view("house")
        light = shown.page.locator("[data-device='light.hall_light']")
        toggle = light.get_by_role("switch")
        assert toggle.get_attribute("aria-checked") == "false"
        typing.view("now")
        typing.page.get_by_label("Say something to the assistant").fill("turn on the hall light")
        typing.page.keyboard.press("Enter")
        typing.page.locator(".theirs", has_text="hall light is on").wait_for()
        light.locator("[role=switch][aria-checked=true]").wait_for()
        request = typing.page.locator(".request").first
        request.locator(".words mark", has_text="hall light").wait_for()
        assert "light.turn_on" in request.inner_text()
        assert "off → on" in request.locator(".deeds").inner_text()
        assert request.locator(".waterfall li").count() >= 3
        assert house.device("light.hall_light")["state"] == "on"
        assert typing.troubles == shown.troubles == []


def test_a_switch_on_the_page_moves_the_device_and_what_else_happens_is_shown(
    house: Staged, browser: "Browser"
) -> None:
    said(house, "turn off the bedroom lamp")
    with looking(browser, house.base) as tab:
        tab.view("house")
        lamp = tab.page.locator("[data-device='light.bedroom_lamp']")
        lamp.get_by_role("switch").click()
        lamp.locator(".state", has_text="on").wait_for()
        assert house.device("light.bedroom_lamp")["state"] == "on"
        level = lamp.get_by_role("slider")
        level.fill("40")
        lamp.locator(".state", has_text="on, 40 %").wait_for()
        tab.page.locator("h1").click()
        said(house, "turn off the bedroom lamp")
        lamp.locator(".state", has_text="off").wait_for()
        assert tab.troubles == []


def test_what_lets_somebody_in_is_asked_about_first(house: Staged, browser: "Browser") -> None:
    said(house, "lock the back door")
    with looking(browser, house.base) as tab:
        tab.view("house")
        door = tab.page.locator("[data-device='lock.back_door']")
        door.get_by_role("button", name="Unlock").click()
        dialog = tab.page.get_by_role("dialog")
        assert "Shall I unlock the back door?" in dialog.inner_text()
        assert tab.axe() == []
        dialog.get_by_role("button", name="Cancel").click()
        dialog.wait_for(state="detached")
        assert house.device("lock.back_door")["state"] == "locked"
        door.get_by_role("button", name="Unlock").click()
        tab.page.get_by_role("dialog").get_by_role("button", name="Yes").click()
        door.locator(".state", has_text="unlocked").wait_for()
        assert house.device("lock.back_door")["state"] == "unlocked"
        said(house, "lock the back door")


def test_another_name_given_on_the_page_is_understood_and_kept(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base) as tab:
        tab.view("house")
        tab.page.locator("[data-device='switch.coffee_machine'] .name").click()
        form = tab.page.locator("form.edit")
        assert tab.axe() == []
        form.get_by_label("Also called").fill("bean juicer")
        form.get_by_role("button", name="Save").click()
        form.wait_for(state="detached")
        assert said(house, "turn on the bean juicer") == "The coffee machine is on."
        kept = (house.state / "settings.toml").read_text()
        assert "bean juicer" in kept
        tab.page.locator("[data-device='switch.coffee_machine'] .name").click()
        form.get_by_label("Also called").fill("")
        form.get_by_text("The assistant knows it").click()
        form.get_by_role("button", name="Save").click()
        form.wait_for(state="detached")
        assert "coffee machine is" not in said(house, "turn on the coffee machine")
        assert tab.troubles == []


def test_a_sentence_that_was_understood_wrongly_is_put_right(house: Staged, browser: "Browser") -> None:
    sentence = "moonlight sonata in the hallway"
    with looking(browser, house.base) as tab:
        tab.view("now")
        box = tab.page.get_by_label("Say something to the assistant")
        box.fill(sentence)
        box.press("Enter")
        request = tab.page.locator(".request", has_text=sentence).first
        request.get_by_role("button", name="That was wrong").click()
        form = request.locator(".correct form")
        form.locator("select").first.select_option("light.turn_on")
        form.get_by_label("What", exact=True).select_option("Hall Light")
        assert tab.axe() == []
        form.get_by_role("button", name="Teach it").click()
        request.get_by_text("Learnt:").wait_for()
        said(house, "turn off the hall light")
        request.get_by_role("button", name="Say it again").click()
        tab.page.locator(".theirs", has_text="hall light is on").wait_for()
        assert tab.troubles == []


def test_what_is_asked_back_can_be_chosen(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base) as tab:
        tab.view("now")
        box = tab.page.get_by_label("Say something to the assistant")
        box.fill("turn on the lamp")
        box.press("Enter")
        tab.page.get_by_role("button", name="Office Lamp").click()
        tab.page.locator(".theirs", has_text="office lamp is on").wait_for()


def test_script_in_a_devices_name_stays_text(house: Staged, browser: "Browser") -> None:
    name = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"
    payload = {"name": name, "unique_id": "evil", "state_topic": "evil/state", "command_topic": "evil/set"}
    with looking(browser, house.base) as tab:
        tab.view("house")
        house.publish("homeassistant/switch/evil/config", json.dumps(payload))
        tab.page.get_by_text("<img src=x onerror").first.wait_for()
        tab.view("now")
        box = tab.page.get_by_label("Say something to the assistant")
        box.fill(f"turn on {name}")
        box.press("Enter")
        tab.page.locator(".request", has_text="<script>").first.wait_for()
        assert "pwned" not in tab.page.title()
        assert tab.page.locator("main img, main script").count() == 0
        house.publish("homeassistant/switch/evil/config", "")
        assert tab.troubles == []


def test_what_happens_before_the_page_follows_is_shown(house: Staged, browser: "Browser") -> None:
    payload = {"name": "Late plug", "unique_id": "late", "state_topic": "late/state", "command_topic": "late/set"}
    with looking(browser, house.base) as tab:
        held: list[Route] = []

        def hold(route: "Route") -> None:
            held.append(route)

        tab.page.route("**/page/events**", hold)
        tab.view("house")
        house.publish("homeassistant/switch/late/config", json.dumps(payload))
        while not (held and any(one["name"] == "Late plug" for one in house.asked("devices")["devices"])):
            tab.page.wait_for_timeout(20)
        assert tab.page.get_by_text("Late plug").count() == 0
        for one in held:
            one.continue_()
        tab.page.get_by_text("Late plug").first.wait_for()
        house.publish("homeassistant/switch/late/config", "")
        assert tab.troubles == []


def test_the_keyboard_is_enough(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base) as tab:
        tab.view("now")
        tab.page.locator("body").press("Tab")
        assert tab.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        tab.page.keyboard.press("Enter")
        assert tab.page.evaluate("document.activeElement.id") == "main"
        tab.page.get_by_role("link", name="House").focus()
        tab.page.keyboard.press("Enter")
        tab.page.locator(".view-house h1").wait_for()
        assert tab.page.evaluate("document.activeElement.id") == "main"
        assert tab.page.locator("nav [aria-current=page]").inner_text() == "House"
        toggle = tab.page.locator("[data-device='light.office_lamp']").get_by_role("switch")
        was = toggle.get_attribute("aria-checked")
        toggle.focus()
        tab.page.keyboard.press("Space")
        tab.page.locator(f"[data-device='light.office_lamp'] [role=switch]:not([aria-checked={was}])").wait_for()


def test_with_a_password_nobody_sees_anything_before_it_is_given(tmp_path: Path, browser: "Browser") -> None:
    with served(tmp_path) as here:
        aside(lambda: Tokens.in_state(here.state).put(PASSWORD, SECRET))
        with looking(browser, here.base, PHONE) as tab:
            _log_in(tab, "wrong-wrong-wrong-wrong")
            tab.page.get_by_text("that is not the password").wait_for()
            assert tab.axe() == []
            _log_in(tab, SECRET)
            tab.page.locator(".view h1").wait_for()
            tab.page.reload()
            tab.page.locator(".view h1").wait_for()
            assert tab.page.evaluate("document.cookie") == ""
            tab.page.get_by_role("button", name="Log out").click()
            tab.page.get_by_label("Password").wait_for()


def _log_in(tab: Looked, password: str) -> None:
    if tab.page.url == "about:blank":
        tab.page.goto(tab.base)
    tab.page.get_by_label("Password").fill(password)
    tab.page.get_by_role("button", name="Log in").click()
