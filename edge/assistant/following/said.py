"""A sentence that goes on from another, without what only says that it does; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Said:
    """What is left of a sentence, in small letters, and what the words around it told."""

    core: str
    also: bool = False
    """Something is added to what was done: "and", "too"."""
    corrects: bool = False
    """What was done, or understood, was wrong: "no", "I meant"."""
    again: bool = False
    polite: bool = False
    now: bool = False
    """At once, whatever the time of what it goes on from."""


_ALSO: Final = ("and", "also", "plus", "and also", "then also")
_WRONG: Final = (
    *("no", "nope", "sorry", "oops", "whoops", "actually", "wrong one", "not that one", "not that", "not those"),
    *("i meant", "i mean", "i said", "on second thoughts", "on second thought", "wait", "hang on", "hold on", "rather"),
    *("that is wrong", "that's wrong", "wrong", "that was wrong", "oh no", "better", "make that", "i wanted", "i want"),
    *("that's not right", "that is not right", "not that one i meant"),
)
_PLAIN: Final = (
    *("ok", "okay", "right", "oh", "ah", "well", "so", "now", "then", "hmm", "hm", "um", "uh", "er", "erm", "but"),
    *(
        "all right",
        "alright",
        "hey",
        "just",
        "only",
        "please",
        "yes",
        "yeah",
        "could you",
        "can you",
        "would you",
        "will you",
        "thanks",
        "thank you",
        "cheers",
        "ta",
        "hello",
        "hi",
        "hiya",
        "good morning",
        "good afternoon",
        "good evening",
    ),
    *("you can", "you could", "you may", "you may as well", "you might as well", "go on and", "could you please"),
    *("can you please", "i think", "i'd like you to", "i want you to", "i need you to", "could you also"),
)
_ALSO_LAST: Final = ("too", "as well", "also", "the same way")
_AGAIN_LAST: Final = ("again", "once more", "one more time")
_PLAIN_LAST: Final = (
    *(
        "please",
        "then",
        "now",
        "for now",
        "instead",
        "though",
        "thanks",
        "thank you",
        "cheers",
        "would you",
        "will you",
    ),
    *(
        "could you",
        "can you",
        "for me",
        "meanwhile",
        "altogether",
        "if you can",
        "right now",
        "would ya",
        "straight away",
    ),
    *("a moment", "for a moment", "for a bit", "for a second", "a second", "after all", "mate", "love", "darling"),
)
_LEADS: Final = {
    **dict.fromkeys(_PLAIN, ""),
    "now": "now",
    **dict.fromkeys(_ALSO, "also"),
    **dict.fromkeys(_WRONG, "corrects"),
}
_TRAILS: Final = {
    **dict.fromkeys(_PLAIN_LAST, ""),
    **dict.fromkeys(_ALSO_LAST, "also"),
    **dict.fromkeys(_AGAIN_LAST, "again"),
    **dict.fromkeys(("instead", "actually", "i meant", "i mean", "rather", "sorry", "not that one"), "corrects"),
    **dict.fromkeys(("now", "right now", "straight away", "at once"), "now"),
}
_NOTHING: Final = frozenset({"one", "ones", "it", "that", "this"})
"""What is no sentence once the rest has fallen away."""
_ASIDE: Final = re.compile(
    r"(?:^|\b)(?:it'?s|it is|that'?s|that is|that was|i'?m|i am|i'?ve|i have to|i was|we'?re|we are|we have|someone|"
    r"somebody|everyone|everybody|because|since|in case|so that|the kids|he|she|they'?re|there'?s|too)\b"
)
"""Begins a clause that says why."""
_CONTRACTED: Final = re.compile(
    r"\b(?:(that|it|what|how|there|where|when|who)(s)|(i)(m|ve)|(they|we|you)(re)|(do|is|are|was|does|did|ca|wo)(nt))\b"
    r"(?<!\bwere)"
)
"""What hurried people and ears write without its apostrophe."""
_CONDITION: Final = re.compile(
    r"(?:if|whenever|unless|once|every time|as soon as|when (?!is\b|was\b|are\b|did\b|does\b|do\b|will\b))"
)
_LONGEST: Final = 16
_MOST: Final = max(len(one.split()) for one in (*_LEADS, *_TRAILS))
"""Words of the longest phrase."""


@lru_cache(maxsize=16)
def said(text: str) -> Said | None:
    """None where the sentence is too long to go on from anything, or makes a condition."""
    text = _CONTRACTED.sub(_with_apostrophe, text.casefold().replace("’", "'"))
    text = text.replace("what time's", "what time is")
    small = " ".join(re.sub(r"[“”\"!?.;:]+(?=\s|$)", " , ", text).split())
    clauses = [clause.strip() for clause in re.split(r"\s*,\s*", small) if clause.strip()]
    while len(clauses) > 1 and _ASIDE.match(clauses[-1]) and not _corrects(clauses[-1]):
        clauses.pop()
    while len(clauses) > 1 and _ASIDE.match(clauses[0]):
        clauses.pop(0)
    core = " ".join(clauses)
    core = re.sub(r"\s+(?:in case|because|so that)\s.*$", "", core)
    if not core or len(core.split()) > _LONGEST or _CONDITION.match(core):
        return None
    flags: set[str] = set()
    core = _stripped(core, _LEADS, flags, first=True)
    core = _stripped(core, _TRAILS, flags, first=False)
    return Said(core, "also" in flags, "corrects" in flags, "again" in flags, "polite" in flags, "now" in flags)


def as_spelt(part: str, text: str) -> str:
    """A part of the core as it stands in the text it was taken from; as it is where it does not stand there in one."""
    at = text.casefold().rfind(part) if len(text) == len(text.casefold()) else -1
    return text[at : at + len(part)] if at >= 0 else part


def _with_apostrophe(found: "re.Match[str]") -> str:
    word, end = (part for part in found.groups() if part)
    return f"{word}n't" if end == "nt" else f"{word}'{end}"


def _stripped(core: str, phrases: Mapping[str, str], flags: set[str], *, first: bool) -> str:
    """Without the phrases at one end, of which each may raise a flag."""
    while (found := _longest(core, phrases, first=first)) and not (first and core[len(found) :].strip() in _NOTHING):
        core = (core[len(found) :] if first else core[: -len(found)]).strip()
        flags.add(phrases[found])
        if "please" in found:
            flags.add("polite")
    return core


def _corrects(clause: str) -> bool:
    return _LEADS.get(_longest(clause, _LEADS, first=True)) == "corrects"


def _longest(core: str, phrases: Mapping[str, str], *, first: bool) -> str:
    """The longest of the phrases that the words begin or end with, and are more than."""
    said = core.split(" ")
    for size in range(min(_MOST, len(said) - 1), 0, -1):
        one = " ".join(said[:size] if first else said[-size:])
        if one in phrases:
            return one
    return ""
