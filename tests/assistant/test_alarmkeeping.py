"""Alarms by voice: warnings read back and kept on a yes, told, seen, muted, made stricter and less so."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge.assistant.alarmkeeping import AlarmKeeper
from edge.assistant.assistant import Assistant
from edge.assistant.model import Reply, ReplySource, Source, Utterance
from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.router.phrases import Where, load_phrases
from edge.schedule import Schedule
from edge.sensors.alarms import AlarmBook, Relation, Subject
from edge.sensors.alarms.words import Moments
from edge.sensors.defaults import DEFAULTS, sort_of, with_changes
from edge.sensors.detectors import AnySettings
from edge.sensors.model import Change, Finding, Kind, Severity
from tests.assistant.fakes import FakeActuator, FakeModel
from tests.router.phrases.home import NOW, home
from tests.schedule.fakes import FakeClock

PHRASES = load_phrases()


@dataclass
class FakeWatchers:
    """Watches as nobody has set anything, and remembers what is changed."""

    registry: Registry
    book: AlarmBook = field(default_factory=lambda: AlarmBook(Moments(lambda: 1000.0)))
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    settlings: int = 0

    def now_s(self) -> float:
        return 1000.0

    def settings(self, key: str) -> tuple[AnySettings, ...]:
        device = self.registry.devices[key.partition(":")[0]]
        sort = sort_of(device.device_class, device.name, device.area, numeric=device.unit is not None)
        return with_changes(DEFAULTS[sort], self.changes.get(key, {}))

    async def change(self, key: str, changes: Mapping[str, Mapping[str, Any] | bool]) -> None:
        self.changes[key] = {**self.changes.get(key, {}), **changes}

    async def settled(self) -> None:
        self.settlings += 1


@dataclass
class House:
    registry: Registry
    watchers: FakeWatchers
    assistant: Assistant

    @property
    def book(self) -> AlarmBook:
        return self.watchers.book

    async def say(self, text: str, *, source: Source = Source.VOICE, area: str | None = None) -> Reply:
        return await self.assistant.ask(Utterance(text, source, area))

    async def agreed(self, text: str) -> Reply:
        reply = await self.say(text)
        assert reply.text.endswith("Shall I?"), reply.text
        return await self.say("yes")

    def alarm(self, key: str, name: str, value: float, *, over: bool = False) -> None:
        subject = Subject(key, name, "°C", "temperature", "kitchen")
        change = Change.ENDED if over else Change.BEGAN
        self.book.found(subject, Finding("limits", Kind.LIMITS, change, Severity.WARNING, 1000, 900, value, None, -12))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    registry = home()
    watchers = FakeWatchers(registry)
    clock = FakeClock()

    def route(text: str, area: str | None) -> Routing:
        context = ("alarm",) if any(not one.acknowledged for one in watchers.book.listed()) else ()
        if text == "thirty percent":  # by itself it is an order
            return Routing(text, Decision.ACT, (Call("light.set", {"brightness": 30}, ("switch.pump",)),))
        if text == "undo that":
            return Routing(text, Decision.ACT, (Call("assistant.undo"),))
        return PHRASES.recognise(text, Where(registry, area, NOW), context) or Routing(text, Decision.CHAT)

    async with Schedule(None, clock, boot_id="boot-1") as schedule:
        assistant = Assistant(
            route=route,
            registry=registry,
            actuator=FakeActuator(registry),
            chat=FakeModel("Hello."),
            schedule=schedule,
            clock=clock,
        )
        assistant.keepers.add(AlarmKeeper(watchers, registry, "°C", clock))
        yield House(registry, watchers, assistant)


async def test_a_warning_is_read_back_and_kept_only_after_a_yes(house: House) -> None:
    reply = await house.say("warn me when the greenhouse goes above thirty for ten minutes")
    assert reply.text == "I'll warn you when the greenhouse temperature is above 30 degrees for 10 minutes. Shall I?"
    assert reply.listen
    assert house.book.rules() == ()
    reply = await house.say("yes please")
    assert reply.text == "All right: I'll warn you when the greenhouse temperature is above 30 degrees for 10 minutes."
    (rule,) = house.book.rules()
    assert (rule.sensors, rule.relation, rule.threshold, rule.hold_s) == (
        ("sensor.greenhouse_temperature",),
        Relation.ABOVE,
        30.0,
        600.0,
    )
    assert rule.said == "warn me when the greenhouse goes above thirty for ten minutes"
    assert rule.by == "voice"
    assert house.watchers.settlings == 1


@pytest.mark.parametrize("answer", ["no", "never mind", "hello there", "tell me a joke"])
async def test_nothing_is_kept_on_anything_else(house: House, answer: str) -> None:
    await house.say("tell me when the front door opens")
    await house.say(answer)
    await house.say("yes")
    assert house.book.rules() == ()


async def test_a_yes_from_elsewhere_is_none(house: House) -> None:
    await house.say("tell me when the front door opens")
    await house.say("yes", source=Source.MQTT)
    assert house.book.rules() == ()


async def test_a_source_that_proves_nothing_may_ask_for_a_warning(house: House) -> None:
    """It moves nothing: a PIN is for what does."""
    await house.say("tell me when the front door opens", source=Source.MQTT)
    reply = await house.say("yes", source=Source.MQTT)
    assert reply.text == "All right: I'll warn you when the front door is open."


async def test_a_yes_that_may_have_been_another_word_is_asked_for_again(house: House) -> None:
    asked = await house.say("tell me when the front door opens")
    again = await house.assistant.ask(Utterance("yes", Source.VOICE, clear=False))
    assert again.text == asked.text
    assert house.book.rules() == ()
    await house.say("yes")
    assert len(house.book.rules()) == 1


async def test_which_one_is_asked_and_then_read_back(house: House) -> None:
    reply = await house.say("warn me if the battery is below ten percent")
    assert (reply.decision, reply.listen) == (Decision.CLARIFY, True)
    reply = await house.say("the front door lock")
    assert reply.text == "I'll warn you when the front door lock battery is below 10 percent. Shall I?"
    await house.say("yes")
    assert house.book.rules()[0].sensors == ("sensor.lock_battery",)


async def test_units_are_those_of_the_sensor(house: House) -> None:
    reply = await house.say("warn me when the greenhouse is above 86 fahrenheit")
    assert "above 30 degrees" in reply.text
    reply = await house.say("warn me if the greenhouse humidity goes above thirty degrees")
    assert reply.text == "The greenhouse humidity is measured in percent, not in degrees."


async def test_two_bounds_are_two_rules_and_one_sentence(house: House) -> None:
    reply = await house.agreed("warn me if the greenhouse isn't between 10 and 30 degrees for an hour")
    assert reply.text == (
        "All right: I'll warn you when the greenhouse temperature is above 30 degrees or below 10 degrees for 1 hour."
    )
    assert sorted((rule.relation.value, rule.threshold) for rule in house.book.rules()) == [
        ("above", 30.0),
        ("below", 10.0),
    ]


async def test_the_usual_limit_is_taken_and_said(house: House) -> None:
    reply = await house.say("tell me if the freezer gets too warm")
    assert reply.text == (
        "I'll warn you when the freezer temperature is above minus 12 degrees for 45 minutes. "
        "That is the usual limit. Shall I?"
    )


async def test_another_limit_may_be_said_in_place_of_the_usual_one(house: House) -> None:
    await house.say("tell me if the freezer gets too warm")
    reply = await house.say("minus fifteen")
    assert reply.text == "I'll warn you when the freezer temperature is above minus 15 degrees. Shall I?"
    await house.say("yes")
    assert [rule.threshold for rule in house.book.rules()] == [-15.0]


async def test_a_limit_that_nobody_knows_is_asked_for_and_taken_from_the_answer(house: House) -> None:
    reply = await house.say("warn me when the rain tank gets too low")
    assert reply.text == "How low is too low for the rain tank level?"
    reply = await house.say("thirty percent")
    assert reply.text == "I'll warn you when the rain tank level is below 30 percent. Shall I?"
    await house.say("yes")
    assert house.book.rules()[0].threshold == 30.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("warn me if the greenhouse humidity goes over 120 percent", "can never be above 120 percent"),
        ("warn me if the greenhouse humidity goes below 0 percent", "can never be below 0 percent"),
        ("let me know if the greenhouse humidity is above zero percent", "is always above 0 percent"),
        ("warn me if the greenhouse goes above 30 on weekdays", "I can't warn on some days alone yet"),
        ("warn me if the greenhouse goes above 30 after dark", "I can't warn by sunset yet"),
        ("warn me if the attic goes above thirty degrees", "I don't know anything called attic"),
    ],
)
async def test_what_makes_no_sense_is_said(house: House, text: str, said: str) -> None:
    reply = await house.say(text)
    assert said in reply.text
    await house.say("yes")
    assert house.book.rules() == ()


async def test_what_is_so_already_is_told_with_the_question(house: House) -> None:
    house.registry.set_state("sensor.greenhouse_temperature", DeviceState("31"))
    reply = await house.say("warn me when the greenhouse goes above thirty")
    assert "The greenhouse temperature is at 31 degrees now." in reply.text


async def test_the_same_warning_is_not_kept_twice(house: House) -> None:
    await house.agreed("tell me when the front door opens")
    reply = await house.say("let me know if the front door gets opened")
    assert reply.text == "I do that already: I warn you when the front door is open."


async def test_a_warning_can_be_taken_back(house: House) -> None:
    await house.agreed("tell me when the front door opens")
    reply = await house.say("undo that")
    assert reply.text == "I won't warn you any more when the front door is open."
    assert house.book.rules() == ()


async def test_once_is_enough(house: House) -> None:
    reply = await house.agreed("tell me the next time the front door opens")
    assert reply.text == "All right: I'll warn you the next time the front door is open."
    assert not house.book.rules()[0].repeat


async def test_what_must_hold_besides_and_when_is_read_back(house: House) -> None:
    reply = await house.say("warn me if the greenhouse is over 30 while the pump is off")
    assert reply.text == (
        "I'll warn you when the greenhouse temperature is above 30 degrees while the pump is off. Shall I?"
    )
    reply = await house.say("let me know if the front door isn't locked between ten and six")
    assert reply.text == "I'll warn you when the front door lock is unlocked, between 22:00 and 6:00. Shall I?"


async def test_warnings_are_listed_and_forgotten(house: House) -> None:
    assert "You have not asked me" in (await house.say("what do you warn me about")).text
    await house.agreed("tell me when the front door opens")
    await house.agreed("warn me if the freezer is above minus ten")
    reply = await house.say("what do you warn me about")
    assert reply.text == (
        "I warn you when the front door is open and when the freezer temperature is above minus 10 degrees."
    )
    assert (reply.decision, reply.source) == (Decision.QUERY, ReplySource.SENSORS)
    reply = await house.say("stop warning me about the front door")
    assert reply.text == "I won't warn you any more when the front door is open."
    assert [rule.sensors for rule in house.book.rules()] == [("sensor.freezer_temperature",)]
    reply = await house.say("delete the warning about the greenhouse")
    assert reply.text == (
        "You have not asked me to warn you about the greenhouse temperature or the greenhouse humidity. "
        "I watch it by myself. Shall I stop that?"
    )
    await house.say("yes")
    assert set(house.watchers.changes) == {"sensor.greenhouse_temperature", "sensor.greenhouse_humidity"}


async def test_several_are_forgotten_only_after_a_yes(house: House) -> None:
    await house.agreed("warn me if the greenhouse is over 30")
    await house.agreed("warn me if the greenhouse humidity is below 20 percent")
    reply = await house.say("delete the warnings about the greenhouse")
    assert reply.text.endswith("Shall I forget both?")
    assert len(house.book.rules()) == 2
    await house.say("yes")
    assert house.book.rules() == ()


async def test_what_is_wrong_is_told(house: House) -> None:
    assert (await house.say("any alarms?")).text == "Nothing is wrong that I know of."
    house.alarm("sensor.freezer_temperature", "Freezer", -8.0)
    reply = await house.say("what's wrong?")
    assert reply.text == house.book.active()[0].text


async def test_an_alarm_is_seen(house: House) -> None:
    house.alarm("sensor.freezer_temperature", "Freezer", -8.0)
    reply = await house.say("got it, thanks")
    assert reply.text == "Noted: Freezer."
    assert house.book.listed()[0].acknowledged
    assert (await house.say("acknowledge all alarms")).text == "There is no alarm that you have not seen."


async def test_alarms_are_muted_for_a_while(house: House) -> None:
    reply = await house.say("silence the freezer alarm for two hours")
    assert reply.text == "I keep quiet about the freezer temperature for 2 hours."
    (mute,) = house.book.mutes()
    assert (mute.scope, mute.until_s) == ("sensor.freezer_temperature", 1000 + 7200)
    assert (await house.say("unmute the freezer alarms")).text == "I tell you of alarms again."
    assert house.book.mutes() == ()
    await house.say("mute the freezer alarm until half past ten")
    assert house.book.mutes()[0].until_s > 1000
    await house.say("unmute the freezer alarm")
    assert (await house.say("mute all warnings until further notice")).text.startswith("I keep quiet")
    assert house.book.mutes()[0].scope == "all"


async def test_limits_are_changed_in_words(house: House) -> None:
    reply = await house.say("the freezer may be up to minus ten")
    assert reply.text == (
        "From now on I warn you when the freezer temperature is above minus 10 degrees "
        "or below minus 40 degrees for 45 minutes. Shall I?"
    )
    assert house.watchers.changes == {}
    await house.say("yes")
    assert house.watchers.changes["sensor.freezer_temperature"]["limits"]["high"] == -10
    assert "That is so already" in (await house.say("the freezer may be up to minus ten degrees")).text


async def test_earlier_and_later(house: House) -> None:
    await house.agreed("you can warn me later about the freezer")
    assert house.watchers.changes["sensor.freezer_temperature"]["limits"] == {"hold_s": 5400.0}
    await house.agreed("warn me earlier about the freezer")
    assert house.watchers.changes["sensor.freezer_temperature"]["limits"] == {"hold_s": 2700.0}


async def test_a_sensor_is_left_alone_but_never_smoke(house: House) -> None:
    await house.agreed("don't warn me about the greenhouse humidity")
    assert set(house.watchers.changes["sensor.greenhouse_humidity"].values()) == {False}
    reply = await house.say("don't warn me about the smoke detector")
    assert reply.text.startswith("No: the kitchen smoke detector may save your life")


async def test_a_false_alarm_is_noted_and_less_of_it_offered(house: House) -> None:
    assert (await house.say("that was a false alarm")).text == "I have given no alarm lately."
    house.alarm("sensor.freezer_temperature", "Freezer", -8.0)
    house.alarm("sensor.freezer_temperature", "Freezer", -18.0, over=True)
    reply = await house.say("that was a false alarm")
    assert reply.text == (
        "Noted: the alarm of Freezer was a false one. From now on I warn you later of the freezer temperature, "
        "after 1 hour and 30 minutes rather than 45 minutes. Shall I?"
    )
    await house.say("yes")
    assert set(house.watchers.changes["sensor.freezer_temperature"]) == {"limits"}


async def test_the_only_warning_is_meant_where_none_is_named(house: House) -> None:
    await house.agreed("warn me when the greenhouse temperature is above 30 degrees")
    await house.say("switch it off")
    assert house.book.rules() == ()
    await house.say("turn it back on")
    assert len(house.book.rules()) == 1


async def test_a_warning_takes_another_figure(house: House) -> None:
    await house.agreed("warn me when the greenhouse temperature is above 30 degrees")
    await house.say("make that thirty five")
    assert [rule.threshold for rule in house.book.rules()] == [35.0]
