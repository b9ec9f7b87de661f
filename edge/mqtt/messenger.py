"""Sends what the assistant was taught to send, and its events that must arrive."""

import json
import time
from collections.abc import Mapping
from typing import Final

from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link

_TIMEOUT_S: Final = 5.0
"""A message that is later than this is not sent any more: nobody expects it then."""


class MqttMessenger:
    """The assistant's `Messenger` over one link; `base` is the beginning of our own topics."""

    def __init__(self, link: Link, base: str, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._link = link
        self._base = base
        self._timeout_s = timeout_s

    async def publish(self, topic: str, payload: str) -> None:
        """QoS 1, not retained; raises `MqttLinkError`, for topics of our own too."""
        if f"{topic}/".startswith(f"{self._base}/"):
            raise MqttLinkError(f"{topic} is a topic of my own")
        await self._link.publish(topic, payload, timeout_s=self._timeout_s)

    async def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """On `<base>/event`; raises `MqttLinkError`."""
        message = {"event": event, "time": round(time.time(), 3), **facts}
        payload = json.dumps(message, ensure_ascii=False)
        await self._link.publish(f"{self._base}/event", payload, timeout_s=self._timeout_s)
