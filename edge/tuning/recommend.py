"""Which model of the catalogue, in which quantisation and with which context, serves this machine best.

Best is the published score less what the quantisation costs, among those that fit the memory and speak fast enough.
A token reads every weight once, so that pace follows from the bandwidth: tokens/s = EFFICIENCY x bandwidth / bytes.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from edge.models.catalogue import Entry
from edge.models.gguf import GgufHeader
from edge.tuning.hardware import Hardware
from edge.tuning.plan import CONTEXTS, MARGIN, Plan, PlanError, fit, memory_left
from edge.tuning.profiles import Defaults

PACE_TOKENS_PER_S: Final = 6.0
COMFORTABLE_CTX: Final = 2048
"""What a house's conversation needs; less is proposed only where nothing fits with this much."""
EFFICIENCY: Final = 0.75
"""The share of the read bandwidth that generation reaches: 0.78 to 0.80 on a Raspberry Pi 5 (llama.cpp#26484)."""
LOSS: Final = {"Q8_0": 0.001, "Q6_K": 0.005, "Q5_K_M": 0.018, "Q4_K_M": 0.038, "Q4_0": 0.09}
"""The share of a model's quality that a quantisation costs: the relative rise of its perplexity.

Q4_K_M and Q5_K_M are means over Qwen2.5 of 0.5B, 1.5B and 3B, which lose more than larger ones do (3.3, 3.2 and 5.0 %;
1.8, 1.3 and 2.3 %). The others are those of Llama 3 8B in llama.cpp's perplexity table (6.233 in half precision, 6.700
for Q4_0), raised by a quarter for the smaller size. Fewer bits cost models of this size 8 to 46 %: none is offered.
"""
KV_VALUE_BYTES: Final = 2
"""The cache is read in half precision."""
UNSCORED: Final = 0.0
"""The quality of a model without a score to cite."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One model in one quantisation on this machine."""

    entry: Entry
    quantisation: str
    quality: float
    """The score less what the quantisation costs."""
    file_bytes: int
    needed_bytes: int
    """Memory with the plan's context, or with the smallest one where it does not fit."""
    budget_bytes: int
    plan: Plan | None
    tokens_per_s: float | None
    """Predicted; None where the bandwidth was not measured."""
    pace: float
    storage_bytes: int | None
    """Room on the disk for it; None where that does not matter."""
    sensible: bool
    """Whether the board's profile deems a model of this size worth running here."""
    comfortable_ctx: int
    """The context to talk in: `COMFORTABLE_CTX`, or less where the profile knows that more would take minutes."""

    @property
    def fits(self) -> bool:
        """Whether the memory holds it."""
        return self.plan is not None

    @property
    def fast_enough(self) -> bool:
        """Whether it speaks at the pace asked for, as far as is known."""
        return self.tokens_per_s is None or self.tokens_per_s >= self.pace

    @property
    def storable(self) -> bool:
        """Whether the disk holds it."""
        return self.storage_bytes is None or self.file_bytes <= self.storage_bytes

    @property
    def usable(self) -> bool:
        """Whether it can be proposed."""
        return self.fits and self.fast_enough and self.storable and self.sensible

    @property
    def rank(self) -> tuple[bool, bool, float, int, float]:
        """Larger is better: usable, with a context to talk in, then quality, then what is left over."""
        roomy = self.plan is not None and self.plan.n_ctx >= self.comfortable_ctx
        return self.usable, roomy, self.quality, self.plan.n_ctx if self.plan else 0, -float(self.needed_bytes)


def recommend(
    entries: Iterable[Entry],
    hardware: Hardware,
    *,
    memory_bytes: int | None = None,
    bandwidth_bytes_per_s: float | None = None,
    pace: float = PACE_TOKENS_PER_S,
    storage_bytes: int | None = None,
    n_ctx: int | None = None,
    defaults: Defaults | None = None,
) -> tuple[Choice, ...]:
    """Every model in every quantisation, best first: what can be used by quality, then what can't by how near it is.

    `memory_bytes` is what the model may take (None: what the machine has left), `bandwidth_bytes_per_s` the read
    bandwidth at its best, whose threads tuning finds (None: pace is left out of it), `n_ctx` a context that must fit,
    `defaults` what a person, the board's profile and the probe say together (`settle`).
    """
    machine = _Machine(
        hardware,
        defaults or Defaults(),
        memory_left(hardware, defaults) if memory_bytes is None else memory_bytes,
        bandwidth_bytes_per_s,
        pace,
        storage_bytes,
        n_ctx,
    )
    choices = [_choice(entry, quantisation, machine) for entry in entries for quantisation in entry.quantisations]
    usable = sorted((choice for choice in choices if choice.usable), key=lambda one: one.rank, reverse=True)
    slow = [choice for choice in choices if not choice.usable and choice.fits]
    large = [choice for choice in choices if not choice.usable and not choice.fits]
    slow.sort(key=lambda one: one.tokens_per_s or 0.0, reverse=True)
    large.sort(key=lambda one: one.needed_bytes)
    return (*usable, *slow, *large)


