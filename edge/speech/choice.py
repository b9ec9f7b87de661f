"""Which wake words this machine's room listens for: those of the settings, until somebody chooses."""

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.files import replace_file
from edge.speech.parts import SpeechParts

if TYPE_CHECKING:
    from edge.speech.wake import WakeWords

log = logging.getLogger(__name__)

FILE: Final = "wake-word.json"
_AND: Final = " + "


class WakeWordError(EdgeError):
    """A wake word can't be listened for; the message says why."""


class WakeChoice:
    """What is listened for, and what else could be. The choice is kept until the settings name other words."""

    def __init__(self, parts: SpeechParts, configured: tuple[str, ...], kept_in: Path) -> None:
        self._parts = parts
        self._configured = configured
        self._kept_in = kept_in
        self._chosen: str | None = None
        self.options: tuple[str, ...] = ()
        """Every wake word there is, and those of the settings together where they are several."""

    @property
    def chosen(self) -> str:
        """One of the options, or the words of the settings that can't be used."""
        return self._chosen or self._all

    async def load(self) -> "WakeWords":
        """Look what there is and what was chosen. Raises `EdgeError`."""
        known = await self._parts.wake_words()
        several = (self._all,) if len(self._configured) > 1 else ()
        self.options = (*several, *sorted({*known}))
        kept = await asyncio.to_thread(_read, self._kept_in, self._configured)
        self._chosen = kept if kept in self.options else None
        return await self._wake(self.chosen)

    async def use(self, option: str) -> "WakeWords":
        """Choose one of the options and keep that. Raises `EdgeError`, and then nothing is changed."""
        if option not in self.options:
            raise WakeWordError(f"there is no wake word {option!r}: there are {', '.join(self.options)}")
        wake = await self._wake(option)
        if not wake.words:
            raise WakeWordError("; ".join(wake.problems) or f"{option} can't be listened for")
        self._chosen = option
        await asyncio.to_thread(_keep, self._kept_in, self._configured, option)
        return wake

    @property
    def _all(self) -> str:
        return _AND.join(self._configured)

    async def _wake(self, option: str) -> "WakeWords":
        words = self._configured if option == self._all else (option,)
        return await self._parts.wake(self._parts.configured_words(words))


def _read(file: Path, configured: tuple[str, ...]) -> str | None:
    """What was chosen while the settings were what they are."""
    try:
        kept = json.loads(file.read_bytes())
        return str(kept["chosen"]) if kept["configured"] == list(configured) else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.warning("wake.choice_unreadable", extra={"file": str(file), "reason": str(error)})
        return None


def _keep(file: Path, configured: tuple[str, ...], chosen: str) -> None:
    try:
        replace_file(file, json.dumps({"configured": list(configured), "chosen": chosen}).encode())
    except OSError as error:
        log.warning("wake.choice_not_kept", extra={"file": str(file), "reason": str(error)})
