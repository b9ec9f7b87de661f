"""The language model as the configuration wants it, and what it tells of itself to the house."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from edge.llm.client import LanguageModel
from edge.llm.options import Governing, Options
from edge.models import ModelStore
from edge.tuning.governor import Step

if TYPE_CHECKING:
    from edge.settings import Loaded

TUNE_AFTER_S: Final = 600.0
"""How long nobody must have asked anything before a model that is new here is tuned."""


def configured_model(loaded: "Loaded") -> LanguageModel:
    """The model with the store, the settings and the state directory of this service; to be entered."""
    llm, governor = loaded.settings.llm, loaded.settings.governor
    governing = Governing(governor.keep_free_bytes, llm.idle_unload_s, governor.near_celsius)
    options = Options(
        enabled=llm.enabled,
        model=llm.model,
        max_tokens=llm.max_reply_tokens,
        temperature=llm.temperature,
        memory_bytes=llm.memory_limit_bytes,
        n_ctx=llm.context,
        n_threads=llm.threads,
        tune_after_s=TUNE_AFTER_S if llm.tune else None,
        governing=governing if governor.enabled else None,
    )
    return LanguageModel(ModelStore(loaded.places.models), options, loaded.places.state / "llm")


def tell_steps(model: LanguageModel, event: Callable[..., None]) -> Callable[[], None]:
    """Have `event("governor", step=…, …)` called with each step of the governor; returns what ends that."""

    def tell(step: Step) -> None:
        facts: dict[str, Any] = step.facts()
        event("governor", **facts)

    model.governed.listeners.append(tell)
    return lambda: model.governed.listeners.remove(tell)
