"""Reads settings of older versions as those of today: each file by itself, in memory. Nobody's file is rewritten."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Step = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Takes a file's tables as they were and gives them as they are one version later; what it does not know it leaves."""

STEPS: Final[tuple[Step, ...]] = ()
"""The first one turns version 1 into version 2. Keys that were never in a version must come through unchanged."""


def brought_up(values: Mapping[str, Any], steps: tuple[Step, ...] = STEPS) -> dict[str, Any]:
    """The tables of a file as today's version has them; one that names no version is of the first.

    Raises `ValueError` where a step can't read what is there: then the file is to be taken as it is.
    """
    version = values.get("version", 1)
    found = dict(values)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= len(steps):
        return found
    for number, step in enumerate(steps[version - 1 :], start=version):
        try:
            found = step(found)
        except (TypeError, KeyError, AttributeError, IndexError) as error:
            raise ValueError(f"can't be read as settings of version {number}: {error}") from error
    return {**found, "version": len(steps) + 1}
