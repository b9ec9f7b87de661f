"""A request said again with what was wrong in it put right: "no, not the TV, the radio"; pure."""

import re
from typing import Final

from edge.assistant.following.said import Said
from edge.assistant.following.scheduling import LENGTH
from edge.devices.registry import Registry
from edge.devices.words import tokens

_NOT_BUT: Final = re.compile(r"not (?P<wrong>.+?) (?:but )?(?P<right>(?:the|my|our|in the|at|after|before|for) .+)")
_INSTEAD: Final = re.compile(r"(?P<right>.+?) (?:instead of|and not|not|rather than) (?P<wrong>.+)")
_MADE: Final = re.compile(
    r"(?:make|change|switch|set|do) (?:it|that|this)(?: to| for)? (?P<phrase>.+)|(?:add|include) (?P<added>.+)"
)
_SMALL: Final = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|zero|hundred"
)
_NUMBER: Final = rf"(?:minus )?(?:\d+(?:\.\d+)?|{_SMALL})"
_FIGURES: Final = re.compile(rf"\b{_NUMBER}\b(?![:.]\d)")
_FIGURE: Final = re.compile(rf"(?P<number>{_NUMBER})(?: ?(?:degrees?|percent|per cent|%|lux|watts?))?")
"""A figure and nothing else."""
_UNIT: Final = re.compile(r"\b(?:seconds?|minutes?|mins?|hours?)\b")
_WORD: Final = re.compile(r"[\w']+")
_LONGEST: Final = 5


def restated(request: str, one: Said, registry: Registry) -> str | None:
    """The request with the correction in it; None where it is none, or nothing tells what it corrects."""
    if not one.corrects:
        return None
    found = _NOT_BUT.fullmatch(one.core) or _INSTEAD.fullmatch(one.core)
    if found is not None:
        return _replaced(request, found["wrong"], found["right"])
    right = _named(one.core, registry)
    if not right:
        return None
    kind = right[0].partition(".")[0]
    spoken = [(start, end, ids) for start, end, ids in _names_in(request, registry)]
    alike = [one for one in spoken if any(each.partition(".")[0] == kind for each in one[2])] or spoken
    if not alike:
        return None
    start, end, _ = alike[-1]
    return f"{request[:start]}{re.sub(r'^(?:the|my|our) ', '', one.core)}{request[end:]}"


def changed(request: str, one: Said, registry: Registry) -> str | None:
    """The sentence that made a rule, as it is after a change of it: "make it twenty minutes", "the TV as well"."""
    found = _MADE.fullmatch(one.core)
    phrase = (found["phrase"] or found["added"]) if found is not None else one.core
    if (found is not None or one.corrects) and LENGTH.fullmatch(phrase) and _UNIT.search(phrase):
        lengths = [match for match in LENGTH.finditer(request.lower()) if _UNIT.search(match.group())]
        if len(lengths) != 1:
            return None
        return f"{request[: lengths[0].start()]}{phrase}{request[lengths[0].end() :]}"
    if (found is not None or one.corrects) and (figure := _FIGURE.fullmatch(phrase)) is not None:
        figures = list(_FIGURES.finditer(request.lower()))
        if len(figures) != 1:
            return None
        return f"{request[: figures[0].start()]}{figure['number']}{request[figures[0].end() :]}"
    if _named(phrase, registry) and (one.also or (found is not None and found["added"])):
        bare = request.rstrip(" .!")
        return f"{bare} and {phrase}"
    if found is not None and _named(phrase, registry):
        return restated(request, Said(phrase, corrects=True), registry)
    return restated(request, one, registry) if one.corrects else None


def _replaced(request: str, wrong: str, right: str) -> str | None:
    bare = re.sub(r"^(?:the|my|our|in the|at|on) ", "", wrong)
    found = re.search(rf"\b{re.escape(bare)}\b", request, re.IGNORECASE)
    if found is None:
        return None
    return f"{request[: found.start()]}{re.sub(r'^(?:the|my|our|in the|at|on) ', '', right)}{request[found.end() :]}"


def _named(phrase: str, registry: Registry) -> tuple[str, ...]:
    folded = tokens(phrase)
    return (*registry.device_names.exact(folded), *registry.area_names.exact(folded))


def _names_in(request: str, registry: Registry) -> list[tuple[int, int, tuple[str, ...]]]:
    """Every name of a device or a room in a sentence, without names within names: from where to where, and whose."""
    words = list(_WORD.finditer(request))
    found: list[tuple[int, int, tuple[str, ...]]] = []
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            start, end = words[at].start(), words[at + size - 1].end()
            ids = _named(request[start:end], registry) if words[at].group().lower() not in ("the", "my", "our") else ()
            if ids:
                found.append((start, end, ids))
                at += size - 1
                break
        at += 1
    return found
