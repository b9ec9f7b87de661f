"""Where a sentence may part into what must happen and what is to be done then; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LEADS: Final = (
    r"(?:when(?:ever)?|if|once|as soon as|every time|each time|any time|anytime|the moment|the minute|"
    r"(?:the )?next time|in case|should)"
)
_STARTS: Final = re.compile(rf"^(?:and |so |then )?(?:{_LEADS}|after|unless|only if)\b(?: that)? ", re.IGNORECASE)
_LATER: Final = re.compile(
    rf"(?:,? |, )(?P<lead>{_LEADS}|but only if|only if|but only when|only when|unless) ", re.IGNORECASE
)
_VERBS: Final = re.compile(
    r"\b(?:turn|switch|open|close|lock|start|stop|set|dim|brighten|tell|let|say|send|play|pause|announce|warn|make|put|"
    r"shut|run|activate|lower|raise|mute|unmute|flash|arm|unlock|bring|change|increase|decrease|vacuum|dock|roll|draw|"
    r"pull|give|ring|notify|alert|wait|stop|resume|skip|cut|kill|light|water|heat|cool|crank|drop|shout|message)\b",
    re.IGNORECASE,
)
_SPEAK: Final = (
    r"(?:tell|warn|alert|notify|inform|message|remind|ping|text) (?:me|us|everyone|everybody|the family)"
    r"|let (?:me|us|everyone|everybody) know|give (?:me|us) a (?:shout|warning|call|heads up|ping|nudge|sign)"
    r"|send (?:me|us) (?:a message|a notification|an alert)|say so|shout"
)
_WORDS_OF: Final = r"(?:say(?: that| to (?:me|us|everyone))?|announce(?: that)?)"
_SPOKEN: Final = re.compile(
    rf"(?P<joint>^|,? ?\b(?:and|then)\b(?: then| also)? ?|, )(?:(?:{_SPEAK})(?: about (?:it|that)| so| of it)?"
    rf"(?:,? ?(?:that |it says |saying |with )?(?P<told>(?!and\b|then\b)[^,]+?))?|{_WORDS_OF} (?P<said>[^,]+?))"
    r"(?=$|,? ?\band\b|,? ?\bthen\b|, )",
    re.IGNORECASE,
)
_AFRESH: Final = r"(?:start|begin)(?: counting| the count| the clock| the time)? (?:over|again|afresh|anew)"
_OVER_AGAIN: Final = re.compile(rf",? (?:and )?(?:{_AFRESH}|restart)\b.*$", re.IGNORECASE)
_BARE: Final = "come|go|get|stay|open|close|drop|fall|rise|climb|start|stop|turn|be"
_SHOULD: Final = re.compile(rf"^should (?P<who>.+?) (?P<verb>{_BARE})\b", re.IGNORECASE)
_HAS: Final = re.compile(r"(?<=\w)['’]s(?= (?:been|gone|run|had|got)\b)")
_GONE: Final = re.compile(r" and (?:it['’]s|it is|it has) (?:already )?(?:gone|past|after|later than) ", re.IGNORECASE)
_LEADING: Final = re.compile(rf"\b{_LEADS}\b", re.IGNORECASE)
_DARK: Final = re.compile(
    r",? (?:and |but )?(?:only )?(?:if|when|while|as long as|provided) it(?:['’]s| is) (?:already )?"
    r"(?:after dark|dark(?: outside| out)?|night(?:time)?|after sunset)\b",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"(?:and|or|but|while|after(?! [\w ]*(?:seconds?|minutes?|hours?|while)\b)) ", re.IGNORECASE
)
"""How what was taken for the orders begins where the condition has not ended."""
_UNTIL: Final = re.compile(r",? ?\b(?:until|till)\b (?P<end>[^,]+?)(?=$|, |,? and\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parted:
    """What must happen, without its "when", and what is to be done, as they were said."""

    condition: str
    orders: str
    only_if: bool = False
    """Whether it was said as something that must be so besides ("but only if …")."""
    negated: bool = False
    """ "unless"."""
    at: str = ""
    """A time that was said before the condition: "at ten, if …"."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Orders without what is to be said, and that: empty words where only that something happened is to be told."""

    orders: str
    say: str | None = None
    word_for_word: bool = False
    """Whether it was given as words to be said: "say dinner is ready"."""


