"""Why-questions in the assistant: from the sentence to the words, over a history that is written down."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.assistant.explained import Words
from edge.assistant.explaining import Explainer, house_places
from edge.assistant.model import Source, Utterance
from edge.devices import Area, Device, Floor, Registry
from edge.router.model import Call
from edge.sensors.alarms.words import Moments
from edge.sensors.explaining.model import Cause, Direction, Explanation, Inquiry, Movement, Relation, Sort
from edge.sensors.history.model import Sensor
from edge.sensors.history.model import Sort as Kind
from tests.schedule.fakes import FakeClock
from tests.sensors.explaining.test_explain import AT, DAYS, NOW_MIN, runs, warmed
from tests.sensors.past import START_S, Past, spells

NOW_S = START_S + 60 * (DAYS * 1440 + NOW_MIN)
MOMENTS = Moments(lambda: NOW_S)
SAID = Utterance("why is the pump room so warm", Source.CLI)


def home() -> Registry:
    registry = Registry()
    registry.put_floor(Floor("ground", "Ground Floor"))
    registry.put_area(Area("pump_room", "Pump Room", "ground"))
    registry.put_area(Area("garden", "Garden"))
    registry.put_device(Device("sensor.pump_room", "Temperature", "pump_room", device_class="temperature", unit="°C"))
    registry.put_device(
        Device("sensor.pump_room_2", "Pump Room Humidity", "pump_room", device_class="humidity", unit="%")
    )
    registry.put_device(Device("switch.pump", "Pump", "pump_room"))
    registry.put_device(Device("binary_sensor.window", "Pump Room Window", "pump_room", device_class="window"))
    registry.put_device(Device("climate.hall", "Hall Heating"))
    return registry


class Clock(FakeClock):
    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW_S, UTC)

    def epoch_s(self, local: datetime) -> float:
        return local.replace(tzinfo=UTC).timestamp()


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    written = Past(tmp_path / "history.sqlite", DAYS, NOW_MIN)
    yield written
    written.close()


def explainer(past: Past | None) -> Explainer:
    def answered(question: Callable[[Any], Any]) -> Any:
        assert past is not None
        past.settle()
        with past.reader() as reader:
            return question(reader)

    async def ask(question: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(answered, question)

    return Explainer(home(), Clock(), ask if past is not None else None, MOMENTS)


async def test_the_answer_names_the_change_and_how_often_it_was_followed(past: Past) -> None:
    def write() -> None:
        times = [*runs(3), (AT - 12, AT + 200)]
        past.numbers("sensor.pump_room", warmed(times))
        past.numbers("sensor.pump_room_2", lambda minute: 50.0 + minute % 3, kind="humidity", unit="%")
        past.states("switch.pump", spells(times))

    await asyncio.to_thread(write)
    call = Call("sensor.explain", {"direction": "up"}, ("sensor.pump_room", "sensor.pump_room_2"))
    told = await explainer(past).tell(call, SAID)
    assert told.text.startswith("The temperature in the pump room rose from 1")
    assert "degrees in 1 hour, since 13:4" in told.text or "since 13:5" in told.text
    assert "The pump was switched on" in told.text
    assert "of the last 7 times that happened it rose too each time." in told.text
    assert "because" not in told.text.lower()


async def test_where_nothing_explains_it_the_answer_says_so(past: Past) -> None:
    await asyncio.to_thread(past.numbers, "sensor.pump_room", warmed([(AT, AT + 200)]))
    told = await explainer(past).tell(Call("sensor.explain", {"direction": "up"}, ("sensor.pump_room",)), SAID)
    assert "times its usual rise" in told.text
    assert told.text.endswith("Nothing I can see changed before that would explain it.")


async def test_a_moment_that_is_asked_about_is_looked_around(past: Past) -> None:
    await asyncio.to_thread(past.numbers, "sensor.pump_room", warmed([(AT - 300, AT - 250)]))
    at = datetime.fromtimestamp(START_S + 60 * (AT - 280), UTC).replace(tzinfo=None).isoformat()
    found = await explainer(past).explanation(Call("sensor.explain", {"at": at}, ("sensor.pump_room",)))
    assert found is not None
    assert found.movement is not None
    assert found.movement.since_s == pytest.approx(START_S + 60 * (AT - 300), abs=600)


async def test_without_a_history_or_readings_it_says_why_not(past: Past) -> None:
    call = Call("sensor.explain", {}, ("sensor.pump_room",))
    assert "`history.enabled` is off" in (await explainer(None).tell(call, SAID)).text
    assert (await explainer(past).tell(call, SAID)).text == "I remember nothing of that yet."


def test_places_know_floors_and_what_is_outdoors() -> None:
    places = house_places(home())
    assert places.floors == {"pump_room": "ground"}
    assert places.outdoors == {"garden"}


SENSOR = Sensor("sensor.pump_room", Kind.NUMBER, "Temperature", "°C", "temperature", "pump_room")
MOVEMENT = Movement(Direction.DOWN, NOW_S - 3600, NOW_S - 600, 20.0, 15.0, 2.0, 2.5)
CAUSE = Cause(
    *("binary_sensor.window", "Window", "pump_room", Sort.STATE, Relation.AREA, "window", ""),
    *("off", "on", NOW_S - 4000, None),
    lag_s=720.0,
    share=0.9,
    seen=9,
    followed=7,
    earlier=9,
)


def text(*causes: Cause, movement: Movement | None = MOVEMENT, **more: Any) -> str:
    found = Explanation(SENSOR, Inquiry(SENSOR.key, NOW_S), 15.0, movement, causes, **more)
    return Words(home(), MOMENTS).explanation(found)


def test_a_cause_is_told_as_what_was_seen() -> None:
    said = text(CAUSE)
    assert "The pump room window was opened 12 minutes before;" in said
    assert "of the last 9 times that happened it fell too 7 times." in said
    assert "in 50 minutes, since 14:00, 2.5 times its usual fall." in said


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"seen": 0, "earlier": 0}, "I have not seen that before"),
        ({"seen": 0, "earlier": 5}, "and still is so; it has not been so for as long before"),
        ({"seen": 1, "followed": 1}, "the one time before that I know of it fell too"),
        ({"seen": 1, "followed": 0}, "the one time before that I know of it did not fall"),
        ({"seen": 2, "followed": 2}, "it fell too both times"),
        ({"seen": 4, "followed": 1}, "it fell too once"),
        ({"lag_s": 60.0}, "was opened at about that time"),
        ({"lag_s": 3 * 3600.0}, "was opened at 13:53"),
        ({"after": "off", "before": "on"}, "was closed"),
        ({"key": "climate.hall:hvac_action", "before": "heating", "after": "idle"}, "The hall heating stopped heating"),
        ({"key": "switch.pump", "after": "off"}, "The pump was switched off"),
        ({"sort": Sort.OUTAGE, "count": 12}, "12 devices fell silent at once 12 minutes before, as in a power cut"),
        (
            {"sort": Sort.NUMBER, "key": "sensor.pump_room_2", "unit": "%", "before": 40.0, "after": 61.5},
            "The pump room humidity rose from 40 to 61.5 percent",
        ),
    ],
)
def test_each_kind_of_change_has_its_words(changed: dict[str, Any], part: str) -> None:
    assert part in text(replace(CAUSE, **changed))


def test_what_is_not_likely_is_not_said_to_be() -> None:
    assert "I can't say what did it. The pump room window was opened" in text(replace(CAUSE, share=0.3))
    assert "Nothing I can see changed" in text(replace(CAUSE, share=0.1))
    assert "Nothing I can see changed" in text(replace(CAUSE, share=0.3, followed=1))


def test_what_always_comes_together_is_told_once() -> None:
    twin = replace(CAUSE, key="sensor.pump_room_2", share=0.6)
    assert text(CAUSE, twin).count("before;") == 1
    later = replace(CAUSE, key="switch.pump", at_s=CAUSE.at_s - 1200, lag_s=1920.0, share=0.4)
    assert text(CAUSE, later).count("before;") == 2


def test_others_that_moved_and_a_silence_are_told() -> None:
    said = text(with_it=(("sensor.a", "Attic", -3.0), ("sensor.b", "Cellar", -2.0)), silent_s=NOW_S - 7200)
    assert "The attic and the cellar fell as well." in said
    assert "Nothing has come from it since 13:00." in said


def test_a_sensor_that_has_not_moved_is_at_what_it_is() -> None:
    assert text(movement=None, low=14.2, high=15.8) == (
        "The temperature in the pump room has not moved more than it does on most days: it is at 15 degrees, "
        "and usually 14.2 to 15.8 degrees at this hour."
    )
