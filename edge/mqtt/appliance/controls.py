"""Entities that are set: what to answer, how loud, which wake word and model, restart and tune."""

import math
from collections.abc import Awaitable, Callable
from typing import Final

from edge.mqtt.appliance.component import Command, CommandError, Component, Controls, Part, shortened
from edge.mqtt.appliance.facts import Facts

LONGEST_COMMAND: Final = 256
"""Bytes of a payload that sets something."""
_CONFIG: Final = {"entity_category": "config"}
_PRESS: Final = "PRESS"
_ON: Final = "ON"
SCENE: Final = "scene_"
"""How the keys of scenes' entities begin."""


def number(payload: str, least: float, most: float) -> float:
    """A number within limits; raises `CommandError`."""
    try:
        value = float(payload)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise CommandError(f"expected a number from {least:g} to {most:g}, found {payload[:40]!r}")
    return value


def choice(payload: str, options: tuple[str, ...]) -> str:
    """One of several; raises `CommandError`."""
    if payload not in options:
        raise CommandError(f"expected one of {', '.join(options) or 'none: there are none'}, found {payload[:80]!r}")
    return payload


def on_or_off(payload: str) -> bool:
    """`ON` or `OFF`; raises `CommandError`."""
    return choice(payload.upper(), ("ON", "OFF")) == "ON"


def _press(press: Callable[[Controls], Awaitable[None]]) -> Command:
    async def pressed(payload: str, facts: Facts, controls: Controls) -> None:  # noqa: ARG001
        choice(payload, (_PRESS,))
        await press(controls)

    return pressed


async def _set_volume(payload: str, facts: Facts, controls: Controls) -> None:  # noqa: ARG001
    await controls.set_volume(number(payload, 0, 100) / 100)


async def _mute(payload: str, facts: Facts, controls: Controls) -> None:  # noqa: ARG001
    await controls.mute(on_or_off(payload))


async def _set_guests(payload: str, facts: Facts, controls: Controls) -> None:  # noqa: ARG001
    await controls.set_guests(on_or_off(payload))


async def _use_wake_word(payload: str, facts: Facts, controls: Controls) -> None:
    await controls.use_wake_word(choice(payload, facts.wake_words))


async def _use_model(payload: str, facts: Facts, controls: Controls) -> None:
    await controls.use_model(choice(payload, facts.models))


def scene_component(key: str, name: str) -> Component:
    """A scene that was made here, as one of Home Assistant's."""

    async def play(payload: str, facts: Facts, controls: Controls) -> None:
        choice(payload, (_ON,))
        choice(key, tuple(one for one, _ in facts.scenes))
        await controls.play_scene(key)

    return Component(f"{SCENE}{key}", "scene", shortened(name, 100), {"payload_on": _ON}, command=play)


def _is_muted(facts: Facts) -> str | None:
    return None if facts.listening is None else ("ON" if facts.listening == "muted" else "OFF")


def _is_installed(facts: Facts) -> str | None:
    return facts.model if facts.model in facts.models else None


CONTROLS: Final = (
    Component(
        "conversation",
        "text",
        "Conversation",
        {"icon": "mdi:message-text-outline", "max": 255},
        state=lambda facts: shortened(facts.last.text) if facts.last else "",
        retained=False,
        command_topic="ask",
    ),
    Component(
        "mute",
        "switch",
        "Mute microphone",
        {"icon": "mdi:microphone-off"},
        state=_is_muted,
        command=_mute,
        exists=lambda facts: facts.has_voice is True,
        part=Part.VOICE,
    ),
    Component(
        "guests",
        "switch",
        "Guest mode",
        {"icon": "mdi:account-group"},
        state=lambda facts: "ON" if facts.guests else "OFF",
        command=_set_guests,
    ),
    Component(
        "volume",
        "number",
        "Volume",
        {"icon": "mdi:volume-high", "unit_of_measurement": "%", "min": 0, "max": 100, "step": 1, "mode": "slider"},
        state=lambda facts: None if facts.volume is None else f"{facts.volume * 100:.0f}",
        command=_set_volume,
        exists=lambda facts: facts.has_voice is True,
        part=Part.VOICE,
    ),
    Component(
        "wake_word",
        "select",
        "Wake word",
        {**_CONFIG, "icon": "mdi:account-voice"},
        state=lambda facts: facts.wake_word if facts.wake_word in facts.wake_words else None,
        choices=lambda facts: facts.wake_words,
        command=_use_wake_word,
        exists=lambda facts: facts.has_voice is True,
        part=Part.VOICE,
    ),
    Component(
        "model",
        "select",
        "Language model",
        {**_CONFIG, "icon": "mdi:brain"},
        state=_is_installed,
        attributes=lambda facts: {"state": facts.model_state, "loaded": facts.loaded_model},
        choices=lambda facts: facts.models,
        command=_use_model,
        exists=lambda facts: bool(facts.models),
    ),
    Component(
        "restart",
        "button",
        None,
        {**_CONFIG, "device_class": "restart"},
        command=_press(lambda controls: controls.restart()),
    ),
    Component(
        "tune",
        "button",
        "Tune language model",
        {**_CONFIG, "icon": "mdi:tune"},
        command=_press(lambda controls: controls.tune()),
        exists=lambda facts: bool(facts.models),
    ),
)
