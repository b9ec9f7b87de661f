"""Changes the file that the page writes its settings to, one change at a time, whole or not at all."""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

from edge.files import replace_file
from edge.settings.editing import edited_entry
from edge.settings.problems import SettingsError

HEAD: Final = "# What was set on the page. It counts over config.toml and conf.d.\n"
LOCK: Final = Lock()
"""Held while the file is read, changed and written."""


def change_entry(file: Path, table: str, id_: str, values: Mapping[str, Any]) -> None:
    """Set keys of the entry with that id in an array of tables (`devices`); None takes a key out. Blocks.

    An entry that says nothing any more goes; everything else stays as it is written. Raises `SettingsError`.
    """
    with LOCK:
        try:
            text = file.read_text(encoding="utf-8") if file.exists() else HEAD
            replace_file(file, edited_entry(text, table, id_, values).encode())
            file.chmod(0o600)
        except (OSError, UnicodeDecodeError, TypeError) as error:
            raise SettingsError(f"{file} can't be changed: {error}") from error
