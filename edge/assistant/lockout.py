"""Wrong PINs: after some of them none is taken for a while, then for longer; kept over restarts."""

import asyncio
import contextlib
import json
import logging
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.files import replace_file

log = logging.getLogger(__name__)

FILE: Final = "pin-tries.json"
"""In the state directory."""
TRIES: Final = 5
"""Wrong ones before the first pause."""
MORE: Final = 3
"""Before each that follows."""
FIRST_S: Final = 300.0
LONGEST_S: Final = 8 * 3600.0


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    pauses: int = 0
    until_s: float = -math.inf
    """On the boot clock of this run."""


class Lockout:
    """By kind of source: whoever floods one keeps nobody out elsewhere. Moments are on the boot clock, in seconds."""

    def __init__(self) -> None:
        self._tries: dict[str, _Tries] = {}
        self._file: Path | None = None
        self._writing = threading.Lock()
        self._tasks: set[asyncio.Future[None]] = set()

    def keep_in(self, file: Path, now_s: float) -> None:
        """Read what was, and write what comes. A pause that had begun begins anew: restarting is no way out.

        Blocks.
        """
        self._file = file
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            for source, one in kept.items():
                left_s = min(LONGEST_S, max(0.0, float(one["pause_s"])))
                until_s = now_s + left_s if left_s else -math.inf
                self._tries[str(source)] = _Tries(int(one["wrong"]), int(one["pauses"]), until_s)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.warning("pin.tries_unreadable", extra={"file": str(file), "reason": str(error)})

    def pauses(self, source: str, now_s: float) -> bool:
        """Whether no PIN is taken from there now, right or wrong."""
        tries = self._tries.get(source)
        return tries is not None and now_s < tries.until_s

    def right(self, source: str) -> None:
        """It was the PIN."""
        if self._tries.pop(source, None) is not None:
            self._write()

    def wrong(self, source: str, now_s: float) -> None:
        """It was not."""
        tries = self._tries.setdefault(source, _Tries())
        tries.wrong += 1
        if tries.wrong >= (MORE if tries.pauses else TRIES):
            pause_s = _pause_s(tries.pauses)
            tries.wrong, tries.pauses, tries.until_s = 0, tries.pauses + 1, now_s + pause_s
            log.warning("pin.paused", extra={"source": source, "pause_s": pause_s})
        self._write()

    async def settled(self) -> None:
        """Wait for what is being written."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _plain(self) -> dict[str, Any]:
        return {
            source: {
                "wrong": one.wrong,
                "pauses": one.pauses,
                "pause_s": _pause_s(one.pauses - 1) if one.until_s > 0 else 0.0,
            }
            for source, one in self._tries.items()
        }

    def _write(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(RuntimeError):  # nobody runs a loop: nothing is asked
            task = asyncio.get_running_loop().run_in_executor(None, self._save, self._file)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _save(self, file: Path) -> None:
        with self._writing:
            try:
                replace_file(file, json.dumps(self._plain()).encode())
            except OSError as error:
                log.warning("pin.tries_unkept", extra={"file": str(file), "reason": str(error)})


def _pause_s(number: int) -> float:
    """The first, the second, … one."""
    return min(LONGEST_S, FIRST_S * float(2 ** min(number, 10)))
