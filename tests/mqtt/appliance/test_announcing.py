"""The appliance on a real broker: announced, shown, republished, taken back."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.identity import ORIGIN
from edge.mqtt.appliance import Alarm, AlarmState, AlarmTopics, Problem, Timer, withdraw
from edge.mqtt.appliance.alarms import MOST_SHOWN
from edge.mqtt.appliance.kept import load_kept, save_kept
from edge.mqtt.client import Endpoint
from edge.mqtt.discovery import Discovery
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import is_valid_topic
from tests.mosquitto import Mosquitto
from tests.mqtt.appliance.fakes import BASE, CONFIG, DESCRIPTION, EXCHANGE, ID, Scene, retained, staged

EVERYTHING = {
    "conversation": "text",
    "last_request": "sensor",
    "last_reply": "sensor",
    "request": "event",
    "listening": "sensor",
    "mute": "switch",
    "guests": "switch",
    "volume": "number",
    "wake_word": "select",
    "model": "select",
    "timers": "sensor",
    "next_timer": "sensor",
    "summary": "sensor",
    "token_rate": "sensor",
    "temperature": "sensor",
    "available_memory": "sensor",
    "service_memory": "sensor",
    "model_memory": "sensor",
    "router_latency": "sensor",
    "model_latency": "sensor",
    "update": "update",
    "restart": "button",
    "tune": "button",
    **{f"problem_{problem.value}": "binary_sensor" for problem in Problem},
}


async def test_every_entity_is_announced_in_one_payload(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        config = await scene.announced()
    assert {key: each["platform"] for key, each in config["components"].items()} == EVERYTHING
    assert config["device"] == {
        "identifiers": [ID],
        "name": "Edge test",
        "manufacturer": "Edge",
        "model": "A board",
        "sw_version": "1.2.3",
        "suggested_area": "Kitchen",
    }
    assert config["origin"] == {"name": ORIGIN, "sw_version": "1.2.3"}
    assert config["availability"] == [{"topic": "edge/test/state"}]
    ids = [each["unique_id"] for each in config["components"].values()]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith(f"{ID}_") for each in ids)


async def test_every_topic_is_under_the_base_and_no_name_has_the_devices(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        config = await scene.announced()
    for each in config["components"].values():
        topics = [value for key, value in each.items() if key.endswith("topic")]
        topics += [one["topic"] for one in each.get("availability", [])]
        assert all(topic.startswith(f"{BASE}/") and is_valid_topic(topic) for topic in topics)
        name = each.get("name")
        assert name is None or not name.lower().startswith("edge")
        assert name is None or (name[0].isupper() and name[1:] == name[1:].lower())
        assert not ("icon" in each and each.get("device_class") not in (None, "enum"))


async def test_what_is_read_is_shown_and_kept_by_the_broker(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        kept = await retained(broker)
    shown = {topic.removeprefix(f"{BASE}/entity/"): payload for topic, payload in kept.items()}
    assert (shown["volume"], shown["mute"], shown["wake_word"], shown["model"]) == ("70", "OFF", "okay_nabu", "qwen")
    assert (shown["temperature"], shown["available_memory"], shown["service_memory"]) == ("48.3", "512", "123")
    assert (shown["token_rate"], shown["next_timer"], shown["timers"]) == ("None", "None", "0")
    assert json.loads(shown["update"]) == {"installed_version": "1.2.3", "latest_version": "1.2.3", "title": "Edge"}
    assert kept[f"{BASE}/available/voice"] == "online"
    assert {shown[f"problem_{problem.value}"] for problem in Problem} == {"OFF"}


async def test_a_change_is_told_and_what_stays_is_not_told_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        before = len(scene.inbox.messages)
        scene.change(problems={Problem.CLOCK: "no time"}, volume=0.33)
        await scene.shows("entity/problem_clock", "ON")
        await scene.shows("entity/problem_clock/attributes", '{"reason": "no time"}')
        told = {message.topic for message in scene.inbox.messages[before:]}
    entity = f"{BASE}/entity/"
    assert told == {f"{entity}volume", f"{entity}problem_clock", f"{entity}problem_clock/attributes"}


async def test_what_was_said_is_shown_and_not_kept_by_the_broker(broker: Mosquitto, tmp_path: Path) -> None:
    long = "word " * 2000
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.appliance.answered(replace(EXCHANGE, reply=long))
        await scene.shows("entity/last_request", "turn on the lamp")
        await scene.shows("entity/conversation", "turn on the lamp")
        await scene.inbox.until(lambda _: scene.last("entity/last_reply/attributes") != "{}")
        kept = await retained(broker)
    reply = scene.last("entity/last_reply") or ""
    attributes = json.loads(scene.last("entity/last_reply/attributes") or "")
    assert (len(reply), reply[-1]) == (255, "…")
    assert (len(attributes["text"]), attributes["functions"]) == (4000, ["light.turn_on"])
    assert not [topic for topic in kept if "last_re" in topic or "conversation" in topic or "request" in topic]


async def test_every_request_is_an_event_even_the_same_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        config = await scene.announced()
        for _ in range(2):
            scene.appliance.answered(EXCHANGE)
        topic = config["components"]["request"]["state_topic"]
        await scene.inbox.until(lambda messages: sum(message.topic == topic for message in messages) == 2)
        event = json.loads(next(message.payload for message in scene.inbox.messages if message.topic == topic))
    assert event["event_type"] in config["components"]["request"]["event_types"]
    assert (event["text"], event["source"], event["area"]) == ("turn on the lamp", "mqtt", "kitchen")


async def test_timers_are_counted_and_the_next_end_is_told(broker: Mosquitto, tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    timers = (Timer("a", "timer", "running", "tea", None, at), Timer("b", "timer", "paused", "", "kitchen", None))
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.change(timers=timers)
        await scene.shows("entity/next_timer", "2026-03-01T07:30:00+00:00")
        await scene.shows("entity/timers", "2")
        told = json.loads(scene.last("entity/timers/attributes") or "")["timers"]
    assert [(each["name"], each["status"], each["ends"]) for each in told] == [
        ("tea", "running", "2026-03-01T07:30:00+00:00"),
        (None, "paused", None),
    ]


async def test_latencies_are_told_now_and_then_only(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.change(router_ms=1.26)
        await scene.shows("entity/router_latency", "1.3")
        scene.change(router_ms=9.0, volume=0.2)
        await scene.shows("entity/volume", "20")
        assert scene.last("entity/router_latency") == "1.3"


async def test_without_a_microphone_its_entities_are_unavailable_and_come_back(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with staged(broker, tmp_path) as scene:
        config = await scene.announced()
        assert config["components"]["volume"]["availability"] == [
            {"topic": f"{BASE}/state"},
            {"topic": f"{BASE}/available/voice"},
        ]
        scene.change(listening=None, volume=None)
        await scene.shows("available/voice", "offline")
        scene.change(listening="idle", volume=0.5)
        await scene.shows("available/voice", "online")
        await scene.shows("entity/volume", "50")


@pytest.mark.parametrize(("before", "has"), [(True, True), (False, False)])
async def test_a_microphone_that_may_come_has_entities_where_there_was_one(
    broker: Mosquitto, tmp_path: Path, before: bool, has: bool
) -> None:
    async with staged(broker, tmp_path) as scene:
        scene.change(has_voice=before)
        await scene.inbox.until(lambda _: ("mute" in scene.config().get("components", {})) is before)
    again = Scene(tmp_path)
    again.facts = replace(again.facts, has_voice=None, listening=None)
    async with staged(broker, tmp_path, again) as scene:
        config = await scene.announced()
    assert ("mute" in config["components"]) is has


async def test_home_assistants_birth_has_everything_told_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.appliance.answered(EXCHANGE)
        await scene.shows("entity/last_reply", EXCHANGE.reply)
        scene.inbox.messages.clear()
        await scene.other.publish("homeassistant/status", "offline")
        await scene.other.publish("homeassistant/status", "online")
        await scene.announced()
        await scene.shows("entity/last_reply", EXCHANGE.reply)
        await scene.shows("entity/volume", "70")


async def test_a_broker_that_has_forgotten_everything_is_told_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.inbox.messages.clear()
        await broker.restart()
        await scene.announced()
        await scene.shows("entity/volume", "70")


async def test_an_entity_that_goes_is_taken_back_with_what_was_kept_of_it(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.change(models=(), model=None)
        await scene.inbox.until(lambda _: "model" not in scene.config().get("components", {"model": 1}))
        await scene.shows("entity/model", "")
        configs = [json.loads(m.payload) for m in scene.inbox.messages if m.topic == CONFIG]
        assert {"platform": "select"} in [config["components"].get("model") for config in configs]
        kept = await retained(broker)
    assert f"{BASE}/entity/model" not in kept
    assert f"{BASE}/entity/model/attributes" not in kept


async def test_what_an_earlier_version_had_is_taken_back(broker: Mosquitto, tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    earlier = {
        "topic": CONFIG,
        "components": {"mood": "sensor", "volume": "sensor"},
        "retained": [f"{BASE}/entity/mood"],
        "alarms": {},
    }
    scene.kept_in.write_text(json.dumps(earlier))
    async with staged(broker, tmp_path, scene):
        await scene.announced()
        await scene.inbox.until(lambda _: "mood" not in scene.config()["components"])
        configs = [json.loads(m.payload)["components"] for m in scene.inbox.messages if m.topic == CONFIG]
    assert configs[0]["mood"] == {"platform": "sensor"}
    assert configs[0]["volume"] == {"platform": "sensor"}
    assert configs[-1]["volume"]["platform"] == "number"


async def test_another_prefix_or_base_leaves_nothing_behind(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
    moved = replace(DESCRIPTION, prefix="homeassistant/two", base=f"{BASE}/two")
    again = Scene(tmp_path)
    async with staged(broker, tmp_path, again, moved):
        await again.inbox.until(lambda _: bool(again.last(f"homeassistant/two/device/{ID}/config")))
        await again.shows("two/entity/volume", "70")
        await again.shows(CONFIG, "")
        await again.shows("entity/volume", "")
        await again.shows("state", "")
        kept = await retained(broker)
    assert [topic for topic in kept if not topic.startswith(("homeassistant/two/", f"{BASE}/two/"))] == []


async def test_one_that_was_killed_before_it_took_back_what_it_had_left_does_so_later(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
    before = await asyncio.to_thread(load_kept, scene.kept_in)
    moved = replace(DESCRIPTION, prefix="homeassistant/two", base=f"{BASE}/two")
    fresh = replace(before, topic=moved.topic, retained=(), base=moved.base)
    await asyncio.to_thread(save_kept, scene.kept_in, fresh.beside(before))
    again = Scene(tmp_path)
    async with staged(broker, tmp_path, again, moved):
        await again.shows("two/entity/volume", "70")
        await again.shows(CONFIG, "")
        await again.shows("state", "")
        kept = await retained(broker)
    assert [topic for topic in kept if not topic.startswith(("homeassistant/two/", f"{BASE}/two/"))] == []


async def test_what_another_took_back_under_our_base_is_told_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.inbox.messages.clear()
        for topic in ("entity/volume", "state"):
            await scene.other.publish(f"{BASE}/{topic}", "", retain=True)
        await scene.shows("state", "online")
        await scene.shows("entity/volume", "70")


async def test_once_it_is_not_announced_nothing_of_it_is_left(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.alarms.tell("freezer", _alarm())
        await scene.inbox.until(lambda _: "alarm_freezer" in scene.config().get("components", {}))
    link = Link(Endpoint(broker.host, broker.port), client_id="a")
    alarms = AlarmTopics(link, BASE)
    async with link, withdraw(link, scene.kept_in, alarms) as withdrawing:
        alarms.tell("leak", _alarm())
        await withdrawing
        await link.publish("end", "")
    kept = await retained(broker)
    assert set(kept) == {f"{BASE}/state", f"{BASE}/alarm/leak"}
    assert not scene.kept_in.exists()


def _alarm(state: AlarmState = AlarmState.ACTIVE) -> Alarm:
    since = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    return Alarm("Freezer too warm", state, since, -3.5, "above", "The freezer is at -3.5 °C.")


async def test_an_alarm_has_a_message_and_a_sensor_until_it_is_forgotten(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.alarms.tell("freezer-1", _alarm())
        await scene.inbox.until(lambda _: "alarm_freezer-1" in scene.config()["components"])
        sensor = scene.config()["components"]["alarm_freezer-1"]
        assert (sensor["name"], sensor["state_topic"]) == ("Freezer too warm", f"{BASE}/alarm/freezer-1")
        told = json.loads(scene.last("alarm/freezer-1") or "")
        assert told == {
            "state": "active",
            "since": "2026-03-01T07:30:00+00:00",
            "value": -3.5,
            "reason": "above",
            "text": "The freezer is at -3.5 °C.",
            "severity": "warning",
            "acknowledged": False,
            "advice": "",
        }
        scene.alarms.forget("freezer-1")
        await scene.shows("alarm/freezer-1", "")
        await scene.inbox.until(lambda _: "alarm_freezer-1" not in scene.config()["components"])


async def test_of_very_many_alarms_all_have_a_message_and_some_a_sensor(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        for number in range(MOST_SHOWN + 20):
            scene.alarms.tell(f"probe-{number}", _alarm())
        await scene.inbox.until(lambda _: scene.last(f"alarm/probe-{MOST_SHOWN + 19}") is not None)
        await scene.inbox.until(lambda _: f"alarm_probe-{MOST_SHOWN - 1}" in scene.config()["components"])
        assert f"alarm_probe-{MOST_SHOWN}" not in scene.config()["components"]
        scene.alarms.forget(f"probe-{MOST_SHOWN + 19}")
        await scene.shows(f"alarm/probe-{MOST_SHOWN + 19}", "")


async def test_a_restart_forgets_no_alarm(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.alarms.tell("freezer", _alarm())
        await scene.inbox.until(lambda _: "alarm_freezer" in scene.config()["components"])
    async with staged(broker, tmp_path) as scene:
        config = await scene.announced()
        assert config["components"]["alarm_freezer"]["name"] == "Freezer too warm"
        assert (await retained(broker))[f"{BASE}/alarm/freezer"]


async def test_a_broker_that_has_forgotten_an_alarm_is_told_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.alarms.tell("Freezer °C", _alarm())
        await scene.shows("alarm/freezer_degc", _alarm().payload())
        await scene.other.publish(f"{BASE}/alarm/freezer_degc", "", retain=True)
        await scene.shows("alarm/freezer_degc", "")
        await broker.restart()
        await scene.shows("alarm/freezer_degc", _alarm().payload())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "open", 3])
def test_whatever_the_reading_an_alarm_is_json(value: Any) -> None:
    told = json.loads(replace(_alarm(), value=value).payload(), parse_constant=lambda word: pytest.fail(word))
    assert told["value"] == (value if value in ("open", 3) else None)


async def test_a_fault_in_one_look_does_not_end_it(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looked = asyncio.Event()

    class Loud(float):
        def __mul__(self, _: float) -> float:
            looked.set()
            raise ValueError("too loud to tell")

    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.change(volume=Loud())
        await looked.wait()
        scene.change(volume=0.2)
        await scene.shows("entity/volume", "20")
    assert "appliance.fault" in [record.message for record in caplog.records]


async def test_our_own_discovery_finds_none_of_it(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        payload = scene.last(CONFIG) or ""
    changes = Discovery().feed(CONFIG, payload.encode())
    assert not changes
    assert all(problem.ignored for problem in changes.problems)


async def test_others_would_understand_every_component(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        config: dict[str, Any] = await scene.announced()
    config["origin"]["name"] = "other"
    changes = Discovery().feed(CONFIG, json.dumps(config).encode())
    assert not [problem for problem in changes.problems if not problem.ignored]
    assert len(changes.added) + len(changes.problems) == len(EVERYTHING)
