"""What is known of the library's fast path on this machine: whether it computes, and computes the right thing.

Found out once for a machine, a build and a kind of model, and kept in the state directory: a build that crashes would
otherwise crash at every start.
"""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.files import replace_file
from edge.models import GgufHeader
from edge.tuning import Hardware
from edge.tuning.library import library_digest, machine_digest

log = logging.getLogger(__name__)

VERSION: Final = 1
MOST: Final = 32


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a path computes what it should; `why` not, as a clause; when that was found out (ISO 8601, UTC)."""

    works: bool
    why: str = ""
    found_at: str = ""


class Verdicts:
    """The verdicts in one file; in memory alone where there is no directory. Its methods block."""

    def __init__(self, directory: Path | None) -> None:
        self._file = directory / "fast-path.json" if directory else None
        self._known: dict[str, Verdict] | None = None

    def of(self, key: str) -> Verdict | None:
        """What is known; None when it has to be found out."""
        if self._known is None:
            self._known = _read(self._file) if self._file else {}
        return self._known.get(key)

    def remember(self, key: str, works: bool, why: str = "") -> None:
        """Keep a verdict; a disk that won't take it costs the check at the next start, no more."""
        self.of(key)
        assert self._known is not None  # noqa: S101 - of() has read it
        self._known.pop(key, None)
        self._known[key] = Verdict(works, why, datetime.now(UTC).isoformat(timespec="seconds"))
        self._known = dict(list(self._known.items())[-MOST:])
        if self._file is None:
            return
        try:
            _write(self._file, self._known)
        except OSError as error:
            log.warning("llm.fast_path_not_saved", extra={"file": str(self._file), "why": error.strerror})


def verdict_key(header: GgufHeader, hardware: Hardware, *, fast: bool) -> str:
    """What a verdict holds for: this processor, this build, models of this architecture and these tensor types."""
    path = "fast" if fast else "plain"
    facts = (machine_digest(hardware), library_digest(), path, header.architecture, *tensor_types(header))
    return hashlib.blake2b("\n".join(facts).encode(), digest_size=16).hexdigest()


def tensor_types(header: GgufHeader) -> list[str]:
    """The types of a model's tensors, each once, in order."""
    return sorted({tensor.type for tensor in header.tensors})


def _read(file: Path) -> dict[str, Verdict]:
    """The verdicts in a file; none where it is missing, damaged or another version's."""
    try:
        document = json.loads(file.read_text("utf-8"))
        if document["version"] != VERSION:
            return {}
        return {str(key): _verdict(facts) for key, facts in document["verdicts"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("llm.fast_path_unreadable", extra={"file": str(file), "why": str(error)})
        return {}


def _verdict(facts: dict[str, object]) -> Verdict:
    works = facts["works"]
    if not isinstance(works, bool):
        raise TypeError("works is neither true nor false")
    return Verdict(works, str(facts["why"]), str(facts["found_at"]))


def _write(file: Path, verdicts: dict[str, Verdict]) -> None:
    document = {"version": VERSION, "verdicts": {key: asdict(verdict) for key, verdict in verdicts.items()}}
    replace_file(file, json.dumps(document, indent=1).encode())
