"""Alarms as others see them: a retained message each, and a binary sensor each in Home Assistant."""

import contextlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from edge.mqtt.appliance.component import Component, shortened
from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link
from edge.mqtt.slugs import slugify

LONGEST_SENSOR: Final = 64
MOST_SHOWN: Final = 100
"""Alarms that have a binary sensor at a time; of more there are the messages alone."""
_SLUG: Final = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)


class AlarmState(StrEnum):
    """Whether what is wrong still is."""

    ACTIVE = "active"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is told of one sensor on `<base>/alarm/<sensor>`."""

    name: str
    """What a person calls it, such as "Freezer too warm"."""
    state: AlarmState
    since: datetime
    value: str | float | None
    """The reading that it is about."""
    reason: str
    """Which kind of alarm, in a word."""
    text: str
    """What is wrong, in a sentence."""
    severity: str = "warning"
    acknowledged: bool = False
    """Whether somebody has seen it."""
    advice: str = ""
    """What to do."""

    def payload(self) -> str:
        """The message."""
        told = {
            "state": self.state.value,
            "since": self.since.isoformat(),
            "value": None if isinstance(self.value, float) and not math.isfinite(self.value) else self.value,
            "reason": self.reason,
            "text": self.text,
            "severity": self.severity,
            "acknowledged": self.acknowledged,
            "advice": self.advice,
        }
        return json.dumps(told, ensure_ascii=False)


class AlarmTopics:
    """The messages on `<base>/alarm/<sensor>`, retained, and told again to a broker that may have lost them.

    Whether the appliance is announced makes no difference to them; where it is, each has a binary sensor.
    """

    def __init__(self, link: Link, base: str) -> None:
        self._link = link
        self.base = base
        self._told: dict[str, str] = {}
        self._observers: list[Callable[[], None]] = []
        self.names: dict[str, str] = {}
        """What people call them, by sensor."""
        link.on_connect(self.again)

    def tell(self, sensor: str, alarm: Alarm) -> None:
        """How an alarm stands now; what is no slug of `[a-z0-9_-]` becomes one."""
        slug = alarm_slug(sensor)
        if slug in self.names or len(self.names) < MOST_SHOWN:
            self.names[slug] = alarm.name
        self._told[slug] = alarm.payload()
        self._post(slug, self._told[slug])
        self._note()

    def forget(self, sensor: str) -> None:
        """There is no such alarm any more: nothing is left of it on the broker, or in Home Assistant."""
        slug = alarm_slug(sensor)
        self.names.pop(slug, None)
        self._told.pop(slug, None)
        self._post(slug, "")
        self._note()

    def known_before(self, names: Mapping[str, str]) -> None:
        """Alarms that an earlier run told of: they stay until they are forgotten."""
        self.names = {**names, **self.names}

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called after each alarm; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def again(self) -> None:
        """Tell all of them once more."""
        for slug, payload in self._told.items():
            self._post(slug, payload)

    def _post(self, slug: str, payload: str) -> None:
        """Without a connection it waits in the outbox; what finds no room there is told once the link is back."""
        with contextlib.suppress(MqttLinkError):
            posted = self._link.post(f"{self.base}/{alarm_topic(slug)}", payload, qos=1, retain=True)
            posted.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _note(self) -> None:
        for observer in tuple(self._observers):
            observer()


def alarm_topic(slug: str) -> str:
    """Under the base."""
    return f"alarm/{slug}"


def alarm_slug(sensor: str) -> str:
    """The sensor's name as topics have it; what is one already stays as it is."""
    return sensor if _SLUG.fullmatch(sensor) else slugify(sensor)[:LONGEST_SENSOR]


def alarm_component(slug: str, name: str) -> Component:
    """Its binary sensor."""
    topic = alarm_topic(slug)
    return Component(
        f"alarm_{slug}",
        "binary_sensor",
        shortened(name, 100),
        {
            "device_class": "problem",
            "value_template": f"{{{{ 'ON' if value_json.state == '{AlarmState.ACTIVE.value}' else 'OFF' }}}}",
        },
        state_topic=topic,
        attributes_topic=topic,
    )
