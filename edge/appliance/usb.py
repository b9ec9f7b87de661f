"""What a USB stick brings in its folder "edge": models, voices, wake words, an update. Everything else is left alone.

The stick is mounted to be read alone, without programs, devices and links; this runs as the service's user, with a
bounded memory, since a file that somebody made is read here.
"""

import logging
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.appliance.errors import ApplianceError
from edge.appliance.offers import Judge, best_of
from edge.errors import EdgeError
from edge.files import held, sync_directory
from edge.models import ModelStore
from edge.models.kinds import Bundle, candidates, examine

log = logging.getLogger(__name__)

FOLDER: Final = "edge"
UPDATE_ENDING: Final = ".bundle"
WAITING: Final = "waiting.bundle"
"""What an update is called that was taken in: its name on the stick is nobody's command line."""
LEFT_FREE_BYTES: Final = 512 << 20
"""On the card, for what the house does."""
_MOST_FILES: Final = 64
_MOST_UPDATE_BYTES: Final = 2 << 30
_PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Import:
    """What became of one thing on the stick."""

    name: str
    what: str
    """"language model", "update", …; empty where it is nothing that could be used."""
    done: bool
    text: str = ""
    """Why not, or that it was here already."""


def import_from(mount: Path, state: Path, judge: Judge) -> Iterator[Import]:
    """Take in what is there, one after the other; raises `ApplianceError` where the stick can't be read.

    `judge` says which updates this machine could apply.
    """
    folder = _folder(mount)
    if folder is None:
        return
    yield from _updates(folder, state, judge)
    store = ModelStore(state / "models")
    for count, path in enumerate(candidates(folder)):
        if count >= _MOST_FILES:
            yield Import(path.name, "", done=False, text=f"only {_MOST_FILES} files of a stick are looked at")
            return
        yield _model(path, store, state)


def _model(path: Path, store: ModelStore, state: Path) -> Import:
    what = ""
    try:
        bundle = examine(path)
        what = bundle.kind.words
        size = _size(bundle)
        known = next((one for one in store.models() if one.name == bundle.name), None)
        if known is not None and sum(file.size_bytes for file in known.files) == size:
            return Import(bundle.name, what, done=True, text="it was here already")
        _room_for(size, state)
        model = store.add(path)
    except (EdgeError, OSError) as error:
        log.warning("usb.refused", extra={"file": path.name, "reason": str(error)})
        return Import(path.name, what, done=False, text=str(error))
    log.info("usb.taken", extra={"file": path.name, "model": model.name, "bytes": size})
    return Import(model.name, what, done=True)


def _updates(folder: Path, state: Path, judge: Judge) -> Iterator[Import]:
    """The newest that this machine could apply is handed to what does so; a stick may stay where it is for years."""
    try:
        found = sorted(file for file in folder.iterdir() if file.suffix == UPDATE_ENDING and _is_plain(file))
    except OSError as error:
        raise ApplianceError(f"{folder} can't be read: {error.strerror or error}") from error
    best = best_of(judge(file) for file in found[:_MOST_FILES])
    if best is None:
        return
    newest = best.file
    if best.already:
        yield Import(newest.name, "update", done=True, text="it runs already")
        return
    try:
        if best.why_not:
            raise ApplianceError(best.why_not)
        size = newest.stat().st_size
        if size > _MOST_UPDATE_BYTES:
            raise ApplianceError(f"{newest.name} is too long for an update: {size >> 20} MiB")
        _room_for(size, state)
        target = state / "updates" / WAITING
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(target.parent, ApplianceError("an update of another stick is being copied: put this one in again")):
            _copy(newest, target, size)
    except (EdgeError, OSError) as error:
        log.warning("usb.refused", extra={"file": newest.name, "reason": str(error)})
        yield Import(newest.name, "update", done=False, text=str(error))
        return
    log.info("usb.taken", extra={"file": newest.name, "bytes": size})
    yield Import(newest.name, "update", done=True)


def _folder(mount: Path) -> Path | None:
    try:
        entries = list(mount.iterdir())
    except OSError as error:
        raise ApplianceError(f"the stick can't be read: {error.strerror or error}") from error
    return next((one for one in entries if one.name.lower() == FOLDER and one.is_dir() and not one.is_symlink()), None)


def _size(bundle: Bundle) -> int:
    for file in bundle.files:
        if not _is_plain(file):
            raise ApplianceError(f"{file.name} is a link or no plain file: copy the file itself")
    return sum(file.stat().st_size for file in bundle.files)


def _is_plain(file: Path) -> bool:
    return stat.S_ISREG(file.lstat().st_mode)


def _room_for(size: int, state: Path) -> None:
    free = shutil.disk_usage(state).free
    if size > free - LEFT_FREE_BYTES:
        raise ApplianceError(
            f"there is no room for {size >> 20} MiB: {free >> 20} MiB are free, {LEFT_FREE_BYTES >> 20} MiB stay so"
        )


def _copy(source: Path, target: Path, size: int) -> None:
    """All of it or nothing."""
    fresh = target.with_name("coming")
    number = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        with os.fdopen(number, "rb") as reader, fresh.open("wb") as writer:
            left = size
            while left > 0 and (piece := reader.read(min(_PIECE_BYTES, left))):
                writer.write(piece)
                left -= len(piece)
            writer.flush()
            os.fsync(writer.fileno())
        if left > 0:
            raise ApplianceError(f"{source.name} ended too early: was the stick pulled out?")
        fresh.replace(target)
        sync_directory(target.parent)
    finally:
        fresh.unlink(missing_ok=True)
