"""One attempt: what is said from where, what happens meanwhile, and what the language model calls for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.assistant.model import Source
from edge.devices.model import Device


@dataclass(frozen=True, slots=True)
class Step:
    """Something said, or something that happens; nothing of it is a confirmation that counts."""

    text: str = ""
    source: Source = Source.VOICE
    area: str | None = "hall"
    origin: str = ""
    authenticated: bool = False
    clear: bool = True
    wait_s: float = 0.0
    """What passes before."""
    states: Mapping[str, str] = field(default_factory=dict)
    """What devices say of themselves before that."""
    swaps: Sequence[Device] = ()
    """Devices that are told of anew before that, under the same id."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """What they are from then on."""
    model: Sequence[Sequence[tuple[str, dict[str, Any]]]] = ()
    """Rounds of calls that the language model makes when it is asked."""
    guests: bool | None = None
    """Whether guest mode is turned on or off before."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Steps in one house."""

    kind: str
    seed: int
    steps: tuple[Step, ...]
    pin: str | None = None
    config: str = ""
    """More of the configuration, as TOML."""
