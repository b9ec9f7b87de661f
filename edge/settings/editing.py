"""Changes single keys of a TOML file and leaves everything else in it as it was written, comments included."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from edge.settings.problems import SettingsError
from edge.settings.toml_text import key_text, value_text

_HEADER: Final = re.compile(r"\s*\[(?!\[)(?P<name>[^\[\]]+)\]\s*(#.*)?$")
_ANY_HEADER: Final = re.compile(r"\s*\[\[?[^\[\]]+\]\]?\s*(#.*)?$")
_MOST_LINES: Final = 200
"""Of one value."""


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """The text with each key (`mqtt.broker`) set to its value; None takes a key out.

    Raises `SettingsError` where the text is no TOML, or is written in a way in which a key can't be changed alone.
    """
    for dotted, value in changes.items():
        path = tuple(dotted.split("."))
        before = read(text)
        wanted = _with(before, path, value)
        if wanted == before:
            continue
        after = _set(text, path, value)
        if _read_or_none(after) != wanted:
            raise SettingsError(f"{dotted} can't be changed by itself the way it is written: change it in the text")
        text = after
    return text


def edited_entry(text: str, table: str, id_: str, values: Mapping[str, Any]) -> str:
    """The text with keys set in the entry of that id in an array of tables (`[[devices]]`); None takes a key out.

    An entry that is not there is made, one that says nothing but its id goes. Raises `SettingsError` as `edited` does.
    """
    before = read(text)
    wanted = _with_entry(before, table, id_, values)
    if wanted == before:
        return text
    after = _set_entry(text, table, id_, values, gone=id_ not in _ids(wanted, table))
    if _read_or_none(after) != wanted:
        raise SettingsError(f"{id_} in [[{table}]] can't be changed by itself the way it is written")
    return after


def read(text: str) -> dict[str, Any]:
    """The document; raises `SettingsError` that says in which line it is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"expected TOML: {error}") from error


def _read_or_none(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _with(document: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The document as it is to be."""
    first, *rest = path
    changed = dict(document)
    if not rest:
        if value is None:
            changed.pop(first, None)
        else:
            changed[first] = value
        return changed
    inner = document.get(first, {})
    if not isinstance(inner, Mapping):
        raise SettingsError(f"{first} is no table: change it in the text")
    if value is None and first not in document:
        return changed
    changed[first] = _with(inner, tuple(rest), value)
    return changed


def _ids(document: Mapping[str, Any], table: str) -> list[Any]:
    entries = document.get(table, [])
    return [one.get("id") for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else []


def _with_entry(document: Mapping[str, Any], table: str, id_: str, values: Mapping[str, Any]) -> dict[str, Any]:
    entries = [dict(one) for one in document.get(table, []) if isinstance(one, Mapping)]
    entry = next((one for one in entries if one.get("id") == id_), None)
    if entry is None:
        entry = {"id": id_}
        entries.append(entry)
    for key, value in values.items():
        if value is None:
            entry.pop(key, None)
        else:
            entry[key] = value
    left = [one for one in entries if one is not entry or len(one) > 1]
    return {**{key: value for key, value in document.items() if key != table}, **({table: left} if left else {})}


def _set_entry(text: str, table: str, id_: str, values: Mapping[str, Any], *, gone: bool) -> str:
    lines = text.splitlines()
    header = f"[[{key_text(table)}]]"
    starts = [number for number, line in enumerate(lines) if line.split("#")[0].strip() == header]
    for start in starts:
        end = next((at for at in range(start + 1, len(lines)) if _ANY_HEADER.match(lines[at])), len(lines))
        if (_read_or_none("\n".join(lines[start + 1 : end])) or {}).get("id") != id_:
            continue
        if gone:
            del lines[start:end]
            return _joined(lines)
        for key, value in values.items():
            end += _set_line(lines, start + 1, end, key, value)
        return _joined(lines)
    blank = [""] if lines and lines[-1].strip() else []
    given = {"id": id_, **{key: value for key, value in values.items() if value is not None}}
    return _joined(
        [*lines, *blank, header, *(f"{key_text(key)} = {value_text(value)}" for key, value in given.items())]
    )


def _set_line(lines: list[str], first: int, end: int, key: str, value: Any) -> int:
    """Set a key among some lines, or take it out; by how many lines more they are then."""
    before = len(lines)
    found = _entry(lines, first, end, key)
    if found is None:
        if value is not None:
            lines.insert(_place(lines, first, end), f"{key_text(key)} = {value_text(value)}")
        return len(lines) - before
    at, until = found
    if value is None:
        del lines[at:until]
    else:
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        comment = _comment(lines[at]) if until == at + 1 else ""
        lines[at:until] = [f"{indent}{key_text(key)} = {value_text(value)}{comment}"]
    return len(lines) - before


def _set(text: str, path: tuple[str, ...], value: Any) -> str:
    lines = text.splitlines()
    *table, key = path
    first, end = _region(lines, tuple(table))
    if first is None:
        if value is None:
            return text
        blank = [""] if lines and lines[-1].strip() else []
        name = ".".join(key_text(part) for part in table)
        lines += [*blank, f"[{name}]", f"{key_text(key)} = {value_text(value)}"]
        return _joined(lines)
    _set_line(lines, first, end, key, value)
    return _joined(lines)


def _region(lines: list[str], table: tuple[str, ...]) -> tuple[int | None, int]:
    """The lines of a table behind its header, which is none for the top of the document; None where there is none."""
    first = 0 if not table else None
    for number, line in enumerate(lines):
        if not _ANY_HEADER.match(line):
            continue
        if first is not None:
            return first, number
        header = _HEADER.match(line)
        if header is not None and _parts(header["name"]) == table:
            first = number + 1
    return first, len(lines)


def _parts(name: str) -> tuple[str, ...]:
    document = _read_or_none(f"[{name}]")
    parts: list[str] = []
    while document:
        (part, document), *_ = document.items()
        parts.append(part)
    return tuple(parts)


def _entry(lines: list[str], first: int, end: int, key: str) -> tuple[int, int] | None:
    """The lines of a key and its value, which may go over several."""
    at = first
    while at < end:
        until = at + 1
        document = _read_or_none(lines[at])
        while document is None and until < min(end, at + _MOST_LINES):
            until += 1
            document = _read_or_none("\n".join(lines[at:until]))
        if document is None:
            return None
        if list(document) == [key] and _named(lines[at], key):
            return at, until
        at = until
    return None


def _named(line: str, key: str) -> bool:
    """Whether the key stands there by itself: what `mqtt.port = 1` sets is another one than `mqtt`."""
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line) is not None


def _place(lines: list[str], first: int, end: int) -> int:
    """Behind the last line of a table that says something; at the top of a text that says nothing behind its head."""
    last = end
    while last > first and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    while last == 0 < end and first < end and lines[first].startswith("#"):
        first += 1
    return max(first, last)


def _comment(line: str) -> str:
    """What stands behind the value, with the blanks before it."""
    for at, char in enumerate(line):
        if char == "#" and _read_or_none(line[:at]):
            return line[len(line[:at].rstrip()) :]
    return ""


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n" if lines else ""
