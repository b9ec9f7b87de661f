"""The microphone and the loudspeaker of this machine, whatever becomes of them while it runs."""

import asyncio
import contextlib
import importlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from edge.speech import pulse
from edge.speech.devices import AudioDevice, Direction, Node, choose, rates, with_nodes
from edge.speech.portaudio import BUFFER_S, PortAudio, Stream, portaudio
from edge.speech.sound import FRAME, RATE_HZ, Samples, Sound, SpeechError

log = logging.getLogger(__name__)

_FRAME_S: Final = FRAME / RATE_HZ
_BLOCK_S: Final = 0.032
_AGAIN_S: Final = 1.0
"""Between two looks at whether cards came or went, while there is no device."""
_SELDOM_S: Final = 10.0
"""The longest pause between two attempts to open one when nothing came or went: it may have been busy."""
_WATCH_S: Final = 0.25
_STALLED_S: Final = 2.0
"""A device that gives nothing for this long is lost."""
_MOST_WAITING: Final = 128
"""Frames that may wait for whoever listens: 4 s; older ones are let go."""
_AHEAD_S: Final = 0.25
"""Sound is kept ready for the loudspeaker this far."""
_TAIL_S: Final = 2 * BUFFER_S
"""Silence played after the last sound: drivers stop with what is in their buffers."""


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


class PortAudioMicrophone:
    """The microphone that is there now: opened when it is listened to, looked for again when it is lost."""

    def __init__(self, wanted: str | None = None, *, gain_db: float = 0.0, library: PortAudio | None = None) -> None:
        """`wanted`: its name or a part of it; None: the likeliest. `gain_db` is added to what it gives."""
        self._wanted = wanted
        self._gain = 10 ** (gain_db / 20)
        self._library = library or portaudio()
        self.state = DeviceState()
        self._inbox: deque[Samples] = deque(maxlen=_MOST_WAITING)
        self._arrived = asyncio.Event()
        self._heard_at = 0.0
        self._pause_s = _AGAIN_S

    async def frames(self) -> AsyncIterator[Samples]:
        """`FRAME` samples at `RATE_HZ` at a time, for ever; silence while there is no device."""
        keeper = asyncio.create_task(self._keep())
        try:
            due = time.monotonic()
            while True:
                due += _FRAME_S
                if not self._inbox:
                    await self._wait(due)
                if self._inbox:
                    due = max(due, time.monotonic())
                    yield self._inbox.popleft()
                else:
                    yield np.zeros(FRAME, dtype=np.int16)
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def _wait(self, due: float) -> None:
        """Until a frame is there; without a device, for the time it would take."""
        self._arrived.clear()
        if self.state.device is not None:
            await self._arrived.wait()
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), max(0.0, due - time.monotonic()))

    async def _keep(self) -> None:
        async with pulse.news() as news:
            while True:
                news.clear()
                try:
                    stream = await self._open()
                except SpeechError as error:
                    await self._missing(str(error), news)
                    continue
                self._pause_s = _AGAIN_S
                self.state = DeviceState.of(stream)
                log.info("microphone.open", extra={"device": str(stream.device), "rate_hz": stream.rate_hz})
                try:
                    reason = await self._until_lost(stream, news)
                finally:
                    self.state = DeviceState(trouble=f"the microphone {stream.device} is gone: plug it in again")
                    self._arrived.set()
                    await self._library.close(stream)
                log.warning("microphone.lost", extra={"device": str(stream.device), "reason": reason})

    async def _missing(self, reason: str, news: asyncio.Event) -> None:
        """Wait until there may be something new: soon after a change, seldom without one."""
        if self.state.trouble != reason:
            log.warning("microphone.missing", extra={"reason": reason})
        self.state = DeviceState(trouble=reason)
        began = time.monotonic()
        while time.monotonic() - began < self._pause_s and not news.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), _AGAIN_S)
            with contextlib.suppress(SpeechError):
                if await self._library.changed():
                    self._pause_s = _AGAIN_S
                    return
        self._pause_s = min(2 * self._pause_s, _SELDOM_S)

    async def _open(self) -> Stream:
        device = await find(self._library, Direction.INPUT, self._wanted)
        return await open_any(self._library, Direction.INPUT, device, self._receiver)

    def _receiver(self, rate_hz: int, channels: int) -> "_Receiver":
        return _Receiver(self, rate_hz, channels, self._gain)

    async def _until_lost(self, stream: Stream, news: asyncio.Event) -> str:
        """Why it is."""
        self._heard_at = time.monotonic()
        while not stream.ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stream.ended.wait(), _WATCH_S)
            if time.monotonic() - self._heard_at > _STALLED_S:
                return "it gives nothing"
            if news.is_set():
                news.clear()
                if await self._is_other(stream.device):
                    return "the sound server has another"
        return "it ended"

    async def _is_other(self, device: AudioDevice) -> bool:
        """Whether the server's node is not the one any more that would be opened now; a server moves streams about."""
        if device.node is None:
            return False
        try:
            now = choose(
                with_nodes([replace(device, node=None)], await pulse.nodes(Direction.INPUT)),
                Direction.INPUT,
                self._wanted,
            )
        except SpeechError:
            return True
        return now.node is None or (now.node.index, now.node.name) != (device.node.index, device.node.name)

    def take(self, frames: list[Samples]) -> None:
        """In the loop's thread: what a device gave."""
        self._heard_at = time.monotonic()
        self._inbox.extend(frames)
        self._arrived.set()


