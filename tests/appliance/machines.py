"""A machine in a temporary directory, and the programs of a system that only note that they were called."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.appliance.boot import boot
from edge.appliance.errors import ApplianceError
from edge.appliance.places import Machine
from edge.appliance.report import Report


@dataclass
class Programs:
    """`Runner`: what was called with what; `says` by program, `fails` by program."""

    says: dict[str, str] = field(default_factory=lambda: {"findmnt": "overlay overlay\n"})
    fails: set[str] = field(default_factory=set)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str], given: str = "") -> str:
        self.calls.append(tuple(command))
        self.given.append(given)
        if command[0] in self.fails:
            raise ApplianceError(f"{command[0]} failed with 1: no")
        if command[0] == "ssh-keygen":
            target = Path(command[-1])
            target.write_text("private")
            target.with_suffix(".pub").write_text("public")
        return self.says.get(command[0], "")

    def called(self, program: str) -> list[tuple[str, ...]]:
        """The calls of one."""
        return [call for call in self.calls if call[0] == program]


@dataclass
class Board:
    """A machine to be started; `names` are those that its host got."""

    machine: Machine
    programs: Programs = field(default_factory=Programs)
    names: list[str] = field(default_factory=list)
    password: str | None = None
    """What the last start made up."""

    def start(self) -> Report:
        """As at power on: what holds until the next start alone is gone."""
        report, self.password = boot(self.machine, self.programs, self.names.append)
        return report

    def write(self, text: str) -> None:
        """Into edge.toml, as an editor does."""
        self.machine.seed.write_text(text, "utf-8")

    @property
    def seed(self) -> str:
        """What stands there now."""
        return self.machine.seed.read_text("utf-8")


def board(root: Path) -> Board:
    """A machine that has never been started."""
    (root / "boot").mkdir()
    for name in ("var/lib", "etc/edge", "run"):
        (root / name).mkdir(parents=True)
    return Board(Machine(root, root / "boot"))
