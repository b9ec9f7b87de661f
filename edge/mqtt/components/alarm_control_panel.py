"""Alarm panels: arming, disarming, triggering, with a code."""

from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, NONE, STATE, Data, MqttEntity, Reading, Service, is_state, service_table
from edge.mqtt.entity import Command

_MODES: Final = ("arm_away", "arm_custom_bypass", "arm_home", "arm_night", "arm_vacation")
_STATES: Final = (
    *("armed_away", "armed_custom_bypass", "armed_home", "armed_night", "armed_vacation"),
    *("arming", "disarmed", "disarming", "pending", "triggered"),
)
_REMOTE: Final = ("REMOTE_CODE", "REMOTE_CODE_TEXT")
"""In the place of a code: the panel itself checks the code it is sent."""


def _state(entity: "AlarmControlPanel", text: str) -> bool:
    if text == NONE:
        return entity.set_state(None)
    return text in _STATES and entity.set_state(text)


def _send(action: str, code_for: str, *confirming: str) -> Service:
    def build(entity: "AlarmControlPanel", data: Data, _state: DeviceState) -> Command:
        code = entity.checked_code(data, code_for)
        payload = entity.option(f"payload_{action}")
        if not entity.has("command_template"):
            return Command((entity.publish(payload),), is_state(*confirming))
        variables = {"action": payload, "code": code}
        return Command((entity.publish(None, variables, by="command_template"),), is_state(*confirming))

    return build


class AlarmControlPanel(MqttEntity):
    """An alarm; `code` among the data of a call is checked here, or by the panel (`REMOTE_CODE`)."""

    __slots__ = ()
    domain = "alarm_control_panel"
    accepts = keys.table(
        COMMON,
        STATE,
        code=keys.text(),
        code_arm_required=keys.flag(True),
        code_disarm_required=keys.flag(True),
        code_trigger_required=keys.flag(True),
        command_template=keys.template(),
        command_topic=keys.topic(required=True),
        payload_arm_away=keys.text("ARM_AWAY"),
        payload_arm_custom_bypass=keys.text("ARM_CUSTOM_BYPASS"),
        payload_arm_home=keys.text("ARM_HOME"),
        payload_arm_night=keys.text("ARM_NIGHT"),
        payload_arm_vacation=keys.text("ARM_VACATION"),
        payload_disarm=keys.text("DISARM"),
        payload_trigger=keys.text("TRIGGER"),
        retain=keys.flag(False),
        state_topic=keys.source(required=True),
        supported_features=keys.names((*_MODES, "trigger")),
    )
    readings = (Reading("state_topic", "value_template", _state),)
    services = service_table(
        alarm_disarm=_send("disarm", "disarm", "disarmed", "disarming"),
        alarm_trigger=_send("trigger", "trigger", "triggered", "pending"),
        **{f"alarm_{mode}": _send(mode, "arm", f"armed_{mode[4:]}", "arming", "pending") for mode in _MODES},
    )
    blocked = frozenset({"changed_by", "code_arm_required", "code_format"})

    def features(self) -> frozenset[str]:
        """Those it names, and disarming."""
        named = self.option("supported_features")
        found = {f"alarm_{feature}" for feature in (*_MODES, "trigger") if feature in named}
        return frozenset(found | {"alarm_disarm"})

    def options(self) -> dict[str, Any]:
        """`modes`, and `code_format` (`number` or `text`) where it wants a code."""
        named = self.option("supported_features")
        found: dict[str, Any] = {"modes": tuple(mode[4:] for mode in _MODES if mode in named)}
        code = self.option("code")
        if code is not None:
            found["code_format"] = "number" if code == _REMOTE[0] or code.isdigit() else "text"
            found |= {name: bool(self.option(name)) for name in ("code_arm_required", "code_disarm_required")}
        return found

    def checked_code(self, data: Data, action: str) -> str | None:
        """The code of a call, as text. Raises `ValueError` for a missing or wrong one where it is required."""
        code = data.get("code")
        code = None if code is None else str(code)
        wanted = self.option("code")
        if not self.option(f"code_{action}_required") or wanted is None or code == wanted:
            return code
        if wanted in _REMOTE and code:
            return code
        raise ValueError("the code is missing or wrong")
