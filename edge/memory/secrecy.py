"""What is a secret in a sentence: PINs, passwords, codes; for those who write down what was said. Pure."""

import re
from typing import Final

HIDDEN: Final = "(hidden)"
_NAMES: Final = (
    r"(?:pins?|pin ?codes?|pass ?words?|pass ?codes?|pass ?phrases?|codes?|combinations?|secrets?|log ?ins?|"
    r"(?:wi-?fi|wi fi|network|security|licen[cs]e|api|access|recovery|encryption) keys?|(?:credit )?card numbers?|"
    r"account numbers?|sort codes?|ibans?|cvvs?|cvcs?)"
)
_NAMED: Final = re.compile(rf"\b{_NAMES}\b", re.IGNORECASE)
_AFTER: Final = re.compile(
    rf"(?P<head>\b{_NAMES}\b[^.?!]*?(?:\b(?:is|are|was|equals|reads|to)\b|['’]s\b|[:=]))\s*(?P<secret>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE: Final = re.compile(
    rf"^(?P<lead>(?:\W*(?:please|remember|note|that|keep|in|mind)\b)*\s*)(?P<secret>[^.?!]*?\S)\s+(?P<rest>(?:is|was)\b[^.?!]*?\b{_NAMES}\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_ASKED: Final = re.compile(r"^\W*(?:what|which|where|who|when|whose|how|do|does|did|is|are|can|tell)\b", re.IGNORECASE)
_DIGIT: Final = r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_FIGURES: Final = re.compile(rf"\S*\d\S*|\b{_DIGIT}(?:[\s,-]+{_DIGIT})+\b", re.IGNORECASE)
_LONGEST: Final = 2000


def is_secret(text: str) -> bool:
    """Whether it tells a secret, rather than only speaking of one."""
    return veiled(text) != text


def veiled(text: str) -> str:
    """The text with "(hidden)" in the place of each secret; what only asks for one stays as it is."""
    if len(text) > _LONGEST or _NAMED.search(text) is None:
        return text
    asked = _ASKED.match(text) is not None
    if not asked and (after := _AFTER.search(text)) is not None:
        return f"{text[: after.start()]}{after['head']} {HIDDEN}"
    if not asked and (before := _BEFORE.match(text)) is not None:
        return f"{before['lead']}{HIDDEN} {before['rest']}"
    return _FIGURES.sub(HIDDEN, text)
