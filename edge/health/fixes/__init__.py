"""One small file a fix: something safe that can be done about a finding. None deletes what a person has made.

Each has `told(target)`, which says what it would do, and `apply(target)`, which does it and says what it did. Carried
out when a person asks: `edge doctor --fix`.
"""

import importlib
import pkgutil
from types import ModuleType

from edge.errors import EdgeError
from edge.health.finding import Fix


class FixError(EdgeError):
    """It could not be done; the message says why, and what to do by hand."""


def names() -> tuple[str, ...]:
    """Of all fixes."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__)))


def told(fix: Fix) -> str:
    """What it would do, as a sentence without its full stop."""
    text: str = _load(fix).told(fix.target)
    return text


def apply(fix: Fix) -> str:
    """Do it; what was done. Raises `FixError`."""
    text: str = _load(fix).apply(fix.target)
    return text


def _load(fix: Fix) -> ModuleType:
    if fix.name not in names():
        raise FixError(f"there is no fix called {fix.name!r}")
    return importlib.import_module(f"{__name__}.{fix.name}")
