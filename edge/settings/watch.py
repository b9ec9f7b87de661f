"""`[watch]`: how sensors are watched, and what is told of them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.settings.base import Name, Table

_OWN: Final = frozenset({"sensor", "device_class", "area", "enabled"})


class WatchedSettings(BaseModel):
    """`[[watch.sensors]]`: what is otherwise than by default, for the sensors that all of its first three keys fit.

    Every other key is a detector: `limits = { high = -15, hold_s = 1800 }`, `drift = false`; checked where sensors are
    watched.
    """

    model_config = ConfigDict(extra="allow", frozen=True, str_max_length=1000)

    sensor: Name | None = None
    """An id, `*` for any text ("sensor.freezer*", "climate.*:current_temperature")."""
    device_class: Name | None = None
    area: Name | None = None
    """An area's id or name."""
    enabled: bool = True
    """False: not watched at all."""

    @model_validator(mode="after")
    def _fits_something(self) -> "WatchedSettings":
        if self.sensor is None and self.device_class is None and self.area is None:
            raise ValueError("expected sensor, device_class or area: which sensors is it for?")
        return self

    @property
    def detectors(self) -> dict[str, Any]:
        """What is written of detectors, by key."""
        return dict(self.model_extra or {})


class WatchSettings(Table):
    """Whether and how sensors are watched."""

    enabled: bool = True
    announce: Literal["all", "critical", "none"] = "all"
    """Which alarms are said aloud: what is critical at any hour, warnings outside quiet hours."""
    cool_down_s: Annotated[float, Field(ge=0, le=86_400)] = 1800.0
    """What comes back within so long is told no second time; longer each time that it does."""
    remind_s: Annotated[float, Field(ge=0, le=86_400)] = 600.0
    """How long until a critical alarm that nobody has seen is said again, three times at most; 0: never."""
    sensors: tuple[WatchedSettings, ...] = ()
