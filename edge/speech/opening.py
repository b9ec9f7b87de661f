"""Opens the device that is meant, at a rate that it takes, and brings what it gives to ours."""

import asyncio
import contextlib
import importlib
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from edge.speech import pulse
from edge.speech.devices import AudioDevice, Direction, Node, choose, rates, with_nodes
from edge.speech.portaudio import PortAudio, Stream, portaudio
from edge.speech.sound import Samples, SpeechError
from edge.speech.usual import of_this_board, preferred

BLOCK_S: Final = 0.032
"""Sound changes hands in blocks of this length."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """How a microphone or loudspeaker does."""

    device: str | None = None
    """What is open now."""
    rate_hz: int = 0
    trouble: str | None = None
    """Why nothing is."""
    node: Node | None = None
    """The sound server's, where one stands behind it."""

    @classmethod
    def of(cls, stream: Stream) -> Self:
        """The stream's device is open."""
        return cls(str(stream.device), stream.rate_hz, node=stream.device.node)


async def find(library: PortAudio, direction: Direction, wanted: str | None) -> AudioDevice:
    """The device that is meant, among those that are there now; raises `SpeechError`."""
    listed = await library.devices()
    board = await asyncio.to_thread(of_this_board)
    return choose(with_nodes(listed, await pulse.nodes(direction)), direction, wanted, preferred(board, direction))


async def tried(direction: Direction, wanted: str | None = None, library: PortAudio | None = None) -> DeviceState:
    """Open a device for a moment: which one it is, or why there is none."""
    library = library or portaudio()
    try:
        device = await find(library, direction, wanted)
        stream = await open_any(library, direction, device, lambda *_: _nothing)
    except SpeechError as error:
        return DeviceState(trouble=str(error))
    await library.close(stream)
    return DeviceState.of(stream)


def _nothing(data: Any, *_: object) -> None:
    """Plays silence; what is recorded can't be written to."""
    if not memoryview(data).readonly:
        data[:] = bytes(len(data))


async def open_any(library: PortAudio, direction: Direction, device: AudioDevice, callback_for: Any) -> Stream:
    """Open a device at the first rate and number of channels that it takes; raises `SpeechError`."""
    most = device.channels(direction)
    reasons: list[str] = []
    for channels in dict.fromkeys((1, min(2, most), most)):
        for rate_hz in rates(device):
            block = round(rate_hz * BLOCK_S)
            callback = callback_for(rate_hz, channels)
            try:
                return await library.open(direction, device, rate_hz, channels, block, callback)
            except SpeechError as error:
                reasons.append(str(error))
                if not ("sample rate" in str(error) or "number of channels" in str(error)):
                    raise
    raise SpeechError(f"the {direction} {device} takes no rate or number of channels that was tried ({reasons[0]})")


async def within(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, no longer than that. (`asyncio.wait_for` loses a cancellation that comes with the event.)"""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def mono(samples: Samples, channels: int) -> Samples:
    """(n * channels,) interleaved to (n,): the mean of two, the first of more, which array microphones clean up."""
    if channels == 1:
        return samples
    table = samples.reshape(-1, channels)
    return table.astype(np.int32).mean(axis=1).astype(np.int16) if channels == 2 else table[:, 0].copy()


def resampler(from_hz: int, to_hz: int) -> Any:
    """A stream of soxr's, None where there is nothing to do."""
    if from_hz == to_hz:
        return None
    return soxr().ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="HQ")


def soxr() -> Any:
    try:
        return importlib.import_module("soxr")
    except ImportError as error:
        raise SpeechError(f"resampling needs a package: pip install 'edge-assistant[speech]' ({error})") from error
