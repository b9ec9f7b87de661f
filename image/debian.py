"""Debian packages of the image: which ones (lock), getting them (fetch), and a repository of those alone (repository).

The lock names every package with its version and digest, so that a build takes exactly those, from the cache, from
Debian's mirrors, or from snapshot.debian.org once the mirrors have moved on.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

MIRROR: Final = "http://deb.debian.org"
SNAPSHOT: Final = "http://snapshot.debian.org/archive"
KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELEASE: Final = "trixie"
SUITES: Final = (
    ("debian", RELEASE),
    ("debian", f"{RELEASE}-updates"),
    ("debian-security", f"{RELEASE}-security"),
    ("debian", f"{RELEASE}-backports"),
)
COMPONENTS: Final = "main non-free-firmware"
_URI: Final = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+) SHA256:(?P<sha256>[0-9a-f]{64})$")
_IMAGE: Final = re.compile(r"\blinux-image-[0-9][^ ,]*")
_PARTS: Final = re.compile(r"\blinux-(?:base|binary|modules)-[0-9][^ ,]*")


class DebianError(Exception):
    """What could not be got, why, and what to do."""


class Use(StrEnum):
    """What becomes of a package."""

    INSTALL = "install"
    UNPACK = "unpack"
    """Its files are taken as they are."""
    BUILD = "build"
    """It is needed on the way, and not in the image."""


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package."""

    name: str
    version: str
    sha256: str
    size: int
    path: str
    """Below the mirror: `debian/pool/main/…`."""
    use: Use = Use.INSTALL

    @property
    def file(self) -> str:
        """The name of its file, as the mirror has it."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Lock:
    """All packages of an image, and when they were the newest."""

    moment: datetime
    packages: tuple[Package, ...]

    def of(self, *uses: Use) -> tuple[Package, ...]:
        """Those of some use."""
        return tuple(package for package in self.packages if package.use in uses)


def read_wanted(text: str) -> dict[str, list[str]]:
    """The names by section, without what they are for. Raises `DebianError`."""
    sections: dict[str, list[str]] = {}
    section: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0].startswith("["):
            section = sections.setdefault(words[0].strip("[]"), [])
        elif section is None or len(words) > 1:
            raise DebianError(f"line {number}: expected one name below a [section], found {line.strip()!r}")
        else:
            section.append(words[0])
    return sections


def read_lock(text: str) -> Lock:
    """Parse a lock. Raises `DebianError`."""
    moment: datetime | None = None
    packages = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if len(words) == 2 and words[0] == "snapshot":
            moment = _moment(words[1])
        elif words:
            package = _package(words)
            if package is None:
                raise DebianError(f"line {number} of the lock can't be read: refresh it with image/lock.sh")
            packages.append(package)
    if moment is None or not packages:
        raise DebianError("the lock names no snapshot or no packages: refresh it with image/lock.sh")
    return Lock(moment, tuple(packages))


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise DebianError(f"the lock's snapshot is no time: {stamp!r}; refresh it with image/lock.sh") from None


def _package(words: list[str]) -> Package | None:
    if len(words) != 5 or words[0] not in list(Use) or not words[3].isdigit():
        return None
    use, pinned, path, size, sha256 = words
    name, _, version = pinned.partition("=")
    return Package(name, version, sha256, int(size), path, Use(use)) if version else None


def written(lock: Lock) -> str:
    """The lock as text."""
    in_order = sorted(lock.packages, key=lambda package: (list(Use).index(package.use), package.name))
    lines = [
        "# Made by image/lock.sh from packages.txt: use, name=version, path on the mirror, bytes, SHA-256.",
        f"snapshot {lock.moment:%Y%m%dT%H%M%SZ}",
        *(f"{one.use} {one.name}={one.version} {one.path} {one.size} {one.sha256}" for one in in_order),
    ]
    return "\n".join(lines) + "\n"


def resolve(wanted: dict[str, list[str]], directory: Path, *, moment: datetime) -> Lock:
    """What apt would install on an empty 64-bit ARM machine; verified by Debian's signatures. Raises `DebianError`."""
    apt = apt_for(directory)
    run([*apt, "update"])
    roots = ["?essential", "?priority(required)", *wanted["install"]]
    installed = _uris(run([*apt, "-y", "--print-uris", "install", *roots]))
    taken = []
    for use in (Use.UNPACK, Use.BUILD):
        names = _kernels(wanted.get(use, []), directory)
        taken += _uris(run([*apt, "--print-uris", "download", *names]), use) if names else []
    return Lock(moment, (*installed, *taken))


def fetch(packages: Iterable[Package], cache: Path, *, offline: bool, moment: datetime) -> None:
    """Have every package in the cache, whole. Raises `DebianError` with all that are missing."""
    cache.mkdir(parents=True, exist_ok=True)
    missing = [package for package in packages if not _whole(cache / package.file, package)]
    if offline and missing:
        names = ", ".join(package.file for package in missing)
        raise DebianError(f"{len(missing)} packages are not in the cache and --offline forbids to fetch them: {names}")
    with ThreadPoolExecutor(max_workers=6) as pool:
        failures = [failure for failure in pool.map(lambda one: _fetch_one(one, cache, moment), missing) if failure]
    if failures:
        raise DebianError("; ".join(failures))


