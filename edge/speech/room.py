"""The room: one microphone and one loudspeaker, listened to and spoken through as the state of the floor has it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Final, Self

from edge.assistant.model import Source, Utterance
from edge.speech.exchange import Company, Exchange
from edge.speech.floor import Effect, Floor, Happening, RoomState, step
from edge.speech.followers import Followers
from edge.speech.interjection import Interjections, interjected
from edge.speech.levels import above_noise_db, speech_dbfs
from edge.speech.push import PushToTalk
from edge.speech.recordings import frames_of
from edge.speech.ring import OwnSound, Ring
from edge.speech.sound import FRAME, RATE_HZ, Microphone, Samples, SpeechError
from edge.speech.tones import Earcon, notes
from edge.speech.turns import Saying
from edge.speech.wake import Detection, WakeWords

log = logging.getLogger(__name__)

_WORD_S: Final = 1.0
"""How much before its end a wake word is measured."""
_NOISE_S: Final = 4.0
"""How much before that the noise is measured in which it was said."""
_ECHO: Final = round(0.3 * RATE_HZ / FRAME)
"""Frames after speech of our own that may still hold it."""
_MOST_WAITING: Final = round(30.0 * RATE_HZ / FRAME)
"""Frames that wait for a recogniser that is being started; then the oldest go."""
_SLOW_S: Final = 1.0
"""A microphone that fails is tried again after this."""

Observer = Callable[[RoomState], None]


class Room:
    """Async context manager: while it is entered, the room is listened to. Never fails: what goes wrong is logged."""

    def __init__(
        self,
        microphone: Microphone,
        wake: WakeWords,
        company: Company,
        *,
        push: PushToTalk | None = None,
        kept: Path | None = None,
    ) -> None:
        """`kept`: a file that is there while the room is muted, so that it is after a restart too."""
        self._microphone = microphone
        self._wake = wake
        self._with = company
        self._push = push or PushToTalk()
        self._kept = kept
        self._floor = Floor()
        self._ring = Ring()
        self._own = OwnSound()
        self._interjections = Interjections(company.activity)
        self._judging: asyncio.Task[None] | None = None
        self._exchange: Exchange | None = None
        self._waiting: asyncio.Queue[Samples] | None = None
        self._observers: list[Observer] = []
        self.followers = Followers()
        self._late: asyncio.TimerHandle | None = None
        self._ears: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._since_s = self._called_s = 0.0
        self._speaker_dbfs: float | None = None
        self._button = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._forget = self._with.mouth.observe(self._on_saying)
        self._buttons = asyncio.create_task(self._pressed(), name="room-buttons")
        if self._kept is not None and await asyncio.to_thread(self._kept.exists):
            self._happen(Happening.MUTED)
        else:
            self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._forget()
        if self._late is not None:
            self._late.cancel()
        self._buttons.cancel()
        self._close()
        if self._exchange is not None:
            await self._exchange.end()
        await asyncio.gather(self._buttons, *self._tasks, return_exceptions=True)

    # From outside -------------------------------------------------------------------------------------------------

    @property
    def state(self) -> RoomState:
        """Where the conversation stands."""
        return self._floor.state

    @property
    def push(self) -> PushToTalk:
        """What buttons press."""
        return self._push

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Have it told each new state; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def listen(self) -> None:
        """As if the wake word had been said."""
        self._push.tap("mqtt")

    def woken(self, word: str) -> bool:
        """The microphone has heard a wake word by itself, and what it gives from now on follows it.

        Whether this room listens: not where another does already.
        """
        return self._called(word, {}, self._ring.end_s, None, None)

    def listen_for(self, wake: WakeWords) -> None:
        """From the next frame on these are the wake words."""
        self._wake = wake

    def cancel(self) -> None:
        """Stop listening, thinking and speaking."""
        self._happen(Happening.CANCELLED)

    async def mute(self, muted: bool, /) -> None:
        """Close the microphone, or open it again; kept over restarts. Returns once it is closed."""
        self._happen(Happening.MUTED if muted else Happening.UNMUTED)
        if muted and self._ears is not None:
            await asyncio.gather(self._ears, return_exceptions=True)
        if self._kept is not None:
            await asyncio.to_thread(_keep, self._kept, muted)

    # What happens -------------------------------------------------------------------------------------------------

    def _happen(self, what: Happening, turn: int | None = None) -> None:
        before = self._floor
        self._floor, effects = step(before, what, self._loop.time(), turn)
        if self._floor is before:
            return
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if self._floor.until_s < float("inf"):
            self._late = self._loop.call_at(self._floor.until_s, self._on_late)
        for effect in effects:
            self._do(effect)
        if self._floor.state is RoomState.SPEAKING and before.state is not RoomState.SPEAKING:
            self._interjections.reset()
        if self._floor.state is not before.state:
            log.debug("room.state", extra={"state": self._floor.state.value})
            self._tell()
        if self._floor.state is RoomState.IDLE and self._sounding:
            self._happen(Happening.SOUNDING)

    def _on_late(self) -> None:
        log.warning("room.late", extra={"state": self._floor.state.value})
        self._happen(Happening.LATE)

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            try:
                observer(self._floor.state)
            except Exception:
                log.exception("room.observer")

    def _on_saying(self, _: Saying) -> None:
        """Something of the mouth's that is none of a conversation's: an announcement, a ring."""
        if self._exchange is None:
            self._happen(Happening.SOUNDING if self._sounding else Happening.SILENT)

    @property
    def _sounding(self) -> bool:
        return self._with.mouth.is_speaking or bool(self._with.mouth.ringing)

    async def _pressed(self) -> None:
        while True:
            await self._push.pressed()
            self._since_s = self._ring.end_s
            self._speaker_dbfs, self._called_s = None, 0.0
            self._button = True
            self._happen(Happening.CALLED)

    # What is to be done -------------------------------------------------------------------------------------------

    def _do(self, effect: Effect) -> None:
        match effect:
            case Effect.DROP:
                self._drop()
            case Effect.LISTEN:
                self._begin(self._since_s, following=False)
            case Effect.FOLLOW_UP:
                self._begin(None, following=True)
            case Effect.HUSH:
                self._soon(self._silence())
            case Effect.SIGN_DONE:
                self._soon(self._sign(Earcon.DONE))
            case Effect.SIGN_FAILED:
                self._soon(self._sign(Earcon.FAILED))
            case Effect.CLOSE:
                self._close()
            case Effect.OPEN:
                self._open()

    def _drop(self) -> None:
        self._waiting = None
        if self._exchange is not None:
            self._exchange.drop()
            self._exchange = None

    def _begin(self, since_s: float | None, *, following: bool) -> None:
        """An exchange from that time of the ring on, or from when our own voice has died away."""
        turn = self._floor.turn
        heard = self._ring.since(since_s) if since_s is not None else self._ring.since(self._ring.end_s)
        self._waiting = asyncio.Queue(_MOST_WAITING)
        whole = heard[len(heard) % FRAME :]
        button = self._button and not following
        frames = self._frames(whole, self._waiting, skip=_ECHO if following else 0, button=button)
        self._exchange = Exchange(
            self._with,
            lambda what: self._happen(what, turn),
            frames,
            self._chime,
            following=following,
            speaker_dbfs=self._speaker_dbfs,
            called_s=0.0 if following else self._called_s,
            on_end=self._on_end,
        )

    def _on_end(self, exchange: Exchange) -> None:
        if self._exchange is exchange:
            self._exchange = None
            self._waiting = None

    async def _frames(
        self, heard: Samples, waiting: "asyncio.Queue[Samples]", *, skip: int, button: bool
    ) -> AsyncGenerator[Samples, None]:
        for frame in frames_of(heard):
            yield frame
        for _ in range(skip):
            await waiting.get()
        while not (button and self._push.ended):
            yield await waiting.get()

    async def _silence(self) -> None:
        await self._with.mouth.stop()

    async def _sign(self, which: Earcon) -> None:
        if self._with.habits.earcon:
            with contextlib.suppress(SpeechError):
                await self._chime(which)

    async def _chime(self, which: Earcon) -> None:
        """A sign, which is not recorded."""
        self._own.began(notes(which))
        try:
            await self._with.mouth.chime(which)
        finally:
            self._own.ended(self._loop.time())

    # Hearing ------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._ring.clear()
        self._wake.reset()
        self._ears = asyncio.create_task(self._hear(), name="room-ears")
        self._tasks.add(self._ears)
        self._ears.add_done_callback(self._tasks.discard)

    def _close(self) -> None:
        if self._ears is not None:
            self._ears.cancel()
        self._ring.clear()

    async def _hear(self) -> None:
        """Every frame of the microphone, for as long as it is open."""
        while True:
            try:
                async with contextlib.aclosing(_closing(self._microphone)) as frames:
                    async for frame in frames:
                        self._take(frame)
            except SpeechError as error:
                log.warning("room.deaf", extra={"reason": str(error)})
            except Exception:
                log.exception("room.deaf")
            await asyncio.sleep(_SLOW_S)

    def _take(self, frame: Samples) -> None:
        kept = self._own.without(frame) if self._own.covers(self._loop.time()) else frame
        self._ring.push(kept)
        self.followers.heard(kept)
        waiting = self._waiting
        if waiting is not None:
            if waiting.full():
                waiting.get_nowait()
            waiting.put_nowait(kept)
        detection = self._wake.feed(kept)
        if detection is not None:
            self._woken(detection)
        elif self._floor.state is RoomState.SPEAKING:
            self._interject(kept)

    def _interject(self, frame: Samples) -> None:
        """While something is being said or rung: "stop" ends it."""
        word = self._interjections.feed(frame)
        if word is not None and (self._judging is None or self._judging.done()):
            self._judging = self._soon(self._judge(word, self._floor.turn))

    async def _judge(self, word: list[Samples], turn: int) -> None:
        with_, habits = self._with, self._with.habits
        try:
            understood = await interjected(word, with_.recogniser, with_.understanding, habits.area)
        except SpeechError as error:
            log.info("room.interjection_lost", extra={"reason": str(error)})
            return
        if understood is None or turn != self._floor.turn:
            return
        log.info("room.stopped", extra={"confidence": round(understood.confidence, 3)})
        self._happen(Happening.CANCELLED)
        reading = understood.routing
        await with_.ask(
            Utterance("stop", Source.VOICE, area=habits.area, origin=habits.origin, reading=reading), _unheard
        )

    def _woken(self, detection: Detection) -> None:
        now_s = self._ring.end_s
        end_s = now_s - (detection.at_s - detection.end_s)
        word = self._ring.since(end_s - _WORD_S)[: round(_WORD_S * RATE_HZ)]
        level_db = above_noise_db(word, self._ring.since(end_s - _NOISE_S))
        facts = {"probability": round(detection.probability, 3), "level_db": level_db and round(level_db, 1)}
        since_s = now_s - (detection.at_s - detection.sentence_s)
        self._called(detection.word, facts, since_s, speech_dbfs(word), level_db, detection.called_s)

    def _called(
        self,
        word: str,
        facts: Mapping[str, object],
        since_s: float,
        speaker_dbfs: float | None,
        level_db: float | None,
        called_s: float = 0.0,
    ) -> bool:
        facts = {"room": (origin := self._with.habits.origin), "word": word, **facts}
        self.followers.woken(word, facts)
        if self._floor.state is RoomState.MUTED:
            return False
        if not self._with.once.woken(origin, level_db, lambda: self._give_up(turn)):
            log.info("room.woken_elsewhere", extra=facts)
            return False
        log.info("room.woken", extra=facts)
        self._with.witness.woken(word)
        self._since_s, self._button, self._speaker_dbfs = since_s, False, speaker_dbfs
        self._called_s = called_s
        before = self._floor.turn
        self._happen(Happening.CALLED)
        turn = self._floor.turn
        return turn != before

    def _give_up(self, turn: int) -> None:
        """Somebody is nearer to another room, and is listened to there."""
        if self._floor.state is RoomState.LISTENING and self._floor.turn == turn:
            log.info("room.nearer_elsewhere", extra={"room": self._with.habits.origin})
            self._happen(Happening.CANCELLED)

    def _soon(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _closing(microphone: Microphone) -> AsyncGenerator[Samples, None]:
    """The frames of a microphone, which is closed with this."""
    frames = microphone.frames()
    try:
        async for frame in frames:
            yield frame
    finally:
        close = getattr(frames, "aclose", None)
        if close is not None:
            await close()


async def _unheard(piece: str) -> None:
    """A reply that nobody waits for."""


def _keep(file: Path, muted: bool) -> None:
    try:
        if muted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        log.warning("room.mute_not_kept", extra={"file": str(file), "reason": str(error)})
