"""One small file a check; a file here is a check, and nothing has to be told of it.

Each has `look(ground)`, which gathers facts and returns None where there is nothing to look at, and `check(facts)`,
which judges them and touches nothing. `PATIENCE_S` is how long looking may take, 3 s where it is not given; one that
takes longer is said to have done so, and the others go on. `HEAVY` is True where looking is mostly computing. Imports
everything that may be looked at; nothing imports this but the command line.
"""

import asyncio
import importlib
import logging
import pkgutil
import queue
import threading
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Final

from edge.errors import EdgeError
from edge.health.finding import Finding, note, problem
from edge.health.ground import Ground
from edge.health.patience import fair_s, starved_s, within

log = logging.getLogger(__name__)

ALL_S: Final = 4.5
"""How long all checks together may take from the start of the process on, unless they look deep."""
DEEP_S: Final = 540.0
_LEAST_S: Final = 2.0
_LEAST_EACH_S: Final = 0.3
_USUAL_S: Final = 3.0
_HEAD_START_S: Final = 1.2
_OVERDUE_S: Final = 12.0
_BUSY_S: Final = 3.0


def names() -> tuple[str, ...]:
    """Of all checks, in the order in which they are told."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__)))


def _loaded(name: str) -> ModuleType | None:
    """One check; None where its file is broken, which is told when its turn comes."""
    try:
        return load(name)
    except Exception:  # noqa: BLE001 (whatever is wrong with it, the others are to look)
        return None


def load(name: str) -> ModuleType:
    """One check."""
    return importlib.import_module(f"{__name__}.{name}")


def examined(ground: Ground, only: Sequence[str] = ()) -> tuple[Finding, ...]:
    """What all checks find, or those named; blocks for five seconds at most, or ten minutes where it looks deep.

    On a machine that is too busy to let it run it takes longer by what it had to wait, ten seconds at most.

    Looks in a thread of its own, so that nothing that hangs can keep who asks. Raises nothing.
    """
    result: queue.SimpleQueue[tuple[Finding, ...]] = queue.SimpleQueue()

    async def look() -> None:
        result.put(await examine(ground, only))

    threading.Thread(target=lambda: asyncio.run(look()), name="doctor", daemon=True).start()
    try:
        return result.get(timeout=(DEEP_S if ground.deep else ALL_S) + _OVERDUE_S)
    except queue.Empty:
        if starved_s() > _BUSY_S:
            busy = "This machine is too busy with something else to be looked at"
            return (
                note("doctor", busy, "See what keeps it busy: top; and look again later, or with edge doctor --deep"),
            )
        remedy = "Tell its makers what this machine has; restart the machine if other commands hang too"
        return (problem("doctor", "Looking hangs: a device or a file does not let go", remedy),)


async def examine(ground: Ground, only: Sequence[str] = ()) -> tuple[Finding, ...]:
    """What all checks find, or those named. Raises nothing but cancellation.

    Those that compute for long begin once the others are done, or after a while: so many at once would make each late.
    """
    until_s = fair_s() + max(_LEAST_S, (DEEP_S if ground.deep else ALL_S) - ground.spent_s)
    wanted = only or names()
    heavy = [name for name in wanted if getattr(_loaded(name), "HEAVY", False)]
    light = [asyncio.ensure_future(_one(name, ground, until_s)) for name in wanted if name not in heavy]
    try:
        if light:
            await asyncio.wait(light, timeout=_HEAD_START_S)
        found = await asyncio.gather(*(_one(name, ground, until_s) for name in heavy), *light)
    finally:
        await ground.end()
    return tuple(finding for of_one in found for finding in of_one)


async def _one(name: str, ground: Ground, until_s: float) -> Iterable[Finding]:
    left_s = max(_LEAST_EACH_S, until_s - fair_s())
    try:
        check = load(name)
        patience_s = left_s if ground.deep else min(left_s, getattr(check, "PATIENCE_S", _USUAL_S))
        facts = await within(patience_s, check.look(ground))
        return [] if facts is None else list(check.check(facts))
    except TimeoutError:
        remedy = "edge doctor --deep takes the time that it needs; if that hangs too, something it looks at does"
        return [note(name, f"This could not be looked at within {patience_s:.1f} s", remedy)]
    except EdgeError as error:
        return [problem(name, str(error), "See docs/doctor.md")]
    except Exception as error:
        log.exception("doctor.broken", extra={"check": name})
        remedy = "Tell its makers: this is a fault of the check, whatever else is wrong"
        return [problem(name, f"This check failed ({type(error).__name__}: {error})", remedy)]
