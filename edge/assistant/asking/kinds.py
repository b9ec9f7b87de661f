"""Tells from the words of a question which figure it asks for, and what is to be compared or chosen."""

import re
from dataclasses import dataclass
from typing import Final

from edge.assistant.asking.lexicon import COUNTED, ENDS, HIGH, LOW
from edge.assistant.asking.sentence import Sentence, Word
from edge.sensors.questions import Form, What


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked: the figure, the form, which end, and the measure that the words for it name.

    `ended`: how long ago it ended is asked, not how long ago it began.
    """

    what: What
    form: Form = Form.PLAIN
    direction: str = ""
    measure: str = ""
    of: What | None = None
    first: bool = False
    rooms: bool = False
    """"Which room": one of the rooms is the answer."""
    ended: bool = False


def _words(text: str) -> "re.Pattern[str]":
    return re.compile(rf"\b(?:{text})\b")


_NORMAL: Final = _words(
    "normal|normally|usual|usually|typical|typically|unusual|unusually|abnormal|abnormally|ordinary|strange|odd|weird|"
    "out of the ordinary|as always|as ever|expected|unexpected|expect|all right|alright|as it should be|healthy|"
    "properly|correctly|(?:is|are|was|were) (?:…|it|that|this|the)?(?: …| \\w+){0,4} (?:ok|okay|fine|in order)"
    "(?= …| now| at| right| today|$)"
)
_AVERAGE: Final = _words("average|averaged|averages|mean|on average|median")
_TREND: Final = _words(
    "rising|falling|increasing|decreasing|climbing|trend|trending|going up|going down|dropping|sinking|"
    "(?:getting|growing|becoming|gotten) (?:any )?(?:much )?(?:more|less|\\w+er)|warming up|cooling down|cooling off|"
    "heating up|drying out|filling up|emptying|stable|steady|constant|up or down|which way|which direction|heading|"
    "been doing|(?:has|have) (?:\\S+ ){1,6}done|headed|going (?:anywhere|which way)"
)
_WHICH: Final = _words(
    "(?:which|what) (?:of )?(?:the |my |our )?(?:other )?(rooms?|sensors?|thermometers?|places?|areas?|doors?|windows?|"
    "lights?|devices?|machines?|batter(?:y|ies)|one|spot|part of the house|switch|switches|appliances?|plugs?)"
)
_WHICH_ONE: Final = _words("which|who")
_WHERE: Final = re.compile(r"^(?:…? ?)?(?:so |and )?where\b|\bin (?:which|what) room\b")
_WHICH_DAY: Final = _words("(?:which|what|on which|on what) (?:day|days|night|nights|date)")
_WHEN: Final = _words("when|what time|which time|at what (?:time|hour|point)|what hour|since when|what date|which date")
_SINCE: Final = re.compile(
    r"\bhow (?:long|much time|many (?:hours|minutes|days|weeks))\b.*?\b(?:ago|since)\b|\bhow long ago\b"
)
_WITHOUT: Final = _words("without|no longer")
_LASTING: Final = re.compile(
    r"\bbeen\b.*\bfor how long\b|\bhow long\b(?!.*\b(?:ago|since)\b).*\bbeen\b|"
    r"\bhow (?:long|many (?:hours|minutes|days)) (?:…? ?)?(?:has|have|s|is|are|ve) .*?\b(?:been|be|stayed)\b"
    r"|\bhow long (?:has|have|is|are|s)\b|\bsince when (?:is|are|has|have)\b"
)
_DURATION: Final = _words(
    "how long|how much of|how many (?:hours|minutes|seconds)|how much time|for how long|what length of time|"
    "total time|run ?time"
)
_SHARE: Final = re.compile(r"\bhow much(?: of)? …")
_DAYS: Final = _words("how many (?:days|nights)|on how many|number of days|days")
_COUNT: Final = _words("how often|how many times|how frequently|number of times|how many (?:…? ?)?(?:openings|starts|"
                       "cycles|runs|visits|alarms)|count|times (?:did|was|has|have|were)")  # fmt: skip
_DAY_OF: Final = re.compile(r"\b\w+est (?:day|night)\b|\b(?:most|least) \w+ (?:day|night)\b")
_ROOM_OF: Final = re.compile(r"\b\w+est (?:room|place)\b|\b(?:most|least) \w+ (?:room|place)\b")
_AGAINST: Final = _words("compare|compared|compares|comparison|versus|vs")
_LONGEST: Final = _words("longest")
_MOVED: Final = _words("drop|dropped|drops|fall|fell|fallen|sink|sank|sunk|decrease|decreased|decline|declined|lose|"
                       "lost|cool|cooled|cool down|cool off|go down|gone down|went down|come down")  # fmt: skip
_ROSE: Final = _words("rise|rose|risen|increase|increased|climb|climbed|gain|gained|go up|gone up|went up|warm up|"
                      "warmed|warmed up|heat up|heated up|jump|jumped|grow|grew|grown")  # fmt: skip
_CHANGED: Final = _words("change|changed|moved|difference|differ")
_HOW_MUCH: Final = _words(
    "how much|how far|how fast|how quickly|by how much|"
    "how many (?:degrees|litres|liters|kilowatt hours|units|percent|millimetres)"
)
_DRAWING: Final = re.compile(r"\b(?:is|are|s)\b.*\b(?:using|drawing|consuming|pulling|producing|making|generating)\b")
_TOTAL: Final = _words("total|sum|altogether|in all|usage|consumption|use|used|using|consume|consumed|produce|produced|"
                       "generate|generated|make|made|spent|spend|fall|fallen|fell|gone through|went through|"
                       "pumped|burn|burned|burnt")  # fmt: skip
_USED: Final = _words("used|use|opened|opens|open|triggered|switched on|turned on|come on|came on|started|run")
_RANGE: Final = _words("range|ranged|high and low|highs and lows|highest and lowest|lowest and highest|min and max|"
                       "minimum and maximum|maximum and minimum|max and min|hottest and coldest|coldest and hottest|"
                       "warmest and coldest|coldest and warmest|low and high|extremes|between what|vary|"
                      "varied|fluctuate|fluctuated")  # fmt: skip
_REACHED: Final = _words("get|got|gotten|go|went|gone|fall|fell|drop|dropped|rise|rose|climb|climbed|become|became|"
                         "reach|reached|sink|sank|turn|come|came|peak|hit")  # fmt: skip
_MOVES: Final = _words("went|go|goes|rose|rise|fell|fall|dropped|drop|climbed|opened|closed|shut|locked|unlocked|"
                       "triggered|came|come|left|started|arrived|turned|switched|pressed|rang|detected")  # fmt: skip
_DOWN_TO: Final = _words("(?:down|drop|dropped|fall|fell|fallen|sink|sank) to|bottom out|bottomed out|bottom")
_UP_TO: Final = _words("reach|reached|(?:up|rise|rose|risen|climb|climbed|got|went) to|top out|topped out|peak|peaked")
_COMPARED: Final = _words("compare|compared|compares|comparison|difference between|differ from|versus|vs|than|"
                          "difference|apart|gap between|as (?:\\w+) as")  # fmt: skip
_OR: Final = _words("or")
_ASKS: Final = re.compile(r"^(?:(?:so|and|well|hey|please|tell me if|do you know if|can you tell me if|check if|ok|"
                          r"tell me whether|was|…) )*(did|was|were|has|have|had|is|are|does|do|any)\b")  # fmt: skip
_ALWAYS: Final = _words("always|stay|stayed|remain|remained|keep|kept|all the time|the whole time|throughout|never|"
                        "constantly|permanently|at all times|all night|all day|the entire time")  # fmt: skip
_TOO: Final = _words("too")
_WEATHERED: Final = re.compile(r"(?:did|has|had|was|were|is) (?:it|there)\b")
_FIRST: Final = _words("first|for the first time|earliest")
_PAST: Final = _words("was|were|did|had|got|been|went|fell|rose")


def kind_of(sentence: Sentence, *, mentions: int) -> Kind:
    """The kind of question; `mentions`: how many things and places it names."""
    said = sentence.said
    top, more, how = sentence.superlatives(), sentence.comparatives(), sentence.adjectives()
    spans = len(sentence.times)
    first = _FIRST.search(said) is not None
    direction, measure = _end(top or more or how)
    if _NORMAL.search(said) and not _asks_when(said):
        return Kind(What.NORMAL, measure=measure, of=_of(sentence, top), direction=direction)
    if (more or _COMPARED.search(said)) and (spans > 1 or mentions > 1) and not top:
        return Kind(_figure(sentence, top, more), Form.COMPARE, direction, measure)
    if spans == 1 and (_AGAINST.search(said) or (more and _COMPARED.search(said))):
        return Kind(_figure(sentence, top, more), Form.COMPARE, direction or _end(how)[0], measure or _end(how)[1])
    if more and spans == 1 and _COMPARED.search(said):
        return Kind(_figure(sentence, top, more), Form.COMPARE, direction, measure)
    if _WHICH_DAY.search(said) and (top or more):
        return Kind(_figure(sentence, top, more), Form.WHICH_DAY, direction, measure)
    if _DAY_OF.search(said) and top:
        return Kind(_figure(sentence, top, more), Form.WHICH_DAY, direction, measure)
    if _ROOM_OF.search(said) and top:
        return Kind(_figure(sentence, top, more), Form.WHICH, direction, measure, rooms=True)
    which = _WHICH.search(said)
    if which and re.search(r"\b(?:longest|most often|oftenest|most times)\b", said):
        what = What.COUNT if "often" in said or "times" in said else What.DURATION if sentence.times else What.LASTING
        return Kind(what, Form.WHICH, HIGH)
    if mentions > 1 and (top or more) and _WHICH_ONE.search(said):
        return Kind(_figure(sentence, top, more), Form.WHICH, direction, measure)
    if (which or _WHERE.search(said)) and (top or more):
        rooms = which is None or which.group(1).startswith(("room", "place", "area", "one", "spot", "part"))
        form = Form.COMPARE if more and mentions == 2 else Form.WHICH
        return Kind(_figure(sentence, top, more), form, direction, measure, rooms=rooms)
    if _TREND.search(said) and not sentence.bounds:
        return Kind(What.TREND, measure=measure, direction=direction)
    return _plain(sentence, said, top, how, first=first)


def _plain(sentence: Sentence, said: str, top: list[Word], how: list[Word], *, first: bool) -> Kind:  # noqa: C901
    direction, measure = _end(top or how or sentence.comparatives())
    if _SINCE.search(said):
        ended = re.search(r"\b(?:was|were|been|be|had)\b", said) is not None and not _MOVES.search(said)
        return Kind(What.SINCE, direction=direction if top else "", measure=measure, first=first, ended=ended)
    if _LONGEST.search(said) and (sentence.states() or sentence.bounds):
        return Kind(What.LONGEST, measure=measure)
    if _asks_when(said):
        if re.search(r"\bsince when\b", said):
            return Kind(What.LASTING, measure=measure)
        return Kind(What.WHEN, direction=direction if top else "", measure=measure, first=first)
    if _COUNT.search(said):
        return Kind(What.COUNT, measure=measure)
    rains = any(one.measure == "precipitation" for one in sentence.measures())
    if _DAYS.search(said) and (sentence.bounds or sentence.states() or _frozen(said) or rains):
        return Kind(What.DAYS, measure=measure)
    if _WITHOUT.search(said) and (_LASTING.search(said) or _DURATION.search(said)):
        return Kind(What.SINCE, measure=measure, ended=True)
    if _LASTING.search(said) and not any(not one.moment for one in sentence.times):
        return Kind(What.LASTING, measure=measure)
    share = _SHARE.search(said) is not None and bool(sentence.states())
    if share or (_DURATION.search(said) and (sentence.states() or sentence.bounds or how)):
        return Kind(What.DURATION, measure=measure)
    if _RANGE.search(said):
        return Kind(What.RANGE, measure=measure)
    if rains and _WEATHERED.match(said):
        return Kind(What.EVER, measure="precipitation")
    if _AVERAGE.search(said):
        return Kind(What.AVERAGE, measure=measure)
    if sentence.bounds or (_TOO.search(said) and how) or _frozen(said):
        if _ASKS.search(said):
            return Kind(What.ALWAYS if _ALWAYS.search(said) else What.EVER, measure=measure, direction=direction)
        if _HOW_MUCH.search(said) is None:
            return Kind(What.EVER, measure=measure, direction=direction)
    if _HOW_MUCH.search(said):
        return _how_much(sentence, said)
    if top:
        return Kind(What.LOWEST if direction == LOW else What.HIGHEST, measure=measure, direction=direction)
    if how and re.search(r"\bhow\b", said) and _REACHED.search(said):
        return Kind(What.LOWEST if direction == LOW else What.HIGHEST, measure=measure, direction=direction)
    if _DOWN_TO.search(said):
        return Kind(What.LOWEST, measure=measure, direction=LOW)
    if _UP_TO.search(said):
        return Kind(What.HIGHEST, measure=measure, direction=HIGH)
    if re.search(r"\b(?:low|lows)\b", said) and not re.search(r"\bhow\b", said):
        return Kind(What.LOWEST, direction=LOW, measure=measure)
    if re.search(r"\b(?:high|highs|peak)\b", said) and not re.search(r"\bhow\b", said):
        return Kind(What.HIGHEST, direction=HIGH, measure=measure)
    if _TOTAL.search(said) and any(one.measure in COUNTED for one in sentence.measures()):
        return Kind(What.TOTAL, measure=measure)
    if sentence.comparatives() and sentence.times and _REACHED.search(said):
        return Kind(What.CHANGE, direction=direction, measure=measure)
    if _ASKS.search(said) and (_MOVED.search(said) or _ROSE.search(said)):
        return Kind(What.CHANGE, direction=LOW if _MOVED.search(said) else HIGH, measure=measure)
    if _ASKS.search(said) and sentence.states():
        if re.match(r"(?:has|have|did)\b", said) and not sentence.times and not ENDS.isdisjoint(sentence.tokens):
            return Kind(What.WHEN, measure=measure)
        return Kind(What.ALWAYS if _ALWAYS.search(said) and sentence.times else What.EVER, measure=measure)
    return Kind(What.VALUE, measure=measure)


def _how_much(sentence: Sentence, said: str) -> Kind:
    if not sentence.times and _DRAWING.search(said):
        return Kind(What.VALUE, measure="peak energy")
    counted = any(one.measure in COUNTED or one.measure == "power" for one in sentence.measures())
    if not counted or re.search(r"\btemperature|humidity|level|battery|pressure\b", said):
        if _MOVED.search(said):
            return Kind(What.CHANGE, direction=LOW)
        if _ROSE.search(said):
            return Kind(What.CHANGE, direction=HIGH)
        if _CHANGED.search(said):
            return Kind(What.CHANGE)
    if counted or _TOTAL.search(said):
        return Kind(What.TOTAL)
    return Kind(What.VALUE)


def _figure(sentence: Sentence, top: list[Word], more: list[Word]) -> What:
    """The figure by which things are compared."""
    said = sentence.said
    if _COUNT.search(said) or re.search(r"\b(?:most|more|less|least) (?:often|times|frequently)\b|\boftener\b", said):
        return What.COUNT
    if re.search(r"\b(?:longest|longer|shortest|shorter|how long)\b", said) and sentence.states():
        return What.DURATION
    if any(one.measure in COUNTED for one in sentence.measures()) and not any(one.measure for one in [*top, *more]):
        return What.TOTAL
    if _USED.search(said) and any(one.said in ("more", "less", "most", "least") for one in [*top, *more]):
        return What.COUNT
    if _RANGE.search(said) or not sentence.times:
        return What.VALUE
    if top and (_WHICH_DAY.search(said) or _DAY_OF.search(said)):
        return What.LOWEST if _end(top)[0] == LOW else What.HIGHEST
    named = {"highest": What.HIGHEST, "lowest": What.LOWEST, "maximum": What.HIGHEST, "minimum": What.LOWEST,
             "max": What.HIGHEST, "min": What.LOWEST, "peak": What.HIGHEST}  # fmt: skip
    for one in top:
        if one.said in named and re.search(rf"\b{one.said}\b", said):
            return named[one.said]
    if _REACHED.search(said) and (top or more):
        return What.LOWEST if _end(top or more)[0] == LOW else What.HIGHEST
    if all(one.moment for one in sentence.times):
        return What.VALUE
    return What.AVERAGE


def _of(sentence: Sentence, top: list[Word]) -> What:
    """What is to be judged."""
    said = sentence.said
    if not any(not one.moment for one in sentence.times):
        return What.VALUE
    if top:
        return What.LOWEST if _end(top)[0] == LOW else What.HIGHEST
    if _COUNT.search(said):
        return What.COUNT
    if _DURATION.search(said) and sentence.states():
        return What.DURATION
    if any(one.measure in COUNTED for one in sentence.measures()):
        return What.TOTAL
    return What.AVERAGE


def _end(words: list[Word]) -> tuple[str, str]:
    """Which end the words mean, and what they measure."""
    measure = next((one.measure for one in words if one.measure), "")
    direction = next((one.direction for one in words if one.measure == measure), "")
    return direction, measure


def _asks_when(said: str) -> bool:
    found = _WHEN.search(said)
    return found is not None and not re.search(r"\b(?:is|was) (?:that|it|this) when\b", said)


def _frozen(said: str) -> bool:
    return re.search(r"\b(?:freeze|froze|frozen|freezing|frost)\b", said) is not None
