"""Restores a backup on this board: unpacked and verified beside what is here, then put in its place, all or nothing."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.files import held, replace_file
from edge.settings import Places, SettingsError, load
from edge.settings.editing import edited
from edge.upkeep.contents import Place, state_files
from edge.upkeep.errors import BackupError
from edge.upkeep.owner import as_owner, create_private, owner_of
from edge.upkeep.reading import Contents, Progress, opened_backup, unpack, verify_settings, verify_state
from edge.upkeep.service_control import ServiceControl
from edge.upkeep.swapping import Swap, call_off, recover, sweep

NAME_FILE: Final = "99-name.toml"
_IDENTITY: Final = "appliance-id"
_MODELS: Final = "models"
_SPARE_BYTES: Final = 64 << 20
_ENDED_WITHIN_S: Final = 20

Settings = dict[tuple[str, ...], bytes]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place."""

    contents: Contents
    node: str
    """What this board is called from now on."""
    problems: tuple[str, ...]
    """Settings that this edge can't use."""
    models: tuple[str, ...]
    """Models that were there then and are not here now."""


def check(places: Places, file: Path, passphrase: str | None, progress: Progress) -> Contents:
    """Read all of a backup without changing anything: it is unpacked, verified and thrown away."""
    return _prepared(places, file, passphrase, progress, None)[0]


def restore(
    places: Places,
    file: Path,
    passphrase: str | None,
    progress: Progress,
    control: ServiceControl,
    *,
    name: str | None = None,
    stop: bool = False,
) -> Restored:
    """`name`: what this board is to be called, in the place of what that one was; `stop`: end a running service.

    Raises `BackupError`; then everything is as it was.
    """
    recover(places)
    contents, swap, node, problems = _prepared(places, file, passphrase, progress, name, keep=True)
    try:
        _swap_in(swap, places, control, stop=stop)
        call_off(places)
        take_in_wake_words(swap, places)
        return Restored(contents, node, problems, missing_models(places, contents))
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{file} was not restored, and everything is as it was: {error}") from error
    finally:
        swap.clear()


def unpacked(
    places: Places, file: Path, passphrase: str | None, progress: Progress, swap: Swap
) -> tuple[Contents, Settings]:
    """State and wake words of a backup, staged and verified, and its settings. Raises `BackupError` and OSError."""
    with opened_backup(file, passphrase) as (contents, reader), as_owner(places.state):
        _room_for(contents, places)
        state = swap.staged(places.state)
        state.mkdir(parents=True, mode=0o700)
        staging = {Place.STATE: state, Place.MODELS: state.with_name(_MODELS)}
        settings = unpack(contents, reader, staging, progress)
        verify_state(state)
    verify_settings(settings)
    return contents, _for_this_board(settings, places)


def arranged(
    places: Places, swap: Swap, contents: Contents, settings: Settings, name: str | None = None
) -> tuple[Swap, str, tuple[str, ...]]:
    """What is staged with its settings beside it: all to be swapped, the board's name, and settings of no use here."""
    _stage(settings, swap, places)
    node = _named(settings, contents, swap, places, name)
    _stage(settings, swap, places)
    problems = tuple(str(problem) for problem in load(_as_staged(places, swap), {}).problems)
    return _with_what_goes(swap.found(), places, contents), node, problems


def _prepared(
    places: Places, file: Path, passphrase: str | None, progress: Progress, name: str | None, *, keep: bool = False
) -> tuple[Contents, Swap, str, tuple[str, ...]]:
    """Everything staged and verified; with `keep` it stays for who swaps it in."""
    done = False
    swap = Swap.between(places, secrets.token_hex(6))
    try:
        places.state.mkdir(parents=True, exist_ok=True)
        places.config.parent.mkdir(parents=True, exist_ok=True)
        sweep(places)
        contents, settings = unpacked(places, file, passphrase, progress, swap)
        if name is not None:
            # Another name is another appliance: it keeps what it is known by to others.
            with as_owner(places.state):
                (swap.staged(places.state) / _IDENTITY).unlink(missing_ok=True)
        whole, node, problems = arranged(places, swap, contents, settings, name)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{file} can't be unpacked beside what is here, and nothing was changed: {error}") from error
    else:
        done = keep
        return contents, whole, node, problems
    finally:
        if not done:
            swap.clear()


def _room_for(contents: Contents, places: Places) -> None:
    free = shutil.disk_usage(places.state).free
    if contents.size_bytes + _SPARE_BYTES > free:
        raise BackupError(
            f"there is no room for it: {contents.size_bytes >> 20} MiB are unpacked, and {free >> 20} MiB are free in "
            f"{places.state}"
        )


