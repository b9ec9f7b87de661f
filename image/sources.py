"""Fetches the sources that a bill of materials offers: Debian's source packages, by its signed list of their files."""

import argparse
import hashlib
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from image.debian import MIRROR, SNAPSHOT, DebianError, Lock, apt_for, printed_files, read_lock, run


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source package, by its path below the mirror."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        """As it is called in a directory."""
        return self.path.rpartition("/")[2]


def listed_sources(text: str) -> list[str]:
    """`name=version` of the Debian sources in a list of sources."""
    entries = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return [source for source, url, *_ in entries if url.startswith(MIRROR)]


def files_of(source: str, apt: list[str]) -> list[File]:
    """The files of `name=version`. Raises `DebianError`."""
    said = run([*apt, "--print-uris", "--download-only", "--only-source", "source", source])
    return [File(urlsplit(uri).path.lstrip("/"), sha256) for uri, _, _, sha256 in printed_files(said)]


def fetch_file(file: File, lock: Lock, directory: Path) -> None:
    """Have it in the directory, whole. Raises `DebianError`."""
    target = directory / file.name.replace("%2b", "+").replace("%7e", "~")
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == file.sha256:
        return
    archive, _, rest = quote(file.path, safe="/~%").partition("/")
    reasons = []
    for place in (f"{MIRROR}/{archive}/{rest}", f"{SNAPSHOT}/{archive}/{lock.moment:%Y%m%dT%H%M%SZ}/{rest}"):
        try:
            with urllib.request.urlopen(place, timeout=120) as answer:  # noqa: S310 - http, and checked
                data: bytes = answer.read()
        except OSError as error:
            reasons.append(f"{place}: {error}")
            continue
        if hashlib.sha256(data).hexdigest() == file.sha256:
            target.write_bytes(data)
            return
        reasons.append(f"{place}: its digest is not the one that Debian signed")
    raise DebianError("; ".join(reasons))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lock", type=Path)
    parser.add_argument("listed", type=Path, help="the .sources.txt beside the bill of materials")
    parser.add_argument("directory", type=Path, help="where the sources go")
    parser.add_argument("--lists", type=Path, required=True, help="where apt keeps its lists")
    parser.add_argument("--only", nargs="*", help="these sources alone, by name")
    options = parser.parse_args(arguments)
    lock = read_lock(options.lock.read_text())
    options.directory.mkdir(parents=True, exist_ok=True)
    apt = apt_for(options.lists.absolute(), sources=True)
    run([*apt, "update"])
    failed = 0
    for source in listed_sources(options.listed.read_text()):
        if options.only and source.partition("=")[0] not in options.only:
            continue
        try:
            files = files_of(source, apt)
        except DebianError as error:
            files, failed = [], failed + 1
            print(f"{source}: {error}", file=sys.stderr)
        for file in files:
            try:
                fetch_file(file, lock, options.directory)
            except DebianError as error:
                failed += 1
                print(f"{source}: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
