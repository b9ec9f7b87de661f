"""Media players described by their topics and payloads (Home Assistant has none over MQTT).

One `command_topic` takes `payload_play`, `payload_pause`, `payload_stop`, `payload_next`, `payload_previous`,
`payload_on`, `payload_off`, `payload_volume_up` and `payload_volume_down`; volume, mute, source and media have topics
of their own. A payload that is given as an empty text or left without a topic switches the service off.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import (
    COMMON,
    NONE,
    STATE,
    Data,
    MqttEntity,
    Reading,
    Service,
    amount,
    has_attribute,
    is_state,
    service_table,
    word,
)
from edge.mqtt.entity import Command, Confirms
from edge.mqtt.payloads import number

_STATES: Final = ("buffering", "idle", "off", "on", "paused", "playing", "standby")
_PAYLOADS: Final = {
    "media_play": "play",
    "media_pause": "pause",
    "media_stop": "stop",
    "media_next_track": "next",
    "media_previous_track": "previous",
    "media_play_pause": "play_pause",
    "turn_on": "on",
    "turn_off": "off",
    "volume_up": "volume_up",
    "volume_down": "volume_down",
}
"""Which payload a service sends."""
_AFTER: Final = {
    "media_play": ("playing", "on", "buffering"),
    "media_pause": ("paused", "idle"),
    "media_stop": ("idle", "off", "standby", "paused"),
    "turn_on": ("on", "playing", "idle", "paused", "buffering"),
    "turn_off": ("off", "standby"),
}
"""States that show a service was carried out, the likeliest first."""


def _state(entity: "MediaPlayer", text: str) -> bool:
    if text == NONE:
        return entity.set_state(None)
    for state in _STATES:
        if text == entity.option(f"state_{state}"):
            return entity.set_state(state)
    return False


def _volume(entity: "MediaPlayer", text: str) -> bool:
    low, high = entity.volumes
    value = number(text)
    if value is None:
        return False
    return entity.set_attribute("volume_level", min(1.0, max(0.0, (value - low) / (high - low))))


def _mute(entity: "MediaPlayer", text: str) -> bool:
    for key, muted in (("payload_mute", True), ("payload_unmute", False)):
        if text == entity.option(key):
            return entity.set_attribute("is_volume_muted", muted)
    return False


def _takes(attribute: str) -> Callable[["MediaPlayer", str], bool]:
    def take(entity: "MediaPlayer", text: str) -> bool:
        return entity.set_attribute(attribute, None if text in ("", NONE) else text)

    return take


def _send(service: str) -> Service:
    def build(entity: "MediaPlayer", _data: Data, _state: DeviceState) -> Command:
        publish = entity.publish(entity.option(f"payload_{_PAYLOADS[service]}"), by="command_template")
        after = _AFTER.get(service)
        if after is None:
            return Command((publish,))
        return entity.command_of(
            publish, assumed={"state": after[0]}, confirms=is_state(*after), reported=not entity.optimistic()
        )

    return build


def _toggle(entity: "MediaPlayer", data: Data, state: DeviceState) -> Command:
    return entity.command("turn_on" if state.state in ("off", "standby") else "turn_off", data, state)


def _volume_set(entity: "MediaPlayer", data: Data, _state: DeviceState) -> Command:
    level = amount(data, "volume_level", 0, 1)
    low, high = entity.volumes
    value = low + level * (high - low)
    value = round(value, 4) if high - low <= 10 else round(value)
    return entity.topic_command("volume", f"{value:g}", "volume_level", level, max(0.02, 0.6 / (high - low)))


def _volume_step(sign: int) -> Service:
    """By its own payload, or else a tenth by the volume topic."""

    def build(entity: "MediaPlayer", data: Data, state: DeviceState) -> Command:
        service = "volume_up" if sign > 0 else "volume_down"
        if entity.sends(service):
            return _send(service)(entity, data, state)
        now = number(state.attributes.get("volume_level"))
        level = (0.5 if now is None else now) + sign * 0.1
        return _volume_set(entity, {"volume_level": round(min(1.0, max(0.0, level)), 2)}, state)

    return build


def _volume_mute(entity: "MediaPlayer", data: Data, _state: DeviceState) -> Command:
    muted = data.get("is_volume_muted")
    if not isinstance(muted, bool):
        raise TypeError("is_volume_muted must be true or false")
    return entity.topic_command(
        "mute", entity.option("payload_mute" if muted else "payload_unmute"), "is_volume_muted", muted
    )


def _select_source(entity: "MediaPlayer", data: Data, _state: DeviceState) -> Command:
    source = word(data, "source", entity.option("sources"))
    return entity.topic_command("source", source, "source", source)


def _play_media(entity: "MediaPlayer", data: Data, _state: DeviceState) -> Command:
    content = word(data, "media_content_id")
    variables = {"media_content_id": content, "media_content_type": data.get("media_content_type") or "music"}
    publish = entity.publish(content, variables, to="play_media_topic", by="play_media_template")
    return Command((publish,), None)


class MediaPlayer(MqttEntity):
    """`volume_level` 0..1 (on the wire `volume_min` to `volume_max`), `is_volume_muted`, `source`, `media_title`."""

    __slots__ = ()
    domain = "media_player"
    accepts = keys.table(
        COMMON,
        STATE,
        {f"state_{state}": keys.text(state) for state in _STATES},
        {f"payload_{payload}": keys.text(payload) for payload in _PAYLOADS.values() if payload not in ("on", "off")},
        command_template=keys.template(),
        command_topic=keys.topic(),
        mute_command_template=keys.template(),
        mute_command_topic=keys.topic(),
        mute_state_topic=keys.source(),
        mute_value_template=keys.template(),
        optimistic=keys.flag(False),
        payload_mute=keys.text("ON"),
        payload_off=keys.text("off"),
        payload_on=keys.text("on"),
        payload_unmute=keys.text("OFF"),
        play_media_template=keys.template(),
        play_media_topic=keys.topic(),
        retain=keys.flag(False),
        source_command_template=keys.template(),
        source_command_topic=keys.topic(),
        source_state_topic=keys.source(),
        source_value_template=keys.template(),
        sources=keys.names(),
        title_topic=keys.source(),
        title_value_template=keys.template(),
        volume_command_template=keys.template(),
        volume_command_topic=keys.topic(),
        volume_max=keys.decimal(1.0),
        volume_min=keys.decimal(0.0),
        volume_state_topic=keys.source(),
        volume_value_template=keys.template(),
    )
    readings = (
        Reading("state_topic", "value_template", _state),
        Reading("volume_state_topic", "volume_value_template", _volume, or_payload=False),
        Reading("mute_state_topic", "mute_value_template", _mute, or_payload=False),
        Reading("source_state_topic", "source_value_template", _takes("source"), or_payload=False),
        Reading("title_topic", "title_value_template", _takes("media_title"), or_payload=False),
    )
    services = service_table(
        **{service: _send(service) for service in _PAYLOADS if not service.startswith("volume")},
        toggle=_toggle,
        volume_up=_volume_step(+1),
        volume_down=_volume_step(-1),
        volume_set=_volume_set,
        volume_mute=_volume_mute,
        select_source=_select_source,
        play_media=_play_media,
    )

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """Volumes are a range."""
        if given.get("volume_min", 0.0) >= given.get("volume_max", 1.0):
            raise keys.KeyValueError("volume_max must be more than volume_min")

    def features(self) -> frozenset[str]:
        """By the topics and payloads it has."""
        found = {service for service in _PAYLOADS if self.sends(service)}
        found |= {"toggle"} if {"turn_on", "turn_off"} <= found else set()
        if self.has("volume_command_topic"):
            found |= {"volume_set", "volume_up", "volume_down"}
        for topic, service in (("mute", "volume_mute"), ("source", "select_source")):
            found |= {service} if self.has(f"{topic}_command_topic") else set()
        return frozenset(found | ({"play_media"} if self.has("play_media_topic") else set()))

    def options(self) -> dict[str, Any]:
        """`sources` where it has some."""
        return {"sources": self.option("sources")} if self.has("sources") else {}

    @property
    def volumes(self) -> tuple[float, float]:
        """The quietest and loudest value on the wire."""
        return self.option("volume_min"), self.option("volume_max")

    def sends(self, service: str) -> bool:
        """Whether a service has a payload of its own."""
        return self.has("command_topic") and bool(self.option(f"payload_{_PAYLOADS[service]}"))

    def topic_command(self, name: str, value: Any, attribute: str, shown: Any, tolerance: float = 0.0) -> Command:
        """The command for one property."""
        confirms: Confirms = has_attribute(attribute, shown, tolerance)
        return self.command_of(
            self.publish(value, to=f"{name}_command_topic", by=f"{name}_command_template"),
            assumed={attribute: shown},
            confirms=confirms,
            reported=not self.optimistic(f"{name}_state_topic"),
        )
