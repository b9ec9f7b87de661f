"""The simulated house and edge's own reading of it, wired together without a broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.demo.house import House, Message, Radio
from edge.demo.house.house import matches
from edge.devices.model import DeviceState
from edge.mqtt.components import MqttEntity
from edge.mqtt.discovery import Discovery
from edge.mqtt.entity import Command, Entity


@dataclass
class Wired:
    """What the house says reaches the entities, what they publish reaches the house; time passes when told."""

    house: House
    discovery: Discovery = field(default_factory=Discovery)
    problems: list[str] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    more: list[MqttEntity] = field(default_factory=list)
    """Entities from elsewhere than discovery."""
    now_s: float = 0.0

    def start(self) -> "Wired":
        for radio in self.house.radios:
            self.house.connected(radio)
        self.flush()
        return self

    def entity(self, id_: str) -> Entity:
        return next(entity for entity in self.entities if entity.device.id == id_)

    @property
    def entities(self) -> list[Entity]:
        return [*self.discovery.entities, *self.more]

    def send(self, topic: str, payload: str) -> list[Radio]:
        """A message from anyone; the radios that listen to it."""
        heard = [radio for radio in self.house.radios if any(matches(one, topic) for one in self.house.filters(radio))]
        for radio in heard:
            self.house.receive(radio, topic, payload)
        return heard

    def perform(self, id_: str, service: str, data: Mapping[str, Any] | None = None) -> Command:
        entity = self.entity(id_)
        command = entity.command(service, data or {}, entity.current)
        for publish in command.publishes:
            assert isinstance(publish.payload, str)
            assert self.send(publish.topic, publish.payload), f"nobody listens to {publish.topic}"
        return command

    def wait(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s = min(until_s, max(self.now_s + 0.01, self.house.next_s))
            self.house.advance(self.now_s)
            self.flush()

    def until(self, command: Command, id_: str, within_s: float = 8.0) -> bool:
        """Whether the state that comes back shows the command in time."""
        assert command.confirms is not None
        until_s = self.now_s + within_s
        while not command.confirms(self.entity(id_).current):
            if self.now_s >= until_s:
                return False
            self.wait(0.05)
        return True

    def state(self, id_: str) -> DeviceState:
        return self.entity(id_).current

    def flush(self) -> None:
        for radio in self.house.radios:
            pending, radio.outbox[:] = radio.outbox[:], []
            for message in pending:
                self._hear(message)

    def _hear(self, message: Message) -> None:
        self.said.append(message)
        payload = message.payload.encode()
        if message.topic.startswith("homeassistant/"):
            self.problems += [str(problem) for problem in self.discovery.feed(message.topic, payload).problems]
        self.send(message.topic, message.payload)
        for entity in self.entities:
            if message.topic in entity.topics and entity.receive(message.topic, payload) is None:
                self.problems.append(f"{entity.device.id} did not understand {message}")
