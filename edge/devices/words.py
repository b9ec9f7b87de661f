"""Words as they are compared: case, accents, plurals, possessives and number words folded away, and how they sound."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

MAX_WORDS: Final = 24
"""Words of a name or phrase that are looked at; more than that is no name anybody says."""
_MAX_CHARS: Final = 240

_WORD: Final = re.compile(r"\d+|[^\W\d_]+")
_APOSTROPHES: Final = re.compile(r"['’‘`´]")
_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th"})
_KEEP_S: Final = frozenset(
    ["gas", "bus", "lens", "news", "christmas", "always", "various", "canvas", "atlas", "yes", "this", "his", "plus"]
)
_UNITS: Final = {
    word: number
    for number, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
}
_TEENS: Final = {
    word: 10 + number
    for number, word in enumerate(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_DIGITS: Final = {str(number): word for word, number in (_UNITS | _TEENS | _TENS).items()}
_LEADING: Final = frozenset(["my", "our", "your", "his", "her", "their", "a", "an"])


def listed(text: str) -> frozenset[str]:
    """The words or phrases of a list that is parted by commas."""
    return frozenset(text.split(", "))


def words(text: str) -> tuple[str, ...]:
    """The words of a text as written, without case, accents and apostrophes; at most `MAX_WORDS`."""
    text = text[:_MAX_CHARS]
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold()).translate(_LETTERS)
        text = "".join(character for character in text if not unicodedata.combining(character))
        return tuple(_WORD.findall(text)[:MAX_WORDS])
    return tuple(_WORD.findall(_APOSTROPHES.sub("", text).casefold().replace("&", " and "))[:MAX_WORDS])


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """One word without its plural or possessive: what it ends in matters less than that both sides agree."""
    if len(word) < 3 or not word.endswith("s") or word in _KEEP_S or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1]


def fold_all(said: tuple[str, ...]) -> tuple[str, ...]:
    """Every word folded, number words as digits ("twenty one" is 21), articles left out where anything else is left."""
    folded: list[str] = []
    tens = 0
    for word in said:
        if word in _UNITS:
            unit = _UNITS[word]
            if tens and unit:
                folded[-1] = str(tens + unit)
            else:
                folded.append(str(unit))
            tens = 0
            continue
        tens = _TENS.get(word, 0)
        folded.append(str(tens or _TEENS[word]) if tens or word in _TEENS else fold(word))
    bare = [word for word in folded if word != "the"]
    while len(bare) > 1 and bare[0] in _LEADING:
        del bare[0]
    return tuple(bare or folded)


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """A name or phrase as folded words: "The Kid's Lamps two" and "kids lamp 2" are the same."""
    return fold_all(words(text))


_STARTS: Final = (("kn", "n"), ("gn", "n"), ("pn", "n"), ("gh", "g"), ("wr", "r"), ("wh", "w"), ("x", "s"))
_SOUNDS: Final = (
    *(("tch", "x"), ("ch", "x"), ("sh", "x"), ("tio", "x"), ("sio", "x"), ("ph", "f")),
    *(("eigh", "a"), ("igh", "a"), ("ough", "a"), ("augh", "a"), ("ght", "t"), ("th", "t"), ("ng", "n")),
    *(("gh", ""), ("ign", "in")),
    *(("dge", "je"), ("dgi", "ji"), ("dgy", "jy"), ("sce", "se"), ("sci", "si"), ("scy", "sy")),
    *(("ce", "se"), ("ci", "si"), ("cy", "sy"), ("ck", "k"), ("c", "k"), ("q", "k")),
)
"""Letters that sound like others, in the order they are replaced."""
_CLASSES: Final = str.maketrans("bpdtgkqjzsvfmnaeiouyw", "ppttkkkxssffnnaaaaaaa")
_REPEATS: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=16384)
def sound(word: str) -> str:
    """How a word sounds, coarsely: voiced and unvoiced fall together, vowels count at the start and the end only."""
    word = _DIGITS.get(word, word)
    if not word.isascii() or not word.isalpha():
        return word
    for start, said in _STARTS:
        if word.startswith(start):
            word = said + word[len(start) :]
    word = word[:-1] if word.endswith("mb") else word
    for letters, said in _SOUNDS:
        word = word.replace(letters, said)
    if word.endswith("e") and not word.endswith("ee"):
        word = word[:-1]
    word = _REPEATS.sub(r"\1", word.translate(_CLASSES).replace("h", ""))
    if not word:
        return ""
    return word[0] + word[1:-1].replace("a", "") + word[1:][-1:]


def distance(one: str, other: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap) between two words; `limit` + 1 where there are more than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        previous, before = before, row
        row = [i]
        for j, right in enumerate(other, 1):
            cost = min(row[-1] + 1, before[j] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
