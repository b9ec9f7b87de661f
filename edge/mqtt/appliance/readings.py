"""Entities that are only read: what was said, what it does, how fast and how warm it is."""

import json
from collections.abc import Mapping
from typing import Any, Final

from edge.mqtt.appliance.component import LONGEST_ATTRIBUTE, Component, Part, shortened
from edge.mqtt.appliance.facts import Exchange, Facts
from edge.router.model import Decision

LISTENING: Final = ("idle", "listening", "thinking", "speaking", "following_up", "muted")
_MIB: Final = 1 << 20
_LATENCY_S: Final = 10.0
_MOST_TIMERS: Final = 20
_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}
_MEASURED: Final = {"state_class": "measurement"}
_MEMORY: Final = {
    **_DIAGNOSTIC,
    **_MEASURED,
    "device_class": "data_size",
    "unit_of_measurement": "MiB",
    "suggested_display_precision": 0,
}
_LATENCY: Final = {
    **_DIAGNOSTIC,
    **_MEASURED,
    "device_class": "duration",
    "unit_of_measurement": "ms",
}


def event(exchange: Exchange) -> Mapping[str, Any]:
    """The payload of the event entity."""
    return {
        "event_type": exchange.decision,
        "text": shortened(exchange.text, LONGEST_ATTRIBUTE),
        "reply": shortened(exchange.reply, LONGEST_ATTRIBUTE),
        "source": exchange.source,
        "area": exchange.area,
        "functions": list(exchange.functions),
        "answered_by": exchange.answered_by,
        "ms": round(exchange.ms, 1),
        "id": exchange.id,
    }


def _request(facts: Facts) -> Mapping[str, Any]:
    last = facts.last
    if last is None:
        return {}
    text = shortened(last.text, LONGEST_ATTRIBUTE)
    return {"text": text, "source": last.source, "area": last.area, "id": last.id}


def _reply(facts: Facts) -> Mapping[str, Any]:
    last = facts.last
    if last is None:
        return {}
    return {
        "text": shortened(last.reply, LONGEST_ATTRIBUTE),
        "decision": last.decision,
        "functions": list(last.functions),
        "answered_by": last.answered_by,
        "ms": round(last.ms, 1),
        "id": last.id,
    }


def _timers(facts: Facts) -> Mapping[str, Any]:
    told = [
        {
            "id": timer.id,
            "kind": timer.kind,
            "status": timer.status,
            "name": shortened(timer.name) or None,
            "area": timer.area,
            "ends": timer.ends.isoformat() if timer.ends else None,
        }
        for timer in facts.timers[:_MOST_TIMERS]
    ]
    return {"timers": told}


def _next_end(facts: Facts) -> str | None:
    ends = [timer.ends for timer in facts.timers if timer.ends is not None]
    return min(ends).isoformat() if ends else None


def _version(facts: Facts) -> str:
    """Nothing newer than what is installed is known: nothing is looked up unless a person asks for it."""
    return json.dumps({"installed_version": facts.version, "latest_version": facts.version, "title": "Edge"})


def _text(value: float | None, digits: int = 0) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _mib(value: int | None) -> str | None:
    return None if value is None else str(value // _MIB)


REQUEST: Final = Component(
    "request",
    "event",
    "Request",
    {"icon": "mdi:message-processing-outline", "event_types": [decision.value for decision in Decision]},
    retained=False,
)
"""An event for every request."""
READINGS: Final = (
    Component(
        "last_request",
        "sensor",
        "Last request",
        {"icon": "mdi:comment-question-outline"},
        state=lambda facts: (shortened(facts.last.text) or None) if facts.last else None,
        attributes=_request,
        retained=False,
    ),
    Component(
        "last_reply",
        "sensor",
        "Last reply",
        {"icon": "mdi:comment-text-outline"},
        state=lambda facts: (shortened(facts.last.reply) or None) if facts.last else None,
        attributes=_reply,
        retained=False,
    ),
    REQUEST,
    Component(
        "listening",
        "sensor",
        "Listening state",
        {
            "device_class": "enum",
            "options": list(LISTENING),
            "icon": "mdi:ear-hearing",
            "value_template": "{{ value or 'None' }}",
        },
        exists=lambda facts: facts.has_voice is True,
        part=Part.VOICE,
        state_topic="listening",
    ),
    Component(
        "timers",
        "sensor",
        "Timers",
        {**_MEASURED, "icon": "mdi:timer-outline"},
        state=lambda facts: str(len(facts.timers)),
        attributes=_timers,
    ),
    Component(
        "next_timer",
        "sensor",
        "Next timer",
        {"device_class": "timestamp"},
        state=_next_end,
    ),
    Component(
        "summary",
        "sensor",
        "Summary",
        {"icon": "mdi:home-analytics", "value_template": "{{ value_json.short }}"},
        state_topic="summary",
        attributes_topic="summary",
    ),
    Component(
        "token_rate",
        "sensor",
        "Token rate",
        {
            **_DIAGNOSTIC,
            **_MEASURED,
            "unit_of_measurement": "tokens/s",
            "suggested_display_precision": 1,
            "icon": "mdi:speedometer",
        },
        state=lambda facts: _text(facts.tokens_per_s, 1),
        every_s=_LATENCY_S,
    ),
    Component(
        "temperature",
        "sensor",
        None,
        {
            **_DIAGNOSTIC,
            **_MEASURED,
            "device_class": "temperature",
            "unit_of_measurement": "°C",
            "suggested_display_precision": 1,
        },
        state=lambda facts: _text(facts.celsius, 1),
        exists=lambda facts: facts.celsius is not None,
        lasting=True,
    ),
    Component(
        "available_memory", "sensor", "Available memory", _MEMORY, state=lambda facts: _mib(facts.available_bytes)
    ),
    Component("service_memory", "sensor", "Service memory", _MEMORY, state=lambda facts: _mib(facts.service_bytes)),
    Component("model_memory", "sensor", "Model memory", _MEMORY, state=lambda facts: _mib(facts.model_bytes)),
    Component(
        "router_latency",
        "sensor",
        "Router latency",
        {**_LATENCY, "suggested_display_precision": 1},
        state=lambda facts: _text(facts.router_ms, 1),
        every_s=_LATENCY_S,
    ),
    Component(
        "model_latency",
        "sensor",
        "Model latency",
        {**_LATENCY, "suggested_display_precision": 0},
        state=lambda facts: _text(facts.model_ms),
        every_s=_LATENCY_S,
    ),
    Component("update", "update", "Software", _DIAGNOSTIC, state=_version),
)
