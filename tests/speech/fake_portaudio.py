"""Devices of any kind in PortAudio's place, for what no sound server has: strict rates, busy devices, hung drivers."""

import asyncio
from dataclasses import dataclass, field

import numpy as np

from edge.speech.devices import AudioDevice, Direction
from edge.speech.portaudio import Callback, PortAudio, Stream
from edge.speech.sound import Samples, SpeechError


@dataclass
class FakeDevice:
    """Hardware that ALSA reaches directly."""

    name: str
    inputs: int = 1
    outputs: int = 0
    rates_hz: tuple[int, ...] = (16_000,)
    channels: tuple[int, ...] = (1,)
    busy: bool = False


@dataclass
class Opened:
    """What was opened, and the callback that PortAudio's thread would call."""

    stream: Stream
    callback: Callback

    def give(self, samples: Samples) -> None:
        """As a microphone: `(n, channels)` or `(n,)` samples in blocks of 10 ms."""
        step = self.stream.rate_hz // 100
        for at in range(0, len(samples), step):
            self.callback(samples[at : at + step].tobytes(), step, None, None)

    def take(self, frames: int) -> Samples:
        """As a loudspeaker: the next block, (frames, channels)."""
        block = bytearray(frames * self.stream.channels * 2)
        self.callback(memoryview(block), frames, None, None)
        return np.frombuffer(bytes(block), dtype=np.int16).reshape(frames, self.stream.channels)

    async def sounds(self) -> None:
        """Wait until what is played is no silence."""
        while True:
            if self.take(160).any():
                return
            await asyncio.sleep(0)


@dataclass
class FakePortAudio(PortAudio):
    """Lists `hardware` as it is now."""

    hardware: list[FakeDevice] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    was_changed: bool = False

    async def devices(self, *, anew: bool = True) -> tuple[AudioDevice, ...]:  # noqa: ARG002
        return tuple(
            AudioDevice(number, one.name, one.inputs, one.outputs, one.rates_hz[0])
            for number, one in enumerate(self.hardware)
        )

    async def changed(self) -> bool:
        return self.was_changed

    async def open(
        self,
        direction: Direction,
        device: AudioDevice,
        rate_hz: int,
        channels: int,
        block: int,  # noqa: ARG002
        callback: Callback,
    ) -> Stream:
        one = self.hardware[device.index]
        if one.busy:
            raise SpeechError(f"the {direction} {device} can't be used: Device unavailable [PaErrorCode -9985]")
        if channels not in one.channels:
            raise SpeechError(f"the {direction} {device} can't be used: Invalid number of channels [PaErrorCode -9998]")
        if rate_hz not in one.rates_hz:
            raise SpeechError(f"the {direction} {device} can't be used: Invalid sample rate [PaErrorCode -9997]")
        stream = Stream(device, rate_hz, channels)
        self.opened.append(Opened(stream, callback))
        self.news.set()
        return stream

    async def close(self, stream: Stream) -> None:
        stream.end()

    async def next_opened(self) -> Opened:
        """Wait until another stream is open."""
        async with asyncio.timeout(20):
            while not self.opened:
                self.news.clear()
                await self.news.wait()
        return self.opened.pop(0)
