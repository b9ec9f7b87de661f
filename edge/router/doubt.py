"""Words the question that a doubtful order is answered with: is this what was meant?"""

import re
from datetime import datetime
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import listed, words
from edge.router.model import Call, RawCall, Value
from edge.router.vocabulary import Vocabulary

_NAMED: Final = 3
"""More devices than these are counted."""
_ORDERS: Final = {
    "toggle": "switch",
    "increase_speed": "speed up",
    "decrease_speed": "slow down",
    "set_speed": "set",
    "set_mode": "set the mode of",
    "set_fan_mode": "set the fan of",
    "oscillate": "swing",
    "set_position": "move",
    "set_tilt": "tilt",
    "set_temperature": "set",
    "increase_temperature": "turn up",
    "decrease_temperature": "turn down",
    "set_humidity": "set",
    "set_value": "set",
    "select_option": "set",
    "select_source": "change the source of",
    "play": "go on with",
    "next": "go to the next item on",
    "previous": "go back to the item before on",
    "play_media": "play that on",
    "volume_set": "set the volume of",
    "volume_up": "turn up",
    "volume_down": "turn down",
    "start_mowing": "start",
    "return_to_base": "send home",
    "dock": "send home",
    "clean_area": "clean with",
    "locate": "find",
    "send_message": "send a message to",
}
"""What is done to devices, by the second half of a function's name; others are said as they are written."""
_ADVICE: Final = re.compile(
    r"(?:so |but |and |well |because |then )?(?:you|we|they|he|she|people|one) "
    r"(?:have|has|had|need|needs|must|should|ought|always|never|just|only)\b",
    re.IGNORECASE,
)
_LEAD: Final = r"(?:(?:so|but|and|well|because|then|yes|no|yeah|oh|actually|anyway),? )*"
_WHO: Final = r"(?:i|we|he|she|they|somebody|someone)"
_PAST: Final = (
    r"(?:turned|switched|closed|opened|locked|unlocked|shut|dimmed|started|stopped|paused|played|raised|lowered|muted"
    r"|hoovered|vacuumed|watered|mowed|armed|disarmed|fed)"
)
_PUT: Final = r"put(?= (?:(?!(?:down|to|in|into|away|out)\b)[a-z']+ ){1,4}(?:on|off)\b)"
_DOING: Final = (
    r"(?:(?:(?:just|now|already|only) )*(?:turning|switching|closing|opening|locking|unlocking|shutting(?! up)|dimming"
    r"|lowering|raising)|(?:just )?(?:going|about) to (?:turn|switch|close|open|lock|unlock|shut|dim|put|set))"
)
_DONE: Final = re.compile(
    rf"{_LEAD}(?:{_WHO}(?:'ve|ve|'d|'s| have| has| had)?(?: (?:just|already|only|finally|also))* (?:{_PAST}|{_PUT})"
    rf"|you(?:'ve|ve| have| had)?(?: (?:just|already|only|finally|also))* {_PAST}"
    rf"|(?:i|we)(?:'m|'re| am| are) {_DOING})\b",
    re.IGNORECASE,
)
_STANDS: Final = re.compile(
    rf"{_LEAD}(?:the|my|our|that) (?:(?!\b(?:is|are|was|were|came|went)\b)[\w']+ )+?(?:is|are|was|were|came|went)"
    r"(?: (?:still|now|back|already))? (?:on|off|open|closed|shut|locked|unlocked)(?: (?:again|now|anyway))?"
    r",? (?:and|but|while) (?!.*\b(?:please|(?:can|could|would|will) you|turn|switch|put|set|lock|unlock|dim)\b)",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"\b(?:please|(?:can|could|would|will) you|turn|switch|put|set|close|open|lock|unlock|dim"
    r"|brighten|lower|raise|start|stop|play|pause|mute|kill|again|back|instead)\b",
    re.IGNORECASE,
)
_SHORT: Final = 60
"""Characters of an order without a verb."""
_SWITCHED: Final = frozenset({"on", "off", "out", "up", "down"})
_BESIDE: Final = listed("the, my, our, please, now, in, all, all the, and")
_STEPS: Final = ("increase", "decrease", "brighten", "dim", "volume_up", "volume_down")
_PERCENT: Final = {"brightness", "position", "tilt_position", "percentage", "volume_level", "humidity"}
_WHICH: Final = {"name", "area", "floor", "domain", "device_class", "temperature_unit", "preferred_area_id"}


