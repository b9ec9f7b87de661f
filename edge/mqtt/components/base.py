"""What every entity has in common: its configuration, availability, attributes, and how topics become a state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self

from edge.devices.model import Device, DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.keys import Key, Keys
from edge.mqtt.components.reach import Availability, reach_of
from edge.mqtt.entity import Command, Confirms, Publish, ServiceDataError, UnsupportedServiceError
from edge.mqtt.payloads import Message, decode, number, topic_matches
from edge.mqtt.templates import Template, TemplateError

Data = Mapping[str, Any]
"""The data of a service call."""

Service = Callable[[Any, Data, DeviceState], Command]
"""Builds the command of one service: `service(entity, data, state)`."""

_READ_ELSEWHERE: Final = (
    *("automation_type", "components", "device", "migrate_discovery", "origin", "platform"),
    *("availability", "availability_mode", "availability_template", "availability_topic"),
    *("payload_available", "payload_not_available"),
    *("default_entity_id", "enabled_by_default", "entity_category", "entity_picture", "icon", "name"),
    *("object_id", "unique_id"),
)
"""Keys of availability, of naming, of the payload as a whole."""

COMMON: Final[Keys] = {
    "encoding": Key(lambda value: _encoding(value), "utf-8"),
    "json_attributes_template": keys.template(),
    "json_attributes_topic": keys.source(),
    "qos": keys.whole(0, least=0),
    "device_class": keys.text(),
    **dict.fromkeys(_READ_ELSEWHERE, keys.anything()),
}
"""Keys of every component."""

STATE: Final[Keys] = {"state_topic": keys.source(), "value_template": keys.template()}
COMMANDS: Final[Keys] = {"command_topic": keys.topic(required=True), "retain": keys.flag(False)}
READ_ONLY: Final[Keys] = {**COMMON, **STATE, "state_topic": keys.source(required=True)}
READ_WRITE: Final[Keys] = {**COMMON, **STATE, **COMMANDS, "optimistic": keys.flag(False)}

NONE: Final = "None"
"""What a template writes for null: the state becomes unknown."""


def _encoding(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or not value.lower().replace("_", "-").startswith(
        ("utf-", "utf8", "ascii", "us-ascii", "latin", "iso-8859", "cp1", "windows-")
    ):
        raise keys.KeyValueError(f"expected a text encoding, got {keys.shown(value)}")
    return value.lower()


def service_table(**builders: Service) -> Mapping[str, Service]:
    """The services of a component, by name."""
    return MappingProxyType(builders)


@dataclass(frozen=True, slots=True)
class Reading:
    """A topic that is read: the keys naming the topic and its template, and what takes the value.

    `take(entity, text)` says whether the text meant something. With `or_payload` the payload itself is taken where it
    lacks what the template reaches for.
    """

    topic: str
    template: str | None
    take: Callable[[Any, str], bool]
    or_payload: bool = True


class MqttEntity:
    """One entity; components say which keys it has, what it reads and which services it takes."""

    __slots__ = ("attributes", "device", "extra", "given", "problem", "reach", "state")

    domain: ClassVar[str]
    accepts: ClassVar[Keys]
    readings: ClassVar[tuple[Reading, ...]] = ()
    services: ClassVar[Mapping[str, Service]] = MappingProxyType({})
    blocked: ClassVar[frozenset[str]] = frozenset()
    """Attributes that JSON attributes must not set."""

    device: Device

    def __init__(self, given: dict[str, Any], reach: Availability | None) -> None:
        self.given = given
        self.reach = reach
        self.state: str | None = None
        self.attributes: dict[str, Any] = {}
        self.extra: dict[str, Any] | None = None
        self.problem: str | None = None
        """Why the last message was not understood, for a log line; None when it was."""
        self.start()

    @classmethod
    def build(cls, payload: Mapping[str, Any]) -> Self:
        """The entity, still without its `device`. Raises `KeyValueError` for a configuration it can't work with."""
        given = keys.parse(cls.accepts, payload)
        cls.check(given)
        return cls(given, reach_of(payload))

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """Raises `KeyValueError` where keys contradict one another."""

    def start(self) -> None:
        """Sets what is assumed before the first message."""

    def features(self) -> frozenset[str]:
        """The services it takes, as it is configured."""
        return frozenset(self.services)

    def options(self) -> dict[str, Any]:
        """Its limits and choices, as `Device.options` has them."""
        return {}

    # Reading -------------------------------------------------------------------------------------------------------

    @property
    def topics(self) -> frozenset[str]:
        """Every topic to subscribe to: states, attributes, availability."""
        found = {self.given[reading.topic] for reading in self.readings if reading.topic in self.given}
        if "json_attributes_topic" in self.given:
            found.add(self.given["json_attributes_topic"])
        if self.reach is not None:
            found.update(self.reach.topics)
        return frozenset(found)

    def receive(self, topic: str, payload: bytes) -> DeviceState | None:
        """The whole state after a message, or None when it says nothing about this entity."""
        self.problem = None
        message = decode(payload, self.option("encoding"))
        if message is None:
            self.problem = f"{topic}: not text in {self.option('encoding')}, or longer than is taken"
            return None
        try:
            understood = self._take(topic, message)
        except (ValueError, TypeError, KeyError, IndexError, OverflowError, ArithmeticError, AttributeError) as error:
            self.problem = f"{topic}: {type(error).__name__}: {error}"
            return None
        return self.current if understood else None

    @property
    def is_introduced(self) -> bool:
        """Whether it is known if the device is there."""
        return self.reach is None or self.reach.is_told

    @property
    def current(self) -> DeviceState:
        """The whole state as known now."""
        available = self.reach is None or self.reach.available
        return DeviceState(self.state, MappingProxyType(self.exposed()), available)

    def exposed(self) -> dict[str, Any]:
        """The attributes others see: a copy."""
        return {**self.extra, **self.attributes} if self.extra else dict(self.attributes)

    def _take(self, topic: str, message: Message) -> bool:
        understood = False
        given = self.given
        for reading in self.readings:
            pattern = given.get(reading.topic)
            if pattern is None or (pattern != topic and not topic_matches(pattern, topic)):
                continue
            text = self._value(reading, message)
            if text is not None:
                understood |= reading.take(self, text)
        attributes = given.get("json_attributes_topic")
        if attributes is not None and topic_matches(attributes, topic):
            understood |= self._take_attributes(message)
        if self.reach is not None:
            understood |= self.reach.take(topic, message)
        return understood

    def _value(self, reading: Reading, message: Message) -> str | None:
        compiled = self.template_of(reading)
        if compiled is None:
            return message.value if isinstance(message.value, str) else None
        text = compiled.read(message, self.names, or_payload=reading.or_payload)
        if text is None:
            self.problem = f"{reading.template} gives nothing for {keys.shown(message.value)}"
        return text

    def template_of(self, reading: Reading) -> Template | None:
        """The template a reading goes through."""
        return self.template(reading.template) if reading.template else None

    def template(self, key: str) -> Template | None:
        found: Template | None = self.option(key)
        return found

    def _take_attributes(self, message: Message) -> bool:
        compiled = self.template("json_attributes_template")
        if compiled is not None:
            text = compiled.read(message, self.names)
            if text is None:
                return False
            message = Message(text)
        values = message.json
        if not isinstance(values, dict):
            return False
        self.extra = {key: value for key, value in values.items() if key not in _BLOCKED and key not in self.blocked}
        return True

    def names(self) -> Mapping[str, Any]:
        device = self.device
        this = {"entity_id": device.id, "state": self.state, "attributes": self.attributes, "name": device.name}
        return {"entity_id": device.id, "name": device.name, "this": this}

    # Commanding ----------------------------------------------------------------------------------------------------

    def command(self, service: str, data: Data, state: DeviceState) -> Command:
        """What Home Assistant would publish; raises `UnsupportedServiceError`."""
        build = self.services.get(service)
        if build is None or service not in self.device.features:
            raise UnsupportedServiceError(f"{self.device.name} ({self.device.id}) has no service {service}.")
        try:
            return build(self, data, state)
        except TemplateError as error:
            raise ServiceDataError(f"{self.device.name}: the command could not be written: {error}") from error
        except (ValueError, TypeError, KeyError, IndexError, ArithmeticError) as error:
            raise ServiceDataError(
                f"{self.device.name}: {service} can't take {keys.shown(dict(data))}: {error}"
            ) from error

    def assume(self, values: Mapping[str, Any]) -> DeviceState:
        """The whole state once a command with `assumed` values was sent."""
        for key, value in values.items():
            if key == "state":
                self.state = value
            else:
                self.attributes[key] = value
        return self.current

    def adopt(self, earlier: "MqttEntity") -> None:
        """Takes over what an earlier version of the same entity knew, after its configuration changed."""
        if type(earlier) is type(self):
            self.state = earlier.state
            self.attributes = {**self.attributes, **earlier.attributes}
            self.extra = earlier.extra if "json_attributes_topic" in self.given else None
        if self.reach is not None and earlier.reach is not None:
            self.reach.adopt(earlier.reach)

    # For components ------------------------------------------------------------------------------------------------

    def has(self, key: str) -> bool:
        """Whether the configuration gives the key a value other than its default."""
        return key in self.given

    def option(self, key: str) -> Any:
        """A key's value, or its default."""
        if key in self.given:
            value = self.given[key]
            return None if value is keys.NOTHING else value
        return self.accepts[key].default

    def optimistic(self, state_topic: str = "state_topic") -> bool:
        """Whether what was commanded is assumed, for want of a topic that reports it."""
        return state_topic not in self.given or ("optimistic" in self.accepts and bool(self.option("optimistic")))

    def publish(
        self,
        value: Any,
        variables: Mapping[str, Any] | None = None,
        *,
        to: str = "command_topic",
        by: str | None = None,
    ) -> Publish:
        """One message: the value, or what the template of key `by` makes of it, to the topic of key `to`."""
        compiled = self.template(by) if by is not None else None
        written = value if compiled is None else compiled.write(value, variables, self.names)
        retain = "retain" in self.accepts and bool(self.option("retain"))
        return Publish(self.given[to], wire(written), self.option("qos"), retain)

    def command_of(
        self, *publishes: Publish, assumed: Mapping[str, Any], confirms: Confirms, reported: bool
    ) -> Command:
        """A command whose effect is either reported or assumed."""
        return Command(publishes, confirms, None) if reported else Command(publishes, None, assumed)

    def set_state(self, state: str | None) -> bool:
        """Takes a state; always understood."""
        self.state = state
        return True

    def set_attribute(self, name: str, value: Any) -> bool:
        """Takes an attribute; always understood."""
        self.attributes[name] = value
        return True


