"""Short words said while the assistant speaks or rings: "stop" needs no wake word then."""

import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from edge.router.model import Decision
from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.speech.stt import Transcript
from edge.speech.stt.recogniser import Recogniser
from edge.speech.understanding import Understanding, Understood
from edge.speech.vad import Activity

_SPEECH: Final = 0.5
_BEFORE: Final = 8
"""Frames before speech was noticed that belong to it."""
_QUIET: Final = 8
"""Frames without speech that end it."""
_SHORTEST: Final = 4
_LONGEST: Final = round(1.3 * RATE_HZ / FRAME)
"""Frames of speech; more is talk, or our own voice."""

_SURE: Final = 0.6


async def interjected(
    word: list[Samples], recogniser: Recogniser, understanding: Understanding, area: str | None
) -> Understood | None:
    """What was said, where that is "stop" and nothing else. Raises `SpeechError`."""

    async def given() -> AsyncIterator[Samples]:
        for frame in word:
            yield frame

    final = Transcript(recogniser.name)
    async with contextlib.aclosing(recogniser.listen(given())) as transcripts:
        async for transcript in transcripts:
            final = transcript
    understood = understanding.of(final, area)
    routing = understood.routing
    means = routing.decision is Decision.ACT and [call.function for call in routing.calls] == ["assistant.stop"]
    return understood if means and understood.words >= _SURE else None


class Interjections:
    """Finds them in what is heard."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._kept: deque[Samples] = deque(maxlen=_BEFORE)
        self._word: list[Samples] = []
        self._spoken = self._silent = 0

    def reset(self) -> None:
        """Begin anew."""
        self._kept.clear()
        self._word.clear()
        self._spoken = self._silent = 0

    def feed(self, frame: Samples) -> list[Samples] | None:
        """Take a frame; the frames of something short that has just been said, with the silence around it."""
        speech = self._activity.feed(frame) >= _SPEECH
        if not self._word and not speech:
            self._kept.append(frame)
            return None
        if not self._word:
            self._word.extend(self._kept)
        if len(self._word) < 4 * _LONGEST:
            self._word.append(frame)
        self._spoken += speech
        self._silent = 0 if speech else self._silent + 1
        if self._silent < _QUIET:
            return None
        found = list(self._word) if _SHORTEST <= self._spoken <= _LONGEST else None
        self.reset()
        return found
