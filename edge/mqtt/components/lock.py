"""Locks: lock, unlock, open the latch, with a code where the lock wants one."""

import re
from collections.abc import Mapping
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import READ_WRITE, Data, MqttEntity, Reading, Service, is_state, service_table
from edge.mqtt.entity import Command
from edge.mqtt.jinja_limits import LimitError, check_pattern

_CODE_LIMIT: Final = 64

_STATES: Final = ("jammed", "locked", "locking", "open", "opening", "unlocked", "unlocking")


def _state(entity: "Lock", text: str) -> bool:
    if text == entity.option("payload_reset"):
        return entity.set_state(None)
    for state in _STATES:
        if text == entity.option(f"state_{state}"):
            return entity.set_state(state)
    return False


def _send(action: str, after: str, *confirming: str) -> Service:
    def build(entity: "Lock", data: Data, _state: DeviceState) -> Command:
        code = entity.code(data)
        return entity.command_of(
            entity.publish(entity.option(f"payload_{action}"), {"code": code}, by="command_template"),
            assumed={"state": after},
            confirms=is_state(after, *confirming),
            reported=not entity.optimistic(),
        )

    return build


class Lock(MqttEntity):
    """A lock; `code` among the data of a call is handed to its template."""

    __slots__ = ()
    domain = "lock"
    accepts = keys.table(
        READ_WRITE,
        code_format=keys.text(),
        command_template=keys.template(),
        payload_lock=keys.text("LOCK"),
        payload_open=keys.text(),
        payload_reset=keys.text("None"),
        payload_unlock=keys.text("UNLOCK"),
        state_jammed=keys.text("JAMMED"),
        state_locked=keys.text("LOCKED"),
        state_locking=keys.text("LOCKING"),
        state_open=keys.text("OPEN"),
        state_opening=keys.text("OPENING"),
        state_unlocked=keys.text("UNLOCKED"),
        state_unlocking=keys.text("UNLOCKING"),
    )
    readings = (Reading("state_topic", "value_template", _state),)
    services = service_table(
        lock=_send("lock", "locked"),
        unlock=_send("unlock", "unlocked", "open"),
        open=_send("open", "open", "opening", "unlocked"),
    )
    blocked = frozenset({"changed_by", "code_format"})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """The code format is a regular expression."""
        try:
            check_pattern(given.get("code_format", ""), "0" * _CODE_LIMIT)
            re.compile(given.get("code_format", ""))
        except (re.error, LimitError) as error:
            raise keys.KeyValueError(f"code_format: {error}") from None

    def start(self) -> None:
        """A lock that reports nothing is taken to be unlocked, as Home Assistant does."""
        if self.optimistic():
            self.state = "unlocked"

    def features(self) -> frozenset[str]:
        """`open` where it has a payload for it."""
        return frozenset({"lock", "unlock"} | ({"open"} if self.has("payload_open") else set()))

    def options(self) -> dict[str, Any]:
        """`code_format`, a regular expression, where it wants a code."""
        return {"code_format": self.option("code_format")} if self.has("code_format") else {}

    def code(self, data: Data) -> str | None:
        """The code of a call; text, also where a number was given. Raises `ValueError` for one that is not right."""
        code = data.get("code")
        code = None if code is None else str(code)
        pattern = self.option("code_format")
        if pattern and (len(code or "") > _CODE_LIMIT or re.match(pattern, code or "") is None):
            raise ValueError("the lock wants a code")
        return code or None
