"""What is set at pins: opened in its safe state, commanded as a device of the house, and left in its safe state."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from edge.devices.model import DeviceState, Outcome, ServiceCall
from edge.hardware.errors import HardwareError, UnsupportedServiceError
from edge.hardware.pins import Output, open_dimmed, open_servo, open_switched
from edge.hardware.services import level_of, services, state_of

if TYPE_CHECKING:
    from edge.settings.hardware import HardwareSettings

log = logging.getLogger(__name__)

_PRESSED_S: Final = 0.5
Shown = Callable[[DeviceState], None]


class Attachment:
    """One output; belongs to the event loop once it is opened."""

    def __init__(self, entry: "HardwareSettings") -> None:
        self.entry = entry
        self.trouble = ""
        """Why it can't be used."""
        self.shown: Shown = lambda _state: None
        """Told of its state whenever that is set."""
        self._pin: Output | None = None
        self._level = entry.safe_level
        self._last = 1.0
        self._timers: list[asyncio.TimerHandle] = []

    @property
    def is_graded(self) -> bool:
        """Whether it has levels between on and off."""
        return self.entry.kind in ("pwm", "servo")

    @property
    def features(self) -> frozenset[str]:
        """The services it takes."""
        return services(self.entry.domain, graded=self.is_graded)

    @property
    def options(self) -> MappingProxyType[str, Any]:
        """What else a device of the registry says it can do."""
        colours = {"supported_color_modes": ("brightness" if self.is_graded else "onoff",)}
        return MappingProxyType(colours if self.entry.domain == "light" else {})

    @property
    def state(self) -> DeviceState:
        """How it is now."""
        if self._pin is None:
            return DeviceState(available=False)
        if self._level is None:
            return DeviceState()
        return state_of(self.entry.domain, self._level, graded=self.is_graded)

    def open(self) -> None:
        """Claim the pin, in its safe state. Blocks; raises nothing: see `trouble`."""
        try:
            self._pin = open_output(self.entry)
        except HardwareError as error:
            self.trouble = f"hardware: {self.entry.name}: {error}"

    def close(self) -> None:
        """Bring it into its safe state and give the pin back. Blocks; raises nothing."""
        self._forget_timers()
        if self._pin is None:
            return
        try:
            if self.entry.safe_level is not None:
                self._pin.set(self.entry.safe_level)
        except HardwareError as error:
            log.warning("hardware.not_safe", extra={"output": self.entry.name, "reason": str(error)})
        finally:
            self._pin.close()
            self._pin = None

    def perform(self, call: ServiceCall) -> Outcome:
        """Do it at once. Raises nothing."""
        if self._pin is None:
            return Outcome.UNAVAILABLE
        domain = self.entry.domain
        before = self._level
        try:
            level = level_of(domain, call.service, call.data, before or 0.0, self._last, graded=self.is_graded)
        except UnsupportedServiceError as error:
            log.info("hardware.unsupported", extra={"device": call.device, "reason": str(error)})
            return Outcome.UNSUPPORTED
        if not self._set(level):
            return Outcome.UNAVAILABLE
        self._rest_later(level)
        return Outcome.ALREADY if level == before and domain != "button" else Outcome.DONE

    def _set(self, level: float) -> bool:
        self._forget_timers()
        if self._pin is None:
            return False
        try:
            self._pin.set(level)
        except HardwareError as error:
            self.trouble = f"hardware: {self.entry.name}: {error}"
            log.warning("hardware.failed", extra={"output": self.entry.name, "reason": str(error)})
            self.shown(DeviceState(available=False))
            return False
        self._level, self._last = level, level or self._last
        self.trouble = ""
        self.shown(self.state)
        return True

    def _rest_later(self, level: float) -> None:
        """Go off after its time; a servo gets no more pulses once it is there."""
        entry, loop = self.entry, asyncio.get_running_loop()
        off_after_s = entry.off_after_s or (_PRESSED_S if entry.domain == "button" else None)
        if level > 0 and off_after_s is not None:
            self._timers.append(loop.call_later(off_after_s, self._set, 0.0))
        if entry.kind == "servo" and entry.move_s:
            self._timers.append(loop.call_later(entry.move_s, self._release))

    def _release(self) -> None:
        if self._pin is not None:
            self._pin.release()

    def _forget_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()


def open_output(entry: "HardwareSettings") -> Output:
    """The pin in its safe state. Blocks; raises `HardwareError`."""
    if entry.pin is None:
        raise HardwareError("it has no pin")
    level = entry.safe_level
    match entry.kind:
        case "servo":
            return open_servo(entry.pin, level=level, pulse_us=entry.pulse_us)
        case "pwm":
            return open_dimmed(entry.pin, active_low=entry.active_low, level=level, frequency_hz=entry.frequency_hz)
        case _:
            return open_switched(entry.pin, active_low=entry.active_low, level=level)


def make_safe(entries: Sequence["HardwareSettings"]) -> list[Attachment]:
    """Outputs in their safe states, each with its trouble. Blocks.

    For a process of its own, which holds on to them until it ends without closing them: closing, or forgetting, would
    make inputs of their pins.
    """
    held = [Attachment(entry) for entry in entries if entry.is_output and entry.safe_level is not None]
    for one in held:
        one.open()
    return held
