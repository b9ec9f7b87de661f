"""Reads settings from defaults, config.toml, conf.d/*.toml, the page's own file and the environment, each over the one
before."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.settings.migrations import brought_up
from edge.settings.places import Places, places
from edge.settings.problems import Problem, SettingsError, near_miss

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from edge.settings.model import Settings

_OTHER_VARIABLES: Final = frozenset({"EDGE_CONFIG", "EDGE_STATE", "EDGE_RUNTIME", "EDGE_INSTALLATION", "EDGE_PROGRESS"})
"""Places, and what commands go by."""
_PREFIX: Final = "EDGE_"
_MOST_BYTES: Final = 4 * 1024 * 1024
_TO_BROKER: Final = "port username password password_file tls ca_file client_certificate client_key"
_SHOWN: Final = (
    ("mqtt", "broker", (*_TO_BROKER.split(), "client_key_password_file", "tls_server_name")),
    ("homeassistant", "url", ("token", "token_file", "verify_tls", "ca_file")),
)
"""Tables, where the other side is in them, and what is shown to it or expected of it."""
ROOTS: Final = ("update", "backup")
"""Tables that root's commands go by, whom updates are believed from for one: they count where root alone can write."""

_QUOTED: Final = re.compile(r"'([^']*)'")
_PLAIN_WORDS: Final = {
    "a valid tuple": "a list",
    "a valid dictionary or object to extract fields from": "a table",
    "a valid dictionary": "a table",
    "a valid string": "text",
    "a valid integer, unable to parse string as an integer": "a whole number",
    "a valid integer": "a whole number",
    "a valid number, unable to parse string as a number": "a number",
    "a valid number": "a number",
    "a valid boolean, unable to interpret input": "true or false",
    "a valid boolean": "true or false",
    "greater than": "a number greater than",
    "less than": "a number less than",
}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Usable settings, and what had to be left out to get them."""

    settings: "Settings"
    places: Places
    problems: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()
    """Every file that was read, in order."""

    def checked(self) -> "Settings":
        """The settings, or `SettingsError` with every problem when there is one."""
        if self.problems:
            raise SettingsError("; ".join(str(problem) for problem in self.problems))
        return self.settings


@dataclass(slots=True)
class _Merged:
    """Values from all sources, where each came from, and what went wrong on the way."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path_, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def origin(self, path: Path_) -> str:
        """The source of a key, or of the nearest table or entry around it."""
        for end in range(len(path), 0, -1):
            found = self.origins.get(path[:end])
            if found is not None:
                return found
        return "settings"


