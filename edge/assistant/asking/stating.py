"""Words for how long, how often and when something was in a state, or a number beyond a bound."""

from dataclasses import dataclass
from typing import Final

from edge.assistant.asking.naming import Namer, amount, length, times
from edge.sensors.history.model import Sort
from edge.sensors.questions import Figure, Question, What


@dataclass(frozen=True, slots=True)
class Said:
    """ "Open": how it was, and how it came to be so."""

    be: str
    came: str


_STATES: Final = {
    "open": Said("open", "was opened"),
    "closed": Said("closed", "was closed"),
    "locked": Said("locked", "was locked"),
    "unlocked": Said("unlocked", "was unlocked"),
    "on": Said("on", "came on"),
    "off": Said("off", "went off"),
    "wet": Said("wet", "got wet"),
    "dry": Said("dry", "got dry"),
    "home": Said("at home", "came home"),
    "not_home": Said("away", "left"),
    "heating": Said("heating", "began to heat"),
    "cooling": Said("cooling", "began to cool"),
    "playing": Said("playing", "began to play"),
    "charging": Said("charging", "began to charge"),
    "cleaning": Said("cleaning", "began to clean"),
    "mowing": Said("mowing", "began to mow"),
    "armed": Said("armed", "was armed"),
    "disarmed": Said("disarmed", "was disarmed"),
    "clear": Said("clear", "became clear"),
    "more": Said("counting", "went up"),
}
_MOTION: Final = frozenset({"motion", "occupancy", "presence", "moving"})


def said_of(question: Question, figure: Figure) -> Said:
    """How a question's test is said of a sensor."""
    test = question.test
    said = test.said if test is not None else ""
    if test is not None and test.ends:
        return Said("off", "stopped")
    if said == "detected":
        motion = figure.sensor.device_class in _MOTION
        return Said("seeing motion", "saw motion") if motion else Said("triggered", "was triggered")
    if said == "more" and figure.sensor.device_class == "precipitation":
        return Said("rising", "went up")
    return _STATES.get(said) or (Said(said, f"went {said}") if said else Said("so", "changed"))


def stated(question: Question, figure: Figure, namer: Namer) -> str:
    """One figure."""
    if question.test is not None and question.test.rises and figure.sensor.device_class == "precipitation":
        return _rained(question, figure, namer)
    match question.what:
        case What.COUNT:
            return _count(question, figure, namer)
        case What.DAYS:
            days = "no day" if not figure.times else "one day" if figure.times == 1 else f"{figure.times} days"
            return f"{figure.span.said} {_name(figure, namer)} was {said_of(question, figure).be} on {days}"
        case What.DURATION | What.LONGEST:
            return _duration(question, figure, namer)
        case What.WHEN:
            return _when(question, figure, namer)
        case What.SINCE:
            return _since(question, figure, namer)
        case What.LASTING:
            return _lasting(question, figure, namer)
        case What.EVER | What.ALWAYS:
            return _whether(question, figure, namer)
        case _:
            return _was(question, figure, namer)


def _rained(question: Question, figure: Figure, namer: Namer) -> str:
    """Whether, when and on how many days it rained, which a gauge that went up says."""
    span = figure.span
    if question.what is What.DAYS:
        return f"{span.said} it rained on {'one day' if figure.times == 1 else f'{figure.times or 0} days'}"
    if figure.at_s is None:
        return f"No, it did not rain {span.said}" if span.given else "It has not rained as far as I remember"
    at = namer.at(figure.at_s, span if span.given else None, about=figure.about)
    match question.what:
        case What.SINCE:
            return f"it last rained {length(span.end_s - figure.at_s)} ago, {at}"
        case What.WHEN:
            return f"{f'{span.said} ' if span.given else ''}it {'first' if question.first else 'last'} rained {at}"
        case _:
            return f"Yes, it rained {span.said}, first {at}"


