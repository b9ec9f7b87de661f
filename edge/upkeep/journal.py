"""How far an update is, on the disk before each step is taken; and what became of the last ones."""

import json
import os
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from edge.files import replace_file, sync_directory
from edge.settings.secrets import opened
from edge.upkeep.installation import is_release_name

FORMAT: Final = 1
_MOST_BYTES: Final = 1 << 18
_MOST_OUTCOMES: Final = 20


class Step(StrEnum):
    """What is being done. Up to `switching` an interruption leaves everything as it was; from there on it is gone on
    with.
    """

    BUILDING = "building"
    """The release is put together, beside the others."""
    TRYING = "trying"
    """It is whole, and tried on a copy of the state."""
    SWITCHING = "switching"
    """The service is to be started from it; whether `current` leads there already, `current` says."""
    STARTING = "starting"
    """The service is started from it, and has not yet proved itself."""
    KEEPING = "keeping"
    """It has: what is older is tidied away."""
    TAKING_BACK = "taking back"
    """It has not: the one before is put back."""


class End(StrEnum):
    """What became of an update."""

    KEPT = "kept"
    TAKEN_BACK = "taken back"
    """By itself, as it did not become healthy."""
    REFUSED = "refused"
    """Its trial failed; the service was never started from it."""
    INTERRUPTED = "interrupted"
    """Before it was switched to."""


@dataclass(frozen=True, slots=True)
class Journal:
    """An update, or a way back, that is under way."""

    id: str
    step: Step
    target: str
    """The release that it goes to, by its directory's name."""
    before: str
    """The one that it comes from."""
    digest: str = ""
    """Of the bundle's manifest; empty on the way back."""
    starts: int = 0
    """How often the service was started from the target."""
    reason: str = ""
    """Why it is taken back."""
    kept: tuple[str, ...] = ()
    """Databases whose form the target changes: kept as they were."""
    began: str = field(default_factory=lambda: _now())
    format: int = FORMAT

    def at(self, step: Step, **changes: Any) -> Self:
        """The same at another step."""
        return replace(self, step=step, **changes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one."""

    id: str
    end: End
    version: str
    """The release that it went to."""
    before: str
    reason: str = ""
    digest: str = ""
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "end": self.end.value}


class Records:
    """Journal and outcomes below one directory; each write is on the disk when it returns. Raises OSError."""

    def __init__(self, root: Path) -> None:
        self._journal = root / "update.json"
        self._outcomes = root / "updates.json"

    def read(self) -> Journal | None:
        """The update under way; None where there is none, or nothing that makes sense."""
        plain = _read(self._journal)
        if not isinstance(plain, dict):
            return None
        known = {one.name for one in fields(Journal)}
        try:
            values = {key: value for key, value in plain.items() if key in known}
            journal = Journal(**{**values, "step": Step(plain["step"]), "kept": tuple(plain.get("kept", ()))})
            sound = is_release_name(journal.target) and is_release_name(journal.before)
            return journal if sound and int(journal.starts) >= 0 else None
        except (TypeError, ValueError, KeyError):
            return None

    def write(self, journal: Journal) -> Journal:
        """Before the step is taken."""
        replace_file(self._journal, _data(asdict(journal)))
        return journal

    def end(self, journal: Journal, end: End, reason: str = "") -> Outcome:
        """Note what became of it; there is none under way from now on."""
        outcome = Outcome(
            journal.id, end, journal.target, journal.before, reason or journal.reason, journal.digest, _now()
        )
        kept = [one for one in self.outcomes() if one.id != outcome.id]
        replace_file(self._outcomes, _data([one.to_json() for one in [*kept, outcome][-_MOST_OUTCOMES:]]))
        # Others may read what became of it, and nobody else may write it.
        self._outcomes.chmod(0o644)
        self.clear()
        return outcome

    def clear(self) -> None:
        """There is none under way."""
        if self._journal.exists():
            self._journal.unlink()
            sync_directory(self._journal.parent)

    def outcomes(self) -> list[Outcome]:
        """What became of the last ones, the oldest first."""
        plain = _read(self._outcomes)
        found = []
        for entry in plain if isinstance(plain, list) else []:
            try:
                found.append(Outcome(**{**entry, "end": End(entry["end"])}))
            except (TypeError, ValueError, KeyError):
                continue
        return found


def new_id() -> str:
    """An id that no other update has."""
    return os.urandom(6).hex()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(file: Path) -> Any:
    try:
        with opened(file) as stream:
            return json.loads(stream.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def _data(plain: object) -> bytes:
    return json.dumps(plain, indent=1, ensure_ascii=False).encode() + b"\n"
