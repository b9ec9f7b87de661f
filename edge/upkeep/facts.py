"""What others are told of updates and backups: reads of small files alone, cheap enough for the running service."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from edge.settings.places import Places

LAST_BACKUP: Final = "last-backup.json"
"""In the state directory: when a backup was last made, and where it lies."""
LAST_RESTORE: Final = "last-restore.json"
"""In the state directory: what the last start that was to put a backup in place did."""
_MOST_BYTES: Final = 1 << 18


def update_facts(root: Path) -> dict[str, Any]:
    """Which release runs, what is under way, how the last update ended."""
    from edge.upkeep.installation import Installation
    from edge.upkeep.journal import Records

    installation, records = Installation(root), Records(root)
    journal, outcomes = records.read(), records.outcomes()
    return {
        "running": installation.current(),
        "releases": installation.complete(),
        "fallback": installation.fallback(),
        "step": journal.step.value if journal else "",
        "target": journal.target if journal else "",
        "starts": journal.starts if journal else 0,
        "began": journal.began if journal else "",
        "last": outcomes[-1].to_json() if outcomes else None,
    }


def restore_facts(places: Places) -> dict[str, Any]:
    """`last`: how the last restoring at a start ended (None: there was none); `waiting`: whether the next is to."""
    return {"last": _document(places.state / LAST_RESTORE, "id"), "waiting": is_to_restore(places)}


def is_to_restore(places: Places) -> bool:
    """Whether a start has a backup to put in place, or to go on with one that was cut off."""
    from edge.upkeep.swapping import JOURNAL, STAGING, WAITING

    waits = next(places.state.glob(f"{STAGING}*/{WAITING}"), None) is not None
    return waits or (places.config.parent / JOURNAL).exists()


def backup_facts(state: Path) -> dict[str, Any] | None:
    """`at`, `file`, `bytes` and `encrypted` of the last backup; None where none was made."""
    return _document(state / LAST_BACKUP, "at")


def _document(file: Path, key: str) -> dict[str, Any] | None:
    with suppress(OSError, ValueError, RecursionError):
        with file.open("rb") as stream:
            plain = json.loads(stream.read(_MOST_BYTES))
        if isinstance(plain, dict) and isinstance(plain.get(key), str):
            return plain
    return None
