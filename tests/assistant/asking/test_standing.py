"""Sentences that stand by themselves are not taken for questions that go on from the last one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.assistant.assistant import Assistant
from edge.assistant.model import Source, Utterance
from edge.router.model import Decision
from edge.router.router import Router
from tests.assistant.asking.house import NOW, ZONE, home
from tests.assistant.asking.remembering import StillClock, assistant_of


@pytest.fixture
async def assistant(history_file: Path, router: Router) -> AsyncIterator[Assistant]:
    async with assistant_of(home(), history_file, StillClock(NOW, ZONE), ZONE, router) as made:
        yield made


@pytest.mark.parametrize(
    "text",
    [
        "how was the house yesterday",
        "why did the freezer warm up last night",
        "warn me when my wife comes home",
        "warn me if the greenhouse is above a million degrees",
        "tell me when it's christmas",
        "let me know as soon as it is over",
        "give me the summary",
        "when is sunset",
    ],
)
async def test_what_stands_by_itself_is_not_answered_with_the_last_sensor(assistant: Assistant, text: str) -> None:
    first = await assistant.ask(Utterance("what was the coldest the freezer got last night", Source.CLI))
    assert first.decision is Decision.QUERY

    reply = await assistant.ask(Utterance(text, Source.CLI))

    assert "freezer" not in reply.text.lower()


@pytest.mark.parametrize(
    "text", ["when was that", "tell me when that was", "and the greenhouse", "is that normal", "is that too warm"]
)
async def test_what_goes_on_still_does(assistant: Assistant, text: str) -> None:
    await assistant.ask(Utterance("what was the coldest the freezer got last night", Source.CLI))

    reply = await assistant.ask(Utterance(text, Source.CLI))

    assert reply.decision is Decision.QUERY
    assert "freezer" in reply.text or "greenhouse" in reply.text


async def test_one_or_the_other_is_answered_by_one_of_them(assistant: Assistant) -> None:
    text = "was it warmer in the bedroom or the kitchen last night"
    reply = await assistant.ask(Utterance(text, Source.CLI))

    assert reply.text.startswith("The bedroom was colder than the kitchen")


async def test_a_share_is_a_percentage_where_that_is_measured(assistant: Assistant) -> None:
    reply = await assistant.ask(Utterance("did the cellar humidity go above half yesterday", Source.CLI))

    assert "0.5" not in reply.text
    assert "percent" in reply.text
