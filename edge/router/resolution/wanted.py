"""What a call wants of a device: which devices its verb fits, and how well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import Device
from edge.devices.nouns import Kind
from edge.router.vocabulary import Function, Vocabulary

Rank = Callable[[Device], int | None]
"""How well a device fits, 0 best; None where it does not at all."""

_EVERYTHING: Final = tuple(Kind(domain) for domain in ("light", "switch", "fan", "media_player", "humidifier"))
"""What "everything" is that can be turned on and off without regret."""
_OPENINGS: Final = ("door", "window", "opening", "garage_door")
_SWITCHING: Final = frozenset({"turn_on", "turn_off", "toggle"})
_STATE_DOMAINS: Final[Mapping[str, tuple[frozenset[str], ...]]] = MappingProxyType(
    {
        **dict.fromkeys(["locked", "unlocked"], (frozenset({"lock"}),)),
        **dict.fromkeys(["open", "closed"], (frozenset({"cover", "valve", "binary_sensor"}), frozenset({"lock"}))),
        **dict.fromkeys(["home", "not_home"], (frozenset({"person", "device_tracker"}),)),
        **dict.fromkeys(["armed", "disarmed", "triggered"], (frozenset({"alarm_control_panel"}),)),
        **dict.fromkeys(["playing", "paused", "muted"], (frozenset({"media_player"}),)),
        **dict.fromkeys(["docked", "cleaning", "charging"], (frozenset({"vacuum", "lawn_mower"}),)),
        **dict.fromkeys(["heating", "cooling"], (frozenset({"climate", "water_heater"}),)),
        **dict.fromkeys(["detected", "clear", "wet", "dry", "low"], (frozenset({"binary_sensor"}),)),
        **dict.fromkeys(
            ["on", "off"],
            (
                frozenset({"light", "switch", "fan", "media_player", "humidifier", "siren", "input_boolean"}),
                frozenset({"climate", "water_heater", "automation", "script", "binary_sensor"}),
            ),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call's wish: its function, how devices rank for it, what it means when nothing or everything is named."""

    function: Function
    rank: Rank
    everything: tuple[Kind, ...]
    default: tuple[Kind, ...]
    query: bool = False
    every: bool = False
    """Whatever fits is meant, and nothing is asked back: questions, and what is left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """The devices a phrase stands for, or the `choices` (devices' or areas' ids) among which a person must tell."""

    devices: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    how: str = ""
    """`name`, `part`, `like`, `class`, `area` or `default`: what the devices were found by."""
    choices: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


def wanted(function: Function, vocabulary: Vocabulary, state: str | None = None) -> Wanted:
    """What a function (for questions: with the state asked about) wants."""
    if function.kind == "query":
        return Wanted(function, _state_rank(state), (), _asked(function, state), query=True, every=True)

    def rank(device: Device) -> int | None:
        if device.domain == function.domain:
            return 0
        if vocabulary.native(device.domain, function.verb) is not None:
            return 1
        return 2 if vocabulary.by_verb(device.domain, function.verb) is not None else None

    own = (Kind("light"), Kind("switch", "light")) if function.domain == "light" else (Kind(function.domain),)
    return Wanted(function, rank, _EVERYTHING if function.verb in _SWITCHING else own, own)


def _state_rank(state: str | None) -> Rank:
    tiers = _STATE_DOMAINS.get(state or "", ())

    def rank(device: Device) -> int | None:
        return next((at for at, domains in enumerate(tiers) if device.domain in domains), len(tiers))

    return rank


def _asked(function: Function, state: str | None) -> tuple[Kind, ...]:
    """The kinds a question without a subject is about: "is anything open", "what's the weather"."""
    if function.domain in {"weather", "climate"}:
        return (Kind(function.domain),)
    if state in {"open", "closed"}:
        return (Kind("cover"), Kind("valve"), *(Kind("binary_sensor", of) for of in _OPENINGS))
    tiers = _STATE_DOMAINS.get(state or "", ())
    return tuple(Kind(domain) for domain in sorted(tiers[0])) if tiers else ()
