"""Conversations that outgrow the context lose their oldest turns, in whole and seldom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.llm.conversation import Conversation
from edge.llm.errors import LlmError


def conversation(n_ctx: int) -> Conversation:
    """One token a character, no template."""
    return Conversation(None, lambda part: [ord(letter) for letter in part.text], list, n_ctx)


def turns(count: int, length: int = 20) -> list[tuple[str, str]]:
    """Questions and answers in turn, the last one a question."""
    return [("user" if index % 2 == 0 else "assistant", str(index % 10) * length) for index in range(count)]


def test_a_short_conversation_is_whole() -> None:
    prompt = conversation(1000).prompt("Be kind.", turns(3), 100)
    assert prompt.dropped_turns == 0
    assert "".join(map(chr, prompt.tokens)).startswith("Be kind.\n\nUser: 000")


def test_the_oldest_turns_go_first_and_a_question_begins() -> None:
    prompt = conversation(400).prompt("Be kind.", turns(21), 100)
    text = "".join(map(chr, prompt.tokens))
    assert prompt.dropped_turns > 0
    assert prompt.dropped_turns % 2 == 0
    assert text.startswith("Be kind.\n\nUser: ")
    assert len(prompt.tokens) <= 200


def test_the_front_stays_the_same_until_more_must_go() -> None:
    one = conversation(600)
    dropped = [one.prompt("", turns(count), 100).dropped_turns for count in range(1, 61, 2)]
    assert dropped == sorted(dropped)
    changes = len(set(dropped)) - 1
    assert 0 < changes <= 8


def test_an_answer_of_ones_own_keeps_its_tokens() -> None:
    one = conversation(1000)
    one.remember("Hello there. ", [1, 2, 3])
    prompt = one.prompt("", [("user", "Hi"), ("assistant", "Hello there."), ("user", "And?")], 100)
    assert prompt.tokens == [*map(ord, "User: Hi\nAssistant:"), 1, 2, 3, *map(ord, "\nUser: And?\nAssistant:")]


def test_another_conversation_is_not_cut_like_the_one_before() -> None:
    one = conversation(400)
    assert one.prompt("", turns(21), 100).dropped_turns > 0
    assert one.prompt("", [("user", "Something else")], 100).dropped_turns == 0


def test_a_question_that_does_not_fit_is_refused_with_numbers() -> None:
    with pytest.raises(LlmError, match=r"\d+ tokens, and the model's context has room for 300"):
        conversation(400).prompt("", [("user", "x" * 500)], 100)


@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=60)), min_size=1), st.integers(64, 900)
)
def test_a_prompt_always_leaves_room_for_an_answer(said: list[tuple[str, str]], n_ctx: int) -> None:
    try:
        prompt = conversation(n_ctx).prompt("Be kind.", said, 64)
    except LlmError:
        return
    assert len(prompt.tokens) + min(64, n_ctx // 2) <= n_ctx
    assert prompt.dropped_turns < len(said)
