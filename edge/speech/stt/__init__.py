"""Speech to text: one protocol, an engine a file. Imports `edge.speech.sound` and what is below the assistant."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from edge.speech.sound import Samples


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What may have been said; `confidence` 0..1 is comparable between engines."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What an engine heard, likeliest first; no hypotheses: no words, or none this engine knows."""

    engine: str
    hypotheses: tuple[Hypothesis, ...] = ()

    @property
    def text(self) -> str:
        """The likeliest words, empty where there are none."""
        return self.hypotheses[0].text if self.hypotheses else ""


class SpeechToText(Protocol):
    """An engine. It computes outside the loop's thread and may be slow, killed or absent."""

    @property
    def name(self) -> str:
        """As settings and reports call it: `pocketsphinx`, `faster-whisper`."""
        ...

    def transcribe(self, frames: AsyncIterator[Samples]) -> AsyncIterator[Transcript]:
        """Partial transcripts while the frames come, then the final one, always last. Raises `SpeechError`.

        An engine that can't work as it hears yields the final one alone.
        """
        ...
