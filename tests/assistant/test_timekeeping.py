"""Timers, alarms, reminders, lists and delayed actions, said and heard."""

import asyncio

import pytest

from edge.assistant.model import ReplySource
from edge.router.model import Call, Decision
from edge.schedule.model import Event, EventKind, Kind
from edge.schedule.recurrence import Place
from tests.assistant.conftest import Scene

FAN = ("fan.office",)


async def test_a_timer_is_set_counts_and_rings_in_its_room(scene: Scene) -> None:
    scene.router.on("pizza", Call("timer.start", {"name": "pizza", "minutes": 12}))
    scene.router.on("how long", Call("timer.status"), decision=Decision.QUERY)
    reply = await scene.say("pizza", area="kitchen")
    assert (reply.text, reply.source) == ("The pizza timer is set for 12 minutes.", ReplySource.SCHEDULE)
    scene.clock.advance(100)
    assert (await scene.say("how long")).text == "The pizza timer has 10 minutes and 20 seconds left."
    scene.clock.advance(620)
    announced = await scene.announcement()
    assert (announced.text, announced.area, announced.rings) == ("The pizza timer has finished.", "kitchen", True)


async def test_stop_silences_what_rings(scene: Scene) -> None:
    scene.router.on("timer", Call("timer.start", {"seconds": 5}))
    scene.router.on("stop", Call("assistant.stop"))
    await scene.say("timer", area="kitchen")
    scene.clock.advance(5)
    await scene.announcement()
    await scene.say("stop", area="kitchen")
    ended = await scene.announcement()
    assert (ended.text, ended.rings, ended.event["event"]) == ("", False, "ringing_ended")


async def test_timers_are_paused_resumed_changed_and_cancelled(scene: Scene) -> None:
    scene.router.on("start", Call("timer.start", {"minutes": 10}))
    scene.router.on("pause", Call("timer.pause"))
    scene.router.on("resume", Call("timer.resume"))
    scene.router.on("add", Call("timer.add", {"minutes": 5}))
    scene.router.on("less", Call("timer.subtract", {"minutes": 2}))
    scene.router.on("cancel", Call("timer.cancel"))
    await scene.say("start")
    scene.clock.advance(60)
    assert (await scene.say("pause")).text == "The 10 minute timer is paused, with 9 minutes left."
    scene.clock.advance(3600)
    assert (await scene.say("resume")).text == "The 10 minute timer goes on, with 9 minutes left."
    assert (await scene.say("add")).text == "The 10 minute timer now has 14 minutes left."
    assert (await scene.say("less")).text == "The 15 minute timer now has 12 minutes left."
    assert (await scene.say("cancel")).text == "The 13 minute timer is cancelled."
    assert (await scene.say("cancel")).text == "No timer is running."


async def test_which_timer_is_asked_and_a_short_answer_picks_it(scene: Scene) -> None:
    scene.router.on("pizza", Call("timer.start", {"name": "pizza", "minutes": 12}))
    scene.router.on("tea", Call("timer.start", {"name": "tea", "minutes": 4}))
    scene.router.on("cancel", Call("timer.cancel"))
    await scene.say("pizza")
    await scene.say("tea")
    reply = await scene.say("cancel")
    assert (reply.text, reply.decision) == ("The pizza timer or the tea timer?", Decision.CLARIFY)
    assert (await scene.say("the tea one")).text == "The tea timer is cancelled."
    assert [entry.label for entry in scene.schedule.agenda.entries.values()] == ["pizza"]


async def test_an_alarm_tells_its_day_and_doubts_a_clock_that_nobody_set(scene: Scene) -> None:
    scene.router.on("wake me", Call("alarm.set", {"at": "2025-03-15T07:00:00"}))
    scene.router.on("alarms", Call("alarm.status"), decision=Decision.QUERY)
    assert (await scene.say("wake me")).text == "The alarm is set for tomorrow at 7:00."
    scene.clock.trusted = False
    assert "not sure my clock is right" in (await scene.say("alarms")).text
    assert "not sure my clock is right" in (await scene.say("wake me")).text


async def test_an_alarm_rings_and_is_snoozed(scene: Scene) -> None:
    scene.router.on("wake me", Call("alarm.set", {"at": "2025-03-14T19:00:00"}))
    scene.router.on("snooze", Call("alarm.snooze"))
    assert (await scene.say("snooze")).text == "Nothing is ringing."
    await scene.say("wake me")
    scene.clock.advance(1800)
    assert (await scene.announcement()).rings
    assert (await scene.say("snooze")).text == "The alarm rings again in 9 minutes."
    assert (await scene.announcement()).event["event"] == "ringing_ended"
    scene.clock.advance(540)
    assert (await scene.announcement()).text == "The alarm is ringing."


