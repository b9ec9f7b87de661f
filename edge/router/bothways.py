"""One thing on and another off, ordered with one verb or with none, told with a verb for each."""

import re
from typing import Final

from edge.devices.words import tokens
from edge.router.resolution.phrase import read_noun

_VERB: Final = r"(?<!\bi )(?<!we )(?<!he )(?<!they )(?P<verb>turn|switch|put|flip|flick)"
_ONE: Final = r"(?P<one>(?:(?!\b(?:on|off|then|but)\b).)+?)"
_OTHER: Final = (
    r"(?P<other>(?!(?:turn|switch|put|flip|flick|set|leave|keep|take)\b)"
    r"(?:(?!(?:and|on|off|then|but|also|to|at|not|don't|dont|please|i|is|are)\b)[a-z0-9']+ ?){1,6}?)"
)
_AND: Final = r",?(?: (?:and then|and|but|then|while))"
_WAY: Final = r"(?P<way>on|off)"
_BACK: Final = r"(?P<back>on|off)"
_WORD: Final = (
    r"(?:(?!(?:turn|turned|switch|switched|put|left|take|i|we|you|he|she|it|they|is|are|was|were|what|whats|which|that"
    r"|if|when|who|did|does|has|have)\b)[a-z']+ )"
)
_MANNERS: Final = (
    (rf"\b{_VERB} {_ONE} {_WAY}{_AND} {_OTHER} {_BACK}\b", "{verb} {one} {way} and {verb} {other} {back}"),
    (rf"\b{_VERB} {_WAY} {_ONE}{_AND} {_BACK} {_OTHER}$", "{verb} {one} {way} and {verb} {other} {back}"),
    (
        rf"\b{_VERB} {_ONE} {_WAY} (?P<there>in (?:(?!\b(?:on|off|then|but)\b).)+?){_AND} {_BACK} (?P<other>in .+)$",
        "{verb} {one} {way} {there} and {verb} {one} {back} {other}",
    ),
)
_SAID: Final = tuple((re.compile(said, re.IGNORECASE), told) for said, told in _MANNERS)
_MOVED: Final = r"(?P<{}>on|off|up|down)"
_VERBLESS: Final = re.compile(
    rf"^(?P<one>{_WORD}{{1,4}}){_MOVED.format('way')}(?:,|{_AND})? (?P<other>{_WORD}{{1,4}}){_MOVED.format('back')}"
    r"(?=$|[.!,]| (?:please|now|in|at|upstairs|downstairs|outside)\b)",
    re.IGNORECASE,
)
_IN_EACH: Final = re.compile(
    rf"^(?P<one>[a-z]+) {_WAY} (?:in )?(?:the )?(?P<there>{_WORD}{{1,3}})(?:and )?(?P=one) {_BACK} (?:in )?(?:the )?"
    rf"(?P<other>{_WORD}{{0,2}}[a-z']+)$",
    re.IGNORECASE,
)
_LIFTED: Final = frozenset({"up", "down"})


def each_way(text: str) -> str:
    """The sentence with a verb for either, or as it is."""
    for pattern, told in _SAID:
        said = pattern.search(text)
        if said is not None and said["way"].lower() != said["back"].lower():
            return text[: said.start()] + told.format(**said.groupdict()) + text[said.end() :]
    said = _IN_EACH.match(text)
    if said is not None and read_noun(tokens(said["one"])) and not read_noun(tokens(said["other"])):
        one, there = said["one"], said["there"]
        return f"turn {one} {said['way']} in {there}and turn {one} {said['back']} in {said['other']}"
    said = _VERBLESS.match(text)
    if said is None or said["way"].lower() == said["back"].lower():
        return text
    if not all(read_noun(tokens(said[name])) for name in ("one", "other")):
        return text
    return f"{_order(said['one'], said['way'])} and {_order(said['other'], said['back'])}{text[said.end() :]}"


def _order(what: str, way: str) -> str:
    return f"{'put' if way.lower() in _LIFTED else 'turn'} {what}{way}"
