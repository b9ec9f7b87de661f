"""Turns the network's raw calls into calls on real devices, a question back, or what could not be found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final

from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.model import Call, Decision, RawCall, Slot, Span, Value
from edge.router.resolution.arguments import missing, values
from edge.router.resolution.conjuncts import conjuncts
from edge.router.resolution.heading import headed, last_place
from edge.router.resolution.lists import with_list
from edge.router.resolution.manner import mannered
from edge.router.resolution.moved import a_little, moved
from edge.router.resolution.opening import opens_up
from edge.router.resolution.outcome import Explained, Resolution
from edge.router.resolution.places import WHOLE_HOME, Places, Scope
from edge.router.resolution.prepared import Order, prepared
from edge.router.resolution.search import Search, Subject, of
from edge.router.resolution.wanted import Found, wanted
from edge.router.resolution.wording import which
from edge.router.vocabulary import Function, Vocabulary

MAX_CALLS: Final = 16
_OWN: Final = listed("volume_set, volume_up, volume_down, mute, unmute, stop, pause, play, play_media")
"""Verbs of players that the assistant's own loudspeaker has too: without a player they need no target."""
_UNGUESSED: Final = listed("scene, script, switch, button, number, select, text, notify")
"""Domains in which nobody can mean "the one there is": without a name they ask."""
_FLOORING: Final = listed("floor, carpet, rug, dust, dirt, mess, tile")
"""What is cleaned wherever a vacuum cleans."""
_SILENCING: Final = (".turn_off", ".pause", ".stop", ".mute")
_WHERE: Final = "In which room?"


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
    resolver = _Resolver(registry, vocabulary, Search(registry, vocabulary, places, text), now, text)
    calls = headed(raw[:MAX_CALLS], text, vocabulary)
    resolver.search.ends_in = last_place(calls, text)
    for order in islice(prepared(calls, text, registry, vocabulary, places), MAX_CALLS):
        resolver.add(order)
    return resolver.resolution(text)