@pytest.mark.parametrize("at", ["2025-03-14T07:00:00", "2031-01-01T00:00:00", "soon", ""])
async def test_times_that_make_no_sense_are_refused_in_words(scene: Scene, at: str) -> None:
    scene.router.on("wake me", Call("alarm.set", {"at": at}))
    reply = await scene.say("wake me")
    assert reply.text
    assert dict(scene.schedule.agenda.entries) == {}


async def test_an_alarm_for_every_weekday_rings_and_stays_set(scene: Scene) -> None:
    scene.router.on("daily", Call("alarm.set", {"at": "2025-03-17T07:00:00", "repeat": "weekdays"}))
    scene.router.on("alarms", Call("alarm.status"), decision=Decision.QUERY)
    scene.router.on("cancel", Call("alarm.cancel"))
    assert (await scene.say("daily")).text == "The alarm is set for every weekday at 7:00."
    assert (await scene.say("alarms")).text == "The alarm is set for every weekday at 7:00."
    scene.clock.advance(2.5 * 86_400 + 1800)
    assert (await scene.announcement()).rings
    assert (await scene.say("cancel")).text == "The alarm is stopped."
    assert (await scene.say("alarms")).text == "The alarm is set for every weekday at 7:00."
    assert (await scene.say("cancel")).text == "The alarm is cancelled."
    assert (await scene.say("alarms")).text == "No alarm is set."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"sun": "sunset"}, "at sunset tomorrow"),
        ({"sun": "sunrise", "sun_offset": -1200}, "20 minutes before sunrise tomorrow"),
        ({"sun": "sunset", "repeat": "daily"}, "every day at sunset"),
        ({"at": "2025-03-17T18:30:00", "repeat": "monday,thursday"}, "every Monday and Thursday at 18:30"),
        ({"at": "2025-03-15T18:30:00", "repeat": "2 weeks"}, "every 2 weeks on Saturday at 18:30"),
        ({"at": "2025-03-14T20:00:00", "repeat": "hourly"}, "every hour, next at 20:00"),
    ],
)
async def test_calls_for_the_sun_and_for_days_to_come_are_said_back(
    scene: Scene, arguments: dict[str, object], said: str
) -> None:
    scene.schedule.calendar.place = Place(51.5, -0.1)
    scene.router.on("blinds", Call("light.turn_off", arguments, ("light.hall",)))
    assert (await scene.say("blinds")).text == f"I'll turn off the hall light {said}."
    assert len(scene.schedule.agenda.entries) == 1


async def test_without_a_place_the_sun_is_declined_with_what_to_set(scene: Scene) -> None:
    scene.router.on("blinds", Call("light.turn_off", {"sun": "sunset"}, ("light.hall",)))
    assert "`latitude`" in (await scene.say("blinds")).text
    assert dict(scene.schedule.agenda.entries) == {}


async def test_a_reminder_is_kept_and_said_in_time(scene: Scene) -> None:
    scene.router.on("remind", Call("reminder.set", {"message": "water the plants", "after": 7200}))
    scene.router.on("which", Call("reminder.status"), decision=Decision.QUERY)
    assert (await scene.say("remind", area="hall")).text == "I'll remind you at 20:30: water the plants."
    assert (await scene.say("which")).text == "The reminder “water the plants” is set for 20:30."
    scene.clock.advance(7200)
    announced = await scene.announcement()
    assert (announced.text, announced.area) == ("Reminder: water the plants.", "hall")


async def test_a_delayed_call_is_carried_out_when_it_is_due(scene: Scene) -> None:
    scene.router.on("off later", Call("light.turn_off", {"after": 1200}, ("light.hall",)))
    reply = await scene.say("off later")
    assert reply.text == "I'll turn off the hall light in 20 minutes."
    assert scene.actuator.calls == []
    scene.clock.advance(1200)
    assert (await scene.announcement()).event["event"] == "call_due"
    assert scene.actuator.sent == [("light.hall", "turn_off", {})]


@pytest.mark.parametrize(
    ("function", "sent", "text"),
    [
        ("light.turn_off", [("light.hall", "turn_off", {})], ""),
        ("light.toggle", [], "I was stopped in the middle of it, so I can't say if I did toggle the hall light."),
    ],
)
async def test_what_was_cut_short_is_done_again_only_where_twice_is_the_same(
    scene: Scene, function: str, sent: list[object], text: str
) -> None:
    scene.router.on("later", Call(function, {"after": 60}, ("light.hall",)))
    await scene.say("later")
    (entry,) = scene.schedule.agenda.of_kind(Kind.CALL)
    for listener in scene.schedule._listeners:
        await listener(Event(EventKind.CALL_DUE, entry, repeated=True))
    assert scene.actuator.sent == sent
    assert (await scene.announcement()).text == text


