"""The queue in front of the model, and what is thought apart from what is said."""

import asyncio
import itertools
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.http.errors import HttpError
from edge.api.http.queue import FairQueue
from edge.api.http.talk import Thinking, Whole


async def hold(queue: FairQueue, client: str, order: list[str], until: asyncio.Event | None = None) -> None:
    async with queue.turn(client):
        order.append(client)
        if until is not None:
            await until.wait()


async def waiting(queue: FairQueue, count: int) -> None:
    async with asyncio.timeout(5):
        while queue.waiting != count:  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0)


async def test_clients_go_in_turn_whoever_asks_more() -> None:
    queue, order, until = FairQueue(16), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(hold(queue, "a", order, until))]
    await asyncio.sleep(0)
    for client in ("b", "b", "b", "b", "c", "d", "d"):
        tasks.append(asyncio.create_task(hold(queue, client, order)))
        await waiting(queue, len(tasks) - 1)
    until.set()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c", "d", "b", "d", "b", "b"]


async def test_one_client_leaves_room_for_others() -> None:
    queue, order, until = FairQueue(8), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(hold(queue, "a", order, until)) for _ in range(7)]
    await waiting(queue, 6)
    with pytest.raises(HttpError) as caught:
        await hold(queue, "a", order)
    assert caught.value.status == 429
    tasks += [asyncio.create_task(hold(queue, client, order)) for client in ("b", "c")]
    await waiting(queue, 8)
    with pytest.raises(HttpError) as caught:
        await hold(queue, "d", order)
    assert caught.value.status == 503
    assert caught.value.retry_s
    until.set()
    await asyncio.gather(*tasks)
    assert order[:4] == ["a", "a", "b", "c"]


async def test_whoever_leaves_is_forgotten_wherever_they_stand() -> None:
    queue, order, until = FairQueue(8), list[str](), asyncio.Event()
    first = asyncio.create_task(hold(queue, "a", order, until))
    await asyncio.sleep(0)
    others = [asyncio.create_task(hold(queue, client, order)) for client in ("b", "b", "c")]
    await waiting(queue, 3)
    others[0].cancel()
    await waiting(queue, 2)
    first.cancel()
    others[1].cancel()
    for task in (first, *others):
        with suppress(asyncio.CancelledError):
            await task
    assert order == ["a", "c"]
    async with asyncio.timeout(1), queue.turn("d"):
        assert queue.waiting == 0


def parted(pieces: list[str]) -> tuple[str, str]:
    whole, thinking = Whole(), Thinking()
    for piece in pieces:
        for told in thinking.feed(piece):
            whole.add(told)
    for told in thinking.rest():
        whole.add(told)
    return whole.thought, whole.text


@given(
    st.text(alphabet="ab <>/\n", max_size=12),
    st.text(alphabet="ab <>/\n", max_size=12),
    st.lists(st.integers(0, 40), max_size=8),
)
def test_thoughts_are_told_apart_however_the_answer_is_cut(thought: str, said: str, cuts: list[int]) -> None:
    answer = f"<think>{thought}</think>{said}"
    places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    pieces = [answer[start:end] for start, end in itertools.pairwise(places)]
    assert parted(pieces)[1] == said.lstrip()
    assert parted(pieces)[0].strip() == thought.strip()


@given(st.text(alphabet="<think>/ab\n", max_size=20), st.lists(st.integers(0, 20), max_size=5))
def test_words_without_thoughts_stay_as_they_are(said: str, cuts: list[int]) -> None:
    if said.lstrip().startswith("<think>"):
        return
    places = sorted({0, len(said), *(cut for cut in cuts if cut < len(said))})
    assert parted([said[start:end] for start, end in itertools.pairwise(places)]) == ("", said)


def test_thoughts_that_never_end_are_thoughts() -> None:
    assert parted(["<think>on and", " on </th"]) == ("on and on </th", "")
