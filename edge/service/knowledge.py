"""What the service knows of itself, for those who show it: what is in memory at any time, the rest now and then."""

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge import __version__
from edge.assistant.model import Reply, ReplySource, Utterance
from edge.errors import EdgeError
from edge.health.vitals import memory
from edge.llm import State
from edge.llm.governed import HOLDING_BACK, WHY_NOT
from edge.models import Kind, ModelStore
from edge.mqtt.appliance import Exchange, Facts, Problem, Timer
from edge.schedule.model import Entry
from edge.tuning.thermal import Heat, Throttle, read_heat

if TYPE_CHECKING:
    from edge.service.service import Service

_LITTLE_BYTES: Final = 100 << 20
_LITTLE_SHARE: Final = 0.05
_PLENTY_BYTES: Final = 1 << 30
"""With this much free no share is too little."""
_RESTARTED_S: Final = 600.0
"""How long a broker that had to be started again is told of."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What takes reading of files."""

    celsius: float | None = None
    available_bytes: int | None = None
    service_bytes: int | None = None
    model: str | None = None
    models: tuple[str, ...] = ()
    disk: str | None = None
    heat: str | None = None
    power: str | None = None


class Knowledge:
    """Everything about this appliance that others may see."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._measured = Measured()
        self._model_ms: float | None = None
        self._broker_restarts = (0, float("-inf"))

    async def refresh(self) -> None:
        """Read what is read from files."""
        self._measured = await asyncio.to_thread(_measure, self._service, self._measured)

    def note(self, utterance: Utterance, reply: Reply) -> Exchange:
        """Take note of a request and its reply; the two as one."""
        if reply.source is ReplySource.LLM:
            self._model_ms = reply.ms
        return Exchange(
            id=reply.id,
            text=utterance.text,
            reply=reply.text,
            decision=reply.decision.value,
            answered_by=reply.source.value,
            source=utterance.source.value,
            area=utterance.area,
            functions=tuple(call.function for call in reply.calls),
            ms=reply.ms,
        )

    def facts(self) -> Facts:
        """One look; reads nothing from a disk."""
        service, measured, figures = self._service, self._measured, self._service.model.figures
        voice = service.voice.local
        wanted = service.loaded.settings.speech.enabled
        has_voice = True if wanted is True or voice.state is not None else None
        return Facts(
            version=__version__,
            has_voice=False if wanted is False and voice.state is None else has_voice,
            listening=voice.state,
            guests=service.people is not None and service.people.guests.active,
            scenes=tuple((one.key, one.name) for one in service.staged.now) if service.staged is not None else (),
            volume=voice.volume,
            wake_word=voice.wake.chosen,
            wake_words=voice.wake.options,
            model=measured.model,
            models=measured.models,
            model_state=figures.state.value,
            loaded_model=figures.model,
            timers=self._timers(),
            tokens_per_s=figures.tokens_per_s or None,
            model_bytes=figures.resident_bytes or None,
            service_bytes=measured.service_bytes,
            available_bytes=measured.available_bytes,
            celsius=measured.celsius,
            router_ms=service.timed.ms,
            model_ms=self._model_ms,
            problems=self._problems(),
        )

    def _timers(self) -> tuple[Timer, ...]:
        trusted = self._service.clock.trusted
        entries = self._service.schedule.agenda.entries.values()

        def ends(entry: Entry) -> datetime | None:
            due_s = entry.due_wall_s
            return datetime.fromtimestamp(round(due_s), UTC) if trusted and due_s is not None else None

        told = [
            Timer(entry.id, entry.kind.value, entry.status.value, entry.label, entry.area, ends(entry))
            for entry in entries
        ]
        return tuple(
            sorted(told, key=lambda timer: (timer.ends is None, timer.ends or datetime.max.replace(tzinfo=UTC)))
        )

    def _problems(self) -> dict[Problem, str]:
        service, measured = self._service, self._measured
        voice = service.voice.facts()
        reasons = {
            Problem.BROKER: self._broker_trouble(),
            Problem.CONFIGURATION: "; ".join(service.problems) or None,
            Problem.MODEL: self._model_trouble(),
            Problem.VOICE: voice.get("trouble") or voice.get("loudspeaker_trouble") or voice.get("voice_trouble"),
            Problem.CLOCK: None if service.clock.trusted else _NO_TIME,
            Problem.DISK: measured.disk,
            Problem.HEAT: measured.heat,
            Problem.POWER: measured.power,
            Problem.DOCTOR: _found(service),
        }
        return {problem: reason for problem, reason in reasons.items() if reason}

    def _broker_trouble(self) -> str | None:
        service = self._service
        if service.house is not None and service.house.trouble is not None:
            return f"devices are not seen: {service.house.trouble}"
        restarts, now_s = service.broker.restarts if service.broker else 0, time.monotonic()
        if restarts > self._broker_restarts[0]:
            self._broker_restarts = restarts, now_s
        if now_s - self._broker_restarts[1] < _RESTARTED_S:
            return f"mosquitto ended by itself and was started again ({restarts} times by now): the log says why"
        return None

    def _model_trouble(self) -> str | None:
        figures = self._service.model.figures
        rests = figures.state is State.UNLOADED and figures.reason in WHY_NOT.values()
        return figures.reason if figures.state is State.FAILED or rests else None


def _found(service: "Service") -> str | None:
    """What doctor found last, as far as no other sensor tells it."""
    last = service.doctor.last if service.doctor is not None else None
    if last is None:
        return None
    wrong = [one for one in last.findings if one.severity == "problem" and one.check not in _TOLD_ELSEWHERE]
    return "; ".join(f"{one.text}: {one.remedy}" for one in wrong) or None


_TOLD_ELSEWHERE: Final = frozenset({"broker", "settings", "clock", "disk", "heat", "power"})
"""Checks whose problems have a sensor of their own, which knows them within a minute."""
_NO_TIME: Final = (
    "the time is not known: there is no clock with a battery and no network time yet; timers run, "
    "what is set for a time of day waits"
)


def _measure(service: "Service", before: Measured) -> Measured:
    """Blocks for milliseconds. Models that can't be looked up are as they were before."""
    places, llm = service.loaded.places, service.loaded.settings.llm
    bytes_, heat = memory(), read_heat()
    chosen, installed = before.model, before.models
    if llm.enabled:
        with contextlib.suppress(EdgeError):
            chosen, installed = _models(ModelStore(places.models), llm.model)
    hottest = heat.hottest
    return Measured(
        celsius=round(hottest.celsius, 1) if hottest else None,
        available_bytes=bytes_.get("available_bytes"),
        service_bytes=bytes_.get("resident_bytes"),
        model=chosen,
        models=installed,
        disk=_disk_trouble(places.state),
        heat=_heat_trouble(heat),
        power=_power_trouble(heat),
    )


