"""What was measured on this machine, kept until the machine, the library's build or the model is another one.

One file in the state directory, replaced as a whole. It carries a digest of itself: whatever is damaged, cut short,
of another version or out of bounds is as good as not there, and is measured again.
"""

import hashlib
import json
import logging
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from edge.errors import EdgeError
from edge.files import replace_file
from edge.models import StoredModel
from edge.tuning.hardware import Hardware
from edge.tuning.library import library_digest, machine_digest
from edge.tuning.setting import KV_TYPES, LoadMode, Setting

log = logging.getLogger(__name__)

VERSION: Final = 1
MOST: Final = 32
"""Results kept: older ones, of models and builds that are gone, make room."""
MOST_BYTES: Final = 1 << 20
_MOST_THREADS: Final = 1024
_MOST_BATCH: Final = 1 << 16


class ResultsError(EdgeError):
    """A result can't be kept; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """The fastest setting that was found, and what it reached. Rates are tokens a second."""

    setting: Setting
    tokens_per_s: float
    prompt_tokens_per_s: float
    n_ctx: int
    """The context it was last loaded with; the planner makes it anew from the memory that is left."""
    predicted_bytes: int
    measured_bytes: int
    measured_at: str
    """ISO 8601, UTC, as far as the clock could be trusted."""


class Results:
    """The results in one file; in memory alone where there is no directory. Its methods block for milliseconds."""

    def __init__(self, directory: Path | None) -> None:
        self.file = directory / "tuning.json" if directory else None
        self._known: dict[str, Tuned] = {}

    def of(self, fingerprint: str) -> Tuned | None:
        """What was measured under this fingerprint; None where it has to be measured."""
        if self.file is not None:
            self._known = _read(self.file)
        return self._known.get(fingerprint)

    def keep(self, fingerprint: str, tuned: Tuned) -> None:
        """Put a result in the place of an older one. Raises `ResultsError`; the result counts in this process then."""
        self.of(fingerprint)
        self._known.pop(fingerprint, None)
        self._known[fingerprint] = tuned
        self._known = dict(list(self._known.items())[-MOST:])
        if self.file is None:
            return
        try:
            _write(self.file, self._known)
        except OSError as error:
            raise ResultsError(f"{self.file}: the result can't be kept: {error.strerror or error}") from error


def kept(state: Path | None, hardware: Hardware, model: StoredModel, memory_bytes: int | None) -> Setting | None:
    """The setting measured for this machine, build and model; None where there is none. Blocks for milliseconds."""
    tuned = Results(state).of(fingerprint(hardware, model, memory_bytes))
    return tuned.setting if tuned else None


def fingerprint(hardware: Hardware, model: StoredModel, memory_bytes: int | None = None) -> str:
    """What a result holds for: this processor and the part of it that we have, this build, this model's contents.

    Under a bound of memory, what is fastest can be another setting than without.
    """
    cores = [(core.cpus, core.capacity) for core in hardware.cores]
    facts = (
        machine_digest(hardware),
        library_digest(),
        repr((hardware.logical_cpus, hardware.physical_cores, hardware.cpu_quota, cores)),
        contents_digest(model),
        repr(memory_bytes),
    )
    return hashlib.blake2b("\n".join(facts).encode(), digest_size=16).hexdigest()


def contents_digest(model: StoredModel) -> str:
    """What tells a model's contents from another's: its digest, or its file's facts where it has none."""
    facts = model.sha256 or (model.path, model.size_bytes, model.mtime_ns)
    return hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def _read(file: Path) -> dict[str, Tuned]:
    """The results in a file; none where it is missing, damaged or another version's."""
    try:
        with file.open("rb") as source:
            document = json.loads(source.read(MOST_BYTES + 1))
        if document["version"] != VERSION:
            return {}
        return {str(key): _tuned(facts) for key, facts in _undamaged(document).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("tuning.unreadable", extra={"file": str(file), "why": f"{error}: it is measured again"})
        return {}


def _undamaged(document: dict[str, Any]) -> dict[str, Any]:
    results: dict[str, Any] = document["results"]
    if document["digest"] != _digest(results):
        raise ValueError("it is not what was written")
    return results


def _write(file: Path, results: dict[str, Tuned]) -> None:
    entries = {key: asdict(tuned) for key, tuned in results.items()}
    document = {"version": VERSION, "digest": _digest(entries), "results": entries}
    replace_file(file, json.dumps(document, indent=1).encode())


def _digest(results: object) -> str:
    written = json.dumps(results, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def _tuned(facts: dict[str, Any]) -> Tuned:
    """A result from its facts; raises `ValueError`, `KeyError` or `TypeError` for what can't be one."""
    return Tuned(
        setting=_setting(facts["setting"]),
        tokens_per_s=_rate(facts["tokens_per_s"]),
        prompt_tokens_per_s=_rate(facts["prompt_tokens_per_s"]),
        n_ctx=_count(facts["n_ctx"], 1 << 24),
        predicted_bytes=_count(facts["predicted_bytes"], 1 << 50),
        measured_bytes=_count(facts["measured_bytes"], 1 << 50),
        measured_at=str(facts["measured_at"])[:40],
    )


def _setting(facts: dict[str, Any]) -> Setting:
    n_batch = _count(facts["n_batch"], _MOST_BATCH)
    repack, flash_attn = facts["repack"], facts["flash_attn"]
    types = facts["type_k"], facts["type_v"]
    if not isinstance(repack, bool) or not isinstance(flash_attn, bool | None):
        raise TypeError("repack and flash_attn are true or false")
    if any(one not in KV_TYPES for one in types) or (types != ("f16", "f16") and flash_attn is not True):
        raise ValueError(f"the cache can't be kept as {types} with flash_attn {flash_attn}")
    return Setting(
        n_threads=_count(facts["n_threads"], _MOST_THREADS),
        n_threads_batch=_count(facts["n_threads_batch"], _MOST_THREADS),
        n_batch=n_batch,
        n_ubatch=_count(facts["n_ubatch"], n_batch),
        load_mode=LoadMode(facts["load_mode"]),
        repack=repack,
        flash_attn=flash_attn,
        type_k=types[0],
        type_v=types[1],
    )


def _count(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ValueError(f"{value!r} is not between 1 and {most}")
    return value


def _rate(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value <= 0:
        raise ValueError(f"{value!r} is no rate")
    return float(value)
