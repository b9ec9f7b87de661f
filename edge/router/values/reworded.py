"""Conditions said round about, in the words that the grammar has: "nothing has moved in the hall" is "no motion"."""

import re
from collections.abc import Sequence
from typing import Final

_NOBODY: Final = r"(?:nothing|nobody|no one|noone|not a soul)"
_SOMEBODY: Final = r"(?:someone|somebody|anyone|anybody|a person|people)"
_NO_MOTION: Final = (
    r"no (?:more )?(?:motion|movement|activity)(?: (?:is|has been|was))?(?: (?:seen|detected|noticed|sensed))?"
)
_STIRS: Final = (
    r"(?:moved|moves|moving|stirs|stirred|been moving|been seen|been|seen|detected|turns up|in|around|there)"
)
_IN: Final = r"(?: (?:in|at|around|about|inside|through|there|on|from))*"
_WHERE: Final = r" (?P<p>(?:the |my |our )?[a-z ]+?)(?= for | after | between | before |$)"
_THROUGH: Final = r"(?:through|into|along|past|across|around|about|by|in|inside|up|down)"
_BASE: Final = r"(?:dock|base|charger|station|charging station|charging dock)"
_GOES: Final = r"(?:drops?|falls?|dips?|sinks?|goes|climbs?|rises?|gets?|is|comes?)"
_IS: Final = "running|on|off|open|closed|shut|playing|at home|home|away|locked|unlocked|lit"
_PLAINER: Final = (
    (rf"{_NOBODY} (?:(?:has|is|was) )?{_STIRS}{_IN}{_WHERE}", r"\g<p> motion is clear"),
    (rf"(?:there (?:is|has been|was) )?{_NO_MOTION}{_IN}{_WHERE}", r"\g<p> motion is clear"),
    (
        r"(?P<p>(?:the |my |our )?[a-z ]+?) (?:has been|is|stays|stayed|has gone|goes) (?:quiet|deserted|motionless)",
        r"\g<p> motion is clear",
    ),
    (
        rf"{_SOMEBODY} (?:walks?|comes?|moves?|passes|goes|steps?|enters?|wanders?)(?: {_THROUGH})* (?=the |my |our )",
        "there is motion in ",
    ),
    (r"(?P<s>has|have) run(?= for )", r"\g<s> been running"),
    (
        rf"(?:is|gets|returns|goes|arrives)(?: back)? (?:on|to|in|at|into|onto) (?:its|the|his|her) {_BASE}",
        "is finished",
    ),
    (r"(?P<s>is|gets) (?:back )?docked", r"\g<s> finished"),
    (rf"(?P<v>{_GOES}) back (?:down |up )?(?:to )?(?=under|below|above|over|beneath|less|more)", r"\g<v> "),
    (r"dries (?:out )?(?:down )?(?:to )?(?=less than|below|under)", "falls "),
    (r"(?:out|over|down|up) (?=(?:in|at) the )", ""),
    (r"a (?:good|full|whole|solid) (?=[a-z0-9]+ (?:seconds?|minutes?|hours?|days?))", ""),
    (r"and (?:it is|its|the time is) (?:gone|past|after|later than) ", "after "),
    (r"and (?:it is|its|the time is) (?:before|earlier than) ", "before "),
    (rf"with (?P<s>(?:the |my )?[a-z ]+?) (?:still )?(?P<t>{_IS})$", r"while \g<s> is \g<t>"),
)
_WAYS: Final = tuple((re.compile(rf"\b{said}"), meant) for said, meant in _PLAINER)


def reworded(tokens: Sequence[str]) -> list[str]:
    """The words of a condition, plainer where they were said round about."""
    text = " ".join(tokens)
    for said, meant in _WAYS:
        text = said.sub(meant, text, count=1)
    return text.split()
