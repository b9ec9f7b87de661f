"""Where the machine's own files lie, and as whom the service's are written."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USER: Final = "edge"


@dataclass(frozen=True, slots=True)
class Account:
    """The service's user."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Paths below one root, and the service's user; None where everything is done as whoever runs this."""

    root: Path = Path("/")
    boot: Path = Path("/boot/firmware")
    """The FAT partition that a person sees on any computer."""
    account: Account | None = None

    @property
    def seed(self) -> Path:
        """What a person writes."""
        return self.boot / "edge.toml"

    @property
    def problems_file(self) -> Path:
        """What is wrong with the seed, beside it."""
        return self.boot / "edge-problems.txt"

    @property
    def password_file(self) -> Path:
        """The password that was made up, until it is changed."""
        return self.boot / "edge-password.txt"

    @property
    def config(self) -> Path:
        """Root's: settings, the broker's passwords, SSH's keys."""
        return self.root / "etc/edge"

    @property
    def state(self) -> Path:
        """The service's."""
        return self.root / "var/lib/edge"

    @property
    def memory(self) -> Path:
        """What a start remembers of those before."""
        return self.state / "boot"

    @property
    def secrets(self) -> Path:
        """What came as a secret in the seed: one file each, for the service's user alone."""
        return self.state / "secrets"

    @property
    def run(self) -> Path:
        """What holds until the next start."""
        return self.root / "run/edge-boot"

    @property
    def data_place(self) -> Path:
        """Where the first program of a start has noted whether changes go to the card (`data`) or into memory."""
        return self.root / "run/edge-data"

    @contextmanager
    def as_service(self) -> Iterator[None]:
        """For the length of the block files are touched as the service's user.

        Its directories are its own: what it could have put there, a link for one, must not be followed as root.
        """
        if self.account is None or os.geteuid() != 0:
            yield
            return
        groups = os.getgroups()
        os.setgroups([])
        os.setegid(self.account.gid)
        os.seteuid(self.account.uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)


def this_machine(boot: Path | None = None) -> Machine:
    """The machine that this runs on."""
    import pwd

    account = None
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam(USER)
        account = Account(entry.pw_uid, entry.pw_gid)
    return Machine(boot=boot or Machine().boot, account=account)
