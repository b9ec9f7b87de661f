"""Orders to devices that leave out what was said before."""

import pytest

from edge.devices.model import Device, DeviceState
from tests.assistant.following.conftest import Talk

ON, OFF = "turn_on", "turn_off"


async def test_it_is_what_was_moved_last(talk: Talk) -> None:
    assert await talk.say("turn on the table light") == [("light.table", ON, {})]
    assert await talk.say("set it to forty") == [("light.table", ON, {"brightness_pct": 40})]
    assert await talk.say("ok now turn it off again") == [("light.table", OFF, {})]


async def test_it_is_what_was_asked_about_last(talk: Talk) -> None:
    assert await talk.say("is the sink light on") == []
    assert await talk.say("switch it on then") == [("light.sink", ON, {})]


async def test_them_are_all_that_one_order_moved(talk: Talk) -> None:
    await talk.say("turn on the sink light and the table light")
    sent = await talk.say("both off please")
    assert sorted(sent) == [("light.sink", OFF, {}), ("light.table", OFF, {})]


async def test_them_are_what_was_moved_one_after_the_other(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    await talk.say("and the table light too")
    sent = await talk.say("turn them off")
    assert sorted(sent) == [("light.sink", OFF, {}), ("light.table", OFF, {})]


async def test_an_order_goes_on_elsewhere(talk: Talk) -> None:
    await talk.say("turn off the hall light")
    assert await talk.say("and the office lamp") == [("light.office_lamp", OFF, {})]
    assert await talk.say("same for the bedroom lamp") == [("light.bedroom_lamp", OFF, {})]


async def test_the_other_one_is_what_is_left_in_the_room(talk: Talk) -> None:
    assert await talk.say("turn on the bedroom lamp", "bedroom") == [("light.bedroom_lamp", ON, {})]
    assert await talk.say("and the other one", "bedroom") == [("light.bedside", ON, {})]


@pytest.mark.parametrize("more", ["a bit more", "bit more", "more", "even more", "dimmer still", "and another one"])
async def test_more_of_dimmer_is_dimmer(talk: Talk, more: str) -> None:
    await talk.say("dim the office lamp")
    before = talk.scene.registry.state("light.office_lamp").attributes["brightness"]
    [sent] = await talk.say(more)
    assert sent[:2] == ("light.office_lamp", ON)
    assert sent[2]["brightness_pct"] < before / 2.55


@pytest.mark.parametrize(
    "less", ["less", "too much", "a little bit less", "thats too dark", "brighter", "back up a bit"]
)
async def test_less_of_dimmer_is_brighter(talk: Talk, less: str) -> None:
    await talk.say("dim the office lamp to thirty percent")
    await talk.say("dim it a bit more")
    before = talk.scene.registry.state("light.office_lamp").attributes["brightness"]
    [sent] = await talk.say(less)
    assert sent[:2] == ("light.office_lamp", ON)
    assert sent[2]["brightness_pct"] > before / 2.55


async def test_less_of_a_level_is_a_lower_one(talk: Talk) -> None:
    await talk.say("set the office lamp to twenty percent")
    [sent] = await talk.say("hmm a little bit less")
    assert sent[2]["brightness_pct"] < 20


async def test_degrees_go_on_in_degrees(talk: Talk) -> None:
    await talk.say("turn up the office thermostat two degrees")
    assert await talk.say("too much, one degree down") == [("climate.office", "set_temperature", {"temperature": 21})]
    assert await talk.say("up two") == [("climate.office", "set_temperature", {"temperature": 23})]
    assert await talk.say("back to nineteen") == [("climate.office", "set_temperature", {"temperature": 19})]


async def test_back_to_what_it_was_undoes(talk: Talk) -> None:
    await talk.say("close the bedroom blinds")
    assert await talk.say("no put it back how it was") == [("cover.blinds", "open_cover", {})]


async def test_a_correction_takes_back_and_does_it_to_what_was_meant(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    sent = await talk.say("wrong one, i meant the table light")
    assert sorted(sent) == [("light.sink", OFF, {}), ("light.table", ON, {})]


async def test_just_one_of_them_takes_the_others_back(talk: Talk) -> None:
    await talk.say("turn on the table light")
    sent = await talk.say("just the sink light actually")
    assert sorted(sent) == [("light.sink", ON, {}), ("light.table", OFF, {})]


async def test_not_that_undoes(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    assert await talk.say("no not that one") == [("light.sink", OFF, {})]


async def test_leave_it_like_that_does_nothing(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    assert await talk.say("perfect leave it like that") == []
    assert not talk.asked


async def test_two_rooms_do_not_mix(talk: Talk) -> None:
    await talk.say("turn on the sink light", "kitchen")
    await talk.say("turn off the office lamp", "office")
    assert await talk.say("turn it off", "kitchen") == [("light.sink", OFF, {})]
    assert await talk.say("turn it back on", "office") == [("light.office_lamp", ON, {})]


async def test_what_was_spoken_of_is_forgotten_in_time_and_asked_for(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    talk.scene.clock.advance(1800)
    assert await talk.say("turn it off") == []
    assert talk.asked
    assert await talk.say("the sink light") == [("light.sink", OFF, {})]


async def test_it_is_none_of_many_that_were_only_asked_about(talk: Talk) -> None:
    await talk.say("which lights are on")
    assert await talk.say("start it again") == []


async def test_what_has_to_be_confirmed_is_asked_for_in_other_words_too(talk: Talk) -> None:
    await talk.say("is the front door locked", "hall")
    assert await talk.say("unlock it then", "hall") == []
    assert talk.asked
    assert await talk.say("no leave it", "hall") == []
    assert await talk.say("yes", "hall") == []


async def test_a_bare_name_is_not_unlocked_because_a_lock_was(talk: Talk) -> None:
    await talk.say("unlock the front door", "hall")
    await talk.say("yes", "hall")
    sent = await talk.say("hall light", "hall")
    assert all(service != "unlock" for _, service, _ in sent)


async def test_questions_and_stories_about_it_do_nothing(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    for text in ("is it on", "how bright is it", "why is it on", "somebody turned it on earlier", "should it be off"):
        assert await talk.say(text) == [], text


async def test_for_an_hour_is_how_long_the_last_order_holds(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    await talk.say("for an hour")
    assert [left for _, _, left in talk.waiting] == [3600]
    await talk.say("no two hours")
    assert [left for _, _, left in talk.waiting] == [7200]
    talk.scene.clock.advance(600)
    await talk.say("a bit dimmer")
    assert len(talk.waiting) == 1


async def test_until_an_hour_begins_now(talk: Talk) -> None:
    assert await talk.say("turn on the sink light until eight") == [("light.sink", ON, {})]
    assert [left for _, _, left in talk.waiting] == [5395]


async def test_both_are_the_two_in_the_room(talk: Talk) -> None:
    sent = await talk.say("turn both lamps on", "bedroom")
    assert sorted(device for device, _, _ in sent) == ["light.bedroom_lamp", "light.bedside"]


async def test_all_back_on_is_what_was_on_before(talk: Talk) -> None:
    await talk.say("turn everything off", "office")
    sent = await talk.say("put it all back on", "office")
    assert {device for device, _, _ in sent} <= {"light.office_lamp", "light.hall", "climate.office"}
    assert ("light.office_lamp", ON, {}) in sent


async def test_several_steps_are_undone_one_after_the_other(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    await talk.say("close the bedroom blinds")
    assert await talk.say("undo") == [("cover.blinds", "open_cover", {})]
    assert await talk.say("undo that too") == [("light.sink", OFF, {})]
    await talk.say("undo")
    assert talk.reply == "There is nothing to undo."


async def test_one_of_several_is_put_back(talk: Talk) -> None:
    await talk.say("turn on the sink light and the table light")
    assert await talk.say("but not the sink light") == [("light.sink", OFF, {})]


async def test_the_same_again_at_another_time(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    assert await talk.say("same again tomorrow at nine") == []
    await talk.say("no ten")
    assert [left for _, _, left in talk.waiting] == [15 * 3600 + 30 * 60 - 15]


async def test_a_name_with_what_it_is_to_be_stands_by_itself(talk: Talk) -> None:
    await talk.say("turn off the office fan", "office")
    sent = await talk.say("lamp on", "office")
    assert all(service == ON for _, service, _ in sent)


async def test_a_correction_takes_back_nothing_older(talk: Talk) -> None:
    await talk.say("turn on the table light")
    await talk.say("turn off the sink light")
    assert await talk.say("no i meant the counter light") == [("light.counter", OFF, {})]


async def test_the_other_one_later_is_planned_too(talk: Talk) -> None:
    await talk.say("turn off the hall light in ten minutes", "hall")
    await talk.say("and the office lamp in twenty", "hall")
    assert [left for _, _, left in talk.waiting] == [595, 1200]


async def test_it_is_left_on_for_a_while(talk: Talk) -> None:
    await talk.say("turn on the table light")
    await talk.say("leave it on for ten minutes")
    assert talk.reply == "The table light was already on. I'll turn off the table light in 10 minutes."
    assert [left for _, _, left in talk.waiting] == [600]


async def test_which_are_on_is_asked_of_the_whole_house(talk: Talk) -> None:
    await talk.say("which lights are on", "kitchen")
    assert "hall" in talk.reply
    assert "lamp in the office" in talk.reply
    await talk.say("which lights are on in the kitchen", "hall")
    assert "hall" not in talk.reply


async def test_a_blind_goes_on_the_way_it_went(talk: Talk) -> None:
    await talk.say("set the bedroom blinds to 80 percent", "bedroom")
    assert await talk.say("more", "bedroom") == [("cover.blinds", "set_cover_position", {"position": 60})]
    assert await talk.say("a bit less", "bedroom") == [("cover.blinds", "set_cover_position", {"position": 80})]
    await talk.say("set the bedroom blinds to 50 percent", "bedroom")
    assert await talk.say("all the way", "bedroom") == [("cover.blinds", "set_cover_position", {"position": 0})]


async def test_an_order_is_repeated_from_then_on(talk: Talk) -> None:
    await talk.say("turn on the table light for ten minutes")
    await talk.say("every morning at six")
    assert talk.reply == "I'll turn on the table light for 10 minutes every day at 6:00."


async def test_what_several_were_is_told(talk: Talk) -> None:
    await talk.say("turn on the sink light and the table light")
    await talk.say("which ones are those")
    assert talk.reply == "The sink light and the table light are on."


async def test_it_is_what_was_moved_where_a_reading_was_asked_for_since(talk: Talk) -> None:
    await talk.say("turn on the bedroom lamp", "bedroom")
    await talk.say("what is the bedroom temperature", "bedroom")
    await talk.say("is it on", "bedroom")
    assert talk.reply == "Yes, the bedroom lamp is on."
    await talk.say("what is the bedroom temperature", "bedroom")
    assert await talk.say("turn it off", "bedroom") == [("light.bedroom_lamp", "turn_off", {})]


async def test_a_room_is_made_warmer_and_not_the_lamp(talk: Talk) -> None:
    await talk.say("turn on the sink light")
    sent = await talk.say("make it warmer in here")
    assert [(device, service) for device, service, _ in sent] == [("climate.office", "set_temperature")]


async def test_not_that_one_but_another_is_the_other(talk: Talk) -> None:
    await talk.say("turn on the lamp", "hall")
    assert talk.asked
    assert await talk.say("not that one, the office one", "hall") == [("light.office_lamp", ON, {})]


async def test_going_to_bed_cancels_nothing(talk: Talk) -> None:
    await talk.say("set an alarm for seven")
    await talk.say("I'm off to bed")
    assert [kind for kind, _, _ in talk.waiting] == ["alarm"]


async def test_locking_up_is_of_the_whole_house(talk: Talk) -> None:
    talk.scene.registry.put_device(Device("lock.back", "Back Door", "kitchen"))
    talk.scene.registry.set_state("lock.back", DeviceState("unlocked"))
    talk.scene.registry.set_state("lock.front", DeviceState("unlocked"))
    assert {device for device, _, _ in await talk.say("lock up")} == {"lock.back", "lock.front"}


async def test_the_light_alone_is_asked_about(talk: Talk) -> None:
    assert await talk.say("lamp", "bedroom") == []
    assert talk.reply.startswith("Shall I turn on")
    await talk.say("no", "bedroom")


async def test_one_of_those_that_went_off_is_left_on(talk: Talk) -> None:
    await talk.say("turn on the sink light and the table light")
    await talk.say("turn off the sink light and the table light")
    assert await talk.say("leave the table light on though") == [("light.table", ON, {})]
    assert await talk.say("actually turn that off too") == [("light.table", OFF, {})]


async def test_right_before_a_comma_is_no_side(talk: Talk) -> None:
    talk.scene.registry.put_device(Device("light.right", "Right Lamp", "bedroom"))
    talk.scene.registry.set_state("light.right", DeviceState("off"))
    assert await talk.say("Right, turn on the hall light") == [("light.hall", ON, {})]


async def test_what_came_to_nothing_at_its_time_is_not_repeated_at_another(talk: Talk) -> None:
    await talk.say("turn on the table light at dusk")
    assert "latitude" in talk.reply
    await talk.say("every day")
    assert talk.waiting == []