def _models(store: ModelStore, configured: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The language model in use, and all to choose from: none but one that the settings name. Raises `EdgeError`."""
    chosen = store.chosen(configured)
    names = tuple(model.name for model in store.models() if model.kind is Kind.LANGUAGE)
    if configured is not None:
        names = (chosen.name,) if chosen else ()
    return chosen.name if chosen else None, names


def _disk_trouble(state: Path) -> str | None:
    try:
        disk = os.statvfs(state)
    except OSError as error:
        return f"{state} can't be read: {error.strerror or error}"
    free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    if free >= _LITTLE_BYTES and (free >= _PLENTY_BYTES or free >= total * _LITTLE_SHARE):
        return None
    return f"{free >> 20} MiB of {total >> 20} MiB are free where {state} is: make room, with `edge models rm NAME`"


def _heat_trouble(heat: Heat) -> str | None:
    hottest, margin = heat.hottest, heat.margin_celsius
    slowed = heat.now & HOLDING_BACK & ~Throttle.UNDER_VOLTAGE
    if not slowed and (margin is None or margin > 0):
        return None
    where = f"{hottest.name} is at {hottest.celsius:.0f} °C" if hottest else "the firmware says so"
    return f"the machine is slowed down or about to be ({where}): give it air, or a heat sink"


def _power_trouble(heat: Heat) -> str | None:
    if Throttle.UNDER_VOLTAGE not in heat.now:
        return None
    return "the voltage is too low: use a stronger power supply and a short, thick cable"
