"""What is to be so for as long as something else is: "keep the heating off while the window is open"; pure."""

import re
from typing import Final

_WHILE: Final = r"(?:while|whilst|as long as|so long as|whenever|any ?time)"
_STATE: Final = r"(?P<state>on|off|open|closed|shut|locked)"
_KEEP: Final = re.compile(
    rf"^(?:please )?(?:keep|leave|have) (?P<who>.+?) {_STATE} {_WHILE} (?P<when>.+)$", re.IGNORECASE
)
_KEEP_LAST: Final = re.compile(
    rf"^{_WHILE} (?P<when>.+?),? (?:please )?(?:keep|leave|have) (?P<who>.+?) {_STATE}$", re.IGNORECASE
)
_NONE: Final = re.compile(
    rf"^(?:no|never (?:run|have|use)|do ?n['’]?o?t (?:run|have|use)|do not (?:run|have|use)) (?P<who>[\w ]+?)(?: on)? "
    rf"{_WHILE} (?P<when>.+)$",
    re.IGNORECASE,
)
_ORDERS: Final = {
    "on": "turn on {}", "off": "turn off {}", "open": "open {}", "closed": "close {}", "shut": "close {}",
    "locked": "lock {}",
}  # fmt: skip
_IS: Final = re.compile(r"(?: (?P<verb>is|are|am)|(?P<short>['’](?:s|re|m)))(?: still)?(?P<not> not)? ", re.IGNORECASE)
_THERE: Final = re.compile(r"^there(?: is|['’]s) (?P<no>no )?(?P<what>.+)$", re.IGNORECASE)
_SOMEBODY: Final = re.compile(r"^(?:(?P<nobody>nobody|no one)|somebody|someone|anybody|anyone)\b", re.IGNORECASE)


def kept_while(text: str) -> str:
    """The same as something to be done when it begins, and taken back when it is over; empty for other sentences."""
    found = _KEEP.match(text) or _KEEP_LAST.match(text) or _NONE.match(text)
    over = _no_longer(found["when"]) if found is not None else ""
    if found is None or not over:
        return ""
    order = _ORDERS[(found.groupdict().get("state") or "off").lower()].format(found["who"])
    return f"when {found['when']}, {order} until {over}"


def _no_longer(clause: str) -> str:
    """The opposite of a clause; empty where it is none that has one."""
    if (there := _THERE.match(clause)) is not None:
        return f"there is {'' if there['no'] else 'no '}{there['what']}"
    if (who := _SOMEBODY.match(clause)) is not None:
        return f"{'somebody' if who['nobody'] else 'nobody'}{clause[who.end() :]}"
    found = _IS.search(clause)
    if found is None:
        return ""
    verb = found["verb"] or {"s": "is", "re": "are", "m": "am"}[found["short"][1:].lower()]
    negated = "" if found["not"] else "not "
    return f"{clause[: found.start()]} {verb} {negated}{clause[found.end() :]}"
