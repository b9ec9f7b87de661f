"""`[[hardware]]`: what hangs on this machine's pins, and the sensors that its kernel shows."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from edge.settings.base import DeviceId, Name, Table, like

OutputKind = Literal["relay", "led", "pwm", "servo"]
SensorKind = Literal["one_wire", "iio", "hwmon"]
Kind = Literal["relay", "led", "pwm", "servo", "button", "one_wire", "iio", "hwmon"]

OUTPUTS: Final = ("relay", "led", "pwm", "servo")
SENSORS: Final = ("one_wire", "iio", "hwmon")
DOMAINS: Final = {
    "relay": ("switch", "light", "fan", "lock", "valve", "siren", "button"),
    "led": ("light", "switch"),
    "pwm": ("light", "fan", "valve"),
    "servo": ("cover", "valve"),
    "button": ("binary_sensor",),
    "one_wire": ("sensor",),
    "iio": ("sensor",),
    "hwmon": ("sensor",),
}
"""What each kind may be in the house, the likeliest first."""

_PINNED: Final = ("relay", "led", "pwm", "servo", "button")
_KEYS: Final = {
    "pin": _PINNED,
    "active_low": ("relay", "led", "pwm"),
    "safe": OUTPUTS,
    "off_after_s": ("relay", "led", "pwm"),
    "frequency_hz": ("pwm",),
    "pulse_us": ("servo",),
    "move_s": ("servo",),
    "pull": ("button",),
    "bounce_s": ("button",),
    "source": SENSORS,
    "every_s": SENSORS,
    "unit": SENSORS,
    "multiply": SENSORS,
    "add": SENSORS,
}
"""The kinds that a key is for; those that are not here are for every kind."""

_SOURCE = like(
    r"[A-Za-z0-9_.:+-]{1,64}(@[A-Za-z0-9_.:+-]{1,64})?(/[a-z0-9_-]{1,64})?",
    "a sensor such as 28-000005e2fdc3, bme280/temp or cpu_thermal/temp1",
)


class HardwareSettings(Table):
    """One thing at a pin, or one or all of the kernel's sensors of a kind."""

    kind: Kind
    name: Name | None = None
    """Needed, except for sensors: these have names of their own."""
    id: DeviceId | None = None
    """None: the kind's domain and the name."""
    area: Name | None = None
    """The area's id or name."""
    aliases: tuple[Name, ...] = ()
    device_class: Name | None = None

    pin: Annotated[int, Field(ge=0, le=1023)] | None = None
    """As Broadcom counts: GPIO 17 is 17."""
    active_low: bool = False
    """Whether it is on while the pin is low, as many relay boards have it."""
    safe: Literal["off", "on", "keep"] | Annotated[int, Field(ge=0, le=100)] = "off"
    """What it is set to before the service starts and after it ends; a number is percent; `keep` leaves it alone."""
    off_after_s: Annotated[float, Field(ge=0.02, le=86_400)] | None = None
    """It goes off by itself after so long, whoever turned it on."""
    frequency_hz: Annotated[int, Field(ge=1, le=10_000)] = 200
    pulse_us: tuple[Annotated[int, Field(ge=200, le=4000)], Annotated[int, Field(ge=200, le=4000)]] = (1000, 2000)
    """A servo's pulse for closed and for open; the first may be the longer one."""
    move_s: Annotated[float, Field(ge=0, le=60)] = 1.5
    """How long a servo gets pulses for a move; 0: always, so that it holds against a load."""
    pull: Literal["up", "down", "none"] = "up"
    """A button's resistor inside the chip: `up` for one between pin and ground."""
    bounce_s: Annotated[float, Field(ge=0, le=1)] = 0.02
    """How long contacts may chatter."""

    source: Annotated[str, _SOURCE] | None = None
    """Which sensor; none: every one of the kind, those that are plugged in later too."""
    every_s: Annotated[float, Field(ge=1, le=86_400)] | None = None
    """How often it is read; none: 10 s, those on a 1-wire bus each 30 s."""
    unit: Name | None = None
    multiply: Annotated[float, Field(ge=-1e12, le=1e12)] = 1.0
    """For what is measured through something else: a voltage divider, a shunt."""
    add: Annotated[float, Field(ge=-1e12, le=1e12)] = 0.0
    """After that, in the sensor's unit."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        for key in sorted(self.model_fields_set & _KEYS.keys()):
            if self.kind not in _KEYS[key]:
                raise ValueError(f"expected no {key} for a {self.kind}: it is for {', '.join(_KEYS[key])}")
        if self.kind in _PINNED and (self.pin is None or self.name is None):
            missing = "pin" if self.pin is None else "name"
            raise ValueError(f"expected a {missing} for a {self.kind}, found none")
        if self.kind == "servo" and self.pulse_us[0] == self.pulse_us[1]:
            raise ValueError("expected two pulses of different length, for closed and for open")
        domains = DOMAINS[self.kind]
        if self.id is not None and self.id.partition(".")[0] not in domains:
            raise ValueError(f"expected an id that begins with {' or '.join(domains)}, found {self.id!r}")
        if self.domain in ("lock", "button") and self.safe not in ("off", 0):
            raise ValueError(f"expected safe = off for a {self.domain}: it must not stay open by itself")
        return self

    @property
    def domain(self) -> str:
        """What it is in the house."""
        return self.id.partition(".")[0] if self.id else DOMAINS[self.kind][0]

    @property
    def is_output(self) -> bool:
        """Whether it can be set."""
        return self.kind in OUTPUTS

    @property
    def is_sensor(self) -> bool:
        """Whether the kernel measures it."""
        return self.kind in SENSORS

    @property
    def safe_level(self) -> float | None:
        """0..1; None: it is left alone."""
        if isinstance(self.safe, int):
            return self.safe / 100
        return {"off": 0.0, "on": 1.0, "keep": None}[self.safe]
