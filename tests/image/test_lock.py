"""The lock of Python packages keeps up with what edge asks for."""

import re
import tomllib
from pathlib import Path

import pytest

from image.debian import Use, read_lock, read_wanted

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = ("llm", "speech", "gpio", "whisper", "piper")
WANTED = [*PROJECT["dependencies"], *(line for extra in EXTRAS for line in PROJECT["optional-dependencies"][extra])]


@pytest.mark.parametrize("wanted", WANTED)
def test_what_edge_asks_for_is_locked_for_the_image(wanted: str) -> None:
    name = re.split(r"[^A-Za-z0-9._-]", wanted, maxsplit=1)[0].lower()
    lock = (ROOT / "image/wheels.lock").read_text()
    assert re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE), "refresh the lock with image/lock.sh"


def test_what_the_image_wants_of_debian_is_locked_and_swap_is_made_by_one() -> None:
    wanted = read_wanted((ROOT / "image/packages.txt").read_text())
    lock = read_lock((ROOT / "image/packages.lock").read_text())
    locked = {package.name for package in lock.of(Use.INSTALL)}
    assert {name for name in wanted["install"] if not name.endswith("-")} <= locked
    assert not any("zram" in name for name in locked)
    assert "swap_in_memory" in (ROOT / "image/files/init").read_text()
