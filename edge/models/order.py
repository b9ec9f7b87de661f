"""Which files of a repository make one model: those named, or the only ones there are."""

import fnmatch
from dataclasses import dataclass
from typing import Final

from edge.models.errors import ModelError
from edge.models.files import megabytes
from edge.models.hub import Hub, HubFile, Repository
from edge.models.kinds import WHISPER_FILES, WHISPER_OPTIONAL, WHISPER_VOCABULARIES
from edge.models.store import fitting

_NOT_TEXT: Final = ("mmproj", "imatrix")
"""GGUF files of a repository that are no language model."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be pulled: files of one repository at one revision, and what to call them."""

    repository: Repository
    files: tuple[HubFile, ...]
    name: str

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)


def choose(hub: Hub, repository: Repository, pattern: str | None, name: str | None) -> Order:
    """The files that make one model: those that fit `pattern`, else the only ones there are; raises `ModelError`."""
    paths = {file.path: file for file in repository.files}
    if pattern is None and "model.bin" in paths:
        wanted = (*WHISPER_FILES, *WHISPER_VOCABULARIES, *WHISPER_OPTIONAL)
        files = [paths[path] for path in wanted if path in paths]
        name = name or repository.id.rpartition("/")[2]
    else:
        main = _main(repository, pattern)
        beside = (f"{main.path}.json", f"{main.path.removesuffix('.tflite')}.json")
        files = [main, *(paths[path] for path in beside if path in paths)]
        name = name or main.name.rpartition(".")[0]
    return Order(repository, tuple(hub.described(repository, file) for file in files), fitting(name))


def _main(repository: Repository, pattern: str | None) -> HubFile:
    """The one file that names the model."""
    files = [file for file in repository.files if file.path.lower().endswith((".gguf", ".onnx", ".tflite"))]
    usable = [file for file in files if not any(word in file.name.lower() for word in _NOT_TEXT)]
    found = [file for file in usable if pattern is None or _fits(file.path, pattern)]
    if len(found) == 1:
        return found[0]
    listed = found or usable
    names = ", ".join(f"{file.name} ({megabytes(file.size_bytes)})" for file in listed[:40])
    if not listed:
        raise ModelError(f"{repository.id} holds no GGUF, ONNX or TensorFlow Lite file: another repository may")
    which = "several of its files" if found else "none of its files" if pattern else "no file"
    raise ModelError(f"name one file of {repository.id} with --file; {pattern or 'without it'} means {which}: {names}")


def _fits(path: str, pattern: str) -> bool:
    wanted, name = pattern.lower(), path.lower()
    return fnmatch.fnmatchcase(name, wanted) or fnmatch.fnmatchcase(name.rpartition("/")[2], wanted)
