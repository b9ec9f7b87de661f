"""Updates of a device's firmware and where a person is: read only."""

from typing import Any, Final

from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, MqttEntity, Reading
from edge.mqtt.payloads import loads

_TEXTS: Final = ("installed_version", "latest_version", "release_summary", "release_url", "title")


def _state(entity: "Update", text: str) -> bool:
    if text in ("", "{}"):
        return False
    values = loads(text)
    if not isinstance(values, dict):
        values = {"installed_version": text}
    for name in _TEXTS:
        if isinstance(values.get(name), str | int | float):
            entity.set_attribute(name, str(values[name]))
    if "update_percentage" in values:
        entity.set_attribute("update_percentage", values["update_percentage"])
        entity.set_attribute("in_progress", values["update_percentage"] is not None)
    if isinstance(values.get("in_progress"), bool):
        entity.set_attribute("in_progress", values["in_progress"])
    return entity.settle()


def _latest(entity: "Update", text: str) -> bool:
    return bool(text) and entity.set_attribute("latest_version", text) and entity.settle()


class Update(MqttEntity):
    """`on` while a later version than the installed one is known. Nothing here installs firmware."""

    __slots__ = ()
    domain = "update"
    accepts = keys.table(
        COMMON,
        command_topic=keys.topic(),
        display_precision=keys.anything(),
        latest_version_template=keys.template(),
        latest_version_topic=keys.source(),
        payload_install=keys.text(),
        release_summary=keys.anything(),
        release_url=keys.anything(),
        retain=keys.flag(False),
        state_topic=keys.source(),
        title=keys.text(),
        value_template=keys.template(),
    )
    readings = (
        Reading("state_topic", "value_template", _state, or_payload=False),
        Reading("latest_version_topic", "latest_version_template", _latest),
    )

    def start(self) -> None:
        """The title may be given at once; nothing is being installed."""
        self.attributes["in_progress"] = False
        if self.has("title"):
            self.attributes["title"] = self.option("title")

    def settle(self) -> bool:
        """Whether there is something newer."""
        installed, latest = self.attributes.get("installed_version"), self.attributes.get("latest_version")
        known = installed is not None and latest is not None
        return self.set_state(("off" if installed == latest else "on") if known else None)


def _place(entity: "DeviceTracker", text: str) -> bool:
    if not text.strip():
        return False
    places: dict[str, Any] = {
        entity.option("payload_home"): "home",
        entity.option("payload_not_home"): "not_home",
        entity.option("payload_reset"): None,
    }
    return entity.set_state(places.get(text, text))


class DeviceTracker(MqttEntity):
    """`home`, `not_home` or the name of a place."""

    __slots__ = ()
    domain = "device_tracker"
    accepts = keys.table(
        COMMON,
        payload_home=keys.text("home"),
        payload_not_home=keys.text("not_home"),
        payload_reset=keys.text("None"),
        source_type=keys.anything(),
        state_topic=keys.source(),
        value_template=keys.template(),
    )
    readings = (Reading("state_topic", "value_template", _place),)
