"""Puts attached hardware into the registry, carries out calls to it, and reports what its sensors say."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from edge.devices.model import Device, DeviceState, Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.devices.wishes import Wish, granted
from edge.hardware.errors import HardwareError
from edge.hardware.ids import free_id, sensor_name, slug
from edge.hardware.kernel import ROOT, KernelSensor, measure_of
from edge.hardware.outputs import Attachment
from edge.hardware.pins import Button
from edge.hardware.polling import Heard, Poll
from edge.hardware.safekeeping import note

if TYPE_CHECKING:
    from edge.settings.hardware import HardwareSettings

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_MEASURED: Final = MappingProxyType({"state_class": "measurement"})


class Attached:
    """Everything of `[[hardware]]`.

    Entering it opens the outputs in their safe states, before anything else runs; `begin` makes devices of them once
    the registry knows the areas, and starts reading. Leaving it makes everything safe.
    """

    def __init__(
        self,
        entries: Sequence["HardwareSettings"],
        *,
        runtime: Path,
        root: Path = ROOT,
        reserved: Mapping[int, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`reserved`: pins that others use, and for what."""
        self.problems: list[str] = []
        """What is wrong, as sentences with a remedy."""
        self._runtime = runtime
        self._root = root
        self._clock = clock
        self._entries = self._usable(entries, reserved or {})
        self._outputs: dict[str, Attachment] = {
            _id(entry): Attachment(entry) for entry in self._entries if entry.is_output
        }
        self._buttons: dict[str, Button] = {}
        self._sensors: dict[str, str] = {}
        """Our device for each of the kernel's sensors."""
        self._lost: dict[str, str] = {}
        """Devices that can't be read now, and why."""
        self._polls: list[Poll] = []
        self._registry: Registry | None = None
        self._wishes: Mapping[str, Wish] = {}
        self._reserve: Callable[[str], None] = lambda _device: None

    @property
    def ids(self) -> frozenset[str]:
        """Ids that are taken: those of pins, and those that were chosen for sensors."""
        return frozenset(_id(entry) for entry in self._entries if entry.id is not None or not entry.is_sensor)

    def owns(self, device: str) -> bool:
        """Whether the device hangs on this machine."""
        return device in self._outputs or device in self._buttons or device in self._sensors.values()

    async def __aenter__(self) -> Self:
        """Open the outputs, each in its safe state; what can't be opened is in `problems`."""
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._close)

    async def begin(
        self,
        registry: Registry,
        wishes: Mapping[str, Wish] | None = None,
        reserve: Callable[[str], None] | None = None,
    ) -> None:
        """Make devices of it all, in an area each where one is given, and read sensors from now on.

        `reserve` is told the ids of sensors that are found.
        """
        self._registry, self._wishes = registry, wishes if wishes is not None else {}
        self._reserve = reserve or (lambda _device: None)
        for device, output in self._outputs.items():
            output.shown = self._shower(device)
            self._put(output.entry, device, features=output.features, options=output.options)
            output.shown(output.state)
        loop = asyncio.get_running_loop()
        for entry in self._entries:
            if entry.kind == "button":
                self._put(entry, _id(entry))
                await self._watch(entry, loop)
            elif entry.is_sensor and entry.source is not None and (entry.kind == "one_wire" or "/" in entry.source):
                self._expect(entry)
        for kind in ("one_wire", "iio", "hwmon"):
            if entries := [entry for entry in self._entries if entry.kind == kind]:
                self._polls.append(Poll(kind, entries, _into(loop, self._on_heard), self._root))
                self._polls[-1].start()
        log.info("hardware.begun", extra={"outputs": len(self._outputs), "buttons": len(self._buttons)})

    async def perform(self, call: ServiceCall) -> Outcome:
        """Carry a call out. Raises nothing."""
        output = self._outputs.get(call.device)
        if output is None:
            return Outcome.UNSUPPORTED if self.owns(call.device) else Outcome.UNAVAILABLE
        outcome = output.perform(call)
        whose = {"source": call.cause.source, "request": call.cause.request} if call.cause else {}
        facts = {"device": call.device, "service": call.service, "outcome": outcome.value, **whose}
        log.info("hardware.performed", extra=facts)
        return outcome

    def facts(self) -> dict[str, Any]:
        """What `edge status` and `edge doctor` show."""
        return {
            "outputs": len(self._outputs),
            "buttons": len(self._buttons),
            "sensors": len(self._sensors),
            "problems": [*self.problems, *(one.trouble for one in list(self._outputs.values()) if one.trouble)],
            "unread": dict(self._lost),
        }

    # Opening and closing -------------------------------------------------------------------------------------------

    def _usable(
        self, entries: Sequence["HardwareSettings"], reserved: Mapping[int, str]
    ) -> tuple["HardwareSettings", ...]:
        taken, ids, usable = dict(reserved), set[str](), []
        for entry in entries:
            called = entry.name or entry.kind
            if entry.pin is not None and entry.pin in taken:
                wrong = f"GPIO {entry.pin} is {taken[entry.pin]}'s already: choose another pin"
            elif (entry.id is not None or not entry.is_sensor) and _id(entry) in ids:
                wrong = f"{_id(entry)} is there already: give it an id of its own"
            else:
                usable.append(entry)
                ids.add(_id(entry))
                if entry.pin is not None:
                    taken[entry.pin] = called
                continue
            self.problems.append(f"hardware: {called}: {wrong}")
        return tuple(usable)

    def _open(self) -> None:
        note(self._runtime, self._entries)
        for output in self._outputs.values():
            output.open()
            if output.trouble:
                self.problems.append(output.trouble)
                output.trouble = ""

    def _close(self) -> None:
        for output in self._outputs.values():
            output.shown = lambda _state: None
            output.close()
        for button in self._buttons.values():
            button.close()
        for poll in self._polls:
            poll.end()
        for poll in self._polls:
            poll.ended()

    # Devices -------------------------------------------------------------------------------------------------------

    def _put(
        self,
        entry: "HardwareSettings",
        device: str,
        *,
        name: str | None = None,
        device_class: str | None = None,
        unit: str | None = None,
        features: frozenset[str] = frozenset(),
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        if self._registry is None:
            return
        described = Device(
            id=device,
            name=name or entry.name or device,
            area=self._registry.area_id(entry.area),
            aliases=entry.aliases,
            device_class=entry.device_class or device_class,
            unit=entry.unit or unit,
            features=features,
            options=options,
        )
        self._registry.put_device(granted(described, self._wishes.get(device), self._registry))

    def _shower(self, device: str) -> Callable[[DeviceState], None]:
        return lambda state: self._show(device, state)

    def _show(self, device: str, state: DeviceState) -> None:
        if self._registry is None:
            return
        before, now_s = self._registry.state(device), self._clock()
        same = (before.state, before.available) == (state.state, state.available) and (
            before.attributes == state.attributes
        )
        heard = state.available and state.state is not None
        self._registry.set_state(
            device,
            replace(
                state,
                changed_s=before.changed_s if same else now_s,
                reported_s=now_s if heard else before.reported_s,
            ),
        )

    async def _watch(self, entry: "HardwareSettings", loop: asyncio.AbstractEventLoop) -> None:
        device = _id(entry)
        tell = _into(loop, lambda pressed: self._show(device, DeviceState("on" if pressed else "off")))
        try:
            button = await asyncio.to_thread(Button, entry.pin or 0, entry.pull, entry.bounce_s, tell)
        except HardwareError as error:
            self.problems.append(f"hardware: {entry.name}: {error}")
            self._show(device, DeviceState(available=False))
            return
        self._buttons[device] = button
        self._show(device, DeviceState("on" if button.is_pressed else "off"))

    # Sensors -------------------------------------------------------------------------------------------------------

    def _expect(self, entry: "HardwareSettings") -> None:
        """One that is named is there, if unheard, before it is found; in its own unit, which its past hangs on."""
        measure = measure_of(entry.kind, entry.source or "")
        if measure is not None:
            unit, of = measure.unit, measure.device_class
            self._put(entry, _id(entry), device_class=of, unit=unit, options=_MEASURED)
            self._show(_id(entry), DeviceState(available=False))
        self._lost[_id(entry)] = (
            f"{entry.source} is not there: look at its wires and at the overlays in config.txt, on a flashed card at "
            "`one_wire` and `i2c` in edge.toml"
        )

    def _on_heard(self, heard: Sequence[Heard]) -> None:
        for one in heard:
            device = self._sensors.get(one.sensor.exact_source) or self._found(one.entry, one.sensor)
            if one.value is None:
                self._lose(device, one.trouble)
                continue
            if self._lost.pop(device, None) is not None:
                log.info("hardware.sensor_read", extra={"device": device})
            self._show(device, DeviceState(f"{one.value:.10g}"))

    def _found(self, entry: "HardwareSettings", sensor: KernelSensor) -> str:
        registry = self._registry
        alone = entry.source is not None and (entry.kind == "one_wire" or "/" in entry.source)
        name = entry.name if alone and entry.name else sensor_name(sensor, entry.name)
        wanted = _id(entry) if alone else f"sensor.{slug(name)}"
        mine = alone and wanted not in self._sensors.values()
        taken = registry.devices if registry is not None else {}
        device = wanted if mine else free_id(wanted, taken)
        self._sensors[sensor.exact_source] = device
        self._reserve(device)
        measure = sensor.measure
        self._put(entry, device, name=name, device_class=measure.device_class, unit=measure.unit, options=_MEASURED)
        log.info("hardware.sensor_found", extra={"device": device, "source": sensor.exact_source})
        return device

    def _lose(self, device: str, trouble: str) -> None:
        """Told once, however long it lasts."""
        if device not in self._lost:
            log.warning("hardware.sensor_lost", extra={"device": device, "reason": trouble})
        self._lost[device] = trouble
        self._show(device, DeviceState(available=False))


def _id(entry: "HardwareSettings") -> str:
    return entry.id or f"{entry.domain}.{slug(entry.name or entry.source or entry.kind)}"


def _into(loop: asyncio.AbstractEventLoop, act: Callable[[_T], None]) -> Callable[[_T], None]:
    """The same, called in the loop, from wherever it is called; nothing once the loop is closed."""

    def threadsafe(value: _T) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(act, value)

    return threadsafe
