"""Which voice speaks: the Piper voice in use where one is installed, espeak-ng otherwise and whenever Piper fails."""

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Final, Self

from edge.models import Kind, ModelError, ModelStore, StoredModel
from edge.speech.sound import Sound, SpeechError
from edge.speech.tts.cache import Cache, Cached
from edge.speech.tts.espeak import DEFAULT_VOICE, Espeak
from edge.speech.tts.piper import Piper

log = logging.getLogger(__name__)

ESPEAK: Final = "espeak-ng"


class Voices:
    """Async context manager: the voices of this machine; what `edge models use` chose is used from the next text on."""

    def __init__(
        self, store: ModelStore, *, usual: str | None = None, espeak: str = DEFAULT_VOICE, scratch: Path | None = None
    ) -> None:
        """`usual`: `espeak-ng`, a voice of espeak-ng's, or a Piper voice's name; None: the best there is.

        `espeak`: the voice of espeak-ng's that is used where none is named. `scratch`: a directory for sound that is
        on its way, best in memory; None: the system's.
        """
        self.trouble: str | None = None
        """Why the voice that should speak does not; None while it does."""
        self._store = store
        self._usual = usual
        self._espeak_voice = espeak
        self._scratch = scratch
        self._cache = Cache()
        self._lent: dict[str, Lent] = {}
        self._numbers = itertools.count()
        self._pipers: dict[Path, Piper] = {}
        self._seen: object = None
        self._installed: tuple[StoredModel, ...] = ()
        self._in_use: StoredModel | None = None

    async def __aenter__(self) -> Self:
        await self.look()
        piper = self._piper_meant(self._usual)
        if piper is not None:
            piper.warm_up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(piper.close() for piper in self._pipers.values()))
        self._pipers.clear()

    def named(self, name: str | None = None) -> "Voice | Lent":
        """The voice of that name, None for the usual one. Whether there is such a voice is found out when it speaks."""
        return self._lent.get(name or "") or Voice(self, name or self._usual)

    @contextmanager
    def lent(self, sounds: AsyncIterator[Sound]) -> Iterator[str]:
        """Sound that was made elsewhere as a voice; gives the name that it goes by meanwhile."""
        name = f"lent {next(self._numbers)}"
        self._lent[name] = Lent(sounds)
        try:
            yield name
        finally:
            del self._lent[name]

    @property
    def installed(self) -> tuple[str, ...]:
        """The names of the Piper voices there are."""
        return tuple(model.name for model in self._installed)

    async def look(self) -> None:
        """See which voices are installed and which is in use, if that may have changed."""
        try:
            seen = await asyncio.to_thread(self._stamp)
            if seen == self._seen:
                return
            models, in_use = await asyncio.to_thread(lambda: (self._store.models(), self._store.in_use(Kind.VOICE)))
        except ModelError as error:
            self.note(str(error))
            return
        self._seen = seen
        self._installed = tuple(model for model in models if model.kind is Kind.VOICE)
        self._in_use = in_use
        kept = {model.path for model in self._installed}
        for path in [path for path in self._pipers if path not in kept]:
            await self._pipers.pop(path).close()

    def engines(self, name: str | None) -> list["Cached"]:
        """What speaks when that voice is wanted, best first."""
        piper = self._piper_meant(name)
        variant = name if piper is None and name not in (None, ESPEAK, "piper") else self._espeak_voice
        espeak = Espeak(variant or self._espeak_voice)
        found = [Cached(espeak, self._cache, f"{ESPEAK} {espeak.voice}")]
        if piper is not None:
            found.insert(0, Cached(piper, self._cache, f"piper {piper.voice}"))
        return found

    def note(self, trouble: str | None) -> None:
        """Remember, and log once, why a voice does not speak."""
        if trouble is not None and trouble != self.trouble:
            log.warning("voice.trouble", extra={"reason": trouble})
        self.trouble = trouble

    def _piper_meant(self, name: str | None) -> Piper | None:
        if name == ESPEAK:
            return None
        model = self._in_use
        if name not in (None, "piper"):
            model = next((one for one in self._installed if one.name == name), None)
        if model is None:
            return None
        if model.path not in self._pipers:
            self._pipers[model.path] = Piper(model.path, name=model.name, scratch=self._scratch)
        return self._pipers[model.path]

    def _stamp(self) -> object:
        try:
            status = (self._store.directory / "index.json").stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size


class Voice:
    """One voice, and those that stand in for it."""

    def __init__(self, voices: Voices, wanted: str | None) -> None:
        self._voices = voices
        self._wanted = wanted

    @property
    def name(self) -> str:
        """What would speak now."""
        return self._voices.engines(self._wanted)[0].name

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        """Piece by piece. Raises `SpeechError` where nothing here can speak."""
        await self._voices.look()
        failed: SpeechError | None = None
        for engine in self._voices.engines(self._wanted):
            try:
                async with aclosing(engine.speak(text)) as sounds:
                    async for sound in sounds:
                        yield sound
            except SpeechError as error:
                self._voices.note(str(error))
                failed = failed or error
            else:
                if failed is None:
                    self._voices.note(None)
                return
        if failed is not None:
            raise failed


class Lent:
    """Sound that is there already in the place of a voice: it says that, once, whatever text it is given."""

    name = "lent"

    def __init__(self, sounds: AsyncIterator[Sound]) -> None:
        self._sounds = sounds

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:  # noqa: ARG002 (as any voice)
        """What is left of it."""
        async for sound in self._sounds:
            yield sound