_BLOCKED: Final = frozenset(
    (
        *("assumed_state", "available", "device_class", "device_info", "entity_category", "entity_picture"),
        *("entity_registry_enabled_default", "extra_state_attributes", "force_update", "friendly_name", "icon"),
        *("should_poll", "state", "supported_features", "unique_id", "unit_of_measurement"),
    )
)
"""Attributes of Home Assistant's own that payloads must not set."""


def wire(value: Any) -> str | bytes:
    """A value as it goes out: numbers as Python writes them, `b'..'` of a template as the bytes it stands for."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value if isinstance(value, bytes) else str(value)
    return _literal_bytes(value) if value.startswith(("b'", 'b"')) else value


@lru_cache(maxsize=64)
def _literal_bytes(value: str) -> str | bytes:
    import ast  # hardly ever needed

    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return found if isinstance(found, bytes) else value


def is_state(*states: str) -> Confirms:
    """Confirmed once it is in one of these states."""
    return lambda seen: seen.state in states


def has_attribute(name: str, wanted: Any, tolerance: float = 0.0) -> Confirms:
    """Confirmed once an attribute has the value, numbers within a tolerance."""
    target = number(wanted)

    def confirms(seen: DeviceState) -> bool:
        value = seen.attributes.get(name)
        if target is not None and (found := number(value)) is not None:
            return abs(found - target) <= tolerance + 1e-6
        return bool(value == wanted)

    return confirms


def all_of(*conditions: Confirms) -> Confirms:
    """Confirmed once all of it is."""
    return lambda seen: all(condition(seen) for condition in conditions)


def word(data: Data, key: str, choices: Sequence[str] | None = None) -> str:
    """A text among the data of a call, spelt as the choices spell it. Raises `ValueError`."""
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is missing")
    if choices is None or value in choices:
        return value
    for choice in choices:
        if choice.casefold() == value.casefold():
            return choice
    raise ValueError(f"{key} must be one of {', '.join(choices)}")


def amount(data: Data, key: str, least: float | None = None, most: float | None = None) -> float:
    """A number among the data of a call. Raises `ValueError`."""
    value = number(data.get(key))
    if value is None:
        raise ValueError(f"{key} must be a number")
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"{key} must be {least:g} to {most:g}")
    return value