async def test_a_delayed_call_is_undone_by_not_doing_it(scene: Scene) -> None:
    scene.router.on("off later", Call("light.turn_off", {"at": "2025-03-14T21:30:00"}, ("light.hall",)))
    scene.router.on("undo", Call("assistant.undo"))
    assert (await scene.say("off later")).text == "I'll turn off the hall light at 21:30."
    assert (await scene.say("undo")).text == "I won't turn off the hall light."
    assert dict(scene.schedule.agenda.entries) == {}


async def test_a_delayed_critical_call_is_confirmed_when_it_is_ordered_and_only_then_carried_out(scene: Scene) -> None:
    scene.router.on("later", Call("lock.unlock", {"after": 60}, ("lock.front",)))
    assert (await scene.say("later")).text == "Shall I unlock the front door in 1 minute?"
    scene.clock.advance(10)
    assert (await scene.say("yes")).text == "I'll unlock the front door in 1 minute."
    scene.clock.advance(60)
    await scene.announcement()
    assert scene.actuator.sent == [("lock.front", "unlock", {})]


async def test_a_delayed_toggle_of_a_gate_asks_whatever_it_would_do_now(scene: Scene) -> None:
    scene.router.on("later", Call("cover.toggle", {"after": 60}, ("cover.garage",)))
    await scene.say("later")
    assert dict(scene.schedule.agenda.entries) == {}


async def test_something_for_a_while_ends_by_itself(scene: Scene) -> None:
    scene.router.on("fan", Call("fan.turn_on", {"duration": 600}, FAN))
    reply = await scene.say("fan")
    assert reply.text == "The office fan is on. I'll undo that in 10 minutes."
    scene.clock.advance(600)
    await scene.announcement()
    assert scene.actuator.sent == [("fan.office", "turn_on", {}), ("fan.office", "turn_off", {})]


async def test_an_end_is_dropped_when_somebody_moves_the_device_meanwhile(scene: Scene) -> None:
    scene.router.on("fan", Call("fan.turn_on", {"duration": 600}, FAN))
    scene.router.on("stay", Call("fan.turn_on", {}, FAN))
    await scene.say("fan")
    await scene.say("stay")
    assert dict(scene.schedule.agenda.entries) == {}


async def test_a_while_that_ends_with_an_open_door_asks_first(scene: Scene) -> None:
    scene.router.on("lock", Call("lock.lock", {"duration": 600}, ("lock.front",)))
    await scene.say("lock")
    assert scene.actuator.calls == []
    assert dict(scene.schedule.agenda.entries) == {}


async def test_lists_take_give_and_lose_things(scene: Scene) -> None:
    for item in ("milk", "bread"):
        scene.router.on(item, Call("todo.add_item", {"item": item}))
    scene.router.on("list", Call("todo.get_items", {"name": "groceries"}), decision=Decision.QUERY)
    scene.router.on("done", Call("todo.complete_item", {"item": "the milk"}))
    scene.router.on("off", Call("todo.remove_item", {"item": "bread", "name": "shopping"}))
    scene.router.on("clear", Call("todo.clear", {"name": "shopping list"}))
    scene.router.on("undo", Call("assistant.undo"))
    assert (await scene.say("list")).text == "The shopping list is empty."
    assert (await scene.say("milk")).text == "Milk is on the shopping list."
    assert (await scene.say("milk")).text == "Milk was already on the shopping list."
    await scene.say("bread")
    assert (await scene.say("list")).text == "The shopping list has two things on it: milk and bread."
    assert (await scene.say("done")).text == "Milk is ticked off on the shopping list."
    assert (await scene.say("off")).text == "Bread is off the shopping list."
    assert (await scene.say("undo")).text == "Bread is back on the shopping list."
    assert (await scene.say("clear")).text == "The shopping list is empty now."
    assert (await scene.say("undo")).text == "The shopping list is back, with two things."


async def test_two_yeses_at_once_unlock_once(scene: Scene) -> None:
    scene.router.on("unlock", Call("lock.unlock", {}, ("lock.front",)))
    await scene.say("unlock")
    await asyncio.gather(scene.say("yes"), scene.say("yes"))
    assert len(scene.actuator.calls) == 1


async def test_several_things_for_a_list_are_told_in_one_sentence(scene: Scene) -> None:
    calls = [Call("todo.add_item", {"item": item}) for item in ("milk", "eggs")]
    scene.router.on("milk and eggs", *calls)
    assert (await scene.say("milk and eggs")).text == "Milk and eggs are on the shopping list."
