"""Where updates of tests are made: in memory where that can be, as each waits for the whole disk several times."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")  # noqa: S108 (a directory of its own is made there)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A directory that is quick to write."""
    if not os.access(_MEMORY, os.W_OK):
        yield tmp_path
        return
    place = Path(tempfile.mkdtemp(prefix="edge-test-", dir=_MEMORY))
    yield place
    shutil.rmtree(place)
