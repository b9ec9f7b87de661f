"""What all interfaces share: the model, the assistant, the names, and how an order is made of what they were asked."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from edge.api.http.desk import Desk
from edge.api.http.errors import HttpError
from edge.api.http.names import Names
from edge.api.http.routes import Call
from edge.llm import Figures
from edge.llm.order import Order, Said
from edge.llm.tools import Toolbox
from edge.llm.wire import Sampling
from edge.log import RateLimited

if TYPE_CHECKING:
    from edge.api.http.ports import Ears, Mouth, Room

log = logging.getLogger(__name__)

MOST_STOPS: Final = 16
LONGEST_STOP: Final = 200


class HasFigures(Protocol):
    """The language model, as far as it is looked at."""

    @property
    def figures(self) -> Figures: ...


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds where a request says nothing."""

    max_tokens: int = 1024
    temperature: float = 0.7
    deadline_s: float = 300.0


@dataclass(slots=True)
class Shop:
    """All that routes are answered with."""

    model: HasFigures
    names: Names
    desk: Desk
    usual: Usual
    ears: "Ears | None" = None
    mouth: "Mouth | None" = None
    room: "Room | None" = None
    area: Callable[[str], str | None] = lambda given: given
    """The id of an area by its id or name; None where there is none."""
    _limited: RateLimited = field(default_factory=lambda: RateLimited(log))

    def order(
        self,
        turns: tuple[str, tuple[Said, ...]],
        *,
        max_tokens: int | None,
        temperature: float | None,
        seed: int | None,
        stop: Sequence[str],
        sampling: Sampling,
        form: str,
        think: bool,
    ) -> Order:
        """An order of the system's words and the turns. Raises `HttpError` (400) for what can't be one."""
        system, said = turns
        if not any(turn.text or turn.calls for turn in said):
            raise HttpError(400, "messages: there is nothing to answer", param="messages")
        if len(stop) > MOST_STOPS or any(len(one) > LONGEST_STOP for one in stop):
            raise HttpError(
                400, f"stop: expected {MOST_STOPS} texts of {LONGEST_STOP} characters at most", param="stop"
            )
        return Order(
            turns=said,
            max_tokens=min(max_tokens or self.usual.max_tokens, self.model.figures.n_ctx or self.usual.max_tokens),
            instructions=system,
            temperature=self.usual.temperature if temperature is None else max(0.0, min(5.0, temperature)),
            seed=seed,
            sampling=sampling,
            stop=tuple(one for one in stop if one),
            form=form,
            think=think and not form,
            deadline_s=self.usual.deadline_s,
        )

    def with_tools(
        self, order: Order, toolbox: Toolbox | None, *, may_call: bool = True, must_call: bool = False
    ) -> Order:
        """The order with tools that may, must or must not be called."""
        if toolbox is None:
            return order
        return replace(order, toolbox=toolbox, may_call=may_call, must_call=must_call)

    def note_context(self, call: Call, wanted: int | None) -> None:
        """Say so where the context is smaller than a client wants it."""
        n_ctx = self.model.figures.n_ctx
        if wanted is None or not n_ctx or wanted <= n_ctx:
            return
        call.notices.append(f"num_ctx {wanted} is more than this machine has room for: {n_ctx} is used")
        key = f"{call.caller.name} {wanted}"
        self._limited.warning("http.context_clamped", key, {"wanted": wanted, "n_ctx": n_ctx})
