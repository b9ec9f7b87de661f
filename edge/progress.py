"""Progress of a command for whoever started it and is no terminal: a line of JSON each on its standard error."""

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
