"""Text to speech: one protocol, an engine a file, each engine a program of its own.

Imports `edge.speech.sound`, `edge.models` and `edge.errors`.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from edge.speech.sound import Sound


class TextToSpeech(Protocol):
    """A voice."""

    @property
    def name(self) -> str:
        """As settings and reports call it: `piper`, `espeak-ng`."""
        ...

    def speak(self, text: str) -> AsyncIterator[Sound]:
        """The spoken text piece by piece, the first as soon as it is made. Raises `SpeechError`. Closing it stops."""
        ...
