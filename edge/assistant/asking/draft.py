"""A question half read: its words, what they ask for, and what they measure; not yet of which sensors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.asking.kinds import Kind
from edge.assistant.asking.mentions import Mention
from edge.assistant.asking.sentence import Sentence
from edge.router.model import Call
from edge.sensors.history.units import quantity_of
from edge.sensors.questions import Form, What

_STORED: Final = frozenset({"juice", "charge", "power", "battery", "life"})
"""What is left of them is in a battery."""
_LEFT: Final = frozenset({"left", "remaining"})
_VAGUE: Final = frozenset({"heat", "charge", "load"})
"""Nouns that measure nothing as often as they do."""
_OF_UNITS: Final = {"temperature": "temperature", "power": "power", "energy": "energy", "speed": "wind_speed"}
_KNOWN: Final = frozenset(
    [
        *("temperature", "humidity", "moisture", "carbon_dioxide", "illuminance", "wind_speed", "precipitation"),
        *("power", "energy", "water", "gas", "pressure", "atmospheric_pressure", "battery", "pm25", "aqi", "voltage"),
        *("volatile_organic_compounds", "sound_pressure", "signal_strength", "weight", "distance", "ph", "uv_index"),
        *("conductivity", "dew_point", "irradiance", "frequency", "speed", "volume_flow_rate", "current"),
    ]
)
"""What the router may say of a measure that is one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence, its kind, the measure it names (none: ""), its names, the router's calls, the speaker's area."""

    sentence: Sentence
    kind: Kind
    measure: str
    found: Sequence[Mention]
    calls: tuple[Call, ...]
    area: str | None

    @property
    def meant(self) -> str:
        """The measure in view of what is asked of it: a peak is one of power, a wet day one with rain."""
        kind, measure = self.kind, self.measure
        if measure == "energy" and kind.what in (What.HIGHEST, What.LOWEST) and kind.form is Form.PLAIN:
            return "peak energy"
        days = kind.form is Form.WHICH_DAY or (kind.form is Form.COMPARE and len(self.sentence.times) > 1)
        return "wet weather" if measure == "dampness" and days and not self.found else measure

    @property
    def of_weather(self) -> bool:
        """Whether, where no place is said, it is the weather that was cold or warm."""
        kind = self.kind
        if any(not one.above and one.value == 0 for one in self.sentence.bounds):
            return True
        compares = kind.form is Form.WHICH_DAY or kind.what is What.NORMAL or len(self.sentence.times) > 1
        return compares and self.measure == kind.measure == "temperature"

    @property
    def domains(self) -> frozenset[str]:
        """The domains of everything that is named, or that the router found."""
        routed = {target.partition(".")[0] for call in self.calls for target in call.targets}
        return frozenset(routed | {device.partition(".")[0] for one in self.found for device in one.devices})


def drafted(sentence: Sentence, kind: Kind, found: Sequence[Mention], calls: Sequence[Call], area: str | None) -> Draft:
    """The draft of a sentence."""
    return Draft(sentence, kind, _measure(sentence, kind, calls), found, tuple(calls), area)


def _measure(sentence: Sentence, kind: Kind, calls: Sequence[Call]) -> str:
    """By its nouns, then by the words for more and less, then as the router has it, then by the unit of a bound."""
    said = frozenset(sentence.tokens)
    if said & _LEFT and said & _STORED:
        return "battery"
    nouns = [one for one in sentence.measures() if one.said not in _VAGUE]
    if nouns and not (kind.measure and nouns[-1].measure == "level"):
        return nouns[-1].measure if not kind.measure or kind.measure == "dampness" else kind.measure
    adjectives = [one.measure for one in sentence.adjectives() if one.measure]
    if kind.measure or adjectives:
        return kind.measure or adjectives[0]
    routed = (str(call.arguments.get("measure") or "") for call in calls)
    measure = next((one for one in routed if one in _KNOWN), "")
    if measure or not sentence.bounds:
        return measure
    return _OF_UNITS.get(quantity_of(sentence.bounds[0].unit) or "", "")
