"""Reads what a routine does out of one sentence: orders, one after another, with the time between them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.assistant.calls import for_devices
from edge.assistant.timing import TIMES
from edge.router.model import Decision, Routing
from edge.router.values.durations import read_duration
from edge.router.values.numbers import mended, split
from edge.schedule.rules.model import Action
from edge.schedule.scenes.book import MOST_STEPS

Route = Callable[[str, str | None], Routing]

_NEXT: Final = re.compile(
    r"\s*(?:[,;.]\s*)?\b(?:and |, )?(?:then|after that|afterwards|after which|finally|next)\b,?\s*", re.IGNORECASE
)
_PAUSE: Final = re.compile(
    r"^(?:wait|pause|hold on)(?: for)?(?: about)? (?P<length>.+?)(?:,? (?:and|before|then|and then) (?P<rest>.+))?$",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"^(?:(?P<length>.+?) later,? (?P<last>.+)"
    r"|(?P<order>.+?),? (?P<ago>(?:\S+ ){1,3}?(?:seconds?|minutes?|hours?)) later)$",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^(?:(?:that )?(?:you|it) (?:should|will|shall|must|are to)|please|first|to|and|also|i want you to|you) ",
    re.IGNORECASE,
)
_VERBS: Final = (
    "turn|switch|lock|unlock|close|open|set|dim|start|stop|play|pause|say|announce|mute|lower|raise|put|make|shut"
)
_THIRD: Final = re.compile(rf"(?P<lead>^|\band )(?P<verb>{_VERBS})e?s\b", re.IGNORECASE)
_LONGEST_S: Final = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Steps:
    """What was understood; else what is wrong with it, as a sentence."""

    steps: tuple[Action, ...] = ()
    problem: str = ""


def read_steps(orders: str, area: str | None, route: Route) -> Steps:
    """The steps, or the part that is no order."""
    steps: list[Action] = []
    base_s = 0.0
    for part in _NEXT.split(orders):
        text = _bare(part)
        if not text:
            continue
        wait_s, text = _waited(text)
        base_s += wait_s
        if not text:
            continue
        made, latest_s = _orders(text, area, route, base_s)
        if isinstance(made, str):
            return Steps(problem=made)
        steps += made
        base_s = latest_s
    if not steps:
        return Steps(problem="I did not hear what is to be done then.")
    if len(steps) > MOST_STEPS or base_s > _LONGEST_S:
        return Steps(problem=f"That is too much for one routine: {MOST_STEPS} steps in twelve hours at most.")
    return Steps(tuple(steps))


def _orders(text: str, area: str | None, route: Route, base_s: float) -> tuple[list[Action] | str, float]:
    routing = route(text, area)
    if routing.decision is Decision.CLARIFY and routing.candidates:
        return routing.question or f"Which one do you mean in “{text}”?", base_s
    fit = routing.decision is Decision.ACT or (routing.decision is Decision.CLARIFY and bool(routing.calls))
    if not fit or any(for_devices(call) and not call.targets for call in routing.calls):
        return f"I did not understand “{text}” in that, so I kept nothing.", base_s
    if any(not _TIMED.isdisjoint(call.arguments) for call in routing.calls):
        return "A routine does one thing after another: times of day and conditions are for rules.", base_s
    if any(call.function.startswith(_OURS) for call in routing.calls):
        return f"“{text}” can't be a part of a routine.", base_s
    made: list[Action] = []
    latest_s = base_s
    for call in routing.calls:
        after, lasts = call.arguments.get("after"), call.arguments.get("duration")
        delay_s = base_s + (float(after) if isinstance(after, int | float) else 0.0)
        for_s = float(lasts) if isinstance(lasts, int | float) and for_devices(call) else 0.0
        timed = {*TIMES, "duration"} if for_devices(call) else {"after"}
        kept = {key: value for key, value in call.arguments.items() if key not in timed}
        plain = {"function": call.function, "arguments": kept, "targets": list(call.targets)}
        made.append(Action(plain, delay_s=delay_s, for_s=for_s))
        latest_s = max(latest_s, delay_s)
    return made, latest_s


_TIMED: Final = frozenset({"condition", "at", "repeat", "sun"})
_OURS: Final = ("scenes.", "memory.", "names.", "notes.", "rules.", "alarms.", "assistant.undo", "assistant.nevermind")


def _bare(part: str) -> str:
    """A part of the sentence as an order: "you should", "it locks"."""
    text = part.strip(" ,;.")
    while (lead := _LEAD.match(text)) is not None:
        text = text[lead.end() :]
    text = re.sub(r"^(?:and|,)\s+|\s+(?:and|,)$", "", text).strip()
    return _THIRD.sub(lambda found: f"{found['lead']}{found['verb']}", text) if _THIRD.match(text) else text


def _waited(text: str) -> tuple[float, str]:
    """How long to wait first, and what is to be done then; nothing where a part only waits."""
    pause = _PAUSE.match(text)
    if pause is not None and (length_s := _length_s(pause["length"])) is not None:
        return length_s, (pause["rest"] or "").strip()
    later = _LATER.match(text)
    if later is not None:
        length_s = _length_s(later["length"] or later["ago"])
        if length_s is not None:
            return length_s, (later["last"] or later["order"]).strip()
    return 0.0, text


def _length_s(text: str) -> float | None:
    words = mended(split(text))
    while words and words[0] in ("another", "about", "around", "after", "for"):
        words = words[1:]
    if words and words[0] in ("minute", "hour", "second"):
        words = ["a", *words]
    read = read_duration(words, 0)
    return float(read[0].total_s) if read is not None and read[1] == len(words) else None
