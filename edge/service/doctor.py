"""Has doctor look at this machine, in a process of its own: what it loads is gone afterwards, and it can't hang us.

Some minutes after the start, every six hours, and when somebody asks.
"""

import asyncio
import json
import logging
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edge.api.control import Answer, Request
from edge.child import signalled

if TYPE_CHECKING:
    from edge.health.finding import Finding
    from edge.service.service import Service

log = logging.getLogger(__name__)

_FIRST_S: Final = 300.0
_EVERY_S: Final = 6 * 3600.0
_PATIENCE_S: Final = 30.0
"""It ends by itself within six seconds, on a machine that has nothing else to do."""
_DEEP_S: Final = 600.0
_MOST_TOLD: Final = 20
_FRESH_S: Final = 2.0
"""Who asks gets what was found by a look that began no longer ago than this, and waits for the next one otherwise."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Examination:
    """What doctor found, and when."""

    at_s: float
    """Seconds since the epoch."""
    took_s: float
    findings: "tuple[Finding, ...]"
    trouble: str = ""
    """Why there are no findings."""
    began_s: float = 0.0
    """By the monotonic clock."""

    def to_json(self) -> dict[str, Any]:
        """As the control socket and the page have it."""
        return {
            "at": round(self.at_s, 3),
            "took_s": round(self.took_s, 2),
            "findings": [one.to_json() for one in self.findings],
            "trouble": self.trouble,
        }


class Examiner:
    """One examination at a time; who asks during one that has only begun gets that one, who asks later the next."""

    def __init__(self) -> None:
        self.last: Examination | None = None
        """The latest; None before the first."""
        self._running: dict[bool, asyncio.Task[Examination]] = {}
        self._observers: list[Callable[[Examination], None]] = []

    def observe(self, observer: Callable[[Examination], None]) -> Callable[[], None]:
        """Have it told each examination; returns what ends that."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    async def examine(self, *, deep: bool = False) -> Examination:
        """Look now, or take what was found a moment ago. `deep` measures again what takes minutes. Raises nothing."""
        wanted_s = time.monotonic() - _FRESH_S
        if not deep and self.last is not None and self.last.began_s >= wanted_s:
            return self.last
        while True:
            task = self._running.get(deep)
            if task is None:
                task = self._running[deep] = asyncio.create_task(self._examine(deep=deep), name="doctor")
                task.add_done_callback(lambda _: self._running.pop(deep, None))
            found = await asyncio.shield(task)
            if found.began_s >= wanted_s:
                return found

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        pause_s = _FIRST_S
        while True:
            await asyncio.sleep(pause_s)
            await self.examine()
            pause_s = _EVERY_S

    async def close(self) -> None:
        """End what is under way."""
        tasks = tuple(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _examine(self, *, deep: bool) -> Examination:
        began_s = time.monotonic()
        findings, trouble = await _asked(deep=deep)
        found = Examination(time.time(), time.monotonic() - began_s, findings, trouble, began_s)
        problems = [one.check for one in findings if one.severity == "problem"]
        facts = {"problems": problems, "findings": len(findings), "took_s": round(found.took_s, 1)}
        log.info("doctor.examined", extra=facts | ({"trouble": trouble} if trouble else {}))
        self.last = found
        for observer in tuple(self._observers):
            observer(found)
        return found


async def open_doctor(service: "Service", stack: AsyncExitStack) -> Examiner:
    """Begin to look now and then; ended with the stack."""
    examiner = Examiner()
    task = asyncio.create_task(examiner.run(), name="doctor-round")

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task})
        await examiner.close()

    stack.push_async_callback(end)
    service.facts["doctor"] = lambda: _summary(examiner.last)
    return examiner


def doctor_answers(examiner: Examiner) -> dict[str, Answer]:
    """By the request's `do`.

    `doctor` {deep?}: `Examination.to_json`; `doctor_last` {}: the same of the last one, {} where there was none.
    """

    async def doctor(request: Request) -> Mapping[str, Any]:
        return (await examiner.examine(deep=request.arguments.get("deep") is True)).to_json()

    async def last(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return examiner.last.to_json() if examiner.last is not None else {}

    return {"doctor": doctor, "doctor_last": last}


def _summary(last: Examination | None) -> dict[str, Any]:
    """For `edge status`, and the health topic: what is not as it should be."""
    if last is None:
        return {}
    count = {name: sum(found.severity == name for found in last.findings) for name in ("problem", "note", "ok")}
    wrong = [one.to_json() for one in last.findings if one.severity != "ok"]
    return {"at": round(last.at_s, 3), **count, "trouble": last.trouble, "findings": wrong[:_MOST_TOLD]}


async def _asked(*, deep: bool) -> "tuple[tuple[Finding, ...], str]":
    """What it says, or why it says nothing."""
    from edge.health.finding import Finding

    command = [sys.executable, "-P", "-m", "edge", "doctor", "--json", "--gently", *(["--deep"] if deep else [])]
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=dict(os.environ), start_new_session=True
        )
    except OSError as error:
        return (), f"doctor can't be started: {error.strerror}"
    try:
        async with asyncio.timeout(_DEEP_S if deep else _PATIENCE_S):
            said, _ = await process.communicate()
        return tuple(Finding.from_json(one) for one in json.loads(said)["findings"]), ""
    except TimeoutError:
        return (), "doctor did not end in time, and was ended"
    except (ValueError, KeyError, TypeError):
        return (), f"doctor failed with status {process.returncode}: run `edge doctor` to see why"
    finally:
        signalled(process)
        await process.wait()
