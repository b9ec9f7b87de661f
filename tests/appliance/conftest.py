"""What the tests of the machine share."""

from pathlib import Path

import pytest

from tests.appliance.machines import Board, board


@pytest.fixture(autouse=True)
def every_line_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """So that a line that can't be is found."""
    caplog.set_level("DEBUG", "edge")


@pytest.fixture
def house(tmp_path: Path) -> Board:
    """A machine that has never been started."""
    return board(tmp_path)
