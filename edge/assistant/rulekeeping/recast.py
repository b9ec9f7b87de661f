"""Other manners of saying a rule, as the usual one: "movement in the hall means lamp on" as "when …, turn …"; pure."""

import re
from collections.abc import Iterator
from typing import Final

from edge.assistant.rulekeeping.clauses import ordered
from edge.assistant.rulekeeping.whiles import kept_while

LEAD: Final = (
    r"(?:when(?:ever)?|(?:the )?next time|if|once|as soon as|every time|each time|any ?time|the moment|the minute)"
)
_MEANS: Final = re.compile(
    r"^(?P<when>.+?),? (?:(?:should|must|is to|has to) (?:mean|trigger|set off|lead to|bring|cause)|means|triggers|"
    r"sets off|leads to|calls for|is (?:my|the|your|a|our) (?:sign|signal|cue)(?: for you)? (?:to|for)) (?P<order>.+)$",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(
    r"^(?P<when>.+?)(?:: |; | - |, |\. )(?:then )?(?:i|we)(?:['’]d| would)? "
    r"(?:need|want|like|have|wish|must|ought)(?: to)? (?:be told|know|hear|be warned|be informed|a warning|a message)"
    r"(?: about it| about that| of it)?"
    r"(?P<rest>(?: at once| immediately| straight away| right away| then| too)*)$",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(r"^(?P<when>[^?]{3,80})\? ?(?:then )?(?P<order>\S.+)$")
_WITH: Final = re.compile(rf"^with (?P<besides>[^,]+), (?P<rest>.*\b{LEAD}\b.+)$", re.IGNORECASE)
_STATE: Final = (
    r"(?:on|off|open|closed|shut|locked|unlocked|lit|running|in|out|home|at home|away|asleep|empty|dry|wet|full)"
)
_NOT_LONG: Final = re.compile(
    rf"^(?P<who>.+?) (?:should ?n['’o]t|must ?n['’o]t|should not|must not|should never|must never|is not to|"
    rf"ought not to|can ?n['’o]t|may not|is never to) (?:ever )?(?:stay|be left|remain|be|stand)(?: left)? "
    rf"(?P<state>{_STATE})"
    r"(?: for (?:more|longer) than (?P<long>[^:;,]+?))?(?:: |; |, | - |\. )(?P<order>.+)$",
    re.IGNORECASE,
)
_NEVER: Final = re.compile(
    rf"^(?:never|do ?n['’o]t ever|do ?n['’]t|do not) (?:leave|let) (?P<who>.+?) (?:stay |be |remain )?"
    rf"(?:left )?(?P<state>{_STATE})"
    r"(?: for)?(?: (?:more|longer) than)? (?P<long>[^:;,]+?)(?:: |; |, | - |\. )(?:but |just )?(?P<order>.+)$",
    re.IGNORECASE,
)
_AT_MOST: Final = re.compile(
    r"^(?:never|do ?n['’o]t ever|do ?n['’]t|do not) (?:let|leave|allow|have) (?P<who>.+?)(?: to)? (?:be |stay |keep )?"
    r"(?P<state>run|running|on|open|unlocked|going|burn|burning) (?:for )?(?:any )?(?:more|longer) than "
    r"(?P<long>[^,:;]+)$",
    re.IGNORECASE,
)
_SHOULD: Final = re.compile(
    r"^(?P<when>.+?) (?:should|must|ought to|is to|has to) (?P<order>(?:turn|switch|dim|open|close|lock|start|stop|"
    r"set|put|brighten|play|pause|raise|lower|mute)\b.+)$",
    re.IGNORECASE,
)
_WISH: Final = re.compile(
    r"^(?:i(?:['’]d like| want| would like)|have|let)"
    r" (?P<who>.+?) (?:to )?(?:be|come|go|turn|switch) (?P<state>on|off) "
    r"(?P<bound>(?:above|below|over|under|past) .+)$",
    re.IGNORECASE,
)
_OF: Final = r"(?:to|that|about|of|(?=there|i\b|we\b|it\b))"
_REMIND: Final = re.compile(
    rf"^(?:please )?remind (?:me|us) {_OF} ?(?P<what>.+?) (?P<lead>{LEAD}) (?P<when>.+)$", re.IGNORECASE
)
_IMPERSONAL: Final = re.compile(
    r"\bit (?:gets|goes|is|rises|climbs|falls|drops|['’]s)(?: up| down)? (?:to )?(?P<way>above|over|below|under|past)"
    r" (?P<figure>(?:minus )?(?:\d+(?:\.\d+)?|"
    r"[a-z]+(?:ty|teen|en)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?))"
    r"(?: degrees)?\b(?! (?:percent|per cent|lux|watts?))",
    re.IGNORECASE,
)
"""Of the weather indoors: "if it gets above 28"."""
_REMIND_LAST: Final = re.compile(
    rf"^(?P<lead>{LEAD}) (?P<when>.+?),? (?:please |can you |could you |then )*"
    rf"remind (?:me|us) {_OF} ?(?P<what>.+)$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"^(?:so )?after (?P<long>[^,]+?)(?:, | (?=lock|close|shut|turn|switch|tell))", re.IGNORECASE
)
_ENOUGH: Final = re.compile(
    r"^(?P<long>(?:[\w-]+ ){1,4}?(?:seconds?|minutes?|hours?|an hour)) (?:of|with) (?P<who>[\w ]+?)"
    r"(?: (?:in one go|at a time|at once|in a row|on end|on))? (?:is|are|seems|will be) .+?,? so (?P<rest>.+)$",
    re.IGNORECASE,
)
_TOO: Final = re.compile(
    rf"^(?P<when>{LEAD} (?P<who>.+?) (?:goes|comes|turns|switches|is switched|is turned|gets switched)? ?"
    r"(?P<state>on|off|opens|closes|locks|unlocks|starts|stops)),? "
    r"(?:(?:then )?(?P<other>.+?) (?:should|shall|must|is to|has to|ought to|does|goes|can)(?: do)?"
    r"(?: (?:so|the same|it|on|off))?(?: too| as well| also| likewise)?|so (?:should|shall|must|does) (?P<so>.+?)|"
    r"do the same (?:with|to|for) (?P<same>.+?))$",
    re.IGNORECASE,
)
_TWO: Final = re.compile(
    r"(?:, (?:and |but |then )?| and | but )(?=(?:when(?:ever)?|if|each time|every time|once|as soon as)\b)",
    re.IGNORECASE,
)
_ORDERS_FIRST: Final = re.compile(
    rf"^(?P<first>(?!{LEAD})\S.+? {LEAD} .+?),? (?:and|but) (?P<second>(?:turn|switch|put|set|open|close|"
    rf"shut|lock|stop|start|go|come|bring|raise|lower|dim|pause|play)\b.* {LEAD} .+)$",
    re.IGNORECASE,
)
_WHO: Final = re.compile(
    rf"{LEAD} (?P<who>(?:the|my|our) [\w ]+?) (?:is|goes|comes|opens|closes|gets|turns)\b", re.IGNORECASE
)
_BOTH: Final = re.compile(
    r"^(?:please |can you |could you )*(?:turn|switch|put|set|open|close|lock|unlock)\b.*\b"
    r"(?:on and off|off and on|open and close|close and open|lock and unlock|open and shut|up and down)\b",
    re.IGNORECASE,
)
_TIMED: Final = re.compile(r"\b(?:at|every|each|o['’]?clock|noon|midnight|sunset|sunrise)\b", re.IGNORECASE)
_NOUN_OF: Final = re.compile(r"(?:the |my |our )?(?:.* )?(?P<noun>\w+)$", re.IGNORECASE)
_DEEDS: Final = {
    "on": "turn on {}", "off": "turn off {}", "opens": "open {}", "closes": "close {}", "locks": "lock {}",
    "unlocks": "unlock {}", "starts": "start {}", "stops": "stop {}",
}  # fmt: skip


def recast(text: str, speaker: str = "") -> Iterator[str]:
    """The sentence said with "when" and an order, for each manner it may have been said in; `speaker`: who "I" is."""
    said = _plainer(text.strip(" .!"), speaker)
    if (found := _REMIND.match(said)) is not None:
        yield f"{found['lead']} {found['when']}, say {found['what']}"
    if (found := _REMIND_LAST.match(said)) is not None:
        yield f"{found['lead']} {found['when']}, say {found['what']}"
    if said != text.strip(" .!"):
        yield said
    if (found := _ENOUGH.match(said)) is not None:
        yield _enough(found)
    if (found := _TOO.match(said)) is not None:
        yield f"{found['when']}, {_the_same(found)}"
    if (found := _WITH.match(said)) is not None:
        yield f"{found['rest']} while {_being(found['besides'])}"
    for plain in plainly_a_rule(said):
        yield from dict.fromkeys((_plainer(plain, speaker), plain))
    if (plain := _IMPERSONAL.sub(r"the temperature is \g<way> \g<figure> degrees", said)) != said:
        yield plain
    if (found := _TOLD.match(said)) is not None:
        yield f"when {finite(found['when'])}, tell me"
    if (found := _WISH.match(said)) is not None:
        yield f"turn {found['state']} {found['who']} when it is {found['bound']}"
    yield from orders(said, bare=False)


def plainly_a_rule(text: str) -> Iterator[str]:
    """The same, where nothing else can be meant, whatever the order alone would do at once."""
    said = re.sub(r",? please$", "", text.strip(" .!"))
    if (found := _NOT_LONG.match(said) or _NEVER.match(said)) is not None:
        yield from _not_long(found)
    if (found := _AT_MOST.match(said)) is not None:
        back = "close" if found["state"] == "open" else "lock" if found["state"] == "unlocked" else "turn off"
        state = found["state"] if found["state"] in ("open", "unlocked") else "on"
        yield f"when {found['who']} is {state} for {found['long']}, {back} {found['who']}"
    if kept := kept_while(said):
        yield kept
    for manner in (_MEANS, _SHOULD):
        if (found := manner.match(said)) is not None and (clause := finite(found["when"])) != found["when"]:
            for order in (*orders(found["order"]), found["order"]):
                yield f"when {clause}, {order}"
    if (found := _ASKED.match(said)) is not None and (said_so := finite(found["when"])) != found["when"]:
        for order in (*orders(found["order"]), found["order"]):
            yield f"when {said_so}, {_waited(order)}"


def apart(text: str) -> list[str]:
    """The sentences of a text that says several rules, each by itself; one where it says one."""
    said = text.strip(" .!?")
    if (two := _ORDERS_FIRST.match(said)) is not None:
        return [two["first"], two["second"]]
    pieces = [piece.strip(" ,.") for piece in _TWO.split(text.strip(" .!?"))]
    starts = re.match(rf"{LEAD}\b", pieces[0], re.IGNORECASE)
    if len(pieces) < 2 or not starts:
        return [text]
    who = _WHO.match(pieces[0])
    if who is None:
        return pieces
    it = re.compile(rf"^({LEAD}) (?:it|they)\b", re.IGNORECASE)
    return [pieces[0], *(it.sub(rf"\1 {who['who']}", piece) for piece in pieces[1:])]


def both_at_once(text: str) -> bool:
    """Whether something is ordered on and off, or open and closed, for one and the same time."""
    return _BOTH.match(text) is not None and _TIMED.search(text) is not None


# Orders ------------------------------------------------------------------------------------------------------------

_HAVE: Final = re.compile(
    r"(?P<before>^|.*?, )(?:have|get|let|make) (?P<who>(?:the|my|our|all) .+?) (?:to )?(?:come|go|turn|switch) "
    r"(?P<state>on|off)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_STAY: Final = re.compile(
    r",? and (?:to )?(?:stay|stays|be|remain|keep it|leave it)(?: (?:on|off|lit|that way|so))? (?=for|until|till)",
    re.IGNORECASE,
)
_SEND: Final = re.compile(
    r"\bsend (?P<who>.+?) (?:out|off|round|around|on (?:his|her|its) (?:round|rounds|way))\b", re.IGNORECASE
)
_BARE: Final = re.compile(
    r"^(?P<before>(?:every|each|at|on)\b[^,]*, )?(?P<who>(?:the |all |my |our )?[\w ]+?) "
    r"(?:(?P<state>on|off)|(?:to|at) "
    r"(?P<level>(?!sun|dawn|dusk|dark|noon|mid)[\w. -]+?(?:percent|%|degrees)?))(?P<rest>(?: (?:for|until|till) .+)?)$",
    re.IGNORECASE,
)  # fmt: skip
_POLITE: Final = re.compile(r"^(?:please|could you|can you|would you|i want you to|you should) ", re.IGNORECASE)
_WAIT: Final = re.compile(
    r"^(?:please )?(?:wait|give it|leave it)(?: for)? (?P<long>.+?),? (?:and )?then (?P<order>.+)$", re.IGNORECASE
)
_VERB_ALONE: Final = {
    "water": ("irrigation", "sprinklers", "watering", "garden tap"),
    "irrigate": ("irrigation", "sprinklers"),
    "heat": ("heating", "heater"),
    "ventilate": ("ventilation", "fan", "vent"),
}
_ALONE: Final = re.compile(
    r"(?P<before>^|, |\b(?:and|then) |\b(?:at|by) [\w:]+ (?:(?:am|pm|o['’]?clock|at night|in the \w+) )?)"
    rf"(?P<verb>{'|'.join(_VERB_ALONE)})"
    r"(?: (?:the )?(?:garden|plants?|flowers|lawn|beds?|tomatoes|greenhouse|vegetables|house|room|place))?"
    r"(?=$|,| for\b| until\b| at\b| every\b| unless\b| and\b| if\b| when\b)",
    re.IGNORECASE,
)  # fmt: skip


def lacks_a_thing(text: str) -> bool:
    """Whether a verb in an order stands for a device of its own: "water for ten minutes"."""
    return _ALONE.search(text) is not None


def orders(text: str, *, bare: bool = True) -> Iterator[str]:
    """An order said in another manner, as the usual one; nothing where it is usual.

    `bare`: whether it may lack a verb ("the lamp on").
    """
    said = _POLITE.sub("", text.strip(" ."))
    if (found := _HAVE.match(said)) is not None:
        rest = _STAY.sub(" ", found["rest"])
        yield f"{found['before']}turn {found['state']} {found['who']}{rest}"
    if _SEND.search(said):
        yield _SEND.sub(r"start \g<who>", said)
    if (found := _ALONE.search(said)) is not None:
        for noun in _VERB_ALONE[found["verb"].lower()]:
            yield f"{said[: found.start()]}{found['before']}turn on the {noun}{said[found.end() :]}"
    if bare and not ordered(said) and (found := _BARE.match(said)) is not None:
        before, who, rest = found["before"] or "", found["who"], found["rest"]
        yield (
            f"{before}turn {found['state']} {who}{rest}"
            if found["state"]
            else f"{before}set {who} to {found['level']}{rest}"
        )
    if (waited := _waited(said)) != said:
        yield waited


def _waited(order: str) -> str:
    """ "wait a minute and then lock it": "lock it in a minute"."""
    found = _WAIT.match(order)
    return order if found is None else f"{found['order']} in {found['long']}"


# Conditions --------------------------------------------------------------------------------------------------------

_GERUND: Final = re.compile(
    r"^(?P<who>(?:the |my |our |any)?\w+(?: \w+){0,3}) (?P<verb>[a-z]{2,}ing)\b(?P<rest>.*)$", re.IGNORECASE
)
_NO_GERUND: Final = re.compile(
    r"(?:morning|evening|ceiling|living|reading|dining|heating|lighting|building|during|something|"
    r"anything|nothing|everything|washing|sewing|spring|string|king|ring|thing)",
    re.IGNORECASE,
)
"""Words that end so and are none."""
_NOMINAL: Final = re.compile(
    r"^(?:any |some )?(?P<no>no )?(?P<what>movement|motion|smoke|water|vibration)\b(?P<rest>.*)$", re.IGNORECASE
)
_VERBLESS: Final = re.compile(
    rf"^(?P<who>(?:the |my |our )?[\w ]+?) (?P<state>{_STATE})(?P<rest>(?: .+)?)$", re.IGNORECASE
)
_FINITE: Final = re.compile(
    r"\b(?:is|are|['’]s|has|have|was|goes|comes|gets|opens|closes|turns|drops|falls|rises|stays|starts|stops|detects|"
    r"reaches|passes|leaves|finishes|locks|unlocks|there)\b",
    re.IGNORECASE,
)


def finite(text: str) -> str:
    """What happens as a clause: "somebody opening the door" is "somebody opens the door"."""
    said = text.strip(" ,")
    if (found := _NOMINAL.match(said)) is not None and not _FINITE.search(said):
        return f"there is {found['no'] or ''}{found['what']}{found['rest']}"
    found = _GERUND.match(said)
    if found is not None and not _NO_GERUND.fullmatch(found["verb"]) and not _FINITE.search(found["who"]):
        verb = found["verb"].lower()
        return f"{found['who']} {'is' if verb == 'being' else _third(verb)}{found['rest']}"
    if (found := _VERBLESS.match(said)) is not None and not _FINITE.search(said):
        return f"{found['who']} goes {found['state']}{found['rest']}" if found["state"] in ("on", "off") else (
            f"{found['who']} is {found['state']}{found['rest']}"
        )  # fmt: skip
    return said


_PEOPLE: Final = r"(?:i|we|you|somebody|someone|anybody|anyone|people)"
_TURNED: Final = re.compile(
    rf"\b{_PEOPLE} (?:turn|switch|put)(?:es|s)? (?:(?P<first>on|off) (?P<what>(?:the |my )?[\w ]+?)(?=,|$)|"
    r"(?P<who>(?:the |my )?[\w ]+?) (?P<state>on|off)\b)", re.IGNORECASE,
)  # fmt: skip
_BEEN: Final = re.compile(
    rf"\b(been {_STATE}) (?=(?:\w+ ){{1,4}}?(?:seconds?|minutes?|hours?)\b)(?!for |since |all |longer |more )",
    re.IGNORECASE,
)
_BACK: Final = re.compile(r"(?: is|['’]s) (?:back|back home|in the house)(?: again)?(?=,| then\b|$)", re.IGNORECASE)
_IN: Final = re.compile(
    r"(?<=\s)(?P<verb>(?:get|come|arrive|walk)s?) (?:back in|in|back|through the door|back home|home)"
    r"(?: (?:from|after) [\w' ]+?)?(?=,| then\b|$)",
    re.IGNORECASE,
)
"""How people come home: the bell of the door is no part of it."""
_I: Final = re.compile(
    rf"(?P<lead>\b(?:{LEAD}|until)) i(?P<verb> leave| go| get| come| arrive| am|['’]m| have|['’]ve)\b", re.IGNORECASE
)
_HE: Final = {
    "leave": "leaves", "go": "goes", "get": "gets", "come": "comes", "arrive": "arrives", "am": "is", "'m": "is",
    "have": "has", "'ve": "has",
}  # fmt: skip


def _plainer(text: str, speaker: str) -> str:
    """The same with states in the place of deeds, and a name in the place of "I" where that is known."""
    said = re.sub(r"\b(still )?lit\b", r"\1on", text)
    said = _BACK.sub(" is home", said)
    said = _IN.sub(r"\g<verb> home", said)
    said = _TURNED.sub(lambda one: f"{one['what'] or one['who']} goes {one['first'] or one['state']}", said)
    said = _BEEN.sub(r"\1 for ", said)
    if speaker:
        said = _I.sub(
            lambda one: f"{one['lead']} {speaker} {_HE[one['verb'].strip().lower().replace('’', chr(39))]}", said
        )
    return said


def _being(text: str) -> str:
    """ "Sam at home": "Sam is at home"."""
    found = _VERBLESS.match(text)
    return text if found is None or _FINITE.search(text) else f"{found['who']} is {found['state']}{found['rest']}"


def _third(gerund: str) -> str:
    stem = gerund[:-3]
    if stem in ("com", "leav", "clos", "mov", "ris", "chang", "arriv", "mak", "tak", "us", "wak", "driv", "danc"):
        stem += "e"
    elif len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in "lsez":
        stem = stem[:-1]
    if stem.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{stem}es"
    return f"{stem[:-1]}ies" if stem.endswith("y") and stem[-2:-1] not in "aeou" else f"{stem}s"


# Manners -----------------------------------------------------------------------------------------------------------


def _enough(found: re.Match[str]) -> str:
    """ "Two hours of heating is plenty, so turn it off when it's been on that long"."""
    rest = re.sub(r"\b(?:for )?(?:that|this) long\b", f"for {found['long']}", found["rest"])
    return re.sub(
        rf"(\b{LEAD}) it(?=['’]s | has | is )",
        rf"\1 the {found['who'].removeprefix('the ')}",
        rest,
        flags=re.IGNORECASE,
    )


def _not_long(found: re.Match[str]) -> Iterator[str]:
    """ "The gate mustn't stay open: after a minute, close it"."""
    after = _AFTER.match(found["order"])
    long = found["long"] or (after["long"] if after else "")
    order = found["order"][after.end() :] if after else found["order"]
    held = f" for {long}" if long else ""
    yield f"when {found['who']} is {found['state']}{held}, {order}"


def _the_same(found: re.Match[str]) -> str:
    """The order that does with another thing what has just happened to the first."""
    other = found["other"] or found["so"] or found["same"]
    noun = _NOUN_OF.match(found["who"])
    if noun is not None:
        other = re.sub(r"\bone\b", noun["noun"], other)
    return _DEEDS[found["state"].lower()].format(other)
