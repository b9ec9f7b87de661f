"""The assistant's mouth: says and rings one thing at a time, the most urgent first, and falls silent at once."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol, Self

from edge.errors import EdgeError
from edge.speech.delivery import begun, delivered, played
from edge.speech.ducking import Ducking, Others
from edge.speech.loudness import Loudness, gain, within
from edge.speech.manners import Manners, Now
from edge.speech.script import Script
from edge.speech.sound import Loudspeaker, Sound, SpeechError
from edge.speech.tones import Earcon, alarming, earcon, ringing
from edge.speech.tts import TextToSpeech
from edge.speech.turns import RING_GAP_S, Ending, Priority, Queue, Saying, Turn
from edge.tracing import Stage, mark, now_s

log = logging.getLogger(__name__)

LONGEST_RING_S: Final = 600.0
_TOLD_EVERY: Final = 4
"""A ring says what it is for each time it has rung this often."""
_QUIET_LOOK_S: Final = 30.0


class Voices(Protocol):
    """The voices there are."""

    trouble: str | None
    """Why the voice that should speak does not."""

    def named(self, name: str | None) -> TextToSpeech:
        """The one of that name, or the usual one; raises `SpeechError` for a name that there is not."""
        ...


class Mouth:
    """Async context manager; speaks while it is entered. It is the `Voice` of `edge.assistant.ports`."""

    def __init__(
        self,
        loudspeaker: Loudspeaker,
        voices: Voices,
        *,
        manners: Manners | None = None,
        volume: float | None = None,
        kept: Path | None = None,
        now: Now = lambda: None,
    ) -> None:
        """`volume`: 0..1, until somebody asks for another. `kept`: the file that keeps that one, and mute.

        `now`: local time, None while it is not to be trusted.
        """
        self.manners = manners or Manners()
        self.trouble: str | None = None
        """Why the last thing could not be said; None when it could."""
        self._loudspeaker = loudspeaker
        self._voices = voices
        self._kept = kept
        self._now = now
        self._loudness = Loudness() if volume is None else Loudness(within(volume))
        self._keeping = asyncio.Lock()
        self._queue = Queue()
        self._news = asyncio.Event()
        self._silent = asyncio.Condition()
        self._device = asyncio.Lock()
        self._hushed = 0
        self._interrupted: Turn | None = None
        self._turn: Turn | None = None
        self._playing: asyncio.Task[None] | None = None
        self._outcome: Ending | None = None
        self._observers: list[Callable[[Saying], None]] = []
        self._others = Others()

    async def __aenter__(self) -> Self:
        if self._kept is not None:
            self._loudness = await asyncio.to_thread(Loudness.load, self._kept, self._loudness.volume)
        self._life = asyncio.create_task(self._live(), name="mouth")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._life.cancel()
        await asyncio.gather(self._life, return_exceptions=True)
        for turn in (*self._queue.waiting, *([self._turn] if self._turn else [])):
            await self._finish(turn, Ending.STOPPED)
        self._queue.waiting.clear()
        async with self._silent:
            self._turn = None
            self._silent.notify_all()
        await self._others.close()

    # What is to be said -------------------------------------------------------------------------------------------

    async def say(
        self,
        text: str | AsyncIterator[str],
        priority: Priority = Priority.REPLY,
        area: str | None = None,
        *,
        severe: bool = False,
        voice: str | None = None,
    ) -> Ending:
        """Say a text when its turn comes, sentence by sentence while it is still being written; returns its end.

        `severe` is for alarms. Cancelling takes it back. Raises `SpeechError` where there is no loudspeaker, no voice
        (of that name), or more text than anybody listens to.
        """
        self._voices.named(voice)
        turn = Turn(Script(text), priority, area, asyncio.get_running_loop().create_future(), severe, voice)
        turn.sounds = partial(copy_context().run, mark, Stage.FIRST_SOUND, now_s())
        if self._loudness.muted and not self.manners.always(turn):
            await self._finish(turn, Ending.MUTED)
        else:
            self._put(turn)
        try:
            return await turn.ended
        except asyncio.CancelledError:
            await self._end([turn], Ending.STOPPED)
            raise

    async def announce(self, text: str, *, voice: str | None = None, severe: bool = False) -> str:
        """Say it as an announcement, or as a severe alarm; returns its ending. Raises as `say` does."""
        return await self.say(text, Priority.ALARM if severe else Priority.ANNOUNCEMENT, voice=voice, severe=severe)

    def ring(self, key: str, text: str = "", area: str | None = None, *, lasts_s: float = LONGEST_RING_S) -> None:
        """Ring, saying `text` now and then, until `silence`, `stop` or the time is over; once for each key."""
        if any(turn.key == key for turn in self._turns):
            return
        future: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        until_s = time.monotonic() + min(lasts_s, LONGEST_RING_S)
        self._put(Turn(Script(text), Priority.RING, area, future, key=key, until_s=until_s))

    async def silence(self, key: str | None = None) -> None:
        """Stop the ring of that key, or all of them; returns when it is silent."""
        await self._end([t for t in self._turns if t.rings and key in (None, t.key)], Ending.STOPPED)

    async def chime(self, which: Earcon) -> None:
        """Play a sign at once, unless something is being said; returns when it has been heard."""
        if self._device.locked() or self._loudness.muted:
            return
        try:
            async with self._device:
                await self._loudspeaker.play(played(earcon(which), lambda: gain(self.volume)))
        except SpeechError as error:
            self._failed(error)

    @asynccontextmanager
    async def hush(self) -> AsyncIterator[None]:
        """Somebody speaks: replies are given up, all else is silent from here to the end of the block, and goes on.

        Other sound in the room makes way as for speech of our own.
        """
        self._hushed += 1
        self._others.duck()
        try:
            await self._end([turn for turn in self._turns if turn.priority is Priority.REPLY], Ending.STOPPED)
            if self._turn is not None:
                self._interrupted = self._turn
                await self._fall_silent(None)
            yield
        finally:
            self._hushed -= 1
            if not self._hushed:
                self._interrupted = None
            self._news.set()

    # The `Voice` of the assistant ---------------------------------------------------------------------------------

    @property
    def volume(self) -> float:
        """0..1."""
        return self._loudness.volume

    @property
    def muted(self) -> bool:
        """Whether nothing but severe alarms and what rings from now on is heard."""
        return self._loudness.muted

    async def set_volume(self, volume: float) -> None:
        """Change the volume, 0..1, also of what is being said; kept."""
        await self._keep(replace(self._loudness, volume=within(volume)))

    async def mute(self, muted: bool, /) -> None:
        """Fall silent and end what waits, or speak again; kept."""
        if muted:
            await self._keep(replace(self._loudness, muted=True))
            await self._end([turn for turn in self._turns if not self.manners.always(turn)], Ending.MUTED)
            return
        await self._keep(replace(self._loudness, muted=False))

    async def stop(self) -> None:
        """End what is being said, or was when it was hushed, and what rings; returns when it is silent.

        What waits is said next.
        """
        meant = (self._turn, self._interrupted)
        await self._end([turn for turn in self._turns if turn in meant or turn.rings], Ending.STOPPED)

    # What others may know ----------------------------------------------------------------------------------------

    @property
    def is_speaking(self) -> bool:
        """Whether something sounds now: speech, a ring."""
        return self._turn is not None and not self._turn.ended.done()

    @property
    def voice_trouble(self) -> str | None:
        """Why another voice than the wanted one speaks, or none; None while all is well."""
        return self._voices.trouble

    @property
    def saying(self) -> Saying | None:
        """What sounds now."""
        return _saying(self._turn) if self._turn else None

    @property
    def ringing(self) -> tuple[str, ...]:
        """The keys of what rings."""
        return tuple(turn.key for turn in self._turns if turn.key is not None and not turn.ended.done())

    @property
    def waiting(self) -> int:
        """How much is still to be said."""
        return len(self._queue.waiting)

    def observe(self, observer: Callable[[Saying], None]) -> Callable[[], None]:
        """Have `observer` told what begins and ends to be said; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def duck(self, other: Ducking) -> Callable[[], None]:
        """Have other sound make way from the first word to the last; returns what ends that."""
        return self._others.add(other)

    # One after the other -----------------------------------------------------------------------------------------

    @property
    def _turns(self) -> list[Turn]:
        return [*([self._turn] if self._turn else []), *self._queue.waiting]

    def _put(self, turn: Turn) -> None:
        self._queue.put(turn)
        now = self._turn
        if (
            now is not None
            and not self._hushed
            and turn.priority > now.priority
            and self.manners.welcome(turn, self._now)
        ):
            self._interrupt(None)
        self._news.set()

    async def _live(self) -> None:
        while True:
            turn = await self._next()
            self._others.duck()
            self._outcome = None
            self._turn = turn
            self._tell(turn, None)
            self._playing = asyncio.create_task(self._perform(turn))
            try:
                await asyncio.wait({self._playing})
            finally:
                self._playing.cancel()
                await asyncio.gather(self._playing, return_exceptions=True)
            await self._settle(turn, self._playing)
            async with self._silent:
                self._turn = None
                self._silent.notify_all()

    async def _next(self) -> Turn:
        """The most urgent that may be heard now, when there is one."""
        while True:
            self._news.clear()
            now_s = time.monotonic()
            for turn in [turn for turn in self._queue.waiting if turn.until_s <= now_s]:
                self._queue.remove(turn)
                await self._finish(turn, Ending.SAID)
            welcome = (
                [] if self._hushed else [turn for turn in self._queue.waiting if self.manners.welcome(turn, self._now)]
            )
            due = next((turn for turn in welcome if turn.due_s <= now_s), None)
            if due is not None:
                self._queue.remove(due)
                return due
            if not welcome and not self._hushed:
                self._others.restore()
            waits = [min(turn.due_s, turn.until_s) - now_s for turn in welcome]
            if len(welcome) < len(self._queue.waiting):
                waits.append(_QUIET_LOOK_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(waits, default=None)):
                    await self._news.wait()

    async def _perform(self, turn: Turn) -> None:
        async with self._device, begun(self._sounds(turn)) as sounds:
            await self._loudspeaker.play(sounds)

    async def _sounds(self, turn: Turn) -> AsyncGenerator[Sound, None]:
        def volume() -> float:
            return gain(self.manners.volume(self._loudness.volume, turn, self._now))

        voice = self._voices.named(turn.voice)
        sign = ringing() if turn.rings else alarming() if turn.severe and not turn.script.heard else None
        if sign is not None:
            async with aclosing(played(sign, volume)) as pieces:
                async for piece in pieces:
                    yield piece
        if turn.rings and turn.rung % _TOLD_EVERY:
            return
        async with aclosing(delivered(turn.script, voice, volume)) as pieces:
            async for piece in pieces:
                if turn.sounds is not None:
                    turn.sounds()
                    turn.sounds = None
                yield piece

    async def _settle(self, turn: Turn, playing: "asyncio.Task[None]") -> None:
        """What becomes of a turn that fell silent."""
        if playing.cancelled():
            if self._outcome is None:
                self._queue.put_back(turn)
            else:
                await self._finish(turn, self._outcome)
            return
        error = playing.exception()
        self._failed(error)
        if turn.rings:
            turn.script.heard = 0
            turn.rung += 1
            turn.due_s = time.monotonic() + RING_GAP_S
            self._queue.put(turn)
        elif error is None:
            await self._finish(turn, Ending.SAID)
        else:
            await turn.script.close()
            turn.fail(error if isinstance(error, EdgeError) else SpeechError("speaking failed: the log says why"))
            self._tell(turn, Ending.STOPPED)

    def _failed(self, error: BaseException | None) -> None:
        if error is None:
            self.trouble = None
        elif not isinstance(error, EdgeError):
            log.error("mouth.broken", exc_info=error)
            self.trouble = "speaking failed: the log says why"
        else:
            if self.trouble != str(error):
                log.warning("mouth.silent", extra={"reason": str(error)})
            self.trouble = str(error)

    # Ending -------------------------------------------------------------------------------------------------------

    def _interrupt(self, outcome: Ending | None) -> None:
        self._outcome = outcome
        if self._playing is not None:
            self._playing.cancel()

    async def _fall_silent(self, outcome: Ending | None) -> None:
        """Cut what sounds now, to be ended like that or to be gone on with; returns when it is silent."""
        turn = self._turn
        self._interrupt(outcome)
        async with self._silent:
            await self._silent.wait_for(lambda: self._turn is not turn)

    async def _end(self, turns: list[Turn], ending: Ending) -> None:
        for turn in turns:
            if turn is self._turn:
                await self._fall_silent(ending)
            if self._queue.remove(turn):
                await self._finish(turn, ending)

    async def _finish(self, turn: Turn, ending: Ending) -> None:
        turn.end(ending)
        self._tell(turn, ending)
        await turn.script.close()

    async def _keep(self, loudness: Loudness) -> None:
        self._loudness = loudness
        async with self._keeping:
            if self._kept is not None:
                try:
                    await asyncio.to_thread(self._loudness.save, self._kept)
                except SpeechError as error:
                    log.warning("loudness.not_kept", extra={"reason": str(error)})

    # Others -------------------------------------------------------------------------------------------------------

    def _tell(self, turn: Turn, ending: Ending | None) -> None:
        saying = replace(_saying(turn), ending=ending)
        for observer in tuple(self._observers):
            try:
                observer(saying)
            except Exception:
                log.exception("mouth.observer")


def _saying(turn: Turn) -> Saying:
    return Saying(turn.script.text, turn.priority, turn.area)
