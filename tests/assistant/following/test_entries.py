"""What is on the schedule, in passing."""

import pytest

from tests.assistant.following.conftest import Talk


async def test_a_timer_is_it(talk: Talk) -> None:
    await talk.say("set a timer for twenty minutes")
    await talk.say("pause that")
    talk.scene.clock.advance(300)
    await talk.say("how much is left on it")
    assert "19 minutes and 55 seconds" in talk.reply
    await talk.say("ok carry on")
    await talk.say("add 5 more minutes")
    await talk.say("knock two minutes off")
    assert talk.waiting == [("timer", "", 1200 + 300 - 120 - 15)]
    await talk.say("oh never mind stop it altogether")
    assert talk.waiting == []


@pytest.mark.parametrize("text", ["what time is it", "what time is it now"])
async def test_the_time_of_day_is_no_timers(talk: Talk, text: str) -> None:
    await talk.say("set a timer for twenty minutes")
    await talk.say(text)
    assert "timer" not in talk.reply
    await talk.say("what time is it due")
    assert "timer" in talk.reply


async def test_timers_are_told_apart_by_name(talk: Talk) -> None:
    await talk.say("set a pasta timer for ten minutes")
    await talk.say("and one for the eggs for four")
    await talk.say("give the eggs another minute")
    await talk.say("cancel the pasta")
    assert talk.waiting == [("timer", "eggs", 290)]
    await talk.say("undo that")
    assert [name for _, name, _ in talk.waiting] == ["eggs", "pasta"]


async def test_several_timers_are_asked_about(talk: Talk) -> None:
    await talk.say("set a pasta timer for ten minutes")
    await talk.say("set an egg timer for four minutes")
    await talk.say("cancel the timer")
    assert talk.asked
    await talk.say("the egg one")
    assert [name for _, name, _ in talk.waiting] == ["pasta"]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("make it half past seven instead", "07:30"),
        ("no eight", "08:00"),
        ("actually quarter to six", "05:45"),
        ("could that be ten minutes later", "07:10"),
        ("half an hour earlier", "06:30"),
        ("push it back an hour", "08:00"),
    ],
)
async def test_an_alarm_clock_gets_another_time(talk: Talk, change: str, shown: str) -> None:
    await talk.say("wake me at seven tomorrow morning", "bedroom")
    await talk.say(change, "bedroom")
    [entry] = talk.scene.schedule.agenda.entries.values()
    assert entry.due_wall_s is not None
    assert f"{talk.scene.clock.local(entry.due_wall_s):%d %H:%M}" == f"15 {shown}"


async def test_days_come_and_go_and_the_alarm_stays(talk: Talk) -> None:
    await talk.say("wake me at half past six every weekday", "bedroom")
    await talk.say("not on fridays though", "bedroom")
    [entry] = talk.scene.schedule.agenda.entries.values()
    assert entry.again.rule == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"
    await talk.say("and on sundays too", "bedroom")
    await talk.say("skip monday", "bedroom")
    [entry] = talk.scene.schedule.agenda.entries.values()
    assert entry.again.rule == "FREQ=WEEKLY;BYDAY=TU,WE,TH,SU"
    await talk.say("is there one for monday", "bedroom")
    assert talk.reply.startswith("No")
    await talk.say("delete it", "bedroom")
    assert talk.waiting == []


async def test_a_reminder_gets_another_day_and_a_second_one(talk: Talk) -> None:
    await talk.say("remind me every sunday at six in the evening to put the bins out")
    await talk.say("sorry, monday")
    await talk.say("and to water the plants tomorrow at nine")
    assert sorted(name for _, name, _ in talk.waiting) == ["put the bins out", "water the plants"]
    rules = [entry.again.rule for entry in talk.scene.schedule.agenda.entries.values()]
    assert sorted(rules) == ["", "FREQ=WEEKLY;BYDAY=MO"]
    await talk.say("forget about the plants")
    assert [name for _, name, _ in talk.waiting] == ["put the bins out"]


