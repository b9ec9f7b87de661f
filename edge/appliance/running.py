"""Programs of the system that a start calls: by one function, which tests replace by their own."""

import subprocess
from collections.abc import Sequence
from typing import Final, Protocol

from edge.appliance.errors import ApplianceError

_PATIENCE_S: Final = 120.0


class Runner(Protocol):
    """Runs a program to its end and gives what it printed. Raises `ApplianceError` where it fails or is not there."""

    def __call__(self, command: Sequence[str], given: str = "") -> str: ...


def run(command: Sequence[str], given: str = "") -> str:
    """`Runner` of this machine."""
    try:
        done = subprocess.run(  # noqa: S603 (our own command lines; nobody's text is a program or an option)
            command, input=given, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ApplianceError(f"{command[0]} can't be run: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ApplianceError(f"{' '.join(command[:4])} failed with {done.returncode}: {said[-1] if said else ''}")
    return done.stdout
