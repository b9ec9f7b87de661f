"""Pulling a model from a hub: its files, resumed where they broke off, held against the hub's digests, and admitted.

What has come lies in `.pull/NAME` inside the store: a note of what is being pulled, and the files. It is a model only
when all of it is there, has the digests and reads as a model; until then a run begins where the last one ended.
"""

import hashlib
import http.client
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, TypeVar

from edge.errors import EdgeError
from edge.files import held
from edge.models.errors import ModelError
from edge.models.files import CHUNK, Progress, Tally, megabytes, silent
from edge.models.hub import Hub, HubError, HubFile, RangeError, Repository, git_blob
from edge.models.index import StoredModel
from edge.models.kinds import Kind, examine
from edge.models.order import Order
from edge.models.store import ModelStore, fitting

log = logging.getLogger(__name__)

FRUITLESS: Final = 5
"""Attempts in a row that bring not one byte before it gives up."""
LONGEST_WAIT_S: Final = 120.0
DIRECTORY: Final = ".pull"
NOTE: Final = "pull.json"
FILES: Final = "files"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a broken-off pull has left: its name, repository, and how much of it there is."""

    name: str
    repository: str
    done_bytes: int
    size_bytes: int


def pull(
    hub: Hub,
    store: ModelStore,
    order: Order,
    *,
    progress: Progress = silent,
    wait: Callable[[float], None] = time.sleep,
) -> StoredModel:
    """Bring the files, verify them and admit the model; run again after whatever stopped it, it goes on from there.

    Raises `ModelError`. What has come by then stays, unless it turned out to be wrong.
    """
    if (known := _known(store, order)) is not None:
        return known
    try:
        model = _pull(hub, store, order, progress, wait)
    except OSError as error:
        raise ModelError(f"{store.directory} can't be used: {error.strerror or error}") from error
    log.info("models.pulled", extra={"model": model.name, "repository": order.repository.id})
    return model


def _pull(hub: Hub, store: ModelStore, order: Order, progress: Progress, wait: Callable[[float], None]) -> StoredModel:
    with _workplace(store, order) as place:
        resuming = _note(place, order)
        files = place / FILES
        if resuming:
            _take_back(store, order, files)
        files.mkdir(exist_ok=True)
        there = sum(min(_size(files / file.name), file.size_bytes) for file in order.files)
        store.require_space(max(0, order.size_bytes - there), order.name)
        tally = Tally(order.size_bytes, progress)
        digests = [_Download(hub, order.repository, file, files / file.name, tally, wait).run() for file in order.files]
        try:
            bundle = examine(files / order.files[0].name)
        except EdgeError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        by_name = {file.name: digest for file, digest in zip(order.files, digests, strict=True)}
        model = store.admit(
            bundle,
            [by_name[file.name] for file in bundle.files],
            name=order.name,
            license_=order.repository.license,
            origin=f"{order.repository.id}@{order.repository.revision}",
        )
        shutil.rmtree(place, ignore_errors=True)
    return model


def patiently(call: Callable[[], Result], wait: Callable[[float], None] = time.sleep) -> Result:
    """What the call returns, made again where the hub's failure is a passing one."""
    for fruitless in range(1, FRUITLESS):
        try:
            return call()
        except HubError as error:
            if not error.passing:
                raise
            wait(_pause(error, fruitless))
    return call()


def unfinished(store: ModelStore) -> tuple[Unfinished, ...]:
    """Pulls that broke off and may be resumed."""
    return tuple(one for place in sorted((store.directory / DIRECTORY).glob("*/")) if (one := _read_note(place)))


def drop(store: ModelStore, name: str) -> bool:
    """Delete what a broken-off pull of that name has left; whether there was any."""
    place = store.directory / DIRECTORY / fitting(name)
    if not place.is_dir():
        return False
    with _held(place):
        shutil.rmtree(place, ignore_errors=True)
    return True


