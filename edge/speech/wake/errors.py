"""What goes wrong with wake words."""

from edge.speech.sound import SpeechError


class WakeError(SpeechError):
    """A wake word that can't be listened for; the message says which file, why, and what to do."""
