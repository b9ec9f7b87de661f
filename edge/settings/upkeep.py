"""`[update]` and `[backup]`: where updates come from and whom they are believed from, and what is backed up where."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from edge.settings.base import Name, Table


class UpdateSettings(Table):
    """Where `edge update` looks when it is not told."""

    address: Name | None = None
    """A bundle's address, file or directory; none: mounted sticks."""
    keys: Path | None = None
    """A directory of public keys; none: `keys` beside the configuration file."""


class BackupSettings(Table):
    """What `edge backup --daily` does, which the unit `edge-backup` calls."""

    directory: Path | None = None
    """None: `backups` in the state directory."""
    keep: Annotated[int, Field(ge=1, le=1000)] = 7
    """How many; the oldest go."""
    passphrase_file: Path | None = None
    """A file whose first line encrypts them; none: they are not encrypted, and have no secrets in them."""
    history: bool = True
    """Whether what sensors said is in them."""
