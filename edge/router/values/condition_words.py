"""The words of spoken conditions: comparisons, states, joints, and those that say nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from edge.devices.words import listed


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """Phrases parted by commas, the longest first."""
    return tuple(sorted((tuple(one.split()) for one in text.split(", ")), key=len, reverse=True))


FILLERS: Final = listed("please, just, ever, suddenly, actually, really, um, uh, er, well, somehow, again, already")
ABOUT: Final = listed("about, around, roughly, approximately, the, some, exactly, nearly, almost")
LEADS: Final = listed("the, my, our, that, your, there, then, so")
SOME: Final = listed("a, an, either, some")
"""Words before a noun by which any of its kind is meant."""
_AFTER_NOUN: Final = (
    "at|above|below|over|under|not|still|left|open|closed|on|off|empty|full|too|warmer|colder|running|unlocked|locked|"
    "turned|switched|playing|home|away|back|gone|quiet|dark|dry|wet|moving|lit|shut|cleaning|docked|out"
)
HAS_AFTER_NOUN: Final = re.compile(r"(?<=\w)['’]s(?= been\b)", re.IGNORECASE)
IS_AFTER_NOUN: Final = re.compile(rf"(?<=\w)['’]s(?= (?:{_AFTER_NOUN})\b)", re.IGNORECASE)
""" "The pressure's below one bar": a verb, and no possessive."""
BEING: Final = frozenset({"is", "are"})

JOINTS: Final = tuple(
    (words, joint)
    for text, joint in (
        (
            "but only if, but only when, but only while, only if, only when, only while, provided that, provided",
            "while",
        ),
        (
            "as long as, so long as, and while, and if, and when, and at the same time, while, whilst, and, with",
            "while",
        ),
        ("unless, except when, except if, except while, but not if, but not when, but not while", "unless"),
        ("or if, or when, or", "or"),
        ("because, so that, otherwise", "aside"),
    )
    for words in _phrases(text)
)
ASIDE: Final = frozenset({"aside"})
"""Joints before words that only say why."""

HOLDS: Final = _phrases(
    "for more than, for longer than, for over, for at least, for, longer than, more than, over, for the last, "
    "for the past, for a whole, for a full, for upwards of, during, after more than, after, by more than"
)
"""Words before how long something must hold; all but "for" also stand before numbers, which a length of time is not."""
HOLD_TAILS: Final = _phrases(
    "or more, or longer, straight, in a row, at a time, at a stretch, on end, without a break, already, now, "
    "continuously, in total, long"
)
WITHINS: Final = _phrases(
    "within, in less than, in under, inside, in, over the course of, within the space of, in the space of, over, "
    "within less than, inside of, per"
)

NO_SUBJECT: Final = listed(
    "was, were, did, had, will, would, shall, should, could, can, may, might, must, next, what, who, why, how, where, "
    "which, when, if, while, unless, and, or, but, tell, warn, remind, before, after, because, than, you, me, "
    "yesterday, tomorrow, not, until, i, is, are, goes, gets, above, below"
)
"""Words by which what is left of a sentence was not understood."""
VERBS: Final = listed(
    "is, are, be, been, being, has, have, gets, get, getting, goes, go, going, rises, rise, rising, falls, fall, "
    "falling, drops, drop, dropping, climbs, climb, climbing, sinks, sink, sinking, increases, decreases, stays, stay, "
    "remains, remain, becomes, become, turns, turn, shows, show, reads, read, measures, reports, says, uses, use, "
    "using, draws, drawing, draw, consumes, consuming, consume, pulls, pulling, exceeds, jumps, jump, runs, run, even, "
    "up, down, comes, passes, crosses, hits, warms, heats, cools, still, does, measuring, reading, reporting, value, "
    "to, creeps, dips, dip, soars, shoots, warm, hot, cold, at, of, a, any, bit, little, much, dropped, risen, gone, "
    "fallen, starts, begins, keeps, needs, by, loses, gains, picks, blows, settles"
)
"""Words that may stand between a subject and what it is compared with."""
THRESHOLD_LEADS: Final = listed("at, above, over, below, under, to, for, from, with, say")
PLACE_LEADS: Final = listed(
    "in, at, on, inside, outside, outdoors, indoors, upstairs, downstairs, of, by, near, under, from, there, here, "
    "for, with, anywhere, everywhere, somewhere, out, around, into"
)
SPEAKERS: Final = listed("we, i, you, there, is, are, nothing, have, has")
AFTERTHOUGHTS: Final = listed("then, too, though, either, anyway, mark")
OR_MORE: Final[Mapping[tuple[str, ...], str]] = {
    **dict.fromkeys(
        (("or", "more"), ("or", "above"), ("or", "higher"), ("or", "warmer"), ("and", "above")), "at_least"
    ),
    **dict.fromkeys((("or", "less"), ("or", "below"), ("or", "lower"), ("or", "colder"), ("and", "below")), "at_most"),
}
"""What may follow a number, with the relation that it makes of it."""

_RISING: Final = (
    "rises, climbs, increases, goes up, warms up, heats up, jumps, gains, rise, climb, increase, go up, grows"
)
_FALLING: Final = (
    "falls, drops, sinks, decreases, goes down, cools down, cools, loses, fall, drop, go down, dips, shrinks"
)
_CHANGING: Final = ("changes", "varies", "fluctuates", "swings", "moves", "jumps around")
MOVES: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        [
            "rises",
            "rise",
            "rising",
            "climbs",
            "climb",
            "increases",
            "increase",
            "jumps",
            "jump",
            "gains",
            "grows",
            "warms",
            "heats",
        ],
        1,
    ),
    **dict.fromkeys(
        ["falls", "fall", "falling", "drops", "drop", "dropping", "sinks", "decreases", "cools", "loses", "dips"], -1
    ),
}
"""Verbs that say in which direction something moves."""


def _moving(verbs: str, relation: str) -> list[tuple[str, str, str]]:
    warmth = ("warm", "heat", "cool")
    return [
        (f"{verb}{by}", relation, "temperature" if verb.startswith(warmth) else "")
        for verb in verbs.split(", ")
        for by in (" by more than", " by at least", " by over", " by", "")
    ]


_ABOVE: Final = (
    "above, over, more than, higher than, greater than, bigger than, exceeds, exceed, past, passes, beyond, "
    "in excess of, "
    "upwards of, north of, larger than, stronger than, faster than, fuller than, deeper than, heavier than, longer than"
)
_BELOW: Final = (
    "below, under, less than, lower than, fewer than, smaller than, beneath, south of, weaker than, slower than, "
    "emptier than, underneath, shallower than"
)
_REACHES: Final = "reaches, reach, hits, hit, gets to, get to, goes to, touches, is at, is exactly, is, are, equals"
_AT_LEAST: Final = (
    "at least, no less than, at or above, at or over, goes up to, rises to, climbs to, is up to, gets up to, "
    "gets as high as, goes as high as, gets as hot as, gets as warm as"
)
_AT_MOST: Final = (
    "at most, no more than, at or below, at or under, falls to, drops to, sinks to, goes down to, gets down to, "
    "is down to, gets as low as, gets as cold as, goes as low as"
)
_OUTSIDE: Final = (
    "outside, outside of, outside the range of, outside the range, out of the range of, leaves the range of, "
    "leaves the range, leaves, not between, not within, not in the range of, not somewhere between, "
    "beyond the range of, anything but"
)
_SILENT: Final = (
    "goes offline, is offline, go offline, goes off line, stops reporting, stops sending, stops sending data, "
    "stops sending readings, stops responding, "
    "stops talking, stops working, does not report, does not respond, has not reported, goes silent, is silent, "
    "goes quiet, falls silent, is unavailable, becomes unavailable, is unreachable, becomes unreachable, disconnects, "
    "is disconnected, drops off the network, loses connection, loses contact, goes dead, dies, is dead, goes dark, "
    "has been offline, has been silent, has not been heard from, has not said anything, says nothing, "
    "does not say anything, we have not heard from, i have not heard from, you have not heard from, "
    "have not heard from, no news from, there is no news from, nothing is heard from, hear nothing from, "
    "we hear nothing from, you hear nothing from, nothing comes from, there is nothing from, "
    "there are no readings from, we get no readings from, we get nothing from, you get nothing from"
)
_BOUNDS: Final = (
    (_ABOVE, "above", ""),
    ("warmer than, hotter than", "above", "temperature"),
    ("louder than, noisier than", "above", "sound_pressure"),
    ("more humid than, damper than, moister than, muggier than", "above", "humidity"),
    ("wetter than", "above", "moisture"),
    ("brighter than, lighter than", "above", "illuminance"),
    ("stuffier than", "above", "carbon_dioxide"),
    ("windier than", "above", "wind_speed"),
    (_BELOW, "below", ""),
    ("colder than, cooler than, chillier than", "below", "temperature"),
    ("quieter than", "below", "sound_pressure"),
    ("darker than", "below", "illuminance"),
    ("drier than, dryer than", "below", ""),
    (_REACHES, "reaches", ""),
    (_AT_LEAST, "at_least", ""),
    (_AT_MOST, "at_most", ""),
    (_OUTSIDE, "outside", ""),
    ("between, within, in the range of, somewhere between", "within", ""),
    (_SILENT, "silent", ""),
)
_COMPARISONS: Final = [
    *((words, relation, measure) for text, relation, measure in _BOUNDS for words in text.split(", ")),
    *_moving(_RISING, "rises_by"),
    *_moving(_FALLING, "falls_by"),
    *((f"{verb} by{more}", "moves_by", "") for verb in _CHANGING for more in (" more than", " at least", " over", "")),
]
_Comparison = tuple[tuple[str, ...], str, str]


def _by_first() -> Mapping[str, tuple[_Comparison, ...]]:
    table: dict[str, list[_Comparison]] = {}
    for words, relation, measure in _COMPARISONS:
        parts = tuple(words.split())
        table.setdefault(parts[0], []).append((parts, relation, measure))
    return {word: tuple(sorted(some, key=lambda one: -len(one[0]))) for word, some in table.items()}


COMPARISONS_BY_FIRST: Final = _by_first()
"""Words, relation and measure by the first word, the longest first."""


@dataclass(frozen=True, slots=True)
class What:
    """What a pattern says of its subject."""

    relation: str = "is"
    state: str = ""
    measure: str = ""
    value: float | None = None
    unit: str = ""
    too: bool = False
    hold_s: int = 0


def _either(text: str) -> str:
    """The phrases of a list that is parted by commas, as alternatives of a pattern, the longest first."""
    return "|".join(sorted(text.split(", "), key=len, reverse=True))


_BE: Final = _either(
    "is, are, gets, get, goes, becomes, become, has been, have been, is being, stays, stay, remains, remain, is left, "
    "are left, has been left, keeps, turns, comes, is getting, has got, starts to be, stands, runs"
)
_STILL: Final = r"(?: (?:still|left|standing|wide|half|fully|completely|totally|a bit|all))*"
_WHO: Final = _either(
    "somebody, someone, anybody, anyone, something, anything, people, a person, a stranger, an intruder, they, we, i, "
    "he, she"
)
_THEY: Final = rf"(?:{_WHO}|the kids|the children)"
_WHERE: Final = "in|at|on|inside|outside|outdoors|indoors|upstairs|downstairs|by|near|under|around|anywhere|into"
_PLACE: Final = rf"(?: (?P<p>(?:{_WHERE})\b.*))?"
_STATES: Final = (
    ("goes_off", "going off, ringing, beeping", "goes off, rings, beeps, sounds", ""),
    ("open", "open, opened, ajar", "opens, opens up, open, swings open", ""),
    ("closed", "closed, shut", "closes, shuts, close, falls shut", ""),
    (
        "on",
        "on, turned on, switched on, started, powered on, lit",
        "turns on, comes on, switches on, lights up, goes on",
        "",
    ),
    (
        "off",
        "off, turned off, switched off, powered off, shut off, out",
        "turns off, switches off, shuts off, shuts down, goes out",
        "",
    ),
    ("locked", "locked, bolted", "locks", ""),
    ("unlocked", "unlocked, unbolted", "unlocks", ""),
    (
        "wet",
        "wet, flooded, leaking, leaky",
        "leaks, floods, starts leaking, starts to leak, springs a leak, begins to leak",
        "moisture",
    ),
    ("detected", "triggered, tripped", "triggers, trips, detects something", ""),
    ("clear", "clear, without motion", "clears, goes clear, detects nothing", ""),
    (
        "finished",
        "done, finished, ready, through, complete",
        "finishes, stops, stops running, ends, completes, has finished, is done running, has stopped, has ended",
        "",
    ),
    ("running", "running, going", "starts, starts running, starts up, begins, kicks in", ""),
    (
        "home",
        "home, at home, back, back home",
        (
            "comes home, gets home, arrives home, arrives, comes back, gets back, returns, gets in, is back, comes in, "
            "walks in"
        ),
        "",
    ),
    ("not_home", "away, not home, gone", "leaves home, leaves the house, leaves, goes out", ""),
    ("jammed", "jammed, stuck, blocked", "jams, gets stuck", ""),
    ("playing", "playing", "plays, starts playing", ""),
    ("heating", "heating", "heats, starts heating", ""),
    ("cooling", "cooling", "cools, starts cooling", ""),
)
"""State, how a thing is in it, how it comes into it, and the device class that the words are about."""
_TOO: Final = (
    ("above", "hot, warm", "temperature"),
    ("below", "cold, cool, chilly", "temperature"),
    ("above", "humid, damp, moist, muggy", "humidity"),
    ("above", "wet", "moisture"),
    ("below", "dry", ""),
    ("above", "loud, noisy", "sound_pressure"),
    ("above", "stuffy", "carbon_dioxide"),
    ("above", "bright", "illuminance"),
    ("below", "dark", "illuminance"),
    ("above", "high, strong, much, big, full, fast, windy, heavy", ""),
    ("below", "low, little, weak, empty, slow, small", ""),
)
_MUCH: Final = "(?:too|very|far too|much too|way too|dangerously|unusually|really)"
_LOW: Final = (
    "runs low, run low, is low, is running low, gets low, is nearly empty, is almost empty, is nearly flat, "
    "is getting low"
)
_ALONE: Final = (
    ("above", "overheats, overheat, is overheating, boils over", "temperature"),
    ("below", _LOW, ""),
    ("above", "gets stuffy, is stuffy, gets stale", "carbon_dioxide"),
)
_FREEZES: Final = "freezes, is freezing, is frozen, freezes over, freeze, is below freezing, drops below freezing"
_EMPTY: Final = (
    "is empty, runs empty, gets empty, runs out, is running out, runs dry, has run dry, has run out, is flat, "
    "goes flat, is out of water"
)
_FULL: Final = "is full, gets full, fills up, is filled up, is fully charged, is charged"
_SEES: Final = "detects|sees|notices|senses|picks up|spots|finds"
_MOVES_ABOUT: Final = (
    "(?: (?:is|gets|are))? (?:moves|moving|walks|walking|comes|appears|shows up|passes|detected|seen|sneaks|is|are)"
    "(?: (?:around|about|by|past|through|into))*"
)


@cache
def states() -> tuple[tuple[re.Pattern[str], What], ...]:
    """Patterns of whole conditions: `s` is the subject, `p` the place, `v` the verb, `n` and `m` are negations."""
    patterns = [*_of_nothing_named(), *_without_numbers(), *_of_people(), *_of_states()]
    return tuple((re.compile(pattern), what) for pattern, what in patterns)


def _of_nothing_named() -> list[tuple[str, What]]:
    """Water, smoke and whoever moves, wherever that is."""
    wet = What(state="wet", measure="moisture")
    smoke = What(state="detected", measure="smoke")
    motion = What(state="detected", measure="motion")
    there = r"there (?:is|are|has been)(?: (?:any|some|a|an|still))?"
    return [
        (rf"{there} (?:water|leak|flood|flooding|puddle|dampness){_PLACE}", wet),
        (rf"(?:you|the sensor) (?:{_SEES}|find|detect|notice) (?:water|a leak){_PLACE}", wet),
        (rf"water (?:is|gets|leaks|comes|runs|drips)(?: (?:detected|found|leaking|dripping))?{_PLACE}", wet),
        (rf"{there} (?:smoke|fire){_PLACE}", smoke),
        (rf"(?:something|anything|it) (?:leaks|is leaking|starts leaking|drips|floods){_PLACE}", wet),
        (rf"(?:it|something) (?:burns|smokes|is burning|is on fire|smells of smoke){_PLACE}", smoke),
        (rf"{there} (?:motion|movement|{_WHO}|activity|moving)(?: moving| around| about)*{_PLACE}", motion),
        (rf"(?:{_WHO}|motion|movement){_MOVES_ABOUT}{_PLACE}", motion),
        (rf"(?P<s>.+) (?:{_SEES})(?: (?:any|some))? (?:motion|movement|{_WHO}){_PLACE}", motion),
        (rf"(?P<s>.+) (?:{_SEES})(?: (?:any|some))? (?:water|a leak|smoke|gas|fire){_PLACE}", What(state="detected")),
        (rf"(?P<s>.+) changes{_PLACE}", What("changes")),
        (r"(?:any )?low (?P<s>batteries)", What("below", measure="battery", too=True)),
    ]


def _without_numbers() -> list[tuple[str, What]]:
    made = [
        (
            rf"(?:(?P<s>.+?) )?(?:{_either(_FREEZES)}){_PLACE}",
            What("below", measure="temperature", value=0.0, unit="°C"),
        ),
        (rf"(?:(?P<s>.+?) )?(?:{_either(_EMPTY)}){_PLACE}", What("below", value=5.0, unit="%")),
        (r"there is no (?:more )?\w+(?: left)? in (?P<s>.+)", What("below", value=5.0, unit="%")),
        (rf"(?:(?P<s>.+?) )?(?:{_either(_FULL)}){_PLACE}", What("above", value=95.0, unit="%")),
    ]
    for relation, text, measure in _ALONE:
        made.append((rf"(?P<s>.+?) (?:{_either(text)}){_PLACE}", What(relation, measure=measure, too=True)))
    for relation, text, measure in _TOO[:4]:
        warms = rf"(?:(?P<s>.+?) )?(?:gets|becomes|turns|is getting) (?:{_either(text)}){_PLACE}"
        made.append((warms, What(relation, measure=measure, too=True)))
    for relation, text, measure in _TOO:
        moved = rf"(?:(?P<s>.+?) )?(?:{_BE}|rises|falls|drops|climbs){_STILL}"
        made.append((rf"{moved} {_MUCH} (?:{_either(text)}){_PLACE}", What(relation, measure=measure, too=True)))
    return made


def _of_people() -> list[tuple[str, What]]:
    """What somebody does to a thing."""
    return [
        (rf"{_THEY} (?:leaves|leave|left|keeps) (?P<s>.+?) (?:open|standing open|ajar)", What(state="open")),
        (rf"{_THEY} (?:leaves|leave|left|keeps) (?P<s>.+?) (?:on|running)", What(state="on")),
        (rf"{_THEY} (?:leaves|leave|left) (?P<s>.+?) unlocked", What(state="unlocked")),
        (rf"{_THEY} (?:opens|open) (?P<s>.+)", What(state="open")),
        (rf"{_THEY} (?:closes|shuts) (?P<s>.+)", What(state="closed")),
        (r"(?:nobody|no one) (?:closes|shuts) (?P<s>.+)", What(state="open")),
        (r"(?:nobody|no one) locks (?P<s>.+)", What(state="unlocked")),
        (r"(?:nobody|no one) (?:turns|switches) off (?P<s>.+)", What(state="on")),
        (rf"{_THEY} unlocks (?P<s>.+)", What(state="unlocked")),
        (rf"{_THEY} (?:turns|switches) on (?P<s>.+)", What(state="on")),
        (rf"{_THEY} (?:turns|switches) off (?P<s>.+)", What(state="off")),
        (rf"{_THEY} (?:rings|presses) (?P<s>.+)", What(state="goes_off")),
    ]


def _of_states() -> list[tuple[str, What]]:
    made = []
    for state, text, becoming, measure in _STATES:
        what, being, verbs = What(state=state, measure=measure), _either(text), _either(becoming)
        be = rf"(?P<v>{_BE})(?P<n> not)?{_STILL}(?P<m> not)?"
        made += [
            (rf"(?P<s>.+?) {be} (?:{being})(?: still)?{_PLACE}", what),
            (rf"(?P<s>.+?) (?:{verbs}){_PLACE}", what),
            (rf"(?P<s>.+?) does (?P<n>not) (?:{being}|{verbs}){_PLACE}", what),
        ]
    return made
