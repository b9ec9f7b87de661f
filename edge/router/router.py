"""The function-token router: a sentence in, a decision with calls on real devices out."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.confidence import Manifest, Thresholds
from edge.router.decode import Decoded, Decoder
from edge.router.doubt import advice, is_it, terse, told_of
from edge.router.model import Decision, RawCall, Routing
from edge.router.network import Network, NetworkError, Reading
from edge.router.parts import decode_in_parts
from edge.router.phrases import Context, Where, load_phrases
from edge.router.resolution import Resolution, resolve
from edge.router.resolution.phrase import read_noun
from edge.router.retold import retold
from edge.router.teaching.orders import routed
from edge.router.teaching.taught import SURELY, Taught
from edge.router.vocabulary import CHAT, IGNORE, Vocabulary, load_vocabulary
from edge.tracing import Stage, mark, now_s

_LONG = 48
"""Words. Longer utterances are stories: no command that long is carried out."""

_NEVERMIND = "assistant.nevermind"
_WEATHER = "weather.get"
_TIMES = frozenset({"duration", "after", "at", "repeat"})
_MESSAGES = ("notify.send_message", "reminder.set")
"""What the network takes a warning for."""
_ASKED_SURELY = 0.9
"""From this confidence on a question after something the home lacks is answered with that, and not left to talk."""
_OF_ANYTHING = ("state.", "sensor.", "notify.")
"""Functions that people ask the whole world for: what they name and this home lacks has to be a kind of device."""


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Trace:
    """How a routing came about, for `--explain`."""

    routing: Routing
    decoded: Decoded | None
    resolution: Resolution | None
    likeliest: tuple[tuple[str, float], ...] = ()
    """The first step's most probable tokens."""


