"""What happens to a sentence between a mouth and a keyboard: names called, fillers, slips, typing errors, misheard words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from edge.router.text import split_words

_CALLS: Final = (
    "hey", "ok", "okay", "alexa", "hey alexa", "siri", "hey siri", "google", "hey google", "ok google", "computer", "olly",
    "hey olly", "jarvis", "hey jarvis", "hey mycroft", "cortana", "bixby", "robot", "hey robot", "assistant", "hey there",
    "hello", "hi", "listen", "house", "dear", "buddy", "hey buddy", "yo", "excuse me", "edge", "hey edge", "nabu",
    "okay nabu", "hal", "friday", "hey computer", "ava", "rhasspy", "max", "sam", "so", "um", "uh", "well", "alright", "oh",
    "hey house", "oi", "now", "sweetie", "pal", "lola", "hey lola", "genie",
)  # fmt: skip
_BEFORE: Final = (
    "please", "could you", "can you", "can you please", "could you please", "would you", "would you please", "will you",
    "i want you to", "i need you to", "i'd like you to", "go ahead and", "just", "kindly", "quickly", "please can you",
    "would you mind to", "can u", "you can", "let's", "i would like you to", "you need to", "please do", "be so kind and",
    "do me a favour and", "i want to", "you should", "time to", "why don't you", "is it possible to", "help me",
    "now please", "feel free to", "i wish you would", "could you maybe", "hey can you",
)  # fmt: skip
_AFTER: Final = (
    "please", "thanks", "thank you", "now", "right now", "for me", "would you", "will you", "okay", "ok", "if you can",
    "pls", "immediately", "already", "alexa", "google", "at once", "real quick", "if possible", "quickly", "will ya", "mate",
    "olly", "can you", "asap", "this instant", "thank you very much", "please thank you", "my dear", "siri", "computer",
)  # fmt: skip
_CORRECTIONS: Final = (
    "no wait",
    "no",
    "sorry",
    "i mean",
    "actually",
    "wait no",
    "no no",
    "er",
    "scratch that",
    "no sorry i mean",
    "hang on",
    "or rather",
)
_IMPERATIVE: Final = frozenset(
    ["turn", "switch", "set", "make", "put", "dim", "brighten", "open", "close", "shut", "lock", "unlock", "start", "stop", "pause", "play", "raise", "lower", "increase", "decrease", "reduce", "change", "cancel", "add", "remove", "delete", "mute", "unmute", "arm", "disarm", "activate", "run", "press", "skip", "resume", "continue", "vacuum", "clean", "mow", "send", "create", "give", "shut", "kill", "power", "get", "brew", "cut", "bring", "toggle", "remind", "wake", "announce", "broadcast", "snooze", "lift", "draw", "pull", "adjust", "move", "let", "show", "tell", "check"]
)  # fmt: skip
_CONFUSIONS: Final = {
    "lights": ("light", "lice", "likes", "lites", "nights"), "light": ("lights", "like", "lite", "right", "night", "lied"),
    "lamp": ("lamb", "lamps", "damp", "land"), "off": ("of", "oft", "of the"), "on": ("an", "own", "in", "one"),
    "to": ("two", "too", "the"), "two": ("to", "too"), "four": ("for", "fore"), "for": ("four", "four"), "eight": ("ate",),
    "one": ("won", "wan"), "blinds": ("blind", "blends", "lines", "finds"), "the": ("a", "da", "de", "this", ""),
    "kitchen": ("kitten", "chicken", "kitchens"), "hall": ("hole", "haul", "all"), "room": ("rum", "rooms", "roam"),
    "bedroom": ("bad room", "bed room", "bedrooms"), "bathroom": ("bath room", "batroom"), "living": ("leaving", "livin"),
    "fan": ("van", "fun", "fans", "fen"), "door": ("dor", "doors", "floor", "dough"), "dim": ("deem", "dem", "tim", "gym"),
    "set": ("said", "sat", "sit", "get"), "turn": ("turned", "torn", "tern", "term", "turns"), "close": ("clothes", "closed", "clause"),
    "open": ("opened", "opens", "oben"), "lock": ("look", "log", "locked", "luck"), "unlock": ("on lock", "unlocked"),
    "heating": ("eating", "heeding", "heat in"), "heat": ("eat", "heed", "hit"), "volume": ("volumes", "column"), "mute": ("mewt", "newt", "muted"),
    "pause": ("paws", "pores", "pass"), "timer": ("time", "timers", "time are"), "minutes": ("minute", "minuets", "minus"),
    "percent": ("per cent", "present", "person", "%"), "degrees": ("degree", "decrease", "the grease"), "vacuum": ("vacume", "vaccum", "back you"),
    "shutters": ("shudders", "shutter"), "curtains": ("curtain", "certain", "curtins"), "garage": ("garbage", "garages"), "lower": ("lore", "low", "lowers"),
    "raise": ("rays", "race"), "in": ("and", "on", "an", ""), "and": ("in", "an", "end"), "is": ("his", "its", "as"), "are": ("our", "a", "or"),
    "blue": ("blew",), "red": ("read", "bread"), "green": ("grain", "screen"), "white": ("wide", "why"), "half": ("have", "calf"),
    "brightness": ("bright ness", "rightness"), "bright": ("right", "brite"), "what": ("what's", "watt", "white"), "my": ("mine", "by", "i"),
    "office": ("offices", "of this"), "study": ("steady",), "lounge": ("launch", "lunch"), "stairs": ("stares",), "upstairs": ("up stairs",),
    "downstairs": ("down stairs",), "tv": ("t v", "teevee", "tb"), "coffee": ("copy", "coffey", "cofee"), "speaker": ("speakers", "speeker"),
    "please": ("pleas", "police", "plz", "pls"), "you": ("u", "ya"), "alarm": ("a larm", "alarms", "arm"), "music": ("musics", "musik"),
    "thermostat": ("thermo stat", "thermostats"), "plug": ("plugs", "plague", "black"), "switch": ("which", "swich"), "stop": ("stopped", "top"),
    "up": ("op", "app"), "down": ("town", "dawn"), "all": ("or", "awl", "or the"), "colour": ("color", "caller"), "color": ("colour", "collar", "caller"),
    "increase": ("in crease", "increased"), "decrease": ("degrees", "the crease"), "house": ("home", "how's"), "now": ("no", "know"),
    "start": ("star", "started", "dart"), "temperature": ("temp", "temperatures", "temperatur"), "make": ("may", "makes", "bake"),
    "window": ("windows", "widow"), "windows": ("window", "widows"), "shopping": ("chopping", "shoppin"), "list": ("lest", "lists", "missed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labelled:
    """A call over the words of a sentence: `tags[i]` is "B-slot", "I-slot" or "" for word i, `segment` the words it is said with."""

    function: str
    tags: tuple[str, ...]
    segment: tuple[int, int]

    def spans(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """(slot, text) of each span that is copied from the sentence of these words."""
        copied: list[tuple[str, list[str]]] = []
        for tag, word in zip(self.tags, words, strict=True):
            if tag.startswith("B"):
                copied.append((tag[2:], [word]))
            elif tag.startswith("I") and copied:
                copied[-1][1].append(word)
        return [(slot, " ".join(said)) for slot, said in copied]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence as words, and the calls it stands for in order of speaking."""

    words: tuple[str, ...]
    calls: tuple[Labelled, ...]
    family: str
    noisy: bool = False


