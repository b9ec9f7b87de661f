"""What a satellite is told of the conversation in its room: its lights and sounds follow that, and when it streams."""

from collections.abc import Callable
from typing import Final

from edge.assistant.model import Reply
from edge.speech.exchange import Witness, asks
from edge.speech.floor import RoomState
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
        self._text: str | None = None
        """The sentence that is being answered."""

    def streams(self, for_now: bool) -> None:
        """It streams from now on: until it is told what was said, or for good."""
        self._streams, self._owed = for_now, None

    def refused(self) -> None:
        """This room does not answer: another does, or it is muted."""
        self._streams = False
        self._post(_error("another room answers, or this one is muted", "duplicate_wake_up_detected"))

    # The room ------------------------------------------------------------------------------------------------------

    def woken(self, word: str) -> None:
        """Heard here, in what it streams, or by itself."""
        self._word = word

    def speech(self) -> None:
        """Somebody begins to speak."""
        self._post(Event("voice-started"))

    def words(self, text: str) -> None:
        """A sentence is over."""
        self._text = text
        self._post(Event("voice-stopped"))
        if self._streams:
            self._owed = text
        else:
            self._post(Event("transcript", {"text": text}))

    def replied(self, text: str, reply: Reply) -> None:
        """What the assistant said to a sentence."""
        if text != self._text:
            return
        if reply.text:
            self._post(Event("synthesize", {"text": reply.text}))
        if not asks(reply):
            self._pay()

    def state(self, state: RoomState) -> None:
        """What the room does now."""
        before, self._state = self._state, state
        if state in _HEARING and before not in _HEARING:
            if self._word is not None and not self._streams:
                self._post(Event("detection", {"name": self._word}))
            self._word = self._text = None
            self._post(Event("transcribe", {"language": self._language}))
        elif state in _OVER:
            if before in _HEARING and self._text is None and self._owed is None:
                self._streams = False
                self._post(_error("no words were understood", "stt-no-text-recognized"))
            self._word = None
            self._pay()

    def _pay(self) -> None:
        if self._streams:
            self._streams = False
            self._post(Event("transcript", {"text": self._owed or ""}))
        self._owed = None


def _error(text: str, code: str) -> Event:
    return Event("error", {"text": text, "code": code})
