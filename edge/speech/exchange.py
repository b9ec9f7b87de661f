"""One exchange in a room: a sentence is heard, understood and answered aloud."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from edge.assistant.answers import verdict
from edge.assistant.model import OnText, Reply, Source, Utterance
from edge.errors import EdgeError
from edge.router.model import Decision
from edge.speech.elsewhere import Elsewhere, hand_over
from edge.speech.endpoint import Endpoint, EndpointState, Timing
from edge.speech.floor import Happening
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.sentence import hear_sentence
from edge.speech.sound import FRAME, RATE_HZ, Samples, SpeechError
from edge.speech.stt.recogniser import Recogniser
from edge.speech.tones import Earcon
from edge.speech.turns import Ending, Priority
from edge.speech.understanding import Understanding, Understood
from edge.speech.vad import Activity
from edge.tracing import Mark, Stage, collecting, mark, now_s

log = logging.getLogger(__name__)

_SIGN_AFTER: Final = round(0.6 * RATE_HZ / FRAME)
"""Frames of silence that mean: somebody waits to be told that they are heard."""
_SIGN_AFTER_WORD_S: Final = 0.35
"""The same after a wake word, whose end is heard late."""
_WORDS: Final = 0.4
"""An answer to a question of ours that was heard with less is none,"""
_MUMBLED: Final = 0.2
"""but one that may have been yes or no is asked for again from here on,"""
_CLEAR: Final = 0.5
"""and from here on it was one."""
_LET_GO_S: Final = 20.0
"""How long an order that nobody waits for any more may go on: devices have their time-outs."""

Ask = Callable[[Utterance, OnText], Awaitable[Reply]]
"""`Assistant.ask`."""
OnReply = Callable[[Utterance, Reply], None]


@dataclass(frozen=True, slots=True)
class Habits:
    """What a room is like."""

    area: str | None = None
    """The id or name of the area that the microphone is in."""
    origin: str = "room"
    """What tells this room from others of the same source."""
    follow_up_s: float | None = 6.0
    """How long to wait for the answer to a question; None: such an answer needs the wake word."""
    earcon: bool = True


class Witness:
    """Is told what a room hears; this one does nothing about it."""

    def woken(self, word: str) -> None:
        """A wake word, which this room answers."""

    def speech(self) -> None:
        """Somebody begins to speak."""

    def words(self, text: str) -> None:
        """A sentence that is meant for the house, before it is answered."""


@dataclass(frozen=True, slots=True)
class Company:
    """Everything a conversation needs."""

    mouth: Mouth
    recogniser: Recogniser
    understanding: Understanding
    activity: Activity
    ask: Ask
    once: Once
    on_reply: OnReply = lambda utterance, reply: None  # noqa: ARG005 (nobody listens)
    habits: Habits = field(default_factory=Habits)
    witness: Witness = field(default_factory=Witness)
    elsewhere: Elsewhere | None = None
    """Who answers in the place of this house, while they are there."""


class Exchange:
    """Begins at once; tells what happens in it until it is dropped."""

    def __init__(
        self,
        company: Company,
        tell: Callable[[Happening], None],
        frames: AsyncIterator[Samples],
        chime: Callable[[Earcon], Awaitable[None]],
        *,
        following: bool = False,
        speaker_dbfs: float | None = None,
        called_s: float = 0.0,
        on_end: Callable[["Exchange"], None] = lambda exchange: None,  # noqa: ARG005 (nobody waits)
    ) -> None:
        """`frames`: from the first that counts; they end where somebody lets go of a button.

        `called_s`: how much of them first is the wake word, or the sentence in the same breath.
        """
        self._with = company
        self._tell_room = tell
        self._frames = frames
        self._chime = chime
        self._following = following
        self._speaker_dbfs, self._called_s = speaker_dbfs, called_s
        self._dropped = False
        self._silently = False
        """Whether it is being carried out, and nothing has been said of it yet."""
        self._sign: asyncio.Task[None] | None = None
        self._hush = Hush(company.mouth)
        self._task = asyncio.create_task(self._run(), name="room-exchange")
        self._task.add_done_callback(lambda _: on_end(self))

    def drop(self) -> None:
        """Tell no more. An order that is being carried out is carried out, a reply is not spoken."""
        self._dropped = True
        self._hush.release()
        if asyncio.current_task() is self._task:
            return
        if self._silently:
            asyncio.get_running_loop().call_later(_LET_GO_S, self._task.cancel)
        else:
            self._task.cancel()

    async def end(self) -> None:
        """Cancel everything, and wait until it is over."""
        self._dropped = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._hush.close()

    def _tell(self, what: Happening) -> None:
        if not self._dropped:
            self._tell_room(what)

    async def _run(self) -> None:
        elsewhere, mouth = self._with.elsewhere, self._with.mouth
        try:
            if elsewhere is not None and elsewhere.there:
                area, hush, called_s = self._with.habits.area, self._hush, self._called_s
                await hand_over(elsewhere, self._frames, mouth, area, self._tell, hush.release, called_s=called_s)
                return
            with collecting() as marks:
                understood = await self._understood(marks)
                if understood is not None:
                    await self._answer(understood)
        except EdgeError as error:
            log.warning("room.failed", extra={"reason": str(error)})
            self._tell(Happening.UNCLEAR)
        except Exception:
            log.exception("room.broken")
            self._tell(Happening.UNCLEAR)
        finally:
            self._hush.release()

    # Hearing ------------------------------------------------------------------------------------------------------

    async def _understood(self, marks: list[Mark]) -> Understood | None:
        """What was said and is meant for the house; None, and told, where nothing was."""
        began_s = now_s()
        with_, habits = self._with, self._with.habits
        timing = Timing(begin_within_s=habits.follow_up_s) if self._following and habits.follow_up_s else Timing()
        endpoint = Endpoint(with_.activity, timing, speaker_dbfs=self._speaker_dbfs, called_s=self._called_s)
        async with contextlib.aclosing(self._watched(endpoint)) as frames:
            sentence = await hear_sentence(
                frames, with_.recogniser, endpoint, lambda text: with_.understanding.complete(text, habits.area)
            )
        marks.clear()  # what was made of half the sentence
        mark(Stage.LISTENING, began_s, sentence.over_s)
        mark(Stage.SPEECH_TO_TEXT, sentence.over_s, engine=sentence.transcript.engine)
        understood = with_.understanding.of(sentence.transcript, habits.area, asked=self._following)
        took_ms = (time.monotonic() - sentence.over_s) * 1000
        facts = {
            "engine": sentence.transcript.engine,
            "heard_s": round(sentence.heard_s, 2),
            "silence_s": round(sentence.heard_s - sentence.speech_end_s, 2),
            "ms": round(took_ms, 1),
        }
        log.info("room.heard", extra={**facts, "confidence": round(understood.confidence, 3)})
        log.debug("room.words", extra={"length": len(understood.text), "words": round(understood.words, 3)})
        nobody = sentence.state in (EndpointState.TIMED_OUT, EndpointState.WAITING)
        meant = self._following or understood.routing.decision is Decision.IGNORE
        needed = _WORDS if verdict(understood.text) is None else _MUMBLED
        unclear = not understood.text or (meant and understood.words < needed)
        if nobody or unclear:
            self._tell(Happening.NOTHING if nobody or self._following else Happening.UNCLEAR)
            return None
        if not with_.once.said(habits.origin, understood.text, understood.routing.calls):
            log.info("room.heard_elsewhere")
            self._tell(Happening.NOTHING)
            return None
        with_.witness.words(understood.text)
        self._tell(Happening.HEARD)
        return understood

    async def _watched(self, endpoint: Endpoint) -> AsyncGenerator[Samples, None]:
        """The frames; tells when somebody begins to speak, and gives a sign where they wait for one."""
        begun, count = False, 0
        sign_at = round((self._called_s + _SIGN_AFTER_WORD_S) * RATE_HZ / FRAME) if self._called_s else _SIGN_AFTER
        async for frame in self._frames:
            yield frame
            count += 1
            if not begun and endpoint.state is EndpointState.SPEAKING:
                begun = True
                self._with.witness.speech()
                self._tell(Happening.SPEECH)
            if (
                count == sign_at
                and not endpoint.in_one_breath
                and endpoint.state is EndpointState.WAITING
                and self._wants_sign()
            ):
                self._sign = asyncio.create_task(_ignored(self._chime(Earcon.LISTENING)))

    def _wants_sign(self) -> bool:
        return self._with.habits.earcon and not self._following

    # Answering ----------------------------------------------------------------------------------------------------

    async def _answer(self, understood: Understood) -> None:
        with_, habits = self._with, self._with.habits
        utterance = Utterance(
            understood.text,
            Source.VOICE,
            area=habits.area,
            origin=habits.origin,
            speak=True,
            reading=understood.routing,
            clear=understood.words >= _CLEAR,
        )
        text = Pieces()
        saying: asyncio.Task[Ending] | None = None

        async def on_text(piece: str) -> None:
            nonlocal saying
            if self._dropped:
                return
            if saying is None:
                self._silently = False
                self._hush.release()
                saying = asyncio.create_task(with_.mouth.say(text.read(), Priority.REPLY, habits.area))
                self._tell(Happening.REPLYING)
            text.put(piece)

        self._silently = True
        try:
            reply = await with_.ask(utterance, on_text)
            self._silently = False
            text.end()
            with_.on_reply(utterance, reply)
            ending = await saying if saying is not None else None
            self._tell(self._happened(reply, ending))
        finally:
            text.end()
            if saying is not None:
                saying.cancel()
                await asyncio.gather(saying, return_exceptions=True)

    def _happened(self, reply: Reply, ending: Ending | None) -> Happening:
        if ending is None:
            return Happening.DONE
        goes_on = asks(reply) and ending is Ending.SAID and self._with.habits.follow_up_s is not None
        return Happening.ASKED if goes_on else Happening.ANSWERED


def asks(reply: Reply) -> bool:
    """Whether an answer is waited for."""
    return reply.listen or reply.text.rstrip().endswith("?")


class Hush:
    """Keeps the mouth silent from now until it is released."""

    def __init__(self, mouth: Mouth) -> None:
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._hold(mouth))

    def release(self) -> None:
        """Others may be heard again."""
        self._over.set()

    async def close(self) -> None:
        """Release, and wait until it is."""
        self.release()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _hold(self, mouth: Mouth) -> None:
        async with mouth.hush():
            await self._over.wait()


class Pieces:
    """A text on its way from who writes it to who speaks it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, piece: str) -> None:
        """More of it."""
        self._queue.put_nowait(piece)

    def end(self) -> None:
        """That was all."""
        self._queue.put_nowait(None)

    async def read(self) -> AsyncIterator[str]:
        """Piece by piece, until its end."""
        while (piece := await self._queue.get()) is not None:
            yield piece


async def _ignored(work: Awaitable[None]) -> None:
    with contextlib.suppress(SpeechError):
        await work