async def test_what_is_planned_is_changed_told_and_taken_back(talk: Talk) -> None:
    await talk.say("turn off the hall light in half an hour", "hall")
    await talk.say("no wait make it an hour", "hall")
    assert [left for _, _, left in talk.waiting] == [3600]
    await talk.say("whats planned", "hall")
    assert "hall light" in talk.reply
    await talk.say("forget that", "hall")
    assert talk.waiting == []
    await talk.say("what have i got planned", "hall")
    assert talk.reply == "Nothing is planned."


async def test_one_of_two_devices_is_left_out(talk: Talk) -> None:
    await talk.say("in ten minutes turn off the hall light and the office lamp", "hall")
    await talk.say("except the office one", "hall")
    talk.scene.clock.advance(700)
    await talk.scene.announcement()
    assert [device for device, _, _ in talk.scene.actuator.sent] == ["light.hall"]


async def test_a_time_of_today_that_has_passed_is_asked_about(talk: Talk) -> None:
    await talk.say("turn off the hall light at two this afternoon", "hall")
    assert talk.waiting == []
    assert "?" in talk.reply
    await talk.say("sorry, half past eight", "hall")
    assert [left for _, _, left in talk.waiting] == [7190]


async def test_never_mind_takes_back_what_was_just_set_and_nothing_older(talk: Talk) -> None:
    await talk.say("set a timer for ten minutes")
    await talk.say("never mind")
    assert talk.waiting == []
    await talk.say("set a timer for ten minutes")
    talk.scene.clock.advance(120)
    await talk.say("never mind")
    assert len(talk.waiting) == 1


async def test_a_change_of_mind_calls_off_what_was_just_planned(talk: Talk) -> None:
    await talk.say("turn off the hall light in an hour")
    assert talk.waiting
    await talk.say("actually don't")
    assert talk.waiting == []


async def test_a_timer_gets_a_name(talk: Talk) -> None:
    await talk.say("set a timer for a quarter of an hour")
    await talk.say("call it bread")
    await talk.say("has the bread got long")
    assert "bread timer has 14 minutes" in talk.reply


async def test_two_timers_in_one_sentence_have_their_own_lengths(talk: Talk) -> None:
    await talk.say("rice timer eleven minutes and a soup timer twenty minutes")
    assert talk.waiting == [("timer", "soup" if one == 1200 else "rice", one) for one in (660, 1200)]


async def test_an_alarm_clock_comes_back(talk: Talk) -> None:
    await talk.say("set an alarm for quarter past seven tomorrow morning", "bedroom")
    await talk.say("and another for half past", "bedroom")
    assert len(talk.waiting) == 2
    await talk.say("get rid of the second one", "bedroom")
    await talk.say("make it every weekday", "bedroom")
    await talk.say("but not wednesdays", "bedroom")
    [entry] = talk.scene.schedule.agenda.entries.values()
    assert entry.again.rule == "FREQ=WEEKLY;BYDAY=MO,TU,TH,FR"
    assert entry.due_wall_s is not None
    assert f"{talk.scene.clock.local(entry.due_wall_s):%H:%M}" == "07:15"
    await talk.say("turn that alarm off", "bedroom")
    assert talk.waiting == []


@pytest.mark.parametrize("text", ["every night", "make it every day", "no, I meant every night", "daily please"])
async def test_one_time_becomes_every_day(talk: Talk, text: str) -> None:
    await talk.say("at midnight turn off the hall light")
    await talk.say(text)
    assert talk.reply == "I'll turn off the hall light every day at 0:00."
    await talk.say("no, just tonight")
    assert talk.reply == "I'll turn off the hall light tomorrow at 0:00."


async def test_one_more_alarm_is_near_the_last(talk: Talk) -> None:
    """At half past six in the evening "half seven" alone would be in an hour."""
    await talk.say("set an alarm for seven")
    await talk.say("and one for the kids at half seven")
    assert [(name, round(left / 60)) for _, name, left in talk.waiting] == [("", 750), ("kids", 780)]


