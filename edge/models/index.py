"""The index of a model directory: one JSON file, replaced as a whole, read with suspicion."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from edge.files import replace_file
from edge.models.errors import ModelError
from edge.models.kinds import Kind

FILE_NAME: Final = "index.json"
VERSION: Final = 2
"""Version 1, of the releases that kept language models alone, is still read."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a model (absolute), and what it was when it came in."""

    path: Path
    sha256: str
    size_bytes: int
    mtime_ns: int
    inode: int
    """0 where it is not known."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model in the store, whatever its kind."""

    name: str
    kind: Kind
    files: tuple[StoredFile, ...]
    """At least one; the first one names the model."""
    license: str | None = None
    origin: str | None = None
    """Where it was pulled from: `REPOSITORY@REVISION`."""

    @property
    def path(self) -> Path:
        """What is loaded: the file, or the directory of a Whisper model."""
        return self.files[0].path.parent if self.kind is Kind.TRANSCRIPTION else self.files[0].path

    @property
    def sha256(self) -> str:
        """The digest of the first file: the weights."""
        return self.files[0].sha256

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def mtime_ns(self) -> int:
        """When the first file was last written."""
        return self.files[0].mtime_ns


@dataclass(frozen=True, slots=True)
class Index:
    """All models by name, and the names of those in use, at most one of a kind."""

    models: tuple[StoredModel, ...] = ()
    in_use: Mapping[Kind, str] = field(default_factory=dict)

    def named(self, name: str | None) -> StoredModel | None:
        """The model of that very name."""
        return next((model for model in self.models if model.name == name), None)

    def used(self, kind: Kind) -> StoredModel | None:
        """The model of that kind that is in use."""
        model = self.named(self.in_use.get(kind))
        return model if model is not None and model.kind is kind else None

    def having(self, model: StoredModel) -> Self:
        """The index with `model` in place of whatever had its name; it is used where none of its kind is."""
        others = [known for known in self.models if known.name != model.name]
        models = tuple(sorted([*others, model], key=lambda one: one.name))
        used = self.in_use if self.used(model.kind) else {**self.in_use, model.kind: model.name}
        return replace(self, models=models, in_use=used)

    def using(self, model: StoredModel) -> Self:
        """The index with `model` in use."""
        return replace(self, in_use={**self.in_use, model.kind: model.name})

    def without(self, gone: StoredModel) -> Self:
        """The index without that model; the next of its kind is used when it was the one in use."""
        models = tuple(model for model in self.models if model.name != gone.name)
        in_use = {kind: name for kind, name in self.in_use.items() if name != gone.name}
        follower = next((model for model in models if model.kind is gone.kind), None)
        if gone.kind not in in_use and follower is not None:
            in_use[gone.kind] = follower.name
        return replace(self, models=models, in_use=in_use)


def read_index(directory: Path) -> Index:
    """The index of `directory`, empty when there is none; raises `ModelError` when it is damaged."""
    path = directory / FILE_NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Index()
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror}") from error
    try:
        document = json.loads(data)
        if document["version"] not in (1, VERSION):
            raise ModelError(
                f"{path} has version {document['version']!r}, {VERSION} is known: it is from another release"
            )
        models = tuple(_model(entry, directory.absolute()) for entry in document["models"])
        return Index(models, _in_use(document["in_use"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"{path} is damaged ({error}): delete it and add the models again, "
            f"those in {directory} with `edge models add {directory}/FILE.gguf`"
        ) from error


def write_index(directory: Path, index: Index) -> None:
    """Replace the index atomically; raises `ModelError` when the disk won't have it."""
    home = directory.absolute()
    document = {
        "version": VERSION,
        "in_use": {kind.value: name for kind, name in index.in_use.items()},
        "models": [
            {
                "name": model.name,
                "kind": model.kind.value,
                "license": model.license,
                "origin": model.origin,
                "files": [
                    {
                        "path": str(file.path.relative_to(home) if file.path.is_relative_to(home) else file.path),
                        "sha256": file.sha256,
                        "size_bytes": file.size_bytes,
                        "mtime_ns": file.mtime_ns,
                        "inode": file.inode,
                    }
                    for file in model.files
                ],
            }
            for model in index.models
        ],
    }
    try:
        replace_file(directory / FILE_NAME, json.dumps(document, indent=2).encode())
    except OSError as error:
        raise ModelError(f"{directory / FILE_NAME} can't be written: {error.strerror}") from error


def _in_use(value: object) -> dict[Kind, str]:
    if isinstance(value, dict):
        return {Kind(kind): name for kind, name in value.items() if isinstance(name, str)}
    return {Kind.LANGUAGE: value} if isinstance(value, str) else {}


def _model(entry: dict[str, Any], home: Path) -> StoredModel:
    files = tuple(_file(one, home) for one in entry.get("files", [entry]))
    if not files:
        raise TypeError("a model without files")
    return StoredModel(
        name=_text(entry["name"]),
        kind=Kind(entry.get("kind", Kind.LANGUAGE)),
        files=files,
        license=_text(entry["license"]) if entry.get("license") else None,
        origin=_text(entry["origin"]) if entry.get("origin") else None,
    )


def _file(entry: dict[str, Any], home: Path) -> StoredFile:
    numbers = entry["size_bytes"], entry["mtime_ns"], entry.get("inode", 0)
    if not all(isinstance(number, int) for number in numbers):
        raise TypeError("a size or a time that is no number")
    return StoredFile(home / _text(entry["path"]), _text(entry["sha256"]), *numbers)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} in place of a text")
    return value
