"""Orders that leave out what they are for, written out: "turn it off", "a bit dimmer", "back to nineteen"; pure."""

import re
from dataclasses import dataclass
from typing import Final

from edge.assistant.following.referents import ONE, SEVERAL

THING: Final = "{thing}"
"""Stands for the device in a sentence that is written out."""

_NAMED: Final = (
    r"the (?:other|others|(?:[\w']+ )?(?:other )?ones?)"
    r"(?: (?:in|on|at) (?:here|there|(?:the|my) [\w']+(?: room)?))?|the rest|(?:left|right|first|second|last|other) one"
)
_PRONOUN: Final = rf"(?P<thing>{SEVERAL}|{_NAMED}|{ONE})"
_VERB: Final = (
    r"(?P<verb>turn|switch|put|set|make|dim|brighten|open|close|shut|lock|unlock|start|stop|pause|play|resume|mute|"
    r"unmute|lower|raise|increase|decrease|reduce|run|get|bring|change|move|send|have|flip|kill|cut|crank|tone|take|"
    r"warm|cool|heat|activate|deactivate|disable|enable|toggle|wind|roll|pull|let|knock|slow|speed)"
)
_PARTICLE: Final = r"(?: (?P<particle>on|off|up|down|out|back|open))?"
_ORDER: Final = re.compile(rf"{_VERB}{_PARTICLE} {_PRONOUN}(?P<rest>(?: .*)?)")
_WITH: Final = re.compile(rf"(?P<particle>on|off|up|down|out) with {_PRONOUN}(?P<rest>(?: .*)?)")
UNIT: Final = "{unit}"
"""Stands for what a device's level is counted in."""
_RAISED: Final = re.compile(rf"{_PRONOUN} (?:back )?(?:to|at) (?P<value>.+)")
_VERY: Final = re.compile(
    r" (?P<very>(?:really|very|super|nice and|as|pretty|quite|all) )*(?P<how>dim|dark|low|bright|loud|quiet)"
    r"(?: as (?:possible|it goes|you can))?"
)
_VALUES: Final = {
    "dim": (20, 10),
    "dark": (20, 10),
    "low": (25, 10),
    "bright": (80, 100),
    "loud": (80, 100),
    "quiet": (20, 10),
}
"""What such a word is in percent, and what it is at its strongest."""
_STATED: Final = re.compile(rf"{_PRONOUN}(?: back)? (?P<state>on|off|out|up|down|open|closed|shut)(?P<rest>(?: .*)?)")
_LEFT: Final = re.compile(
    rf"(?:leave|keep|let|have) {_PRONOUN}(?: (?P<state>on|off|open|closed|shut|running|run|going|playing|play|lit))"
    r"(?P<rest> (?:for|until|till) .+)"
)
_LONG: Final = re.compile(
    r"(?P<how>how long|since when) (?P<have>has|have|is|are) (?P<thing>it|they|that|those) (?P<been>been )?"
    r"(?P<rest>(?:on|off|open|closed|shut|locked|unlocked|running|playing|like that)\b.*)"
)
_WHEN: Final = re.compile(
    r"(?:when|what time) (?P<did>did|was) (?P<thing>it|they|that) (?:last )?"
    r"(?P<rest>(?:turn(?:ed)?|switch(?:ed)?|go|come|open(?:ed)?|close(?:d)?|shut|lock(?:ed)?|unlock(?:ed)?|start|stop)\b.*)"
)
_WHY: Final = re.compile(
    r"(?:why|how come) (?P<aux>is|are|did|was|were|has|have) (?P<thing>it|they|that|those) (?P<rest>.+)"
)
_WHO: Final = re.compile(
    r"(?P<who>who|what) (?P<verb>(?:turned|switched|put|set|opened|closed|shut|locked|unlocked)(?: on| off)?) "
    r"(?P<thing>it|them|that|those)(?P<rest>(?: .+)?)"
)
_ASKED: Final = re.compile(
    r"(?:is|are|was|were) (?P<thing>it|they|that one|that|those|both of them|both) "
    r"(?P<rest>(?:still |really |now |already )*(?:on|off|open|closed|shut|locked|unlocked|running|playing)\b.*)"
)
_HOW: Final = re.compile(
    r"how (?P<what>bright|loud|high|fast|far open) (?:is|are) (?P<thing>it|they|that|those)\b(?P<rest>.*)"
)
_SET_TO: Final = re.compile(r"what(?:'s| is| are|'re) (?P<thing>it|they|that) (?:set (?:to|at)|at|on)(?P<rest>)")
_DEMONSTRATIVE: Final = re.compile(r"that|this|these|those|both|all|they")
_AFTER: Final = re.compile(
    r"(?:$|(?:on|off|up|down|out|back|to|at|in|for|until|till|by|a|an|half|full|open|closed|shut|again|as|when|from|"
    r"tomorrow|tonight|later|now|\w+er|\d+)\b)"
)
"""What may follow "that" where it stands by itself: "turn that off", and not "turn that lamp off"."""
_AS_IT_WAS: Final = re.compile(
    r"(?:put|set|bring|change|move|turn) (?:it|them|that|those|everything) back|"
    r"(?:no )?(?:not (?:that|it|this|those|that one)|wrong(?: one)?|"
    r"(?:that|it)(?:'s| is| was) (?:wrong|not (?:it|right|"
    r"what i (?:meant|said|wanted|asked for))))|"
    r"(?:(?:put|set|turn|bring|change|get) (?:it|them|that|those|everything|all|things) )?back (?:to )?"
    r"(?:(?:how|what|the way|as|like|where) (?:it|they|things|everything)(?: was| were| had been|'d been)?"
    r"(?: before| at first)?|before|normal|the way it was|where it was)"
)

