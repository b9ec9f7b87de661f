"""What tuning found: every trial, what was chosen of them, and what it takes."""

from dataclasses import dataclass
from pathlib import Path

from edge.tuning.hardware import Hardware
from edge.tuning.plan import Plan
from edge.tuning.results import Tuned
from edge.tuning.setting import Setting


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens a second; 0 where that was not measured, or nothing was done in time."""

    prompt_tokens_per_s: float = 0.0
    tokens_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tried:
    """One trial."""

    stage: str
    setting: Setting
    n_ctx: int
    at_s: float
    """Since tuning began."""
    rates: Rates
    trouble: str = ""
    """Why it could not be run; empty when it was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    hardware: Hardware
    guessed: Plan
    """What the planner would have taken."""
    chosen: Plan
    tuned: Tuned
    trials: tuple[Tried, ...]
    elapsed_s: float
    notices: tuple[str, ...]
    """What a person should know, as clauses."""
    fast_path_off: str = ""
    """What was found wrong with the library's fast path; empty where it is right, or was not looked at."""
    kept_in: Path | None = None
    """The file that the result was written to."""
    not_kept: str = ""
    """Why it could not be written."""
