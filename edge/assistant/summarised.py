"""Words for a summary: the most important first, short enough to be listened to; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.explained import Words, plainly
from edge.assistant.naming import in_area
from edge.assistant.phrases import count, counted, joined, sentence
from edge.sensors.alarms.words import span
from edge.sensors.summary.model import Alarmed, Drift, Odd, Opening, Room, Summary, Total, Width

MOST_WORDS: Final = 60
_NAMED: Final = 3
_MORE: Final = 1.25
_LESS: Final = 0.75
_UNHEATED: Final = re.compile(r"green.?house|garage|shed|barn|cellar|attic|loft|conservatory|polytunnel", re.IGNORECASE)
"""What is no room in which it is warm."""
_USED: Final[Mapping[str, str]] = {"energy": "electricity", "water": "water", "gas": "gas"}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and how much it matters: 0 most."""

    rank: int
    text: str


class Summing:
    """`words`: the home that is spoken of."""

    def __init__(self, words: Words, most_words: int = MOST_WORDS) -> None:
        self._words = words
        self._most = most_words

    def summary(self, found: Summary, when: str) -> str:
        """`when`: what the time is called ("yesterday", "last week")."""
        said = list(self._sentences(found, when))
        kept: set[str] = set()
        left = self._most
        for one in sorted(said, key=lambda one: one.rank):
            length = len(one.text.split())
            if one.text not in kept and (not kept or length <= left):
                kept.add(one.text)
                left -= length
        return " ".join(dict.fromkeys(one.text for one in said if one.text in kept))

    def short(self, found: Summary) -> str:
        """A few words, for a screen: what is not as always, or that all is."""
        parts = []
        active = sum(1 for one in found.alarms if one.ended_s is None)
        for number, one, many in (
            (active, "alarm", "alarms"),
            (len(found.odd), "unusual", "unusual"),
            (sum(1 for one in found.openings if one.still), "open", "open"),
            (len(found.batteries), "battery low", "batteries low"),
            (len(found.silent), "silent", "silent"),
            (len(found.drifts), "getting worse", "getting worse"),
        ):
            if number:
                parts.append(f"{number} {one if number == 1 else many}")
        return ", ".join(parts) or "All as usual"

    def _sentences(self, found: Summary, when: str) -> Iterator[Said]:
        """In the order in which they are said."""
        yield Said(0, self._opening(found, when))
        yield from (Said(1, one) for one in self._alarms(found.alarms))
        told = {one.sensor.partition(":")[0] for one in found.alarms}
        odd = [one for one in found.odd if one.key.partition(":")[0] not in told]
        yield from (Said(2 + place, self._odd(one)) for place, one in enumerate(odd[:_NAMED]))
        yield from (Said(2, one) for one in self._left_open(found.openings))
        yield from (Said(3, self._drift(one)) for one in found.drifts[:_NAMED])
        if found.silent:
            names = self._listed([(one.key, one.name) for one in found.silent])
            yield Said(4, sentence(f"nothing has come from {names} for a while"))
        if found.batteries:
            names = self._listed([(one.key, one.name) for one in found.batteries])
            yield Said(4, sentence(f"{names} {'is' if len(found.batteries) == 1 else 'are'} low"))
        yield from (Said(5, one) for one in self._warmth(found.rooms, found.width))
        yield from (Said(6, one) for one in self._totals(found.totals))

    def _opening(self, found: Summary, when: str) -> str:
        if found.alarms:
            alarms = counted(len(found.alarms), "alarm", "alarms")
            return sentence(f"{when} there {'was' if len(found.alarms) == 1 else 'were'} {alarms}")
        if found.unusual:
            return sentence(f"{when} was not quite as usual")
        return sentence(f"{when} was as usual" if found.rooms or found.totals else f"I know little of {when}")

    def _alarms(self, alarms: Sequence[Alarmed]) -> Iterator[str]:
        for one in alarms[:_NAMED]:
            name = self._words.name(one.sensor, one.name)
            if one.ended_s is None:
                yield sentence(f"still on: {one.text[0].lower() + one.text[1:]}" if one.text else f"still on: {name}")
            else:
                yield sentence(f"that of {name}, {self._words.moments.at(one.since_s)}, is over")

    def _odd(self, one: Odd) -> str:
        name, value = self._words.name(one.key, one.name), plainly(one.value, one.unit)
        if one.counted:
            most, least = plainly(one.high, one.unit), plainly(one.low, one.unit)
            usual = f"never more than {most}" if one.value > one.high else f"never less than {least}"
            return sentence(f"{name} counted {value}, {usual} before")
        if one.value > one.high:
            return sentence(f"{name} went up to {value}, in four weeks to {plainly(one.high, one.unit)} at the most")
        return sentence(f"{name} went down to {value}, in four weeks to {plainly(one.low, one.unit)} at the least")

    def _left_open(self, openings: Sequence[Opening]) -> Iterator[str]:
        still = [one for one in openings if one.still]
        if len(still) == 1:
            name = self._words.name(still[0].key, still[0].name)
            yield sentence(f"{name} has been open {self._words.moments.since(still[0].since_s)}")
        elif still:
            yield sentence(f"{self._listed([(one.key, one.name) for one in still])} are open")
        for one in [one for one in openings if not one.still][:1]:
            yield sentence(f"{self._words.name(one.key, one.name)} stood open for {span(one.open_s)}")

    def _drift(self, one: Drift) -> str:
        by = plainly(one.by, one.unit)
        return sentence(f"{self._words.name(one.key, one.name)} has crept up by {by} in two weeks")

    def _warmth(self, rooms: Sequence[Room], width: Width) -> Iterator[str]:
        """The house as a whole, then the room that was furthest from what it usually is."""
        inside = [one for one in rooms if not one.outdoors and not _UNHEATED.search(f"{one.area} {one.name}")]
        outside = next((one for one in rooms if one.outdoors), None)
        parts = []
        if inside:
            unit = inside[0].unit
            low, high = min(one.low for one in inside), max(one.high for one in inside)
            parts.append(f"{self._words.between(low, high, unit)} inside")
        if outside is not None:
            parts.append(f"{self._words.between(outside.low, outside.high, outside.unit)} outside")
        if parts:
            yield sentence(f"it was {joined(parts)}")
        other = max(inside, key=_off, default=None) if width is not Width.WEEK else None
        if other is not None and _off(other) >= 2.0 and other.usual_low is not None and other.usual_high is not None:
            area = self._words.registry.areas.get(other.area)
            where = in_area(area) if area is not None else f"at {self._words.name(other.key, other.name)}"
            now = self._words.between(other.low, other.high, other.unit)
            usual = self._words.between(other.usual_low, other.usual_high, other.unit)
            yield sentence(f"{where} it was {now}, usually {usual}")

    def _totals(self, totals: Sequence[Total]) -> Iterator[str]:
        parts = []
        for one in totals:
            said = f"{plainly(one.amount, one.unit)} of {_USED.get(one.device_class, one.device_class)}"
            if one.usual:
                ratio = one.amount / one.usual
                if ratio >= _MORE or ratio <= _LESS:
                    said += (
                        f" where {plainly(one.usual, one.unit)} {'is' if _one(one.usual, one.unit) else 'are'} usual"
                    )
            parts.append(said)
        if parts:
            yield sentence(f"the house used {joined(parts)}")

    def _listed(self, things: Sequence[tuple[str, str]]) -> str:
        names = [self._words.name(key, name) for key, name in things[:_NAMED]]
        more = len(things) - len(names)
        return joined([*names, f"{count(more)} more"] if more else names)


def _off(room: Room) -> float:
    if room.usual_low is None or room.usual_high is None:
        return 0.0
    return max(abs(room.low - room.usual_low), abs(room.high - room.usual_high))


def _one(value: float, unit: str) -> bool:
    return plainly(value, unit).startswith("1 ")


def called(width: Width, since_s: float, until_s: float, words: Words) -> str:
    """What a stretch of time is called: "yesterday", "last week", "since 21:40"."""
    moments = words.moments
    if width is Width.WEEK:
        return "the past week"
    today = moments.local(moments.now_s()).date()
    days = (today - moments.local(since_s).date()).days
    whole = moments.local(since_s).time().replace(microsecond=0).isoformat() == "00:00:00"
    if whole and days == 0:
        return "today"
    if whole and days == 1 and until_s - since_s < 93_600:
        return "yesterday"
    if until_s >= moments.now_s() - 60 and abs(until_s - since_s - 86_400) < 60:
        return "the past day"
    if days <= 1 and moments.local(since_s).hour >= 18 and until_s - since_s < 54_000:
        return "last night"
    return f"the time {moments.since(since_s)}"