def parted(text: str, told: str = "") -> Iterator[Parted]:
    """Every way to part a sentence, the likeliest first; `told`: what the router took for the condition."""
    text = _GONE.sub(" after ", text)
    text = _DARK.sub(" after dark", text) if len(_LEADING.findall(text)) > 1 else text
    text = _OVER_AGAIN.sub("", _HAS.sub(" has", text)).strip(" .!?")
    told = _HAS.sub(" has", told)
    if (should := _SHOULD.match(text)) is not None:
        said = should["verb"].lower()
        does = {"be": "is", "go": "goes"}.get(said, f"{said}s")
        text = f"if {should['who']} {does}{text[should.end() :]}"
    if told and told in text:
        orders = re.sub(r"\s+", " ", text.replace(told, " ")).strip(" ,")
        if not _GOES_ON.match(orders):
            yield from _at_that_time(_bare(told), orders)
            yield Parted(_bare(told), orders, negated=told.lower().startswith("unless "))
        if (both := _TIME_AND.match(told)) is not None:
            yield Parted(_bare(both["condition"]), orders, at=both["at"])
    if (start := _STARTS.match(text)) is not None:
        rest = text[start.end() :]
        for comma in re.finditer(r",| then ", rest):
            yield from _at_that_time(rest[: comma.start()].strip(), _then(rest[comma.end() :]))
            yield Parted(rest[: comma.start()].strip(), _then(rest[comma.end() :]))
        for verb in _VERBS.finditer(rest):
            if verb.start():
                yield from _at_that_time(rest[: verb.start()].strip(" ,"), _then(rest[verb.start() :]))
                yield Parted(rest[: verb.start()].strip(" ,"), _then(rest[verb.start() :]))
    for later in _LATER.finditer(text):
        lead = later["lead"].lower()
        yield Parted(
            text[later.end() :].strip(), text[: later.start()].strip(" ,"),
            only_if="only" in lead, negated=lead == "unless",
        )  # fmt: skip


_TIME_AND: Final = re.compile(rf"^(?P<at>(?:at|every|on|in)\b[^,]*?),? (?P<condition>{_LEADS} .+)$", re.IGNORECASE)


_STILL: Final = re.compile(
    r"^(?P<so>.+?(?:\b(?:is|are)|['’]s)(?: still)? .+?) (?P<at>at (?!home\b|all\b|work\b)\S.*)$", re.IGNORECASE
)


def _at_that_time(condition: str, orders: str) -> Iterator[Parted]:
    """ "the radio is still on at midnight": looked at then."""
    if (found := _STILL.match(condition)) is not None:
        yield Parted(re.sub(r"\bstill ", "", found["so"]), orders, at=f"every day {found['at']}")


def _bare(text: str) -> str:
    return _STARTS.sub("", text.strip(" ,")).strip()


def _then(text: str) -> str:
    return re.sub(r"^(?:then|please|and|could you|can you|i want you to|you should)\b ?", "", text.strip(" ,")).strip()


def spoken(orders: str) -> Spoken:
    """What is to be said, taken out of the orders."""
    found = _SPOKEN.search(orders)
    if found is None:
        return Spoken(orders)
    rest = re.sub(
        r"^(?:and|then)\b ?|\s*(?:,|\band\b|\bthen\b)$",
        "",
        f"{orders[: found.start()]} {orders[found.end() :]}".strip(),
    )
    said = (found["said"] or found["told"] or "").strip()
    return Spoken(rest.strip(" ,"), re.sub(r"^that ", "", said), bool(found["said"]))


def leads(text: str) -> int:
    """How many "when" and "if" there are."""
    return sum(found.lower() != "should" for found in _LEADING.findall(text))


def ordered(orders: str) -> bool:
    """Whether that begins as an order."""
    return _VERBS.match(orders.strip()) is not None


def until(orders: str) -> tuple[str, str]:
    """The orders without "until …", and what followed it; empty where nothing did."""
    found = _UNTIL.search(orders)
    return (orders, "") if found is None else (orders[: found.start()] + orders[found.end() :], found["end"])
