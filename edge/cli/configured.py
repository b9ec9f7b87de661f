"""The settings, for verbs that work by themselves: what is wrong with them is told, since no service tells it."""

import sys
from typing import TYPE_CHECKING

from edge.settings import SettingsError, load

if TYPE_CHECKING:
    from edge.settings.model import Settings


def configured(needed: str | None = None) -> "Settings":
    """The settings in force. What can't be used is named on stderr, its default stands instead.

    Raises `SettingsError` where that is a whole file, or of the table `needed`, without which the verb might do what
    nobody wants.
    """
    loaded = load()
    wrong = [problem for problem in loaded.problems if needed and problem.key.partition(".")[0] in ("", needed)]
    if wrong:
        raise SettingsError("; ".join(str(problem) for problem in wrong))
    for problem in loaded.problems:
        print(f"{problem}: its default is used", file=sys.stderr)
    return loaded.settings
