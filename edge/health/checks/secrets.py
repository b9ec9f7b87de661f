"""Whether files with passwords, tokens and keys can be read by those alone who need them."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, Fix, fine, note
from edge.health.ground import Ground
from edge.settings.secrets import open_to

_CHECK: Final = "secrets"
_HOLD: Final = ("password", "token", "pin", "passphrase")
"""Keys whose values are secrets themselves."""


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """Files with secrets, and who else may read them."""

    files: tuple[str, ...] = ()
    open_to: tuple[tuple[str, str], ...] = ()
    """Each file with whom."""
    writable: tuple[str, ...] = ()
    """Settings that everybody on this machine may change."""


async def look(ground: Ground) -> SecretFacts:
    """Those that the settings name, and the settings' own files where they hold secrets."""
    facts: SecretFacts = await ground.aside(_looked, ground)
    return facts


def check(facts: SecretFacts) -> Iterator[Finding]:
    """One finding for each that others may read."""
    for file, who in facts.open_to:
        text = f"{file} holds a secret, and {who} may read it"
        yield note(_CHECK, text, f"chmod 600 {file}", fix=Fix("close_file", file))
    for file in facts.writable:
        text = f"Everybody on this machine may change {file}"
        yield note(_CHECK, text, f"chmod o-w {file}", fix=Fix("close_file", file))
    if facts.files and not facts.open_to and not facts.writable:
        yield fine(_CHECK, f"{len(facts.files)} files with secrets can be read by nobody else")


def _looked(ground: Ground) -> SecretFacts:
    settings, places = ground.loaded.settings, ground.loaded.places
    named = (
        settings.mqtt.password_file,
        settings.mqtt.client_key,
        settings.http.key,
        settings.confirm.pin_file,
        settings.backup.passphrase_file,
        *(file for file in ground.loaded.files if _holds_secret(file)),
        places.state / "http-tokens.json",
    )
    files = [file for file in dict.fromkeys(named) if file is not None and _is_file(file)]
    opened = [(str(file), who) for file in files if (who := open_to(file)) is not None]
    writable = [str(file) for file in ground.loaded.files if _is_writable(file)]
    return SecretFacts(tuple(map(str, files)), tuple(opened), tuple(writable))


def _holds_secret(file: Path) -> bool:
    """Whether a file of settings has a secret in it, and not the name of a file with one."""
    import tomllib

    def holds(value: object) -> bool:
        if isinstance(value, dict):
            return any((key in _HOLD and isinstance(one, str) and one) or holds(one) for key, one in value.items())
        return isinstance(value, list) and any(map(holds, value))

    try:
        return holds(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return False


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:
        return False


def _is_writable(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return False
