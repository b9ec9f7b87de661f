"""Raw calls made ready for one home: names taken out of values, values said twice, "who", "on" where nothing is set."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import RawCall, Slot, Span, Value
from edge.router.resolution import repeats
from edge.router.resolution.asked import asked
from edge.router.resolution.joined import joined
from edge.router.resolution.lasting import until
from edge.router.resolution.places import Places
from edge.router.resolution.renamed import completed, ended, renamed, switched
from edge.router.resolution.unsaid import excepted, pointed, whole_place
from edge.router.resolution.wanted import wanted
from edge.router.vocabulary import Function, Vocabulary

_SETTING: Final = frozenset({"light.set"})
_BEGUN: Final = frozenset({"activate", "run"})
"""What is only ever begun: the network has no word for its end, a switch that is called a mode has one."""
_VALUED: Final = frozenset({Slot.LEVEL, Slot.COLOR, Slot.MODE})
_SWITCHES: Final = frozenset({("on",), ("off",)})


@dataclass(frozen=True, slots=True)
class Order:
    """One call to resolve; `unclear` is the question that must be answered before anything is done."""

    function: Function
    spans: tuple[Span, ...]
    arguments: Mapping[str, Value]
    unclear: str | None = None
    intent: str | None = None
    """What the sentence is to Home Assistant, where this function is not."""


def prepared(
    raw: Sequence[RawCall], text: str, registry: Registry, vocabulary: Vocabulary, places: Places
) -> Iterator[Order]:
    """The calls in order; functions that the vocabulary lacks are left out."""
    raw = _handed_on(raw)
    for at, call in enumerate(raw):
        function = vocabulary.get(call.function)
        if function is None:
            continue
        spans = until(function, _named(function, call.spans, text, registry, vocabulary), text)
        reach = _reach(raw, at, text)
        if function.name in _SETTING:
            function, spans = _switched(function, spans, text, reach, vocabulary)
        elif function.verb in _BEGUN and ended(spans, text, *reach):
            function = vocabulary.native("switch", "turn_off") or function
        intent = None
        if function.kind == "query":
            of, (function, spans) = function, asked(function, spans, text, vocabulary, registry, places)
            intent = next(iter(of.ha_intents), None) if of.domain == "climate" and of is not function else None
        if Slot.TARGET in function.slots:
            spans = tuple(whole_place(span, text) for span in spans)
            spans = joined(spans, text, lambda said: places.sure(said) is not None)
            where = pointed(spans, text, reach, asks=function.kind == "query")
            spans = (
                *spans,
                *([] if where is None else [where]),
                *excepted(spans, text, reach[1], _known(registry, places)),
            )
        try:
            for own in repeats.calls(function, _who(function, spans), text):
                for one in repeats.by_place(own):
                    yield Order(function, one, call.arguments, intent=intent)
        except repeats.UnclearError as unclear:
            yield Order(function, spans, call.arguments, str(unclear))


def _handed_on(raw: Sequence[RawCall]) -> list[RawCall]:
    """The calls, a second value given to the next call of the same function where it stands among that call's words."""
    calls = list(raw)
    for at in range(len(calls) - 1):
        call, following = calls[at], calls[at + 1]
        if call.function != following.function or not following.spans:
            continue
        begins = min(span.start for span in following.spans)
        had = {span.slot for span in following.spans}
        before = {span.slot for span in call.spans if span.start < begins}
        over = [span for span in call.spans if span.start > begins and span.slot in before - had]
        over += [] if over else _second_name(call, had)
        if over:
            calls[at] = replace(call, spans=tuple(span for span in call.spans if span not in over))
            spans = sorted((*following.spans, *over), key=lambda span: span.start)
            calls[at + 1] = replace(following, spans=tuple(spans))
    return calls


def _second_name(call: RawCall, had: set[Slot]) -> list[Span]:
    """The last of several names of one call, after its values: "rice timer ten minutes, sauce timer" lacks a length."""
    labels = [span for span in call.spans if span.slot is Slot.LABEL]
    others = [span.start for span in call.spans if span.slot is not Slot.LABEL]
    if len(labels) < 2 or Slot.LABEL in had or not others or labels[-1].start < max(others):
        return []
    return labels[-1:]


def _named(
    function: Function, spans: Sequence[Span], text: str, registry: Registry, vocabulary: Vocabulary
) -> tuple[Span, ...]:
    if Slot.TARGET not in function.slots or function.kind == "query":
        return tuple(spans)
    rank = wanted(function, vocabulary).rank
    names = registry.device_names

    def fits(device: str) -> bool:
        return rank(registry.devices[device]) is not None

    return completed(renamed(spans, text, names, fits), text, names, fits)


def _known(registry: Registry, places: Places) -> Callable[[str], bool]:
    return lambda said: bool(registry.device_names.exact(tokens(said))) or places.sure(said) is not None


def _reach(raw: Sequence[RawCall], at: int, text: str) -> tuple[int, int]:
    """From where to where the words of one call stand: between the spans of those around it; nowhere where its spans
    were not copied from the text."""
    own = raw[at].spans
    if any(text[span.start : span.end] != span.text for span in own):
        return 0, 0
    if not own:
        return (0, len(text)) if len(raw) == 1 else (0, 0)
    first, last = own[0].start, max(span.end for span in own)
    ends = [span.end for call in raw[:at] for span in call.spans if span.end <= first]
    starts = [span.start for call in raw[at + 1 :] for span in call.spans if last <= span.start]
    return max(ends, default=0), min(starts, default=len(text))


def _switched(
    function: Function, spans: tuple[Span, ...], text: str, reach: tuple[int, int], vocabulary: Vocabulary
) -> tuple[Function, tuple[Span, ...]]:
    """ "Put the lamp on" sets nothing: it turns on."""
    if any(span.slot in _VALUED and tokens(span.text) not in _SWITCHES for span in spans):
        return function, spans
    word = switched(spans, text, *reach)
    meant = None if word is None else vocabulary.native(function.domain, f"turn_{word}")
    if meant is None:
        return function, spans
    return meant, tuple(span for span in spans if span.slot in meant.slots)


def _who(function: Function, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """ "Who is home" asks which of the people are."""
    if function.kind != "query":
        return spans
    asked = [span for span in spans if span.slot is Slot.TARGET and tokens(span.text) in {("who",), ("whom",)}]
    if not asked:
        return spans
    told = any(span.slot is Slot.AGGREGATE for span in spans)
    made = [replace(span, text="people") if span in asked else span for span in spans]
    return tuple(made if told else [replace(asked[0], slot=Slot.AGGREGATE), *made])
