"""Where releases lie, which one runs, and how another one is put in its place: by one rename, whenever power goes.

releases/VERSION     a release: a virtual environment with a file `complete` in it
current              the one that runs, a symlink
fallback             a symlink to the one before, as long as `current` is on trial
update.json          how far an update is; not there where none is under way
updates.json         what became of the last ones
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.files import held, sync_directory
from edge.upkeep.errors import UpdateError
from edge.upkeep.manifest import version_key

COMPLETE: Final = "complete"
VERSION: Final = "VERSION"
MANIFEST: Final = "release.json"
STAGING: Final = ".new-"
TRIAL: Final = ".trial-"
_NAME: Final = re.compile(r"\d[0-9A-Za-z._]{0,40}(\+[0-9a-z]{1,16})?", re.ASCII)


def is_release_name(name: object) -> bool:
    """Whether a release's directory may be called so: its version, or that and a digest."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Installation:
    """The releases below one directory, `/opt/edge` on a board."""

    root: Path

    @property
    def releases(self) -> Path:
        """The directory of releases."""
        return self.root / "releases"

    @property
    def current_link(self) -> Path:
        """What the service is started from."""
        return self.root / "current"

    @property
    def fallback_link(self) -> Path:
        """There while `current` is on trial."""
        return self.root / "fallback"

    @property
    def kept(self) -> Path:
        """Databases as they were before a release changed their form, by the name of that release."""
        return self.root / "kept"

    def path(self, name: str) -> Path:
        """The directory of a release."""
        return self.releases / name

    def current(self) -> str | None:
        """The name of the release that `current` leads to; None where it leads to none."""
        return self._led_to(self.current_link)

    def fallback(self) -> str | None:
        """The name of the release that `fallback` leads to."""
        return self._led_to(self.fallback_link)

    def complete(self) -> list[str]:
        """Names of all whole releases, the oldest version first."""
        found = [one.name for one in self._entries() if is_release_name(one.name) and self.is_complete(one.name)]
        return sorted(found, key=lambda name: (version_of(name), self._made(name)))

    def is_complete(self, name: str) -> bool:
        """Whether a release is there as a whole. What an image brings was written as a whole, and has no mark."""
        if not is_release_name(name):
            return False
        path = self.path(name)
        return (path / COMPLETE).is_file() or ((path / VERSION).is_file() and not (path / MANIFEST).exists())

    def running(self) -> str:
        """The name of the release in use. Raises `UpdateError` where edge is not installed in releases."""
        name = self.current()
        if name is None:
            raise UpdateError(
                f"{self.current_link} leads to no release: updates are for flashed boards and for what "
                "systemd/install.sh has installed; elsewhere update the checkout or the package"
            )
        return name

    def before(self, name: str) -> str | None:
        """The release to go back to from this one: the newest other one."""
        others = [one for one in self.complete() if one != name]
        return max(others, key=self._made, default=None)

    def free_bytes(self) -> int:
        """What the disk of the releases has left."""
        return shutil.disk_usage(self.releases).free

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other update is at work for the length of the block. Raises `UpdateError` where one is."""
        try:
            with held(self.releases, UpdateError("another update is under way: `edge update` shows how far it is")):
                yield
        except FileNotFoundError:
            raise UpdateError(f"there is no {self.releases}: edge is not installed in releases here") from None

    def make_staging(self) -> Path:
        """A new directory for a release in the making; what such a name begins with is never a release."""
        staging = self.releases / f"{STAGING}{os.urandom(6).hex()}"
        staging.mkdir(mode=0o755)
        return staging

    def put_in_place(self, staging: Path, name: str) -> None:
        """Make a release of a directory: all of it on the disk first, then its name."""
        sync_file_system(staging)
        target = self.path(name)
        if target.exists():
            remove_tree(target)
        staging.rename(target)
        sync_directory(self.releases)

    def switch(self, name: str) -> None:
        """Have `current` lead to this release from now on; there is no moment at which it leads nowhere."""
        if not self.is_complete(name):
            raise UpdateError(f"{self.path(name)} is no whole release")
        self._link(self.current_link, name)

    def set_fallback(self, name: str) -> None:
        """Say that `current` is on trial, and what to go back to."""
        self._link(self.fallback_link, name)

    def clear_fallback(self) -> None:
        """Say that no release is on trial."""
        self.fallback_link.unlink(missing_ok=True)
        sync_directory(self.root)

    def sweep(self) -> list[str]:
        """Remove what an interrupted update has left: what never became a release. Returns its names."""
        left = [one for one in self._entries() if one.name.startswith((STAGING, TRIAL))]
        left += [one for one in self._hidden() if one.name.startswith(TRIAL)]
        for one in left:
            remove_tree(one)
        return [one.name for one in left]

    def remove(self, name: str) -> None:
        """Remove a release that nothing leads to: its mark first, so that what is left of it is none."""
        if name in (self.current(), self.fallback()) or not is_release_name(name):
            raise UpdateError(f"{self.path(name)} is in use")
        for mark in (COMPLETE, VERSION):
            (self.path(name) / mark).unlink(missing_ok=True)
        remove_tree(self.path(name))

    def tidy(self, keep: str | None) -> list[str]:
        """Remove all releases but the current one and `keep`. Returns their names."""
        stay = {self.current(), self.fallback(), keep}
        gone = [one.name for one in self._entries() if is_release_name(one.name) and one.name not in stay]
        for name in gone:
            self.remove(name)
        return gone

    def _link(self, link: Path, name: str) -> None:
        fresh = link.with_name(f"{link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.path(name))
        fresh.replace(link)
        sync_directory(self.root)

    def _led_to(self, link: Path) -> str | None:
        try:
            name = link.readlink().name
        except OSError:
            return None
        return name if is_release_name(name) and self.path(name).is_dir() else None

    def _made(self, name: str) -> float:
        with suppress(OSError):
            return (self.path(name) / "pyvenv.cfg").stat().st_mtime
        return 0.0

    def _entries(self) -> list[Path]:
        try:
            return sorted(self.releases.iterdir())
        except OSError:
            return []

    def _hidden(self) -> list[Path]:
        try:
            return sorted(one for one in self.root.iterdir() if one.name.startswith("."))
        except OSError:
            return []


def version_of(name: str) -> tuple[int, int, int, int, int]:
    """The version in a release's name, to compare."""
    return version_key(name.partition("+")[0])


def remove_tree(path: Path) -> None:
    """A directory with everything in it; packages may have made parts of it unwritable."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return

    def writable(function: object, name: str, _: object) -> None:
        del function
        place = Path(name)
        place.parent.chmod(stat.S_IRWXU)
        if place.is_dir() and not place.is_symlink():
            place.chmod(stat.S_IRWXU)
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)

    shutil.rmtree(path, onerror=writable)


def sync_file_system(path: Path) -> None:
    """Wait until everything that was written to this file system is on the disk. Raises OSError."""
    import ctypes

    handle = os.open(path, os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syncfs(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(handle)
