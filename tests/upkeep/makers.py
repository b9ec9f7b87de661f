"""Small releases that are whole, bundles of them, and a service that does as the test says."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edge.upkeep.installation import Installation
from edge.upkeep.manifest import Manifest
from edge.upkeep.service_control import Pulse
from edge.upkeep.updater import Updater
from image.bundle import described, write_bundle
from image.signing import SecretKey

KEY = SecretKey("00112233AABBCCDD", bytes(range(32)))
OTHER_KEY = SecretKey("FFEEDDCCBBAA9988", bytes(range(1, 33)))
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
MACHINE = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()
TRIAL = """\
import json
import sys

PROBLEMS = {problems!r}
print("tried")
print(json.dumps({{"ok": not PROBLEMS, "problems": PROBLEMS, "notes": []}}))
sys.exit(bool(PROBLEMS))
"""
PROGRAM = """\
import sys


def main():
    print("edge {version}", sys.prefix)
    return 0
"""


def wheel(directory: Path, name: str, version: str, files: Mapping[str, str | bytes], programs: str = "") -> Path:
    """A wheel of pure Python."""
    path = directory / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    if programs:
        contents[f"{info}/entry_points.txt"] = f"[console_scripts]\n{programs}\n"
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in contents.items():
            archive.writestr(member, data)
    return path


def edge_wheel(directory: Path, version: str, problems: tuple[str, ...] = (), more: int = 3) -> Path:
    """A wheel that is called edge, can be started, and says of its trial what it is told to."""
    files = {
        "edge/__init__.py": f'__version__ = "{version}"\n',
        "edge/cli/__init__.py": "",
        "edge/cli/main.py": PROGRAM.format(version=version),
        "edge/service/__init__.py": "",
        "edge/service/trial.py": TRIAL.format(problems=list(problems)),
        **{f"edge/part_{number}.py": f"NUMBER = {number}\n" for number in range(more)},
    }
    return wheel(directory, "edge_assistant", version, files, "edge = edge.cli.main:main")


def bundle(directory: Path, version: str, *, signers: tuple[SecretKey, ...] = (KEY,), **changes: Any) -> Path:
    """A signed bundle of a small release; `changes` are the manifest's, or `problems` of its trial."""
    problems, more, padding = changes.pop("problems", ()), changes.pop("more", 3), changes.pop("padding", 0)
    wheels = [edge_wheel(directory / f"wheels-{version}", version, problems, more)]
    if padding:
        wheels.append(wheel(directory / f"wheels-{version}", "padding", "1", {"padding.bin": os.urandom(padding)}))
    manifest = described(wheels, least="0.1.0", architecture=MACHINE, python=PYTHON)
    manifest = replace(manifest, **{"schemas": {"config": 1, "schedule.sqlite": 1}, **changes})
    return write(directory / f"edge-{version}.bundle", manifest, wheels, *signers)


def write(file: Path, manifest: Manifest, wheels: list[Path], *keys: SecretKey) -> Path:
    """A bundle as it is told."""
    write_bundle(file, manifest, wheels, *keys)
    return file


class PowerCutError(BaseException):
    """Nothing of ours catches this."""


@dataclass(slots=True)
class FakeService:
    """A service whose health is what the test says; time passes only here."""

    installation: Installation
    runs: bool = True
    healthy: bool = True
    power_goes: bool = False
    """At the next restart."""
    on_restart: Callable[[], None] = lambda: None
    done: list[str] = field(default_factory=list)

    def active(self) -> bool:
        return self.runs

    def stop(self) -> None:
        self.done.append("stop")

    def restart(self) -> None:
        if self.power_goes:
            raise PowerCutError
        self.done.append(f"restart {self.installation.current()}")
        self.on_restart()

    def pulse(self) -> Pulse | None:
        name = self.installation.current()
        if not self.healthy or name is None:
            return None
        return Pulse(name.partition("+")[0], str(self.installation.path(name)), 60.0)

    def wait(self, seconds: float) -> None:
        del seconds


def installed(root: Path, *versions: str) -> Installation:
    """An installation with these releases, the last one in use."""
    installation = Installation(root)
    for version in versions:
        release = installation.path(version)
        (release / "bin").mkdir(parents=True)
        (release / "bin/edge").write_text("#!/bin/sh\n")
        (release / "bin/edge").chmod(0o755)
        (release / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (release / "complete").write_text("aaaaaaaa\n")
    installation.switch(versions[-1])
    return installation


@dataclass(slots=True)
class Board:
    """An installation with configuration, state, keys and a service."""

    root: Path
    installation: Installation
    service: FakeService
    updater: Updater

    @property
    def state(self) -> Path:
        return self.root / "state"


def board(root: Path, *versions: str) -> Board:
    """A board on which the last of these versions runs."""
    installation = installed(root / "opt", *(versions or ("0.1.0",)))
    (root / "state").mkdir()
    keys = root / "etc/keys"
    keys.mkdir(parents=True)
    (keys / "release.pub").write_text(KEY.public.text())
    service = FakeService(installation)
    updater = Updater(installation, root / "etc/config.toml", root / "state", keys, service)
    return Board(root, installation, service, updater)


def quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


def whole(installation: Installation) -> bool:
    """Whether `current` leads to a release that is complete and can be started."""
    name = installation.current()
    if name is None or not installation.is_complete(name):
        return False
    program = installation.path(name) / "bin/edge"
    try:
        return subprocess.run([program], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
