"""One figure of a bench beside what was asked for and what another program gets, and a table of them."""

from collections.abc import Iterable
from dataclasses import dataclass

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line; `asked` is a bound as it is written in an issue."""

    what: str
    ours: str
    theirs: str = NOTHING
    asked: str = ""


def share(right: int, of: int, digits: int = 1) -> str:
    """ "93.2 %", or nothing of nothing."""
    return f"{right / of:.{digits}%}".replace("%", " %") if of else NOTHING


def show(title: str, figures: Iterable[Figure], ours: str = "edge", theirs: str = "hassil") -> None:
    """Print a table."""
    print(f"\n{title}")
    print(f"  {'':62} {'asked':>10} {ours:>18} {theirs:>18}")
    for one in figures:
        print(f"  {one.what:62} {one.asked:>10} {one.ours:>18} {one.theirs:>18}", flush=True)
