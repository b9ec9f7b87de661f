"""Turns the network's raw calls into calls on real devices, a question back, or what could not be found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from edge.devices.critical import is_critical
from edge.devices.model import Device, ServiceCall
from edge.devices.nouns import Kind
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.model import Call, Decision, RawCall, Slot, Span, Value
from edge.router.resolution.arguments import missing, values
from edge.router.resolution.lists import with_list
from edge.router.resolution.phrase import read_noun
from edge.router.resolution.places import WHOLE_HOME, Places, Scope
from edge.router.resolution.readings import Readings
from edge.router.resolution.targets import Targets
from edge.router.resolution.wanted import Found, Wanted, wanted
from edge.router.resolution.wording import which
from edge.router.values import states
from edge.router.vocabulary import Function, Vocabulary

MAX_CALLS: Final = 16
_MEASURING: Final = frozenset({"sensor.query", "climate.get_temperature"})
_GATHERING: Final = frozenset({"which", "count", "any", "all", "average", "minimum", "maximum", "sum"})
"""Aggregates that look at more than one room."""
_OWN: Final = listed("volume_set, volume_up, volume_down, mute, unmute, stop, pause, play, play_media")
"""Verbs of players that the assistant's own loudspeaker has too: without a player they need no target."""
_ROVING: Final = frozenset({"vacuum", "lawn_mower", "weather"})
"""Domains whose devices have no fixed place in the home."""


