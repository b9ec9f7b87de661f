"""The short form of the boot test, where qemu is installed and an image has been built; skipped elsewhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from image.boot.machine import QEMU

ROOT = Path(__file__).parents[3]


def built_image() -> Path | None:
    named = os.environ.get("EDGE_IMAGE")
    found = [Path(named)] if named else sorted((ROOT / "dist").glob("edge-*-arm64.img*"))
    return next((path for path in reversed(found) if path.suffix in (".img", ".zst") and path.is_file()), None)


@pytest.mark.timeout(1200)
@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"{QEMU} is not installed (package qemu-system-arm)")
@pytest.mark.skipif(shutil.which("mcopy") is None, reason="mtools is not installed")
@pytest.mark.skipif(
    built_image() is None, reason="no image in dist/, none named by EDGE_IMAGE: image/build.sh makes one"
)
def test_the_image_starts_and_a_sentence_moves_a_device_in_it() -> None:
    command = [sys.executable, "-m", "image.boot", str(built_image()), "--short", "--patience", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
