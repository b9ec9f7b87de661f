"""The view *Sensors*: what each said last, its course over any time, and the alarms."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from edge.api.alarm_answers import alarm_answers
from edge.api.http.errors import HttpError, Style
from edge.api.http.ollama_requests import Body
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import JSON, Call, Route, given
from edge.errors import EdgeError
from edge.sensors.history.model import Bucket, Point, Sensor, Sort
from edge.service.views.asking import done, query

if TYPE_CHECKING:
    from edge.sensors.alarms import AlarmChange
    from edge.sensors.history.history import History
    from edge.sensors.history.reader import Reader
    from edge.service.service import Service

MOST_POINTS: Final = 1000
MOST_BAND: Final = 240
"""Steps of the band of what is normal."""
LONGEST_S: Final = 20 * 366 * 86_400.0
EVERY_S: Final = 2.0
"""How often an open page is told what is new."""
_LATEST_S: Final = 4_102_444_800.0
_Moment = Annotated[float, Field(ge=0, le=_LATEST_S, allow_inf_nan=False)]


class Span(Body):
    """`GET /page/sensors/course`."""

    key: Annotated[str, Field(min_length=1, max_length=300)]
    since: _Moment
    until: _Moment
    points: Annotated[int, Field(ge=10, le=MOST_POINTS)] = 400


class Which(Body):
    """An alarm's id, a sensor, or `all`."""

    which: Annotated[str, Field(min_length=1, max_length=300)]


class Mute(Body):
    """A sensor or an area; neither for all of them."""

    sensor: Annotated[str, Field(max_length=300)] | None = None
    area: Annotated[str, Field(max_length=200)] | None = None
    for_s: Annotated[float, Field(ge=60, le=30 * 86_400)] = 3600.0


class RuleId(Body):
    """A warning somebody asked for."""

    id: Annotated[str, Field(min_length=1, max_length=100)]