def best_of_each(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """The first choice of every model, in the order they come."""
    first: dict[str, Choice] = {}
    for choice in choices:
        first.setdefault(choice.entry.name, choice)
    return tuple(first.values())


def bytes_per_token(header: GgufHeader, n_ctx: int) -> int:
    """Bytes that generating a token reads: all weights but untied embeddings, and the cache of a half-full context."""
    untied = any(tensor.name == "output.weight" for tensor in header.tensors)
    passed_over = sum(tensor.bytes for tensor in header.tensors if untied and tensor.name == "token_embd.weight")
    return header.tensor_bytes - passed_over + header.kv_values_per_token * KV_VALUE_BYTES * n_ctx // 2


def predicted_pace(header: GgufHeader, bandwidth_bytes_per_s: float, n_ctx: int) -> float:
    """Tokens a second; a conversation seldom fills more than `COMFORTABLE_CTX`."""
    return EFFICIENCY * bandwidth_bytes_per_s / bytes_per_token(header, min(n_ctx, COMFORTABLE_CTX))


@dataclass(frozen=True, slots=True)
class _Machine:
    """What every model is held against."""

    hardware: Hardware
    defaults: Defaults
    budget_bytes: int
    bandwidth_bytes_per_s: float | None
    pace: float
    storage_bytes: int | None
    n_ctx: int | None

    @property
    def comfortable_ctx(self) -> int:
        return min(COMFORTABLE_CTX, self.defaults.most_ctx or COMFORTABLE_CTX)

    def fit(self, header: GgufHeader, n_ctx: int | None) -> Plan:
        """The plan within the budget; raises `PlanError`."""
        return fit(header, self.hardware, memory_bytes=self.budget_bytes, n_ctx=n_ctx, defaults=self.defaults)

    def finds_sensible(self, entry: Entry, header: GgufHeader) -> bool:
        """Whether the profile's bounds allow the model."""
        most_parameters, most_bytes = self.defaults.most_parameters, self.defaults.most_model_bytes
        small = most_parameters is None or entry.parameters <= most_parameters
        return small and (most_bytes is None or header.file_bytes <= most_bytes)


def _choice(entry: Entry, quantisation: str, machine: _Machine) -> Choice:
    header = entry.header(quantisation)
    plan, needed = _planned(header, machine)
    context = plan.n_ctx if plan else machine.n_ctx or CONTEXTS[-1]
    bandwidth = machine.bandwidth_bytes_per_s
    return Choice(
        entry=entry,
        quantisation=quantisation,
        quality=(entry.quality.score if entry.quality else UNSCORED) * (1 - LOSS[quantisation]),
        file_bytes=header.file_bytes,
        needed_bytes=needed,
        budget_bytes=machine.budget_bytes,
        plan=plan,
        tokens_per_s=None if bandwidth is None else predicted_pace(header, bandwidth, context),
        pace=machine.pace,
        storage_bytes=machine.storage_bytes,
        sensible=machine.finds_sensible(entry, header),
        comfortable_ctx=machine.comfortable_ctx,
    )


def _planned(header: GgufHeader, machine: _Machine) -> tuple[Plan | None, int]:
    """The plan if there is one, and the bytes it takes; otherwise the bytes of the smallest one."""
    try:
        plan = machine.fit(header, machine.n_ctx)
    except PlanError:
        n_ctx = machine.n_ctx or CONTEXTS[-1]
        least = fit(header, machine.hardware, memory_bytes=1 << 62, n_ctx=n_ctx, repack=False)
        return None, int(least.predicted_bytes * MARGIN)
    if plan.n_ctx < machine.comfortable_ctx and machine.n_ctx is None:
        # The fast path with a context too short to talk in is worth less than the slow one with enough.
        with suppress(PlanError):
            plan = machine.fit(header, min(machine.comfortable_ctx, header.n_ctx_train))
    return plan, int(plan.predicted_bytes * MARGIN)
