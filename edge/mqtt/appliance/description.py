"""The discovery payload: what Home Assistant is told of the device and its entities."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.identity import ORIGIN
from edge.mqtt.appliance.component import Component, Part
from edge.mqtt.appliance.facts import Facts


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of the device itself, and where its topics are."""

    id: str
    """See `edge.identity`."""
    base: str
    """What our topics begin with, without a slash at the end."""
    prefix: str
    """Home Assistant's discovery prefix."""
    name: str
    version: str
    machine: str | None = None
    """What it runs on, as its maker calls it."""
    area: str | None = None
    """The name of the room it is in."""

    @property
    def topic(self) -> str:
        """Where the payload is kept."""
        return f"{self.prefix}/device/{self.id}/config"

    def presence(self) -> str:
        """Where it says whether it is there at all."""
        return f"{self.base}/state"

    def part_topic(self, part: Part) -> str:
        """Where it says whether one of its parts can be used."""
        return f"{self.base}/available/{part.value}"

    def state_topic(self, component: Component) -> str:
        """Where an entity's state is."""
        return f"{self.base}/{component.state_topic or f'entity/{component.key}'}"

    def attributes_topic(self, component: Component) -> str:
        """Where the JSON beside its state is."""
        return f"{self.base}/{component.attributes_topic or f'entity/{component.key}/attributes'}"

    def payload(self, components: Iterable[Component], facts: Facts, gone: Mapping[str, str]) -> dict[str, Any]:
        """The whole, ready for JSON; `gone` (keys and platforms) are entities that are to be forgotten."""
        device = {
            "identifiers": [self.id],
            "name": self.name,
            "manufacturer": "Edge",
            "model": self.machine,
            "sw_version": self.version,
            "suggested_area": self.area,
        }
        described = {component.key: self._entity(component, facts) for component in components}
        return {
            "device": {key: value for key, value in device.items() if value is not None},
            "origin": {"name": ORIGIN, "sw_version": self.version},
            "availability": [{"topic": self.presence()}],
            "components": {key: {"platform": platform} for key, platform in gone.items()} | described,
        }

    def _entity(self, component: Component, facts: Facts) -> dict[str, Any]:
        told: dict[str, Any] = {"platform": component.platform, "unique_id": f"{self.id}_{component.key}"}
        if component.name is not None:
            told["name"] = component.name
        told |= component.options
        if component.choices is not None:
            told["options"] = list(component.choices(facts))
        if component.platform not in ("button", "scene"):
            told["state_topic"] = self.state_topic(component)
        if component.attributes is not None or component.attributes_topic is not None:
            told["json_attributes_topic"] = self.attributes_topic(component)
        if component.command is not None:
            told |= {"command_topic": f"{self.base}/set/{component.key}", "qos": 1}
        elif component.command_topic is not None:
            told |= {"command_topic": f"{self.base}/{component.command_topic}", "qos": 1}
        if component.part is not None:
            told["availability"] = [{"topic": self.presence()}, {"topic": self.part_topic(component.part)}]
            told["availability_mode"] = "all"
        return told
