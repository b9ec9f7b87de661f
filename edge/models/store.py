"""The directory that keeps models of every kind: files, and an index of the digests they must have.

Nothing here trusts a file because of where it lies. A file is hashed when it comes in; before each use its size, time
and inode are compared with the index, and where those differ it is hashed again, and refused if it is another file now.
A language model lies there as NAME.gguf; the files of other kinds lie in a directory NAME of their own.
"""

import fcntl
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from edge.files import sync_directory
from edge.models.errors import ModelError
from edge.models.files import Progress, Tally, hash_file, megabytes, recorded, silent
from edge.models.gguf import GgufHeader, read_header
from edge.models.index import FILE_NAME, Index, StoredFile, StoredModel, read_index, write_index
from edge.models.kinds import Bundle, Kind, examine

__all__ = ["ModelError", "ModelStore", "Progress", "StoredModel"]

log = logging.getLogger(__name__)

SPARE_BYTES: Final = 64 << 20
"""What a copy must leave free on the disk."""
_UNWELCOME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class ModelStore:
    """Models under one directory, by name. Every method raises `ModelError` with what to do about it."""

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

    def in_use(self, kind: Kind = Kind.LANGUAGE) -> StoredModel | None:
        """The model of that kind that is in use; None when there is none."""
        return self._index().used(kind)

    def chosen(self, wanted: str | None) -> StoredModel | None:
        """The language model that the configuration names, by name or as a path to a GGUF; None: the one in use.

        A file named by its path is taken as it is: it has no digest to hold it against.
        """
        if wanted is None:
            return self.in_use()
        if "/" not in wanted and not wanted.endswith(".gguf"):
            model = self.get(wanted)
            if model.kind is not Kind.LANGUAGE:
                raise ModelError(f"{model.name}, which the setting llm.model names, is a {model.kind.words}")
            return model
        path = Path(wanted).expanduser().absolute()
        if path.exists() and not path.is_file():
            raise ModelError(f"{path}, which the setting llm.model names, is no ordinary file")
        try:
            return StoredModel(path.stem, Kind.LANGUAGE, (recorded(path, ""),))
        except OSError as error:
            raise ModelError(f"{path}, which the setting llm.model names, can't be read: {error.strerror}") from error

    def add(
        self, path: Path, *, name: str | None = None, link: bool = False, progress: Progress = silent
    ) -> StoredModel:
        """Take a model in: a copy, or with `link` the files where they lie. The first of its kind is used at once.

        What already lies in the directory is adopted there. Raises `GgufError` for a file that is no model.
        """
        path = path.expanduser().absolute()
        bundle = examine(path)
        try:
            return self._add(bundle, fitting(name or bundle.name), link, progress)
        except OSError as error:
            raise ModelError(f"{path} can't be taken in: {error.strerror or error}") from error

    def _add(self, bundle: Bundle, name: str, link: bool, progress: Progress) -> StoredModel:
        with self._locked() as index:
            if link or all(self._owns(file) for file in bundle.files):
                sizes = [file.stat().st_size for file in bundle.files]
                tally = Tally(sum(sizes), progress)
                files = tuple(recorded(file, hash_file(file, tally)) for file in bundle.files)
                self._refuse_taken(name, index, files)
                return self._enter(index, StoredModel(name, bundle.kind, files))
            with self._staging() as staging:
                copied, digests = self._copy(bundle, staging, progress)
                return self._settle(index, StoredModel(name, bundle.kind, _unplaced(copied, digests)))

    def admit(
        self, bundle: Bundle, digests: Sequence[str], *, name: str, license_: str | None, origin: str | None
    ) -> StoredModel:
        """Move a model into its place that was fetched to a directory inside the store, its files of these digests."""
        with self._locked() as index:
            model = StoredModel(fitting(name), bundle.kind, _unplaced(bundle, digests), license_, origin)
            return self._settle(index, model)

    def remove(self, name: str) -> StoredModel:
        """Forget a model, named in full, and delete its files unless they were linked."""
        with self._locked() as index:
            model = index.named(name)
            if model is None:
                raise ModelError(f"there is no model called {name!r}: `edge models list` shows their names")
            self._write(index.without(model))
            try:
                for file in model.files:
                    if self._owns(file.path):
                        file.path.unlink(missing_ok=True)
            except OSError as error:
                raise ModelError(f"{name} is forgotten, but {model.path} can't be deleted: {error.strerror}") from error
            if self._owns(model.files[0].path) and model.kind is not Kind.LANGUAGE:
                with suppress(OSError):
                    model.files[0].path.parent.rmdir()
        return model

    def use(self, name: str) -> StoredModel:
        """Make a model the one of its kind that is used, after checking its files."""
        model = self.check(self.get(name))
        with self._locked() as index:
            self._write(index.using(model))
        return model

    def check(self, model: StoredModel, progress: Progress = silent) -> StoredModel:
        """The model, if its files are those that came in: by size, time and inode, by digest where these differ."""
        doubtful = False
        for file in model.files:
            status = self._status(model, file)
            if status.st_size != file.size_bytes:
                raise ModelError(self._altered(model, file, f"{file.size_bytes} bytes then, {status.st_size} now"))
            doubtful |= status.st_mtime_ns != file.mtime_ns or file.inode not in (0, status.st_ino)
        return self.verify(model, progress) if doubtful else model

    def verify(self, model: StoredModel, progress: Progress = silent) -> StoredModel:
        """The model, if its files still have the digests they came in with; reads them in full."""
        tally = Tally(sum(self._status(model, file).st_size for file in model.files), progress)
        verified = replace(model, files=tuple(self._verified(model, file, tally) for file in model.files))
        if verified != model:
            try:
                with self._locked() as index:
                    if model in index.models:
                        self._write(index.having(verified))
            except ModelError as error:
                log.info("models.not_noted", extra={"model": model.name, "reason": str(error)})
        return verified

    def header(self, model: StoredModel) -> GgufHeader:
        """What a language model's file says of itself."""
        file = model.files[0]
        status = self._status(model, file)
        return _header_of(model.path, (status.st_size, status.st_mtime_ns, status.st_ino))

    def place(self, name: str, kind: Kind) -> Path:
        """Where a model of that name lies, or would."""
        return self.directory.absolute() / (f"{name}.gguf" if kind is Kind.LANGUAGE else name)

    def require_space(self, size: int, what: str) -> None:
        """Refuse what would leave too little room on the disk."""
        free = shutil.disk_usage(self.directory).free
        if size + SPARE_BYTES > free:
            raise ModelError(
                f"{what} takes {megabytes(size)} and {self.directory} has {megabytes(free)} free, "
                f"{megabytes(SPARE_BYTES)} of which must stay free: make room with `edge models rm NAME`, "
                "or add it with --link to leave it where it is"
            )

    def _copy(self, bundle: Bundle, staging: Path, progress: Progress) -> tuple[Bundle, list[str]]:
        """Copy and hash the files, and look at the copy as sceptically as at the original."""
        size = sum(file.stat().st_size for file in bundle.files)
        self.require_space(size, str(bundle.files[0]))
        tally = Tally(size, progress)
        try:
            digests = [hash_file(file, tally, staging / file.name) for file in bundle.files]
        except OSError as error:
            reason = error.strerror or error
            raise ModelError(f"{bundle.files[0]} could not be copied to {self.directory}: {reason}") from error
        copied = replace(bundle, files=tuple(staging / file.name for file in bundle.files))
        if examine(copied.files[0]).kind is not bundle.kind:
            raise ModelError(f"{bundle.files[0]} changed while it was copied: try again")
        return copied, digests

    def _settle(self, index: Index, model: StoredModel) -> StoredModel:
        """Move the files of a model to their place and note them; nothing of them is visible before."""
        same = self._same(index, model)
        if same is not None:
            return same
        self._refuse_taken(model.name, index, model.files)
        target = self.place(model.name, model.kind)
        source = model.files[0].path if model.kind is Kind.LANGUAGE else model.files[0].path.parent
        if target.exists() and not any(file.path.is_relative_to(target) for one in index.models for file in one.files):
            raise ModelError(
                f"{target} is there already, but is no model that was added: "
                f"add it with `edge models add {target}`, delete it, or choose another name with --name"
            )
        try:
            source.replace(target)
            sync_directory(self.directory)
            lies = target.parent if model.kind is Kind.LANGUAGE else target
            names = [target.name] if model.kind is Kind.LANGUAGE else [file.path.name for file in model.files]
            files = tuple(recorded(lies / name, file.sha256) for name, file in zip(names, model.files, strict=True))
        except OSError as error:
            raise ModelError(f"{model.name} can't be put to {target}: {error.strerror}") from error
        return self._enter(index, replace(model, files=files))

    def _enter(self, index: Index, model: StoredModel) -> StoredModel:
        same = self._same(index, model)
        if same is not None:
            return same
        self._write(index.having(model))
        return model

    def _same(self, index: Index, model: StoredModel) -> StoredModel | None:
        """The model that has this content already, and still has its files."""
        digests = [file.sha256 for file in model.files]
        for known in index.models:
            alike = known.kind is model.kind and [file.sha256 for file in known.files] == digests
            if alike and all(file.path.exists() for file in known.files):
                return known
        return None

    def _refuse_taken(self, name: str, index: Index, files: Sequence[StoredFile]) -> None:
        taken = index.named(name)
        if taken is None or not taken.files[0].path.exists() or taken.sha256 == files[0].sha256:
            return
        raise ModelError(
            f"another {taken.kind.words} is called {name} already: give this one a name of its own with --name, "
            f"or remove the other with `edge models rm {name}`"
        )

    def _verified(self, model: StoredModel, file: StoredFile, tally: Tally) -> StoredFile:
        digest = hash_file(file.path, tally)
        if digest != file.sha256:
            how = f"its SHA-256 was {file.sha256[:12]}… and is {digest[:12]}…"
            raise ModelError(self._altered(model, file, how))
        status = self._status(model, file)
        return replace(file, mtime_ns=status.st_mtime_ns, inode=status.st_ino)

    def _status(self, model: StoredModel, file: StoredFile) -> os.stat_result:
        try:
            return file.path.stat()
        except OSError as error:
            raise ModelError(
                f"the {model.kind.words} {model.name} is gone: {file.path} can't be read ({error.strerror}); "
                f"bring it back, or forget it with `edge models rm {model.name}`"
            ) from error

    def _altered(self, model: StoredModel, file: StoredFile, how: str) -> str:
        return (
            f"the {model.kind.words} {model.name} is refused: {file.path} was altered since it was added ({how}); "
            f"remove it with `edge models rm {model.name}` and add a good copy with `edge models add FILE`"
        )

    def _owns(self, path: Path) -> bool:
        home = self.directory.absolute()
        return home in (path.parent, path.parent.parent)

    def _index(self) -> Index:
        return read_index(self.directory)

    def _write(self, index: Index) -> None:
        write_index(self.directory, index)

    @contextmanager
    def _staging(self) -> Iterator[Path]:
        """A directory for what is not yet a model, gone afterwards unless it became one; only with the lock held."""
        for left_behind in self.directory.glob(".adding-*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        try:
            staging = Path(tempfile.mkdtemp(dir=self.directory, prefix=".adding-"))
        except OSError as error:
            raise ModelError(f"{self.directory} can't be written: {error.strerror}") from error
        staging.chmod(0o755)
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)

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


def fitting(name: str) -> str:
    """The name as the file system and a command line like it; never one that could leave the directory."""
    welcome = _UNWELCOME.sub("-", name).strip("-.") or "model"
    return f"{welcome}-model" if welcome == FILE_NAME else welcome


def _unplaced(bundle: Bundle, digests: Sequence[str]) -> tuple[StoredFile, ...]:
    return tuple(StoredFile(file, digest, 0, 0, 0) for file, digest in zip(bundle.files, digests, strict=True))


@lru_cache(maxsize=4)
def _header_of(path: Path, version: tuple[int, ...]) -> GgufHeader:  # noqa: ARG001 (tells one file there from the next)
    """Read once: passing over a large vocabulary takes a twentieth of a second, on a small board half of one."""
    return read_header(path)