async def test_one_more_alarm_in_the_evening_is_there(talk: Talk) -> None:
    await talk.say("set an alarm for seven")
    await talk.say("and another one for eight pm")
    assert min(left for _, _, left in talk.waiting) < 2 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "switch the alarm off tomorrow",
        "cancel tomorrow's alarm",
        "let me sleep in tomorrow",
        "don't wake me tomorrow",
        "not tomorrow",
        "skip the next one",
        "skip it tomorrow",
    ],
)
async def test_one_time_is_left_out_of_what_comes_back(talk: Talk, text: str) -> None:
    """It is Friday evening."""
    await talk.say("wake me at seven every day")
    await talk.say(text)
    assert talk.reply == "I leave out the alarm tomorrow at 7:00; it comes again on Sunday at 7:00."
    await talk.say("when is my alarm")
    assert talk.reply == "The alarm is set for every day at 7:00, but not before Sunday at 7:00."
    await talk.say("cancel tomorrow's alarm")
    assert talk.reply == "There is no alarm tomorrow."
    await talk.say("let me sleep in on Monday")
    assert (
        talk.reply == "I can leave out the next time alone: the alarm is due on Sunday at 7:00, then every day at 7:00."
    )
    assert [round(left / 3600) for _, _, left in talk.waiting] == [36]


async def test_what_was_left_out_comes_back_with_an_undo(talk: Talk) -> None:
    await talk.say("wake me at seven every day")
    await talk.say("not tomorrow")
    await talk.say("undo that")
    assert talk.reply == "The alarm is set for every day at 7:00."
    assert [round(left / 3600) for _, _, left in talk.waiting] == [12]


async def test_what_does_not_come_back_is_over(talk: Talk) -> None:
    await talk.say("set an alarm for seven")
    await talk.say("cancel tomorrow's alarm")
    assert talk.waiting == []


async def test_of_several_on_a_day_one_is_asked_for(talk: Talk) -> None:
    await talk.say("set an alarm for seven am")
    await talk.say("set an alarm for eight am")
    await talk.say("cancel my alarm for tomorrow")
    assert talk.reply == "The alarm tomorrow at 7:00 or the alarm tomorrow at 8:00?"
    await talk.say("the eight o'clock one")
    assert talk.reply == "The alarm is cancelled."
    assert [round(left / 3600, 1) for _, _, left in talk.waiting] == [12.5]


async def test_the_only_alarm_is_changed_and_no_other_made(talk: Talk) -> None:
    await talk.say("set an alarm for half past six tomorrow morning")
    await talk.say("what time is it")
    await talk.say("change my alarm to seven")
    assert talk.reply == "The alarm is set for tomorrow at 7:00."
    assert len(talk.waiting) == 1


async def test_what_is_left_out_stays_so_when_the_clock_is_set(talk: Talk) -> None:
    await talk.say("wake me at seven every day")
    await talk.say("not tomorrow")
    schedule = talk.scene.schedule
    (entry,) = schedule.agenda.entries.values()
    assert schedule.calendar.next_s(entry.again, schedule.now().wall_s) == entry.due_wall_s


async def test_a_call_that_comes_back_is_left_out_once(talk: Talk) -> None:
    await talk.say("turn off the hall light every day at ten")
    await talk.say("cancel the hall light tomorrow")
    assert talk.reply == "I won't turn off the hall light tomorrow at 10:00; it comes again on Sunday at 10:00."


async def test_off_is_over_for_what_rings(talk: Talk) -> None:
    await talk.say("set an alarm for seven")
    await talk.say("switch it off")
    assert talk.waiting == []


@pytest.mark.parametrize(
    ("text", "room"), [("turn the fan on at nine", "office"), ("switch on the fan at nine", "office")]
)
async def test_an_order_at_an_hour_is_no_level(talk: Talk, text: str, room: str) -> None:
    await talk.say(text, room)
    assert talk.waiting == [("call", "turn on the office fan", 9000 - 5)]


