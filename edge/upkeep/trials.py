"""Has a release tried before it is switched to: by its own code, as the service's user, on a copy of the state.

`RELEASE/bin/python -I -m edge.service.trial --config FILE --state DIR --work DIR` must end with 0 and print JSON
`{"ok", "problems": [text], "notes": [text]}`. That is all that releases have to agree on.
"""

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.upkeep.installation import TRIAL, Installation, remove_tree
from edge.upkeep.owner import owner_of

WITHIN_S: Final = 600.0
"""A Zero 2 W takes a minute for what a desktop does in five seconds."""
_MOST_BYTES: Final = 1 << 16
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial came to."""

    ok: bool
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """In one sentence."""
        return "; ".join(self.problems[:3]) or "it did not say why"


def try_release(installation: Installation, name: str, config: Path, state: Path, within_s: float = WITHIN_S) -> Tried:
    """Start the release aside, and hear what it has to say. Raises OSError where not even a directory can be made."""
    work = installation.root / f"{TRIAL}{os.urandom(6).hex()}"
    work.mkdir(mode=0o700)
    try:
        owner = owner_of(state)
        if owner is not None:
            os.chown(work, *owner)
        return _tried(installation.path(name), config, state, work, owner, within_s)
    finally:
        remove_tree(work)


def _tried(
    release: Path, config: Path, state: Path, work: Path, owner: tuple[int, int] | None, within_s: float
) -> Tried:
    command: list[str | Path] = [release / "bin/python", "-I", "-m", "edge.service.trial"]
    command += [*("--config", config), *("--state", state), *("--work", work)]
    user: dict[str, Any] = {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}
    said = work.with_name(work.name + "-said")
    environment = {"PATH": _PATH, "HOME": str(work), "TMPDIR": str(work), "LANG": "C.UTF-8"}
    with said.open("w+b") as output:
        said.unlink()
        try:
            process = subprocess.Popen(  # noqa: S603 (a release of ours)
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=work,
                env=environment,
                start_new_session=True,
                **user,
            )
        except OSError as error:
            return Tried(ok=False, problems=(f"it can't be started: {error.strerror or error}",))
        try:
            status = process.wait(within_s)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            # Whatever it has started ends with it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(max(0, output.seek(0, os.SEEK_END) - _MOST_BYTES))
        return _understood(status, output.read().decode("utf-8", "replace"), within_s)


def _understood(status: int | None, said: str, within_s: float) -> Tried:
    lines = said.strip().splitlines()
    if status is None:
        return Tried(ok=False, problems=(f"its trial was not over after {within_s:.0f} s",))
    with suppress(ValueError, KeyError, TypeError, IndexError, AttributeError):
        plain = json.loads(lines[-1])
        problems, notes = (tuple(str(text)[:500] for text in plain.get(key, ())) for key in ("problems", "notes"))
        return Tried(ok=status == 0 and plain["ok"] is True, problems=problems, notes=notes)
    last = lines[-1][:300] if lines else "it said nothing"
    return Tried(ok=False, problems=(f"its trial ended with {status}: {last}",))
