"""Which moments are meant by times of day: "at six" on a day, "between two and four"."""

from datetime import date, datetime, time, timedelta

from edge.router.values.clock import Clock
from edge.router.values.stretch import PARTS, Past, day_said, hm


def of_clocks(first: Clock, second: Clock, around: Past | None, last: int, now: datetime) -> Past | None:
    """From one time of day to another, the shortest stretch that can be meant: on the day around it, else the last."""
    bound = around is not None and around.back_s is None
    if around is not None:
        first, second = _halved(first, around.said), _halved(second, around.said)
    base = around.start if around is not None and bound else datetime.combine(now.date(), time())
    best: tuple[tuple[bool, timedelta, timedelta], datetime, datetime] | None = None
    for shift in (0, 1) if bound else (0, -1):
        for opens in readings(first, second if not first.sure else None):
            start = datetime.combine(base.date(), opens) + timedelta(days=shift)
            for closes in readings(second, None):
                end = datetime.combine(start.date(), closes)
                end = end if end > start else end + timedelta(days=1)
                if bound and around is not None and not _within(around, start, end):
                    continue
                rank = (start > now or end > now + timedelta(hours=1), end - start, now - start)
                if best is None or rank < best[0]:
                    best = rank, start, end
    if best is None:
        return None
    _, start, end = best
    said = around.said if bound and around is not None else day_said(start.date(), now)
    return Past(start, min(end, now) if start < now else end, f"between {hm(start)} and {hm(end)} {said}", last=last)


def _halved(clock: Clock, said: str) -> Clock:
    part = next((word for word in (*PARTS, "night") if word in said), None)
    if clock.sure or part is None:
        return clock
    late = 6 <= clock.hour <= 11 if part == "night" else part != "morning"
    return Clock(clock.hour, clock.minute, "pm" if late else "am")


def _within(part: Past, start: datetime, end: datetime) -> bool:
    slack = timedelta(hours=6 if part.end - part.start < timedelta(hours=20) else 0)
    midnight = datetime.combine(part.start.date(), time())
    return part.start - slack <= start and end <= max(part.end + slack, midnight + timedelta(days=1))


def readings(clock: Clock, like: Clock | None = None) -> list[time]:
    """The times of day that may be meant; `like`: one that says morning or afternoon for both."""
    if clock.sure:
        return [time(clock.hour24, clock.minute)]
    hours = [clock.hour % 12, clock.hour % 12 + 12]
    if like is not None and like.half is not None and clock.hour % 12 < like.hour % 12:
        hours = [clock.hour % 12 + (12 if like.half == "pm" else 0)]
    return [time(hour, clock.minute) for hour in hours]


def point_on(clock: Clock, day: date, part: str | None, now: datetime) -> datetime:
    """The moment of a day; without morning or afternoon the hour at which people are awake."""
    midnight = datetime.combine(day, time())
    hour, minute = clock.hour24, clock.minute
    if part == "night":
        late = hour >= 12 if clock.sure else 6 <= clock.hour % 12 <= 11
        hour = hour % 12 + (12 if late else 0) if not clock.sure else hour
        return midnight + timedelta(days=0 if late else 1, hours=hour, minutes=minute)
    if not clock.sure:
        if part is not None:
            hour = clock.hour % 12 + (0 if part == "morning" and clock.hour < 12 else 12)
        elif day == now.date():
            points = [midnight + timedelta(hours=clock.hour % 12 + half, minutes=minute) for half in (12, 0)]
            return next((point for point in points if point <= now), points[1])
        else:
            hour = clock.hour % 12 + (12 if clock.hour < 7 or clock.hour == 12 else 0)
    elif hour == 0 and minute == 0 and part is None and day != now.date():
        return midnight + timedelta(days=1)
    return midnight + timedelta(hours=hour, minutes=minute)