_COMPARATIVES: Final = (
    "dimmer|brighter|darker|lighter|warmer|cooler|hotter|colder|louder|quieter|softer|faster|slower|higher|lower|"
    "stronger|weaker"
)
_HOW_MUCH: Final = (
    r"(?:(?:(?:a )?(?:(?:little|tiny|wee) )?(?:bit|little|touch|tad|smidge|smidgen|notch|lot)|"
    r"slightly|even|much|lots|still|"
    r"somewhat|way|far|just|some|quite|any) )*"
)
_COMPARED: Final = re.compile(rf"{_HOW_MUCH}(?:{_COMPARATIVES})(?: (?:by |than that)?.*)?")
_AMOUNT: Final = (
    r"(?:[\w.]+(?: [\w.]+)? (?:degrees?|percent|%|notch(?:es)?|steps?|levels?)|"
    r"a (?:bit|little|touch|tad|notch|lot)|slightly)"
)
_FIGURE: Final = r"one|two|three|four|five|six|ten|fifteen|twenty|thirty|forty|fifty|\d{1,2}"
_UP_DOWN: Final = re.compile(
    rf"(?:back )?(?P<way>up|down)(?:(?: by)? (?P<bare>{_FIGURE})|(?: (?P<after>(?:by )?{_AMOUNT}))?)|"
    rf"(?P<before>{_AMOUNT}) (?:back )?(?P<late>up|down)"
)
_MORE: Final = re.compile(
    rf"{_HOW_MUCH}(?P<way>more|less|further|farther)|(?P<amount>{_AMOUNT}) (?P<way2>more|less)|"
    r"(?:another|one more) (?P<degrees>degree|(?:two|three|ten|twenty|\d+) (?:degrees|percent))|"
    r"(?P<one>another(?: (?:one|bit|notch|step|go))?|one more(?: (?:notch|step|time))?)|"
    r"(?:not|still not|that(?:'s| is) not|it(?:'s| is) not|that isn't|it isn't) (?P<short>enough|quite enough)|"
    r"(?:(?:that|it)(?:'s| is|'s a bit| is a bit) )?(?:a bit |far |way |much )?(?P<much>too much|too far)|"
    r"not (?:so|that|quite so|quite that) (?P<so>much|far)"
)
_TOO: Final = re.compile(
    r"(?:(?:that|it|they)(?:'s|'re| is| are) )?(?:still )?(?:a bit |a little |far |way |much )?too "
    r"(?P<how>bright|dark|dim|loud|quiet|warm|hot|cold|cool|fast|slow|high|low)"
)
_LESS_OF: Final = {
    "bright": "dimmer",
    "dark": "brighter",
    "dim": "brighter",
    "loud": "quieter",
    "quiet": "louder",
    "warm": "cooler",
    "hot": "cooler",
    "cold": "warmer",
    "cool": "warmer",
    "fast": "slower",
    "slow": "faster",
    "high": "lower",
    "low": "higher",
}
_NUMBERED: Final = (
    r"\d+(?:[.,]\d+)?|zero|half|halfway|half way|full|maximum|minimum|max|min|medium|low|high|"
    r"(?:a |one |two |three )?(?:hundred|quarters?|third|half)|"
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen"
)
_VALUE: Final = re.compile(
    r"(?P<led>(?:back |down |up |back up |back down |all the way )?(?:to|at) )?"
    rf"(?P<value>(?:{_NUMBERED})(?: and a half)?"
    r"(?: ?(?:percent|per cent|%|degrees?(?: celsius| centigrade)?))?(?: open| power| volume)?)"
)
_RESUMED: Final = re.compile(r"(?:carry on|resume|continue|go on|keep going|unpause|play)(?: playing)?")
_WHOLLY: Final = re.compile(
    r"(?:all the way|fully|right|completely) (?P<way>up|down|open|closed|shut)|all the way|the whole way|completely"
)
"""Without a way, "all the way" is on as it went."""
_STATE: Final = re.compile(
    r"(?:back |all )?(?P<state>on|off|open|closed|shut)(?P<rest>(?: (?:at|in|for|until|till|by) .*)?)"
)
_LASTS: Final = re.compile(r"(?:just |only )?(?:for|until|till|til) (?!now\b|good\b|a change\b).+")
_WEATHER: Final = re.compile(
    rf" {_HOW_MUCH}(?:{_COMPARATIVES}|warm|cool|hot|cold|cosy) (?:in|on|throughout) "
    r"(?:here|there|this room|(?:the|my) .+)"
)
"""What is made warmer in a room is the room, and not what was spoken of."""
_BARE: Final = re.compile(r"\s*(?:again|back)\b")


