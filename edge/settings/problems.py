"""What can be wrong with a setting, said so that a person can mend it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from edge.errors import EdgeError


class SettingsError(EdgeError):
    """The configuration can't be used as it is; the message names file, key, what was expected and a near miss."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that is not used, its default stands instead."""

    origin: str
    """The file's path, or `environment variable NAME`."""
    key: str
    """Dotted, with positions in lists: `mqtt.port`, `devices[2].id`; empty where the file as a whole is meant."""
    message: str
    """What was expected, and a near miss where there is one."""

    def __str__(self) -> str:
        where = f"{self.origin}: {self.key}" if self.key else self.origin
        return f"{where}: {self.message}"


def near_miss(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` when one of the known words is close, else what there is to choose from."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f" (did you mean `{close[0]}`?)"
    return f" (known: {', '.join(choices)})" if choices else ""
