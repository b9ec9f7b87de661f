"""Manners of speaking that the network was not taught, in one that it was: "leave this on and turn off the rest"."""

import re
from typing import Final

from edge.devices.words import tokens
from edge.router.bothways import each_way
from edge.router.resolution.phrase import read_noun

_BAR: Final = re.compile(
    r"\b(?P<all>all|every|everything|everywhere)\b(?P<named>.*?)(?<! the)(?<! my)(?<! all)(?<! every),? "
    r"(?:bar|save for) (?=(?:the|my|our|in|those)\b)",
    re.IGNORECASE,
)
_LONGEST: Final = 300
"""Characters of what is looked at."""
_INSTEAD: Final = re.compile(
    r"(?<=\w),?(?: (?:oh|uh|um|er|erm))?,? "
    r"(?:no,? (?:wait|sorry|actually|i mean)|sorry,? no|wait,? no|no|sorry,? i mean),?(?: i mean,?)? "
    r"(?=(?:the|my|our) )",
    re.IGNORECASE,
)
"""Words that take back what was said before them."""
_TO: Final = re.compile(
    r"(?<!at )(?<!for )(?<!by )\btwo(?= (?:ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|\d\d)"
    r"(?:[ -][a-z]+)? ?(?:%|percent|per cent|degrees))",
    re.IGNORECASE,
)
"""A number that was heard for the word before another."""
_LEFT: Final = re.compile(
    r"^(?P<before>(?:please |hey |ok |okay |can you |could you |would you |just )*)"
    r"(?:leave|keep|do(?:n't|nt| not) (?:touch|turn off|switch off|close|open|turn on|switch on))"
    r" (?P<left>(?:the |my |our )?[\w' ]+?)"
    r"(?: (?:on|off|open|closed|shut|up|down|alone|as it is|as they are|be|lit|running|playing))?"
    r",? (?:(?:and|but|then|only|just) )*(?P<order>(?:turn|switch|shut|close|open|lock|put|lower|raise|power)\b.+)$",
    re.IGNORECASE,
)
_ONE: Final = re.compile(
    r"\b(?P<noun>(?:light|lamp|fan|blind|curtain|shutter|heater|thermostat|speaker|socket|plug|door|window)s?)\b"
    r"(?P<between>.*?\b(?:the|my|our) (?:[a-z']+ ){0,1}"
    r"(?!(?:to|at|on|in|for|of|by|speed|level|mode|number|setting|channel|volume|stage)\b)[a-z']+)"
    r" one(?P<several>s?)(?=$|[,.!?]| (?:on|off|too|please|up|down|as well|instead|and|but)\b)",
    re.IGNORECASE,
)
_POINTING: Final = re.compile(r"\b(?:the|other|first|second|last|next|right|left|same|wrong) one$", re.IGNORECASE)
_REST: Final = re.compile(
    r"\b(?:(?:all )?(?:of )?(?:the )?(?:rest|others|other ones)(?: of (?P<of>the [a-z]+|them))?"
    r"|all (?:the )?other (?P<other>[a-z]+)|the other (?P<others>[a-z]+s)|everything else)\b",
    re.IGNORECASE,
)


def retold(text: str) -> str:
    """The sentence in other words, or as it is."""
    if len(text) > _LONGEST:
        return text
    lower = text.lower()
    if (" on" in lower or " off" in lower) and (" off" in lower or " up" in lower or " down" in lower):
        text = each_way(text)
    if " one" in lower:
        text = _ONE.sub(_named, text, count=1)
    if " no" in lower or " sorry" in lower or " wait" in lower:
        text = _INSTEAD.sub(" i mean ", text, count=1)
    if " two " in lower:
        text = _TO.sub("to", text, count=1)
    if " bar " in lower or " save for " in lower:
        text = _BAR.sub(r"\g<all>\g<named> except ", text, count=1)
    if lower.find(" rest") < 0 and lower.find("other") < 0 and lower.find(" else") < 0:
        return text
    said = _LEFT.match(text)
    rest = _REST.search(text, said.start("order")) if said is not None else None
    if said is None or rest is None:
        return text
    order = text[said.start("order") : rest.start()] + _all_of(rest, said["left"]) + text[rest.end() :]
    return f"{said['before']}{order.rstrip(' .!,')} except {said['left']}"


def _named(said: re.Match[str]) -> str:
    """ "The kitchen one" is the kitchen light after another light."""
    if _POINTING.search(f"{said['between']} one"):
        return said[0]
    return f"{said['noun']}{said['between']} {said['noun'].rstrip('sS')}{said['several']}"


def _all_of(rest: re.Match[str], left: str) -> str:
    """What the rest is of: "all the lights" where a light is left as it is."""
    named = rest["other"] or rest["others"] or (rest["of"] or "").removeprefix("the ")
    if named and named != "them":
        return f"all the {named}"
    noun = read_noun(tokens(left))
    if rest[0].lower() == "everything else" or noun is None:
        return "everything"
    lights = noun.kinds[0].domain == "light"
    return "all the lights" if lights else f"all the {' '.join(noun.noun)}s"
