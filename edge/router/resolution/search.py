"""Finds what each phrase of one raw call stands for, by what its function wants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from edge.devices.model import Device
from edge.devices.nouns import Kind
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens, words
from edge.router.model import Slot, Span
from edge.router.resolution.conjuncts import conjuncts
from edge.router.resolution.exceptions import Exceptions
from edge.router.resolution.phrase import Noun, read, read_noun, without_attribute
from edge.router.resolution.places import Places, Scope
from edge.router.resolution.readings import Readings
from edge.router.resolution.targets import Targets
from edge.router.resolution.wanted import Found, Wanted, wanted
from edge.router.values import states
from edge.router.vocabulary import Function, Vocabulary

_MEASURING: Final = frozenset({"sensor.query", "climate.get_temperature"})
_GATHERING: Final = frozenset({"which", "count", "any", "all", "average", "minimum", "maximum", "sum"})
"""Aggregates that look at more than one room."""
_ROVING: Final = frozenset({"vacuum", "lawn_mower"})
"""Domains whose devices have no fixed place in the home."""
_SETTABLE: Final = listed("light, fan, media_player, climate, cover, humidifier, water_heater, valve")
"""Domains of which people say what is set along with the device."""
_HEARD: Final = listed(
    "music, song, sound, track, audio, playback, playlist, podcast, album, tune, movie, show, film, video, episode, it"
)
"""What comes out of a player, said for the player itself."""
_HEARD_STATES: Final = frozenset({"playing", "paused", "muted"})
_WHAT: Final = frozenset({("what",), ("what", "s")})
_CHOSEN: Final = frozenset({"media_player", "select"})
"""Domains of which the value that is chosen tells the device, wherever it stands."""
_NARROW: Final = 64
_ALL: Final = listed("all, all of them, them all, every one, every one of them, all the")
"""What says of nothing what it is."""


def of(spans: Sequence[Span], *slots: Slot) -> list[Span]:
    """The spans of these slots, in order."""
    return [span for span in spans if span.slot in slots]


@dataclass(frozen=True, slots=True)
class Subject:
    """What one call is about: the spans that name devices, what its function wants of them."""

    function: Function
    spans: Sequence[Span]
    named: tuple[Span, ...]
    wish: Wanted
    hint: Noun | None
    """The noun of the last of several names."""
    measure: str | None
    ending: str | None
    """The measure that the last name ends in: it is of all of them ("the hall and the bathroom humidity")."""
    heard: bool
    """Whether a question is about what plays, not about a device."""
    gathers: bool
    """Whether a question looks at more than the speaker's room."""


