"""Questions of all kinds are answered with the right figure, its unit and its time, from a filled history."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.assistant.assistant import Assistant
from edge.assistant.model import Reply, ReplySource, Source, Utterance
from edge.router.model import Decision
from edge.router.router import Router
from tests.assistant.asking.house import NOW, ZONE, home
from tests.assistant.asking.remembering import StillClock, assistant_of


@pytest.fixture
async def assistant(history_file: Path, router: Router) -> AsyncIterator[Assistant]:
    async with assistant_of(home(), history_file, StillClock(NOW, ZONE), ZONE, router) as made:
        yield made


async def ask(assistant: Assistant, text: str, *, area: str | None = None, origin: str = "") -> Reply:
    return await assistant.ask(Utterance(text, Source.CLI, area, origin=origin))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "what was the coldest the freezer got last night",
            "Last night the freezer was coldest at 3:10: minus 21.4 degrees.",
        ),
        (
            "how cold did the freezer get last night",
            "Last night the freezer was coldest at 3:10: minus 21.4 degrees.",
        ),
        ("how warm did the greenhouse get yesterday", "Yesterday the greenhouse was warmest at 13:40: 32 degrees."),
        ("when was the greenhouse hottest yesterday", "Yesterday the greenhouse was warmest at 13:40: 32 degrees."),
        ("what was last night's low outside", "Last night the air outside was coldest at 2:40: minus 1 degree."),
        (
            "what were the high and low outside yesterday",
            (
                "Yesterday the air outside was between minus 1 degree at 2:40 and 11 degrees at 14:40, a range "
                "of 12 degrees."
            ),
        ),
        ("how much electricity did we use yesterday", "Yesterday the house energy came to 24 kilowatt hours."),
        (
            "how much power did the washing machine use yesterday",
            "Yesterday the washing machine power came to 0.94 kilowatt hours.",
        ),
        ("how much water did we use last week", "Last week the water meter came to 1680 litres."),
        ("how much rain has fallen since monday", "Since Monday the rain gauge came to 3.6 millimetres."),
        ("did it rain on saturday", "Yes, it rained on Saturday, first at 9:20."),
        ("did it rain yesterday", "No, it did not rain yesterday."),
        ("when did it last rain", "It last rained on Monday at 11:50."),
        ("how many times was the front door opened today", "The front door was opened twice today, last at 12:30."),
        (
            "how often did the garage door open this week",
            "The garage door was opened twice this week, last yesterday at 22:00.",
        ),
        ("how long was the back door open yesterday", "The back door was open for 2 hours and 35 minutes yesterday."),
        (
            "what's the longest the back door was open yesterday",
            "Yesterday the back door was open for 2 hours and 5 minutes at the longest, from 10:00 to 12:05.",
        ),
        (
            "how long has the bedroom window been open",
            "The bedroom window has been open for 2 hours and 5 minutes, since 13:15.",
        ),
        (
            "when was the front door last opened",
            "The front door was last opened at 12:30, until 12:33, for 3 minutes.",
        ),
        (
            "how long since the hall motion was triggered",
            "The hall motion sensor last saw motion 3 hours and 6 minutes ago, at 12:14.",
        ),
        (
            "how long ago did someone go through the hall",
            "The hall motion sensor last saw motion 3 hours and 6 minutes ago, at 12:14.",
        ),
        (
            "when did the freezer last go above minus fifteen",
            "The freezer last went above minus 15 degrees on Tuesday at 14:00, until 14:40, for 40 minutes.",
        ),
        (
            "how often did the co2 in the bedroom go above one thousand last night",
            "The bedroom CO2 went above 1000 parts per million once last night, at 0:10.",
        ),
        (
            "how long was the greenhouse above thirty today",
            "The greenhouse was above 30 degrees for 3 hours and 40 minutes today.",
        ),
        ("how long was the heating on yesterday", "The heating was on for 3 hours yesterday."),
        ("how long did the washing machine run yesterday", "The washing machine was on for 2 hours yesterday."),
        ("has the washing machine finished", "The washing machine last stopped yesterday at 12:00."),
        ("is the washing machine still running", "No, the washing machine is not on: 2 watts."),
        ("when did anna leave this morning", "This morning Anna left at 8:01, and still is."),
        ("was anna home at seven this morning", "Yes, Anna was at home at 7:00 today."),
        (
            "how long is it since the front door was locked",
            "The front door lock was last locked 15 hours and 50 minutes ago, yesterday at 23:30, and still is.",
        ),
        (
            "was the garage door open overnight",
            "Yes, the garage door was open once last night, first at 22:00, for 10 minutes in all.",
        ),
        (
            "did the freezer stay below minus eighteen last night",
            "Yes, the freezer was below minus 18 degrees all the time last night; at the most minus 18.2 degrees.",
        ),
        (
            "did it freeze last night",
            (
                "Yes, the air outside was below freezing once last night, first at 0:50, "
                "for 4 hours and 30 minutes in all; at the least minus 1 degree."
            ),
        ),
        (
            "did the fridge get too warm last night",
            "No, the fridge was not above 9 degrees last night; at the most 4.6 degrees.",
        ),
        ("what was the temperature in the greenhouse an hour ago", "An hour ago the greenhouse was at 32 degrees."),
        ("how warm was the office at six this morning", "At 6:00 today the office was at 20.1 degrees."),
        (
            "how hot was the greenhouse at two yesterday in fahrenheit",
            "At 14:00 yesterday the greenhouse was at 89.6 degrees Fahrenheit.",
        ),
        (
            "what was the air pressure on monday at noon",
            "At 12:00 on Monday the air pressure outside was at 997.2 hectopascals.",
        ),
        (
            "is the air pressure rising",
            (
                "The air pressure outside has been falling in the past three hours: by 1 hectopascal, from 1013 to "
                "1012.1 hectopascals."
            ),
        ),
        (
            "is the bedroom warmer than the kitchen",
            "No, the bedroom is colder than the kitchen: 19.5 against 21.5 degrees, 2 degrees less.",
        ),
        (
            "was the bedroom warmer than the kitchen last night",
            (
                "No, the bedroom was colder than the kitchen last night: 18.5 against 21.1 degrees on average, "
                "2.6 degrees less."
            ),
        ),
        (
            "was saturday wetter than sunday",
            (
                "Yes, the rain gauge was more on Saturday than on Sunday: 3.6 against 0 millimetres, 3.6 "
                "millimetres more."
            ),
        ),
        (
            "which room was the warmest yesterday",
            "The kitchen was warmest yesterday: 21.6 degrees on average; then the office with 21.5 degrees.",
        ),
        (
            "which room is the coldest",
            "The bedroom is coldest: 19.5 degrees; then the living room with 20.5 degrees.",
        ),
        ("which light was on the longest yesterday", "The kitchen light was on longest yesterday: 3 hours."),
        (
            "how much did the temperature drop in the living room overnight",
            (
                "Last night the temperature in the living room fell by 2 degrees, from 22 to 20 degrees, from "
                "20:00 to 6:50."
            ),
        ),
        ("what was the highest power today", "Today the house power was highest at 0:00: 600 watts."),
        (
            "what's the most electricity we pulled at once yesterday",
            "Yesterday the house power was highest at 19:00: 3000 watts.",
        ),
        (
            "is the cellar humidity normal",
            (
                "Yes, that is normal: the humidity in the cellar is usually between 66 and 71 percent at this "
                "hour, and is at 69 percent."
            ),
        ),
    ],
)
async def test_a_question_is_answered(assistant: Assistant, text: str, answer: str) -> None:
    reply = await ask(assistant, text)
    assert reply.text == answer
    assert reply.decision is Decision.QUERY
    assert reply.source is ReplySource.SENSORS


async def test_one_question_leads_to_the_next(assistant: Assistant) -> None:
    asked = [
        ("what was the coldest the freezer got last night", "the freezer was coldest at 3:10: minus 21.4"),
        ("when was that", "at 3:10"),
        ("is that normal", "No, that is unusual: minus 21.4 degrees is lower than usual for the freezer"),
        ("and the fridge?", "the fridge is usually"),
    ]
    for text, part in asked:
        assert part in (await ask(assistant, text)).text


@pytest.mark.parametrize(
    "asked",
    [
        [("how often was the front door opened today", "twice today"), ("and the back door?", "not opened today"),
         ("and yesterday?", "twice yesterday"), ("when was that?", "at 16:00")],
        [("how much electricity did we use today", "kilowatt hours"), ("and yesterday?", "24 kilowatt hours"),
         ("and the day before?", "On Tuesday the house energy came to 24")],
        [("how warm is it in the greenhouse", "It is 31.5 degrees"), ("is that normal?", "that is normal"),
         ("what about the bedroom?", "the bedroom is usually")],
        [("what was the lowest temperature in the office yesterday", "19.5 degrees"),
         ("and the highest?", "23.5 degrees"), ("and on average?", "21.5 degrees on average")],
        [("how many times has the front door been opened today", "twice"), ("and the back one?", "not opened")],
    ],
)  # fmt: skip
async def test_what_is_left_out_is_what_it_was(assistant: Assistant, asked: list[tuple[str, str]]) -> None:
    for text, part in asked:
        assert part in (await ask(assistant, text)).text


async def test_who_did_not_ask_has_no_last_question(assistant: Assistant) -> None:
    await ask(assistant, "how cold did the freezer get last night", origin="one")
    assert (await ask(assistant, "and the fridge?", origin="another")).source is not ReplySource.SENSORS


async def test_after_a_while_nothing_is_gone_on_from(history_file: Path, router: Router) -> None:
    clock = StillClock(NOW, ZONE)
    async with assistant_of(home(), history_file, clock, ZONE, router) as assistant:
        await ask(assistant, "how cold did the freezer get last night")
        clock.boot += 600
        assert (await ask(assistant, "and yesterday?")).source is not ReplySource.SENSORS


async def test_where_several_may_be_meant_one_is_picked(assistant: Assistant) -> None:
    reply = await ask(assistant, "what was the humidity last night")
    assert reply.decision is Decision.CLARIFY
    assert reply.text == "Which one do you mean: the humidity in the bathroom or the humidity in the cellar?"
    assert reply.listen
    picked = await ask(assistant, "the cellar one")
    assert picked.text.startswith("Last night the humidity in the cellar was at 71")


async def test_a_pick_may_be_refused_or_be_another_question(assistant: Assistant) -> None:
    await ask(assistant, "what was the humidity last night")
    assert (await ask(assistant, "neither")).text == "All right, I left it."
    await ask(assistant, "what was the humidity last night")
    other = await ask(assistant, "how cold did the freezer get last night")
    assert "minus 21.4" in other.text


async def test_the_speakers_room_needs_no_name(assistant: Assistant) -> None:
    reply = await ask(assistant, "what was the lowest temperature last night", area="bedroom")
    assert reply.text.startswith("Last night the bedroom was coldest")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what was the lowest temperature in the attic last week",
         "I can't tell: my record of the attic begins only yesterday at 9:20."),
        ("how warm was the office last night",
         "between 19.6 and 22. I heard nothing from it from 2:50 to 5:00."),
        ("what was the average temperature in the attic since monday",
         "Since Monday the attic was at 15 degrees on average. My record of it begins only yesterday at 9:20."),
    ],
)  # fmt: skip
async def test_what_is_not_known_is_said(assistant: Assistant, text: str, answer: str) -> None:
    assert (await ask(assistant, text)).text.endswith(answer)


async def test_a_clock_that_nothing_set_is_doubted(history_file: Path, router: Router) -> None:
    async with assistant_of(home(), history_file, StillClock(NOW, ZONE, trusted=False), ZONE, router) as assistant:
        reply = await ask(assistant, "how cold did the freezer get last night")
        again = await ask(assistant, "how cold did the freezer get yesterday")
    assert reply.text.endswith("That is if my clock is right: nothing has set it since I started.")
    assert "clock" not in again.text


async def test_temperatures_are_in_the_homes_unit(history_file: Path, router: Router) -> None:
    async with assistant_of(home(), history_file, StillClock(NOW, ZONE), ZONE, router, "°F") as assistant:
        reply = await ask(assistant, "how warm did the greenhouse get yesterday")
        crossed = await ask(assistant, "how long was the greenhouse above eighty six degrees today")
    assert reply.text == "Yesterday the greenhouse was warmest at 13:40: 89.6 degrees Fahrenheit."
    assert crossed.text == "The greenhouse was above 86 degrees for 3 hours and 40 minutes today."


@pytest.mark.parametrize(
    "text", ["is the front door open", "how warm is the bedroom", "is the kitchen light on", "what time is it"]
)
async def test_what_is_asked_of_now_needs_no_history(router: Router, text: str) -> None:
    async with assistant_of(home(), None, StillClock(NOW, ZONE), ZONE, router) as assistant:
        assert (await ask(assistant, text)).decision is Decision.QUERY


async def test_without_a_history_it_says_so(router: Router) -> None:
    async with assistant_of(home(), None, StillClock(NOW, ZONE), ZONE, router) as assistant:
        reply = await ask(assistant, "what was the coldest the freezer got last night")
    assert reply.text == "I don't keep a history yet, so I only know how things are now."


@pytest.mark.parametrize(
    "text",
    [
        "when did the second world war end",
        "how long does it take to boil an egg",
        "how often do you water orchids",
        "and then he left yesterday",
        "who won the game last night",
        "how many people live in france",
        "what was the temperature in rome yesterday",
    ],
)
async def test_talk_is_left_to_others(assistant: Assistant, text: str) -> None:
    assert (await ask(assistant, text)).source is not ReplySource.SENSORS
