"""Where secrets of a seed are kept: one file each, readable for the service's user alone."""

import hashlib
from pathlib import Path
from typing import Any, Final

from edge.appliance.files import read_bounded, write_private
from edge.appliance.places import Machine
from edge.appliance.seed.blanking import Path_, at
from edge.appliance.seed.model import SETTINGS_SECRETS, Network
from edge.files import sync_directory

_MOST_BYTES: Final = 16 * 1024


def movable(path: Path_, value: str) -> bool:
    """Whether a secret of the settings is one that a file of one line can hold."""
    if path == ("confirm", "pin"):
        return value.isascii() and value.isdigit() and 4 <= len(value) <= 12
    return value.isprintable() and len(value.encode()) < _MOST_BYTES


def keep_settings_secrets(machine: Machine, document: dict[str, Any]) -> tuple[Path_, ...]:
    """Store what the settings have of them, on the disk when this returns; which those were. Raises OSError."""
    kept = []
    with machine.as_service():
        machine.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in SETTINGS_SECRETS:
            value = at(document, path)
            if isinstance(value, str) and value and movable(path, value):
                write_private(file_of(machine, path), f"{value}\n".encode())
                kept.append(path)
    return tuple(kept)


def keep_network_secrets(machine: Machine, networks: tuple[Network, ...]) -> None:
    """Store their passwords, on the disk when this returns. Raises OSError."""
    with machine.as_service():
        machine.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        for network in networks:
            if network.password:
                write_private(_file_of_network(machine, network.ssid), f"{network.password}\n".encode())


def network_password(machine: Machine, network: Network) -> str:
    """What the seed says, or said once; empty for an open network."""
    if network.password:
        return network.password
    return _stored(machine, _file_of_network(machine, network.ssid)) or ""


def with_files(machine: Machine, document: dict[str, Any]) -> dict[str, Any]:
    """The settings with the secrets' files in the place of the secrets; an empty one stands for what was stored.

    One that could not be stored, on a card that is full, stays where it is.
    """
    settings = dict(document)
    for path, key in SETTINGS_SECRETS.items():
        table = settings.get(str(path[0]))
        if not isinstance(table, dict) or path[1] not in table:
            continue
        value = table[path[1]]
        if value and not (isinstance(value, str) and movable(path, value)):
            continue  # what is wrong with it is told by who reads the settings
        file = file_of(machine, path)
        stored = _stored(machine, file)
        if value and stored != value:
            continue
        rest = {name: one for name, one in table.items() if name != path[1]}
        settings[str(path[0])] = rest | ({key: str(file)} if stored is not None else {})
    return settings


def forget_unused(machine: Machine, document: dict[str, Any], networks: tuple[Network, ...]) -> None:
    """Remove secrets whose keys are no longer in the seed. Raises OSError."""
    used = {file_of(machine, path).name for path in SETTINGS_SECRETS if _mentioned(document, path)}
    used |= {_file_of_network(machine, network.ssid).name for network in networks}
    ours = {file_of(machine, path).name for path in SETTINGS_SECRETS}
    with machine.as_service():
        if not machine.secrets.is_dir():
            return
        for file in machine.secrets.iterdir():
            if (file.name in ours or file.name.startswith("wifi-")) and file.name not in used:
                file.unlink()
        sync_directory(machine.secrets)


def file_of(machine: Machine, path: Path_) -> Path:
    """Where a secret of the settings is kept."""
    return machine.secrets / "-".join(str(step) for step in path)


def _stored(machine: Machine, file: Path) -> str | None:
    """What a file of a secret holds; None where there is none."""
    try:
        with machine.as_service():
            return read_bounded(file, _MOST_BYTES).decode().rstrip("\n")
    except (OSError, UnicodeDecodeError):
        return None


def _file_of_network(machine: Machine, ssid: str) -> Path:
    return machine.secrets / f"wifi-{hashlib.sha256(ssid.encode()).hexdigest()[:16]}"


def _mentioned(document: dict[str, Any], path: Path_) -> bool:
    table = document.get(str(path[0]))
    return isinstance(table, dict) and path[1] in table
