"""One sentence from the first frame to the words: recogniser and end of speech at work on the same frames."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from edge.speech.endpoint import Endpoint, EndpointState
from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.speech.stt import Transcript
from edge.speech.stt.recogniser import Recogniser

_BEFORE: Final = 10
"""Frames before speech was noticed that the recogniser hears too: the first consonant is in them, a click is not."""
_AFTER: Final = 7
"""Frames after speech that it hears in any case; more of a pause only once somebody speaks on. Noise is no words."""
_OVER: Final = (EndpointState.DONE, EndpointState.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What came of listening."""

    transcript: Transcript
    state: EndpointState
    """`TIMED_OUT`: nobody spoke. `WAITING` and `SPEAKING`: the frames ended first."""
    heard_s: float
    """Seconds of sound until it was over."""
    speech_end_s: float
    """Seconds of sound until the last speech."""
    over_s: float
    """When it was over, on the monotonic clock."""


class Partial:
    """What is known of the sentence so far, and whether it is a whole command already."""

    def __init__(self, complete: Callable[[str], bool]) -> None:
        self._complete = complete
        self.text = ""
        self.whole = False

    def note(self, text: str) -> None:
        """The words are these now."""
        if text != self.text:
            self.text = text
            self.whole = bool(text) and self._complete(text)


class SpeechOnly:
    """Passes on the frames of a sentence that hold speech, and those around it that a recogniser wants."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._held: list[Samples] = []
        self._quiet = 0

    def feed(self, frame: Samples, text: str | None, whole: bool) -> tuple[EndpointState, list[Samples]]:
        """Take a frame, with what `Endpoint.feed` wants to know; how far the sentence is, and what is passed on."""
        speech_end_s = self._endpoint.speech_end_s
        state = self._endpoint.feed(frame, text, whole)
        self._held.append(frame)
        if state is EndpointState.WAITING:
            if not self._endpoint.in_one_breath:
                del self._held[:-_BEFORE]
            return state, []
        if self._endpoint.speech_end_s > speech_end_s:
            self._quiet = 0
        elif self._quiet < _AFTER:
            self._quiet += len(self._held)
        else:
            return state, []
        passed, self._held = self._held, []
        return state, passed


async def hear_sentence(
    frames: AsyncIterator[Samples], recogniser: Recogniser, endpoint: Endpoint, complete: Callable[[str], bool]
) -> Sentence:
    """Listen until somebody has finished; `complete` says whether partial words are a whole command already.

    Frames are taken one by one, no further than the end of the sentence, and `frames` is left open. Raises
    `SpeechError`.
    """
    partial, speech = Partial(complete), SpeechOnly(endpoint)
    taken = 0
    over_s = 0.0

    async def spoken() -> AsyncIterator[Samples]:
        nonlocal taken, over_s
        async for frame in frames:
            taken += 1
            state, passed = speech.feed(frame, partial.text or None, partial.whole)
            for one in passed:
                yield one
            over_s = time.monotonic()
            if state in _OVER:
                return

    final = Transcript(recogniser.name)
    listening = recogniser.listen(spoken())
    async with contextlib.aclosing(listening):
        async for final in listening:
            partial.note(final.text)
    return Sentence(final, endpoint.state, taken * FRAME / RATE_HZ, endpoint.speech_end_s, over_s)
