"""A device that both MQTT and Home Assistant know is one device with two ways to it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.devices.wishes import Wish
from edge.homeassistant import LinkState
from edge.mqtt.client import Endpoint
from edge.mqtt.discovery import Discovery
from edge.mqtt.house import House
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import Received
from edge.service.homeassistant import Ways
from tests.homeassistant.fake import FakeHomeAssistant
from tests.homeassistant.home import Home, home_of, read, until
from tests.mosquitto import Mosquitto

LAMP = {
    "name": "Lamp",
    "unique_id": "lamp-1",
    "command_topic": "lamp/set",
    "state_topic": "lamp/state",
    "availability_topic": "lamp/available",
    "device": {"identifiers": ["lamp"], "suggested_area": "Living Room"},
}


@dataclass
class Both:
    home: Home
    house: House
    ways: Ways
    devices: Link
    heard: list[bytes]
    """Commands that the lamp got over MQTT."""

    @property
    def registry(self) -> Registry:
        return self.home.registry

    async def announce(self, payload: dict[str, Any]) -> None:
        topic = f"homeassistant/light/{payload['unique_id']}/config"
        await self.devices.publish(topic, json.dumps(payload), retain=True)

    async def merged(self) -> None:
        """Wait until it is one device, and there over MQTT."""
        await until(lambda: self.home.household.merged == 1)
        await until(lambda: any(self.house.reaches(device) for device in self.registry.devices))


@asynccontextmanager
async def both(
    broker: Mosquitto, fake: FakeHomeAssistant, *, prefer: Any = "mqtt", wishes: dict[str, Wish] | None = None
) -> AsyncIterator[Both]:
    registry, end = Registry(), Endpoint(broker.host, broker.port)
    heard: list[bytes] = []
    async with (
        Link(end, client_id="watch") as watch,
        Link(end, client_id="send") as send,
        Link(end, client_id="devices") as devices,
    ):
        house = House(watch=watch, send=send, registry=registry, discovery=Discovery(), wishes=wishes)
        async with house, home_of(fake, registry=registry, prefer=prefer, house=house, wishes=wishes) as home:
            house.elsewhere = home.household

            def on_command(message: Received) -> None:
                heard.append(message.payload)
                devices.post("lamp/state", message.payload, retain=True)

            devices.subscribe(["lamp/set"], on_command, qos=1)
            await devices.connected()
            await devices.publish("lamp/available", "online", retain=True)
            ways = [house, home.commands] if prefer == "mqtt" else [home.commands, house]
            yield Both(home, house, Ways(ways), devices, heard)
            house.elsewhere = None


@pytest.fixture
async def fake() -> AsyncIterator[FakeHomeAssistant]:
    async with FakeHomeAssistant() as running:
        running.add_area("den", "Den")
        running.add(
            "light.reading_lamp",
            "off",
            {"friendly_name": "Reading lamp"},
            entry={
                "platform": "mqtt",
                "unique_id": "lamp-1",
                "name": "Reading lamp",
                "area_id": "den",
                "aliases": ["Book light"],
            },
        )
        yield running


@pytest.mark.parametrize("first", ["mqtt", "homeassistant"])
async def test_it_is_one_device_named_and_placed_as_in_home_assistant(
    broker: Mosquitto, fake: FakeHomeAssistant, first: str
) -> None:
    async with both(broker, fake) as running:
        if first == "mqtt":
            await running.announce(LAMP)
            await until(lambda: running.registry.devices)
            await read(running.home)
        else:
            await read(running.home)
            assert set(running.registry.devices) == {"light.reading_lamp"}
            await running.announce(LAMP)
        await running.merged()
        await read(running.home)
        assert set(running.registry.devices) == {"light.lamp"}
        lamp = running.registry.devices["light.lamp"]
        assert (lamp.name, lamp.aliases, lamp.area) == ("Reading lamp", ("Book light",), "den")


async def test_what_a_person_wrote_down_goes_over_both(broker: Mosquitto, fake: FakeHomeAssistant) -> None:
    async with both(broker, fake, wishes={"light.lamp": Wish(name="Sun", area="Hall")}) as running:
        await running.announce(LAMP)
        await running.merged()
        lamp = running.registry.devices["light.lamp"]
        assert (lamp.name, lamp.area) == ("Sun", "hall")


async def test_mqtt_is_used_and_goes_on_when_home_assistant_is_down(broker: Mosquitto, fake: FakeHomeAssistant) -> None:
    async with both(broker, fake) as running:
        await running.announce(LAMP)
        await running.merged()
        on, off = ServiceCall("light.lamp", "turn_on"), ServiceCall("light.lamp", "turn_off")
        assert await running.ways.perform(on) is Outcome.DONE
        assert (running.heard, fake.calls) == ([b"ON"], [])
        await fake.stop()
        await until(lambda: running.home.link.state is LinkState.LOST)
        assert await running.ways.perform(off) is Outcome.DONE
        assert running.heard == [b"ON", b"OFF"]
        assert running.registry.devices["light.lamp"].name == "Reading lamp", "names are kept"
        assert running.registry.state("light.lamp").available


async def test_home_assistant_is_used_where_it_is_preferred_and_mqtt_when_it_is_down(
    broker: Mosquitto, fake: FakeHomeAssistant
) -> None:
    async with both(broker, fake, prefer="homeassistant") as running:
        await running.announce(LAMP)
        await running.merged()
        on, off = ServiceCall("light.lamp", "turn_on"), ServiceCall("light.lamp", "turn_off")
        assert await running.ways.perform(on) is Outcome.DONE
        assert (running.heard, len(fake.calls)) == ([], 1)
        assert running.registry.state("light.lamp").state == "on"
        await fake.stop()
        await until(lambda: running.home.link.state is LinkState.LOST)
        await until(lambda: running.registry.state("light.lamp").state is None)
        assert await running.ways.perform(off) is Outcome.DONE
        assert running.heard == [b"OFF"]


async def test_home_assistant_is_used_while_the_device_is_unavailable_over_mqtt(
    broker: Mosquitto, fake: FakeHomeAssistant
) -> None:
    async with both(broker, fake) as running:
        await running.announce(LAMP)
        await running.merged()
        await running.devices.publish("lamp/state", "OFF", retain=True)
        await running.devices.publish("lamp/available", "offline", retain=True)
        await until(lambda: not running.house.reaches("light.lamp"))
        assert running.registry.state("light.lamp").available, "Home Assistant still has it"
        assert await running.ways.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.DONE
        assert (running.heard, len(fake.calls)) == ([], 1)
        assert running.registry.state("light.lamp").state == "on"
        await running.devices.publish("lamp/available", "online", retain=True)
        await until(lambda: running.registry.state("light.lamp").state == "off")


async def test_states_are_shown_from_one_way_at_a_time(broker: Mosquitto, fake: FakeHomeAssistant) -> None:
    async with both(broker, fake) as running:
        await running.announce(LAMP)
        await running.merged()
        await running.devices.publish("lamp/state", "ON", retain=True)
        await until(lambda: running.registry.state("light.lamp").state == "on")
        fake.set_state("light.reading_lamp", "off", {"friendly_name": "Reading lamp", "brightness": 3})
        await until(lambda: running.home.household.said("light.reading_lamp").attributes)
        assert running.registry.state("light.lamp").state == "on"
        assert "brightness" not in running.registry.state("light.lamp").attributes


async def test_what_goes_from_mqtt_stays_as_home_assistants_and_the_other_way_round(
    broker: Mosquitto, fake: FakeHomeAssistant
) -> None:
    async with both(broker, fake) as running:
        await running.announce(LAMP)
        await running.merged()
        await running.devices.publish("homeassistant/light/lamp-1/config", "", retain=True)
        await until(lambda: running.home.household.merged == 0)
        await read(running.home)
        assert [device.name for device in running.registry.devices.values()] == ["Reading lamp"]
        await running.announce(LAMP)
        await running.merged()
        fake.remove("light.reading_lamp")
        await until(lambda: running.home.household.merged == 0)
        await until(lambda: running.registry.devices["light.lamp"].name == "Lamp")
        assert set(running.registry.devices) == {"light.lamp"}


async def test_another_device_of_the_same_id_gets_one_of_its_own(broker: Mosquitto, fake: FakeHomeAssistant) -> None:
    fake.add("light.lamp", "on", {"friendly_name": "Hue lamp"}, entry={"platform": "hue"})
    async with both(broker, fake) as running:
        await read(running.home)
        await running.announce(LAMP)
        await running.merged()
        await read(running.home)
        names = {device.id: device.name for device in running.registry.devices.values()}
        assert names == {"light.lamp": "Hue lamp", "light.lamp_2": "Reading lamp"}
    await fake.stop()
    async with both(broker, fake) as running:
        await until(lambda: running.house.owns("light.lamp"))
        await fake.start()
        await until(lambda: len(running.registry.devices) == 2)
        await read(running.home)
        names = {device.id: device.name for device in running.registry.devices.values()}
        assert names == {"light.lamp": "Reading lamp", "light.lamp_2": "Hue lamp"}
        hue = ServiceCall("light.lamp_2", "turn_off")
        assert await running.ways.perform(hue) is Outcome.DONE
        assert fake.calls[-1][2] == ["light.lamp"]
