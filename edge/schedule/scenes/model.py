"""What a scene is: devices with their states, made by example; or steps, which make it a routine."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.devices.model import DeviceState
from edge.schedule.rules.model import Action

PREFIX = "scene.edge_"
"""How the ids of our scenes begin among the devices."""


@dataclass(frozen=True, slots=True)
class Scene:
    """`key` is a slug, the name in the file."""

    key: str
    name: str
    """What it is called."""
    states: Mapping[str, DeviceState] = field(default_factory=dict)
    """How each device is to be, by its id: state and the attributes that matter."""
    steps: tuple[Action, ...] = ()
    """What is done then, in this order; delays count from the beginning."""
    area: str | None = None
    """The room it was made in."""
    said: str = ""
    """The sentence it was made from."""
    by: str = ""
    made_s: float = 0.0

    @property
    def id(self) -> str:
        """What it is among the devices."""
        return f"{PREFIX}{self.key}"
