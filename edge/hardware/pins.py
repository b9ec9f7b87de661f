"""GPIO pins through gpiozero, which is imported when the first one is opened."""

import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from edge.gpio import gpiozero
from edge.hardware.errors import HardwareError

_FRAME_HZ: Final = 50
"""Pulses a second that servos expect."""


class Output(Protocol):
    """Something at a pin that can be set."""

    def set(self, level: float, /) -> None:
        """0..1. Raises `HardwareError`."""
        ...

    def release(self) -> None:
        """Nothing is sent to it any more where that is possible: a servo rests."""
        ...

    def close(self) -> None:
        """Give the pin back, which makes an input of it."""
        ...


class _Driven:
    """A relay, an LED, or anything dimmed by pulses."""

    def __init__(self, pin: int, device: Any) -> None:
        self._pin = pin
        self._device = device

    def set(self, level: float, /) -> None:
        with _told(self._pin):
            self._device.value = level

    def release(self) -> None:
        """Nothing to do: what is on is on by its level."""

    def close(self) -> None:
        self._device.close()


class _Servo:
    """A servo, whose position is the length of a pulse."""

    def __init__(self, pin: int, device: Any, pulse_us: tuple[int, int]) -> None:
        self._pin = pin
        self._device = device
        self._pulse_us = pulse_us

    def set(self, level: float, /) -> None:
        closed, opened = self._pulse_us
        with _told(self._pin):
            self._send(closed + (opened - closed) * level)

    def release(self) -> None:
        with _told(self._pin):
            self._send(0)

    def close(self) -> None:
        self._device.close()

    def _send(self, pulse_us: float) -> None:
        handle = getattr(self._device.pin.factory, "_handle", None)
        if handle is None:
            self._device.value = pulse_us * _FRAME_HZ / 1e6
            return
        # Through lgpio gpiozero knows whole percents alone, which are five places of a servo.
        lgpio = importlib.import_module("lgpio")
        lgpio.tx_servo(handle, self._pin, round(pulse_us), _FRAME_HZ)


def open_switched(pin: int, *, active_low: bool, level: float | None) -> Output:
    """A pin that is on or off, at this level from the start; None: as it is. Raises `HardwareError`."""
    initial = None if level is None else level >= 0.5
    with _told(pin):
        return _Driven(pin, _library().OutputDevice(pin, active_high=not active_low, initial_value=initial))


def open_dimmed(pin: int, *, active_low: bool, level: float | None, frequency_hz: int) -> Output:
    """A pin that pulses, for a share of the time. Raises `HardwareError`."""
    with _told(pin):
        device = _library().PWMOutputDevice(
            pin, active_high=not active_low, initial_value=level or 0.0, frequency=frequency_hz
        )
        return _Driven(pin, device)


def open_servo(pin: int, *, level: float | None, pulse_us: tuple[int, int]) -> Output:
    """A servo, moved to this level, or left to rest. Raises `HardwareError`."""
    with _told(pin):
        servo = _Servo(pin, _library().PWMOutputDevice(pin, initial_value=0.0, frequency=_FRAME_HZ), pulse_us)
    if level is not None:
        servo.set(level)
    return servo


class Button:
    """A button or any other contact; tells in a thread of the library's when it changes."""

    def __init__(self, pin: int, pull: str, bounce_s: float, changed: Callable[[bool], None]) -> None:
        """Raises `HardwareError`."""
        pull_up: bool | None = {"up": True, "down": False}.get(pull)
        active: Mapping[str, Any] = {"active_state": True} if pull_up is None else {}
        with _told(pin):
            self._device = _library().Button(pin, pull_up=pull_up, bounce_time=bounce_s or None, **active)
            self._device.when_pressed = lambda: changed(True)
            self._device.when_released = lambda: changed(False)

    @property
    def is_pressed(self) -> bool:
        """Whether it is held now."""
        return bool(self._device.is_pressed)

    def close(self) -> None:
        """Give the pin back."""
        self._device.close()


class _told:  # noqa: N801 (read as a word: with _told(pin))
    """Makes a `HardwareError` with a remedy of what gpiozero and lgpio raise."""

    def __init__(self, pin: int) -> None:
        self._pin = pin

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, HardwareError):
            raise HardwareError(f"GPIO {self._pin}: {_cause(error)}; {_remedy(error)}") from error


def _cause(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) < 200 else f"{said[:200]}…"


def _remedy(error: Exception) -> str:
    kind, said = type(error).__name__, str(error).casefold()
    if kind == "GPIOPinInUse" or "busy" in said or "in use" in said:
        return "use another pin, or end what has it (`gpioinfo` names it; I2C, SPI and the serial port have pins too)"
    if kind in ("PinInvalidPin", "PinNoPins", "PinMultiplePins"):
        return "expected a GPIO number of the header, such as 17"
    if isinstance(error, PermissionError) or "permission" in said or "can not open" in said:
        return "add the service's user to the group gpio, and let the unit have char-gpiochip"
    if kind in ("BadPinFactory", "PinUnknownPi"):
        return "pins need a Raspberry Pi and its library (pip install 'edge-assistant[gpio]')"
    return "see docs/hardware.md"


def _library() -> Any:
    """Raises `HardwareError` where it is not installed."""
    try:
        library = gpiozero()
    except ImportError as error:
        raise HardwareError(
            f"GPIO pins need a package that is missing ({error}): pip install 'edge-assistant[gpio]'"
        ) from error
    with warnings.catch_warnings():
        # What it falls back from is told by the pin that can't be opened.
        warnings.simplefilter("ignore")
        library.Device.ensure_pin_factory()
    return library
