"""Unpacks wheels into a release, as PEP 427 describes them, and writes the programs that they bring."""

import re
import shutil
import stat
import zipfile
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from pathlib import Path
from typing import Final

from edge.upkeep.errors import BundleError

_PIECE: Final = 1 << 18
_MOST_ENTRIES: Final = 50_000
_PART: Final = re.compile(r"[^/\\\x00]{1,255}")
_TARGET: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*", re.ASCII)
_SCRIPT_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
_SCRIPT: Final = """\
#!{python}
import sys

from {module} import {function}

sys.exit({function}())
"""


class Budget:
    """How many bytes may still be unpacked. Raises `BundleError` when they are used up."""

    def __init__(self, most_bytes: int) -> None:
        self.left = most_bytes

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise BundleError("it unpacks to more than its manifest says")


def unpack_wheel(wheel: Path, release: Path, site: Path, budget: Budget) -> None:
    """Everything of a wheel where a virtual environment has it. Raises `BundleError`, and OSError of the disk."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in _entries(archive):
                _unpack(archive, entry, _place(entry.filename, release, site), budget)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise BundleError(f"{wheel.name} is no wheel that can be unpacked: {error}") from error
    except BundleError as error:
        raise BundleError(f"{wheel.name}: {error}") from error


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MOST_ENTRIES:
        raise BundleError("it has too many files")
    return entries


def _place(name: str, release: Path, site: Path) -> Path:
    """Where a file of a wheel belongs."""
    parts = name.split("/")
    if any(part in (".", "..") or _PART.fullmatch(part) is None for part in parts):
        raise BundleError(f"a file in it is called {name[:200]!r}, which leads elsewhere")
    if parts[0].endswith(".data") and len(parts) > 2:
        around = {"purelib": site, "platlib": site, "scripts": release / "bin", "headers": release / "include"}
        return around.get(parts[1], release).joinpath(*parts[2:])
    return site.joinpath(*parts)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: Budget) -> None:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise BundleError(f"{entry.filename[:200]!r} in it is no plain file")
    budget.take(entry.file_size)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream, _PIECE)
    target.chmod(0o755 if mode & 0o111 else 0o644)


def write_programs(release: Path, site: Path, final: Path) -> None:
    """`bin/NAME` for each program of the packages; they will stand in `final`."""
    python = final / "bin/python"
    for file in sorted(site.glob("*.dist-info/entry_points.txt")):
        for name, target in _console_scripts(file).items():
            module, _, function = target.partition(":")
            script = release / "bin" / name
            script.write_text(_SCRIPT.format(python=python, module=module, function=function.partition(".")[0]))
            script.chmod(0o755)


def _console_scripts(file: Path) -> dict[str, str]:
    entries = ConfigParser(delimiters=("=",), interpolation=None)
    entries.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        entries.read_string(file.read_text("utf-8"))
    except (ConfigParserError, UnicodeDecodeError) as error:
        raise BundleError(f"{file.parent.name} names its programs in a way that can't be read: {error}") from error
    if not entries.has_section("console_scripts"):
        return {}
    said = ((name.strip(), target.partition("[")[0].strip()) for name, target in entries.items("console_scripts"))
    return {name: target for name, target in said if _SCRIPT_NAME.fullmatch(name) and _TARGET.fullmatch(target)}
