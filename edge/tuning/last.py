"""The trials of the last tuning, kept for who wants to see what was tried: one small file in the state directory."""

import json
import logging
from pathlib import Path
from typing import Any, Final

from edge.files import replace_file
from edge.tuning.outcome import Outcome
from edge.tuning.plot import TITLES, races

log = logging.getLogger(__name__)

FILE: Final = "last-tuning.json"
_MOST_BYTES: Final = 1 << 20


def keep_last(directory: Path, outcome: Outcome, model: str) -> None:
    """Put it in the place of the one before; a disk that takes nothing costs nothing but this. Blocks."""
    stages = [
        {
            "title": TITLES[stage],
            "rows": [
                {"label": row.label, "taken": row.taken, "writes": row.rates[0], "reads": row.rates[1]} for row in rows
            ],
        }
        for stage, rows in races(outcome).items()
    ]
    document = {
        "model": model,
        "at": outcome.tuned.measured_at,
        "elapsed_s": round(outcome.elapsed_s, 1),
        "trials": len(outcome.trials),
        "tokens_per_s": outcome.tuned.tokens_per_s,
        "prompt_tokens_per_s": outcome.tuned.prompt_tokens_per_s,
        "bytes": outcome.tuned.measured_bytes,
        "n_ctx": outcome.chosen.n_ctx,
        "notices": list(outcome.notices),
        "stages": stages,
    }
    try:
        replace_file(directory / FILE, json.dumps(document).encode())
    except OSError as error:
        log.warning("tuning.trials_not_kept", extra={"file": str(directory / FILE), "why": str(error)})


def read_last(directory: Path) -> dict[str, Any] | None:
    """What `keep_last` wrote; None where there is nothing to be read. Blocks."""
    try:
        with (directory / FILE).open("rb") as stream:
            document = json.loads(stream.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("stages"), list) else None
