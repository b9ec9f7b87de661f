"""The directory that keeps language models: files, and an index of the digests they must have.

Nothing here trusts a file because of where it lies. A file is hashed when it comes in; before each use its size and
time are compared with the index, and where those differ it is hashed again, and refused if it is another file now.
"""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from edge.models.gguf import GgufHeader, read_header
from edge.models.index import Index, ModelError, StoredModel, read_index, write_index

__all__ = ["ModelError", "ModelStore", "Progress", "StoredModel"]

SPARE_BYTES: Final = 64 << 20
"""What a copy must leave free on the disk."""
_CHUNK: Final = 1 << 20
_UNWELCOME: Final = re.compile(r"[^A-Za-z0-9._-]+")

Progress = Callable[[int, int], None]
"""Told the bytes done and the bytes in all."""


def _silent(done: int, total: int) -> None:
    """Show nothing."""


class ModelStore:
    """Language models under one directory, by name. Every method raises `ModelError` with what to do about it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def models(self) -> tuple[StoredModel, ...]:
        """All models, by name."""
        return self._index().models

    def get(self, name: str) -> StoredModel:
        """The model called `name`; a part of the name that only one model has will do."""
        models = self.models()
        found = [model for model in models if model.name == name] or [
            m for m in models if name.lower() in m.name.lower()
        ]
        if len(found) == 1:
            return found[0]
        known = ", ".join(model.name for model in found or models) or "none: add one with `edge models add FILE.gguf`"
        raise ModelError(f"{name!r} names {'several models' if found else 'no model'} ({known})")

    def in_use(self) -> StoredModel | None:
        """The model that answers; None when there is none."""
        index = self._index()
        return next((model for model in index.models if model.name == index.in_use), None)

    def chosen(self, wanted: str | None) -> StoredModel | None:
        """The model a person settled on in the configuration, by name or as a path to a GGUF; None: the one in use.

        A file named by its path is taken as it is: it has no digest to hold it against.
        """
        if wanted is None:
            return self.in_use()
        if "/" not in wanted and not wanted.endswith(".gguf"):
            return self.get(wanted)
        path = Path(wanted).expanduser().absolute()
        try:
            status = path.stat()
        except OSError as error:
            raise ModelError(f"{path}, which the setting llm.model names, can't be read: {error.strerror}") from error
        return StoredModel(path.stem, path, "", status.st_size, status.st_mtime_ns)

    def add(
        self, file: Path, *, name: str | None = None, link: bool = False, progress: Progress = _silent
    ) -> StoredModel:
        """Take a GGUF in: a copy, or with `link` the file where it lies. The first model is used at once.

        A file that already lies in the directory is adopted there. Raises `GgufError` for a file that is no model.
        """
        file = file.expanduser().absolute()
        read_header(file)
        name = _UNWELCOME.sub("-", name or file.stem).strip("-.") or "model"
        with self._locked() as index:
            digest, stored = self._take_in(file, name, link, progress, index)
            status = stored.stat()
            model = StoredModel(name, stored, digest, status.st_size, status.st_mtime_ns)
            same = next((known for known in index.models if known.sha256 == digest), None)
            if same is not None and same.path.exists():
                if stored not in (same.path, file):
                    stored.unlink()
                return same
            index = index.having(model)
            used = any(known.name == index.in_use for known in index.models)
            self._write(index if used else replace(index, in_use=name))
        return model

    def remove(self, name: str) -> StoredModel:
        """Forget a model, named in full, and delete its file unless it was linked."""
        with self._locked() as index:
            model = next((model for model in index.models if model.name == name), None)
            if model is None:
                raise ModelError(f"there is no model called {name!r}: `edge models list` shows their names")
            self._write(index.without(name))
            try:
                if self._owns(model.path):
                    model.path.unlink(missing_ok=True)
            except OSError as error:
                raise ModelError(f"{name} is forgotten, but {model.path} can't be deleted: {error.strerror}") from error
        return model

    def use(self, name: str) -> StoredModel:
        """Make a model the one that answers, after checking its file."""
        model = self.check(self.get(name))
        with self._locked() as index:
            self._write(replace(index, in_use=model.name))
        return model

    def check(self, model: StoredModel, progress: Progress = _silent) -> StoredModel:
        """The model, if its file is the one that was added: by size and time, by digest where the time differs."""
        status = self._status(model)
        if status.st_size != model.size_bytes:
            raise ModelError(self._altered(model, f"{model.size_bytes} bytes then, {status.st_size} now"))
        if status.st_mtime_ns == model.mtime_ns:
            return model
        return self.verify(model, progress)

    def verify(self, model: StoredModel, progress: Progress = _silent) -> StoredModel:
        """The model, if its file still has the digest it was added with; reads the whole file."""
        self._status(model)
        with _opened(model.path) as file:
            digest = _hash(file, os.fstat(file.fileno()).st_size, progress)
            mtime_ns = os.fstat(file.fileno()).st_mtime_ns
        if digest != model.sha256:
            raise ModelError(self._altered(model, f"its SHA-256 was {model.sha256[:12]}… and is {digest[:12]}…"))
        verified = replace(model, mtime_ns=mtime_ns)
        if verified != model:
            with self._locked() as index:
                if model in index.models:
                    self._write(index.having(verified))
        return verified

    def header(self, model: StoredModel) -> GgufHeader:
        """What the model's file says of itself."""
        return read_header(model.path)

    def _take_in(self, file: Path, name: str, link: bool, progress: Progress, index: Index) -> tuple[str, Path]:
        """Hash the file, copying it unless it may stay where it is; returns the digest and where it now lies."""
        taken = next((model for model in index.models if model.name == name), None)
        if link or self._owns(file):
            with _opened(file) as source:
                digest = _hash(source, os.fstat(source.fileno()).st_size, progress)
            self._refuse_taken(name, taken, digest)
            return digest, file
        size = file.stat().st_size
        free = shutil.disk_usage(self.directory).free
        if size + SPARE_BYTES > free:
            raise ModelError(
                f"{file} takes {_mb(size)} and {self.directory} has {_mb(free)} free, {_mb(SPARE_BYTES)} of which must "
                "stay free: make room with `edge models rm NAME`, or add it with --link to leave it where it is"
            )
        target = self.directory / f"{name}.gguf"
        part = target.with_suffix(".part")
        try:
            with _opened(file) as source, part.open("wb") as copy:
                digest = _hash(source, size, progress, copy)
                copy.flush()
                os.fsync(copy.fileno())
            self._refuse_taken(name, taken, digest)
            read_header(part)
            part.replace(target)
        except OSError as error:
            raise ModelError(f"{file} could not be copied to {target}: {error.strerror or error}") from error
        finally:
            part.unlink(missing_ok=True)
        _sync(self.directory)
        return digest, target

    def _refuse_taken(self, name: str, taken: StoredModel | None, digest: str) -> None:
        if taken is not None and taken.sha256 != digest and taken.path.exists():
            raise ModelError(
                f"another model is called {name} already: give this one a name of its own with --name, "
                f"or remove the other with `edge models rm {name}`"
            )

    def _status(self, model: StoredModel) -> os.stat_result:
        try:
            return model.path.stat()
        except OSError as error:
            raise ModelError(
                f"the model {model.name} is gone: {model.path} can't be read ({error.strerror}); "
                f"bring it back, or forget it with `edge models rm {model.name}`"
            ) from error

    def _altered(self, model: StoredModel, how: str) -> str:
        return (
            f"the model {model.name} is refused: {model.path} was altered since it was added ({how}); "
            f"remove it with `edge models rm {model.name}` and add a good copy with `edge models add FILE.gguf`"
        )

    def _owns(self, path: Path) -> bool:
        return path.parent == self.directory.absolute()

    def _index(self) -> Index:
        return read_index(self.directory)

    def _write(self, index: Index) -> None:
        write_index(self.directory, index)

    @contextmanager
    def _locked(self) -> Iterator[Index]:
        """The index, with nobody else changing it."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / ".lock").open("w")
        except OSError as error:
            raise ModelError(f"{self.directory} can't be written ({error.strerror}): run as its owner") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError as error:
                raise ModelError(f"{self.directory} can't be locked: {error.strerror}") from error
            yield self._index()


def _hash(source: BinaryIO, total: int, progress: Progress, copy: BinaryIO | None = None) -> str:
    digest = hashlib.sha256()
    done = 0
    while chunk := _read(source):
        digest.update(chunk)
        if copy is not None:
            copy.write(chunk)
        done += len(chunk)
        progress(done, total)
    return digest.hexdigest()


def _read(source: BinaryIO) -> bytes:
    try:
        return source.read(_CHUNK)
    except OSError as error:
        raise ModelError(f"{source.name} can't be read to its end: {error.strerror}; try another copy") from error


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        source = file.open("rb")
    except OSError as error:
        raise ModelError(f"{file} can't be read: {error.strerror}") from error
    with source:
        yield source


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mb(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
