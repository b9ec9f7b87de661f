"""Puts a release together out of wheels: a virtual environment on the system's Python, without a package manager."""

import compileall
import py_compile
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from edge.upkeep.bundle import Offered
from edge.upkeep.errors import BundleError
from edge.upkeep.installation import COMPLETE, MANIFEST
from edge.upkeep.wheels import Budget, unpack_wheel, write_programs

SIGNATURES: Final = MANIFEST + ".minisig"
NEEDED: Final = ("bin/edge", "bin/python")


def build_release(offered: Offered, wheels: Iterable[Path], staging: Path, final: Path) -> None:
    """Everything of the release in `staging`, as it will stand in `final`. Raises `BundleError`, and OSError."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    site = staging / f"lib/python{version}/site-packages"
    binaries = staging / "bin"
    for directory in (site, binaries):
        directory.mkdir(parents=True)
    budget = Budget(offered.manifest.installed_bytes)
    for wheel in wheels:
        if wheel.suffix != ".whl":
            raise BundleError(f"{offered.source}: {wheel.name} in it is no wheel")
        unpack_wheel(wheel, staging, site, budget)
        wheel.unlink()
    write_programs(staging, site, final)
    # After all wheels: nothing of theirs is written through these.
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    for name in ("python", "python3", f"python{version}"):
        (binaries / name).unlink(missing_ok=True)
        (binaries / name).symlink_to(base)
    (staging / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {version}\nprompt = edge\n"
    )
    compileall.compile_dir(
        site,
        quiet=2,
        stripdir=str(staging),
        prependdir=str(final),
        workers=1,
        maxlevels=30,
        # Not by their time but by nothing at all are these believed to fit: nobody changes a release.
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    missing = [name for name in NEEDED if not (staging / name).exists()]
    if missing:
        raise BundleError(f"{offered.source}: it is no release of edge: there is no {missing[0]} in it")
    (staging / "VERSION").write_text(f"{offered.manifest.version}\n")
    (staging / MANIFEST).write_bytes(offered.raw)
    (staging / SIGNATURES).write_bytes(offered.signatures)
    (staging / COMPLETE).write_text(f"{offered.digest[:8]}\n")
