"""Alarms as others see them: a retained message each, and a binary sensor each in Home Assistant."""

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from edge.mqtt.appliance.component import Component, shortened
from edge.mqtt.slugs import slugify

LONGEST_SENSOR: Final = 64
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

    def payload(self) -> str:
        """The message."""
        told = {
            "state": self.state.value,
            "since": self.since.isoformat(),
            "value": None if isinstance(self.value, float) and not math.isfinite(self.value) else self.value,
            "reason": self.reason,
            "text": self.text,
        }
        return json.dumps(told, ensure_ascii=False)


def alarm_topic(sensor: str) -> str:
    """Under the base."""
    return f"alarm/{alarm_slug(sensor)}"


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
