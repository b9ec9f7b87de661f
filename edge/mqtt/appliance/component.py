"""What an entity of the appliance is made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from edge.errors import EdgeError
from edge.mqtt.appliance.facts import Facts

LONGEST_STATE: Final = 255
"""Characters of a state that Home Assistant takes."""
LONGEST_ATTRIBUTE: Final = 4000
"""Characters of a text beside a state; above 16 KB of attributes Home Assistant does not record them."""
UNKNOWN: Final = "None"
"""The payload that Home Assistant reads as a state that is not known."""


class CommandError(EdgeError):
    """A message that was to set something of ours says nothing that can be set."""


class Part(StrEnum):
    """Parts of the appliance that come and go while it is there: their entities are unavailable meanwhile."""

    VOICE = "voice"

    def is_there(self, facts: Facts) -> bool:
        """Whether it can be used now."""
        return facts.listening is not None


class Controls(Protocol):
    """What the entities set. Each raises `EdgeError` that says why it can't be done."""

    async def set_volume(self, volume: float, /) -> None:
        """0..1; kept."""
        ...

    async def mute(self, muted: bool, /) -> None:
        """Close the microphone, or open it again; kept."""
        ...

    async def set_guests(self, present: bool, /) -> None:
        """Turn guest mode on, or off; kept."""
        ...

    async def play_scene(self, key: str, /) -> None:
        """Play the scene or routine of `Facts.scenes` with this key."""
        ...

    async def use_wake_word(self, word: str, /) -> None:
        """Listen for this one of `Facts.wake_words`; kept."""
        ...

    async def use_model(self, name: str, /) -> None:
        """Answer with this one of `Facts.models`; kept."""
        ...

    async def restart(self) -> None:
        """End in order and start again."""
        ...

    async def tune(self) -> None:
        """Measure how the language model runs fastest on this machine; returns once that is over."""
        ...


Command = Callable[[str, Facts, Controls], Awaitable[None]]
"""Carries a payload out; raises `CommandError` for one that it does not take."""


@dataclass(frozen=True, slots=True)
class Component:
    """One entity: what Home Assistant is told of it, what it shows, what it does when it is set."""

    key: str
    """Its name in topics, in the discovery payload, and the end of its unique id: never to be changed."""
    platform: str
    name: str | None = None
    """None: Home Assistant names it by its device class, in its user's language."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The rest of the discovery payload."""
    state: Callable[[Facts], str | None] | None = None
    """None for what has no state of its own, such as a button; a state of None is not known."""
    attributes: Callable[[Facts], Mapping[str, Any]] | None = None
    choices: Callable[[Facts], Sequence[str]] | None = None
    """For a select: its options now."""
    command: Command | None = None
    exists: Callable[[Facts], bool] = lambda facts: True  # noqa: ARG005
    lasting: bool = False
    """Whether it stays, once it was there, even if nothing is known of it for a while."""
    part: Part | None = None
    retained: bool = True
    """Whether the broker keeps its state for who comes later: not what people said."""
    every_s: float = 0.0
    """A state that changes all the time is told so often at most."""
    state_topic: str | None = None
    """Where the state is told already, under the base; None for a topic of its own."""
    attributes_topic: str | None = None
    """Where JSON beside the state is told already, under the base."""
    command_topic: str | None = None
    """Where it is set, under the base, if not through `command`."""


def shortened(text: str, most: int = LONGEST_STATE) -> str:
    """The text, with its end cut off where Home Assistant would refuse it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
