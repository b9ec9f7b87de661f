"""Which wake words there are: the bundled ones, those in the store, and files dropped into `<models>/wake`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge.models.errors import ModelError
from edge.models.kinds import Kind, examine
from edge.models.store import ModelStore
from edge.speech.wake.micro import bundled
from edge.speech.wake.openwakeword import EMBEDDING, MEL

DIRECTORY: Final = "wake"
_OTHERS: Final = {".ppn": "Porcupine", ".pmdl": "Snowboy", ".umdl": "Snowboy", ".rpw": "Rustpotter"}
_RELEASES: Final = "https://github.com/dscripka/openWakeWord/releases"


class Make(StrEnum):
    """Whose networks they are."""

    MICRO = "microWakeWord"
    OPEN = "openWakeWord"


@dataclass(frozen=True, slots=True)
class WakeFile:
    """A wake word that can be listened for."""

    make: Make
    path: Path
    """microWakeWord: the JSON; openWakeWord: the ONNX network."""
    is_bundled: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """By name, and what can't be used, each said with its remedy."""

    words: Mapping[str, WakeFile] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    mel: Path | None = None
    embedding: Path | None = None
    """The two networks that every word of openWakeWord's needs."""


def find(models: Path | None) -> Found:
    """All of them; reads small parts of files. A dropped file takes the place of a bundled word of its name."""
    words = {name: WakeFile(Make.MICRO, facts, is_bundled=True) for name, facts in bundled().items()}
    if models is None:
        return Found(words)
    problems: list[str] = []
    dropped = models / DIRECTORY
    for path in [*_stored(models, problems), *_dropped(dropped, problems)]:
        try:
            words[path.stem] = _word(path)
        except ModelError as error:
            problems.append(str(error))
    shared = [next((place for place in _shared(models, name)), None) for name in (MEL, EMBEDDING)]
    if any(word.make is Make.OPEN for word in words.values()) and None in shared:
        missing = [name for name, place in zip((MEL, EMBEDDING), shared, strict=True) if place is None]
        problems.append(
            f"openWakeWord's words need {' and '.join(missing)} beside them: copy from {_RELEASES} to {dropped}"
        )
        words = {name: word for name, word in words.items() if word.make is not Make.OPEN}
    return Found(words, tuple(problems), *shared)


def _word(path: Path) -> WakeFile:
    bundle = examine(path)
    if bundle.kind is not Kind.WAKE_WORD:
        raise ModelError(f"{path} is a {bundle.kind.words}, not a wake word: add it with `edge models add {path}`")
    if path.suffix.lower() == ".onnx":
        return WakeFile(Make.OPEN, path)
    if len(bundle.files) < 2:
        raise ModelError(f"{path} is openWakeWord's for TensorFlow Lite: put its .onnx into the directory instead")
    return WakeFile(Make.MICRO, bundle.files[1])


def _stored(models: Path, problems: list[str]) -> list[Path]:
    try:
        return [model.path for model in ModelStore(models).models() if model.kind is Kind.WAKE_WORD]
    except ModelError as error:
        problems.append(str(error))
        return []


def _dropped(directory: Path, problems: list[str]) -> Iterator[Path]:
    try:
        entries = sorted(directory.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(f"{directory} can't be read: {error.strerror or error}")
        return
    for entry in entries:
        ending = entry.suffix.lower()
        if ending in _OTHERS:
            problems.append(
                f"{entry} is for {_OTHERS[ending]}: train the word for microWakeWord or openWakeWord instead"
            )
        elif ending == ".tflite" or (ending == ".onnx" and entry.name not in (MEL, EMBEDDING)):
            yield entry


def _shared(models: Path, name: str) -> Iterator[Path]:
    for place in (models / DIRECTORY, models):
        if (place / name).is_file():
            yield place / name
