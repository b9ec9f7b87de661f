"""`[history]` and `[[sensors]]`: what is remembered of sensors, and topics that are sensors by themselves."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.settings.base import DeviceId, Name, Table, TopicName, like

_PATH = like(r"[^\s{}%'\"\\]{1,200}", "a path such as sensors[0].temperature, without blanks and quotes")


class HistorySettings(Table):
    """What is kept of readings, and for how long."""

    enabled: bool = True
    window_s: Annotated[float, Field(ge=0.5, le=600)] | None = None
    """Readings of as many seconds are lost in a power cut; none: 60 on an SD card, 5 elsewhere."""
    raw_days: Annotated[float, Field(ge=1, le=3650)] = 7.0
    """How long each reading is kept."""
    five_minute_days: Annotated[float, Field(ge=1, le=3650)] = 30.0
    """How long five-minute figures, and every change of a state, are kept; hours and days are for ever."""
    most_bytes: Annotated[int, Field(ge=4 << 20, le=1 << 44)] = 3 << 29
    """How large the database may become: the oldest readings go first, then five-minute figures, then hours."""
    most_per_second: Annotated[float, Field(ge=0.01, le=1000)] = 10.0
    """Readings of one sensor, over time; what is more is thinned."""
    leave_out: tuple[Name, ...] = ()
    """Ids of devices that are not kept, `*` for any text ("sensor.*_linkquality")."""


class SensorSettings(Table):
    """A topic that is a sensor, without discovery."""

    topic: TopicName
    name: Name
    id: DeviceId | None = None
    """None: `sensor.` and its name."""
    path: Annotated[str, _PATH] | None = None
    """Where in the JSON of a message the value is ("sensors[0].temperature")."""
    template: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """A Jinja template in the place of a path, as in discovery ("{{ value_json.t / 10 }}")."""
    unit: Name | None = None
    device_class: Name | None = None
    state_class: Name | None = None
    """`measurement`, or `total_increasing` for a counter."""
    area: Name | None = None
    """The area's id or name."""
    aliases: tuple[Name, ...] = ()
    payload_on: Name | None = None
    """What a `binary_sensor` says for on, and `payload_off` for off; none: ON and OFF."""
    payload_off: Name | None = None
    expire_after_s: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    """After that much silence its reading is not one any more."""

    @model_validator(mode="after")
    def _one_way_to_the_value(self) -> Self:
        if self.path is not None and self.template is not None:
            raise ValueError("expected path or template, found both")
        if self.id is not None and self.id.partition(".")[0] not in ("sensor", "binary_sensor"):
            raise ValueError(f"expected an id such as sensor.greenhouse or binary_sensor.gate, found {self.id!r}")
        return self