class Sensors:
    """Answers for the view."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        watched = service.watched
        self._alarms = alarm_answers(
            watched.book if watched else None, watched.keeper if watched else None, service.registry
        )

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        style, gives = Style.EDGE, {JSON: {"type": "object"}}
        return (
            Route("GET", "/page/sensors", style, "Sensors and what they said last", self._list, gives=gives),
            Route("GET", "/page/sensors/course", style, "The course of one", self._course, gives=gives),
            Route("GET", "/page/alarms", style, "Alarms, mutes and warnings", self._listed, gives=gives),
            Route("GET", "/page/alarms/past", style, "Alarms of before", self._past, gives=gives),
            Route("POST", "/page/alarms/seen", style, "Acknowledge", self._seen, Which, gives=gives),
            Route("POST", "/page/alarms/mute", style, "Tell nobody for a while", self._mute, Mute, gives=gives),
            Route("POST", "/page/alarms/unmute", style, "Tell again", self._unmute, Mute, gives=gives),
            Route("POST", "/page/alarms/remove-rule", style, "Warn no more", self._remove_rule, RuleId, gives=gives),
        )

    def begin_readings(self, publish: Publish) -> Callable[[], None]:
        """Tell of readings while somebody looks: of each series the latest, every few seconds."""
        history = self._history_or_none
        if history is None:
            return lambda: None
        fresh: dict[str, tuple[float, float | str | None]] = {}

        def heard(sensor: Sensor, reading: Any) -> None:
            fresh[sensor.key] = reading.at_s, reading.value

        async def tell() -> None:
            while True:
                await asyncio.sleep(EVERY_S)
                if fresh:
                    publish({"last": {key: {"at": at_s, "value": value} for key, (at_s, value) in fresh.items()}})
                    fresh.clear()

        forget = history.intake.hear(heard)
        task = asyncio.create_task(tell(), name="page.readings")

        def end() -> None:
            forget()
            task.cancel()

        return end

    def begin_alarms(self, publish: Publish) -> Callable[[], None]:
        """Tell that alarms are otherwise."""
        watched = self._service.watched
        if watched is None:
            return lambda: None

        def changed(change: "AlarmChange") -> None:
            publish({"news": change.news.value, "id": change.alarm.id, "text": change.alarm.text})

        return watched.book.listen(changed)

    @property
    def _history_or_none(self) -> "History | None":
        return self._service.history

    @property
    def _history(self) -> "History":
        if self._service.history is None:
            raise HttpError(409, "nothing is remembered of sensors: history.enabled is off in the settings")
        return self._service.history

    async def _list(self, call: Call) -> web.StreamResponse:
        def read(reader: "Reader") -> list[dict[str, Any]]:
            latest = {one.key: one for one in reader.sensors()}
            return [_told(one, reader.last(one.key)) for one in latest.values()]

        sensors = await _asked(self._history, read)
        areas = {area.id: area.name for area in self._service.registry.areas.values()}
        return given(call, {"sensors": sensors, "areas": areas, "now": time.time()})

    async def _course(self, call: Call) -> web.StreamResponse:
        span = query(call, Span)
        if not 1.0 <= span.until - span.since <= LONGEST_S:
            raise HttpError(400, "until: expected a time after `since`, 20 years at most", param="until")
        found = await _asked(self._history, lambda reader: _course(reader, span))
        return given(call, found | {"band": self._band(span), "alarms": self._alarms_of(span)})

    def _band(self, span: Span) -> list[list[float]]:
        """From and to what is normal, as it is known now: [time, from, to]."""
        watched = self._service.watched
        if watched is None:
            return []
        step_s = max(3600.0, (span.until - span.since) / MOST_BAND)
        band = []
        at_s = span.since
        while at_s < span.until + step_s:
            normal = watched.watch.watching.normal(span.key, min(at_s, span.until))
            if normal is not None:
                band.append([min(at_s, span.until), *normal])
            at_s += step_s
        return band

    def _alarms_of(self, span: Span) -> list[dict[str, Any]]:
        watched = self._service.watched
        if watched is None:
            return []
        return [
            {"id": one.id, "since": one.since_s, "ended": one.ended_s, "severity": one.severity.value, "text": one.text}
            for one in watched.book.of_sensor(span.key)
            if one.since_s < span.until and (one.ended_s or span.until) >= span.since
        ]

    async def _listed(self, call: Call) -> web.StreamResponse:
        if self._service.watched is None:
            return given(call, {"watched": False, "alarms": [], "muted": [], "rules": []})
        found: dict[str, Any] = dict(await done(self._alarms, "alarms"))
        rules = await done(self._alarms, "alarm_rules")
        return given(call, {"watched": True, **found, "rules": rules["rules"]})

    async def _past(self, call: Call) -> web.StreamResponse:
        return given(call, await done(self._alarms, "alarm_history", most=200))

    async def _seen(self, call: Call) -> web.StreamResponse:
        request: Which = call.body
        return given(call, await done(self._alarms, "alarm_acknowledge", which=request.which))

    async def _mute(self, call: Call) -> web.StreamResponse:
        request: Mute = call.body
        scope = {"sensor": request.sensor, "area": request.area}
        return given(call, await done(self._alarms, "alarm_mute", for_s=request.for_s, **scope))

    async def _unmute(self, call: Call) -> web.StreamResponse:
        request: Mute = call.body
        return given(call, await done(self._alarms, "alarm_unmute", sensor=request.sensor, area=request.area))

    async def _remove_rule(self, call: Call) -> web.StreamResponse:
        request: RuleId = call.body
        return given(call, await done(self._alarms, "alarm_rule_remove", id=request.id))


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    sensors = Sensors(service)
    hub.offer("readings", sensors.begin_readings)
    hub.offer("alarms", sensors.begin_alarms)
    return sensors.routes()


async def _asked(history: "History", question: "Callable[[Reader], Any]") -> Any:
    """Raises `HttpError` (404) for what is not remembered."""
    try:
        return await history.ask(question)
    except EdgeError as error:
        raise HttpError(404, str(error)) from error


def _course(reader: "Reader", span: Span) -> dict[str, Any]:
    """Blocks."""
    sensor = reader.sensor(span.key)
    facts = _told(sensor, reader.last(span.key)) | {"begins": reader.begins(span.key)}
    if sensor.sort is Sort.STATE:
        return facts | _spells(reader, span)
    stats = reader.stats(span.key, span.since, span.until)
    slices = reader.series(span.key, span.since, span.until, span.points)
    figures = {"count": stats.count, "low": stats.low, "high": stats.high, "mean": stats.mean, "gain": stats.gain}
    width_s = slices[0].width_s if slices else (span.until - span.since) / span.points
    return facts | {"figures": figures, "width": width_s, "slices": [_slice(one) for one in slices]}


def _slice(bucket: Bucket) -> list[float | None]:
    """[time, lowest, mean, highest]."""
    return [bucket.at_s, bucket.stats.low, bucket.stats.mean, bucket.stats.high]


def _spells(reader: "Reader", span: Span) -> dict[str, Any]:
    """States in order, the shortest joined to what is before them where there are too many to be drawn."""
    spells = reader.spells(span.key, span.since, span.until)
    least_s = (span.until - span.since) / span.points if len(spells) > span.points else 0.0
    kept: list[list[float | str | None]] = []
    for since_s, state, until_s in spells:
        if kept and (until_s - since_s < least_s or kept[-1][1] == state):
            kept[-1][2] = until_s
        else:
            kept.append([since_s, state, until_s])
    seconds = reader.time_in_state(span.key, span.since, span.until)
    times = reader.times(span.key, span.since, span.until)
    return {"spells": kept[:MOST_POINTS], "seconds": seconds, "times": times}


def _told(sensor: Sensor, last: Point | None) -> dict[str, Any]:
    facts: Mapping[str, Any] = {
        "key": sensor.key,
        "name": sensor.name or sensor.key,
        "area": sensor.area or None,
        "unit": sensor.unit,
        "device_class": sensor.device_class or None,
        "kind": sensor.sort.value,
        "counter": bool(sensor.counter),
        "last": None if last is None else {"at": last.at_s, "value": last.value},
    }
    return dict(facts)
