"""Which of a machine's sound devices is meant: by name, or the likeliest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.speech.sound import RATE_HZ, SpeechError

_SERVERS: Final = ("pipewire", "pulse")
"""ALSA names of sound servers: they share devices, resample, and cancel echoes where they are told to."""
_SHARED: Final = ("default", "sysdefault")
_RATES_HZ: Final = (48_000, 44_100, 32_000, 96_000, 22_050, 8_000)


class Direction(StrEnum):
    """Which way sound goes."""

    INPUT = "microphone"
    OUTPUT = "loudspeaker"


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
    node: str = ""
    """The source or sink of the sound server; empty: whichever the server takes."""

    def channels(self, direction: Direction) -> int:
        """How many it has that way."""
        return self.inputs if direction is Direction.INPUT else self.outputs

    @property
    def is_server(self) -> bool:
        """Whether a sound server stands behind it."""
        return self.name in _SERVERS

    def __str__(self) -> str:
        return f"{self.name} ({self.node})" if self.node else self.name


def choose(devices: Sequence[AudioDevice], direction: Direction, wanted: str | None) -> AudioDevice:
    """The device called `wanted`, in full or in part whatever the case; without it the likeliest one.

    A sound server comes first, then a USB device, then any other hardware, then what ALSA calls its default.
    Raises `SpeechError` with what there is.
    """
    fitting = [device for device in devices if device.channels(direction) > 0]
    if not fitting:
        raise SpeechError(
            f"there is no {direction}: plug one in; `arecord -l` and `aplay -l` show what the system knows of"
        )
    if wanted is None:
        return min(fitting, key=_rank)
    low = wanted.casefold()
    named = [device for device in fitting if low in (device.name.casefold(), device.node.casefold())]
    named = named or [device for device in fitting if low in device.name.casefold() or low in device.node.casefold()]
    if not named:
        names = ", ".join(dict.fromkeys(device.node or device.name for device in fitting))
        raise SpeechError(f"there is no {direction} called {wanted!r}: there are {names}")
    return min(named, key=_rank)


def rates(device: AudioDevice) -> tuple[int, ...]:
    """What to try, best first: the rate that is wanted, the device's own, then what most can."""
    return tuple(dict.fromkeys((RATE_HZ, device.rate_hz, *_RATES_HZ)))


def _rank(device: AudioDevice) -> tuple[int, int]:
    if device.is_server:
        kind = 0
    elif "hw:" in device.name:
        kind = 1 if "usb" in device.name.casefold() else 2
    else:
        kind = 3 if device.name in _SHARED else 4
    return kind, device.index
