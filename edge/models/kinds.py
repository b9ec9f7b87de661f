"""The kinds of models that the store keeps, how each is told from the others, and what belongs to one."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from edge.models import ctranslate2_header, onnx_header, tflite_header
from edge.models.errors import ModelError
from edge.models.gguf import read_header

WHISPER_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
WHISPER_VOCABULARIES: Final = ("vocabulary.json", "vocabulary.txt")
WHISPER_OPTIONAL: Final = ("preprocessor_config.json",)
ENDINGS: Final = frozenset({".gguf", ".onnx", ".tflite"})
MAX_JSON_BYTES: Final = 16 << 20
_SPLIT: Final = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


class Kind(StrEnum):
    """What a model is for."""

    LANGUAGE = "llm"
    TRANSCRIPTION = "stt"
    VOICE = "voice"
    WAKE_WORD = "wake"

    @property
    def words(self) -> str:
        """As a person calls it."""
        return _WORDS[self]


_WORDS: Final = {
    Kind.LANGUAGE: "language model",
    Kind.TRANSCRIPTION: "Whisper model",
    Kind.VOICE: "voice",
    Kind.WAKE_WORD: "wake word",
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one model where they lie, the one that names it first."""

    kind: Kind
    name: str
    """What it is called unless a person calls it otherwise."""
    files: tuple[Path, ...]


def examine(path: Path) -> Bundle:
    """The model that `path`, a file or a directory, is; raises `ModelError` or `GgufError` for whatever is no model."""
    try:
        return _examine(path)
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror or error}") from error


def _examine(path: Path) -> Bundle:
    if path.is_dir():
        return _directory(path)
    if path.exists() and not path.is_file():
        raise ModelError(f"{path} is no ordinary file, and no model can be read from it")
    match path.suffix.lower():
        case ".onnx":
            return _onnx(path)
        case ".tflite":
            return _tflite(path)
        case ".bin" if path.name == "model.bin":
            return _whisper(path.parent)
        case _:
            if _SPLIT.search(path.name):
                raise ModelError(f"{path} is one part of a split model: join its parts with llama-gguf-split --merge")
            read_header(path)
            return Bundle(Kind.LANGUAGE, path.stem, (path,))


def main_files(directory: Path) -> list[Path]:
    """The files in a directory that name a model, or the directory itself where it is one; raises OSError."""
    names = {entry.name: entry for entry in directory.iterdir() if not entry.name.startswith(".")}
    if "model.bin" in names:
        return [directory]
    return sorted(entry for entry in names.values() if entry.suffix.lower() in ENDINGS)


def _directory(directory: Path) -> Bundle:
    found = main_files(directory)
    if found == [directory]:
        return _whisper(directory)
    if len(found) == 1:
        return _examine(found[0])
    if not found:
        raise ModelError(
            f"{directory} holds no model: looked for *.gguf, *.onnx, *.tflite, and model.bin for a Whisper model"
        )
    names = ", ".join(file.name for file in found)
    raise ModelError(f"{directory} holds {len(found)} models: name the one to add ({names})")


def _whisper(directory: Path) -> Bundle:
    missing = [name for name in WHISPER_FILES if not (directory / name).is_file()]
    vocabulary = next((name for name in WHISPER_VOCABULARIES if (directory / name).is_file()), None)
    if vocabulary is None:
        missing.append(" or ".join(WHISPER_VOCABULARIES))
    if missing:
        raise ModelError(
            f"{directory} lacks {', '.join(missing)}: copy every file of the Whisper model's repository; "
            "without its tokenizer it would ask the internet for one"
        )
    specification = ctranslate2_header.read_specification(directory / "model.bin")
    if specification != "WhisperSpec":
        raise ModelError(f"{directory / 'model.bin'} is a {specification}, not a Whisper model")
    for name in ("config.json", "tokenizer.json"):
        _json(directory / name)
    names = (*WHISPER_FILES, str(vocabulary), *(name for name in WHISPER_OPTIONAL if (directory / name).is_file()))
    return Bundle(Kind.TRANSCRIPTION, directory.resolve().name, tuple(directory / name for name in names))


def _onnx(path: Path) -> Bundle:
    inputs = onnx_header.read_inputs(path)
    if {"input", "input_lengths", "scales"} <= {one.name for one in inputs}:
        return _voice(path)
    if len(inputs) == 1 and _hears_embeddings(inputs[0].shape):
        return Bundle(Kind.WAKE_WORD, path.stem, (path,))
    shapes = ", ".join(f"{one.name}{list(one.shape)}" for one in inputs[:4])
    raise ModelError(f"{path} is neither a Piper voice nor an openWakeWord model: its inputs are {shapes}")


def _voice(path: Path) -> Bundle:
    facts = path.with_name(f"{path.name}.json")
    if not facts.is_file():
        raise ModelError(
            f"{path} is a Piper voice without its JSON: put {facts.name}, which lies beside it "
            "where it comes from, into the same directory"
        )
    document = _json(facts)
    audio = document.get("audio")
    rate = audio.get("sample_rate") if isinstance(audio, dict) else None
    if not isinstance(rate, int) or not 4000 <= rate <= 192_000 or not isinstance(document.get("phoneme_id_map"), dict):
        raise ModelError(f"{facts} is no Piper voice's JSON (audio.sample_rate, phoneme_id_map): fetch it again")
    return Bundle(Kind.VOICE, path.stem, (path, facts))


def _tflite(path: Path) -> Bundle:
    inputs = tflite_header.read_inputs(path)
    facts = path.with_suffix(".json")
    if len(inputs) == 1 and _hears_embeddings(inputs[0].shape):
        return Bundle(Kind.WAKE_WORD, path.stem, (path,))
    if len(inputs) != 1 or len(inputs[0].shape) != 3:
        shapes = ", ".join(str(list(one.shape)) for one in inputs[:4])
        raise ModelError(f"{path} is no wake word: its inputs have the shapes {shapes}")
    if not facts.is_file():
        raise ModelError(
            f"{path} is a microWakeWord model without its JSON: put {facts.name}, which says how sure it must be, "
            "into the same directory"
        )
    document = _json(facts)
    if document.get("type") != "micro" or not isinstance(document.get("micro"), dict):
        raise ModelError(f'{facts} is no microWakeWord JSON ("type": "micro"): fetch it again')
    return Bundle(Kind.WAKE_WORD, path.stem, (path, facts))


def _hears_embeddings(shape: tuple[int | None, ...]) -> bool:
    """openWakeWord's networks take 16 (some 28) windows of 96 values."""
    return len(shape) == 3 and shape[2] == 96


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise ModelError(f"{path} is too long to be the JSON of a model")
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is no JSON ({error}): fetch it again") from error
    if not isinstance(document, dict):
        raise ModelError(f"{path} holds no JSON object: fetch it again")
    return document


def candidates(top: Path, *, depth: int = 4, most_entries: int = 20_000) -> Iterator[Path]:
    """Files and directories below `top` that may be models, by their names alone; unreadable places are passed over."""
    waiting, seen = [(top, 0)], 0
    while waiting:
        directory, level = waiting.pop()
        try:
            found = main_files(directory)
            below = sorted(entry for entry in directory.iterdir() if entry.is_dir() and not entry.is_symlink())
        except OSError:
            continue
        yield from found
        seen += len(below) + len(found) + 1
        if level < depth and seen < most_entries:
            waiting.extend((entry, level + 1) for entry in reversed(below) if not entry.name.startswith("."))