@dataclass(slots=True)
class _Resolver:
    registry: Registry
    vocabulary: Vocabulary
    search: Search
    now: datetime
    text: str
    calls: list[Call] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    question: str | None = None
    candidates: tuple[str, ...] = ()
    given: Mapping[str, Value] = field(default_factory=dict)
    """Canonical values of the call that is being resolved."""
    intent: str | None = None
    """Its intent, where its function's is another."""

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
            mannered(self.calls, text),
            decision,
            self.question,
            self.candidates,
            tuple(self.unresolved),
            tuple(self.explained),
        )

    def add(self, order: Order) -> None:
        """Resolve one call; it may become several calls."""
        self.given, self.intent = order.arguments, order.intent
        before = len(self.calls)
        if order.unclear is not None:
            self._add_call(order.function, {}, ())
            self.question = order.unclear
            return
        self._add(order.function, order.spans)
        self.search.places.there = self._place_of(order.spans, self.calls[before:])

    def _place_of(self, spans: Sequence[Span], calls: Sequence[Call]) -> Scope | None:
        """The place that an order was about, for "in there" after it."""
        named = [self.search.places.find(span.text) for span in of(spans, Slot.PLACE)]
        if named and named[-1] is not None and named[-1].areas is not None:
            return named[-1]
        areas = {self.registry.devices[target].area for call in calls for target in call.targets}
        area = areas.pop() if len(areas) == 1 else None
        return (
            self.search.places.there
            if area not in self.registry.areas or area is None
            else self.search.places.of_area(area)
        )

    def _add(self, function: Function, spans: Sequence[Span]) -> None:
        if Slot.TARGET not in function.slots:
            self._add_plain(function, spans)
        elif function.domain == "vacuum" and self._cleans(function, spans):
            self._add_cleaning(spans)
        else:
            self._add_device(function, spans)

    def _values(self, function: Function, spans: Sequence[Span], device: Device | None = None) -> dict[str, Value]:
        known = {name: value for name, value in self.given.items() if name in function.arguments}
        return {**values(function, spans, self.now, device), **known}

    def _add_plain(self, function: Function, spans: Sequence[Span]) -> None:
        made = self._values(function, spans)
        if function.domain == "todo":
            self._add_list(function, spans, made)
            return
        scopes = [(span.text, self.search.places.find(span.text)) for span in self._apart(spans, Slot.PLACE)]
        places = [{"area": text} if scope is None else scope.arguments for text, scope in scopes]
        for place in places or [{}]:
            self._add_call(function, {**made, **place}, ())

    def _add_list(self, function: Function, spans: Sequence[Span], made: Mapping[str, Value]) -> None:
        listed = next(iter(of(spans, Slot.LIST)), None)
        arguments, devices, intent = with_list(function, listed.text if listed else None, made, self.registry)
        items = of(spans, Slot.ITEM)
        for own in [{**arguments, "item": item.text} for item in items] or [arguments]:
            if len(devices) > 1:
                self._ask(function, own, Found(choices=devices))
            else:
                self._add_call(function, own, devices, intent=intent)

    def _cleans(self, function: Function, spans: Sequence[Span]) -> bool:
        """Whether an area is to be cleaned: also "start the vacuum in the kitchen" where only one can be meant."""
        if function.verb == "clean_area":
            return True
        vacuums = list(self.registry.of_kind("vacuum"))
        return function.verb == "start" and len(vacuums) < 2 and bool(of(spans, Slot.PLACE))

    def _add_cleaning(self, spans: Sequence[Span]) -> None:
        """The places are where to clean, not where the vacuum stands: a call for each."""
        function = self.vocabulary.functions["vacuum.clean_area"]
        wish = wanted(function, self.vocabulary)
        scopes: list[Scope] = []
        vacuums: list[Found] = []
        unknown: list[str] = []
        for span in self._apart(spans, Slot.PLACE, Slot.TARGET):
            if span.slot is Slot.TARGET and " ".join(tokens(span.text)) in _FLOORING:
                continue
            scope = self.search.places.sure(span.text)
            found = (
                self.search.targets.find(span.text, None, wish) if scope is None and span.slot is Slot.TARGET else None
            )
            if found is not None:
                self._explain(span.text, found)
                vacuums.append(found)
            elif (scope := scope or self.search.places.find(span.text)) is not None:
                scopes.append(scope)
            else:
                self._explain(span.text, None)
                unknown.append(span.text)
        self.unresolved += unknown
        for place in scopes or ([] if unknown else [WHOLE_HOME]):
            self._clean(function, place, spans, vacuums or [self.search.targets.default(None, wish)])

    def _clean(self, function: Function, place: Scope, spans: Sequence[Span], vacuums: Sequence[Found | None]) -> None:
        start = self.vocabulary.native("vacuum", "start")
        function = start if start is not None and not place.arguments else function
        made = {**place.arguments, **self._values(function, spans)}
        for found in vacuums:
            if found is None:
                self._add_call(function, made, ())
            elif found.choices:
                self._ask(function, made, found)
            else:
                self._add_call(function, made, found.devices)

    def _apart(self, spans: Sequence[Span], *slots: Slot) -> list[Span]:
        """The spans of these slots; several places that were left in one piece are a span each."""
        apart: list[Span] = []
        for span in of(spans, *slots):
            parts = [] if self.search.places.sure(span.text) else conjuncts(span.text, self._is_place)
            if not any(map(self._is_place, parts)):
                parts = [span.text]
            parts = [one for part in parts for one in self.search.places.in_a_row(part) or [part]]
            apart += [replace(span, text=part) for part in parts]
        return apart

    def _is_place(self, text: str) -> bool:
        return self.search.places.sure(text) is not None

    def _add_device(self, function: Function, spans: Sequence[Span]) -> None:
        if function.name == "weather.get" and self.search.measured_outside(function, spans):
            function = self.vocabulary.functions["sensor.query"]
            spans = [*spans, *([] if of(spans, Slot.PLACE) else [Span(Slot.PLACE, "outside", 0, 0)])]
        subject = self.search.subject(function, spans)
        places = self._apart(spans, Slot.PLACE)
        for place in places:
            scope = self.search.places.find(place.text)
            if scope is None and self.search.places.pointing(place.text):
                self._add_pointed(subject, place)
            elif scope is None or self.search.misplaced(subject, place.text):
                self._add_misplaced(subject, place)
            else:
                self._add_placed(subject, None if function.domain == "weather" else scope, place)
        if not places:
            self._add_placed(subject, WHOLE_HOME if subject.gathers else self.search.said_last(subject))

    def _add_placed(self, subject: Subject, scope: Scope | None, place: Span | None = None) -> None:
        """Everything the call names, in one place; what is said after the place may be elsewhere."""
        if not subject.named:
            self._add_found(subject, scope, self._same_player(subject) or self.search.default(subject, scope), None)
        for span in subject.named:
            found = self.search.find(subject, span.text, scope)
            here = self.search.elsewhere(span.text, scope) if len(subject.named) == 1 else None
            if here is not None and (also := self.search.find(subject, here, scope)) is not None:
                self._add_found(subject, scope, also, here)
            if found is None and place is not None and place.start < span.start and span is not subject.named[0]:
                found = self.search.find(subject, span.text, None)
                found = found if found is not None and found.how in {"name", "part"} else None
            parts = [span.text] if found is not None else self._parts(subject, span.text) or [span.text]
            for part in parts:
                self._add_found(subject, scope, found or self.search.find(subject, part, scope), part)

    def _same_player(self, subject: Subject) -> Found | None:
        """The player of the order before: "turn on the hi-fi and play some jazz"."""
        before = self.calls[-1] if self.calls and subject.function.kind != "query" else None
        targets = () if before is None or before.function.endswith(_SILENCING) else before.targets
        if subject.function.domain != "media_player" or not targets or not targets[0].startswith("media_player."):
            return None
        return Found(targets, {"name": self.registry.devices[targets[0]].name}, "default")

    def _parts(self, subject: Subject, text: str) -> list[str]:
        """The halves of a coordinated phrase that the network left in one span; what "or" joins is only asked about."""
        if subject.function.kind != "query" and "or" in text.lower().split():
            return []
        return conjuncts(text, lambda part: bool(self.registry.device_names.exact(tokens(part))))

    def _add_pointed(self, subject: Subject, place: Span) -> None:
        """ "Here" where nobody knows where the speaker is, "there" where nothing was named before."""
        if subject.function.domain == "weather":
            self._add_placed(subject, None)
            return
        self._explain(place.text, None)
        self._add_call(subject.function, self._values(subject.function, subject.spans), ())
        self.question = self.question or _WHERE

    def _add_misplaced(self, subject: Subject, place: Span) -> None:
        """A place the home does not have: part of a device's name, or a device itself."""
        own = self.search.find(subject, place.text, None)
        if not subject.named:
            self._add_found(subject, None, own, place.text)
        elif own is not None and own.how == "name" and not self._is_one(subject, place):
            self._add_placed(subject, None)
            self._add_found(subject, None, own, place.text)
            return
        for span in subject.named:
            found = self.search.find(subject, f"{place.text} {span.text}", None)
            if found is not None and found.how in {"name", "part"}:
                self._add_found(subject, None, found, span.text)
                continue
            self._explain(place.text, None)
            self.unresolved.append(place.text)
            made = self._values(subject.function, subject.spans)
            self._add_call(subject.function, {"area": place.text, **made}, ())

    def _is_one(self, subject: Subject, place: Span) -> bool:
        """Whether a place and what is named are one name: "star" and "light"."""
        found = [self.search.find(subject, f"{place.text} {span.text}", None) for span in subject.named]
        return any(one is not None and one.how in {"name", "part"} for one in found)

    def _add_found(self, subject: Subject, scope: Scope | None, found: Found | None, text: str | None) -> None:
        """Make the calls for what a phrase was found to stand for."""
        function, spans = subject.function, subject.spans
        if text is not None:
            self._explain(text, found)
        if found is None:
            self._add_nothing(subject, scope, text)
            return
        if found.choices:
            self._ask(function, {**found.arguments, **self._values(function, spans)}, found)
            return
        devices, arguments, unknown = self._without_exceptions(subject, scope, found)
        if unknown:
            self.unresolved += unknown
            self._add_call(function, {**arguments, **self._values(function, spans)}, ())
            return
        grouped = self._by_function(function, devices)
        for own, targets in grouped.items():
            meant = self.vocabulary.functions[own]
            if len(grouped) > 1 and found.how in {"class", "default"}:
                arguments["domain"] = meant.domain
            first = self.registry.devices[targets[0]]
            made = {**arguments, **self._values(meant, spans, first)}
            if by := a_little(spans, self.text) if meant.name == "cover.set_position" else 0:
                for position, some in moved(targets, by, self.registry).items():
                    self._add_call(meant, {**made, "position": position}, some)
                continue
            intent = next(iter(meant.ha_intents), None)
            if meant.name == "climate.turn_on" and self.search.targets.cools(targets):
                meant, made = self.vocabulary.functions["climate.set_mode"], {**made, "mode": "cool"}
            self._add_call(meant, made, targets, intent=intent)
        if not grouped:
            self._add_call(function, {**arguments, **self._values(function, spans)}, ())

    def _without_exceptions(
        self, subject: Subject, scope: Scope | None, found: Found
    ) -> tuple[tuple[str, ...], dict[str, Value], list[str]]:
        """What is left of the found devices, the arguments, and what names nothing among what is to be left out."""
        devices, arguments = found.devices, dict(found.arguments)
        unknown: list[str] = []
        spared = of(subject.spans, Slot.EXCEPT)
        for span in spared:
            left_out = self.search.exceptions.find(span.text, scope, subject.wish, found.devices)
            for phrase in left_out.unknown:
                self._explain(phrase, None)
            unknown += left_out.unknown
            if not left_out.unknown:
                self._explain(span.text, Found(tuple(sorted(left_out.devices)), how="except"))
            devices = tuple(device for device in devices if device not in left_out.devices)
        if spared:
            arguments["except"] = " and ".join(span.text.removesuffix(" and").rstrip(" ,") for span in spared)
        return devices, arguments, unknown

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

    def _add_nothing(self, subject: Subject, scope: Scope | None, text: str | None) -> None:
        """A call without devices: some need none, some must ask which, some name what is not there."""
        function = subject.function
        made = {**({} if scope is None else scope.arguments), **self._values(function, subject.spans)}
        if text is not None:
            self.unresolved.append(text)
            self._add_call(function, {"name": text, **made}, ())
        elif function.kind == "query" or (function.domain == "media_player" and function.verb in _OWN):
            self._add_call(function, made, ())
        elif function.domain in _UNGUESSED:
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
            ha_intent=self.intent or intent or next(iter(function.ha_intents), None),
            confirm=function.critical or opens_up(function.name, arguments, targets, self.registry),
        )
        if call not in self.calls:
            self.calls.append(call)
        if self.question is None:
            self.question = missing(function, arguments)

    def _explain(self, text: str, found: Found | None) -> None:
        found = found or Found(how="nothing")
        self.explained.append(Explained(text, found.how, found.devices or found.choices))