@dataclass(frozen=True, slots=True)
class Whole:
    """A sentence that says everything but for `{thing}`, the pronoun that stood there, and other ways to put it."""

    text: str
    thing: str = "it"
    others: tuple[str, ...] = ()
    takes: frozenset[str] = frozenset()
    """The domains it makes sense for; empty: any."""
    asks: bool = False


def order(core: str) -> Whole | None:
    """A sentence about a pronoun, written out; None where it is none."""
    if found := _ORDER.fullmatch(core):
        thing, rest = found["thing"], _BARE.sub("", found["rest"])
        if thing == "it" and _WEATHER.fullmatch(rest):
            return None
        if _DEMONSTRATIVE.match(thing) and not _AFTER.match(rest.strip()):
            return None
        if (very := _VERY.fullmatch(rest)) and found["verb"] in ("make", "set", "put", "turn", "get", "have"):
            level = _VALUES[very["how"]][very["very"] is not None]
            return Whole(f"set {THING} to {level} percent", thing, takes=_MEASURED)
        particle = f" {found['particle']}" if found["particle"] and found["particle"] != "back" else ""
        other = _plainly(found["verb"], rest) if not particle else ()
        return Whole(f"{found['verb']}{particle} {THING}{rest}", thing, other)
    if found := _WITH.fullmatch(core):
        return Whole(f"turn {THING} {_switch(found['particle'])}{found['rest']}", found["thing"])
    if found := _LEFT.fullmatch(core):
        state = found["state"] if found["state"] in ("off", "open", "closed", "shut") else "on"
        return Whole(_stated(state, found["rest"]), found["thing"])
    if (found := _RAISED.fullmatch(core)) and found["thing"] not in ("that", "this"):
        return Whole(f"set {THING} to {found['value']}", found["thing"])
    if found := _STATED.fullmatch(core):
        rest = _BARE.sub("", found["rest"])
        return Whole(_stated(found["state"], rest), found["thing"])
    return None


def question(core: str) -> Whole | None:
    """The same for a question about how something is."""
    if found := _ASKED.fullmatch(core):
        return Whole(f"is {THING} {found['rest']}", found["thing"], asks=True)
    if found := _HOW.fullmatch(core):
        return Whole(f"how {found['what']} is {THING}{found['rest']}", found["thing"], asks=True)
    if found := _LONG.fullmatch(core):
        return Whole(f"how long has {THING} been {found['rest']}", found["thing"], asks=True)
    if found := _WHEN.fullmatch(core):
        return Whole(f"when {found['did']} {THING} {found['rest']}", found["thing"], asks=True)
    if found := _WHY.fullmatch(core):
        return Whole(f"why {found['aux']} {THING} {found['rest']}", found["thing"], asks=True)
    if found := _WHO.fullmatch(core):
        return Whole(f"{found['who']} {found['verb']} {THING}{found['rest']}", found["thing"], asks=True)
    if found := _SET_TO.fullmatch(core):
        return Whole(f"what is {THING} set to", found["thing"], (f"is {THING} on",), asks=True)
    return None