@pytest.mark.parametrize("last", ["until Friday", "till next Friday", "until the end of the week"])
async def test_what_comes_back_ends_on_a_day(talk: Talk, last: str) -> None:
    await talk.say(f"wake me at seven every day {last}")
    assert talk.reply.startswith("The alarm is set for every day at 7:00 until ")
    await talk.say("make it half past")
    await talk.say("no, set another one at six in the morning")
    await talk.say(f"every weekday {last}")
    assert talk.reply.startswith("The alarm is set for every weekday at 6:00 until ")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("remind me at four to ring Doris", 21.5),
        ("remind me at four in the morning to ring Doris", 9.5),
        ("remind me at eight to ring Doris", 1.5),
    ],
)
async def test_a_reminder_is_by_day_where_nobody_said_night(talk: Talk, text: str, hours: float) -> None:
    await talk.say(text)
    assert [round(left / 1800) / 2 for _, _, left in talk.waiting] == [hours]


async def test_half_past_is_of_the_hour_before(talk: Talk) -> None:
    await talk.say("wake me at seven")
    await talk.say("make it half past")
    assert talk.reply == "The alarm is set for tomorrow at 7:30."
    await talk.say("am or pm")
    assert talk.reply == "The alarm is due tomorrow at 7:30."


async def test_what_is_left_is_of_the_timer_that_is_named(talk: Talk) -> None:
    await talk.say("set an egg timer for ten minutes")
    await talk.say("and one for toast, two minutes")
    await talk.say("how long left on the eggs")
    assert talk.reply.startswith("The egg timer has 9 minutes")


async def test_one_more_timer_may_have_its_name_first(talk: Talk) -> None:
    await talk.say("set a pasta timer for 11 minutes")
    await talk.say("and a sauce one for 20")
    assert [(name, left) for _, name, left in talk.waiting] == [("pasta", 655), ("sauce", 1200)]


async def test_a_number_alone_counts_what_was_counted(talk: Talk) -> None:
    await talk.say("wake me in eight hours")
    await talk.say("make that seven")
    assert [left for _, _, left in talk.waiting] == [7 * 3600]
    await talk.say("set a timer for ten minutes")
    await talk.say("make that seven")
    assert talk.waiting[0] == ("timer", "", 420)


async def test_one_more_reminder_has_its_day_first(talk: Talk) -> None:
    await talk.say("remind me every Tuesday at seven in the evening to put the recycling out")
    await talk.say("and every other Wednesday for the garden waste")
    assert talk.reply == "I'll remind you every 2 weeks on Wednesday at 19:00: the garden waste."
    assert len(talk.waiting) == 2


async def test_week_nights_are_nights(talk: Talk) -> None:
    await talk.say("turn off the table light at eleven every weeknight")
    assert talk.reply == "I'll turn off the table light every weekday at 23:00."


async def test_one_more_alarm_is_so_much_later(talk: Talk) -> None:
    await talk.say("alarm for half six tomorrow")
    await talk.say("and another ten minutes later")
    assert talk.reply == "The alarm is set for tomorrow at 6:40."
    await talk.say("cancel the first one")
    await talk.say("what time's the other one")
    assert talk.reply == "The alarm is due tomorrow at 6:40."


async def test_how_long_somebody_has_is_of_the_plan_where_no_timer_runs(talk: Talk) -> None:
    await talk.say("turn on the table light")
    await talk.say("off in twenty minutes")
    await talk.say("how long have I got")
    assert talk.reply == "I'll turn off the table light in 19 minutes and 55 seconds."


