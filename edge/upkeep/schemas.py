"""Which forms of configuration and databases a release reads, and which are there.

`python -m edge.upkeep.schemas` prints the former as JSON: so one release asks another.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.schema import Schema
from edge.upkeep.errors import UpdateError
from edge.upkeep.installation import MANIFEST

CONFIGURATION: Final = "config"
"""What the configuration is called among databases."""
_HEADER_BYTES: Final = 100
_MAGIC: Final = b"SQLite format 3\x00"
_VERSION_AT: Final = slice(60, 64)
_ASKED_WITHIN_S: Final = 60.0


def known_databases() -> tuple[Schema, ...]:
    """All databases in the state directory."""
    from edge.health.audit.rows import SCHEMA as REQUESTS
    from edge.memory.store import SCHEMA as MEMORY
    from edge.schedule.store import SCHEMA as SCHEDULE
    from edge.sensors.alarms.store import SCHEMA as ALARMS
    from edge.sensors.history.schema import SCHEMA as HISTORY
    from edge.sensors.watching.memory import SCHEMA as WATCH

    return SCHEDULE, ALARMS, WATCH, HISTORY, REQUESTS, MEMORY


def known_schemas() -> dict[str, int]:
    """What this release reads and writes, by the name of the file."""
    from edge.settings.model import VERSION

    return {CONFIGURATION: VERSION, **{schema.file: schema.version for schema in known_databases()}}


def schemas_there(config: Path, state: Path, names: Mapping[str, int]) -> dict[str, int]:
    """The versions of what is there, of these names; what is damaged or missing is left out."""
    found = {
        name: version
        for name in names
        if name != CONFIGURATION and (version := database_version(state / name)) is not None
    }
    if (version := _configuration_version(config)) is not None:
        found[CONFIGURATION] = version
    return found


def database_version(file: Path) -> int | None:
    """`user_version` as it stands in a database's header, which SQLite's documentation describes; None without one."""
    with suppress(OSError):
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            header = stream.read(_HEADER_BYTES)
        if header.startswith(_MAGIC) and len(header) == _HEADER_BYTES:
            return int.from_bytes(header[_VERSION_AT], "big")
    return None


def release_schemas(release: Path) -> dict[str, int] | None:
    """What another release reads: as its manifest says, else as it says itself; None where it can't say."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return {
            str(name): int(version) for name, version in _plain((release / MANIFEST).read_bytes())["schemas"].items()
        }
    with suppress(OSError, ValueError, TypeError, AttributeError, subprocess.SubprocessError):
        asked = subprocess.run(  # noqa: S603 (a release of ours)
            [release / "bin/python", "-I", "-m", "edge.upkeep.schemas"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASKED_WITHIN_S,
            check=True,
        )
        return {str(name): int(version) for name, version in json.loads(asked.stdout).items()}
    return None


def refuse_older(there: Mapping[str, int], release: Mapping[str, int], version: str) -> None:
    """Raise `UpdateError` where something there is newer than a release reads."""
    newer = {name: (found, release[name]) for name, found in there.items() if found > release.get(name, found)}
    if newer:
        said = ", ".join(f"{name} has form {found}, it reads {reads}" for name, (found, reads) in sorted(newer.items()))
        raise UpdateError(
            f"edge {version} is too old for what is kept here ({said}): stay with the newer release, or restore a "
            "backup that was made with the older one after going back"
        )


def _configuration_version(config: Path) -> int | None:
    with suppress(OSError, ValueError):
        version = tomllib.loads(config.read_text("utf-8")).get("version")
        return version if isinstance(version, int) else None
    return None


def _plain(data: bytes) -> Mapping[str, Mapping[str, int]]:
    plain: Mapping[str, Mapping[str, int]] = json.loads(data)
    return plain


if __name__ == "__main__":
    json.dump(known_schemas(), sys.stdout)
