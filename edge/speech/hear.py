"""The room's pipeline on recordings, as fast as it runs; it hears and understands, and carries nothing out."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.router.model import Routing
from edge.speech.endpoint import Endpoint
from edge.speech.recordings import frames_of, read_recording
from edge.speech.sentence import hear_sentence
from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.speech.stt.recogniser import Recogniser
from edge.speech.understanding import Understanding, Understood
from edge.speech.vad import Activity
from edge.speech.wake import Detection, WakeWords

_QUIET: Final = 48
"""Frames that follow a recording, for the end of speech to be noticed: a room goes on after a sentence."""
_CALM: Final = 6
"""Frames of a recording's calmest stretch."""

Answer = Callable[[Understood, str | None], Awaitable[str]]
"""What would be said to that in this area, nothing being done for it."""


async def _no_answer(understood: Understood, area: str | None) -> str:  # noqa: ARG001 (as any answer)
    return understood.routing.question or ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one recording."""

    file: str
    wake: Detection | None
    text: str
    engine: str
    routing: Routing
    reply: str
    """Empty where it depends on what a device does, or a language model says."""
    audio_s: float
    vad_ms: float
    stt_ms: float
    route_ms: float
    total_ms: float

    def to_json(self) -> dict[str, Any]:
        """As `edge hear` prints it."""
        return {
            "file": self.file,
            "wake": {"word": self.wake.word, "at_s": round(self.wake.at_s, 2)} if self.wake else None,
            "text": self.text,
            "stt": self.engine,
            "decision": self.routing.decision.value,
            "calls": [call.to_json() for call in self.routing.calls],
            "reply": self.reply,
            "confidence": round(self.routing.confidence, 4),
            "audio_s": round(self.audio_s, 3),
            "ms": {
                "vad": round(self.vad_ms, 1),
                "stt": round(self.stt_ms, 1),
                "route": round(self.route_ms, 1),
                "total": round(self.total_ms, 1),
            },
        }


class Hearing:
    """The parts of the pipeline, for one recording after the other."""

    def __init__(
        self,
        recogniser: Recogniser,
        understanding: Understanding,
        activity: Activity,
        wake: WakeWords | None,
        answer: Answer = _no_answer,
    ) -> None:
        self._answer = answer
        self._recogniser = recogniser
        self._understanding = understanding
        self._activity = _Timed(activity)
        self._wake = wake
        self._listened = 0

    async def hear(self, file: Path, area: str | None = None) -> Heard:
        """Raises `SpeechError` where the file can't be read or nothing recognises."""
        samples = await asyncio.to_thread(read_recording, file)
        began = time.perf_counter()
        self._activity.spent_s = 0.0
        frames = frames_of(samples)
        wake, frames = self._after_wake_word(frames)
        endpoint = Endpoint(self._activity, called_s=wake.called_s if wake else 0.0)
        route_s = 0.0

        def complete(text: str) -> bool:
            nonlocal route_s
            started = time.perf_counter()
            whole = self._understanding.complete(text, area)
            route_s += time.perf_counter() - started
            return whole

        sentence = await hear_sentence(self._paced(frames), self._recogniser, endpoint, complete)
        heard_s = time.perf_counter() - began
        understood = self._understanding.of(sentence.transcript, area)
        total_s = time.perf_counter() - began
        return Heard(
            file=str(file),
            wake=wake,
            text=understood.text,
            engine=sentence.transcript.engine,
            routing=understood.routing,
            reply=await self._answer(understood, area),
            audio_s=len(samples) / RATE_HZ,
            vad_ms=self._activity.spent_s * 1000,
            stt_ms=(heard_s - route_s - self._activity.spent_s) * 1000,
            route_ms=(total_s - heard_s + route_s) * 1000,
            total_ms=total_s * 1000,
        )

    def _after_wake_word(self, frames: list[Samples]) -> tuple[Detection | None, list[Samples]]:
        """What follows the wake word; everything where none is listened for, nothing where none was said."""
        if self._wake is None:
            return None, frames
        self._wake.reset()
        before_s = self._listened * FRAME / RATE_HZ
        for frame in frames:
            self._listened += 1
            detection = self._wake.feed(frame)
            if detection is not None:
                found = replace(detection, at_s=detection.at_s - before_s)
                return found, frames[round(found.sentence_s * RATE_HZ / FRAME) :]
        return None, []

    async def _paced(self, frames: list[Samples]) -> AsyncIterator[Samples]:
        for frame in (*frames, *_room(frames)):
            yield frame
            await self._recogniser.caught_up()


def _room(frames: list[Samples]) -> list[Samples]:
    """What a recording's room sounds like while nobody speaks, to and fro: digital silence is like no room."""
    if len(frames) <= _CALM:
        return [np.zeros(FRAME, dtype=np.int16)] * _QUIET
    loud = np.array([np.square(frame.astype(np.float32)).sum() for frame in frames])
    start = int(np.convolve(loud, np.ones(_CALM), "valid").argmin())
    calm = np.concatenate(frames[start : start + _CALM])
    there_and_back = np.concatenate([calm[::-1], calm])
    return frames_of(np.tile(there_and_back, -(-_QUIET // (2 * _CALM))))[:_QUIET]


class _Timed:
    """Voice activity, with the time it takes."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self.spent_s = 0.0

    def feed(self, frame: Samples) -> float:
        began = time.perf_counter()
        probability = self._activity.feed(frame)
        self.spent_s += time.perf_counter() - began
        return probability

    def reset(self) -> None:
        self._activity.reset()
