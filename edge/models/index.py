"""The index of a model directory: one JSON file, replaced as a whole, read with suspicion."""

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from edge.errors import EdgeError

FILE_NAME: Final = "index.json"
VERSION: Final = 1


class ModelError(EdgeError):
    """The store can't do what was asked; the message says which model or file, why, and what to do."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model in the store: its file (absolute), and what that file was when it was added."""

    name: str
    path: Path
    sha256: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Index:
    """All models by name, and the name of the one in use."""

    models: tuple[StoredModel, ...] = ()
    in_use: str | None = None

    def having(self, model: StoredModel) -> Self:
        """The index with `model` in place of whatever had its name."""
        others = [known for known in self.models if known.name != model.name]
        return replace(self, models=tuple(sorted([*others, model], key=lambda one: one.name)))

    def without(self, name: str) -> Self:
        """The index without the model of that name; the next in line is used when it was the one in use."""
        models = tuple(model for model in self.models if model.name != name)
        in_use = self.in_use if self.in_use != name else next((model.name for model in models), None)
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
        if document["version"] != VERSION:
            raise ModelError(
                f"{path} has version {document['version']!r}, {VERSION} is known: it is from another release"
            )
        models = tuple(_model(entry, directory) for entry in document["models"])
        in_use = document["in_use"]
        in_use = in_use if isinstance(in_use, str) else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"{path} is damaged ({error}): delete it and add the models again, "
            f"those in {directory} with `edge models add {directory}/FILE.gguf`"
        ) from error
    return Index(models, in_use)


def write_index(directory: Path, index: Index) -> None:
    """Replace the index atomically; raises `ModelError` when the disk won't have it."""
    home = directory.absolute()
    document = {
        "version": VERSION,
        "in_use": index.in_use,
        "models": [
            {
                "name": model.name,
                "path": model.path.name if model.path.parent == home else str(model.path),
                "sha256": model.sha256,
                "size_bytes": model.size_bytes,
                "mtime_ns": model.mtime_ns,
            }
            for model in index.models
        ],
    }
    temporary: str | None = None
    try:
        with tempfile.NamedTemporaryFile("w", dir=directory, prefix=".index-", delete=False) as file:
            temporary = file.name
            json.dump(document, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(directory / FILE_NAME)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise ModelError(f"{directory / FILE_NAME} can't be written: {error.strerror}") from error


def _model(entry: dict[str, Any], directory: Path) -> StoredModel:
    name, path, digest = entry["name"], entry["path"], entry["sha256"]
    size, mtime = entry["size_bytes"], entry["mtime_ns"]
    if not all(isinstance(text, str) and text for text in (name, path, digest)):
        raise TypeError("a model without name, path or sha256")
    if not all(isinstance(number, int) for number in (size, mtime)):
        raise TypeError(f"size or time of {name} is no number")
    return StoredModel(name, directory.absolute() / path, digest, size, mtime)
