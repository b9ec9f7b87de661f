"""What others are told of updates and backups: reads of small files alone, cheap enough for the running service."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

LAST_BACKUP: Final = "last-backup.json"
"""In the state directory: when a backup was last made, and where it lies."""
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


def backup_facts(state: Path) -> dict[str, Any] | None:
    """`at`, `file`, `bytes` and `encrypted` of the last backup; None where none was made."""
    with suppress(OSError, ValueError, RecursionError):
        with (state / LAST_BACKUP).open("rb") as stream:
            plain = json.loads(stream.read(_MOST_BYTES))
        if isinstance(plain, dict) and isinstance(plain.get("at"), str):
            return plain
    return None