async def test_an_order_is_for_the_time_of_what_was_set(talk: Talk) -> None:
    await talk.say("wake me at seven")
    for text in (
        "turn on the table light at the same time",
        "turn on the sink light when it goes off",
        "when the alarm goes off turn on the counter light",
    ):
        assert await talk.say(text) == []
        assert talk.reply.endswith("tomorrow at 7:00.")
    await talk.say("set a timer for five minutes")
    assert await talk.say("turn off the hall light when the timer finishes") == []
    assert talk.reply == "I'll turn off the hall light in 4 minutes and 55 seconds."


async def test_how_it_is_doing_and_what_is_going_are_told(talk: Talk) -> None:
    await talk.say("set an oven timer for ten minutes")
    await talk.say("how's it doing")
    assert talk.reply == "The oven timer has 9 minutes and 55 seconds left."
    await talk.say("what have I got going")
    assert talk.reply == "The oven timer has 9 minutes and 50 seconds left."


async def test_a_number_alone_is_a_level_of_what_goes_back_by_itself(talk: Talk) -> None:
    await talk.say("set the office thermostat to 21 degrees for two hours")
    await talk.say("half an hour longer")
    assert talk.reply == "I'll have the office thermostat go to 20 degrees in 2 hours and 29 minutes."
    assert await talk.say("make it 22") == [("climate.office", "set_temperature", {"temperature": 22})]


async def test_one_more_alarm_is_for_somebody(talk: Talk) -> None:
    await talk.say("alarm at 7")
    await talk.say("and 7.15 for Bea")
    await talk.say("oh and one at half past eight for gran")
    assert [(name, round(left / 60)) for _, name, left in talk.waiting] == [("", 750), ("Bea", 765), ("gran", 840)]
    await talk.say("cancel Bea's")
    assert [name for _, name, _ in talk.waiting] == ["", "gran"]


async def test_what_is_not_needed_is_left_out(talk: Talk) -> None:
    await talk.say("set my alarm for 6:30 every day")
    await talk.say("I don't need it tomorrow")
    await talk.say("when's it going off next")
    assert talk.reply == "The alarm is due on Sunday at 6:30, then every day at 6:30."


async def test_after_a_question_about_a_day_one_is_set_for_it(talk: Talk) -> None:
    await talk.say("wake me at ten on Saturday")
    assert talk.reply == "The alarm is set for tomorrow at 10:00."
    await talk.say("what about Sunday")
    assert talk.reply == "No, there is no alarm on Sunday."
    await talk.say("do I have an alarm on Monday")
    await talk.say("set one for six")
    assert talk.reply == "The alarm is set for Monday at 6:00."


async def test_a_reminder_is_for_the_end_of_the_timer(talk: Talk) -> None:
    await talk.say("set the timer for the roast one hour twenty")
    await talk.say("is it ready yet")
    assert talk.reply == "The roast timer has 1 hour and 19 minutes left."
    await talk.say("and remind me to turn the oven off when it's done")
    assert [kind for kind, _, _ in talk.waiting] == ["timer", "reminder"]
    assert talk.waiting[0][2] == talk.waiting[1][2]


async def test_a_day_it_is_not_done(talk: Talk) -> None:
    await talk.say("turn off the hall light every day at ten")
    await talk.say("don't do it tomorrow")
    assert talk.reply == "I won't turn off the hall light tomorrow at 10:00; it comes again on Sunday at 10:00."


async def test_other_days_at_another_hour_are_another_alarm(talk: Talk) -> None:
    await talk.say("wake me at half six every weekday")
    await talk.say("and at nine at weekends")
    assert talk.reply == "The alarm is set for every Saturday and Sunday at 9:00."
    await talk.say("what time do I get up on Monday")
    assert talk.reply == "The alarm is set for every weekday at 6:30."
    await talk.say("what time is my alarm on Sunday")
    assert talk.reply == "The alarm is set for every Saturday and Sunday at 9:00."


async def test_a_day_that_is_added_may_be_the_next(talk: Talk) -> None:
    """It is Friday evening."""
    await talk.say("set an alarm for seven every weekday")
    await talk.say("and on Saturdays too")
    assert [round(left / 60) for _, _, left in talk.waiting] == [750]
