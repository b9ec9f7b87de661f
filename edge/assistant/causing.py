"""Why a device is as it is: who asked for it, which rule or plan did it, or that nobody here did."""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.naming import device_name
from edge.assistant.phrases import clock, moment, sentence
from edge.assistant.record import RULE, SCHEDULE, Earlier, LastDeeds, Record
from edge.assistant.told import Told
from edge.devices.model import Device
from edge.devices.registry import Change, ChangeKind, Registry
from edge.errors import EdgeError
from edge.router.model import Call
from edge.schedule.clock import Clock

log = logging.getLogger(__name__)

_AROUND_S: Final = 15.0
"""How far from a change of its state a command to the device is its cause."""
_KEPT: Final = 6
_SENSING: Final = frozenset({"sensor", "binary_sensor", "person", "weather", "event", "update"})
_STATES: Final[Mapping[str, frozenset[str]]] = {
    "off": frozenset({"off", "standby", "closed", "locked", "docked", "idle", "paused"}),
    "closed": frozenset({"closed", "closing"}),
    "open": frozenset({"open", "opening"}),
    "locked": frozenset({"locked"}),
    "unlocked": frozenset({"unlocked"}),
}
_AFTER: Final[Mapping[str, str]] = {
    "turn_on": "on", "turn_off": "off", "open_cover": "open", "close_cover": "closed", "open_valve": "open",
    "close_valve": "closed", "lock": "locked", "unlock": "unlocked",
}  # fmt: skip
"""How a device is after a service."""
_BY: Final[Mapping[str, str]] = {
    "voice": "somebody said so", "cli": "it was asked for on the command line", "demo": "somebody asked for it",
    "mqtt": "it was asked for over MQTT", "http": "it was asked for over the network",
    "wyoming": "somebody said so through Home Assistant", "page": "somebody asked for it on the page",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Change:
    at_s: float
    state: str


class Causes:
    """The function `causes.tell`; `rule_said`: what the rule of an id does, in words."""

    source = ReplySource.DIALOGUE

    def __init__(
        self,
        deeds: LastDeeds,
        registry: Registry,
        clock: Clock,
        rule_said: Callable[[str], str | None],
        earlier: Earlier | None = None,
    ) -> None:
        """`earlier`: what was done before the last start, which is looked up where nothing is known of since."""
        self._deeds = deeds
        self._earlier = earlier
        self._registry = registry
        self._clock = clock
        self._rule_said = rule_said
        self._changes: dict[str, deque[_Change]] = {}
        registry.listen(self._on_change)

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.startswith("causes.")

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function.startswith("causes.")

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Say why."""
        device = self._meant(call, utterance.area)
        if device is None:
            return Told("I don't know which one you mean.")
        wanted = _asked(utterance.text)
        return Told(self._why(device, wanted) or await self._before(device, wanted))

    def _on_change(self, change: Change) -> None:
        device = change.device
        if change.kind is not ChangeKind.STATE or device.domain in _SENSING or not change.state.state:
            return
        if change.before.state in (None, change.state.state):
            return  # how it was found is no change
        known = self._changes.setdefault(device.id, deque(maxlen=_KEPT))
        if not known or known[-1].state != change.state.state:
            known.append(_Change(self._clock.now().timestamp(), change.state.state))

    def _meant(self, call: Call, area: str | None) -> Device | None:
        """The device that was named; of several ("the light") the one here that changed last."""
        known = [self._registry.devices[one] for one in call.targets if one in self._registry.devices]
        if not known:
            return None
        here = [one for one in known if one.area == area]
        known = here if len(known) > 1 and here else known
        latest = {one.id: changes[-1].at_s for one in known if (changes := self._changes.get(one.id))}
        return max(known, key=lambda one: latest.get(one.id, 0.0), default=None)

    def _why(self, device: Device, wanted: str) -> str:
        """What is known of since the start; empty where nothing is."""
        name = device_name(device, self._registry)
        changes = [one for one in self._changes.get(device.id, ()) if _is(one.state, wanted)]
        deeds = self._deeds.of(device.id)
        change = changes[-1] if changes else None
        if change is not None:
            deeds = tuple(one for one in deeds if abs(one[2] - change.at_s) <= _AROUND_S)
        elif wanted:
            deeds = tuple(one for one in deeds if _is(one[1].after.state or "", wanted))
        if deeds:
            record, _, at_s = deeds[-1]
            return sentence(f"{self._because(record)}, {self._at(at_s)}")
        if change is None:
            return ""
        return sentence(
            f"that was not me: {name} changed {self._at(change.at_s)}, at its own switch or through something else"
        )

    async def _before(self, device: Device, wanted: str) -> str:
        """What the last one did of which a record is kept, where that is how it is."""
        unknown = sentence(
            f"I don't know: I have not seen {device_name(device, self._registry)} change since I started"
        )
        if self._earlier is None or self._changes.get(device.id) or self._deeds.of(device.id):
            return unknown
        try:
            kept = await asyncio.to_thread(self._earlier, device.id)
        except EdgeError as error:
            log.warning("causes.not_read", extra={"error": str(error)})
            return unknown
        if not kept:
            return unknown
        record, service = kept[-1]
        after = _AFTER.get(service, "")
        now = self._registry.state(device.id).state or ""
        if after and not (_is(after, wanted) and (_is(now, after) or now == after)):
            return unknown
        return sentence(f"{self._because(record)}, {self._at(record.time_s)}")

    def _because(self, record: Record) -> str:
        if record.source == RULE:
            said = self._rule_said(record.origin)
            return f"because of a rule: {said}" if said else "because of a rule that is gone by now"
        if record.source == SCHEDULE:
            what = record.text.removeprefix("end: ")
            return f"because the time of “{what}” was up" if what != record.text else f"because it was planned: {what}"
        said = _BY.get(record.source, "somebody asked for it")
        area = self._registry.areas.get(record.area or "")
        here = f" in the {area.name.lower()}" if area is not None and record.source == "voice" else ""
        return f"because {said}{here}: “{record.text}”" if record.text else f"because {said}{here}"

    def _at(self, at_s: float) -> str:
        at, now = self._clock.local(at_s), self._clock.now()
        return moment(at, now) if at.date() != now.date() - timedelta(days=1) else f"yesterday at {clock(at)}"


_WORDS: Final = (
    (re.compile(r"\b(?:off|out|stop(?:ped)?)\b"), "off"),
    (re.compile(r"\bunlock(?:ed)?\b"), "unlocked"),
    (re.compile(r"\block(?:ed)?\b"), "locked"),
    (re.compile(r"\b(?:closed?|shut)\b"), "closed"),
    (re.compile(r"\bopen(?:ed)?\b"), "open"),
    (re.compile(r"\b(?:on|lit|running|playing|start(?:ed)?)\b"), "on"),
)


def _asked(text: str) -> str:
    """Which way a question says that something went; empty for any."""
    return next((state for pattern, state in _WORDS if pattern.search(text.lower())), "")


def _is(state: str, wanted: str) -> bool:
    if not wanted:
        return True
    known = _STATES.get(wanted)
    if wanted == "on":
        return state not in _STATES["off"] and state not in ("unavailable", "unknown")
    return state in known if known is not None else state == wanted
