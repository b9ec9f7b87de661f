"""Spoken and written numbers: "fifty five", "21.5", "three and a half", "a quarter", "two thirds"."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_TOKEN: Final = re.compile(r"\d+(?:[.,:]\d+)*|%|°|/|(?:[^\W\d_]\.)+[^\W\d_]\b\.?|[^\W\d_]+|[½¼¾⅓⅔]|-(?=\d)")
_APOSTROPHES: Final = re.compile(r"['’‘`]")
_MAX_CHARS: Final = 400

ONES: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"oh": 0, "nought": 0, "nil": 0, "fourty": 40, "dozen": 12}
TENS: Final = {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
} | {"fourty": 40}
_SCALES: Final = {"hundred": 100, "thousand": 1000}
_PARTS: Final = {
    "half": 0.5,
    "halves": 0.5,
    "quarter": 0.25,
    "quarters": 0.25,
    "third": 1 / 3,
    "thirds": 1 / 3,
    "fifth": 0.2,
    "fifths": 0.2,
    "tenth": 0.1,
    "tenths": 0.1,
}
_SIGNS: Final = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_SOME: Final = {"couple": 2.0, "pair": 2.0, "few": 3.0, "several": 3.0}
_HEARD: Final = {
    "to": "two",
    "too": "two",
    "for": "four",
    "fore": "four",
    "ate": "eight",
    "won": "one",
    "tree": "three",
    "free": "three",
}
"""Words that a recogniser writes for small numbers."""
_COUNTED: Final = frozenset(
    ["degree", "degrees", "percent", "%", "°", "second", "seconds", "minute", "minutes", "hour", "hours", "days"]
)
_MINUS: Final = frozenset({"minus", "negative", "-"})


def split(text: str) -> list[str]:
    """Words, numbers and the signs % ° / of a text, lower case, hyphens and apostrophes gone; "7am" is two."""
    text = _APOSTROPHES.sub("", text[:_MAX_CHARS].lower())
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    return [token.replace(".", "") if token[:1].isalpha() else token for token in _TOKEN.findall(text)]


def mended(tokens: Sequence[str]) -> list[str]:
    """With small numbers in place of the words that sound like them, where only a number can stand: "ate minutes",
    "twenty too degrees"."""
    whole = list(tokens)
    for at, word in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        before = tokens[at - 1] if at else ""
        if word in _HEARD and after in _COUNTED and (before in TENS or not before):
            whole[at] = _HEARD[word]
    return whole


def read_number(tokens: Sequence[str], at: int = 0) -> tuple[float, int] | None:
    """The number that starts at a token and where it ends, or None; "and a half" after it belongs to it."""
    sign, start = 1.0, at
    if at < len(tokens) and tokens[at] in _MINUS:
        sign, start = -1.0, at + 1
    whole = _read_digits(tokens, start) or _read_words(tokens, start) or _read_part(tokens, start)
    if whole is None:
        return None
    value, end = whole
    rest = _read_rest(tokens, end)
    if rest is not None:
        value, end = value + rest[0], rest[1]
    return sign * value, end


def number(text: str) -> float | None:
    """The number a text is, whatever stands around it; None where it holds none."""
    tokens = split(text)
    for at in range(len(tokens)):
        if tokens[at] in {"a", "an"} and at + 1 < len(tokens) and tokens[at + 1] not in _PARTS | _SOME | _SCALES:
            continue
        if (found := read_number(tokens, at)) is not None:
            return found[0]
    return None


def _read_digits(tokens: Sequence[str], at: int) -> tuple[float, int] | None:
    if at >= len(tokens) or not tokens[at][0].isdecimal():
        return None
    text = tokens[at]
    if len(text) > 12 or ":" in text:
        return None
    whole, comma, rest = text.partition(",")
    if comma and len(rest) == 3 and rest.isdecimal():
        text = whole + rest
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    if at + 2 < len(tokens) and tokens[at + 1] == "/" and tokens[at + 2].isdecimal() and int(tokens[at + 2][:4]):
        return value / int(tokens[at + 2][:4]), at + 3
    if at + 1 < len(tokens) and tokens[at + 1] in _PARTS and value < 10:
        return value * _PARTS[tokens[at + 1]], at + 2
    return value, at + 1


def _read_words(tokens: Sequence[str], at: int) -> tuple[float, int] | None:
    total, part, end, read = 0.0, 0.0, at, False
    if at < len(tokens) and tokens[at] in {"a", "an", "one"} and at + 1 < len(tokens) and tokens[at + 1] in _SCALES:
        part, end, read = 1.0, at + 1, True
    while end < len(tokens):
        word = tokens[end]
        if word in _SCALES:
            if not read:
                break
            scale = _SCALES[word]
            total, part = ((total + part) * scale, 0.0) if scale > total > 0 else (total + (part or 1.0) * scale, 0.0)
        elif word in TENS and part == 0:
            part = TENS[word]
        elif word in ONES and (part == 0 or (part >= 20 and 0 < ONES[word] < 10)) and not (read and part == 0 == total):
            part += ONES[word]
            read, end = True, end + 1
            if end < len(tokens) and tokens[end] in _SCALES:
                continue
            break
        elif word == "and" and total and end + 1 < len(tokens) and tokens[end + 1] in ONES | TENS:
            end += 1
            continue
        else:
            break
        read, end = True, end + 1
    if not read:
        return None
    value = total + part
    if end < len(tokens) and tokens[end] in _PARTS and 0 < value < 10:
        return value * _PARTS[tokens[end]], end + 1
    return value, end


def _read_part(tokens: Sequence[str], at: int) -> tuple[float, int] | None:
    """ "half", "a quarter", "half a", "a couple of", "½"."""
    end = at + 1 if at < len(tokens) and tokens[at] in {"a", "an"} else at
    if end >= len(tokens):
        return None
    word = tokens[end]
    value = _SIGNS.get(word) or _PARTS.get(word) or _SOME.get(word) or (12.0 if word == "dozen" else None)
    if value is None:
        return (1.0, end) if end > at else None
    end += 1
    if end < len(tokens) and tokens[end] == "of":
        end += 1
    if value < 1 and end < len(tokens) and tokens[end] in {"a", "an", "the"}:
        end += 1
    return value, end


def _read_rest(tokens: Sequence[str], at: int) -> tuple[float, int] | None:
    """What may follow a whole number: "point five", "and a half", "and three quarters", "½"."""
    if at >= len(tokens):
        return None
    if tokens[at] == "point" and at + 1 < len(tokens):
        digits, end = "", at + 1
        while end < len(tokens) and len(digits) < 6 and (tokens[end].isdecimal() or ONES.get(tokens[end], 10) < 10):
            digits += tokens[end][:6] if tokens[end].isdecimal() else str(ONES[tokens[end]])
            end += 1
        return (float(f"0.{digits}"), end) if digits else None
    if tokens[at] in _SIGNS:
        return _SIGNS[tokens[at]], at + 1
    if at + 2 < len(tokens) and tokens[at].isdecimal() and tokens[at + 1] == "/":
        return _read_digits(tokens, at)
    if tokens[at] != "and":
        return None
    count, end = 1.0, at + 1
    if end < len(tokens) and tokens[end] in {"a", "one"}:
        end += 1
    elif end < len(tokens) and tokens[end] in ONES:
        count, end = float(ONES[tokens[end]]), end + 1
    if end < len(tokens) and tokens[end] in _PARTS:
        after = end + 1
        return count * _PARTS[tokens[end]], after
    return None
