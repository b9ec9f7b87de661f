"""Files of the state directory, looked at from outside."""

from collections.abc import Iterable
from pathlib import Path


def set_aside(directory: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Databases of these names that were damaged and put aside; what lies beside them is left out."""
    try:
        found = [one for name in names for one in directory.glob(f"{name}.damaged-*") if one.name[-1].isdigit()]
    except OSError:
        return ()
    return tuple(sorted(str(one) for one in found))