def _for_this_board(settings: Settings, places: Places) -> Settings:
    """The configuration file is called here as it is called here."""
    return {(places.config.name,) if len(path) == 1 else path: data for path, data in settings.items()}


def _stage(settings: Settings, swap: Swap, places: Places) -> None:
    """Files of settings, for root and the service's user alone."""
    root = swap.staged(places.config.parent)
    owner = owner_of(places.state)
    for path, data in settings.items():
        target = root.joinpath(*path)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.unlink(missing_ok=True)
        with create_private(target) as stream:
            stream.write(data)
        if owner is not None:
            os.chown(target, 0, owner[1])
            target.chmod(0o640)


def _named(settings: Settings, contents: Contents, swap: Swap, places: Places, name: str | None) -> str:
    """What the board will be called; a file of settings says so where the others would not."""
    wanted = name or contents.node
    own = ("conf.d", NAME_FILE)
    if name is not None:
        _forget_name(_as_staged(places, swap).own, places)
    if name is not None or load(_as_staged(places, swap), {}).settings.node != wanted:
        settings[own] = f'# What this board is called since a backup was restored on it.\nnode = "{wanted}"\n'.encode()
    return wanted


def _forget_name(own: Path, places: Places) -> None:
    """What was set on the page of the other board counts over all files of settings."""
    with as_owner(places.state):
        if own.is_file():
            with suppress(SettingsError, UnicodeDecodeError):
                replace_file(own, edited(own.read_text(encoding="utf-8"), {"node": None}).encode())


def _as_staged(places: Places, swap: Swap) -> Places:
    return replace(
        places, config=swap.staged(places.config.parent) / places.config.name, state=swap.staged(places.state)
    )


def _with_what_goes(swap: Swap, places: Places, contents: Contents) -> Swap:
    """What is here and was not there goes away, but for secrets that the backup can't have."""
    with as_owner(places.state):
        history = any(name.endswith(f"/{places.history.name}") for name in (file.name for file in contents.files))
        here = state_files(places, history=history)
        names = ["/".join(item.path) for item in here if contents.encrypted or not item.secret]
    return replace(swap, gone_state=tuple(name for name in names if name not in swap.put_state and name != _IDENTITY))


def _swap_in(swap: Swap, places: Places, control: ServiceControl, *, stop: bool) -> None:
    was_active = control.active()
    running = was_active or control.pulse() is not None
    if running and not (stop and was_active):
        raise BackupError(
            "the service runs: end it first (sudo systemctl stop edge), or have this end it and start it again (--stop)"
        )
    if was_active:
        control.stop()
    try:
        held_by_it = BackupError(f"{places.state} is in use by a running edge: end it first")
        with held(places.state, held_by_it):
            swap.carry_out()
    finally:
        if was_active:
            control.restart()


def take_in_wake_words(swap: Swap, places: Places) -> None:
    """Wake words of one's own go into the store, where they are not in it; one that it refuses is no loss of state."""
    from edge.models import ModelError, ModelStore

    with as_owner(places.state), suppress(OSError):
        store = ModelStore(places.models)
        for directory in sorted(swap.staged(places.state).with_name(_MODELS).iterdir()):
            with suppress(ModelError):
                if all(model.name != directory.name for model in store.models()):
                    store.add(_first(directory), name=directory.name)


def _first(directory: Path) -> Path:
    files = sorted(directory.iterdir(), key=lambda file: file.suffix != ".tflite")
    return files[0]


def staged_wake_words(swap: Swap, places: Places) -> tuple[str, ...]:
    """Names of those that a backup has brought."""
    with as_owner(places.state), suppress(OSError):
        return tuple(one.name for one in swap.staged(places.state).with_name(_MODELS).iterdir())
    return ()


def missing_models(places: Places, contents: Contents, but: Collection[str] = ()) -> tuple[str, ...]:
    """Names of models that were there then and are not here, and where they can be pulled from; `but` those."""
    from edge.models import ModelError
    from edge.models.index import read_index

    here: set[str] = set()
    with suppress(ModelError, OSError):
        here = {file.sha256 for model in read_index(places.models).models for file in model.files}
    return tuple(
        _called(model)
        for model in contents.models
        if model.get("name") not in but and not {str(file.get("sha256")) for file in _listed(model.get("files"))} & here
    )


def _called(model: Mapping[str, object]) -> str:
    origin = model.get("origin")
    return f"{model.get('name')} ({origin})" if origin else str(model.get("name"))


def _listed(files: object) -> list[Mapping[str, object]]:
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
