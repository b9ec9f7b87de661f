"""The password of the page and of the broker: made up at the first start, told on the boot partition until changed."""

import base64
import contextlib
import grp
import hashlib
import logging
import os
import re
import secrets
import stat
from typing import Final

from edge.api.http.tokens import Tokens
from edge.appliance.errors import ApplianceError
from edge.appliance.files import read_bounded, writable, write_private
from edge.appliance.places import Machine
from edge.appliance.running import Runner
from edge.appliance.seed.model import PASSWORD
from edge.files import replace_file

log = logging.getLogger(__name__)

TOKEN: Final = "password"  # noqa: S105 (a name)
"""What the token is called that is the password of the page."""
HOUSE: Final = "house"
"""Whom the house's devices are to the broker."""
OURS: Final = "edge"
BROKER_SECRET: Final = "broker"  # noqa: S105 (a name)
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another."""
_ROUNDS: Final = 101
_TOLD: Final = re.compile(r"^password: +(\S+)\r?$", re.MULTILINE)
_MOST_BYTES: Final = 64 * 1024


def new_password() -> str:
    """Four groups of four letters and digits: 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def use_password(machine: Machine, password: str) -> None:
    """Let it in at the page, and the house's devices with it at the broker; on the disk when this returns.

    Raises OSError or `TokenError`.
    """
    with machine.as_service():
        machine.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        Tokens.in_state(machine.state).put(TOKEN, password)
    use_broker_password(machine, HOUSE, password)


def use_broker_password(machine: Machine, user: str, password: str) -> None:
    """Let `user` in at the broker with it. Raises OSError."""
    file = machine.config / "broker/passwords"
    lines = {}
    with contextlib.suppress(OSError):
        for line in read_bounded(file, _MOST_BYTES).decode("utf-8", "replace").splitlines():
            name, mark, rest = line.partition(":")
            if mark:
                lines[name] = rest
    if not _is_of(lines.get(user, ""), password):
        lines[user] = hashed(password, secrets.token_bytes(12))
    text = "".join(f"{name}:{rest}\n" for name, rest in sorted(lines.items()))
    file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    gid = _broker_group()
    if gid is not None:
        os.chown(file.parent, -1, gid)
        file.parent.chmod(0o750)
    write_private(file, text.encode(), 0o640, gid)


def agree_with_broker(machine: Machine, run: Runner) -> bool:
    """Have the machine's own broker know what the service shows it now; whether it had to be told.

    A backup of another board brings that board's. Raises OSError or `ApplianceError`.
    """
    file = machine.config / "broker/passwords"
    if not file.is_file():
        return False
    try:
        with machine.as_service():
            ours = read_bounded(machine.secrets / BROKER_SECRET, 1000).decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return False
    before = read_bounded(file, _MOST_BYTES)
    use_broker_password(machine, OURS, ours)
    if read_bounded(file, _MOST_BYTES) == before:
        return False
    run(["systemctl", "--no-block", "try-reload-or-restart", "mosquitto.service"])
    return True


def hashed(password: str, salt: bytes) -> str:
    """As mosquitto keeps it: PBKDF2 with SHA-512."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def _is_of(line: str, password: str) -> bool:
    """Whether a password was hashed to this."""
    parts = line.split("$")
    if len(parts) != 5 or parts[1] != "7" or parts[2] != str(_ROUNDS):
        return False
    with contextlib.suppress(ValueError):
        return secrets.compare_digest(line, hashed(password, base64.b64decode(parts[3], validate=True)))
    return False


def _broker_group() -> int | None:
    """Of the broker's user, as root; None where there is none."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return grp.getgrnam("mosquitto").gr_gid
    return None


def first_password(machine: Machine, name: str, run: Runner) -> str | None:
    """Make one up where there has been none yet; None where there was. Raises OSError or `TokenError`.

    It is told before it counts: a power cut between the two leaves a file that the next start finds and uses.
    """
    with machine.as_service():
        known = {token.name for token in Tokens.in_state(machine.state).all()}
    if TOKEN in known:
        return None
    told = told_password(machine)
    password = told if told is not None and PASSWORD.fullmatch(told) else new_password()
    try:
        with writable(machine.boot, run):
            replace_file(machine.password_file, _text(name, password).encode())
    except (OSError, ApplianceError) as error:
        # The console shows it all the same.
        log.error("appliance.password_not_told", extra={"file": str(machine.password_file), "reason": str(error)})  # noqa: TRY400
    use_password(machine, password)
    return password


def told_password(machine: Machine) -> str | None:
    """The password in the file on the boot partition; None where there is none."""
    try:
        found = _TOLD.search(read_bounded(machine.password_file, _MOST_BYTES).decode("utf-8", "replace"))
    except OSError:
        return None
    return found[1] if found else None


def tidy(machine: Machine, run: Runner) -> bool:
    """Remove the file once its password is not the one in force; whether it was removed."""
    told = told_password(machine)
    if told is None and not machine.password_file.exists():
        return False
    with machine.as_service():
        holder = Tokens.in_state(machine.state).holder(told) if told else None
    if holder == TOKEN:
        return False
    with writable(machine.boot, run), contextlib.suppress(FileNotFoundError):
        length = machine.password_file.stat().st_size if stat.S_ISREG(machine.password_file.lstat().st_mode) else 0
        with machine.password_file.open("r+b") as stream:
            stream.write(b" " * length)
        machine.password_file.unlink()
    return True


def _text(name: str, password: str) -> str:
    """For a person on any computer, so with its line ends."""
    return (
        "The password of this appliance, made up at its first start.\n\n"
        f"password: {password}\n\n"
        f"The page:   http://{name}.local:8080\n"
        f"The broker: {name}.local, port 1883, user {HOUSE}\n\n"
        'This file goes when the password is changed: write password = "..." into edge.toml beside it,\n'
        "or run `edge appliance password`. The assistant goes on without it either way.\n"
    ).replace("\n", "\r\n")
