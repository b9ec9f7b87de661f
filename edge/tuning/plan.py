"""The planner: the largest context that fits the memory left over, with measured settings or the likeliest ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from edge.errors import EdgeError
from edge.models.gguf import GgufHeader
from edge.tuning.hardware import Hardware
from edge.tuning.memory import KNOWN_MARGIN, Prediction, predict
from edge.tuning.profiles import Defaults, settle
from edge.tuning.setting import BATCH, LoadMode, Setting

CONTEXTS: Final = (8192, 6144, 4096, 3072, 2048, 1536, 1024, 512)
"""Contexts tried, largest first; a house's conversation does not fill more."""
MARGIN: Final = 1 + KNOWN_MARGIN
"""Room above the prediction: the worker is ended where it takes more than it was allowed."""


class PlanError(EdgeError):
    """The model does not fit this machine; the message has the numbers and what would help."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of a worker, in llama.cpp's words, and the memory they may take."""

    n_threads: int
    n_threads_batch: int
    n_ctx: int
    n_batch: int
    n_ubatch: int
    load_mode: LoadMode
    repack: bool
    """Whether the library may lay weights out anew for this processor: its fast path."""
    predicted_bytes: int
    ceiling_bytes: int
    """The worker is ended when it keeps more than this resident."""
    flash_attn: bool | None = None
    """None: as the library thinks best."""
    type_k: str = "f16"
    type_v: str = "f16"
    """How the KV cache is kept; anything but f16 needs flash attention."""

    @property
    def setting(self) -> Setting:
        """What of it is a matter of speed."""
        return Setting(
            n_threads=self.n_threads,
            n_threads_batch=self.n_threads_batch,
            n_batch=self.n_batch,
            n_ubatch=self.n_ubatch,
            load_mode=self.load_mode,
            repack=self.repack,
            flash_attn=self.flash_attn,
            type_k=self.type_k,
            type_v=self.type_v,
        )


def fit(
    header: GgufHeader,
    hardware: Hardware,
    *,
    memory_bytes: int | None = None,
    n_ctx: int | None = None,
    n_threads: int | None = None,
    repack: bool = True,
    defaults: Defaults | None = None,
    tuned: Setting | None = None,
) -> Plan:
    """The plan for a model on this machine; `n_ctx` or `n_threads`, given, is kept; `memory_bytes` is the most allowed.

    `defaults` are what a person, the board's profile and the probe say together (`settle`); unless given, what
    the profile and the probe say. `tuned` is what was measured to be fastest here; it gives way where memory does not
    hold it.

    Weights are mapped where nothing lays them out anew (quick to load, shared with the page cache), else read into
    memory once: both at the same time would keep them twice. Raises `PlanError` when not even the smallest context
    fits, or a given one does not.
    """
    defaults = defaults or settle(hardware)
    budget = memory_left(hardware, defaults) if memory_bytes is None else memory_bytes
    contexts = _contexts(header, n_ctx, defaults.most_ctx)
    start = tuned or Setting(defaults.threads or 1, defaults.threads_batch or 1)
    if n_threads:
        start = replace(start, n_threads=n_threads, n_threads_batch=n_threads)
    for setting, context in product(_settings(hardware, start, tuned is not None, repack), contexts):
        needed = predicted(header, hardware, setting, context)
        if needed.most_bytes <= budget:
            return planned(setting, context, needed.total_bytes, budget)
    least = predict(header, hardware, n_ctx=contexts[-1], n_ubatch=BATCH, mapped=True, repack=False)
    raise PlanError(_refusal(header, least, contexts[-1], budget, memory_bytes is None))


def predicted(header: GgufHeader, hardware: Hardware, setting: Setting, n_ctx: int) -> Prediction:
    """What a worker with this setting and context keeps resident."""
    return predict(
        header,
        hardware,
        n_ctx=n_ctx,
        n_ubatch=setting.n_ubatch,
        mapped=setting.load_mode is LoadMode.MMAP,
        repack=setting.repack,
        type_k=setting.type_k,
        type_v=setting.type_v,
        flash_attn=setting.flash_attn is not False,
    )


def planned(setting: Setting, n_ctx: int, predicted_bytes: int, ceiling_bytes: int) -> Plan:
    """The plan that runs a setting with a context."""
    return Plan(
        n_threads=setting.n_threads,
        n_threads_batch=setting.n_threads_batch,
        n_ctx=n_ctx,
        n_batch=setting.n_batch,
        n_ubatch=setting.n_ubatch,
        load_mode=setting.load_mode,
        repack=setting.repack,
        predicted_bytes=predicted_bytes,
        ceiling_bytes=ceiling_bytes,
        flash_attn=setting.flash_attn,
        type_k=setting.type_k,
        type_v=setting.type_v,
    )


def _settings(hardware: Hardware, start: Setting, tuned: bool, repack: bool) -> Iterator[Setting]:
    """Settings to try, the fastest first: what was measured, the library's fast path, weights as they are."""
    if tuned and (repack or not start.repack):
        yield start
    for fast in (True, False) if repack else (False,):
        mode = LoadMode.NONE if fast and hardware.repacks_weights else LoadMode.MMAP
        yield Setting(start.n_threads, start.n_threads_batch, load_mode=mode, repack=fast)


def memory_left(hardware: Hardware, defaults: Defaults | None = None) -> int:
    """Bytes that a model may take: what is available, less what the rest of the machine keeps."""
    reserve = (defaults or settle(hardware)).reserve_bytes()
    return max(0, hardware.memory_available_bytes - reserve)


def _contexts(header: GgufHeader, wanted: int | None, most: int | None) -> list[int]:
    if wanted is not None:
        return [wanted]
    trained = min(header.n_ctx_train or CONTEXTS[-1], most or CONTEXTS[0])
    return [context for context in CONTEXTS if context <= trained] or [trained]


def _refusal(header: GgufHeader, least: Prediction, n_ctx: int, budget: int, measured: bool) -> str:
    needed = least.most_bytes
    rest = needed - least.weights_bytes - least.vocabulary_bytes - least.kv_bytes
    parts = (
        f"weights {_mb(least.weights_bytes)}, vocabulary {_mb(least.vocabulary_bytes)}, "
        f"{n_ctx} tokens of context {_mb(least.kv_bytes)}, the rest and a margin {_mb(rest)}"
    )
    spare = "are free for it on this machine" if measured else "are allowed for it"
    return (
        f"{header.name} ({header.quantisation}) needs {_mb(needed)} ({parts}) and {_mb(budget)} {spare}: "
        f"{_mb(needed - budget)} too little. Use a smaller model or a smaller quantisation"
    )


def _mb(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