class Search:
    """Finds devices for the calls of one utterance."""

    def __init__(self, registry: Registry, vocabulary: Vocabulary, places: Places, text: str) -> None:
        self._registry = registry
        self._vocabulary = vocabulary
        self.places: Final = places
        self.targets: Final = Targets(registry, places)
        self.exceptions: Final = Exceptions(registry, places, self.targets)
        self.ends_in: Span | None = None
        """The place that stands at the end of several orders, none of which names another."""
        self._said: Final = frozenset(tokens(text))
        self._readings = Readings(registry, places, self.targets, self._said)

    def subject(self, function: Function, spans: Sequence[Span]) -> Subject:
        """What a raw call is about. Spans that name what a device does ("the volume") fall away."""
        state = next((states.state(span.text) for span in of(spans, Slot.STATE)), None)
        meant = of(spans, Slot.TARGET)
        if function.name in _MEASURING:
            meant = [replace(span, text=part) for span in meant for part in self._measured(span.text)]
        named = tuple(one for span in meant if (one := self._device_span(function, span)) is not None)
        last = read_noun(tokens(named[-1].text)) if len(named) > 1 else None
        ending = states.measure_at_end(tokens(named[-1].text)) if len(named) > 1 else None
        heard = function.name == "state.get" and not named and (state in _HEARD_STATES or self._is_heard(meant, state))
        gathered = any(
            states.aggregate(span.text) in _GATHERING and not (heard and tokens(span.text) in _WHAT)
            for span in of(spans, Slot.AGGREGATE)
        )
        unnamed = function.name == "state.get" and not named and not heard
        return Subject(
            function,
            spans,
            named,
            wanted(function, self._vocabulary, state),
            last if last is not None else _left_out(named, spans),
            next((states.measure(span.text) for span in of(spans, Slot.MEASURE)), None),
            None if ending is None else ending[0],
            heard,
            function.kind == "query" and (gathered or unnamed),
        )

    def _measured(self, text: str) -> list[str]:
        """Each of several things whose values are asked for."""
        names = self._registry.device_names
        if names.exact(tokens(text)):
            return [text]
        return conjuncts(text, lambda part: bool(names.exact(tokens(part)))) or [text]

    def _is_heard(self, meant: Sequence[Span], state: str | None) -> bool:
        return state is None and (bool(meant) or not _HEARD.isdisjoint(self._said) or "playing" in self._said)

    def find(self, subject: Subject, text: str, scope: Scope | None) -> Found | None:
        """What a phrase stands for in a place."""
        function, wish = subject.function, subject.wish
        measure = subject.measure
        if measure is None and subject.ending is not None and states.measure_at_end(tokens(text)) is None:
            measure = subject.ending
        if function.name == "climate.get_temperature":
            return self.targets.find(text, scope, replace(wish, rank=_climate_rank)) or self._readings.find(
                text, scope, "temperature", wish
            )
        if function.name == "sensor.query":
            return self._readings.find(text, scope, measure, wish, every=subject.gathers)
        found = self.targets.find(text, scope, wish, subject.hint)
        if found is None and function.domain in _ROVING:
            found = self.targets.find(text, None, wish)
        if found is None:
            return self._by_value(subject, text)
        if found.how == "name":
            return found
        return self._listing(subject, self._playing(found) if found.how == "class" else found)

    def default(self, subject: Subject, scope: Scope | None) -> Found | None:
        """What is meant where no device is named."""
        function, wish = subject.function, subject.wish
        if function.name in _MEASURING:
            measure = "temperature" if function.domain == "climate" else subject.measure
            return self._readings.find(None, scope, measure, wish, every=subject.gathers)
        if subject.heard:
            wish = replace(wish, default=(Kind("media_player"),))
        found = self.targets.default(scope, wish)
        found = self._listing(subject, found)
        if scope is None and not self._lists_any(subject, found):
            found = self._listing(subject, self._elsewhere_listing(subject)) or found
        return None if found is None else self._playing(found)

    def _listing(self, subject: Subject, found: Found | None) -> Found | None:
        """Of several devices those that have the mode, source or option that was said, if any have it."""
        some = () if found is None else found.devices or found.choices
        if found is None or len(some) < 2 or subject.function.kind == "query":
            return found
        having = tuple(one for one in islice(some, _NARROW) if self._lists(subject, one))
        if not having:
            return found
        if found.devices or len(having) == 1:
            arguments = found.arguments
            if len(having) == 1:
                arguments = {"name": self._registry.devices[having[0]].name}
            return replace(found, devices=having, choices=(), arguments=arguments)
        return replace(found, choices=having)

    def _lists_any(self, subject: Subject, found: Found | None) -> bool:
        some = () if found is None else found.devices or found.choices
        return any(self._lists(subject, one) for one in islice(some, _NARROW))

    def _elsewhere_listing(self, subject: Subject) -> Found | None:
        """The devices anywhere in the home that have what was said, where the speaker's room has none that does."""
        if subject.function.domain not in _CHOSEN or not of(subject.spans, Slot.MODE, Slot.MEDIA):
            return None
        every = islice(self._registry.of_kind(subject.function.domain), _NARROW)
        having = tuple(one for one in every if self._lists(subject, one))
        if not having:
            return None
        name = self._registry.devices[having[0]].name
        return Found((), how="default", choices=having) if len(having) > 1 else Found(having, {"name": name}, "default")

    def _by_value(self, subject: Subject, text: str) -> Found | None:
        """A thing by what it is set to and a word of its name: "the washing machine to wool" is Washing Program."""
        having = self._elsewhere_listing(subject)
        said = set(tokens(text))
        some = () if having is None else having.devices or having.choices
        near = [one for one in some if said & {word for name in self._names(one) for word in tokens(name)}]
        if len(near) != 1:
            return None
        return Found((near[0],), {"name": self._registry.devices[near[0]].name}, "part")

    def _names(self, one: str) -> tuple[str, ...]:
        device = self._registry.devices[one]
        return (device.name, *device.aliases)

    def _lists(self, subject: Subject, one: str) -> bool:
        """Whether a device says that it has what was said for a mode, or by its very name for what to play."""
        device = self._registry.devices.get(one)
        mode = next(iter(of(subject.spans, Slot.MODE, Slot.MEDIA)), None)
        if device is None or mode is None:
            return False
        options = [
            option
            for told in device.options.values()
            if isinstance(told, list | tuple)
            for option in told
            if isinstance(option, str)
        ]
        if mode.slot is Slot.MEDIA:
            return tokens(mode.text) in {tokens(option) for option in options}
        return states.mode(mode.text, device.domain, options) in options

    def misplaced(self, subject: Subject, place: str) -> bool:
        """Whether a phrase that is a place's name in part, or like one, is rather of a device's name."""
        if subject.function.name in _MEASURING or self.places.sure(place) is not None:
            return False
        scope = self.places.find(place)
        if scope is None:
            return True
        found = [self.find(subject, f"{place} {span.text}", None) for span in subject.named] or [
            self.find(subject, place, None)
        ]
        ways = {one.how for one in found if one is not None}
        if "name" in ways or "part" not in ways:
            return "name" in ways
        if not subject.named:
            return self.places.part(place) is None or self.default(subject, scope) is None
        return all(self.find(subject, span.text, scope) is None for span in subject.named)

    def said_last(self, subject: Subject) -> Scope | None:
        """The place at the end of the sentence, where what an order before it names is there and may be anywhere."""
        if self.ends_in is None or self.places.speaker is not None or subject.function.kind == "query":
            return None
        phrases = [read(span.text) for span in subject.named]
        scope = self.places.sure(self.ends_in.text)
        if scope is None or not phrases or any(phrase.every for phrase in phrases) or of(subject.spans, Slot.EXCEPT):
            return None
        found = [self.find(subject, span.text, None) for span in subject.named]
        if any(one is None or (one.how != "class" and not one.choices) for one in found):
            return None
        return scope if all(self.find(subject, span.text, scope) for span in subject.named) else None

    def elsewhere(self, text: str, scope: Scope | None) -> str | None:
        """The noun of a phrase that names a place of its own outside the scope: "lights" of "living room lights"."""
        phrase = read(text)
        within = self.places.within(phrase.said)
        if scope is None or not scope.areas or within is None or self._registry.device_names.exact(phrase.said):
            return None
        inner, start, end = within
        if not inner.areas or inner.areas & scope.areas:
            return None
        rest = (*phrase.said[:start], *phrase.said[end:])
        noun = read_noun(rest)
        if noun is None or noun.before:
            return None
        return " ".join(phrase.written[-len(rest) :] if start == 0 else rest)

    def measured_outside(self, function: Function, spans: Sequence[Span]) -> bool:
        """Whether the home's own sensors tell what is asked of the weather now: "how humid is it outside"."""
        outside = self.places.find("outside")
        subject = self.subject(function, spans)
        elsewhere = any(not self._is_outside(span) for span in of(spans, Slot.PLACE))
        if outside is None or subject.measure is None or subject.named or elsewhere or of(spans, Slot.TIME):
            return False
        found = self._readings.find(None, outside, subject.measure, subject.wish)
        return found is not None and all(one.startswith("sensor.") for one in found.devices)

    def _is_outside(self, place: Span) -> bool:
        scope = self.places.find(place.text)
        return scope is not None and scope.outside

    def _playing(self, found: Found) -> Found:
        """Of several players those that are playing: it is them that a person hears."""
        players = [one for one in found.devices or found.choices if one.startswith("media_player.")]
        if len(players) < 2 or len(players) < len(found.devices or found.choices):
            return found
        playing = [one for one in players if self._registry.state(one).state == "playing"]
        if playing and (found.devices or len(playing) == 1):
            return replace(found, devices=tuple(playing), choices=())
        return found

    def _device_span(self, function: Function, span: Span) -> Span | None:
        """The span without what is not of the device: "the lamp's brightness" is the lamp, "the volume" is nothing."""
        said = read(span.text).said
        if function.name == "state.get" and " ".join(said) in _HEARD - {"it"}:
            return span if self._registry.device_names.exact(said) else None
        if function.domain not in _SETTABLE or function.kind == "query" or self._registry.device_names.exact(said):
            return span
        if function.domain == "media_player" and " ".join(said) in _HEARD:
            return None
        text = without_attribute(span.text)
        return replace(span, text=text) if text else None


def _left_out(named: Sequence[Span], spans: Sequence[Span]) -> Noun | None:
    """The noun of what is left out where nothing else says of what it is: "all but the hall light" is lights."""
    if len(named) != 1 or " ".join(words(named[0].text)) not in _ALL:
        return None
    spared = of(spans, Slot.EXCEPT)
    return read_noun(tokens(spared[-1].text)) if spared else None


def _climate_rank(device: Device) -> int | None:
    return 0 if device.domain in {"climate", "water_heater"} else None
