"""The microphone and the loudspeaker of this machine, whatever becomes of them while it runs."""

import asyncio
import contextlib
import importlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from edge.speech import pulse
from edge.speech.devices import AudioDevice, Direction, choose, with_nodes
from edge.speech.opening import BLOCK_S, DeviceState, find, mono, open_any, resampler, within
from edge.speech.portaudio import BUFFER_S, PortAudio, Stream, portaudio
from edge.speech.sound import FRAME, RATE_HZ, Samples, Sound, SpeechError

log = logging.getLogger(__name__)

_FRAME_S: Final = FRAME / RATE_HZ
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
        await within(max(0.0, due - time.monotonic()), self._arrived)

    async def _keep(self) -> None:
        async with pulse.news() as news:
            while True:
                news.clear()
                try:
                    stream = await self._open()
                except SpeechError as error:
                    await self._missing(str(error), news)
                    continue
                except Exception as error:
                    log.exception("microphone.failed")
                    await self._missing(f"the microphone can't be opened ({error!r}): see the log", news)
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
            await within(_AGAIN_S, news)
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
            await within(_WATCH_S, stream.ended)
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
        self._last: AudioDevice | None = None
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
            checking = asyncio.create_task(self._check(stream.device))
            try:
                await player.run(stream)
            finally:
                player.silence()
                checking.cancel()
                await self._library.close(stream)
                await asyncio.gather(checking, return_exceptions=True)
                self.state = DeviceState()
            if player.finished:
                return
            log.warning("loudspeaker.lost", extra={"device": str(stream.device)})

    async def _open(self, player: "_Player") -> Stream:
        """The loudspeaker of last time, which is quickly opened, or the one that is found now."""
        last, self._last = await self._remembered(), None
        if last is not None:
            with contextlib.suppress(SpeechError):
                stream = await open_any(self._library, Direction.OUTPUT, last, player.prepare)
                self._last = last
                return stream
        device = await find(self._library, Direction.OUTPUT, self._wanted)
        stream = await open_any(self._library, Direction.OUTPUT, device, player.prepare)
        self._last = device
        return stream

    async def _remembered(self) -> AudioDevice | None:
        """The one of last time as it is listed now, unless something came or went."""
        last = self._last
        if last is None or await self._library.changed():
            return None
        listed = await self._library.devices(anew=False)
        return next((replace(one, node=last.node) for one in listed if one.name == last.name and one.outputs), None)

    async def _check(self, device: AudioDevice) -> None:
        """While it plays: look for it anew next time if the sound server would have another one now."""
        if device.node is None:
            return
        listed = with_nodes([replace(device, node=None)], await pulse.nodes(Direction.OUTPUT))
        try:
            now = choose(listed, Direction.OUTPUT, self._wanted)
        except SpeechError:
            now = None
        if now is None or now.node is None or now.node.name != device.node.name:
            self._last = None


class _Player:
    """Gives a stream its blocks; the loop puts sound in at one end of the queue, PortAudio's thread takes it out."""

    def __init__(self, sounds: AsyncIterator[Sound]) -> None:
        self._sounds = sounds
        self._queue: deque[Samples] = deque()
        self._rates_hz = (0, 0)
        self._resampler: Any = None
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
                    self._flush()
                    self._put(Sound(np.zeros(round(_TAIL_S * self._rate_hz), dtype=np.int16), self._rate_hz))
                    self._complete = True
                    break
                self._put(sound)
                await self._room(stream)
            await gone
        finally:
            gone.cancel()

    def _put(self, sound: Sound) -> None:
        """Pieces of one rate are resampled as one sound: nothing is heard where they meet."""
        rates_hz = (sound.rate_hz, self._rate_hz)
        if rates_hz != self._rates_hz:
            self._flush()
            self._rates_hz, self._resampler = rates_hz, resampler(*rates_hz)
        self._queue_up(sound.samples if self._resampler is None else self._resampler.resample_chunk(sound.samples))

    def _flush(self) -> None:
        """What the resampler still holds."""
        if self._resampler is not None:
            self._queue_up(self._resampler.resample_chunk(np.zeros(0, dtype=np.int16), last=True))
        self._rates_hz, self._resampler = (0, 0), None

    def _queue_up(self, samples: Samples) -> None:
        step = max(1, round(self._rate_hz * BLOCK_S))
        self._queue.extend(samples[at : at + step] for at in range(0, len(samples), step))

    async def _room(self, stream: Stream) -> None:
        while len(self._queue) * BLOCK_S > _AHEAD_S and not stream.ended.is_set():
            self._progress.clear()
            await within(_STALLED_S, self._progress)

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
