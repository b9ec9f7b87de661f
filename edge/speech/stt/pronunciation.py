"""How words are said, in the acoustic model's phones: from its dictionary, as compounds, by espeak-ng, by spelling."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

Pronunciations = tuple[str, ...]
"""Phones parted by blanks, the commonest first."""

_AW: Final = re.compile(r"\bAO\b(?! R)")
_ESPEAK_S: Final = 5.0
_IPA: Final = {
    "a": "AA", "aa": "AE", "æ": "AE", "ɑ": "AA", "ɒ": "AA", "ɐ": "AH", "ʌ": "AH", "ə": "AH", "ᵻ": "IH", "ɔ": "AO",
    "ɚ": "ER", "ɜ": "ER", "ɝ": "ER", "ɛ": "EH", "e": "EY", "i": "IY", "ɪ": "IH", "o": "OW", "u": "UW", "ʊ": "UH",
    "aɪ": "AY", "aʊ": "AW", "ɔɪ": "OY", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "aɪə": "AY AH", "aɪɚ": "AY ER",
    "əl": "AH L", "iə": "IY AH", "ɑɹ": "AA R", "ɔɹ": "AO R", "oɹ": "AO R", "ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R",
    "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "dʒ": "JH", "k": "K", "l": "L", "m": "M",
    "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "s": "S", "ʃ": "SH", "t": "T", "ɾ": "T", "tʃ": "CH", "θ": "TH",
    "v": "V", "w": "W", "j": "Y", "z": "Z", "ʒ": "ZH", "ʔ": "T", "x": "K", "ç": "HH", "ɬ": "L", "n̩": "AH N",
}  # fmt: skip
_MARKS: Final = re.compile(r"[ˈˌː̩]")
_SPELT: Final = (
    ("tch", "CH"), ("sch", "SH"), ("igh", "AY"), ("eau", "OW"), ("ck", "K"), ("ch", "CH"), ("sh", "SH"), ("th", "TH"),
    ("ph", "F"), ("wh", "W"), ("qu", "K W"), ("ng", "NG"), ("gh", "G"), ("ee", "IY"), ("ea", "IY"), ("oo", "UW"),
    ("ou", "AW"), ("ow", "OW"), ("oa", "OW"), ("ai", "EY"), ("ay", "EY"), ("ei", "EY"), ("ey", "IY"), ("oi", "OY"),
    ("oy", "OY"), ("au", "AO"), ("aw", "AO"), ("ue", "UW"), ("ew", "UW"), ("ie", "IY"), ("ar", "AA R"), ("er", "ER"),
    ("ir", "ER"), ("or", "AO R"), ("ur", "ER"), ("a", "AE"), ("b", "B"), ("c", "K"), ("d", "D"), ("e", "EH"),
    ("f", "F"), ("g", "G"), ("h", "HH"), ("i", "IH"), ("j", "JH"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"),
    ("o", "AA"), ("p", "P"), ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("u", "AH"), ("v", "V"), ("w", "W"),
    ("x", "K S"), ("y", "IY"), ("z", "Z"),
)  # fmt: skip
_LETTERS: Final = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
    "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
    "y": "W AY", "z": "Z IY",
}  # fmt: skip


def pronounced(words: Iterable[str], dictionary: Path) -> Mapping[str, Pronunciations]:
    """Each word's pronunciations; none is without. `dictionary`: a word and its phones a line, in CMU's way."""
    known = _dictionary(dictionary)
    wanted = set(words)
    found = {word: known[word] for word in wanted if word in known}
    unknown = []
    for word in sorted(wanted - found.keys()):
        if compound := _compound(word, known):
            found[word] = compound
        else:
            unknown.append(word)
    found |= {word: _with_letters(word, said) for word, said in _by_espeak(unknown).items()}
    found |= {word: (spelt(word),) for word in unknown if word not in found}
    return {word: _with_merged_vowels(said) for word, said in found.items()}


def spelt(word: str) -> str:
    """Phones by rules for English spelling; what has no vowel is said letter by letter."""
    plain = re.sub(r"[^a-z]", "", word)
    if not re.search(r"[aeiouy]", plain):
        return " ".join(_LETTERS[letter] for letter in plain) or "AH"
    silent_e = len(plain) > 3 and plain.endswith("e") and plain[-2] not in "aeiouy"
    rest = plain[:-1] if silent_e else plain
    phones: list[str] = []
    while rest:
        spelling, phone = next((spelling, phone) for spelling, phone in _SPELT if rest.startswith(spelling))
        if not phones or phones[-1] != phone:
            phones.append(phone)
        rest = rest[len(spelling) :]
    return " ".join(phones)


def from_ipa(ipa: str) -> str:
    """Phones of espeak-ng's `--ipa` writing with `_` between the sounds; empty where one has no counterpart."""
    phones = []
    for sound in _MARKS.sub("", ipa.strip()).split("_"):
        if sound and sound not in _IPA:
            parts = [_IPA.get(part) for part in sound]
            if None in parts:
                return ""
            phones += [part for part in parts if part]
        elif sound:
            phones.append(_IPA[sound])
    return " ".join(phones)


@lru_cache(maxsize=1)
def _dictionary(path: Path) -> Mapping[str, Pronunciations]:
    known: dict[str, list[str]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, _, phones = line.partition(" ")
            known.setdefault(word.partition("(")[0], []).append(phones.strip())
    return {word: tuple(said) for word, said in known.items()}


def _compound(word: str, known: Mapping[str, Pronunciations]) -> Pronunciations:
    """A word made of two that are known ("ecobee", "livingroom")."""
    for at in range(len(word) - 3, 2, -1):
        first, second = known.get(word[:at]), known.get(word[at:])
        if first and second:
            return tuple(f"{one} {second[0]}" for one in first[:3])
    for prefix in ("un", "re"):
        if word.startswith(prefix) and (rest := known.get(word[2:])) and len(word) > 5:
            start = "AH N" if prefix == "un" else "R IY"
            return tuple(f"{start} {one}" for one in rest[:2])
    return ()


def _by_espeak(words: list[str]) -> dict[str, str]:
    """What espeak-ng says; nothing where it is not there."""
    if not words:
        return {}
    command = ["espeak-ng", "-q", "-v", "en-us", "--ipa", "--sep=_", "--stdin"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the words go in on stdin
            command, input="\n\n".join(words), capture_output=True, text=True, timeout=_ESPEAK_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if len(lines) != len(words):
        return {}
    said = {word: from_ipa(line.replace(" ", "_")) for word, line in zip(words, lines, strict=True)}
    return {word: phones for word, phones in said.items() if phones}


def _with_letters(word: str, phones: str) -> Pronunciations:
    """Short words that may be abbreviations are said letter by letter too."""
    if len(word) > 4 or not word.isalpha():
        return (phones,)
    return tuple(dict.fromkeys((phones, spelt(word), " ".join(_LETTERS[letter] for letter in word))))


def _with_merged_vowels(said: Pronunciations) -> Pronunciations:
    """Half of the speakers say "off" with the vowel of "father", where the dictionary has that of "law"."""
    return tuple(dict.fromkeys((*said, *(_AW.sub("AA", phones) for phones in said))))
