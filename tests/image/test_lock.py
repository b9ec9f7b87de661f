"""The lock of Python packages keeps up with what edge asks for."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = ("llm", "speech", "gpio", "whisper", "piper")
WANTED = [*PROJECT["dependencies"], *(line for extra in EXTRAS for line in PROJECT["optional-dependencies"][extra])]


@pytest.mark.parametrize("wanted", WANTED)
def test_what_edge_asks_for_is_locked_for_the_image(wanted: str) -> None:
    name = re.split(r"[^A-Za-z0-9._-]", wanted, maxsplit=1)[0].lower()
    lock = (ROOT / "image/wheels.lock").read_text()
    assert re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE), "refresh the lock with image/lock.sh"
