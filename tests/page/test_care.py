"""The views that look after the machine, in a browser: sensors, plans, models, health, settings, the first run."""

import csv
import io
import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge.models import ModelStore
from edge.settings.editing import read
from edge.tuning.last import FILE as LAST
from tests.gguf_maker import make
from tests.page.axe import FILE
from tests.page.looking import PHONE, Looked, awaited, looking
from tests.page.staging import ROOT, Staged, aside, said, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SENSOR = "sensor.bedroom_air_temperature"


def fine(tab: Looked) -> None:
    """Nothing went wrong, for whoever uses it."""
    assert tab.troubles == []
    assert tab.overflow_px() <= 0
    assert tab.elsewhere == []
    if FILE.is_file():
        assert tab.axe() == []


def edge(house: Staged, *command: str, stdin: str | None = None) -> str:
    """What a command prints that knows the house's service."""
    env = {
        "EDGE_STATE": str(house.state),
        "EDGE_CONFIG": str(house.state.parent / "config.toml"),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-m", "edge", *command],
        env=env,
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def remembered(house: Staged) -> None:
    """Give a sensor a past: three days of nights and days."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("time", "sensor", "value", "unit", "kind"))
    now = time.time()
    for at in range(int(now - 3 * 86_400), int(now - 60), 300):
        rows.writerow((at, SENSOR, f"{19 + 2 * math.sin(at / 86_400 * 2 * math.pi):.2f}", "°C", "measurement"))
    aside(lambda: edge(house, "sensors", "import", stdin=text.getvalue()))


def test_a_sensors_course_is_drawn_and_told_in_words(house: Staged, browser: "Browser") -> None:
    remembered(house)
    with looking(browser, house.base, PHONE) as tab:
        tab.view("sensors")
        tab.page.get_by_label("Find a sensor").fill("bedroom air temp")
        tab.page.locator(".sensors li:visible a").click()
        chart = tab.page.locator(".chart svg")
        chart.wait_for()
        assert "19" in tab.page.locator(".big").inner_text()
        assert tab.page.locator(".chart path.mean").get_attribute("d", timeout=5000)
        told = str(chart.get_attribute("aria-label"))
        assert "Bedroom Air Temperature" in told
        assert "between" in told
        chart.focus()
        tab.page.keyboard.press("Home")
        first = tab.page.locator(".readout").inner_text()
        tab.page.keyboard.press("End")
        assert first != tab.page.locator(".readout").inner_text()
        assert "°C" in first
        tab.page.get_by_role("button", name="1 week").click()
        tab.page.locator("button[data-length='604800'][aria-pressed=true]").wait_for()
        tab.page.get_by_text("As a table").click()
        assert tab.page.locator(".as-table tbody tr").count() >= 10
        fine(tab)


def test_an_alarm_comes_by_itself_and_is_seen_and_muted(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base) as tab:
        tab.view("sensors")
        said(house, "warn me when the bedroom air temperature is below 80 degrees")
        said(house, "yes")
        card = tab.page.locator(".alarm-card", has_text="Bedroom Air Temperature").first
        card.wait_for()
        fine(tab)
        card.get_by_role("button", name="I have seen it").click()
        card.locator(".seen").wait_for()
        card.get_by_label("Mute Bedroom Air Temperature").select_option("3600")
        tab.page.get_by_role("heading", name="Muted").wait_for()
        assert house.asked("alarms", all=True)["muted"]
        tab.page.get_by_role("button", name="Tell me again").click()
        tab.page.get_by_role("heading", name="Muted").wait_for(state="detached")
        tab.page.get_by_text("You asked to be warned").click()
        tab.page.get_by_role("button", name="Remove: ").first.click()
        tab.page.get_by_text("You asked to be warned").wait_for(state="detached")
        assert not house.asked("alarm_rules")["rules"]


def test_timers_are_set_paused_and_cancelled(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base, PHONE) as tab:
        tab.view("plans")
        tab.page.get_by_text("Set another one").click()
        tab.page.get_by_label("Minutes").fill("7")
        tab.page.get_by_label("What for").fill("pasta")
        tab.page.get_by_role("button", name="Set", exact=True).click()
        tab.page.get_by_text("The pasta timer").wait_for()
        fine(tab)
        (entry,) = house.asked("timers")["entries"]
        assert 400 < entry["remaining_s"] <= 420
        tab.page.get_by_role("button", name="Pause: The pasta timer").click()
        tab.page.get_by_role("button", name="Go on: The pasta timer").click()
        tab.page.get_by_role("button", name="Cancel: The pasta timer").click()
        tab.page.get_by_text("Nothing is set.").wait_for()
        assert not house.asked("timers")["entries"]
        said(house, "set a timer for 5 minutes")
        tab.page.get_by_text("The 5 minute timer").wait_for()
        said(house, "cancel the timer")
        tab.page.get_by_text("Nothing is set.").wait_for()
        assert tab.troubles == []


def test_things_are_put_on_a_list_ticked_and_taken_off(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base) as tab:
        tab.view("plans")
        said(house, "add oat milk to the shopping list")
        tab.page.reload()
        shopping = tab.page.get_by_role("region", name="shopping")
        shopping.get_by_label("Add to shopping").fill("<b>bread</b>")
        shopping.get_by_role("button", name="Add").click()
        shopping.get_by_text("<b>bread</b>").wait_for()
        shopping.get_by_label("oat milk", exact=True).check()
        shopping.locator(".done", has_text="oat milk").wait_for()
        fine(tab)
        shopping.get_by_role("button", name="Remove 1 done").click()
        shopping.get_by_text("oat milk").wait_for(state="detached")
        shopping.get_by_role("button", name="Take <b>bread</b> off shopping").click()
        shopping.wait_for(state="detached")
        assert not house.asked("lists")["lists"].get("shopping")


def test_a_rule_is_switched_off_and_deleted(house: Staged, browser: "Browser") -> None:
    said(house, "when the bedroom window opens, turn on the hall light")
    said(house, "yes")
    (rule,) = house.asked("rules")["rules"]
    with looking(browser, house.base) as tab:
        tab.view("plans")
        switch = tab.page.locator("[data-keep^=rule-]")
        switch.click()
        tab.page.locator("[data-keep^=rule-]:not(:checked)").wait_for()
        fine(tab)
        assert house.asked("rules")["rules"][0]["enabled"] is False
        tab.page.get_by_role("button", name="Delete the rule").click()
        tab.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        tab.page.get_by_text("There are no rules.").wait_for()
        assert rule["id"] not in {one["id"] for one in house.asked("rules")["rules"]}


def test_scenes_are_played_and_what_was_remembered_is_forgotten(house: Staged, browser: "Browser") -> None:
    house.asked("scene_save", name="film time", area="living_room")
    said(house, "remember that the boiler was serviced in May")
    said(house, "remember that the code of the garage is 4711")
    with looking(browser, house.base) as tab:
        tab.view("plans")
        tab.page.get_by_role("button", name="Play film time").click()
        tab.page.get_by_role("status").filter(has_text="ilm time").wait_for()
        tab.page.get_by_label("Something to remember").fill("Joe is the plumber")
        tab.page.get_by_role("button", name="Note", exact=True).click()
        tab.page.get_by_role("button", name="Forget: Joe is the plumber").wait_for()
        assert "4711" not in tab.page.content()
        fine(tab)
        for what in ("the boiler was serviced", "something secret", "Joe is the plumber"):
            tab.page.get_by_role("button", name=f"Forget: {what}").click()
            tab.page.get_by_role("button", name=f"Forget: {what}").wait_for(state="detached")
        tab.page.get_by_role("button", name="Delete film time").click()
        tab.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        tab.page.get_by_role("button", name="Play film time").wait_for(state="detached")
        assert tab.troubles == []


TUNING = {
    "model": "tiny",
    "at": "2026-05-01T10:00:00+00:00",
    "elapsed_s": 61.0,
    "trials": 5,
    "tokens_per_s": 11.5,
    "prompt_tokens_per_s": 40.0,
    "bytes": 900_000_000,
    "n_ctx": 2048,
    "notices": [],
    "stages": [
        {
            "title": "Threads for answers",
            "rows": [
                {"label": "2 threads", "taken": False, "writes": [8.0, 8.5], "reads": [30.0]},
                {"label": "4 threads", "taken": True, "writes": [11.0, 11.5, 12.0], "reads": [40.0, 41.0]},
            ],
        }
    ],
}


def test_models_are_used_measured_for_and_their_trials_drawn(house: Staged, browser: "Browser", tmp_path: Path) -> None:
    store = ModelStore(house.state / "models")
    aside(lambda: (store.add(make(tmp_path / "tiny.gguf")), store.add(make(tmp_path / "other.gguf", seed=2))))
    (house.state / "llm").mkdir(exist_ok=True)
    (house.state / "llm" / LAST).write_text(json.dumps(TUNING))
    with looking(browser, house.base) as tab:
        tab.view("model")
        tab.page.get_by_role("button", name="Use other").click()
        tab.page.locator("[data-in-use=other]").wait_for()
        assert tab.page.locator("svg.trials circle.taken").count() == 5
        tab.page.get_by_role("button", name="Look at the hardware").click()
        tab.page.locator("table.fits tbody tr").first.wait_for(timeout=90_000)
        assert tab.page.get_by_text("Processor", exact=True).is_visible()
        fine(tab)
        for name in ("other", "tiny"):
            tab.page.get_by_role("button", name=f"Remove {name}").click()
            tab.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
            tab.page.get_by_role("button", name=f"Remove {name}").wait_for(state="detached")
        assert not aside(store.models)


def test_doctor_looks_and_the_log_is_searched(house: Staged, browser: "Browser") -> None:
    with looking(browser, house.base) as tab:
        tab.view("health")
        tab.page.get_by_text("Looked just now").wait_for(timeout=60_000)
        fine(tab)
        tab.page.get_by_label("Lines with these words").fill("service.ready")
        tab.page.get_by_role("button", name="Show", exact=True).click()
        tab.page.locator(".log li", has_text="mqtt.connected").first.wait_for(state="detached")
        tab.page.locator(".log li", has_text="service.ready").wait_for()


def test_what_a_finding_offers_is_done_when_somebody_wants_it(house: Staged, browser: "Browser") -> None:
    secret = house.state / "secrets" / "page-mqtt-password"
    with looking(browser, house.base) as tab:
        tab.view("settings")
        tab.page.get_by_label("Find a setting").fill("mqtt.password")
        tab.page.get_by_role("textbox", name="Password", exact=True).fill("471147")
        tab.page.get_by_role("button", name="Save", exact=True).click()
        awaited(tab, lambda: secret.exists() and secret.read_text().strip() == "471147")
        secret.chmod(0o644)
        tab.view("health")
        tab.page.get_by_role("button", name="Look again").click(timeout=60_000)
        tab.page.locator(".findings [data-check=secrets]").get_by_role("button", name="Mend it").click(timeout=60_000)
        tab.page.get_by_role("dialog").get_by_role("button", name="Do it").click()
        tab.page.locator(".findings [data-check=secrets]").wait_for(state="detached", timeout=60_000)
        assert secret.stat().st_mode & 0o077 == 0
        fine(tab)


def test_a_backup_is_made_fetched_read_and_removed(house: Staged, browser: "Browser", tmp_path: Path) -> None:
    with looking(browser, house.base, accept_downloads=True) as tab:
        tab.view("health")
        tab.page.get_by_label("Passphrase", exact=True).fill("correct horse")
        tab.page.get_by_label("with what sensors said").uncheck()
        tab.page.get_by_role("button", name="Make a backup").click()
        fetch = tab.page.get_by_role("link", name="Fetch")
        fetch.wait_for(timeout=60_000)
        with tab.page.expect_download() as download:
            fetch.click()
        file = tmp_path / "a.backup"
        download.value.save_as(file)
        tab.page.get_by_text("Restore one that you keep elsewhere").click()
        tab.page.get_by_label("A backup").set_input_files(file)
        tab.page.get_by_role("button", name="Send it").click()
        tab.page.get_by_label("Its passphrase").fill("wrong horse")
        tab.page.get_by_role("button", name="See what is in it").click()
        tab.page.locator(".problem", has_text="passphrase").wait_for(timeout=60_000)
        tab.page.get_by_label("Its passphrase").fill("correct horse")
        tab.page.get_by_role("button", name="See what is in it").click()
        tab.page.get_by_text("Whole and readable").wait_for(timeout=60_000)
        fine_but_refused(tab)
        tab.page.get_by_role("button", name="Leave it").click()
        awaited(tab, lambda: not (house.state / "updates/sent.backup").exists())
        tab.page.get_by_role("button", name="Remove edge-").click()
        tab.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        fetch.wait_for(state="detached")


def test_an_update_that_nobody_signed_is_refused(house: Staged, browser: "Browser", tmp_path: Path) -> None:
    bundle = tmp_path / "edge-9.bundle"
    bundle.write_bytes(b"not a bundle" * 1000)
    with looking(browser, house.base) as tab:
        tab.view("health")
        tab.page.get_by_label("A bundle").set_input_files(bundle)
        tab.page.get_by_role("button", name="Send and verify it").click()
        tab.page.locator(".problem").first.wait_for(timeout=60_000)
        assert tab.page.get_by_role("button", name="Apply it").count() == 0
        assert not (house.state / "updates" / "sent.bundle").exists()
        fine_but_refused(tab)


def fine_but_refused(tab: Looked) -> None:
    """As `fine`; the browser writes down what was refused."""
    tab.troubles[:] = [one for one in tab.troubles if "Failed to load resource" not in one]
    fine(tab)


def test_a_setting_is_saved_and_one_that_can_not_be_used_refused(house: Staged, browser: "Browser") -> None:
    own = house.state / "settings.toml"
    with looking(browser, house.base) as tab:
        tab.view("settings")
        tab.page.get_by_label("Find a setting").fill("keepalive")
        number = tab.page.get_by_label("Keepalive (seconds)")
        number.fill("1")
        tab.page.get_by_role("button", name="Save", exact=True).click()
        tab.page.locator("[data-key='mqtt.keepalive_s'] .problem:visible").wait_for()
        assert number.get_attribute("aria-invalid") == "true"
        assert "keepalive_s" not in (own.read_text() if own.exists() else "")
        number.fill("45")
        tab.page.get_by_role("button", name="Save", exact=True).click()
        awaited(tab, lambda: "keepalive_s = 45" in tab.page.locator("#toml").input_value())
        assert read(own.read_text())["mqtt"]["keepalive_s"] == 45
        assert "keepalive_s = 45" in tab.page.locator("#toml").input_value()
        fine_but_refused(tab)


def test_a_text_of_settings_keeps_its_comments_and_secrets_are_never_shown(house: Staged, browser: "Browser") -> None:
    own = house.state / "settings.toml"
    with looking(browser, house.base, PHONE) as tab:
        tab.view("settings")
        area = tab.page.locator("#toml")
        area.fill("# for the winter\n[summary\n")
        tab.page.get_by_role("button", name="Check").click()
        tab.page.get_by_text("expected TOML").wait_for()
        area.fill('# for the winter\n[log]\nlevel = "info"  # enough\n')
        tab.page.get_by_role("button", name="Save the text").click()
        tab.page.locator("[data-table='log'] .origin", has_text="set on this page").wait_for(state="attached")
        tab.page.locator("[data-table='homeassistant'] summary").click()
        tab.page.get_by_role("textbox", name="Token", exact=True).fill("471147")
        tab.page.get_by_role("button", name="Save", exact=True).click()
        tab.page.locator("#s-homeassistant-token[placeholder^='is set']").wait_for()
        text = own.read_text()
        assert "# for the winter" in text
        assert "# enough" in text
        assert "471147" not in text + tab.page.content()
        tab.page.get_by_role("button", name="Forget homeassistant.token").click()
        tab.page.get_by_role("button", name="Save", exact=True).click()
        tab.page.get_by_role("button", name="Save", exact=True).wait_for(state="hidden")
        fine_but_refused(tab)


@pytest.mark.timeout(400)
def test_the_first_run_from_start_to_end_with_a_reload_and_a_restart(
    house: Staged, browser: "Browser", tmp_path: Path
) -> None:
    with served(tmp_path) as here, looking(browser, here.base, PHONE) as tab:
        page = tab.page
        page.goto(here.base)
        page.get_by_role("heading", name="First run").wait_for()
        page.get_by_label("Name", exact=True).fill("Attic!")
        page.get_by_role("button", name="Save and go on").click()
        page.locator(".problem", has_text="node").wait_for()
        page.get_by_label("Name", exact=True).fill("attic")
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_label("Room", exact=True).fill("Top Room")
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_label("Time zone").wait_for()
        page.reload()
        page.get_by_label("Time zone").fill("Europe/London")
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_label("one that is there already").check()
        page.get_by_label("Address", exact=True).fill("127.0.0.1")
        page.get_by_label("Port", exact=True).fill("1")
        page.get_by_role("button", name="Try it").click()
        page.locator(".problem").first.wait_for()
        page.get_by_label("Port", exact=True).fill(str(house.broker.port))
        page.get_by_role("button", name="Try it").click()
        page.get_by_text("Connected to").wait_for()
        fine_but_refused(tab)
        page.get_by_role("button", name="Save and go on").click()
        for title in ("Home Assistant", "Microphone and loudspeaker", "Wake word", "Language model"):
            page.get_by_role("heading", name=title).wait_for()
            page.wait_for_timeout(100)
            if FILE.is_file():
                assert tab.axe() == []
            page.get_by_role("button", name="Skip this").click()
        page.get_by_role("button", name="Finish and start again").click()
        page.locator(".view-now h1").wait_for(timeout=60_000)
        assert page.locator("nav [data-view=first-run]").count() == 0
        status: dict[str, Any] = here.asked("status")
        assert status["node"] == "attic"
        assert status["broker"]["port"] == house.broker.port
        own = read((here.state / "settings.toml").read_text())
        assert own["areas"] == [{"id": "top_room", "name": "Top Room"}]
        page.goto(here.base)
        page.locator(".view-now h1").wait_for()
        fine_but_refused(tab)
