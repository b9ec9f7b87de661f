"""What a start found: for the person beside the card's file, and for what greets once the service runs."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from edge.appliance.files import read_bounded, writable
from edge.appliance.places import Machine
from edge.appliance.running import Runner
from edge.files import replace_file

_MOST_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Report:
    """How this start went."""

    name: str
    problems: tuple[str, ...] = ()
    first: bool = False
    """Whether it is the machine's first."""
    wants_wifi: bool = False
    own: int = 0
    """How many of the problems, which come first, are the machine's and no lines of edge.toml."""


def tell(machine: Machine, report: Report, run: Runner) -> None:
    """Leave it for what comes later, and the problems beside the seed; that file goes with the last problem."""
    machine.run.mkdir(mode=0o755, parents=True, exist_ok=True)
    replace_file(machine.run / "report.json", json.dumps(asdict(report)).encode())
    (machine.run / "report.json").chmod(0o644)
    text = _text(report.problems)
    before: bytes | None = None
    with contextlib.suppress(OSError):
        before = read_bounded(machine.problems_file, _MOST_BYTES)
    if before == text:
        return
    with writable(machine.boot, run):
        if text is None:
            machine.problems_file.unlink(missing_ok=True)
        else:
            replace_file(machine.problems_file, text)


def told(machine: Machine) -> Report | None:
    """The report of this start; None where there is none."""
    try:
        facts: Any = json.loads(read_bounded(machine.run / "report.json", _MOST_BYTES))
        problems = tuple(str(problem) for problem in facts["problems"])
        return Report(str(facts["name"]), problems, bool(facts["first"]), bool(facts["wants_wifi"]), int(facts["own"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _text(problems: tuple[str, ...]) -> bytes | None:
    """For an editor on any computer."""
    if not problems:
        return None
    lines = [
        "What did not go well at the last start, most of it lines of edge.toml that are not used as they stand:",
        "",
    ]
    lines += [f"- {problem}" for problem in problems]
    lines += ["", "Mend them and start the machine again; this file goes then by itself.", ""]
    return "\r\n".join(lines).encode()


def as_lines(report: Report, password: str | None, where: Path) -> list[str]:
    """For the console."""
    lines = [f"edge: this is {report.name}.local"]
    if password:
        lines.append(f"edge: the password of the page and the broker is {password} (also in {where})")
    return lines + [f"edge: problem: {problem}" for problem in report.problems]
