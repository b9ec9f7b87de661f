"""Several orders in one sentence: it is read in parts where its parts, read alone, are surer than the whole."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import Final

from edge.devices.words import listed
from edge.router.decode import Decoded, Decoder
from edge.router.model import RawCall, Slot
from edge.router.network import Network, Reading

MOST_CALLS: Final = 3
_JOINING: Final = listed("and, then, also, plus, but, next")
_JOINING_ALOUD: Final = (("after", "that"), ("as", "well", "as"))
_CORRECTING: Final = listed("no, actually, sorry, mean, wait, rather, scratch")
"""Words that may take back what was said before a comma."""
_STATING: Final = listed(
    "i, im, i'm, ive, i've, we, we're, it, it's, its, he, he's, she, she's, they, they're, there, there's, that's"
)
"""Words that begin a reason, which is no order beside the one it is given for."""
_ASKING: Final = listed(
    "is, are, was, were, what, whats, what's, how, hows, how's, which, who, whos, who's, where, when, did, does, has, "
    "have"
)
"""Words that begin a question."""
_ORDERING: Final = listed("turn, switch, put, set, dim, close, open, shut, lock, start, stop, raise, lower")
"""Words that begin an order."""
_AGAIN: Final = frozenset({"it", "them", "that", "this", "those", "these"})
"""What was named before, so that it is no order by itself."""
_SURELY: Final = math.log(0.85)
_LEADING: Final = _JOINING | listed("after, that, as, well")
_MOST_PLACES: Final = 6
_MUCH: Final = frozenset({Slot.MESSAGE, Slot.CONDITION, Slot.MEDIA, Slot.ITEM})
"""Slots whose words may be anything, joints too."""
_COMMA: Final = re.compile(r"[,;.] ")


def decode_in_parts(reading: Reading, network: Network, decoder: Decoder) -> Decoded:
    """The likeliest calls of a sentence, read as a whole or in at most three parts. Reads again, at most 27 times, only
    what is several orders as a whole, or one order that takes up only one side of a joint."""
    whole = decoder.decode(reading)
    words = [word.text for word in reading.words]
    if not whole.calls or (len(whole.calls) == 1 and _JOINING.isdisjoint(words) and not _COMMA.search(reading.text)):
        return whole
    sentence = _Sentence(reading, network, decoder, words)
    places = sentence.places(whole)
    best, parts = _sureness(whole), [whole]
    if len(whole.calls) == 1:
        asked = sentence.asked(whole.calls[0], places)
        places = sentence.lopsided(whole.calls[0], places)
        places = [] if any(sentence.words[at] in _STATING for at in (0, *places)) else places
        if asked and (other := sentence.parts(asked[: MOST_CALLS - 1])) and min(map(_sureness, other)) > _SURELY:
            return _joined(other, whole)
    for count in range(1, MOST_CALLS):
        for cuts in combinations(places, count):
            other = sentence.parts(cuts)
            if other and (sure := sum(map(_sureness, other))) > best:
                best, parts = sure, other
    return whole if len(parts) == 1 else _joined(parts, whole)


def _sureness(decoded: Decoded) -> float:
    """Log-probability of the functions, and half of the spans': they are many more, and wrong more often together."""
    return math.log(max(1e-9, decoded.function_probability)) + math.log(max(1e-9, decoded.span_probability)) / 2


def _joined(parts: Sequence[Decoded], whole: Decoded) -> Decoded:
    return Decoded(
        tuple(call for part in parts for call in part.calls),
        None,
        math.prod(part.function_probability for part in parts),
        min(part.span_probability for part in parts),
        whole.device_probability,
    )


@dataclass(slots=True)
class _Sentence:
    reading: Reading
    network: Network
    decoder: Decoder
    words: list[str]
    read: dict[tuple[int, int], Decoded | None] = field(default_factory=dict)

    def places(self, whole: Decoded) -> list[int]:
        """Words before which the sentence may be parted: those that join, and where none stands between two calls,
        those between their spans."""
        joining = [at for at in range(1, len(self.words) - 1) if self._joins(at)]
        return sorted({*joining, *self._between(whole, joining)})[:_MOST_PLACES]

    def lopsided(self, call: RawCall, places: Sequence[int]) -> list[int]:
        """Places with nothing the one call copies on one of their sides; commas part whatever stands around them."""
        spans = [span for span in call.spans if span.slot not in _MUCH]
        if len(spans) < len(call.spans):
            return []
        starts = [self.reading.words[at].start for at in places]
        return [
            at
            for at, start in zip(places, starts, strict=True)
            if self.words[at] not in _JOINING
            or all(span.start >= start for span in spans)
            or all(span.end <= start for span in spans)
        ]

    def asked(self, call: RawCall, places: Sequence[int]) -> list[int]:
        """Places from which on something else is asked or ordered: "… and is the window open"."""
        if any(span.slot in _MUCH for span in call.spans):
            return []
        begin = _ASKING if self.words[0] in _ASKING else _ORDERING if self.words[0] in _ORDERING else ()
        return [
            at
            for at in places
            if self.words[at] in _JOINING and self.words[at + 1] in begin
            if not _AGAIN.intersection(self.words[at + 2 : at + 3])
        ]

    def _joins(self, at: int) -> bool:
        if self.words[at] in _JOINING:
            return self.words[at - 1] not in _JOINING
        if _CORRECTING.isdisjoint(self.words) and _COMMA.search(
            self.reading.text, self.reading.words[at - 1].end - 1, self.reading.words[at].start + 1
        ):
            return True
        return any(tuple(self.words[at : at + len(words)]) == words for words in _JOINING_ALOUD)

    def _between(self, whole: Decoded, joining: Sequence[int]) -> Iterator[int]:
        for call, following in pairwise(whole.calls):
            after = max((span.end for span in call.spans), default=0)
            before = min((span.start for span in following.spans), default=len(self.reading.text))
            words = enumerate(self.reading.words)
            places = [at for at, word in words if at and after <= word.start and word.end <= before]
            if not set(places) & set(joining):
                yield from places

    def parts(self, cuts: Sequence[int]) -> list[Decoded]:
        """Each part read alone; empty where one is no order, or where there are too many."""
        parts = []
        for start, end in pairwise((0, *cuts, len(self.words))):
            part = self._part(start, end)
            if part is None:
                return []
            parts.append(part)
        return parts if sum(len(part.calls) for part in parts) <= MOST_CALLS else []

    def _part(self, start: int, end: int) -> Decoded | None:
        if (start, end) not in self.read:
            self.read[start, end] = self._alone(start, end)
        return self.read[start, end]

    def _alone(self, start: int, end: int) -> Decoded | None:
        while start and start < end and self.words[start] in _LEADING:
            start += 1
        if start == end:
            return None
        first, last = self.reading.words[start].start, self.reading.words[end - 1].end
        reading = self.network.read(self.reading.text[first:last])
        if reading is None:
            return None
        decoded = self.decoder.decode(reading)
        return None if decoded.special is not None else _moved(decoded, first)


def _moved(decoded: Decoded, by: int) -> Decoded:
    """With spans that count characters of the whole sentence."""
    calls = (
        replace(call, spans=tuple(replace(span, start=span.start + by, end=span.end + by) for span in call.spans))
        for call in decoded.calls
    )
    return replace(decoded, calls=tuple(calls))
