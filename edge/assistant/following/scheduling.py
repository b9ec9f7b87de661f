"""Sentences about what is on the schedule, as patterns: which of them one is, and its parts; pure."""

import re
from typing import Final

NUMBER: Final = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|\d{1,3}(?:[:.]\d\d)?|half|quarter|a|an|the|of|oh|hundred"
)
_LENGTH_WORD: Final = rf"(?:{NUMBER}|and|couple|few|quarters?|days?|weeks?|hours?|hour's|minutes?|mins?|seconds?|secs?)"
_LENGTH: Final = rf"(?P<length>{_LENGTH_WORD}(?:[ -]{_LENGTH_WORD})*)"
TIME: Final = re.compile(
    r"(?:(?:at|in|on|by|for|to|past|after|before|from|and|until|till|about|around|every|each|this|next|every other|"
    r"tomorrow|tonight|today|morning|afternoon|evening|night|noon|midday|midnight|o'clock|am|pm|a\.m|p\.m|sunrise|"
    r"sunset|dusk|dawn|day|days|week|weeks|weekday|weekdays|weekend|weekends|hour|hours|minute|minutes|seconds?|time|"
    rf"first|thing|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|{NUMBER})(?:[ -]|$))+"
)
"""A time and nothing else."""
LENGTH: Final = re.compile(_LENGTH)

