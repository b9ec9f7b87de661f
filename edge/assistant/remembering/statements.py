"""What was said to be so: what it is about, what is said of it, and how it is told to whoever said it; pure."""

import re
from dataclasses import dataclass
from typing import Final

from edge.devices.words import listed
from edge.memory.matching import content, spelt

_MOVED: Final = (
    r"(?:is|are|was|were|has|have) (?:been |now )?(?:moved|put|kept|parked|hung|stored|hidden|left|gone) ?(?:to)?"
)
_STANDS: Final = r"(?:lives?|sits?|stands?|hangs?|stays?|belongs?|goes|go|moved to)"
_STATED: Final = tuple(
    re.compile(rf"^(?P<subject>.+?)(?P<copula>{copula}) (?P<rest>.+)$", re.IGNORECASE)
    for copula in (rf" (?:{_MOVED}|{_STANDS}|is|are|was|were)", r"['’](?:s|re)")
)
_PLACES: Final = listed(
    "in, on, at, under, underneath, behind, above, below, beside, by, near, inside, outside, between, next, over, "
    "with, upstairs, downstairs, where, here, there, among, against, around, opposite, off"
)
_UNIQUE: Final = listed(
    "password, code, pin, number, birthday, anniversary, name, address, combination, passcode, passphrase, phone, "
    "email, date, day, time, size, colour, color, height, weight, age, price, shift, appointment, doctor, "
    "dentist, plumber, electrician"
)
"""Of these there is one: what is said last counts."""
_NOW: Final = re.compile(r"\b(?:now|nowadays|from now on|these days|any ?more|any longer|instead)\b,? ?", re.IGNORECASE)

_VALUES: Final = (
    re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE),
    re.compile(
        r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b", re.IGNORECASE
    ),
    re.compile(r"\b\d+(?:[:.]\d+)?(?:st|nd|rd|th|am|pm)?\b", re.IGNORECASE),
)

_YOURS: Final = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "us": "you",
    "our": "your", "ours": "yours", "ourselves": "yourselves", "i'm": "you're", "i've": "you've", "i'd": "you'd",
    "i'll": "you'll", "we're": "you're", "we've": "you've", "we'd": "you'd", "we'll": "you'll", "your": "my",
    "yours": "mine", "you're": "I'm", "you've": "I've", "you'll": "I'll",
}  # fmt: skip
_AFTER_I: Final = {"am": "are", "was": "were"}
_VERBS_OF_YOU: Final = {"are": "am", "were": "was"}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Statement:
    """ "The spare key | is | in the blue drawer"."""

    subject: str
    copula: str
    rest: str

    @property
    def where(self) -> bool:
        """Whether it says where something is."""
        return self.rest.split()[0].lower() in _PLACES or self.copula.lower().endswith(" to")

    @property
    def unique(self) -> bool:
        """Whether of its subject nothing else can be so at the same time: what its password is."""
        return bool(set(spelt(self.subject)[-3:]) & _UNIQUE) and self.copula.lower() in ("is", "are", "'s")

    def replaces(self, other: "Statement") -> bool:
        """Whether what it says takes the place of the other."""
        if frozenset(content(self.subject)) != frozenset(content(other.subject)) or not content(self.subject):
            return False
        return (self.where and other.where) or (self.unique and other.unique and not other.where)


def stated(text: str) -> Statement | None:
    """The parts of a statement; None for what says of nothing how it is."""
    plain = without_now(text).strip(" .!")
    found = next((one for pattern in _STATED if (one := pattern.match(plain)) is not None), None)
    if found is None:
        return None
    subject, copula = found["subject"].strip(" ,"), found["copula"].strip()
    return Statement(subject, copula, found["rest"].strip(" ,")) if subject and found["rest"].strip(" ,") else None


def swapped(text: str, value: str) -> str | None:
    """What was told with another day, month or figure in the place of its own: "actually it's Thursday".

    None where the value is none of these alone, or the text has none or several of its kind.
    """
    bare = re.sub(r"^(?:on|at|in|by) ", "", value.strip(" .!"), flags=re.IGNORECASE)
    kind = next((kind for kind in _VALUES if kind.fullmatch(bare)), None)
    found = list(kind.finditer(text)) if kind is not None else []
    if len(found) != 1:
        return None
    named = bare if bare[:1].isdigit() else bare.capitalize()
    return f"{text[: found[0].start()]}{named}{text[found[0].end() :]}"


def without_now(text: str) -> str:
    """A statement without "now"."""
    return " ".join(_NOW.sub(" ", text).split())


def yours(text: str) -> str:
    """What somebody said of themselves, told to them: "I parked my car" is "you parked your car"."""
    said: list[str] = []
    at, before = 0, ""
    for match in _WORD.finditer(text):
        word = match.group().lower().replace("’", "'")
        following = _WORD.search(text, match.end())
        told = _YOURS.get(word, "")
        if word == "you":
            after = following.group().lower() if following is not None else ""
            told = "I" if after in _VERBS_OF_YOU or (not before and after) else "me"
        elif before == "i" and word in _AFTER_I:
            told = _AFTER_I[word]
        elif before == "you" and word in _VERBS_OF_YOU:
            told = _VERBS_OF_YOU[word]
        said.append(text[at : match.start()] + (told or match.group()))
        at, before = match.end(), word
    return "".join(said) + text[at:]
