"""Short answers to the assistant's own questions: yes, no, which one; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from edge.devices.words import tokens, words


def _set(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


_YES: Final = _set(
    "yes yeah yep yup sure confirm confirmed affirmative ok okay certainly absolutely definitely aye correct"
)
_YES_PHRASES: Final = frozenset(
    {"do it", "do that", "go ahead", "please do", "i am sure", "im sure", "go for it", "carry on", "go on"}
    | {"that is right", "thats right", "that is it", "thats it", "exactly", "of course", "by all means", "go on do it"}
    | {"that is correct", "thats correct", "sounds good"}
)
_NO: Final = _set(
    "no nope nah not dont cancel stop never negative leave forget wait abort wrong none neither without nobody"
)
_FILLERS: Final = _set(
    "please thanks thank you the a an one ones it that this just then in on at of my our i mean meant want"
    " uh um er well so now right to for number edge"
)
_ALL: Final = _set("both all everything every each")
_NONE: Final = _set("none neither")
_REFUSED: Final = _set("no nope nah")
"""Before a pick they turn down what was offered ("no, the other one"); alone they turn down everything."""
_ORDINALS: Final = {
    "first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4,
    "last": -1, "latter": -1,
}  # fmt: skip
_DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_LONGEST: Final = 7
"""Words of a short answer; anything longer is a sentence of its own."""


def verdict(text: str, about: Collection[str] = ()) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else. Doubt is never a yes.

    `about`: the words of the question, which a yes may repeat ("yes, unlock the front door").
    """
    said = words(text)
    if not said or len(said) > _LONGEST:
        return None
    if any(word in _NO for word in said):
        return False
    if " ".join(said) in _YES_PHRASES:
        return True
    if "or" in said or (len(said) > 1 and said[-1] == "right"):
        return None  # "yes or no?" and "yeah, right" are no yes
    rest = [word for word in said if word not in _YES]
    if not rest:
        return True
    if " ".join(word for word in rest if word not in ("please", "thanks", "then")) in _YES_PHRASES:
        return True
    if said[0] in _YES and rest == ["do"]:
        return True
    if said[0] in _YES and all(word in about or word in _FILLERS for word in rest):
        return True
    return None


def assents(text: str) -> bool:
    """Whether a text is a yes and nothing else: no order by itself, whatever is called so."""
    said = words(text)
    return bool(said) and all(word in _YES or word in ("please", "thanks") for word in said)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the things a person may have meant; `names`: its name, aliases, and the place it is in."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """What an answer picked; `again`: it fits several, and which one is still to be asked."""

    ids: tuple[str, ...]
    again: bool = False


def pick(text: str, candidates: Sequence[Candidate]) -> Picked | None:
    """What a short answer picks: nothing for "neither", None where it is no answer to the question."""
    said = words(text)
    if not said or len(said) > _LONGEST:
        return None
    while said and said[0] in _REFUSED:
        said = said[1:]
    if said[:1] == ("not",) and said[1:2] in (("that",), ("this",)):
        # "Not that one, the reading lamp": what is pointed at was never named.
        rest = tuple(word for word in said[2:] if word not in ("one", "but"))
        said = rest if any(word not in _FILLERS for word in rest) else said
    if not said or any(word in _NONE for word in said):
        return Picked(())
    if any(word in _ALL for word in said) and all(word in _ALL or word in _FILLERS or word == "them" for word in said):
        return Picked(tuple(candidate.id for candidate in candidates))
    if said[0] == "not" and (left := _left_over(said[1:], candidates)):
        return Picked(left, again=len(left) > 1)
    content = [word for word in said if word not in _FILLERS]
    matched = _matching(set(tokens(" ".join(content))), candidates)
    if matched:
        return Picked(matched, again=len(matched) > 1)
    chosen = _by_order(said, content, candidates)
    return None if chosen is None else Picked((chosen,))


def _left_over(said: Sequence[str], candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """What is left where some are ruled out: "not the right one"."""
    content = set(tokens(" ".join(word for word in said if word not in _FILLERS)))
    out = _matching(content, candidates)
    return tuple(one.id for one in candidates if one.id not in out) if out else ()


def _matching(content: set[str], candidates: Sequence[Candidate]) -> tuple[str, ...]:
    if not content:
        return ()
    known = {candidate.id: {word for name in candidate.names for word in tokens(name)} for candidate in candidates}
    return tuple(one for one, its in known.items() if content <= its)


def _by_order(said: Sequence[str], content: Sequence[str], candidates: Sequence[Candidate]) -> str | None:
    if not content:
        return candidates[0].id if "one" in said and len(candidates) == 1 else None
    if len(content) > 1:
        return None
    word = _DIGITS.get(content[0], content[0])
    place = _ORDINALS.get(word, int(word) - 1 if word.isdecimal() and word.isascii() else None)
    if place is None or not -1 <= place < len(candidates) or (word == "0"):
        return None
    return candidates[place].id
