"""Reads a noun phrase: "all my kitchen lamps" is every, plural, "kitchen lamp"."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from edge.devices.nouns import NOUN_WORDS, NOUNS, Kind
from edge.devices.words import MAX_WORDS, distance, fold, fold_all, listed, sound, words

_EVERY: Final = listed("all, every, each, everything, both, any, anything, whole, entire")
_COUNTS: Final = listed("two, three, four, five, six, 2, 3, 4, 5, 6")
"""Numbers before a plural that are no name's."""
_PORTIONS: Final = listed("cup, pot, mug, couple, pair, bit, set, rest, lot, glass")
_ATTRIBUTES: Final = listed(
    "volume, brightness, temperature, speed, colour, color, level, position, humidity, intensity"
)
"""What is set on a device, said with it: "the lamp's brightness", "the volume of the TV"."""
_LEADING: Final = listed(
    "the, my, our, your, his, her, their, of, a, an, some, these, those, this, that, please, single, one"
)
_THINGS: Final = listed(
    ", device, appliance, thing, electronic, stuff, electric, them, it, lot, else, it all, gadget, electrical "
    "device, electronic device, smart device, everything"
)
_PRONOUNS: Final = listed("it, them, that, this, one, these, those, the one, ones, thing, him, her")
_MASS: Final = listed(
    "light, lighting, heating, heat, central heating, underfloor heating, cooling, air conditioning, ventilation, "
    "music, sound, audio, security, irrigation"
)
"""Nouns whose singular means as many as there are in a room."""

JOINTS: Final = listed("in, of, on, at, from, inside, the, for")
RELATIONS: Final = JOINTS | listed("by, near, over, under, above, below, behind, next, to, beside, corner, with, a")
VAGUE: Final = listed(
    "main, big, smart, electric, room, house, home, bloody, damn, stupid, number, device, ceiling, overhead, other, "
    "automatic, current, philip, philips, hue, wemo, lifx, ikea, tradfri, wifi, zigbee, sonos, google, alexa, nest, "
    "color, colour, colored, coloured, rgb, normal, regular, actual, whole, led, mood, ambient"
)
"""Words before a noun that single nothing out where only one device can be meant."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a noun phrase says besides its words."""

    said: tuple[str, ...]
    """Folded words without determiners and quantifiers."""
    written: tuple[str, ...]
    """The same words as they were written."""
    every: bool = False
    plural: bool = False

    @property
    def everything(self) -> bool:
        """Whether it is "everything", "all of them", "every device"."""
        return self.every and " ".join(self.said) in _THINGS

    @property
    def pronoun(self) -> bool:
        """Whether it is "it", "them", "that one": a word for what was meant before."""
        return not self.every and " ".join(self.said) in _PRONOUNS


def read(text: str) -> Phrase:
    """A phrase without what stands before the noun; its words are all kept where nothing else is left."""
    written = words(text)
    at, every = 0, False
    while at < len(written) and (written[at] in _EVERY or written[at] in _LEADING):
        every = every or written[at] in _EVERY
        at += 1
    if at + 1 < len(written) and written[at] in _COUNTS and fold(written[-1]) != written[-1]:
        at, every = at + 1, True
    if written[at + 1 : at + 2] == ("of",) and written[at] in _PORTIONS:
        at += 2
    rest = written[at:] if at < len(written) or every else written
    if rest[:1] == ("other",) and len(rest) > 1:
        rest = rest[1:]
    last = next((word for word in reversed(rest) if word.isalpha()), "")
    return Phrase(fold_all(rest), rest, every, plural=fold(last) != last)


def without_attribute(text: str) -> str:
    """A phrase without what is set on the device it names; empty when it names none."""
    said = text.split()[:MAX_WORDS]
    while said and fold(_bare(said[-1])) in _ATTRIBUTES:
        said.pop()
    start = next((at + 2 for at in range(len(said) - 1) if _opens(said, at)), 0)
    kept = " ".join(said[start:]).removesuffix("'s").removesuffix("’s")
    return "" if " ".join(words(kept)) in _LEADING else kept


def _bare(word: str) -> str:
    return word.lower().strip(".,!?'’")


def _opens(said: list[str], at: int) -> bool:
    """Whether "brightness of" stands here, at the front of the phrase."""
    return at < 2 and fold(_bare(said[at])) in _ATTRIBUTES and _bare(said[at + 1]) in {"of", "in", "on", "for"}


@dataclass(frozen=True, slots=True)
class Noun:
    """The common noun that words end in, with the words before it."""

    before: tuple[str, ...]
    noun: tuple[str, ...]
    kinds: tuple[Kind, ...]

    @property
    def mass(self) -> bool:
        """Whether its singular may mean several devices."""
        return " ".join(self.noun) in _MASS

    @property
    def pervasive(self) -> bool:
        """Whether its singular may mean what is spread over the whole home: "the heating"."""
        return self.mass and self.noun[-1] not in {"light", "lighting"}

    @property
    def generic(self) -> bool:
        """Whether it says no more than the domain: a device need not bear it in its name."""
        return " ".join(self.noun) in _MASS


def read_noun(said: tuple[str, ...]) -> Noun | None:
    """The longest common noun at the end of a phrase."""
    for size in range(min(NOUN_WORDS, len(said)), 0, -1):
        kinds = NOUNS.get(said[len(said) - size :])
        if kinds is not None:
            return Noun(said[: len(said) - size], said[len(said) - size :], kinds)
    return None


def nouns_like(word: str) -> tuple[str, ...]:
    """The common nouns that a misheard or misspelt word may be: "lite", "lihgt", "blynds"; none for a noun."""
    if (word,) in NOUNS or len(word) < 3:
        return ()
    sounding = [noun for noun in _single_nouns().get(sound(word), ()) if _vowel(noun) == _vowel(word)]
    if sounding or len(word) < 4:
        return tuple(sounding)
    nouns = {noun for group in _single_nouns().values() for noun in group if noun[0] == word[0] and len(noun) > 3}
    return tuple(sorted(noun for noun in nouns if distance(word, noun, 1) == 1))


@cache
def _single_nouns() -> dict[str, tuple[str, ...]]:
    """Nouns of one word by their sound."""
    nouns: dict[str, tuple[str, ...]] = {}
    for noun in NOUNS:
        if len(noun) == 1 and len(noun[0]) > 2:
            nouns[sound(noun[0])] = (*nouns.get(sound(noun[0]), ()), noun[0])
    return nouns


def _vowel(word: str) -> str:
    return next((letter for letter in word.replace("y", "i") if letter in "aeiou"), "")
