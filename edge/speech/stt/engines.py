"""Which engine hears: what a person wants, what is installed, and what this machine is fast enough for."""

import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from edge.models import Kind, ModelError, ModelStore

log = logging.getLogger(__name__)

Wanted = Literal["auto", "pocketsphinx", "faster-whisper"]
SPHINX: Final = "pocketsphinx"
WHISPER: Final = "faster-whisper"
FAST_ENOUGH_S: Final = 1.5
"""For a sentence of three seconds; slower, and people say it again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine and its model's directory, if it has one."""

    engine: str
    model: Path | None = None


def choices(wanted: Wanted, store: ModelStore | None) -> tuple[Choice, ...]:
    """What may be used, the best first: a Whisper model in use, if one is there, then the house's own language.

    Reads files; raises nothing: a model that can't be used is one fewer.
    """
    found = []
    if wanted != SPHINX and (model := _whisper(store)):
        found.append(Choice(WHISPER, model))
    if importlib.util.find_spec("pocketsphinx") is not None:
        found.append(Choice(SPHINX))
    return tuple(found)


def _whisper(store: ModelStore | None) -> Path | None:
    if store is None or importlib.util.find_spec("faster_whisper") is None:
        return None
    try:
        model = store.in_use(Kind.TRANSCRIPTION)
        return store.check(model).files[0].path.parent if model else None
    except ModelError as error:
        log.warning("speech.model_refused", extra={"why": str(error)})
        return None
