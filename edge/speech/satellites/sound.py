"""A satellite's microphone and loudspeaker, as a room wants them."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

import numpy as np

from edge.pcm import ToMono, ToRate
from edge.speech.satellites.link import Link
from edge.speech.satellites.pace import Pace
from edge.speech.sound import FRAME, RATE_HZ, Samples, Sound
from edge.wyoming import Event, PcmFormat

log = logging.getLogger(__name__)

_FRAME_S: Final = FRAME / RATE_HZ
_MOST_WAITING: Final = 128
"""Frames that may wait for whoever listens: 4 s; older ones are let go."""
_STOPPED_S: Final = 0.1
_STALLED_S: Final = 2.0
"""When somebody is listened to and nothing comes for this long (the shorter: after the satellite has said that it is
over), silence is heard, so that a sentence has an end."""
_AHEAD_S: Final = 0.3
"""Sound is sent this far ahead of what is heard: more would go on after somebody said "stop"."""
_PLAYED_S: Final = 1.5
"""How much later than expected a satellite may say that it has played everything."""
_TAIL_S: Final = 0.3
"""The same for one that never says so."""


class SatelliteMicrophone:
    """Gives what the satellite streams; it is told to run while it is listened to, and to pause otherwise."""

    def __init__(self, link: Link, *, gain_db: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._gain = 10 ** (gain_db / 20)
        self._clock = clock
        self._pace = Pace(clock)
        self._format: PcmFormat | None = None
        self._converter = ToMono(PcmFormat())
        self._rest: Samples = np.zeros(0, dtype=np.int16)
        self._inbox: deque[Samples] = deque(maxlen=_MOST_WAITING)
        self._news = asyncio.Event()
        self._heard_at_s = clock()
        self._stopped = False
        self._open = False
        self._behind = False
        self.awaited: Callable[[], bool] = lambda: False
        """Whether a sentence is waited for now, so that silence counts."""

    async def frames(self) -> AsyncGenerator[Samples, None]:
        """`FRAME` samples at `RATE_HZ` at a time, when they come."""
        self._inbox.clear()
        self._open = True
        self._link.post(Event("run-satellite"))
        try:
            while True:
                if not self._inbox:
                    await self._wait()
                yield self._inbox.popleft() if self._inbox else np.zeros(FRAME, dtype=np.int16)
        finally:
            self._open = False
            self._link.post(Event("pause-satellite"))

    async def _wait(self) -> None:
        """Until there is a frame, or one of silence is due."""
        while not self._inbox:
            self._news.clear()
            silence_s = None
            if self.awaited():
                patience_s = _STOPPED_S if self._stopped else _STALLED_S
                silence_s = self._heard_at_s + patience_s - self._clock()
                if silence_s <= 0:
                    self._heard_at_s += _FRAME_S
                    return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(silence_s):
                    await self._news.wait()

    def begin(self) -> None:
        """A new stream comes."""
        self._pace.begin()
        self._rest = np.zeros(0, dtype=np.int16)
        self._stopped = False

    def take(self, format_: PcmFormat, data: bytes) -> None:
        """A piece of sound has come; raises `PcmError` where it can't be converted."""
        if not self._open:
            return
        if format_ != self._format:
            self._format, self._converter = format_, ToMono(format_)
        samples = self._converter.feed(data)
        stale = self._pace.stale(len(samples) / RATE_HZ)
        if stale != self._behind:
            self._behind = stale
            log.info("satellite.behind" if stale else "satellite.in_time")
        if stale:
            return
        if self._gain != 1.0:
            samples = np.clip(samples * self._gain, -32768, 32767).astype(np.int16)
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        self._inbox.extend(samples[at : at + FRAME] for at in range(0, whole, FRAME))
        self._heard_at_s, self._stopped = self._clock(), False
        self._news.set()

    def stopped(self) -> None:
        """Nothing more comes for now."""
        self._stopped = True
        self._news.set()

    def look(self) -> None:
        """What `awaited` says may have changed."""
        if self.awaited():
            self._heard_at_s = max(self._heard_at_s, self._clock() - _STOPPED_S)
        self._news.set()


class SatelliteLoudspeaker:
    """Plays through the satellite: sent little ahead of what is heard, so that it can fall silent."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.format = PcmFormat(22_050)
        """What the satellite's loudspeaker wants; the width is always 2."""
        self.there = True
        """Whether it has one."""
        self._sent = 0
        self._played = 0
        self._news = asyncio.Event()
        self._tells: bool | None = None
        """Whether it says when it has played everything; None while that is not known."""

    async def play(self, sounds: AsyncIterator[Sound]) -> None:
        """Play piece after piece; returns when the last has been heard. Raises `SpeechError` where it is gone."""
        if not self.there:
            async for _ in sounds:
                pass
            return
        started = False
        ends_s = 0.0
        pieces = _at(sounds, self.format.rate_hz)
        try:
            async for samples in pieces:
                if not started:
                    started, ends_s = True, time.monotonic()
                    await self._link.send(Event("audio-start", self._facts | {"timestamp": 0}))
                now_s = time.monotonic()
                ends_s = max(ends_s, now_s)
                await asyncio.sleep(max(0.0, ends_s - now_s - _AHEAD_S))
                await self._link.send(Event("audio-chunk", self._facts, self._payload(samples)))
                ends_s += len(samples) / self.format.rate_hz
        finally:
            if started:
                self._sent += 1
                self._link.post(Event("audio-stop"))
            await pieces.aclose()
        if started:
            await self._heard(ends_s)

    def played(self) -> None:
        """The satellite says that it has played everything up to the first stop that it had not told of."""
        self._tells = True
        self._played = min(self._played + 1, self._sent)
        self._news.set()

    async def _heard(self, ends_s: float) -> None:
        awaited = self._sent
        grace_s = _TAIL_S if self._tells is False else _PLAYED_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, ends_s - time.monotonic()) + grace_s):
                while self._played < awaited:
                    self._news.clear()
                    await self._news.wait()
                return
        self._tells = False if self._tells is None else self._tells
        self._played = max(self._played, awaited)

    @property
    def _facts(self) -> dict[str, int]:
        return PcmFormat(self.format.rate_hz, 2, self.format.channels).facts

    def _payload(self, samples: Samples) -> bytes:
        return np.repeat(samples, self.format.channels).astype("<i2").tobytes()


async def _at(sounds: AsyncIterator[Sound], rate_hz: int) -> AsyncGenerator[Samples, None]:
    """The same at one rate; pieces of one rate are resampled as one sound."""
    rate, converter = rate_hz, ToRate(rate_hz, rate_hz)
    async for sound in sounds:
        if sound.rate_hz != rate:
            rest = converter.feed(np.zeros(0, dtype=np.int16), last=True)
            rate, converter = sound.rate_hz, ToRate(sound.rate_hz, rate_hz)
            if len(rest):
                yield rest
        samples = converter.feed(sound.samples)
        if len(samples):
            yield samples
    rest = converter.feed(np.zeros(0, dtype=np.int16), last=True)
    if len(rest):
        yield rest
