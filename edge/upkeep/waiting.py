"""Restoring a backup at the service's next start: all of it is read, verified and staged while the service runs.

Whoever asks may be the service's user, and who puts it in place root: keys of updates and the tables that root's
commands go by are not brought in this way.
"""

import json
import logging
import secrets
import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge.errors import EdgeError
from edge.files import held, replace_file
from edge.settings import Places
from edge.settings.loading import ROOTS
from edge.settings.secrets import opened
from edge.upkeep.backup import file_name, make_backup
from edge.upkeep.contents import MOST_SMALL_BYTES, Place, packed_name, unpacked_name
from edge.upkeep.errors import BackupError
from edge.upkeep.facts import LAST_RESTORE
from edge.upkeep.installation import sync_file_system
from edge.upkeep.manifest import Packed
from edge.upkeep.owner import as_owner, create_private
from edge.upkeep.reading import Contents, Progress, verify_settings
from edge.upkeep.restoring import (
    Settings,
    arranged,
    missing_models,
    staged_wake_words,
    take_in_wake_words,
    unpacked,
)
from edge.upkeep.swapping import STAGING, WAITING, Swap, call_off, interrupted, recover, sweep

log = logging.getLogger(__name__)

_SETTINGS: Final = "settings"
_KEYS: Final = "keys"
_MOST_BYTES: Final = 8 << 20
_MOST_SETTINGS: Final = 1000
_BACKUPS: Final = "backups"


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for the next start."""

    id: str
    contents: Contents
    kept: str
    """The name of the backup of what is here."""

    def to_json(self) -> bytes:
        """As it is kept."""
        return json.dumps({"id": self.id, "kept": self.kept, "contents": asdict(self.contents)}).encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended; written into the state with the rest of the backup, so that one is there where the other is."""

    id: str
    at: str
    ok: bool
    error: str = ""
    node: str = ""
    made: str = ""
    version: str = ""
    files: int = 0
    kept: str = ""
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def ask(
    places: Places, file: Path, passphrase: str | None, node: str, reading: Progress, keeping: Progress
) -> tuple[Contents, Path]:
    """Have the next start put `file` in place; what it holds, and the backup of what is here, encrypted as it is.

    `node`: what this board is called. What waited before waits no more. Raises `BackupError`; then nothing waits.
    """
    if interrupted(places) is not None:
        raise BackupError("another backup is half in place: start the service again, which goes on with it")
    swap = Swap.between(places, secrets.token_hex(6))
    staging = _staging(places, swap.id)
    try:
        call_off(places)
        sweep(places)
        contents, settings = unpacked(places, file, passphrase, reading, swap)
        settings = _unprivileged(settings, places)
        kept = places.state / _BACKUPS / file_name(node)
        with as_owner(places.state):
            _stage_settings(settings, staging / _SETTINGS)
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            make_backup(places, node, kept, passphrase if contents.encrypted else None, keeping)
            sync_file_system(places.state)
            replace_file(staging / WAITING, Asked(swap.id, contents, kept.name).to_json())
    except (OSError, sqlite3.Error) as error:
        swap.clear()
        raise BackupError(f"{file} can't be unpacked beside what is here, and nothing was changed: {error}") from error
    except BaseException:
        swap.clear()
        raise
    return contents, kept


def put_in_place(places: Places) -> Outcome | None:
    """What a start does before anything is opened: put in place what waits, or go on with what was cut off.

    None where nothing waited. Raises `BackupError` where what was begun can be neither ended nor undone.
    """
    asked = _waiting(places)
    if asked is None:
        recover(places)
        return None
    with held(places.state, BackupError(f"{places.state} is in use by a running edge: end it first")):
        try:
            outcome = _put_in_place(places, asked)
        except (EdgeError, OSError, sqlite3.Error) as error:
            if interrupted(places) is not None:
                raise BackupError(f"a backup is half in place; the next start goes on with it: {error}") from error
            outcome = Outcome(asked.id, _now(), ok=False, error=_why(error), **_said(asked))
            with suppress(OSError), as_owner(places.state):
                replace_file(places.state / LAST_RESTORE, _document(outcome))
        Swap.between(places, asked.id).clear()
        call_off(places)
    log.info("restore.done" if outcome.ok else "restore.failed", extra={"node": outcome.node, "why": outcome.error})
    return outcome


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{error.filename} can't be written by the service; as root: sudo edge restore FILE --stop"
    return str(error)


