"""Which words of a sentence say what it is about; pure."""

import re
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORDS: Final = """
a an the this that these those my our your his her its their some any every each all both i me we us you he him
she it they them mine ours yours one ones myself is are am was were be been being do does did done have has had
having will would shall should can could may might must ought where when who whom whose which what why how whats
wheres whos hows in on at of to for from by with about into onto under over behind beside between near inside
outside out up down off around along as than and or but not no nor so if then also too still just please there
here now again ever know knows knew tell told say said remember remembers remembered remind forget forgot think
asked ask mean call called name named keep keeps kept find get got go goes thing things something anything
everything edge hey ok okay well actually really exactly s t m re ve ll d put puts store stored hide hid hidden
place placed
"""
_EMPTY: Final = frozenset(_WORDS.split())
"""Words that stand in any sentence, or in any question to a memory."""
_LAST_RESORT: Final = frozenset({"name", "called"})
"""Words that say something where no others do: "what is my name"."""
_NEGATED: Final = frozenset({"not", "no", "never", "none", "nobody", "nothing", "without", "cannot"})


def one_line(text: str) -> str:
    """The text without line ends and what can't be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def content(text: str) -> tuple[str, ...]:
    """The words that say what a sentence is about, in order, each once: "where is the spare key" is spare, key."""
    said = spelt(text)
    told = dict.fromkeys(word for word in said if word not in _EMPTY)
    return tuple(told) or tuple(dict.fromkeys(word for word in said if word in _LAST_RESORT))


def spelt(text: str) -> list[str]:
    """All words, small, without what apostrophes add: "Sam's" is sam."""
    return [re.split(r"['’]", word)[0] for word in _WORD.findall(text.lower())]


def negated(text: str) -> bool:
    """Whether something is denied in it."""
    said = [word.replace("’", "'") for word in _WORD.findall(text.lower())]
    return any(word in _NEGATED or word.endswith("n't") for word in said)


def query(words: Sequence[str], *, every: bool) -> str:
    """The words as SQLite's full-text search is asked for them: no word can be one of its operators."""
    joint = " AND " if every else " OR "
    return joint.join(f'"{word}"' for word in words)
