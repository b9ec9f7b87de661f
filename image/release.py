"""Makes a release of what was installed into a bare directory: a virtual environment without a machine around it.

    RELEASE/bin/edge, RELEASE/bin/python, RELEASE/lib/python3.13/site-packages, RELEASE/pyvenv.cfg

It stands at /opt/edge/releases/VERSION on the board, with Debian's own Python.
"""

import argparse
import contextlib
import csv
import shutil
import sys
import tarfile
from configparser import ConfigParser
from pathlib import Path, PurePosixPath
from typing import Final

RELEASES: Final = PurePosixPath("/opt/edge/releases")
PYTHON: Final = "3.13"
TAG: Final = f"cpython-{PYTHON.replace('.', '')}"
_TESTS: Final = ("tests", "test")
_SCRIPT: Final = """\
#!{python}
import sys

from {module} import {attribute}

sys.exit({attribute}())
"""


def requirements(text: str, names: frozenset[str], *, only: bool) -> str:
    """A lock of pip's kind with these packages alone, or without them."""
    kept = []
    for entry in _entries(text):
        name = entry[0].partition("==")[0].strip()
        if (name in names) == only:
            kept += entry
    return "".join(kept)


def _entries(text: str) -> list[list[str]]:
    """The lines of each package; comments between them go."""
    entries: list[list[str]] = []
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("#"):
            continue
        if line[:1].isspace() and entries:
            entries[-1].append(line)
        elif line.strip():
            entries.append([line])
    return entries


def shape(installed: Path, release: Path, version: str) -> None:
    """Move what was installed to where a virtual environment has it, and write what makes it one."""
    site = release / f"lib/python{PYTHON}/site-packages"
    site.parent.mkdir(parents=True)
    shutil.move(installed, site)
    binaries = release / "bin"
    binaries.mkdir()
    for name in ("python", "python3"):
        (binaries / name).symlink_to(f"/usr/bin/python{PYTHON}")
    python = RELEASES / version / "bin/python"
    for name, (module, attribute) in sorted(console_scripts(site).items()):
        script = binaries / name
        script.write_text(_SCRIPT.format(python=python, module=module, attribute=attribute))
        script.chmod(0o755)
    (release / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {PYTHON}\nprompt = edge\n"
    )
    (release / "VERSION").write_text(f"{version}\n")


def console_scripts(site: Path) -> dict[str, tuple[str, str]]:
    """Programs that edge brings: module and function by name. Those of other packages are of no use on a board."""
    scripts = {}
    for file in sorted(site.glob("edge_assistant-*.dist-info/entry_points.txt")):
        entries = ConfigParser(delimiters=("=",), interpolation=None)
        entries.optionxform = str  # type: ignore[assignment, method-assign]
        entries.read_string(file.read_text())
        if not entries.has_section("console_scripts"):
            continue
        for name, target in entries.items("console_scripts"):
            module, _, attribute = target.partition("[")[0].strip().partition(":")
            scripts[name] = (module, attribute)
    return scripts


def reuse(earlier: Path, site: Path) -> list[Path]:
    """Take the bytecode of an earlier build for the sources that are the same; those that are left, in order."""
    left = []
    with tarfile.open(earlier) if earlier.is_file() else contextlib.nullcontext() as archive:
        names = set(archive.getnames()) if archive else set()
        for source in sorted(site.rglob("*.py")):
            inside = f"./{source.relative_to(site)}"
            compiled = f"{inside.rpartition('/')[0]}/__pycache__/{source.stem}.{TAG}.pyc"
            if archive and compiled in names and inside in names and _content(archive, inside) == source.read_bytes():
                target = site / compiled
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(_content(archive, compiled))
            else:
                left.append(source)
    return left


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def trim(site: Path) -> None:
    """Leave out what no program loads: packages' own tests, headers, stubs, and what is made anew by `shape`."""
    for name in ("bin", "include", "share"):
        shutil.rmtree(site / name, ignore_errors=True)
    (site / ".lock").unlink(missing_ok=True)
    for directory in sorted(site.glob("*/**/")):
        if directory.name in _TESTS and directory.is_dir() and (directory / "__init__.py").is_file():
            shutil.rmtree(directory)
    for pattern in ("**/*.pyi", "**/*.pxd", "**/*.h", "**/*.a", "**/__pycache__"):
        for path in list(site.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for info in site.glob("*.dist-info"):
        # Where the builder had its wheels, and when.
        for name in ("direct_url.json", "uv_cache.json"):
            (info / name).unlink(missing_ok=True)
        _tidy_record(info / "RECORD", site)


def _tidy_record(record: Path, site: Path) -> None:
    """What is gone is not listed; programs, which begin with a path of the builder's, are among that."""
    if record.is_file():
        lines = record.read_text("utf-8").splitlines(keepends=True)
        there = [line for row, line in zip(csv.reader(lines), lines, strict=True) if row and (site / row[0]).is_file()]
        record.write_text("".join(there), "utf-8")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    part = verbs.add_parser("requirements", help="print a part of a lock")
    part.add_argument("which", choices=["only", "without"])
    part.add_argument("lock", type=Path)
    part.add_argument("names", nargs="*")
    verbs.add_parser("trim", help="leave out what no program loads").add_argument("installed", type=Path)
    again = verbs.add_parser("reuse", help="take bytecode of an earlier build; print the sources that have none yet")
    again.add_argument("earlier", type=Path)
    again.add_argument("installed", type=Path)
    making = verbs.add_parser("shape", help="make a release of installed packages")
    making.add_argument("installed", type=Path)
    making.add_argument("release", type=Path)
    making.add_argument("version")
    options = parser.parse_args(arguments)
    if options.verb == "requirements":
        text, only = options.lock.read_text(), options.which == "only"
        print(requirements(text, frozenset(options.names), only=only), end="")
    elif options.verb == "reuse":
        sys.stdout.writelines(
            f"{source.relative_to(options.installed)}\n" for source in reuse(options.earlier, options.installed)
        )
    elif options.verb == "trim":
        trim(options.installed)
    else:
        shape(options.installed, options.release, options.version)


if __name__ == "__main__":
    main(sys.argv[1:])
