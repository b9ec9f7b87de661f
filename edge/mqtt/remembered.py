"""Keeps the ids that discovery has given, so that a device is called the same after a restart."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)


def load_ids(file: Path) -> dict[str, str]:
    """The ids given earlier; empty where there are none or the file was damaged: they are only a convenience."""
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in given.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        log.warning("house.ids_unreadable", extra={"file": str(file), "reason": str(error)})
        return {}


def save_ids(file: Path, ids: Mapping[str, str]) -> None:
    """Write them, atomically; raises OSError."""
    fresh = file.with_name(file.name + ".new")
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_text(json.dumps(ids, ensure_ascii=False, indent=0), encoding="utf-8")
    fresh.replace(file)