def repository(packages: Iterable[Package], cache: Path, directory: Path) -> None:
    """A repository that offers these packages alone: `deb [trusted=yes] copy:DIRECTORY ./`."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        old.unlink()
    stanzas = []
    for package in sorted(packages, key=lambda package: package.name):
        (directory / package.file).hardlink_to(cache / package.file)
        fields = run(["dpkg-deb", "--field", str(cache / package.file)]).rstrip("\n")
        stanzas.append(f"{fields}\nFilename: ./{package.file}\nSize: {package.size}\nSHA256: {package.sha256}\n")
    (directory / "Packages").write_text("\n".join(stanzas))


def apt_for(directory: Path, *, sources: bool = False) -> list[str]:
    """apt for a machine that has nothing, apart from this one's own; with lists of source packages where asked."""
    for part in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    (directory / "state/status").touch()
    kinds = ("deb", "deb-src") if sources else ("deb",)
    lines = [
        f"{kind} [signed-by={KEYRING}] {MIRROR}/{archive} {suite} {COMPONENTS}\n"
        for kind in kinds
        for archive, suite in SUITES
    ]
    (directory / "sources.list").write_text("".join(lines))
    options = {
        "Dir::State": directory / "state",
        "Dir::State::status": directory / "state/status",
        "Dir::Cache": directory / "cache",
        "Dir::Etc": directory / "etc",
        "Dir::Etc::sourcelist": directory / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Acquire::ForceHash": "SHA256",
        "Acquire::Languages": "none",
    }
    return ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


def _kernels(names: list[str], directory: Path) -> list[str]:
    """The names with the kernel's metapackage replaced by the packages that have its files."""
    apt_cache = ["apt-cache", *apt_for(directory)[2:], "show"]
    found = []
    for name in names:
        bare, _, suite = name.partition("/")
        if not bare.startswith("linux-image"):
            found.append(name)
            continue
        stanzas = run([*apt_cache, bare]).split("\n\n")
        images = [image.group() for stanza in stanzas if (image := _IMAGE.search(stanza))]
        if not images:
            raise DebianError(f"{name} depends on no kernel: name one in packages.txt")
        # Of a metapackage's versions, that of the suite: the newest, or the one that is not backported.
        image = next((image for image in images if suite.endswith("-backports")), images[-1])
        parts = _PARTS.findall(run([*apt_cache, image]))
        found += dict.fromkeys(parts) if parts else [image]
    return found


def _uris(output: str, use: Use = Use.INSTALL) -> list[Package]:
    packages = []
    for uri, file, size, sha256 in printed_files(output):
        name, version, _ = unquote(file).rsplit("_", 2)
        packages.append(Package(name, version, sha256, size, urlsplit(uri).path.lstrip("/"), use))
    return packages


def printed_files(output: str) -> list[tuple[str, str, int, str]]:
    """Address, name, bytes and SHA-256 of each file that `apt-get --print-uris` names."""
    found = (_URI.match(line) for line in output.splitlines())
    return [(match["uri"], match["file"], int(match["size"]), match["sha256"]) for match in found if match]


def _fetch_one(package: Package, cache: Path, moment: datetime) -> str:
    """Why it could not be fetched; empty where it was."""
    archive, _, rest = package.path.partition("/")
    places = (f"{MIRROR}/{package.path}", f"{SNAPSHOT}/{archive}/{moment:%Y%m%dT%H%M%SZ}/{rest}")
    reasons = []
    for place in places:
        part = cache / f"{package.file}.part"
        try:
            with urllib.request.urlopen(place, timeout=60) as source, part.open("wb") as target:  # noqa: S310 - http
                while chunk := source.read(1 << 20):
                    target.write(chunk)
        except (OSError, urllib.error.URLError) as error:
            reasons.append(f"{place}: {error}")
            continue
        if _whole(part, package):
            part.rename(cache / package.file)
            return ""
        part.unlink()
        reasons.append(f"{place}: its digest is not the locked one")
    return f"{package.name}={package.version} can't be fetched ({'; '.join(reasons)}); refresh with image/lock.sh"


def _whole(file: Path, package: Package) -> bool:
    if not file.is_file() or file.stat().st_size != package.size:
        return False
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == package.sha256


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DebianError(f"{command[0]} failed with status {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    lock = verbs.add_parser("lock")
    lock.add_argument("wanted", type=Path)
    lock.add_argument("lock", type=Path)
    lock.add_argument("--directory", type=Path, required=True, help="where apt keeps its lists")
    get = verbs.add_parser("fetch")
    get.add_argument("lock", type=Path)
    get.add_argument("cache", type=Path)
    get.add_argument("--repository", type=Path, required=True)
    get.add_argument("--offline", action="store_true")
    verbs.add_parser("moment").add_argument("lock", type=Path)
    options = parser.parse_args(arguments)
    if options.verb == "lock":
        wanted = read_wanted(options.wanted.read_text())
        made = resolve(wanted, options.directory.absolute(), moment=datetime.now(UTC).replace(microsecond=0))
        # What has not changed keeps its moment, and with it what was made of it.
        old = read_lock(options.lock.read_text()) if options.lock.exists() else None
        if old is None or set(old.packages) != set(made.packages):
            options.lock.write_text(written(made))
        return
    lock = read_lock(options.lock.read_text())
    if options.verb == "moment":
        print(int(lock.moment.timestamp()))
        return
    fetch(lock.packages, options.cache, offline=options.offline, moment=lock.moment)
    repository(lock.of(Use.INSTALL), options.cache, options.repository)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except DebianError as error:
        sys.exit(f"error: {error}")
