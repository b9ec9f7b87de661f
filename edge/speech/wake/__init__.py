"""Wake words: several at once, each with its sensitivity. Imports `edge.speech.sound` and `edge.models`."""

from edge.speech.wake.errors import WakeError
from edge.speech.wake.words import Detection, WakeWords, load

__all__ = ["Detection", "WakeError", "WakeWords", "load"]