_REF: Final = r"(?P<ref>.+?)"
_MORE: Final = r"(?:another |an extra |a further |an additional )"
_PUT: Final = r"(?:make|move|push|shift|bring|put|set|have|let|get)"
CANCEL: Final = re.compile(
    r"(?:cancel|delete|remove|scrap|drop|bin|forget|stop|kill|scratch|call off|clear|get rid of|lose|ditch|abandon|"
    rf"end|dismiss|take off|never mind|skip)(?: about)? {_REF}(?P<off> off)?"
)
DROPPED: Final = re.compile(
    r"(?:forget|never ?mind|drop|scrap|cancel) (?:it|that|about it|about that)|do not bother|don't bother|never ?mind|"
    r"leave it|don't|do not|don't do (?:it|that)|rather not|"
    r"(?:leave|let|keep) (?:it|them|that) (?:on|off|running|open|as (?:it is|they are))"
)
SILENCED: Final = re.compile(rf"(?:turn|switch|shut) (?:off {_REF}|(?P<ref2>.+?) off)")
PAUSE: Final = re.compile(rf"(?:pause|hold|freeze|suspend|halt) {_REF}|put (?P<ref2>.+) on hold")
RESUME: Final = re.compile(
    rf"(?:resume|unpause|continue|restart|carry on with|go on with|keep going with|start) {_REF}|"
    r"(?:resume|continue|carry on|go on|keep going|unpause)"
)
SHIFTS: Final = (
    (re.compile(rf"(?:give|allow) {_REF} {_MORE}?{_LENGTH}(?: more| longer| extra)?"), 1),
    (re.compile(rf"(?:add|put|stick|pop|chuck) {_MORE}?{_LENGTH}(?: more)? (?:on|to|onto|on to) {_REF}"), 1),
    (re.compile(rf"(?:add|put) {_MORE}?{_LENGTH}(?: more| on)?"), 1),
    (re.compile(rf"(?:knock|take|shave|cut|lop|subtract) {_LENGTH} (?:off|from)(?: of)? {_REF}"), -1),
    (re.compile(rf"(?:knock|take|shave|cut|lop) {_LENGTH} off"), -1),
    (
        re.compile(
            rf"(?:leave|keep|let) {_REF}(?: (?:burning|on|running|going|open|off|playing|run|lit))* (?:for )?{_MORE}"
            rf"{_LENGTH}(?: (?:longer|more|after that))?"
        ),
        1,
    ),
    (re.compile(rf"(?:extend|delay|postpone|lengthen) {_REF} (?:by |for )?{_MORE}?{_LENGTH}"), 1),
    (re.compile(rf"shorten {_REF} by {_LENGTH}"), -1),
    (re.compile(rf"{_PUT} {_REF} (?P<way>back|out|forward|forwards|up|on) (?:by )?{_LENGTH}"), 1),
    (re.compile(rf"{_PUT} {_REF} (?:by )?{_LENGTH} (?P<way>later|earlier|sooner|longer|shorter|more|less)"), 1),
    (re.compile(rf"(?:could|can|might) {_REF} be {_LENGTH} (?P<way>later|earlier|sooner|longer|shorter)"), 1),
    (re.compile(rf"(?:make |by )?{_LENGTH} (?P<way>more|longer|less|later|earlier|sooner|shorter)"), 1),
    (re.compile(rf"{_MORE}{_LENGTH}(?: (?:more|longer))?"), 1),
)
"""How something is put later (1) or earlier (-1)."""
EARLIER: Final = frozenset({"earlier", "sooner", "shorter", "less", "forward", "forwards", "up"})
RETIMED: Final = re.compile(r"(?:make|change|set|move|shift|switch|push|bring|put|reschedule|have|do) (?P<rest>.+)")
LED: Final = re.compile(r"^(?:be |go off |ring |wait |last )?(?:to |for |until |till |at |from )?")
NOT_ON: Final = re.compile(r"(?:but )?(?:not|except|apart from|skip|leave out|without)(?: (?:on|for|at))? (?P<days>.+)")
_THIS_ONCE: Final = r"(?:once|this once|for once|this time|the next time|next time)"
_ONE_DAY: Final = r"(?:for )?(?P<{}>tomorrow|today|tonight|this (?:morning|evening))"
_ANY_DAY: Final = (
    r"(?:for |on )?(?P<day>tomorrow|today|tonight|this (?:morning|evening)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
SKIP: Final = (
    re.compile(
        rf"(?:skip|not|miss|leave out|except|drop|cancel|omit)(?: (?:for|on))? "
        rf"(?:{_ONE_DAY.format('day')}|this time|the next (?:one|time)|next time|{_THIS_ONCE})"
    ),
    re.compile(
        rf"(?:skip|cancel|leave out|drop|miss|stop|turn off|switch off) (?:it|that|them|that one)(?: just| only)? "
        rf"(?:{_ONE_DAY.format('day')}|{_THIS_ONCE})"
    ),
    re.compile(
        rf"(?:turn|switch|leave|shut) (?:it|that|them|that one) (?:off|out)(?: just| only)? "
        rf"(?:{_ANY_DAY}|{_THIS_ONCE})"
    ),
)
"""How one time is left out of what comes back."""
DO_NOT: Final = re.compile(
    rf"(?:do not|don't|no need to) (?:do|run|ring|open|close|turn|switch|start|lock) (?:it|that|them)(?: on| off)? "
    rf"{_ONE_DAY.format('day')}"
)
NOT_NEEDED: Final = re.compile(
    rf"(?:i|we) (?:do not|don't|won't|will not) (?:need|want) (?:it|that|that one|one|waking|to get up) "
    rf"{_ANY_DAY}"
)
ALSO_ON: Final = re.compile(r"(?:add|include|and|do|make it)(?: (?:on|for|at))? (?P<days>.+)|(?:on|at) (?P<days2>.+)")
EXCEPT: Final = re.compile(
    r"(?:but )?(?:except|not|apart from|leave out|leave|without)(?: for)? (?P<what>.+?)(?: out| alone| be)?"
)
RENAMED: Final = re.compile(rf"(?:call|name|rename|label) {_REF} (?:to |as )?(?P<name>[\w' -]+)")
FIRST: Final = re.compile(
    r"which (?:one |of (?:them|those) |alarm |timer )?(?:goes|rings|is|comes|will go|finishes|ends)(?: off| up| done)? "
    r"(?P<which>first|next|last|soonest)"
)
NEXT: Final = re.compile(
    r"(?:when(?:'s| is| does| will)|what(?:'s| is)) (?:the|my) next (?P<kind>alarm|timer|reminder)\b.*"
)
LEFT: Final = re.compile(
    r"how (?:much|long|many minutes|much time|much longer|long now)\b(?P<rest>(?: is (?:it|that))? for|"
    r".*\b(?:left|longer|to go|remaining|got|until|remain|be|run|last|sleep|rest|have)\b.*|$)|"
    r"(?:has|have|is|are) (?P<ref>.+?) (?:got long|got much longer|got much left|nearly done|almost done|nearly up|up|"
    r"done|finished|ready|cooked)(?: left| to go| yet)?"
)
DOING: Final = re.compile(
    r"how(?: is|'s| are|'re) (?P<ref>it|that|they|those|.+?) (?:doing|going|coming along|coming on|getting on|looking)"
)
GOING: Final = re.compile(
    r"what(?:'ve| have)? (?:i|we|you)(?:'ve| have)?(?: got)? (?:going|running|on the go|ticking|counting(?: down)?|set)"
)
"""What is running, whatever it is."""
WHEN: Final = re.compile(
    r"(?!what time is it(?:$| (?:now|in|right|at|by|there|anyway|exactly)\b))"
    r"(?:when|what time)(?:'s| (?:was|is|did|does|do|will|are|'s)) (?P<ref>.+?)"
    r"(?: (?:go|going|goes|due|set|for|ring|ringing|come|coming|happen|happening|off|up|on|down|be|again|roughly|about|"
    r"exactly|turn|switch|open|close|start)\b.*)?"
)
WHICH_HALF: Final = re.compile(
    r"(?:(?:is|was) (?:that|it) |do you mean |that's )?(?:for )?(?:am or pm|a\.?m\.? or p\.?m\.?|morning or (?:evening|"
    r"afternoon|night)|in the morning or (?:in )?(?:the )?(?:evening|afternoon|at night)|today or tomorrow)"
)
HAVE: Final = re.compile(
    r"(?:do i have|have i got|is there|do we have|have we got|any|got) "
    r"(?:one|any|anything|an alarm|a reminder|something) (?:set |on |for |at )+(?P<days>.+)|"
    r"(?:what|how) about (?:on )?(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:the )?weekends?)"
)
AGAIN_AT: Final = re.compile(
    r"(?:(?:go off|ring|wake me|wake me up|remind me|tell me|say (?:it|that|so)|nudge me|do (?:it|that)|get me up) )?"
    r"again (?P<time>.+)|"
    r"(?:(?:set|make|add|give me|i (?:want|need)) )?(?:another|one more|a second|one)(?: (?:alarm|timer|reminder|one))?"
    r"(?: (?:for|called) (?:the )?(?P<name>[\w' ]+?))? "
    r"(?P<time2>(?:at|in|on|for|every|tomorrow|tonight|next|this) .+)"
)
FOR_SOMEBODY: Final = re.compile(
    r"(?:(?:set|make|add) )?(?:(?:another|one more|a second|one)(?: (?:alarm|reminder|one))? )?"
    r"(?P<time>(?:at |on )?.+?) for (?:the )?(?P<name>[a-z' ]+)"
)
AFTER_THAT: Final = re.compile(
    rf"(?:(?:set|make|add) )?(?:another|one more|a second|one)(?: (?:alarm|reminder|one))? {_LENGTH} "
    r"(?P<way>later|after that|after|before that|before|earlier|sooner)"
)
ANOTHER_TIMER: Final = re.compile(
    r"(?:(?:set|start|make|do) )?(?:another|one|one more|a second)(?: one| timer)?(?: (?:for|called) (?:the )?"
    rf"(?P<name>[a-z' ]+?))? (?:for |of |at )?{_LENGTH}"
)
NAMED_FIRST: Final = re.compile(
    rf"(?:set |start |and )*(?:a|an|the) (?P<name>[a-z' ]+?)(?: (?:one|timer))? (?:for|of|at) {_LENGTH}"
)
NAMED_TIMER: Final = re.compile(rf"{_LENGTH} for (?:the )?(?P<name>[a-z' ]+)")
TO_DO: Final = re.compile(r"(?:to|about|that) (?P<message>.+)")
SAME_TIME: Final = re.compile(r"\bat the same (?:time|hour)\b")
PLANS: Final = r"(?:lined up|planned|scheduled|coming up|on the schedule|queued up)"
_LATER: Final = r"(?:later(?: on)?|tonight|tomorrow|next|today|this \w+|overnight|in the \w+|at \w+)"
PLANNED: Final = (
    re.compile(
        r"what(?:'s| is| are|'ve| have| has| do| does)?(?: (?:you|we|i|the house|else|there|been|got|is|have|that))* "
        rf"{PLANS}(?: (?:for|with|in|on) (?P<about>.+?))?(?: {_LATER})?"
    ),
    re.compile(rf"(?:is|are) (?:there )?anything {PLANS}(?: (?:for|with|in|on) (?P<about>.+?))?(?: {_LATER})?"),
    re.compile(
        rf"(?:tell me )?what(?:'s| is| are| will|'ll)? (?P<about>(?:the |my )?[\w' ]+?) (?:will )?(?:be doing|doing|"
        rf"going to do|do|supposed to do|meant to do|up to) {_LATER}"
    ),
    re.compile(
        r"what(?:'s| is| will)? (?:happens?|happening|going to happen|goes on)"
        r"(?: (?:here|in here|in (?P<about>(?:the |my )?[\w ]+?)))? (?P<days>(?:on|at|in|every) .+)"
    ),
)
"""Questions about what is to come of devices."""
