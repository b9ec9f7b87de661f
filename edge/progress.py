"""Progress of a command as lines of JSON, for whoever started it and is no terminal; and sizes as people say them."""

import json
import os
import sys
from typing import Final

VARIABLE: Final = "EDGE_PROGRESS"
"""`lines` has a command tell its progress."""


def wanted() -> bool:
    """Whether somebody reads it."""
    return os.environ.get(VARIABLE) == "lines"


def tell(what: str, share: float | None) -> None:
    """`share`: 0..1, None where it is not known."""
    facts = {"what": what, "share": None if share is None else round(share, 4)}
    print(json.dumps({"progress": facts}, ensure_ascii=False), file=sys.stderr, flush=True)


def size(count: int) -> str:
    """Bytes as people say them."""
    if count >= 1e9:
        return f"{count / 1e9:.2f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def number(count: int) -> str:
    """A number of parameters as the field writes it."""
    return f"{count / 1e9:.2f}B" if count >= 1e9 else f"{count / 1e6:.1f}M"