@dataclass(frozen=True, slots=True)
class Explained:
    """How one copied phrase was resolved: `name`, `part`, `like`, `class`, `area`, `default` or `nothing`."""

    text: str
    how: str
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an utterance comes to. For `clarify`, calls that wait for the answer have no targets."""

    calls: tuple[Call, ...]
    decision: Decision
    question: str | None = None
    candidates: tuple[str, ...] = ()
    """Ids of the devices or areas the question is about."""
    unresolved: tuple[str, ...] = ()
    """Phrases that name nothing in this home; their calls have no targets."""
    explained: tuple[Explained, ...] = ()


def resolve(
    raw: Sequence[RawCall],
    text: str,
    registry: Registry,
    vocabulary: Vocabulary,
    area: str | None,
    now: datetime,
) -> Resolution:
    """Resolve the raw calls of one utterance, in order. `area` is the id of the speaker's, `now` the local time.

    Takes time by the length of the utterance and by the devices it names, not by how many there are.
    """
    places = Places(registry, area)
    resolver = _Resolver(registry, vocabulary, places, now)
    for call in raw[:MAX_CALLS]:
        function = vocabulary.get(call.function)
        if function is not None:
            resolver.add(function, call.spans)
    return resolver.resolution(text)


@dataclass(slots=True)
class _Resolver:
    registry: Registry
    vocabulary: Vocabulary
    places: Places
    now: datetime
    calls: list[Call] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    question: str | None = None
    candidates: tuple[str, ...] = ()
    targets: Targets = field(init=False)
    readings: Readings = field(init=False)

    def __post_init__(self) -> None:
        self.targets = Targets(self.registry, self.places)
        self.readings = Readings(self.registry, self.places, self.targets)

    def resolution(self, text: str) -> Resolution:
        """What all the calls so far come to."""
        functions = [self.vocabulary.functions[call.function] for call in self.calls]
        if not functions:
            decision = Decision.IGNORE if not text.strip() else Decision.CHAT
        elif self.question is not None:
            decision = Decision.CLARIFY
        elif all(function.kind == "query" for function in functions):
            decision = Decision.QUERY
        else:
            decision = Decision.ACT
        return Resolution(
            tuple(self.calls),
            decision,
            self.question,
            self.candidates,
            tuple(self.unresolved),
            tuple(self.explained),
        )

    def add(self, function: Function, spans: Sequence[Span]) -> None:
        """Resolve one raw call; it may become several calls."""
        if Slot.TARGET not in function.slots:
            self._add_plain(function, spans)
        elif function.domain == "vacuum" and self._cleans(function, spans):
            self._add_cleaning(spans)
        else:
            self._add_device(function, spans)

    def _add_plain(self, function: Function, spans: Sequence[Span]) -> None:
        made = values(function, spans, self.now)
        for span in _of(spans, Slot.PLACE):
            scope = self.places.find(span.text)
            made |= {"area": span.text} if scope is None else scope.arguments
        if function.domain == "todo":
            self._add_list(function, spans, made)
        else:
            self._add_call(function, made, ())

    def _add_list(self, function: Function, spans: Sequence[Span], made: Mapping[str, Value]) -> None:
        listed = next(iter(_of(spans, Slot.LIST)), None)
        arguments, devices, intent = with_list(function, listed.text if listed else None, made, self.registry)
        items = _of(spans, Slot.ITEM)
        for own in [{**arguments, "item": item.text} for item in items] or [arguments]:
            self._add_call(function, own, devices, intent=intent)

    def _cleans(self, function: Function, spans: Sequence[Span]) -> bool:
        """Whether an area is to be cleaned: also "start the vacuum in the kitchen" where only one can be meant."""
        if function.verb == "clean_area":
            return True
        vacuums = list(self.registry.of_kind("vacuum"))
        return function.verb == "start" and len(vacuums) < 2 and bool(_of(spans, Slot.PLACE))

    def _add_cleaning(self, spans: Sequence[Span]) -> None:
        """The place is where to clean, not where the vacuum stands."""
        function = self.vocabulary.functions["vacuum.clean_area"]
        wish = wanted(function, self.vocabulary)
        arguments: dict[str, Value] = {}
        found: Found | None = None
        for span in _of(spans, Slot.PLACE, Slot.TARGET):
            if span.slot is Slot.TARGET and not self.places.named(tokens(span.text)):
                found = self.targets.find(span.text, None, wish)
                self._explain(span.text, found)
                continue
            scope = self.places.find(span.text)
            if scope is None:
                self.unresolved.append(span.text)
            else:
                arguments |= scope.arguments
        if not arguments and (start := self.vocabulary.native("vacuum", "start")) is not None:
            function = start
        found = found or self.targets.default(None, wish)
        made = {**arguments, **values(function, spans, self.now)}
        if found is None:
            self._add_call(function, made, ())
        elif found.choices:
            self._ask(function, made, found)
        else:
            self._add_call(function, made, found.devices)

    def _add_device(self, function: Function, spans: Sequence[Span]) -> None:
        state = next((states.state(span.text) for span in _of(spans, Slot.STATE)), None)
        wish = wanted(function, self.vocabulary, state)
        named = _of(spans, Slot.TARGET)
        hint = _hint(named)
        scopes = self._scopes(function, spans, wish, bare=not named)
        if scopes is None:
            return
        for scope in scopes:
            if not named:
                self._add_found(function, spans, scope, self._default(function, spans, scope, wish), None)
            for span in named:
                found = self._find(function, spans, span.text, scope, wish, hint)
                if found is None and function.domain in _ROVING:
                    found = self._find(function, spans, span.text, None, wish, hint)
                if found is None and (parts := _parts(span.text)):
                    for part in parts:
                        self._add_found(
                            function, spans, scope, self._find(function, spans, part, scope, wish, hint), part
                        )
                    continue
                self._add_found(function, spans, scope, found, span.text)

    def _scopes(
        self, function: Function, spans: Sequence[Span], wish: Wanted, *, bare: bool
    ) -> Sequence[Scope | None] | None:
        """The places that were named, [None] for none; None where a place turned out to be something else."""
        scopes: list[Scope | None] = []
        for span in _of(spans, Slot.PLACE):
            scope = self.places.find(span.text)
            if scope is not None:
                scopes.append(None if function.domain == "weather" else scope)
                continue
            named = [one.text for one in _of(spans, Slot.TARGET)] if not bare else []
            for text in [f"{span.text} {name}" for name in named] or [span.text]:
                found = self._find(function, spans, text, None, wish, ())
                if found is not None and found.how in {"like", "class", "default"} and named:
                    found = None
                if found is None and named:
                    self._explain(span.text, None)
                    self.unresolved.append(span.text)
                    self._add_call(function, {"area": span.text, **values(function, spans, self.now)}, ())
                    continue
                self._add_found(function, spans, None, found, span.text)
            return None
        if not scopes and self._gathers(function, spans):
            return [WHOLE_HOME]
        return scopes or [None]

    def _gathers(self, function: Function, spans: Sequence[Span]) -> bool:
        """Whether a question looks at more than the speaker's room."""
        if function.kind != "query":
            return False
        if not _of(spans, Slot.TARGET) and function.name == "state.get":
            return True
        return any(states.aggregate(span.text) in _GATHERING for span in _of(spans, Slot.AGGREGATE))

    def _find(
        self,
        function: Function,
        spans: Sequence[Span],
        text: str,
        scope: Scope | None,
        wish: Wanted,
        hint: tuple[Kind, ...],
    ) -> Found | None:
        if function.name not in _MEASURING:
            found = self.targets.find(text, scope, wish, hint)
            if function.domain == "media_player" and found is not None and found.how == "class":
                return self._playing(found)
            return found
        measure = next((states.measure(span.text) for span in _of(spans, Slot.MEASURE)), None)
        if function.name == "climate.get_temperature":
            return self.targets.find(text, scope, replace(wish, rank=_climate_rank)) or self.readings.find(
                text, scope, "temperature", wish
            )
        every = any(states.aggregate(span.text) in _GATHERING for span in _of(spans, Slot.AGGREGATE))
        return self.readings.find(text, scope, measure, wish, every=every)

    def _default(self, function: Function, spans: Sequence[Span], scope: Scope | None, wish: Wanted) -> Found | None:
        """What is meant where no device is named."""
        if function.name in _MEASURING:
            said = next((states.measure(span.text) for span in _of(spans, Slot.MEASURE)), None)
            measure = "temperature" if function.name == "climate.get_temperature" else said
            every = any(states.aggregate(span.text) in _GATHERING for span in _of(spans, Slot.AGGREGATE))
            return self.readings.find(None, scope, measure, wish, every=every)
        if not wish.default:
            return None
        if function.domain == "media_player":
            found = self.targets.default(scope, wish)
            return None if found is None else self._playing(found)
        return self.targets.default(scope, wish)

    def _playing(self, found: Found) -> Found:
        """Of several players those that are playing: it is them that a person hears."""
        players = [one for one in found.devices or found.choices if one in self.registry.devices]
        playing = [one for one in players if self.registry.state(one).state == "playing"]
        if len(players) > 1 and playing and (found.devices or len(playing) == 1):
            return replace(found, devices=tuple(playing), choices=())
        return found

    def _add_found(
        self, function: Function, spans: Sequence[Span], scope: Scope | None, found: Found | None, text: str | None
    ) -> None:
        """Make the calls for what a phrase was found to stand for."""
        if text is not None:
            self._explain(text, found)
        if found is None:
            self._add_nothing(function, spans, scope, text)
            return
        if found.choices:
            self._ask(function, {**found.arguments, **values(function, spans, self.now)}, found)
            return
        wish = wanted(function, self.vocabulary)
        devices = found.devices
        for span in _of(spans, Slot.EXCEPT):
            left_out = self.targets.except_for(span.text, scope, wish, devices)
            self._explain(span.text, Found(tuple(left_out), how="except") if left_out else None)
            devices = tuple(device for device in devices if device not in left_out)
        grouped = self._by_function(function, devices)
        for own, targets in grouped.items():
            meant = self.vocabulary.functions[own]
            arguments = dict(found.arguments)
            if len(grouped) > 1 and found.how in {"class", "default"}:
                arguments["domain"] = meant.domain
            first = self.registry.devices[targets[0]]
            self._add_call(meant, {**arguments, **values(meant, spans, self.now, first)}, targets)

    def _by_function(self, function: Function, devices: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Which function moves which devices: the one of their own domain with the same verb."""
        if function.kind == "query":
            return {function.name: tuple(devices)} if devices else {}
        domains: dict[str, list[str]] = {}
        for device in devices:
            domains.setdefault(device.partition(".")[0], []).append(device)
        grouped: dict[str, tuple[str, ...]] = {}
        for domain, own in domains.items():
            meant = self.vocabulary.by_verb(domain, function.verb)
            if meant is not None:
                grouped[meant.name] = (*grouped.get(meant.name, ()), *own)
        return grouped

    def _add_nothing(self, function: Function, spans: Sequence[Span], scope: Scope | None, text: str | None) -> None:
        """A call without devices: some need none, some must ask which, some name what is not there."""
        made = {**({} if scope is None else scope.arguments), **values(function, spans, self.now)}
        if text is not None:
            self.unresolved.append(text)
            self._add_call(function, {"name": text, **made}, ())
        elif function.kind == "query" or (function.domain == "media_player" and function.verb in _OWN):
            self._add_call(function, made, ())
        elif function.domain in {"scene", "script", "switch", "button", "number", "select", "text", "notify"}:
            self._ask(function, made, Found())
        else:
            self.unresolved.append(function.domain.replace("_", " "))
            self._add_call(function, made, ())

    def _ask(self, function: Function, arguments: Mapping[str, Value], found: Found) -> None:
        self._add_call(function, arguments, ())
        if self.question is None or not self.candidates:
            self.question = which(self.registry, found.choices, function.domain)
            self.candidates = found.choices

    def _add_call(
        self, function: Function, arguments: Mapping[str, Value], targets: tuple[str, ...], *, intent: str | None = None
    ) -> None:
        call = Call(
            function=function.name,
            arguments=dict(arguments),
            targets=targets,
            ha_intent=intent or next(iter(function.ha_intents), None),
            confirm=function.critical or self._opens_up(function, arguments, targets),
        )
        if call not in self.calls:
            self.calls.append(call)
        if self.question is None:
            self.question = missing(function, arguments)

    def _opens_up(self, function: Function, arguments: Mapping[str, Value], targets: Sequence[str]) -> bool:
        """Whether a cover that lets somebody in is opened."""
        service = _COVER_SERVICES.get(function.name)
        if service is None:
            return False
        data = {"position": arguments["position"]} if "position" in arguments else {}
        return any(is_critical(self.registry.devices[one], ServiceCall(one, service, data)) for one in targets)

    def _explain(self, text: str, found: Found | None) -> None:
        if found is None:
            self.explained.append(Explained(text, "nothing"))
        else:
            self.explained.append(Explained(text, found.how, found.devices or found.choices))


_COVER_SERVICES: Final = {
    "cover.open": "open_cover",
    "cover.toggle": "toggle",
    "cover.set_position": "set_cover_position",
}


def _of(spans: Sequence[Span], *slots: Slot) -> list[Span]:
    return [span for span in spans if span.slot in slots]


def _hint(named: Sequence[Span]) -> tuple[Kind, ...]:
    """The kinds of the noun that several targets share: "the kitchen and the bedroom lights"."""
    if len(named) < 2:
        return ()
    noun = read_noun(tokens(named[-1].text))
    return () if noun is None else noun.kinds


def _parts(text: str) -> list[str]:
    """The halves of a coordinated phrase that the network left in one span."""
    parts = [part.strip() for part in text.replace(",", " and ").split(" and ")]
    return list(dict.fromkeys(part for part in parts if part))[:MAX_CALLS] if len(parts) > 1 else []


def _climate_rank(device: Device) -> int | None:
    return 0 if device.domain in {"climate", "water_heater"} else None