def plain(text: str) -> tuple[str, ...]:
    """The words of a text as the router splits them."""
    return tuple(word.text for word in split_words(text))


def insert(example: Example, at: int, words: tuple[str, ...]) -> Example:
    """The example with unlabelled words put in before word `at` (never inside a span)."""
    if not words:
        return example

    def widened(call: Labelled) -> Labelled:
        first, last = call.segment
        segment = (first + (len(words) if at <= first else 0), last + (len(words) if at < last else 0))
        return replace(call, tags=call.tags[:at] + ("",) * len(words) + call.tags[at:], segment=segment)

    return replace(
        example, words=example.words[:at] + words + example.words[at:], calls=tuple(map(widened, example.calls))
    )


def substitute(example: Example, at: int, words: tuple[str, ...]) -> Example:
    """The example with word `at` replaced by other words (none: deleted), spans kept whole."""

    def changed(call: Labelled) -> Labelled:
        tag, tags = call.tags[at], list(call.tags)
        inner = f"I{tag[1:]}" if tag else ""
        tags[at : at + 1] = [tag if i == 0 else inner for i in range(len(words))]
        if not words and tag.startswith("B") and at < len(tags) and tags[at] == inner:
            tags[at] = tag
        first, last = call.segment
        shift = len(words) - 1
        return replace(
            call, tags=tuple(tags), segment=(first + (shift if at < first else 0), last + (shift if at < last else 0))
        )

    return replace(
        example, words=example.words[:at] + words + example.words[at + 1 :], calls=tuple(map(changed, example.calls))
    )


