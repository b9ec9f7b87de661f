"""Cuts an update off, and says what is wrong afterwards."""

import shutil
import subprocess
import sys
from pathlib import Path

from edge.upkeep.installation import Installation, is_release_name
from edge.upkeep.journal import Records
from tests.upkeep.makers import whole

ROOT = Path(__file__).parents[2]


def run(work: str, root: Path, file: Path, at: int = 0) -> tuple[bool, int]:
    """Whether it was killed, and how often the disk was changed where it was not."""
    command = [sys.executable, "-m", "tests.upkeep.killed", work, root, file, str(at)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == -9:
        return True, at
    assert done.returncode == 0, done.stderr
    return False, int(done.stdout.split()[-1])


def wrong_now(root: Path) -> list[str]:
    """What must never be, at whatever moment it is cut off."""
    installation = Installation(root / "opt")
    return [] if whole(installation) else [f"current leads to {installation.current()}, which is not whole"]


def wrong_in_the_end(root: Path) -> list[str]:
    """What must not be left once it was recovered from."""
    installation, records = Installation(root / "opt"), Records(root / "opt")
    wrong = wrong_now(root)
    left = [one.name for one in installation.releases.iterdir() if not installation.is_complete(one.name)]
    wrong += [f"{name} is left" for name in left]
    wrong += [f"{one.name} is left" for one in (root / "opt").iterdir() if one.name.startswith(".")]
    if records.read() is not None:
        wrong.append(f"{records.read()} is under way")
    if installation.fallback_link.is_symlink():
        wrong.append("fallback is left")
    if installation.current() not in ("0.1.0", "0.2.0") or not is_release_name(installation.current()):
        wrong.append(f"{installation.current()} runs")
    return wrong


def fresh(template: Path, root: Path) -> Path:
    """A board as it was; links in it lead into itself."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, symlinks=True)
    Installation(root / "opt").switch("0.1.0")
    return root