def _name(figure: Figure, namer: Namer) -> str:
    if figure.sensor.sort is Sort.NUMBER:
        return namer.machine(figure.sensor) if figure.unit in ("W", "kW") else namer.thing(figure.sensor)
    name = namer.name(figure.sensor)
    return f"{name} sensor" if name.endswith((" motion", " leak", " occupancy", " presence")) else name


def _count(question: Question, figure: Figure, namer: Namer) -> str:
    said, name, count = said_of(question, figure), _name(figure, namer), figure.times or 0
    came = said.came
    if not count:
        still = f", though it was {said.be}" if figure.holds else ""
        negated = came.replace("was ", "was not ") if came.startswith("was ") else f"never {came}"
        return f"{name} {negated} {figure.span.said}{still}"
    last = ""
    if count > 1 and figure.at_s is not None:
        last = f", last {namer.at(figure.at_s, figure.span)}"
    elif figure.at_s is not None:
        last = f", {namer.at(figure.at_s, figure.span)}"
    return f"{name} {came} {times(count)} {figure.span.said}{last}"


def _duration(question: Question, figure: Figure, namer: Namer) -> str:
    said, name, seconds = said_of(question, figure), _name(figure, namer), figure.seconds or 0.0
    be = "on" if question.test is not None and question.test.ends else said.be
    if seconds <= 0:
        return f"{name} was not {be} {figure.span.said}"
    if question.what is What.LONGEST and figure.at_s is not None and figure.until_s is not None:
        until = namer.clock(figure.until_s)
        return (
            f"{figure.span.said} {name} was {be} for {length(seconds)} at the longest, "
            f"from {namer.at(figure.at_s, figure.span).replace('at ', '')} to {until}"
        )
    about = "about " if figure.about else ""
    return f"{name} was {be} for {about}{length(seconds)} {figure.span.said}"


def _when(question: Question, figure: Figure, namer: Namer) -> str:
    said, name = said_of(question, figure), _name(figure, namer)
    if figure.at_s is None:
        return _never(question, figure, namer)
    at = namer.at(figure.at_s, figure.span if figure.span.given else None, about=figure.about)
    order = "first" if question.first else "" if (figure.times == 1 and figure.span.given) else "last"
    came = said.came.replace("was ", f"was {order} ") if said.came.startswith("was ") else f"{order} {said.came}"
    span = f"{figure.span.said} " if figure.span.given else ""
    text = f"{span}{name} {' '.join(came.split())} {at}"
    if question.test is not None and (question.test.ends or question.test.rises):
        return text
    if figure.holds:
        return f"{text}, and still is"
    if figure.until_s is not None and figure.until_s - figure.at_s >= 60:
        until = namer.at(figure.until_s, figure.span if figure.span.given else None)
        if namer.same_day(figure.at_s, figure.until_s):
            until = f"at {namer.clock(figure.until_s)}"
        return f"{text}, until {until.removeprefix('at ')}, for {length(figure.until_s - figure.at_s)}"
    return text


def _since(question: Question, figure: Figure, namer: Namer) -> str:
    said, name = said_of(question, figure), _name(figure, namer)
    if figure.at_s is None:
        return _never(question, figure, namer)
    ago = length(figure.span.end_s - figure.at_s)
    if question.test is not None and question.test.ended:
        if figure.holds:
            return f"{name} is {said.be} now, since {namer.at(figure.at_s).removeprefix('at ')}"
        return f"{name} was last {said.be} {ago} ago, {namer.at(figure.at_s, about=figure.about)}"
    came = said.came.replace("was ", "was last ") if said.came.startswith("was ") else f"last {said.came}"
    still = ", and still is" if figure.holds and figure.sensor.sort is Sort.STATE else ""
    return f"{name} {came} {ago} ago, {namer.at(figure.at_s, about=figure.about)}{still}"


def _lasting(question: Question, figure: Figure, namer: Namer) -> str:
    said, name = said_of(question, figure), _name(figure, namer)
    if figure.holds and figure.at_s is not None:
        since = namer.at(figure.at_s).removeprefix("at ").replace(" at ", " ").removeprefix("on ")
        return f"{name} has been {said.be} for {length(figure.seconds or 0)}, since {since}"
    text = f"{name} is not {said.be} now"
    if figure.until_s is not None and figure.at_s is not None:
        until = namer.at(figure.until_s).removeprefix("at ")
        return f"{text}; it was last {said.be} until {until}, for {length(figure.until_s - figure.at_s)}"
    return text


