"""The file of what was taught: sentences and actions as TOML, for people to read and for the next start."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from edge.files import replace_file
from edge.router.teaching.lessons import (
    MOST_CORRECTIONS,
    MOST_LESSONS,
    Correction,
    Lesson,
    Notebook,
    Order,
    TeachingError,
    action_from,
    action_json,
    correction,
    lesson,
)

FILE: Final = "taught.toml"
VERSION: Final = 1
_MOST_BYTES: Final = 4 * 1024 * 1024
_HEAD: Final = """\
# What the router was taught with `edge teach`. Change it with that command, or here while the service does not run.
"""


def parse(text: str, source: str) -> Notebook:
    """A notebook from TOML; `source` is named in errors. Raises `TeachingError`."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TeachingError(f"{source}: expected TOML: {error}: mend the file, or remove it to start anew") from None
    if data.get("version") != VERSION:
        raise TeachingError(f"{source}: `version`: expected {VERSION}, found {data.get('version')!r}")
    unknown = data.keys() - {"version", "functions", "corrections"}
    functions, corrections = data.get("functions", {}), data.get("corrections", [])
    if unknown or not _tables(functions, dict) or not _tables(corrections, list):
        raise TeachingError(f"{source}: expected [functions.NAME] and [[corrections]] tables and nothing else")
    if len(functions) > MOST_LESSONS or len(corrections) > MOST_CORRECTIONS:
        raise TeachingError(f"{source}: expected at most {MOST_LESSONS} functions and {MOST_CORRECTIONS} corrections")
    try:
        lessons = {name: _lesson(name, entry) for name, entry in functions.items()}
        fixes = [_correction(f"corrections[{at}]", entry) for at, entry in enumerate(corrections)]
        return Notebook(lessons).with_corrections(fixes)
    except TeachingError as error:
        raise TeachingError(f"{source}: {error}") from None


def _tables(value: Any, kind: type) -> bool:
    entries = value.values() if isinstance(value, dict) else value
    return isinstance(value, kind) and all(isinstance(entry, dict) for entry in entries)


def _lesson(name: str, entry: Mapping[str, Any]) -> Lesson:
    examples = entry.get("examples")
    if not isinstance(examples, list) or not all(isinstance(example, str) for example in examples):
        raise TeachingError(f"functions.{name}: `examples`: expected a list of sentences")
    return lesson(name, examples, action_from(f"functions.{name}", entry))


def _correction(where: str, entry: Mapping[str, Any]) -> Correction:
    meant, sentence = action_from(where, entry), entry.get("sentence")
    if not isinstance(sentence, str) or not isinstance(meant, Order):
        raise TeachingError(f"{where}: expected `sentence` and `call`")
    return correction(sentence, meant)


def render(notebook: Notebook) -> str:
    """The TOML that `parse` reads."""
    lines = [_HEAD, f"version = {VERSION}"]
    for one in notebook.lessons.values():
        lines += ["", f"[functions.{one.name}]", "examples = ["]
        lines += [f"  {_quoted(example)}," for example in one.examples]
        lines += ["]", *_action_lines(action_json(one.action))]
    for fix in notebook.corrections:
        lines += ["", "[[corrections]]", f"sentence = {_quoted(fix.sentence)}", *_action_lines(action_json(fix.order))]
    return "\n".join(lines) + "\n"


def _action_lines(action: Mapping[str, Any]) -> Iterable[str]:
    for key, value in action.items():
        if isinstance(value, str):
            yield f"{key} = {_quoted(value)}"
        else:
            inner = ", ".join(f"{name} = {_quoted(text)}" for name, text in value.items())
            yield f"{key} = {{ {inner} }}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load(file: Path) -> Notebook:
    """What was taught, nothing where there is no file; raises `TeachingError`. Blocks."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return Notebook()
    except OSError as error:
        raise TeachingError(f"{file}: can't be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise TeachingError(f"{file}: expected at most {_MOST_BYTES} bytes")
    try:
        return parse(data.decode("utf-8"), str(file))
    except UnicodeDecodeError as error:
        raise TeachingError(f"{file}: expected UTF-8 text: byte {error.start} is not") from None


def save(file: Path, notebook: Notebook) -> None:
    """Replace the file at once or not at all; on the disk when this returns. Raises `TeachingError`. Blocks."""
    try:
        replace_file(file, render(notebook).encode())
    except OSError as error:
        raise TeachingError(f"{file}: can't be written: {error.strerror}") from error
