"""When somebody has finished: after a silence whose length depends on what was said so far."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.speech.levels import rms_dbfs
from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.speech.vad import Activity

_FRAME_S: Final = FRAME / RATE_HZ
_OPEN: Final = frozenset(
    {
        "a",
        "an",
        "and",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "my",
        "of",
        "or",
        "per",
        "point",
        "the",
        "then",
        "to",
        "until",
        "with",
        "your",
        "half",
        "quarter",
        "minus",
        "plus",
    }
)
"""Words that end no sentence; not "on" and "off", which end commands."""
_TENS: Final = frozenset({"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"})
"""A number that may still get its ones."""


class EndpointState(StrEnum):
    """How far a sentence is."""

    WAITING = "waiting"
    SPEAKING = "speaking"
    DONE = "done"
    TIMED_OUT = "timed_out"
    """Nobody began to speak."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, probabilities and decibels that decide; the defaults were measured on recorded commands."""

    begin_within_s: float = 5.0
    """How long to wait for the first word."""
    longest_s: float = 15.0
    """A sentence is over after this, whatever goes on."""
    silence_s: float = 0.7
    after_complete_s: float = 0.3
    """Silence that ends what is already a command."""
    after_open_s: float = 1.4
    """Silence that ends what can't be all: "set the lamp to twenty", "turn on the"."""
    settled_s: float = 1.6
    """A command that gets no new words for this long is over, though somebody talks on."""
    speech: float = 0.5
    """From this probability on a frame is speech, and below `silence` it is none any more."""
    silence: float = 0.35
    onset_s: float = 0.1
    """Speech this long is a beginning; shorter is a knock."""
    onset_in_breath_s: float = 0.16
    """The same right behind the wake word, which the room and the network prolong."""
    below_speaker_db: float = 12.0
    """Speech quieter than the speaker by more than this is somebody else, or a television."""


class Endpoint:
    """One sentence; made anew, or `reset`, for each."""

    def __init__(
        self,
        activity: Activity,
        timing: Timing | None = None,
        *,
        speaker_dbfs: float | None = None,
        called_s: float = 0.0,
    ) -> None:
        """`speaker_dbfs`: the level of the wake word (`edge.speech.levels.speech_dbfs`), where there was one.

        `called_s`: how much of what is fed first is the wake word, or the sentence in the same breath.
        """
        self._activity = activity
        self._timing = timing or Timing()
        self.reset(speaker_dbfs=speaker_dbfs, called_s=called_s)

    def reset(self, *, speaker_dbfs: float | None = None, called_s: float = 0.0) -> None:
        """Listen for another sentence."""
        self._activity.reset()
        self.state = EndpointState.WAITING
        self.speech_end_s = 0.0
        """Seconds of sound fed until the last frame with speech."""
        self._speaker_dbfs = speaker_dbfs
        self._called_s = called_s
        self._fed_s = self._spoken_s = self._silent_s = self._settled_s = 0.0
        self._speech = False
        self._partial = ""

    @property
    def in_one_breath(self) -> bool:
        """Whether there was no pause yet behind the wake word: where it ends is not known."""
        return self._called_s > 0

    def feed(self, frame: Samples, partial: str | None = None, complete: bool | None = None) -> EndpointState:
        """Take the next frame.

        `partial` is what the recogniser made of it all so far, None where it says nothing before the end; `complete`
        is whether that is a whole command already, None where nobody can tell.
        """
        if self.state in (EndpointState.DONE, EndpointState.TIMED_OUT):
            return self.state
        self._fed_s += _FRAME_S
        self._note_words(partial)
        if self._is_speech(frame):
            self._spoken_s += _FRAME_S
            self._silent_s = 0.0
            self.speech_end_s = self._fed_s
        else:
            self._silent_s += _FRAME_S
        if self.state is EndpointState.WAITING:
            self._wait()
        if self.state is EndpointState.SPEAKING and self._is_over(complete):
            self.state = EndpointState.DONE
        return self.state

    def _wait(self) -> None:
        if self.in_one_breath:
            self._wait_for_wake_word()
        elif self._spoken_s >= self._timing.onset_s:
            self.state = EndpointState.SPEAKING
        elif self._fed_s >= self._timing.begin_within_s:
            self.state = EndpointState.TIMED_OUT
        elif self._silent_s > 3 * _FRAME_S:
            self._spoken_s = 0.0

    def _wait_for_wake_word(self) -> None:
        """It is over with a pause; without one, what is spoken behind it is a sentence."""
        if self._silent_s > 3 * _FRAME_S:
            if self._fed_s >= self._called_s:
                self._called_s = self._spoken_s = 0.0
        elif self._fed_s <= self._called_s:
            self._spoken_s = 0.0
        elif self._spoken_s >= self._timing.onset_in_breath_s:
            self.state = EndpointState.SPEAKING

    def _is_over(self, complete: bool | None) -> bool:
        if self._fed_s >= self._timing.longest_s or self._silent_s >= self._needed_silence_s(complete):
            return True
        return bool(complete) and self._settled_s >= self._timing.settled_s

    def _needed_silence_s(self, complete: bool | None) -> float:
        last = self._partial.replace("-", " ").rpartition(" ")[2]
        if last in _OPEN or (last in _TENS and not complete):
            return self._timing.after_open_s
        return self._timing.after_complete_s if complete and last not in _TENS else self._timing.silence_s

    def _note_words(self, partial: str | None) -> None:
        words = (partial or "").casefold().strip()
        self._settled_s = self._settled_s + _FRAME_S if words == self._partial else 0.0
        self._partial = words

    def _is_speech(self, frame: Samples) -> bool:
        probability = self._activity.feed(frame)
        self._speech = probability >= (self._timing.silence if self._speech else self._timing.speech)
        if not self._speech:
            return False
        level = rms_dbfs(frame)
        if self._speaker_dbfs is not None and level < self._speaker_dbfs - self._timing.below_speaker_db:
            return False
        self._speaker_dbfs = level if self._speaker_dbfs is None else max(self._speaker_dbfs - 0.2, level - 6.0)
        return True
