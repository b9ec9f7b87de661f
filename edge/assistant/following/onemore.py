"""One more of what was just put on the schedule: "and one for the kids at half seven", "another for eggs"; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.following import scheduling as at
from edge.assistant.following.past import Deed
from edge.assistant.following.picking import Picking, days_in
from edge.assistant.following.said import Said, as_spelt
from edge.router.model import Call, Value
from edge.router.values.durations import duration
from edge.router.values.moments import moment
from edge.schedule.clock import Clock
from edge.schedule.model import Entry

_TIMES: Final = ("at", "after", "repeat", "sun", "sun_offset")
_SETTING: Final = frozenset({"alarm.set", "reminder.set"})
DATED: Final = re.compile(r"day\b|tomorrow|tonight|week|\bon\b|sunrise|sunset|dusk|dawn|every")
HALF: Final = re.compile(r"\b(?:am|pm|morning|afternoon|evening|night|noon|midnight)\b")
"""What says which half of the day is meant."""
_NO_HOUR: Final = re.compile(r"(?:at |for )?(?:half|quarter|twenty|ten|five) (?:past|to)")
_AN_HOUR: Final = re.compile(r"\b(?:at|in|past|to|o'clock|noon|midnight|morning|afternoon|evening|night|am|pm)\b")


def with_hour(time: str, before: Sequence[Entry], clock: Clock) -> str:
    """ "Half past" alone is of the hour that was said before."""
    if not _NO_HOUR.fullmatch(time) or not before or before[0].due_wall_s is None:
        return time
    hour = clock.local(before[0].due_wall_s).hour
    return f"{time} {(hour - 1) % 12 + 1} {'am' if hour < 12 else 'pm'}"


@dataclass(frozen=True, slots=True)
class OneMore:
    """Reads one sentence; `deeds` the latest first."""

    picking: Picking
    clock: Clock
    deeds: Sequence[Deed]
    text: str
    """As it was given, for the spelling of names."""

    def read(self, one: Said) -> Call | None:
        """The same alarm clock or reminder at another time too, or another of its kind."""
        calls = [call for deed in self.deeds for call in deed.calls]
        timing = bool(calls) and calls[0].function.startswith(("timer.", "entries."))
        latest = self.picking.latest()
        timing = timing and not (latest and not latest[0].counts) and calls[0].arguments.get("kind") in (None, "timer")
        named = at.NAMED_TIMER.fullmatch(one.core) or at.NAMED_FIRST.fullmatch(one.core) if one.also else None
        if timing and (found := at.ANOTHER_TIMER.fullmatch(one.core) or named):
            length = duration(found["length"], bare_unit_s=60)
            name = {"name": found["name"]} if found["name"] else {}
            return Call("timer.start", {**name, **length.parts()}) if length is not None else None
        last = next((call for call in calls if call.function in _SETTING), None)
        if last is None:
            return None
        if (found := at.AFTER_THAT.fullmatch(one.core)) is not None:
            return self._after(last, found)
        core = at.SAME_TIME.sub(self._same_time(), one.core)
        found = at.AGAIN_AT.fullmatch(core)
        if found is not None:
            call = self._set(last, found["time"] or found["time2"], found["name"] or "")
            if call is not None:
                return call
        if last.function == "alarm.set" and one.also:
            return self._one_alarm(last, core)
        if last.function != "reminder.set" or not one.also:
            return None
        rest = found["message"] if (found := at.TO_DO.fullmatch(core)) else core
        for match in re.finditer(r"\s(?=(?:at|in|on|every|tomorrow|tonight|next|this)\b)", rest):
            if (call := self._set(last, rest[match.end() :], rest[: match.start()])) is not None:
                return call
        for match in re.finditer(r"\s(?:for|to|about)\s", rest):
            time = rest[: match.start()]
            time = time if _AN_HOUR.search(time) else f"{time} {self._same_time()}"
            if (call := self._set(last, time, rest[match.end() :])) is not None:
                return call
        return None

    def _one_alarm(self, last: Call, core: str) -> Call | None:
        """ "And at nine at weekends", "and 7.15 for Bea"."""
        if at.TIME.fullmatch(core) and re.match(r"(?:at|for|on)\b", core):
            return self._set(last, core, "")
        found = at.FOR_SOMEBODY.fullmatch(core)
        if found is None:
            return None
        time = found["time"]
        return self._set(last, time if at.TIME.match(time) and time[:1].isalpha() else f"at {time}", found["name"])

    def _after(self, last: Call, found: "re.Match[str]") -> Call | None:
        """So much later, or earlier, than the one before."""
        latest, length = (
            self.picking.latest(),
            duration(found["length"], bare_unit_s=60) or duration(f"a {found['length']}"),
        )
        if not latest or latest[0].due_wall_s is None or length is None:
            return None
        sign = -1 if found["way"] in ("earlier", "before", "before that", "sooner") else 1
        due = self.clock.local(latest[0].due_wall_s + sign * length.total_s).replace(tzinfo=None)
        kept = {
            key: value for key, value in last.arguments.items() if key not in ("after", "at", "sun", "sun_offset", "id")
        }
        return Call(last.function, {**kept, "at": due.isoformat()})

    def _same_time(self) -> str:
        latest = self.picking.latest()
        if not latest or latest[0].due_wall_s is None:
            return "at the same time"
        return f"at {self.clock.local(latest[0].due_wall_s):%H:%M}"

    def _set(self, last: Call, time: str, name: str) -> Call | None:
        if not at.TIME.fullmatch(time):
            return None
        time = with_hour(time, self.picking.latest(), self.clock)
        asked = next((call for call in self.deeds[0].calls if call.function == "entries.on"), None)
        day = str(asked.arguments.get("days") or "") if asked is not None else ""
        if day and "," not in day and not DATED.search(time):
            time = f"{time} on {day}"  # the day that was asked about just now
        morning = last.function == "alarm.set" and bool(days_in(time))
        found = moment(time, self.clock.now(), morning=morning)
        if found is None:
            return None
        kept = {key: value for key, value in last.arguments.items() if key not in _TIMES and key != "id"}
        if name:
            kept["message" if last.function == "reminder.set" else "name"] = as_spelt(name, self.text)
        return Call(last.function, {**kept, **self._near(time, found.arguments())})

    def _near(self, time: str, arguments: Mapping[str, Value]) -> Mapping[str, Value]:
        """A time of day alone, in the half of the day and on the day that is nearest to the one before it."""
        latest, at = self.picking.latest(), arguments.get("at")
        if not latest or latest[0].due_wall_s is None or not isinstance(at, str) or set(arguments) != {"at"}:
            return arguments
        if DATED.search(time) or HALF.search(time):
            return arguments
        said, before = datetime.fromisoformat(at), self.clock.local(latest[0].due_wall_s).replace(tzinfo=None)
        if said.tzinfo is not None:
            return arguments
        now = self.clock.now().replace(tzinfo=None)
        hours = (0,) if said.hour > 12 and re.search(r"(?<![:.\d])(?:1[3-9]|2[0-3])\b", time) else (-12, 0, 12)
        readings = [said + timedelta(days=day, hours=hour) for day in range(-7, 8) for hour in hours]
        ahead = [one for one in readings if one > now]
        return {"at": min(ahead, key=lambda one: abs(one - before)).isoformat()} if ahead else arguments
