"""An update for the machine under test: signed, of the checkout's own code, with everything else borrowed.

A real bundle brings every package, whose bytecode an emulated processor makes in a quarter of an hour; for where power
may go it is the same with those of the release that runs.
"""

import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from image.boot.machine import MachineError
from image.bundle import described, write_bundle
from image.release import PYTHON, RELEASES
from image.signing import SecretKey
from image.wheel import write_wheel

LABEL: Final = "edge-offer"
_DRIVE_BYTES: Final = 128 << 20
_VERSION: Final = re.compile(r'(?<=^__version__: Final = ").*(?="$)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A drive with `edge.bundle` and `release.pub`, and from which release to which it leads."""

    drive: Path
    before: str
    after: str


def offered(directory: Path) -> Offer:
    """Make it of the checkout that is the current directory, one version higher than that."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    before = str(project["version"])
    head, _, last = before.rpartition(".")
    after = f"{head}.{int(last) + 1}"
    content, wheels = directory / "offer", directory / "offer-wheels"
    for one in (content, wheels):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir()
    made = [
        _own(wheels, after, {str(name): str(target) for name, target in project["scripts"].items()}),
        _borrowed(wheels, before),
    ]
    key = SecretKey.new()
    manifest = described(made, least=before, architecture="aarch64", python=PYTHON)
    write_bundle(content / "edge.bundle", manifest, made, key)
    (content / "release.pub").write_text(key.public.text())
    drive = directory / "offer.img"
    drive.unlink(missing_ok=True)
    with drive.open("wb") as file:
        file.truncate(_DRIVE_BYTES)
    done = subprocess.run(
        ["mkfs.ext4", "-q", "-F", "-L", LABEL, "-d", str(content), str(drive)], capture_output=True, check=False
    )
    if done.returncode:
        raise MachineError(f"the drive with the update can't be made: {done.stderr.decode(errors='replace').strip()}")
    return Offer(drive, before, after)


def _own(wheels: Path, version: str, scripts: dict[str, str]) -> Path:
    """The checkout's package under another version."""
    files = {str(path): path.read_bytes() for path in Path("edge").rglob("*") if path.is_file() and _belongs(path)}
    files["edge/__init__.py"] = _VERSION.sub(version, files["edge/__init__.py"].decode()).encode()
    programs = "".join(f"{name} = {target}\n" for name, target in scripts.items())
    files[f"edge_assistant-{version}.dist-info/entry_points.txt"] = f"[console_scripts]\n{programs}".encode()
    metadata = f"Metadata-Version: 2.1\nName: edge-assistant\nVersion: {version}\n".encode()
    return write_wheel(
        wheels,
        name="edge_assistant",
        version=version,
        tag="py3-none-any",
        metadata=metadata,
        files=files,
        licences={"LICENSE": Path("LICENSE").read_bytes()},
    )


def _belongs(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".pyc"


def _borrowed(wheels: Path, version: str) -> Path:
    """Everything else, where the release before has it."""
    site = RELEASES / version / f"lib/python{PYTHON}/site-packages"
    return write_wheel(
        wheels,
        name="borrowed",
        version="1",
        tag="py3-none-any",
        metadata=b"Metadata-Version: 2.1\nName: borrowed\nVersion: 1\n",
        files={"borrowed.pth": f"{site}\n".encode()},
        licences={},
    )