class _Download:
    """One file on its way: what is there is hashed once, then every byte as it comes."""

    def __init__(
        self, hub: Hub, repository: Repository, file: HubFile, path: Path, tally: Tally, wait: Callable[[float], None]
    ) -> None:
        self._hub = hub
        self._repository = repository
        self._file = file
        self._path = path
        self._tally = tally
        self._wait = wait
        self._resumed = False
        self._forget()

    def run(self) -> str:
        """Bring the rest of the file; returns its SHA-256. Raises `ModelError`."""
        try:
            with self._path.open("a+b", buffering=0) as out:
                self._take_stock(out)
                while not self._complete(out):
                    self._bring_rest(out)
                os.fsync(out.fileno())
        except OSError as error:
            raise ModelError(
                f"{self._path} can't be written: {error.strerror or error}. {megabytes(self._done)} of "
                f"{self._file.name} have come and stay: make room, then pull again and it goes on from there"
            ) from error
        return self._sha256.hexdigest()

    def _forget(self) -> None:
        self._done = 0
        self._sha256 = hashlib.sha256()
        self._git = None if self._file.sha256 else git_blob(self._file.size_bytes)

    def _restart(self, out: FileIO) -> None:
        out.truncate(0)
        self._tally.add(-self._done)
        self._forget()

    def _take_stock(self, out: FileIO) -> None:
        out.seek(0)
        while chunk := out.read(CHUNK):
            self._account(chunk)
        self._resumed = self._done > 0

    def _account(self, chunk: bytes | memoryview) -> None:
        self._sha256.update(chunk)
        if self._git is not None:
            self._git.update(chunk)
        self._done += len(chunk)
        self._tally.add(len(chunk))

    def _complete(self, out: FileIO) -> bool:
        """Whether all is there and right; what is wrong is thrown away, and fetched anew if some of it was old."""
        if self._done < self._file.size_bytes:
            return False
        if self._done == self._file.size_bytes and self._as_listed():
            return True
        self._restart(out)
        if not self._resumed:
            raise ModelError(
                f"{self._file.name} came in full, but is not what {self._hub.page(self._repository.id)} says it is "
                "(its SHA-256 differs): nothing was kept. Pull again; if it happens twice, don't trust that hub"
            )
        self._resumed = False
        return False

    def _as_listed(self) -> bool:
        if self._git is not None:
            return self._git.hexdigest() == self._file.git_sha1
        return self._sha256.hexdigest() == self._file.sha256

    def _bring_rest(self, out: FileIO) -> None:
        fruitless = 0
        while self._done < self._file.size_bytes:
            before = self._done
            try:
                self._stream(out)
                failure = HubError(f"{self._hub.base} broke the connection off", passing=True)
            except RangeError:
                self._restart(out)
                failure = HubError(f"{self._hub.base} has less of {self._file.name} than it says", passing=True)
            except HubError as error:
                if not error.passing:
                    raise
                failure = error
            if self._done >= self._file.size_bytes:
                return
            fruitless = 0 if self._done > before else fruitless + 1
            if fruitless >= FRUITLESS:
                raise HubError(
                    f"{failure}; {megabytes(self._done)} of {megabytes(self._file.size_bytes)} have come and stay: "
                    "pull again later and it goes on from there"
                )
            log.info("models.pull_interrupted", extra={"file": self._file.path, "at_byte": self._done})
            self._wait(_pause(failure, fruitless))

    def _stream(self, out: FileIO) -> None:
        """One answer's worth of bytes; returns early where the connection breaks off."""
        with self._hub.bytes_of(self._repository, self._file, self._done) as answer:
            if answer.total is not None and answer.total != self._file.size_bytes:
                raise HubError(
                    f"{self._file.name} has {answer.total} bytes now, not the {self._file.size_bytes} that "
                    f"{self._hub.page(self._repository.id)} lists: it changed meanwhile; pull again"
                )
            if answer.start < self._done:
                self._restart(out)
            self._resumed = answer.start > 0
            while self._done < self._file.size_bytes:
                try:
                    chunk = answer.body.read1(min(CHUNK, self._file.size_bytes - self._done))
                except (OSError, http.client.HTTPException) as error:
                    log.debug("models.pull_broken_off", extra={"reason": str(error)})
                    return
                if not chunk:
                    return
                self._keep(out, memoryview(chunk))

    def _keep(self, out: FileIO, chunk: memoryview) -> None:
        """Write and count; a disk that fills up takes a part of a chunk before it fails."""
        while chunk:
            written = out.write(chunk) or 0
            self._account(chunk[:written])
            chunk = chunk[written:]