def lasts(core: str) -> bool:
    """Whether a length of time, or an hour that ends one, is all there is: "for an hour", "until ten"."""
    return _LASTS.fullmatch(core) is not None


def as_it_was(core: str) -> bool:
    """Whether everything is to be as it was before."""
    return _AS_IT_WAS.fullmatch(core) is not None


def fragment(core: str, *, just_now: bool) -> Whole | None:
    """A level, a step or a state alone, written out; `just_now`: whether the last order was given a moment ago."""
    if found := _TOO.fullmatch(core):
        return Whole(f"make {THING} a bit {_LESS_OF[found['how']]}", takes=_takes(_LESS_OF[found["how"]]))
    if _COMPARED.fullmatch(core):
        return Whole(f"make {THING} {core}", takes=_takes(core))
    if found := _UP_DOWN.fullmatch(core):
        way, amount = found["way"] or found["late"], found["after"] or found["before"] or ""
        amount = amount or (f"{found['bare']} {UNIT}" if found["bare"] else "")
        by = "" if not amount or amount.startswith(("by ", "a ", "slightly")) else "by "
        return Whole(f"turn {THING} {way}{f' {by}{amount}' if amount else ''}", takes=_STEPPED)
    if _RESUMED.fullmatch(core):
        return Whole(f"resume {THING}", others=(f"unpause {THING}",), takes=frozenset({"media_player"}))
    if (found := _WHOLLY.fullmatch(core)) and found["way"]:
        return Whole(f"set {THING} to {100 if found['way'] in ('up', 'open') else 0} percent", takes=_MEASURED)
    if (found := _VALUE.fullmatch(core)) and (found["led"] or just_now):
        return Whole(f"set {THING} to {found['value']}", takes=_LEVELLED)
    if found := _STATE.fullmatch(core):
        return Whole(_stated(found["state"], found["rest"]))
    return None


@dataclass(frozen=True, slots=True)
class Step:
    """More of what was done, or less."""

    sign: int
    amount: str = ""
    only_stepped: bool = False
    """Whether it makes sense after a step alone ("another one")."""
    judges: bool = False
    """Whether it says that the last order went too far, or not far enough."""


def step(core: str) -> Step | None:
    """ "A bit more", "less", "too much", "not enough"."""
    found = _MORE.fullmatch(core)
    if found is None:
        return Step(1, "100 percent") if _WHOLLY.fullmatch(core) else None
    way = found["way"] or found["way2"]
    if found["much"] or found["so"]:
        return Step(-1, judges=True)
    if found["one"]:
        return Step(1, only_stepped=True)
    if found["degrees"]:
        return Step(1, found["degrees"], only_stepped=True)
    more = found["short"] is not None or way in ("more", "further", "farther")
    return Step(1 if more else -1, found["amount"] or "", judges=found["short"] is not None)


_STEPPED: Final = frozenset(
    {"light", "climate", "fan", "media_player", "cover", "humidifier", "water_heater", "number"}
)
_MEASURED: Final = frozenset({"light", "cover", "fan", "media_player", "valve"})
_LEVELLED: Final = _STEPPED | {"valve"}
_OF: Final = {
    "dimmer": "light",
    "brighter": "light",
    "darker": "light",
    "lighter": "light",
    "warmer": "climate light water_heater",
    "cooler": "climate light water_heater",
    "hotter": "climate water_heater",
    "colder": "climate water_heater",
    "louder": "media_player siren",
    "quieter": "media_player siren fan",
    "softer": "media_player light",
    "faster": "fan",
    "slower": "fan",
    "stronger": "fan",
    "weaker": "fan",
}


def _takes(core: str) -> frozenset[str]:
    word = next((word for word in _OF if re.search(rf"\b{word}\b", core)), "")
    return frozenset(_OF[word].split()) if word else _STEPPED


def _switch(particle: str) -> str:
    return "off" if particle in ("off", "out") else particle


def _stated(state: str, rest: str) -> str:
    if state in ("open", "closed", "shut"):
        return f"{'open' if state == 'open' else 'close'} {THING}{rest}"
    return f"turn {THING} {_switch(state)}{rest}"


def _plainly(verb: str, rest: str) -> tuple[str, ...]:
    """How an order is put where the verb alone says on or off."""
    if re.match(r"\s*(?:on|off|up|down|out|open)\b", rest):
        return ()
    if verb in ("run", "start", "have", "activate", "enable"):
        return (f"turn on {THING}{rest}",)
    if verb in ("stop", "kill", "cut", "deactivate", "disable"):
        return (f"turn off {THING}",)
    return ()
