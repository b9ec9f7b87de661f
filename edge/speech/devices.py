"""Which of a machine's sound devices is meant: by name, or the likeliest one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from edge.speech.sound import RATE_HZ, SpeechError

_SERVERS: Final = ("pulse", "pipewire")
"""ALSA names of sound servers: they share devices, resample, and cancel echoes where they are told to."""
_SHARED: Final = ("default", "sysdefault")
_RATES_HZ: Final = (48_000, 44_100, 32_000, 96_000, 22_050, 8_000)


class Direction(StrEnum):
    """Which way sound goes."""

    INPUT = "microphone"
    OUTPUT = "loudspeaker"


@dataclass(frozen=True, slots=True)
class Node:
    """A source or sink."""

    index: int
    """Given anew when a device is plugged in again."""
    name: str
    description: str = ""
    is_default: bool = False
    is_monitor: bool = False
    """Gives what a sink plays: our own voice, mostly."""
    cancels_echo: bool = False
    muted: bool = False
    """At the server: digital silence comes from it."""


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """A device as PortAudio lists it, or a source or sink of a sound server, reached through that device."""

    index: int
    """PortAudio's, valid until the list is made anew."""
    name: str
    inputs: int
    """Channels."""
    outputs: int
    rate_hz: int
    """Its own."""
    node: Node | None = None
    """The source or sink of the sound server."""

    def channels(self, direction: Direction) -> int:
        """How many it has that way."""
        return self.inputs if direction is Direction.INPUT else self.outputs

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called by."""
        return (self.node.name, self.node.description) if self.node else (self.name,)

    def __str__(self) -> str:
        return self.node.name if self.node else self.name


def with_nodes(devices: Sequence[AudioDevice], nodes: Sequence[Node] | None) -> list[AudioDevice]:
    """The devices, with the nodes of the sound server in place of the one device that leads to it."""
    if nodes is None:
        return list(devices)
    server = next((device for name in _SERVERS for device in devices if device.name == name), None)
    hardware = [device for device in devices if device.name not in (*_SERVERS, "default")]
    return ([replace(server, node=node) for node in nodes] if server else []) + hardware


def choose(
    devices: Sequence[AudioDevice], direction: Direction, wanted: str | None, preferred: Sequence[str] = ()
) -> AudioDevice:
    """The device called `wanted`, in full or in part whatever the case; without it the likeliest one.

    A source that cancels echoes comes first, then what the sound server takes, its other nodes, a USB device, other
    hardware, and what ALSA calls its default. Nobody hears through a sink's monitor unless told to. `preferred` are
    patterns of the names of hardware, the likeliest first, in place of USB before others.
    Raises `SpeechError` with what there is.
    """
    fitting = [device for device in devices if device.channels(direction) > 0]
    if wanted is None:
        fitting = [device for device in fitting if not (device.node and device.node.is_monitor)]
    if not fitting:
        raise SpeechError(
            f"there is no {direction}: plug one in; `arecord -l` and `aplay -l` show what the system knows of"
        )
    if wanted is None:
        return min(fitting, key=lambda device: (*_rank(device, preferred), _index(device)))
    low = wanted.casefold()
    named = [device for device in fitting if low in map(str.casefold, device.names)]
    named = named or [device for device in fitting if any(low in name.casefold() for name in device.names)]
    if not named:
        names = ", ".join(dict.fromkeys(map(str, fitting)))
        raise SpeechError(f"there is no {direction} called {wanted!r}: there are {names}")
    return min(named, key=lambda device: (*_rank(device, preferred), _index(device)))


def rates(device: AudioDevice) -> tuple[int, ...]:
    """What to try, best first: the rate that is wanted, the device's own, then what most can."""
    return tuple(dict.fromkeys((RATE_HZ, device.rate_hz, *_RATES_HZ)))


def _rank(device: AudioDevice, preferred: Sequence[str]) -> tuple[int, int]:
    if device.node:
        return (
            0 if device.node.cancels_echo else 1 if device.node.is_default else 3 if device.node.is_monitor else 2
        ), 0
    if device.name in _SERVERS:
        return 1, 0
    if "hw:" not in device.name:
        return (6 if device.name in _SHARED else 7), 0
    if preferred:
        return 4, _place(device.name.casefold(), preferred)
    return (4 if "usb" in device.name.casefold() else 5), 0


def _place(name: str, preferred: Sequence[str]) -> int:
    """Of the first pattern that names it; `*` stands for every name that no other pattern has."""
    for place, pattern in enumerate(preferred):
        if pattern != "*" and fnmatchcase(name, pattern):
            return place
    return preferred.index("*") if "*" in preferred else len(preferred)


def _index(device: AudioDevice) -> int:
    return device.node.index if device.node else device.index