def _whether(question: Question, figure: Figure, namer: Namer) -> str:
    said, name, span = said_of(question, figure), _name(figure, namer), figure.span
    be = said.be
    if span.moment:
        was = "was" if span.given else "is"
        shown = f": {amount(figure.value, figure)}" if isinstance(figure.value, int | float) else ""
        when = f" {span.said}" if span.given else ""
        return f"{'Yes' if figure.holds else 'No'}, {name} {was} {'' if figure.holds else 'not '}{be}{when}{shown}"
    if question.what is What.ALWAYS:
        if figure.holds:
            return f"Yes, {name} was {be} all the time {span.said}{_furthest(question, figure)}"
        at = f", from {namer.at(figure.at_s, span).replace('at ', '')}" if figure.at_s is not None else ""
        lasted = f" for {length(figure.seconds)}" if figure.seconds else ""
        return f"No, {span.said} {name} was not {be}{lasted}{at}{_furthest(question, figure)}"
    if not figure.holds:
        return f"No, {name} was not {be} {span.said}{_furthest(question, figure)}"
    at = f", first {namer.at(figure.at_s, span)}" if figure.at_s is not None else ""
    often = f" {times(figure.times)}" if figure.times else ""
    lasted = f", for {length(figure.seconds)} in all" if figure.seconds and figure.seconds >= 60 else ""
    return f"Yes, {name} was {be}{often} {span.said}{at}{lasted}{_furthest(question, figure)}"


def _furthest(question: Question, figure: Figure) -> str:
    """How far a number went."""
    test = question.test
    if test is None or figure.low is None or figure.high is None or test.states:
        return ""
    above = test.above is not None
    if question.what is What.ALWAYS:
        above = not above
    point = figure.high if above else figure.low
    return f"; {'at the most' if above else 'at the least'} {amount(point.value, figure)}"


def _was(_question: Question, figure: Figure, namer: Namer) -> str:
    state = _shown(str(figure.value), figure)
    if figure.span.moment and figure.span.given:
        return f"{figure.span.said} {_name(figure, namer)} was {state}"
    since = f" since {namer.at(figure.at_s).removeprefix('at ')}" if figure.at_s is not None else ""
    return f"{_name(figure, namer)} has been {state}{since}"


def _shown(state: str, figure: Figure) -> str:
    if figure.sensor.device.startswith("binary_sensor."):
        on, off = _BINARY.get(figure.sensor.device_class, ("on", "off"))
        return on if state == "on" else off
    return {"not_home": "away", "home": "at home"}.get(state, state.replace("_", " "))


_BINARY: Final = {
    "door": ("open", "closed"), "window": ("open", "closed"), "garage_door": ("open", "closed"),
    "opening": ("open", "closed"), "motion": ("seeing motion", "seeing no motion"), "moisture": ("wet", "dry"),
    "occupancy": ("occupied", "empty"), "lock": ("unlocked", "locked"), "smoke": ("detecting smoke", "clear"),
    "presence": ("occupied", "empty"),
}  # fmt: skip


def _never(question: Question, figure: Figure, namer: Namer) -> str:
    said, name = said_of(question, figure), _name(figure, namer)
    if figure.span.given:
        came = said.came.replace("was ", "was not ") if said.came.startswith("was ") else f"never {said.came}"
        return f"{name} {came} {figure.span.said}{_furthest(question, figure)}"
    came = said.came.removeprefix("was ")
    been = "been " if said.came.startswith("was ") else ""
    return f"{name} has not {been}{_PARTICIPLES.get(came, came)} as far as I remember"


_PARTICIPLES: Final = {"came on": "come on", "came home": "come home", "went off": "gone off", "got wet": "got wet",
                       "saw motion": "seen motion", "went up": "gone up"}  # fmt: skip