def _known(store: ModelStore, order: Order) -> StoredModel | None:
    """The model that is there already, if its files are what they were; refuses a name that another one has."""
    models = [model for model in store.models() if all(file.path.exists() for file in model.files)]
    for model in models:
        if model.sha256 == order.files[0].sha256:
            return store.check(model)
    if any(model.name == order.name for model in models):
        raise ModelError(
            f"another model is called {order.name} already: give this one a name of its own with --name, "
            f"or remove the other with `edge models rm {order.name}`"
        )
    return None


def _take_back(store: ModelStore, order: Order, files: Path) -> None:
    """What an earlier run had put in its place, but was ended before it could enter it into the index."""
    main = order.files[0]
    if (files / main.name).exists() or any(model.name == order.name for model in store.models()):
        return
    if main.name.lower().endswith(".gguf"):
        target = store.place(order.name, Kind.LANGUAGE)
        if _size(target) == main.size_bytes:
            files.mkdir(exist_ok=True)
            target.replace(files / main.name)
    else:
        target = store.place(order.name, Kind.VOICE)
        if not files.exists() and _size(target / main.name) == main.size_bytes:
            target.replace(files)


@contextmanager
def _workplace(store: ModelStore, order: Order) -> Iterator[Path]:
    place = store.directory / DIRECTORY / order.name
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{store.directory} can't be written ({error.strerror}): run as its owner") from error
    with _held(place):
        yield place


def _held(place: Path) -> AbstractContextManager[None]:
    return held(place, ModelError(f"{place.name} is being pulled by another process already"))


def _note(place: Path, order: Order) -> bool:
    """Write down what is being pulled, throw away files begun for something else; whether it was begun before."""
    known = _digests_noted(place)
    try:
        for file in order.files:
            if known.get(file.name) != _identity(file):
                (place / FILES / file.name).unlink(missing_ok=True)
        files = [{"name": file.name, "size_bytes": file.size_bytes, "digest": _identity(file)} for file in order.files]
        document = {"name": order.name, "repository": order.repository.id, "files": files}
        temporary = place / f"{NOTE}.new"
        temporary.write_text(json.dumps(document), encoding="utf-8")
        temporary.replace(place / NOTE)
    except OSError as error:
        raise ModelError(f"{place} can't be written: {error.strerror}") from error
    return known == {file.name: _identity(file) for file in order.files}


def _digests_noted(place: Path) -> dict[str, str]:
    try:
        document = json.loads((place / NOTE).read_bytes())
        return {str(file["name"]): str(file["digest"]) for file in document["files"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _read_note(place: Path) -> Unfinished | None:
    try:
        document = json.loads((place / NOTE).read_bytes())
        sizes = {str(file["name"]): int(file["size_bytes"]) for file in document["files"]}
        repository = str(document["repository"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    done = sum(_size(place / FILES / Path(name).name) for name in sizes)
    return Unfinished(place.name, repository, done, sum(sizes.values()))


def _identity(file: HubFile) -> str:
    return file.sha256 or file.git_sha1 or ""


def _pause(error: HubError, fruitless: int) -> float:
    """Seconds to wait: what the hub asked for, else ever longer."""
    return min(error.wait_s if error.wait_s is not None else float(2**fruitless - 1), LONGEST_WAIT_S)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
