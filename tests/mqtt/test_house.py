"""The house on a real broker: discovery in, commands out, confirmations back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from edge.devices.model import Area, Outcome, ServiceCall
from edge.devices.registry import Change, ChangeKind, Registry
from edge.mqtt.client import Endpoint
from edge.mqtt.discovery import Discovery
from edge.mqtt.house import House, Wish
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import Received
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox

LAMP = {
    "name": "Lamp",
    "unique_id": "lamp",
    "command_topic": "lamp/set",
    "state_topic": "lamp/state",
    "availability_topic": "lamp/available",
    "device": {"identifiers": ["lamp"], "suggested_area": "Living Room"},
}
PLUG = {"name": "Plug", "unique_id": "plug", "command_topic": "plug/set"}


class Home:
    """A house under test, with a second connection that plays the devices."""

    def __init__(self, house: House, registry: Registry, devices: Link) -> None:
        self.house = house
        self.registry = registry
        self.devices = devices
        self._changes: list[Change] = []
        self._changed = asyncio.Event()
        registry.listen(self._note)

    def _note(self, change: Change) -> None:
        self._changes.append(change)
        self._changed.set()

    async def until(self, kind: ChangeKind, device: str, state: str | None = None) -> Change:
        """The first change of this kind, and to this state, seen while it is on line, where one is given."""
        async with asyncio.timeout(20):
            while True:
                for change in self._changes:
                    same = (change.kind, change.device.id) == (kind, device)
                    if same and (state is None or (change.state.state == state and change.state.available)):
                        self._changes.remove(change)
                        return change
                self._changed.clear()
                await self._changed.wait()

    async def announce(self, component: str, payload: dict[str, Any]) -> None:
        topic = f"homeassistant/{component}/{payload['unique_id']}/config"
        await self.devices.publish(topic, json.dumps(payload), retain=True)

    def answer(self, command: str, reply: str) -> None:
        """A device that reports what it was told."""

        def on_command(message: Received) -> None:
            self.devices.post(reply, message.payload, retain=True)

        self.devices.subscribe([command], on_command, qos=1)


@asynccontextmanager
async def home(
    broker: Mosquitto,
    *,
    timeout_s: float = 5.0,
    wishes: dict[str, Wish] | None = None,
    registry: Registry | None = None,
) -> AsyncIterator[Home]:
    registry = registry or Registry()
    end = Endpoint(broker.host, broker.port)
    async with (
        Link(end, client_id="watch") as watch,
        Link(end, client_id="send") as send,
        Link(end, client_id="devices") as devices,
    ):
        house = House(
            watch=watch,
            send=send,
            registry=registry,
            discovery=Discovery(),
            wishes=wishes,
            command_timeout_s=timeout_s,
        )
        async with house:
            await asyncio.gather(watch.connected(), send.connected(), devices.connected())
            yield Home(house, registry, devices)


async def test_a_device_is_found_with_its_area_and_state(broker: Mosquitto) -> None:
    async with home(broker) as here:
        await here.devices.publish("lamp/state", "ON", retain=True)
        await here.devices.publish("lamp/available", "online", retain=True)
        await here.announce("light", LAMP)
        change = await here.until(ChangeKind.STATE, "light.lamp", "on")
        assert here.registry.areas[change.device.area or ""].name == "Living Room"
        await here.devices.publish("lamp/state", "OFF", retain=True)
        await here.until(ChangeKind.STATE, "light.lamp", "off")


async def test_an_empty_payload_removes_a_device(broker: Mosquitto) -> None:
    async with home(broker) as here:
        await here.announce("switch", PLUG)
        await here.until(ChangeKind.ADDED, "switch.plug")
        await here.devices.publish("homeassistant/switch/plug/config", "", retain=True)
        await here.until(ChangeKind.REMOVED, "switch.plug")
        assert await here.house.perform(ServiceCall("switch.plug", "turn_on")) is Outcome.UNAVAILABLE


async def test_two_entities_of_one_topic_both_learn_what_was_retained(broker: Mosquitto) -> None:
    def reading(name: str) -> dict[str, Any]:
        template = f"{{{{ value_json.{name} }}}}"
        return {"name": name, "unique_id": name, "state_topic": "box", "value_template": template}

    async with home(broker) as here:
        await here.devices.publish("box", '{"warm": 21, "damp": 40}', retain=True)
        await here.announce("sensor", reading("warm"))
        await here.until(ChangeKind.STATE, "sensor.warm", "21")
        await here.announce("sensor", reading("damp"))
        await here.until(ChangeKind.STATE, "sensor.damp", "40")


async def test_a_command_is_done_once_the_state_shows_it(broker: Mosquitto) -> None:
    async with home(broker) as here:
        here.answer("lamp/set", "lamp/state")
        await here.announce("light", LAMP | {"availability_topic": "here"})
        await here.devices.publish("here", "online", retain=True)
        await here.devices.publish("lamp/state", "OFF", retain=True)
        await here.until(ChangeKind.STATE, "light.lamp", "off")
        assert await here.house.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.DONE
        assert here.registry.state("light.lamp").state == "on"
        assert await here.house.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.ALREADY
        assert await here.house.perform(ServiceCall("light.lamp", "set_position")) is Outcome.UNSUPPORTED


async def test_a_device_that_reports_nothing_was_sent_to_and_is_assumed(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with home(broker) as here:
        here.devices.subscribe(["plug/set"], inbox)
        await here.announce("switch", PLUG)
        await here.until(ChangeKind.ADDED, "switch.plug")
        assert await here.house.perform(ServiceCall("switch.plug", "turn_on")) is Outcome.SENT
        assert [message.payload for message in await inbox.wait_for(1)] == [b"ON"]
        assert here.registry.state("switch.plug").state == "on"


async def test_a_device_that_does_not_answer_is_reported(broker: Mosquitto) -> None:
    async with home(broker, timeout_s=0.1) as here:
        await here.announce("switch", PLUG | {"state_topic": "plug/state"})
        await here.until(ChangeKind.ADDED, "switch.plug")
        assert await here.house.perform(ServiceCall("switch.plug", "turn_on")) is Outcome.UNANSWERED


async def test_nothing_is_sent_to_a_device_that_is_off_line(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with home(broker) as here:
        here.devices.subscribe(["lamp/set"], inbox)
        await here.announce("light", LAMP)
        await here.devices.publish("lamp/available", "offline", retain=True)
        await here.until(ChangeKind.STATE, "light.lamp")
        assert await here.house.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.UNAVAILABLE
        await here.devices.publish("lamp/set", "mark")
        assert [message.payload for message in await inbox.wait_for(1)] == [b"mark"]


async def test_a_device_that_has_just_been_announced_may_be_yet_to_say_that_it_is_there(broker: Mosquitto) -> None:
    """As after a power cut, when everything in the house starts at once."""
    inbox = Inbox()
    async with home(broker, timeout_s=20) as here:
        here.devices.subscribe(["lamp/set"], inbox)
        here.answer("lamp/set", "lamp/state")
        both = [{"topic": "bridge"}, {"topic": "lamp/available"}]
        lamp = {key: value for key, value in LAMP.items() if key != "availability_topic"}
        await here.announce("light", lamp | {"availability": both, "availability_mode": "all"})
        await here.until(ChangeKind.ADDED, "light.lamp")
        command = asyncio.create_task(here.house.perform(ServiceCall("light.lamp", "turn_on")))
        await here.devices.publish("bridge", "online", retain=True)
        await here.devices.publish("lamp/state", "OFF", retain=True)
        assert inbox.messages == []
        await here.devices.publish("lamp/available", "online", retain=True)
        assert await command is Outcome.DONE


async def test_a_device_that_says_nothing_of_itself_is_not_waited_for_again(broker: Mosquitto) -> None:
    async with home(broker, timeout_s=0.2) as here:
        await here.announce("light", LAMP)
        await here.until(ChangeKind.ADDED, "light.lamp")
        assert await here.house.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.UNAVAILABLE
        async with asyncio.timeout(20):  # which waiting for each of them would take twice over
            for _ in range(200):
                assert await here.house.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.UNAVAILABLE


async def test_one_that_says_at_once_that_it_is_gone_is_believed(broker: Mosquitto) -> None:
    async with home(broker, timeout_s=600) as here:
        await here.announce("light", LAMP)
        await here.until(ChangeKind.ADDED, "light.lamp")
        command = asyncio.create_task(here.house.perform(ServiceCall("light.lamp", "turn_on")))
        await here.devices.publish("lamp/available", "offline", retain=True)
        async with asyncio.timeout(20):
            assert await command is Outcome.UNAVAILABLE


async def test_a_command_given_while_the_broker_restarts_arrives(broker: Mosquitto) -> None:
    async with home(broker, timeout_s=20) as here:
        here.answer("plug/set", "plug/state")
        await here.announce("switch", PLUG | {"state_topic": "plug/state"})
        await here.until(ChangeKind.ADDED, "switch.plug")
        await broker.stop()
        command = asyncio.create_task(here.house.perform(ServiceCall("switch.plug", "turn_on")))
        await broker.start()
        assert await command is Outcome.DONE


async def test_what_a_person_said_goes_over_discovery(broker: Mosquitto) -> None:
    registry = Registry()
    registry.put_area(Area("lounge", "Lounge", aliases=("Living Room",)))
    wishes = {"light.lamp": Wish(name="Reading Light", aliases=("book light",)), "switch.plug": Wish(area="lounge")}
    async with home(broker, wishes=wishes, registry=registry) as here:
        await here.announce("light", LAMP)
        lamp = (await here.until(ChangeKind.ADDED, "light.lamp")).device
        await here.announce("switch", PLUG)
        plug = (await here.until(ChangeKind.ADDED, "switch.plug")).device
        assert (lamp.name, lamp.area, lamp.aliases[0]) == ("Reading Light", "lounge", "book light")
        assert plug.area == "lounge"


async def test_rubbish_on_discovery_topics_leaves_the_rest_alone(broker: Mosquitto) -> None:
    rubbish = [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 3000, b'{"state_topic": 3}', b'"x"', b"x" * 3_000_000]
    templates = ["{% for i in range(10**9) %}x{% endfor %}", "{{ ''.__class__.__mro__ }}", "{{ 'a' * 10**9 }}", "{{"]
    async with home(broker) as here:
        for number, payload in enumerate(rubbish):
            await here.devices.publish(f"homeassistant/light/bad{number}/config", payload, retain=True)
        for number, template in enumerate(templates):
            bad = {"name": f"t{number}", "unique_id": f"t{number}", "state_topic": "box", "value_template": template}
            await here.announce("sensor", bad)
        await here.devices.publish("homeassistant/light/ /config", "{}")
        await here.devices.publish("homeassistant/no_such/x/config", "{}")
        await here.devices.publish("box", b"\xff\x00\xfe", retain=True)
        await here.devices.publish("box", b"1", retain=True)
        await here.announce("switch", PLUG)
        await here.until(ChangeKind.ADDED, "switch.plug")
        assert await here.house.perform(ServiceCall("switch.plug", "turn_on")) is Outcome.SENT


async def test_a_reading_expires(broker: Mosquitto) -> None:
    async with home(broker) as here:
        await here.announce("sensor", {"name": "S", "unique_id": "s", "state_topic": "s", "expire_after": 1})
        await here.until(ChangeKind.ADDED, "sensor.s")
        await here.devices.publish("s", "1")
        await here.until(ChangeKind.STATE, "sensor.s", "1")
        while here.registry.state("sensor.s").available:
            await here.until(ChangeKind.STATE, "sensor.s")