class _Receiver:
    """Takes blocks in PortAudio's thread, hands them to the loop, and there makes frames of them."""

    def __init__(self, microphone: PortAudioMicrophone, rate_hz: int, channels: int, gain: float) -> None:
        self._microphone = microphone
        self._channels = channels
        self._gain = gain
        self._loop = asyncio.get_running_loop()
        self._resampler = resampler(rate_hz, RATE_HZ)
        self._rest: Samples = np.zeros(0, dtype=np.int16)

    def __call__(self, data: Any, _frames: int, _when: Any, _status: Any) -> None:
        """In PortAudio's thread: copy and go."""
        block = bytes(data)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take, block)

    def _take(self, block: bytes) -> None:
        samples: Samples = mono(np.frombuffer(block, dtype=np.int16), self._channels)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        if self._gain != 1.0:
            samples = np.clip(samples * self._gain, -32768, 32767).astype(np.int16)
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        self._microphone.take([samples[at : at + FRAME] for at in range(0, whole, FRAME)])


class PortAudioLoudspeaker:
    """The loudspeaker that is there when something is played."""

    def __init__(self, wanted: str | None = None, *, library: PortAudio | None = None) -> None:
        """`wanted`: its name or a part of it; None: the likeliest."""
        self._wanted = wanted
        self._library = library or portaudio()
        self.state = DeviceState()

    async def play(self, sounds: AsyncIterator[Sound]) -> None:
        """Play piece after piece; returns when the last has been heard. Raises `SpeechError` without a device.

        A loudspeaker that is lost on the way is looked for once more, and what was left is played there.
        """
        player = _Player(sounds)
        while True:
            try:
                stream = await self._open(player)
            except SpeechError as error:
                self.state = DeviceState(trouble=str(error))
                raise
            self.state = DeviceState.of(stream)
            try:
                await player.run(stream)
            finally:
                player.silence()
                await self._library.close(stream)
                self.state = DeviceState()
            if player.finished:
                return
            log.warning("loudspeaker.lost", extra={"device": str(stream.device)})

    async def _open(self, player: "_Player") -> Stream:
        device = await find(self._library, Direction.OUTPUT, self._wanted)
        return await open_any(self._library, Direction.OUTPUT, device, player.prepare)


class _Player:
    """Gives a stream its blocks; the loop puts sound in at one end of the queue, PortAudio's thread takes it out."""

    def __init__(self, sounds: AsyncIterator[Sound]) -> None:
        self._sounds = sounds
        self._queue: deque[Samples] = deque()
        self._rate_hz = 0
        self._channels = 1
        self._complete = False
        self._silent = False
        self._progress = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @property
    def finished(self) -> bool:
        """Whether everything has been played."""
        return self._complete and not self._queue

    def prepare(self, rate_hz: int, channels: int) -> "_Player":
        """For a stream of that kind."""
        self._rate_hz, self._channels, self._silent = rate_hz, channels, False
        return self

    def silence(self) -> None:
        """From now on, nothing."""
        self._silent = True

    async def run(self, stream: Stream) -> None:
        """Fill the queue until everything is played or the stream is gone."""
        gone = asyncio.create_task(stream.ended.wait())
        try:
            while not self._complete and not stream.ended.is_set():
                sound = await anext(self._sounds, None)
                if sound is None:
                    self._put(Sound(np.zeros(round(_TAIL_S * self._rate_hz), dtype=np.int16), self._rate_hz))
                    self._complete = True
                    break
                self._put(sound)
                await self._room(stream)
            await gone
        finally:
            gone.cancel()

    def _put(self, sound: Sound) -> None:
        samples = sound.samples
        if sound.rate_hz != self._rate_hz:
            samples = _soxr().resample(samples, sound.rate_hz, self._rate_hz)
        step = max(1, round(self._rate_hz * _BLOCK_S))
        self._queue.extend(samples[at : at + step] for at in range(0, len(samples), step))

    async def _room(self, stream: Stream) -> None:
        while len(self._queue) * _BLOCK_S > _AHEAD_S and not stream.ended.is_set():
            self._progress.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._progress.wait(), _STALLED_S)

    def __call__(self, data: Any, frames: int, _when: Any, _status: Any) -> None:
        """In PortAudio's thread: fill one block, and stop after the last."""
        block = np.frombuffer(data, dtype=np.int16).reshape(frames, self._channels)
        at = 0
        while at < frames and not self._silent:
            try:
                piece = self._queue.popleft()
            except IndexError:
                break
            now = piece[: frames - at]
            block[at : at + len(now)] = now[:, np.newaxis]
            if len(now) < len(piece):
                self._queue.appendleft(piece[len(now) :])
            at += len(now)
        block[at:] = 0
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._progress.set)
        if self.finished or self._silent:
            raise importlib.import_module("sounddevice").CallbackStop


async def find(library: PortAudio, direction: Direction, wanted: str | None) -> AudioDevice:
    """The device that is meant, among those that are there now; raises `SpeechError`."""
    listed = await library.devices()
    return choose(with_nodes(listed, await pulse.nodes(direction)), direction, wanted)


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
            block = round(rate_hz * _BLOCK_S)
            callback = callback_for(rate_hz, channels)
            try:
                return await library.open(direction, device, rate_hz, channels, block, callback)
            except SpeechError as error:
                reasons.append(str(error))
                if not ("sample rate" in str(error) or "number of channels" in str(error)):
                    raise
    raise SpeechError(f"the {direction} {device} takes no rate or number of channels that was tried ({reasons[0]})")


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
    return _soxr().ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="HQ")


def _soxr() -> Any:
    try:
        return importlib.import_module("soxr")
    except ImportError as error:
        raise SpeechError(f"resampling needs a package: pip install 'edge-assistant[speech]' ({error})") from error
