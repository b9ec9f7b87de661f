"""What the server needs of those who hear, speak and think, as protocols; the service brings them together."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.assistant.model import OnText, Reply, Utterance
from edge.pcm import Samples
from edge.router.model import Call, Routing


@dataclass(frozen=True, slots=True)
class Model:
    """A model, voice or wake word that is there, as clients list it."""

    name: str
    languages: tuple[str, ...]
    description: str
    maker: str
    url: str
    version: str = ""
    phrase: str | None = None
    """Of a wake word: how it is said."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What this machine can do for others; an empty list is a service it does not offer."""

    ears: tuple[Model, ...] = ()
    voices: tuple[Model, ...] = ()
    wake_words: tuple[Model, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of speech."""

    samples: Samples
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Woken:
    """A wake word that was heard."""

    word: str
    at_s: float
    """Seconds of sound since the first sample that was fed."""


class WakeListener(Protocol):
    """Listens to one stream of sound for some wake words."""

    def feed(self, samples: Samples) -> Woken | None:
        """Take samples at 16 kHz, some 30 ms at a time; a few milliseconds of work on the loop."""
        ...


class Speech(Protocol):
    """Ears and voices. What is missing raises `EdgeError` that says what to do."""

    async def offer(self) -> Offer:
        """What there is, without loading any of it."""
        ...

    def hear(self, frames: AsyncIterator[Samples]) -> AsyncGenerator[str, None]:
        """What is said in samples at 16 kHz: the words so far, again and again, and last of all what was said."""
        ...

    def speak(self, text: AsyncIterator[str], voice: str | None) -> AsyncGenerator[Spoken, None]:
        """The text as speech, sentence by sentence as it comes in; `voice`: a name of the offer's, None: the usual."""
        ...

    async def wake(self, words: Sequence[str]) -> WakeListener:
        """Listen for these; none: for those of the settings. Raises `EdgeError` where there is none of them."""
        ...


class Mind(Protocol):
    """Who understands sentences."""

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        """Do what is asked for, and reply; raises nothing but cancellation."""
        ...

    def route(self, text: str) -> Routing:
        """What a sentence means, nothing being done."""
        ...

    def is_limited(self, utterance: Utterance) -> bool:
        """Whether whoever asks may not have everything carried out."""
        ...

    def asks_first(self, call: Call) -> bool:
        """Whether it is carried out only after the person has confirmed it."""
        ...
