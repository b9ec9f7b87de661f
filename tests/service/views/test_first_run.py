"""What the first run finds out: who announces itself, whether a broker lets us in, how loud it is, when it is over."""

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from edge.service.views.first_run import is_done, looked, read_kept
from edge.service.views.looking import announced
from edge.service.views.meter import Meter
from edge.service.views.trying import try_broker, try_home_assistant
from edge.settings import Places, load
from edge.settings.homeassistant import HomeAssistantSettings
from edge.settings.mqtt import MqttSettings
from tests.mosquitto import Mosquitto

LOOPBACK = ["127.0.0.1"]


async def test_brokers_and_home_assistants_that_announce_themselves_are_found() -> None:
    async with AsyncZeroconf(interfaces=LOOPBACK) as running:
        for kind, name, port, facts in (
            ("_mqtt._tcp.local.", "The Cellar", 1883, {}),
            ("_secure-mqtt._tcp.local.", "Safe\u202e", 8883, {}),
            (
                "_home-assistant._tcp.local.",
                "Home",
                8123,
                {"internal_url": "http://10.0.0.5:8123", "version": "2026.5"},
            ),
        ):
            info = AsyncServiceInfo(
                kind, f"{name}.{kind}", parsed_addresses=LOOPBACK, port=port, properties=facts, server="x.local."
            )
            await running.async_register_service(info)
        async with asyncio.timeout(90):  # a busy machine announces late
            while len(found := await announced("mqtt", 1.5, LOOPBACK)) < 2:
                continue
            while not (homes := await announced("home-assistant", 1.5, LOOPBACK)):
                continue
        assert {(one["host"], one["port"], one["tls"]) for one in found} >= {
            ("127.0.0.1", 1883, False),
            ("127.0.0.1", 8883, True),
        }
        assert all(one["name"].isprintable() for one in found)
        assert ("http://10.0.0.5:8123", "2026.5") in {(one["url"], one["version"]) for one in homes}
        await running.async_unregister_all_services()


async def test_looking_around_is_done_by_a_process_of_its_own() -> None:
    sound = await looked("sound")
    assert set(sound) >= {"trouble", "microphones", "loudspeakers"}


async def test_a_broker_is_tried_before_it_is_set(broker: Mosquitto) -> None:
    good = await try_broker(MqttSettings(broker="127.0.0.1", port=broker.port), "attic")
    assert good["ok"] is True
    bad = await try_broker(MqttSettings(broker="127.0.0.1", port=1), "attic")
    assert bad["ok"] is False
    assert bad["text"]


async def test_a_home_assistant_that_is_not_there_says_so() -> None:
    tried = await try_home_assistant(HomeAssistantSettings(url="http://127.0.0.1:1", token="x"))  # noqa: S106
    assert tried["ok"] is False
    assert tried["text"]


def test_the_level_is_told_ten_times_a_second_and_clipping_with_it() -> None:
    told: list[Any] = []
    meter = Meter(told.append, 0.1)
    for value in (0, 3000, 0, 0):
        meter.heard(np.full(512, value, dtype=np.int16))
    assert len(told) == 1
    assert -25 < told[0]["level"] < -15
    assert told[0]["clipped"] is False
    for _ in range(4):
        meter.heard(np.full(512, -32768, dtype=np.int16))
    assert told[1]["clipped"] is True
    meter.woken("okay_nabu", {"probability": 0.97, "room": "here"})
    assert told[-1] == {"woken": "okay_nabu", "probability": 0.97}


def test_it_is_asked_where_nobody_has_set_anything_and_until_it_was_ended(tmp_path: Path) -> None:
    places = Places(tmp_path / "config.toml", tmp_path / "state", tmp_path / "run")
    assert not is_done({}, load(places, {}))
    places.config.write_text("# nothing here yet\n")
    assert not is_done({}, load(places, {}))
    places.config.write_text('node = "boat"\n')
    assert is_done({}, load(places, {}))
    assert not is_done({"name": "done"}, load(places, {}))
    assert is_done({"name": "done", "end": "done"}, load(places, {}))


@pytest.mark.parametrize("data", [b"", b"[1]", b"\xff", b"{"])
def test_notes_that_can_not_be_read_are_begun_anew(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "first-run.json"
    file.write_bytes(data)
    assert read_kept(file) == {}
    file.write_text(json.dumps({"name": "done"}))
    assert read_kept(file) == {"name": "done"}