def dressed(example: Example, random: Random) -> Example:
    """With a name called before it, "could you please", "thanks", a self-correction: what every kind of sentence may wear."""
    if random.random() < 0.10 and example.words and example.words[0] in _IMPERATIVE:
        example = insert(example, 0, plain(random.choice(_BEFORE)))
    if random.random() < 0.04:
        example = _corrected(example, random)
    if random.random() < 0.14:
        example = insert(example, 0, plain(random.choice(_CALLS)))
    if random.random() < 0.09:
        example = insert(example, len(example.words), plain(random.choice(_AFTER)))
    return example


def _corrected(example: Example, random: Random) -> Example:
    cut = random.randint(1, max(1, min(4, len(example.words) - 1)))
    return insert(example, 0, (*example.words[:cut], *plain(random.choice(_CORRECTIONS))))


def misheard(example: Example, random: Random, rate: float) -> Example:
    """With about `rate` of its words wrong, as a small recogniser gets them wrong: similar ones, lost ones, added ones."""
    for at in range(len(example.words) - 1, -1, -1):
        if random.random() >= rate or len(example.words) < 2:
            continue
        word = example.words[at]
        spanned = any(call.tags[at] for call in example.calls)
        alone = any(call.tags[at].startswith("B") and not call.tags[at + 1 : at + 2][0:1] for call in example.calls)
        roll = random.random()
        if word in _CONFUSIONS and roll < 0.65:
            similar = plain(random.choice(_CONFUSIONS[word]))
            if similar or not spanned:
                example = substitute(example, at, similar)
        elif roll < 0.78 and not spanned:
            example = substitute(example, at, ())
        elif roll < 0.85 and not spanned:
            example = insert(example, at, (random.choice(("the", "a", "uh", "um", "in", "and", "of", "it", "to")),))
        elif not alone or roll < 0.97:
            example = substitute(example, at, (_bent(word, random),))
    return replace(example, noisy=True)


def mistyped(example: Example, random: Random) -> Example:
    """With a typing error or two, and apostrophes left out."""
    for _ in range(random.choice((1, 1, 2))):
        at = random.randrange(len(example.words))
        if len(example.words[at]) > 3 and example.words[at].isalpha():
            example = substitute(example, at, (_typo(example.words[at], random),))
        elif "'" in example.words[at]:
            example = substitute(example, at, (example.words[at].replace("'", ""),))
    return replace(example, noisy=True)


def _typo(word: str, random: Random) -> str:
    at = random.randrange(len(word) - 1)
    return random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
            word[:at] + random.choice("aeioustrnl") + word[at + 1 :],
        )
    )


_SOUNDS: Final = (
    ("th", "d"),
    ("ch", "sh"),
    ("v", "b"),
    ("s", "z"),
    ("t", "d"),
    ("p", "b"),
    ("k", "g"),
    ("ee", "i"),
    ("oo", "u"),
    ("a", "e"),
    ("m", "n"),
    ("l", "r"),
)


def _bent(word: str, random: Random) -> str:
    if len(word) < 3 or any(char.isdigit() for char in word):
        return word
    first, second = random.choice(_SOUNDS)
    if first in word:
        return word.replace(first, second, 1)
    if second in word:
        return word.replace(second, first, 1)
    return word[:-1].rstrip("'") if word.endswith("s") else word + "s"