class Router:
    """Holds no state between sentences, but for `taught`: what it has learnt on this device."""

    def __init__(
        self,
        network: Network,
        vocabulary: Vocabulary,
        manifest: Manifest,
        thresholds: Thresholds,
        now: Callable[[], datetime],
        folder: Path,
    ) -> None:
        self.taught = Taught()
        self.context: Context = tuple
        """What is so at present, by which some sentences mean something."""
        self.folder = folder
        self._phrases = load_phrases()
        self._network = network
        self._vocabulary = vocabulary
        self._calibration = manifest.calibration
        self._thresholds = thresholds
        self._decoder = Decoder(vocabulary)
        self._questions = frozenset(one.name for one in vocabulary.functions.values() if one.kind == "query")
        self._now = now

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        *,
        act: float | None = None,
        chat: float | None = None,
        now: Callable[[], datetime] = _now,
    ) -> "Router":
        """From a folder of weights, by default the package's; `act` and `chat` replace its thresholds.

        Raises `NetworkError`.
        """
        folder = folder or Path(__file__).parent / "weights"
        vocabulary = load_vocabulary()
        manifest = Manifest.load(folder / "router.json")
        if manifest.tokens != vocabulary.tokens:
            changed = sorted(set(manifest.tokens) ^ set(vocabulary.tokens)) or ["their order"]
            raise NetworkError(
                f"{folder}: trained for other functions than functions.toml has ({', '.join(changed[:5])}); train again"
            )
        thresholds = manifest.thresholds
        if act is not None:
            thresholds = replace(thresholds, act=act, named=act)
        if chat is not None:
            thresholds = replace(thresholds, chat=chat)
        return cls(Network.load(folder), vocabulary, manifest, thresholds, now, folder)

    @property
    def vocabulary(self) -> Vocabulary:
        """The functions it knows."""
        return self._vocabulary

    @property
    def network(self) -> Network:
        """The network, which reads for teaching too."""
        return self._network

    def now(self) -> datetime:
        """The local time by which it understands times."""
        return self._now()

    def route(self, text: str, registry: Registry, area: str | None = None) -> Routing:
        """What is to be done about `text`, said in the area with this id. Never raises for any text."""
        return self.trace(text, registry, area).routing

    def trace(self, text: str, registry: Registry, area: str | None = None) -> Trace:
        """The routing and how it came about."""
        began = time.perf_counter()
        parts = [self._trace(part, registry, area) for part in self.taught.parts(text)]
        trace = _together(text, parts) or self._trace(text, registry, area)
        ms = (time.perf_counter() - began) * 1000
        return replace(trace, routing=replace(trace.routing, text=text, ms=ms))

    def _trace(self, text: str, registry: Registry, area: str | None) -> Trace:
        phrase = self._phrase(text, registry, area)
        if phrase is not None and not self.taught:
            return phrase
        reading = self._network.read(retold(text))
        if reading is None:
            return Trace(Routing(text, Decision.IGNORE, confidence=1.0), None, None)
        known = self.taught.recognise(reading) if reading.whole and len(reading.words) <= _LONG else None
        if known is None:
            return phrase or self._own(reading, registry, area)
        if known.probability < SURELY:
            own = self._own(reading, registry, area)
            if own.routing.decision in (Decision.ACT, Decision.QUERY):
                return own
        routing, resolution = routed(known, text, registry, self._vocabulary, area, self._now())
        best = (known.token, round(known.probability, 4))
        return Trace(routing, None, resolution, (best, *self._likeliest(reading)))

    def _phrase(self, text: str, registry: Registry, area: str | None) -> Trace | None:
        """A sentence of a function that the network has no token for."""
        routing = self._phrases.recognise(text, Where(registry, area, self._now()), self.context())
        return None if routing is None else Trace(routing, None, None, ((routing.calls[0].function, 1.0),))

    def _own(self, reading: Reading, registry: Registry, area: str | None) -> Trace:
        """What the network makes of it, without anything taught."""
        text = reading.text
        decoded = self._as_question(decode_in_parts(reading, self._network, self._decoder), reading)
        confidence = self._calibration.of(decoded)
        special = self._special(decoded, confidence, reading)
        if (
            special is Decision.CHAT
            and len(decoded.calls) == 1
            and not told_of(text)
            and (named := self._named(decoded, reading, registry, area))
        ):
            return named
        if special is not None:
            if decoded.special is None:
                confidence = 1 - confidence
            routing = Routing(text, special, confidence=confidence, raw=decoded.calls)
            return Trace(routing, decoded, None, self._likeliest(reading))
        resolution = self._resolved(decoded, text, registry, area)
        if confidence < self._thresholds.act:
            confidence = max(confidence, self._calibration.of(self._in_view_of(decoded, resolution, reading)))
        warning = self._warning(text, resolution, registry, area)
        routing = warning or self._decide(text, decoded, resolution, confidence, registry)
        return Trace(routing, decoded, resolution, self._likeliest(reading))

    def _resolved(self, decoded: Decoded, text: str, registry: Registry, area: str | None) -> Resolution:
        """What the words stand for in this home."""
        began_s = now_s()
        resolution = resolve(decoded.calls, text, registry, self._vocabulary, area, self._now())
        mark(Stage.RESOLUTION, began_s)
        return resolution

    def _warning(self, text: str, resolution: Resolution, registry: Registry, area: str | None) -> Routing | None:
        """A message that is to be sent once something is so, where that is something that a sensor of the home says."""
        call = resolution.calls[0] if len(resolution.calls) == 1 else None
        if call is None or call.function not in _MESSAGES or call.targets or "condition" not in call.arguments:
            return None
        where = Where(registry, area, self._now())
        said = str(call.arguments["condition"])
        whole = said not in text or _TIMES.isdisjoint(call.arguments)
        # All that is said from there on, so that no "for ten minutes" is left out.
        rest = text[text.find(said) :] if said in text else said
        warning = self._phrases.conditional(text, rest, where)
        warning = warning or (self._phrases.conditional(text, said, where) if whole else None)
        if warning is None and resolution.decision is Decision.CLARIFY and not resolution.candidates:
            question = "I know no sensor here that would tell me that. Which one do you mean?"
            return Routing(
                text, Decision.CLARIFY, resolution.calls, 1.0, question=question, raw=(RawCall(call.function),)
            )
        return warning

    def _as_question(self, decoded: Decoded, reading: Reading) -> Decoded:
        """One question, as sure as it is that something is asked: which of the functions that only read it is, nobody
        need be asked back for."""
        if len(decoded.calls) != 1 or decoded.calls[0].function not in self._questions:
            return decoded
        probability = self._decoder.probability(reading, self._questions)
        return replace(decoded, function_probability=max(decoded.function_probability, probability))

    def _named(self, decoded: Decoded, reading: Reading, registry: Registry, area: str | None) -> Trace | None:
        """An unsure order that calls a device by its very name and is sure enough once that is known; else None."""
        if 1 - decoded.device_probability > self._thresholds.chat or len(reading.words) > _LONG or not reading.whole:
            return None
        resolution = self._resolved(decoded, reading.text, registry, area)
        if not resolution.explained or any(one.how != "name" for one in resolution.explained):
            return None
        confidence = self._calibration.of(self._in_view_of(decoded, resolution, reading))
        if confidence < self._thresholds.ask:
            return None
        routing = self._decide(reading.text, decoded, resolution, confidence, registry)
        return Trace(routing, decoded, resolution, self._likeliest(reading))

    def _in_view_of(self, decoded: Decoded, resolution: Resolution, reading: Reading) -> Decoded:
        """One order, with all that its device could have been told to the same effect counted for it: what Tado is, a
        heater or a lamp, only the home knows."""
        domains = {target.partition(".")[0] for call in resolution.calls for target in call.targets}
        meant = {call.function for call in resolution.calls}
        if len(decoded.calls) != 1 or len(domains) != 1 or len(meant) != 1:
            return decoded
        probability = self._decoder.probability(reading, self._vocabulary.coming_to(next(iter(domains)), *meant))
        return replace(decoded, function_probability=max(decoded.function_probability, probability))

    def _special(self, decoded: Decoded, confidence: float, reading: Reading) -> Decision | None:
        """Chat or ignore, where the network says so or is not sure enough to bother anyone."""
        if decoded.special == IGNORE:
            return Decision.IGNORE
        if decoded.special == CHAT or len(reading.words) > _LONG or not reading.whole:
            return Decision.CHAT
        if (confidence < self._thresholds.act and advice(reading.text)) or told_of(reading.text):
            return Decision.CHAT
        if confidence < self._thresholds.ask or 1 - decoded.device_probability > self._thresholds.chat:
            return Decision.CHAT
        return None

    def _decide(
        self, text: str, decoded: Decoded, resolution: Resolution, confidence: float, registry: Registry
    ) -> Routing:
        made = Routing(
            text, resolution.decision, resolution.calls, confidence,
            question=resolution.question, candidates=resolution.candidates, raw=decoded.calls,
        )  # fmt: skip
        if all(call.function == _NEVERMIND for call in decoded.calls):
            return replace(made, decision=Decision.IGNORE, calls=())
        if resolution.unresolved and resolution.decision is not Decision.CLARIFY:
            return self._unknown(made, resolution)
        named = bool(resolution.explained) and all(one.how == "name" for one in resolution.explained)
        named = named or terse(text, decoded.calls)
        enough = min(self._thresholds.act, self._thresholds.named) if named else self._thresholds.act
        asks_anyway = bool(resolution.calls) and all(call.confirm for call in resolution.calls)
        if resolution.decision is Decision.ACT and confidence < enough and not asks_anyway:
            question = is_it(resolution.calls, self._vocabulary, registry)
            return replace(made, decision=Decision.CLARIFY, question=question)
        return made

    def _unknown(self, made: Routing, resolution: Resolution) -> Routing:
        """Something the home does not have was named: said where it was surely an order, else no order at all."""
        phrase = resolution.unresolved[0]
        elsewhere = any(call.function == _WEATHER for call in made.calls)
        worldly = read_noun(tokens(phrase)) is None and all(
            call.function.startswith(_OF_ANYTHING) for call in made.calls
        )
        asked = all(call.function in self._questions for call in made.calls)
        least = _ASKED_SURELY if asked else self._thresholds.unknown
        if made.confidence < least or elsewhere or worldly:
            return replace(made, decision=Decision.CHAT, calls=(), confidence=1 - made.confidence)
        return replace(
            made,
            decision=Decision.CLARIFY,
            question=f"I don't know anything called {phrase}. Which device do you mean?",
        )

    def _likeliest(self, reading: Reading) -> tuple[tuple[str, float], ...]:
        order = reading.functions[0].argsort()[::-1][:5].tolist()
        tokens = self._vocabulary.tokens
        return tuple((tokens[index], round(math.exp(reading.functions[0][index]), 4)) for index in order)


def _together(text: str, parts: Sequence[Trace]) -> Trace | None:
    """A sentence of several orders one of which was taught; None where a part is no order by itself."""
    routings = [part.routing for part in parts]
    learnt = [part.routing.confidence for part in parts if part.decoded is None and part.routing.raw]
    if not learnt or min(learnt) < SURELY or any(routing.decision is not Decision.ACT for routing in routings):
        return None
    made = Routing(
        text,
        Decision.ACT,
        tuple(call for routing in routings for call in routing.calls),
        min(routing.confidence for routing in routings),
        raw=tuple(call for routing in routings for call in routing.raw),
    )
    return Trace(made, None, None, tuple(one for part in parts for one in part.likeliest[:1]))


def as_json(routing: Routing) -> Mapping[str, Any]:
    """One decision as `edge route` prints it."""
    data: dict[str, Any] = {
        "text": routing.text,
        "decision": routing.decision.value,
        "calls": [call.to_json() for call in routing.calls],
    }
    if routing.decision is Decision.CLARIFY:
        data |= {"question": routing.question or "", "candidates": list(routing.candidates)}
    return data | {"confidence": round(routing.confidence, 4), "ms": round(routing.ms, 3)}
