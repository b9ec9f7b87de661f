"""What a satellite is told of the conversation in its room: its lights and sounds follow that, and when it streams."""

from collections.abc import Callable
from typing import Final

from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.timer import TimerCancelled, TimerFinished
from wyoming.tts import Synthesize
from wyoming.vad import VoiceStarted, VoiceStopped
from wyoming.wake import Detection

from edge.assistant.model import Announcement, Reply
from edge.speech.exchange import Witness, asks
from edge.speech.floor import RoomState
from edge.speech.turns import Priority, Saying
from edge.wyoming import Event

_HEARING: Final = (RoomState.LISTENING, RoomState.FOLLOWING_UP)
_OVER: Final = (RoomState.IDLE, RoomState.MUTED)


class Telling(Witness):
    """Makes events of what happens in a room.

    A satellite that listens for its wake word by itself streams until it gets a transcript or an error. It gets the
    transcript as soon as it is clear that no answer is waited for, and otherwise once the conversation is over.
    """

    def __init__(self, post: Callable[[Event], None], language: str) -> None:
        self._post = post
        self._language = language
        self._state = RoomState.IDLE
        self._word: str | None = None
        self._streams = False
        """Whether it streams for this conversation alone."""
        self._owed: str | None = None
        """A transcript that it has not got yet."""
        self._heard = False

    def streams(self, for_now: bool) -> None:
        """It streams from now on: until it is told what was said, or for good."""
        self._streams, self._owed = for_now, None

    def refused(self) -> None:
        """Another room answers."""
        self._streams = False
        self._post(Error("another room has heard the same", "duplicate_wake_up_detected").event())

    # The room ------------------------------------------------------------------------------------------------------

    def woken(self, word: str) -> None:
        """Heard here, in what it streams, or by itself."""
        self._word = word

    def speech(self) -> None:
        """Somebody begins to speak."""
        self._post(VoiceStarted().event())

    def words(self, text: str) -> None:
        """A sentence is over."""
        self._heard = True
        self._post(VoiceStopped().event())
        if self._streams:
            self._owed = text
        else:
            self._post(Transcript(text).event())

    def replied(self, reply: Reply) -> None:
        """What the assistant said to it."""
        if not asks(reply):
            self._pay()

    def state(self, state: RoomState) -> None:
        """What the room does now."""
        before, self._state = self._state, state
        if state in _HEARING and before not in _HEARING:
            if self._word is not None and not self._streams:
                self._post(Detection(self._word).event())
            self._word, self._heard = None, False
            self._post(Transcribe(language=self._language).event())
        elif state in _OVER:
            if before in _HEARING and not self._heard and self._owed is None:
                self._streams = False
                self._post(Error("no words were understood", "stt-no-text-recognized").event())
            self._pay()

    def saying(self, saying: Saying) -> None:
        """What is being said there."""
        if saying.ending is None and saying.priority is Priority.REPLY and saying.text:
            self._post(Synthesize(saying.text).event())

    def announcement(self, announcement: Announcement) -> None:
        """A timer that is over, or falls silent."""
        key = str(announcement.event.get("id", ""))
        if announcement.event.get("event") == "timer_finished":
            self._post(TimerFinished(key).event())
        elif announcement.event.get("event") == "ringing_ended":
            self._post(TimerCancelled(key).event())

    def _pay(self) -> None:
        if self._streams:
            self._streams = False
            self._post(Transcript(self._owed or "").event())
        self._owed = None
