"""Changes the file that the page writes its settings to, one change at a time, whole or not at all."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

from edge.files import replace_file
from edge.settings.editing import read
from edge.settings.problems import SettingsError
from edge.settings.toml_text import written

HEAD: Final = "# What was set on the page. It counts over config.toml and conf.d.\n"
LOCK: Final = Lock()
"""Held while the file is read, changed and written."""


def change_entry(file: Path, table: str, id_: str, values: Mapping[str, Any]) -> None:
    """Set keys of the entry with that id in an array of tables (`devices`); None takes a key out. Blocks.

    An entry that says nothing any more goes. Raises `SettingsError`.
    """

    def change(document: dict[str, Any]) -> None:
        entries = [dict(one) for one in document.get(table, [])]
        entry = next((one for one in entries if one.get("id") == id_), None)
        if entry is None:
            entry = {"id": id_}
            entries.append(entry)
        for key, value in values.items():
            if value is None:
                entry.pop(key, None)
            else:
                entry[key] = value
        left = [one for one in entries if len(one) > 1]
        document.pop(table, None)
        if left:
            document[table] = left

    _changed(file, change)


def _changed(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with LOCK:
        try:
            document = read(file.read_text(encoding="utf-8")) if file.exists() else {}
            change(document)
            text = HEAD + written(document)
            tomllib.loads(text)
            replace_file(file, text.encode())
        except (OSError, UnicodeDecodeError, TypeError) as error:
            raise SettingsError(f"{file} can't be changed: {error}") from error