def _put_in_place(places: Places, asked: Asked) -> Outcome:
    """From wherever it was left: the outcome is in the state as soon as all the rest is."""
    swap = Swap.between(places, asked.id)
    left = interrupted(places)
    if left is not None and left.id == asked.id:
        left.carry_out()
    else:
        recover(places)
    outcome = _last(places)
    if outcome is None or outcome.id != asked.id:
        outcome = _carry_out(places, swap, asked)
    take_in_wake_words(swap, places)
    return outcome


def _carry_out(places: Places, swap: Swap, asked: Asked) -> Outcome:
    settings = _unprivileged(_staged_settings(places, asked.id), places)
    whole, node, problems = arranged(places, swap, asked.contents, settings)
    facts = _said(asked) | {
        "node": node,
        "problems": tuple(one.replace(f"{STAGING}{asked.id}/new/", "") for one in problems),
        "models": missing_models(places, asked.contents, staged_wake_words(swap, places)),
    }
    outcome = Outcome(asked.id, _now(), ok=True, **facts)
    with as_owner(places.state):
        replace_file(swap.staged(places.state) / LAST_RESTORE, _document(outcome))
    replace(whole, put_state=(*whole.put_state, LAST_RESTORE)).carry_out()
    return outcome


def _unprivileged(settings: Settings, places: Places) -> Settings:
    """Settings without keys. Raises `BackupError` where a table that root's commands go by is another than here."""
    kept = {path: data for path, data in settings.items() if path[0] != _KEYS}
    for path, data in kept.items():
        here = places.config.parent.joinpath(*path)
        for table in ROOTS:
            if _table(data, table) not in (None, _table(here.read_bytes() if here.is_file() else b"", table)):
                raise BackupError(
                    f"[{table}] of {path[-1]} in it is not as it is here, and only root may change that: "
                    "sudo edge restore FILE --stop"
                )
    return kept


def _table(data: bytes, name: str) -> object:
    with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return tomllib.loads(data.decode("utf-8-sig")).get(name)
    return None


def _staging(places: Places, identifier: str) -> Path:
    return places.state / f"{STAGING}{identifier}"


def _stage_settings(settings: Settings, directory: Path) -> None:
    """Beside the staged state, as the service's user can't write where they belong."""
    for path, data in settings.items():
        target = directory.joinpath(*path)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with create_private(target) as stream:
            stream.write(data)


def _staged_settings(places: Places, identifier: str) -> Settings:
    """Read as whom they were written by, and judged as if they came from elsewhere. Raises `BackupError`, OSError."""
    directory, found = _staging(places, identifier) / _SETTINGS, {}
    with as_owner(places.state):
        for file in sorted(directory.rglob("*"))[:_MOST_SETTINGS]:
            path = file.relative_to(directory).parts
            if file.is_symlink() or file.is_dir():
                continue
            unpacked_name(packed_name(Place.CONFIG, path))
            with opened(file) as stream:
                found[path] = stream.read(MOST_SMALL_BYTES)
    verify_settings(found)
    return found


def _waiting(places: Places) -> Asked | None:
    """What the next start is to do. What can't be read is none of ours, and goes."""
    with as_owner(places.state):
        file = next(iter(sorted(places.state.glob(f"{STAGING}*/{WAITING}"))), None)
        if file is None:
            return None
        try:
            with opened(file) as stream:
                plain = json.loads(stream.read(_MOST_BYTES))
            asked = Asked(str(plain["id"]), _contents(plain["contents"]), str(plain["kept"]))
            if file.parent == _staging(places, asked.id):
                return asked
            why = "it lies elsewhere"
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            why = str(error)
    log.warning("restore.unreadable", extra={"file": str(file), "why": why})
    call_off(places)
    return None


def _contents(plain: Mapping[str, Any]) -> Contents:
    files = tuple(Packed(**one) for one in plain["files"])
    return Contents(**{**plain, "files": files, "models": tuple(plain["models"]), "left_out": tuple(plain["left_out"])})


def _last(places: Places) -> Outcome | None:
    with suppress(OSError, ValueError, TypeError, RecursionError), as_owner(places.state):
        with opened(places.state / LAST_RESTORE) as stream:
            plain = json.loads(stream.read(_MOST_BYTES))
        lists = {key: tuple(plain[key]) for key in ("problems", "left_out", "models")}
        return Outcome(**{**plain, **lists})
    return None


def _said(asked: Asked) -> dict[str, Any]:
    contents = asked.contents
    return {
        "node": contents.node,
        "made": contents.made,
        "version": contents.version,
        "files": len(contents.files),
        "kept": asked.kept,
        "left_out": contents.left_out,
    }


def _document(outcome: Outcome) -> bytes:
    return json.dumps(asdict(outcome), ensure_ascii=False).encode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