def load(where: Places | None = None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Never fails: a key that can't be used is left at its default and named in `problems`."""
    from edge.settings.model import VERSION, Settings

    env = os.environ if environ is None else environ
    where = where or places(env)
    merged = _Merged()
    for file in _files(where, required="EDGE_CONFIG" in env, problems=merged.problems):
        merged.files.append(file)
        values = _of_today(_read_toml(file, merged.problems), file, merged.problems)
        if file == where.own:
            values = _without_roots(values, merged)
            _forget_strangers(values, merged)
        _merge(merged, values, str(file))
    _merge_environment(merged, env)
    version = merged.values.get("version")
    if isinstance(version, int) and version > VERSION:
        newer = f"version {version} is newer than this program knows ({VERSION}); what it does not know is left out"
        merged.problems.append(Problem(merged.origin(("version",)), "version", newer))
    settings = _validate(Settings, merged)
    return Loaded(settings, where, tuple(merged.problems), tuple(merged.files))


def _files(where: Places, *, required: bool, problems: list[Problem]) -> list[Path]:
    found = []
    if where.config.is_file():
        found.append(where.config)
    elif required:
        problems.append(Problem(str(where.config), "", "no such file, though EDGE_CONFIG names it"))
    if where.conf_d.is_dir():
        found += sorted(file for file in where.conf_d.iterdir() if file.suffix == ".toml" and file.is_file())
    return [*found, where.own] if where.own.is_file() else found


def _forget_strangers(values: Mapping[str, Any], merged: _Merged) -> None:
    """Who is told another broker, or another Home Assistant, than before shows it nothing that was meant for the first:
    a flashed appliance has a password for its own broker, for one."""
    for table, place, theirs in _SHOWN:
        here, there = values.get(table), merged.values.get(table)
        if not isinstance(here, Mapping) or not isinstance(there, dict) or here.get(place) in (None, there.get(place)):
            continue
        for key in theirs:
            there.pop(key, None)


def _without_roots(values: dict[str, Any], merged: _Merged) -> dict[str, Any]:
    """What the page's file may say: the service's user can write it."""
    refused = [table for table in ROOTS if table in values]
    for table in refused:
        where = merged.files[-1]
        merged.problems.append(Problem(str(where), table, f"[{table}] counts in config.toml and conf.d alone"))
    return {key: value for key, value in values.items() if key not in refused}


def _read_toml(file: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            problems.append(Problem(str(file), "", f"expected a TOML file of at most {_MOST_BYTES} bytes"))
            return {}
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problems.append(Problem(str(file), "", f"can't be read: {error.strerror}; mend its permissions"))
    except UnicodeDecodeError as error:
        problems.append(Problem(str(file), "", f"expected UTF-8 text: byte {error.start} is not"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(Problem(str(file), "", f"expected TOML: {error}"))
    return {}


def _of_today(values: dict[str, Any], file: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return brought_up(values)
    except ValueError as error:
        problems.append(Problem(str(file), "version", str(error)))
        return values


def _merge(merged: _Merged, values: Mapping[str, Any], origin: str) -> None:
    """Tables are merged key by key, arrays of tables added to, everything else replaced."""
    _merge_table(merged, merged.values, values, (), origin)


def _merge_table(merged: _Merged, into: dict[str, Any], values: Mapping[str, Any], at: Path_, origin: str) -> None:
    for key, value in values.items():
        path = (*at, key)
        present = into.get(key)
        if isinstance(value, Mapping) and isinstance(present, dict):
            _merge_table(merged, present, value, path, origin)
        elif _is_array_of_tables(value):
            entries = present if isinstance(present, list) and _is_array_of_tables(present) else []
            for index, entry in enumerate(value, start=len(entries)):
                merged.origins[(*path, index)] = origin
                entry_copy: dict[str, Any] = {}
                _merge_table(merged, entry_copy, entry, (*path, index), origin)
                entries.append(entry_copy)
            into[key] = entries
        elif isinstance(value, Mapping):
            table: dict[str, Any] = {}
            merged.origins[path] = origin
            _merge_table(merged, table, value, path, origin)
            into[key] = table
        else:
            merged.origins[path] = origin
            into[key] = value


def _is_array_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _merge_environment(merged: _Merged, env: Mapping[str, str]) -> None:
    names = [name for name in env if name.upper().startswith(_PREFIX) and name.upper() not in _OTHER_VARIABLES]
    for name in sorted(names):
        value = env[name]
        if value:
            _merge_variable(merged, name, value)


def _merge_variable(merged: _Merged, name: str, value: str) -> None:
    from pydantic_settings import EnvSettingsSource
    from pydantic_settings import SettingsError as VariableError

    from edge.settings.model import Settings

    origin = f"environment variable {name}"
    parts = name[len(_PREFIX) :].lower().split("__")
    if parts[0] not in Settings.model_fields:
        known = [_PREFIX + field.upper() for field in Settings.model_fields]
        merged.problems.append(Problem(origin, "", "is not a setting" + near_miss(name.upper(), known)))
        return
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value}
    try:
        values = source()
    except VariableError:
        merged.problems.append(Problem(origin, ".".join(parts), "expected JSON for a list or a table"))
        return
    _merge(merged, values, origin)


def _validate(settings: "type[Settings]", merged: _Merged) -> "Settings":
    """Drop what is refused until the rest stands; each round removes at least one key."""
    from pydantic import ValidationError

    while True:
        try:
            return settings(**merged.values)
        except ValidationError as error:
            found = _problems(error, merged)
            merged.problems += [problem for problem, _ in found]
            _drop_all(merged, [path for _, path in found])


def _problems(error: "ValidationError", merged: _Merged) -> "list[tuple[Problem, Path_]]":
    found: list[tuple[Problem, Path_]] = []
    removed: set[Path_] = set()
    for detail in error.errors(include_url=False, include_context=True):
        path = _existing(merged.values, tuple(detail["loc"]))
        wanted = tuple(detail["loc"])[: len(path) + 1]
        message = _message(detail, path, wanted)
        problem = Problem(merged.origin(path), _dotted(wanted if detail["type"] == "missing" else path), message)
        drop = _whole_entry(path) if detail["type"] == "missing" or _required(path) else path
        if drop in removed:
            continue
        removed.add(drop)
        found.append((problem, drop))
    return found


def _existing(values: Any, loc: Path_) -> Path_:
    """The part of a location that is there in the values: a validator's own steps (union branches) fall off."""
    path: list[str | int] = []
    for step in loc:
        in_table = isinstance(values, dict) and step in values
        in_list = isinstance(values, list) and isinstance(step, int) and 0 <= step < len(values)
        if not (in_table or in_list):
            break
        values = values[step]
        path.append(step)
    return tuple(path)


def _message(detail: Any, path: Path_, wanted: Path_) -> str:
    kind, given = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        return "is not a setting" + near_miss(str(path[-1]), _siblings(path))
    if kind == "missing":
        return f"`{wanted[-1]}` is missing from this entry"
    if kind == "value_error":
        said = str(detail["ctx"]["error"])
        return said.partition(", found ")[0] if _secret(path) else said
    expected = str(detail["msg"]).removeprefix("Input should be ")
    for theirs, ours in _PLAIN_WORDS.items():
        expected = expected.replace(theirs, ours)
    message = f"expected {expected}"
    if _secret(path):
        return message
    if kind == "literal_error" and isinstance(given, str):
        return f"{message}, found {given!r}{near_miss(given, _QUOTED.findall(expected))}"
    return f"{message}, found {_shown(given)}"


def _siblings(path: Path_) -> list[str]:
    """The keys there are beside an unknown one."""
    model = _model_around(path)
    return list(model.model_fields) if model else []


def _required(path: Path_) -> bool:
    """Whether the key must be there, so that its table can't stand without it."""
    model = _model_around(path)
    known = model.model_fields.get(str(path[-1])) if model and path else None
    return known is not None and known.is_required()


def _model_around(path: Path_) -> "type[BaseModel] | None":
    """The table that the last step of a path is a key of."""
    from pydantic import BaseModel

    from edge.settings.model import Settings

    model: type[BaseModel] = Settings
    for step in path[:-1]:
        if isinstance(step, int):
            continue
        known = model.model_fields.get(step)
        annotation: Any = known.annotation if known else None
        inner = next((arg for arg in getattr(annotation, "__args__", ()) if isinstance(arg, type)), annotation)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return None
        model = inner
    return model


def _secret(path: Path_) -> bool:
    return any(isinstance(step, str) and step in {"password", "pin", "token"} for step in path)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _whole_entry(path: Path_) -> Path_:
    """The entry of a list that a path lies in: without a key it needs, the entry as a whole goes."""
    for end in range(len(path), 0, -1):
        if isinstance(path[end - 1], int):
            return path[:end]
    return path


def _drop_all(merged: _Merged, paths: "list[Path_]") -> None:
    """Keys first, then whole entries from the back, so that no position moves before its turn."""
    entries = sorted((path for path in paths if isinstance(path[-1], int)), key=lambda path: -int(path[-1]))
    for path in [path for path in paths if isinstance(path[-1], str)] + entries:
        holder: Any = merged.values
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        if isinstance(path[-1], int):
            merged.origins = {_moved_up(key, path): origin for key, origin in merged.origins.items()}


def _moved_up(key: Path_, gone: Path_) -> Path_:
    """Where a key lies once the list entry at `gone` has been taken out."""
    here = len(gone) - 1
    position, last = (key[here] if len(key) > here else None), gone[-1]
    if key[:here] != gone[:-1] or not isinstance(position, int) or not isinstance(last, int) or position <= last:
        return key
    return (*key[:here], position - 1, *key[here + 1 :])


def _dotted(path: Path_) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