def terse(text: str, calls: tuple[RawCall, ...]) -> bool:
    """Whether an order is nothing but what is meant and the state it is to have: "kitchen lights on"."""
    if len(calls) != 1 or len(text) > _SHORT or "?" in text:
        return False
    spans = sorted((span.start, span.end) for span in calls[0].spans)
    rest, at = "", 0
    for start, end in spans:
        rest, at = rest + text[at:start], end
    left = words(rest + text[at:])
    return bool(spans) and not _SWITCHED.isdisjoint(left) and _SWITCHED.union(_BESIDE).issuperset(left)


def advice(text: str) -> bool:
    """Whether somebody is told what to do, or what is done, rather than this assistant."""
    return _ADVICE.match(text) is not None


def told_of(text: str) -> bool:
    """Whether somebody tells what was done or how things are, and asks for nothing more: "I turned the lamp off"."""
    said = _DONE.match(text)
    if said is not None:
        return _ORDER.search(text, said.end()) is None
    return _STANDS.match(text.rstrip(" .!")) is not None


def is_it(calls: tuple[Call, ...], vocabulary: Vocabulary, registry: Registry) -> str:
    """Asks whether the calls were meant: "Shall I set the Desk Lamp to 20 percent?"."""
    return f"Shall I {' and '.join(_order(call, vocabulary, registry) for call in calls)}?"


def _order(call: Call, vocabulary: Vocabulary, registry: Registry) -> str:
    names = [_the(registry.devices[target].name) for target in call.targets if target in registry.devices]
    verb = call.function.partition(".")[2]
    how = "by" if verb.startswith(_STEPS) else "to"
    values = [_value(key, value, how) for key, value in call.arguments.items() if key not in _WHICH]
    if not names:
        said = [word for word in values if word]
        return _imperative(vocabulary.functions[call.function].does) + (f" ({', '.join(said)})" if said else "")
    order = f"{_ORDERS.get(verb, verb.replace('_', ' '))} {_listed(names)}"
    return " ".join([order, *(word for word in values if word)])


def _the(name: str) -> str:
    first = name.partition(" ")[0].casefold()
    return name if first in {"the", "my", "our"} or first.endswith(("'s", "’s")) else f"the {name}"


def _listed(names: list[str]) -> str:
    shown = names[:_NAMED] + ([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _value(key: str, value: Value, how: str) -> str:
    match key, value:
        case "after", int() | float():
            return f"in {value / 60:g} minutes" if value >= 60 else f"in {value:g} seconds"
        case "at", str():
            try:
                return f"at {datetime.fromisoformat(value):%H:%M}"
            except ValueError:
                return f"at {value}"
        case "hours" | "minutes" | "seconds", _:
            return f"{value} {key if value != 1 else key[:-1]}"
        case "temperature", _:
            return f"{how} {value} degrees"
        case _, bool():
            return ""
        case _ if key in _PERCENT:
            return f"{how} {value} percent"
        case "except", _:
            return f"but not {_the(str(value))}"
        case "item" | "message" | "condition", _:
            return str(value)
        case _:
            return f"{how} {value}"


def _imperative(does: str) -> str:
    """ "Starts a timer." as an order: "start a timer"."""
    first, _, rest = does.rstrip(".").partition(" ")
    first = first[:1].lower() + first[1:]
    if first.endswith("ies"):
        first = first[:-3] + "y"
    elif first.endswith(("oes", "sses", "ches", "shes")):
        first = first[:-2]
    else:
        first = first.removesuffix("s")
    return f"{first} {rest.partition(';')[0]}".strip()
