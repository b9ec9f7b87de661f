"""Goes through a start of the machine in a directory: what a release does there is known before it is switched to.

`python -I -m edge.appliance.rehearsal DIRECTORY` ends with 0, or with 1 and a line for each thing that went wrong. A
release whose service runs and whose start of the machine does not would leave a board without a network, for good.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge.appliance.boot import boot
from edge.appliance.places import Machine

_NETWORK: Final = "run/NetworkManager/system-connections/edge-wifi-0.nmconnection"
_SEED: Final = """\
name = "rehearsal"

[wifi]
ssid = "rehearsal"
password = "of-the-rehearsal"
country = "GB"

[speech]
area = "Kitchen"
"""


def rehearse(directory: Path) -> list[str]:
    """What went wrong, with no program called and nothing outside of the directory touched. Raises OSError."""
    machine = Machine(directory, directory / "boot")
    for place in (machine.boot, machine.config, machine.state.parent, machine.root / "run"):
        place.mkdir(parents=True, exist_ok=True)
    machine.seed.write_text(_SEED, "utf-8")
    report, password = boot(machine, _call_nothing, lambda _: None)
    wrong = list(report.problems)
    wrong += [] if password else ["no password was made up"]
    wrong += [] if (directory / _NETWORK).is_file() else ["no wireless network was set up"]
    wrong += [] if "of-the-rehearsal" not in machine.seed.read_text("utf-8") else ["a password was left on the card"]
    return wrong


def _call_nothing(command: Sequence[str], given: str = "") -> str:
    del given
    return "overlay overlay\n" if command[0] == "findmnt" else ""


def main(arguments: list[str]) -> int:
    wrong = rehearse(Path(arguments[0]))
    for one in wrong:
        print(one)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
