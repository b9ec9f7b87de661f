"""What the tests of the machine share."""

from pathlib import Path

import pytest

from tests.appliance.machines import Board, board


@pytest.fixture
def house(tmp_path: Path) -> Board:
    """A machine that has never been started."""
    return board(tmp_path)
