"""Goes on about what is on the schedule: "pause that", "make it half past seven", "not on Fridays"; pure.

What it makes are calls of functions `entries.…`, which name entries by id; `edge.assistant.entrykeeping` does them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge.assistant.following import scheduling as at
from edge.assistant.following.bounded import until_day
from edge.assistant.following.onemore import DATED, HALF, OneMore, with_hour
from edge.assistant.following.past import Deed
from edge.assistant.following.picking import DAYS, Picking, days_in, rule_days
from edge.assistant.following.said import Said, as_spelt
from edge.assistant.following.scaling import factor
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing, Value
from edge.router.values.durations import duration
from edge.router.values.moments import moment
from edge.router.values.numbers import number
from edge.schedule.agenda import Agenda
from edge.schedule.clock import Clock
from edge.schedule.model import Entry, Kind, Status

_TIMES: Final = ("at", "after", "repeat", "sun", "sun_offset")
_HOUR_S: Final = 3600.0
_FEW: Final = 12
"""Hours that a number alone may be."""
_UNITS: Final = re.compile(r"\b(?:sec|min|hour|day|week)")
_HASTY_S: Final = 30.0
"""How long "never mind" takes back what was set."""
_EVERY: Final = re.compile(r"(?:make it |do it |and )?(?:every|each) .+|(?:on |at )?(?:weekdays|weekends)")
_UNLED: Final = re.compile(r"^(?:(?:make|do) it )?(?:and )?")
_DAILY: Final = re.compile(
    r"(?:(?:make|do|keep|i want|have) (?:it|that|this) )?(?:for )?(?:(?:every|each)(?: single)? "
    r"(?:day|night|morning|evening|afternoon|time)|daily|nightly|always|all the time|from now on|"
    r"not just (?:today|tonight|tomorrow|once|this once))"
)
_DAYS_ALONE: Final = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|week(?:ends?|days?)|and|on|at|the|every|both|or|too)"
    r"(?:[ ,]+(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|week(?:ends?|days?)|and|on|at|the|every|both|or|too))*"
)
_ONCE: Final = re.compile(
    r"(?:(?:make|do) (?:it|that) )?(?:just |only )?(?:(?:the |this )?once|(?:for )?(?:today|tonight|tomorrow)|"
    r"(?:this )?one time)|not (?:every|each) (?:day|night|morning|evening|time|week)|not (?:daily|always)"
)
_ON_THE_CLOCK: Final = re.compile(r"\b(?:left|remaining|to go|still|time|on the clock|have|has)\b")
_MORE_OF: Final = re.compile(r"\b(\w+) more (minutes?|hours?|seconds?)\b")


@dataclass(frozen=True, slots=True)
class Entries:
    """Reads one sentence; `deeds` the latest first, also those whose devices are forgotten by now."""

    registry: Registry
    agenda: Agenda
    clock: Clock
    deeds: Sequence[Deed]
    area: str | None

    def read(self, text: str, one: Said) -> Routing | None:
        """What it comes to; None where it is about nothing on the schedule."""
        core = _MORE_OF.sub(r"\1 \2", one.core)
        core = re.sub(r"^(?:never ?mind|forget (?:it|that)) (?=\w+ )(?!about)", "", core)
        call = (
            self._renamed(core, text)
            or self._told(core)
            or self._skipped(core)
            or self._days(one)
            or self._cancelled(core)
            or self._paused(core)
            or self._shifted(core)
            or self._scaled(one)
            or self._retimed(one)
            or OneMore(self._picking, self.clock, self.deeds, text).read(one)
        )
        if call is None:
            return None
        asks = call.function in ("entries.tell", "entries.on", "entries.none")
        return Routing(text, Decision.QUERY if asks else Decision.ACT, (call,), 1.0)

    @property
    def _picking(self) -> Picking:
        return Picking(self.registry, self.agenda, self.clock, self.deeds, self.area)

    # Ending, pausing -----------------------------------------------------------------------------------------------

    def _cancelled(self, core: str) -> Call | None:
        pick = self._picking
        if at.DROPPED.fullmatch(core):
            latest = self.deeds[0] if self.deeds else None
            if latest is None or self._moved(latest):
                return None
            hasty = core.startswith(("never mind", "nevermind")) and not core.endswith(("it", "that"))
            if hasty and self.clock.boot_s() - latest.at_s > _HASTY_S:
                return None
            return _call("cancel", pick.of(latest))
        if found := at.SILENCED.fullmatch(core):
            ref = found["ref"] or found["ref2"]
            if self.deeds and self.deeds[0].entries and not self.deeds[0].devices:
                clocks = [one for one in pick.pronoun(ref) or () if one.kind is not Kind.CALL]
                if clocks:
                    return _call("cancel", clocks)
            return _call("cancel", pick.named(ref)) if re.search(r"\b(?:alarm|timer|reminder)s?\b", ref) else None
        if not (found := at.CANCEL.fullmatch(core)):
            return None
        ref = found["ref"]
        entries = pick.pronoun(ref)
        if entries is None:
            named, days = pick.named(ref), set(days_in(ref))
            some = [entry for entry in named if days and days < set(rule_days(entry))]
            if some:
                return _call("days", some, days=",".join(sorted(days)), how="drop")
            return _call("cancel", named)
        latest = self.deeds[0] if self.deeds else None
        stops_device = core.startswith(("stop", "end", "kill")) and latest is not None and self._moved(latest)
        return None if stops_device else _call("cancel", entries)

    @staticmethod
    def _moved(latest: Deed) -> bool:
        """Whether devices were moved there and then."""
        return any(not any(call.arguments.get(name) for name in _TIMES) for call in latest.moves)

    def _paused(self, core: str) -> Call | None:
        pick = self._picking
        if found := at.PAUSE.fullmatch(core):
            return _call("pause", [one for one in self._timers(found["ref"] or found["ref2"])
                                   if one.status is Status.RUNNING])  # fmt: skip
        if found := at.RESUME.fullmatch(core):
            timers = self._timers(found["ref"]) if found["ref"] is not None else pick.alone(Kind.TIMER, Status.PAUSED)
            return _call("resume", [one for one in timers if one.status is Status.PAUSED])
        return None

    def _timers(self, ref: str) -> list[Entry]:
        pick = self._picking
        entries = pick.pronoun(ref)
        if entries is None:
            entries = pick.named(ref)
        elif not entries or self.deeds[0].devices:
            entries = pick.alone(Kind.TIMER) if not self.deeds or not self.deeds[0].devices else []
        return [one for one in entries if one.kind is Kind.TIMER]

    # Another time --------------------------------------------------------------------------------------------------

    def _shifted(self, core: str) -> Call | None:
        for pattern, sign in at.SHIFTS:
            found = pattern.fullmatch(core)
            if found is None:
                continue
            facts = found.groupdict()
            entries = self._meant(facts.get("ref"))
            bare_s = 60 if all(one.counts for one in entries) else None
            length_s = _length(facts["length"], bare_s) if entries else None
            if not entries or length_s is None:
                continue
            sign = -1 if facts.get("way") in at.EARLIER else sign
            return _call("shift", entries, by_s=sign * length_s)
        return None

    def _scaled(self, one: Said) -> Call | None:
        """A timer that was just spoken of, twice or half as long as it was."""
        by = factor(one.core, again=one.again)
        counting = [entry for entry in self._picking.latest() if entry.counts] if by is not None else []
        if by is None or len(counting) != 1:
            return None
        return _call("shift", counting, by_s=(by - 1) * counting[0].length_s)

    def _meant(self, ref: str | None) -> list[Entry]:
        pick = self._picking
        if ref is None:
            return pick.latest()
        entries = pick.pronoun(ref)
        return pick.named(ref) if entries is None else entries

    def _retimed(self, one: Said) -> Call | None:
        timed = [entry for entry in self._picking.latest() if not entry.counts]
        if timed and _DAILY.fullmatch(one.core):
            return _call("days", timed, days=",".join(DAYS), how="every")
        if timed and all(entry.again.rule for entry in timed) and _ONCE.fullmatch(one.core):
            return _call("days", timed, days="", how="once")
        found = at.RETIMED.fullmatch(one.core)
        if found is not None:
            for ref, time in _parted(found["rest"]):
                entries = self._meant(ref) or self._only(ref, one.core)
                if entries and (call := self._at(entries, time)) is not None:
                    return call
            return None
        if timed and (parted := until_day(one.core, self.clock.now())) is not None:
            days = days_in(re.sub(r"\b(?:day|morning|evening|night|afternoon)\b", "days", parted[0])) or DAYS
            return _call("days", timed, days=",".join(days), how="every", until=parted[1])
        days = (
            days_in(re.sub(r"\bday\b", "days", one.core))
            if _EVERY.fullmatch(one.core) and at.TIME.fullmatch(_UNLED.sub("", one.core))
            else ()
        )
        if days and timed:
            return _call("days", timed, days=",".join(days), how="every")
        entries = self._picking.latest() if one.corrects or one.core == "the day after" else []
        return self._at(entries, one.core) if entries else None

    def _only(self, ref: str, core: str) -> list[Entry]:
        """The one there is of a kind that is to be at another time: "change my alarm to seven"."""
        kind = re.fullmatch(r"(?:my|the|our) (alarm|reminder)(?: clock)?", ref)
        changes = core.startswith(("change ", "move ", "shift ", "push ", "bring ", "reschedule "))
        return self._picking.alone(Kind(kind[1])) if kind is not None and changes else []

    def _at(self, entries: Sequence[Entry], time: str) -> Call | None:
        """The entries at another time, where the words say one and nothing else."""
        days, time = days_in(time), with_hour(time, entries, self.clock)
        if days and re.fullmatch(r"(?:on |to |for |every )?[a-z]+s?(?: and [a-z]+s?)*", time):
            how = "every" if time.startswith(("every", "each")) else "only"
            return _call("days", entries, days=",".join(days), how=how)
        level = all(one.must for one in entries) and number(time) is not None and not _UNITS.search(time)
        length_s = None if level else _length(time, _bare_s(entries, time))
        if length_s is not None and not re.search(r"\b(?:past|at|o'clock)\b", time):
            return _call("lasts", entries, length_s=length_s) if all(one.counts for one in entries) else None
        if level:
            return None  # of what goes back by itself a number alone is how it is until then
        if time in ("the day after", "the next day", "a day later"):
            return _call("shift", entries, by_s=86_400.0)
        if not at.TIME.fullmatch(time):
            return None
        dated, half = DATED.search(time) is not None, HALF.search(time) is not None
        now = self.clock.now()
        # Without a day it is a time of day, of which the clock shows each half twice.
        found = moment(time, now if dated else now.replace(hour=0, minute=0, second=0, microsecond=0))
        return _call("at", entries, dated=dated, half=half, **found.arguments()) if found is not None else None

    def _days(self, one: Said) -> Call | None:
        """Some days more or fewer, and devices fewer."""
        latest = self._picking.latest()
        again = [entry for entry in latest if entry.again.rule]
        if found := at.NOT_ON.fullmatch(one.core):
            days = days_in(found["days"])
            if days and again:
                return _call("days", again, days=",".join(days), how="drop")
        if (one.also or one.core.startswith(("add ", "include "))) and (found := at.ALSO_ON.fullmatch(one.core)):
            said = found["days"] or found["days2"]
            days = days_in(said) if _DAYS_ALONE.fullmatch(said) else ()
            if days and again:
                return _call("days", again, days=",".join(days), how="add")
        if found := at.EXCEPT.fullmatch(one.core):
            left = self._picking.devices(found["what"], [entry for entry in latest if entry.kind is Kind.CALL])
            if left:
                return _call("leave_out", latest, devices=",".join(left))
        return None

    def _skipped(self, core: str) -> Call | None:
        """One time less: "not tomorrow", "skip the next one"."""
        found = next(
            (found for pattern in (*at.SKIP, at.NOT_NEEDED, at.DO_NOT) if (found := pattern.fullmatch(core))), None
        )
        again = [entry for entry in self._picking.latest() if entry.again.rule] if found is not None else []
        if found is None or not again:
            return None
        named = days_in(found["day"] or "")
        days = (DAYS.index(named[0]) - self.clock.now().weekday()) % 7 if named else int(found["day"] == "tomorrow")
        day = (self.clock.now() + timedelta(days=days)).date().isoformat() if found["day"] else ""
        return _call("skip", again, day=day)

    # Telling, naming -----------------------------------------------------------------------------------------------

    def _told(self, core: str) -> Call | None:
        pick = self._picking
        if (planned := self._planned(core)) is not None:
            return planned
        if found := at.FIRST.fullmatch(core):
            entries = pick.sorted(pick.latest() if len(pick.latest()) > 1 else pick.kin())
            return _call("tell", entries[-1:] if found["which"] == "last" else entries[:1])
        if found := at.NEXT.fullmatch(core):
            return _call("tell", pick.sorted(pick.of_kind(Kind(found["kind"])))[:1], next=True)
        if found := at.HAVE.fullmatch(core):
            days, latest = days_in(found["days"] or found["day"]), pick.latest()
            if found["day"] and not any(entry.kind is Kind.ALARM for entry in latest):
                return None
            kind = latest[0].kind.value if latest else "alarm"
            return Call("entries.on", {"days": ",".join(days), "kind": kind}) if days and self.deeds else None
        if found := at.LEFT.fullmatch(core):
            ref = found["ref"] or _ON_THE_CLOCK.sub(" ", found["rest"] or "")
            entries = self._asked(ref)
            counting = [one for one in entries if one.counts]
            return _call("tell", counting, left=True)
        if found := at.DOING.fullmatch(core):
            return _call("tell", self._asked(found["ref"]) if self.deeds else [], left=True)
        if at.GOING.fullmatch(core):
            return _call("tell", pick.sorted([*pick.of_kind(Kind.TIMER), *pick.of_kind(Kind.ALARM)]))
        if at.WHICH_HALF.fullmatch(core):
            return _call("tell", [one for one in pick.latest() if not one.counts], next=True)
        if found := at.WHEN.fullmatch(core):
            entries = self._asked(found["ref"])
            return _call("tell", entries, next=True)
        return None

    def _planned(self, core: str) -> Call | None:
        """What is to be done to devices: to some of them, here, on some days, or at all."""
        found = next((found for pattern in at.PLANNED if (found := pattern.fullmatch(core))), None)
        if found is None:
            return None
        facts = found.groupdict()
        about, days = facts.get("about") or "", days_in(facts.get("days") or "")
        entries = self._picking.planned(about, here="here" in core.split(), days=days)
        if entries:
            return _call("tell", self._picking.sorted(entries))
        return Call("entries.none", {"about": about}) if re.search(at.PLANS, core) else None

    def _asked(self, ref: str) -> list[Entry]:
        """Those that a question is about: by pronoun, by name, or the only ones there are here."""
        pick = self._picking
        if pronoun := re.search(r"\b(?:it|that|they|them|those)\b", ref):
            return pick.pronoun(pronoun.group()) or []
        named = pick.named(ref)
        if named or re.search(r"\b(?:alarm|timer|reminder)s?\b", ref):
            return named
        if not re.search(r"\b(?:i|we|mine)\b", ref) and (latest := [one for one in pick.latest() if one.counts]):
            return latest
        mine = re.search(r"\b(?:i|we|mine)\b", ref) is not None or not ref.strip()
        return pick.alone(Kind.TIMER) or [one for one in pick.latest() if one.counts] if mine else []

    def _renamed(self, core: str, text: str) -> Call | None:
        found = at.RENAMED.fullmatch(core)
        if found is None or re.match(r"(?:off|back|out)\b", found["ref"]):
            return None
        asked = bool(self.deeds and self.deeds[0].devices and not self.deeds[0].entries)
        entries = () if asked else self._picking.pronoun(found["ref"])
        entries = [one for one in entries or () if one.kind in (Kind.TIMER, Kind.ALARM)]
        return _call("rename", entries, name=as_spelt(found["name"].strip(), text)) if len(entries) == 1 else None


def _bare_s(entries: Sequence[Entry], time: str) -> int | None:
    """What a number alone counts: hours where hours were said and there are not many, else minutes."""
    if not all(one.counts for one in entries):
        return None
    figure = number(time)
    whole = all(one.length_s >= _HOUR_S and one.length_s % _HOUR_S == 0 for one in entries)
    return int(_HOUR_S) if whole and figure is not None and figure <= _FEW else 60


def _length(text: str, bare_s: int | None) -> float | None:
    """The length that all of a text says."""
    if not at.LENGTH.fullmatch(text):
        return None
    found = duration(text, bare_unit_s=bare_s) or duration(f"a {text}")
    return float(found.total_s) if found is not None and found.total_s > 0 else None


def _parted(rest: str) -> list[tuple[str, str]]:
    """Every way to part what is meant from when."""
    words = rest.split(" ")
    ways = ((" ".join(words[:first]), " ".join(words[first:])) for first in range(1, min(len(words), 7)))
    return [(ref, at.LED.sub("", time)) for ref, time in ways]


def _call(verb: str, entries: Sequence[Entry], **arguments: Value) -> Call | None:
    """The call for these entries; None where there are none."""
    if not entries:
        return None
    return Call(f"entries.{verb}", {"ids": ",".join(one.id for one in entries), **arguments})
