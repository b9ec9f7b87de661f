"""An answer followed token by token: words are said, marks are not, and nothing forbidden passes in a call."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.llm.calling import CallGuide
from edge.llm.grammar import DEAD, Grammar
from edge.llm.pieces import Pieces
from edge.llm.template import ChatTemplate
from edge.llm.toolcalls import OWN, Format
from edge.llm.tools import ToolCall
from edge.llm.toolwriting import ToolWriting
from tests.llm.toolboxes import HOSTILE, HOUSE, LLAMA, PHI4, QWEN

END = "<|end|>"
WORDS = ("turn", "_on", "light", '{"name', '": "', '"}}', "La", "mp", " the", "\n</", "tool", "```", "json", "é"[:1])
QWEN_FORMAT = ChatTemplate(QWEN).manner.format
PHI_FORMAT = ChatTemplate(PHI4).manner.format
CALL = '{"name": "turn_on", "arguments": {"name": "Lamp"}}'


class Speaker:
    """A vocabulary of bytes, some words, marks that are control tokens, and an end."""

    def __init__(self, *marks: str) -> None:
        self.pieces = [bytes([byte]) for byte in range(256)] + [word.encode() for word in WORDS]
        self.controls = {mark: len(self.pieces) + at for at, mark in enumerate((END, *marks))}
        self.n_vocab = len(self.pieces) + len(self.controls)

    def text(self, token: int) -> bytes:
        return self.pieces[token] if token < len(self.pieces) else b""

    def tokenize(self, text: str, *, control: bool) -> list[int]:
        if control:
            for mark, token in self.controls.items():
                before, found, after = text.partition(mark)
                if found:
                    return [*self.tokenize(before, control=True), token, *self.tokenize(after, control=True)]
        return list(text.encode())

    def ends_turn(self, token: int) -> bool:
        return token >= len(self.pieces)


def guide(format_: Format = QWEN_FORMAT, *marks: str, may_call: bool = True, must_call: bool = False) -> CallGuide:
    return ToolWriting(Speaker(*marks), format_).guide(HOUSE, may_call=may_call, must_call=must_call)


def written(by: CallGuide, text: str, *marks: str) -> str:
    """What is said of a text that is written token by token; every token has to be allowed."""
    said = b""
    for token in Speaker(*marks).tokenize(text, control=True):
        assert by.allows(token), (by.text, token)
        assert not by.ends(token)
        said += by.accept(token)
    return (said + by.rest()).decode()


def test_words_are_said_and_a_call_is_not() -> None:
    by = guide()
    said = written(by, f"Gladly.\n<tool_call>\n{CALL}\n</tool_call>")
    assert said == "Gladly.\n"
    assert by.calls == (ToolCall("turn_on", {"name": "Lamp"}),)
    assert by.text.endswith("</tool_call>")


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        (OWN, f"```tool_call\n{CALL}\n```"),
        (OWN, f"```json\n{CALL}\n```"),
        (OWN, f"\n ```tool_code\n{CALL}\n```"),
        (OWN, CALL),
        (QWEN_FORMAT, CALL),
        (QWEN_FORMAT, f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL}\n</tool_call>"),
        (PHI_FORMAT, f"<|tool_call|>[{CALL}, {CALL}]<|/tool_call|>"),
        (ChatTemplate(LLAMA).manner.format, CALL.replace("arguments", "parameters")),
        (ChatTemplate(LLAMA).manner.format, "<|python_tag|>" + CALL.replace("arguments", "parameters")),
    ],
)
def test_the_formats_of_known_models_are_understood(format_: Format, text: str) -> None:
    marks = ("<|tool_call|>", "<|/tool_call|>", "<|python_tag|>")
    by = guide(format_, *marks)
    assert written(by, text, *marks).strip() == ""
    assert by.calls == (ToolCall("turn_on", {"name": "Lamp"}),) * text.count("turn_on")


@pytest.mark.parametrize(
    "text",
    [
        "It is <b>warm</b> <tool, and < tool_call >.",
        "<tool_cal",
        "Use ```json\n{}\n``` for that.",
        "a {b} c",
        "``",
        "Grüße 😀",
        "```python\nprint()\n```",
    ],
)
def test_what_only_looks_like_a_mark_is_said(text: str) -> None:
    by = guide()
    assert written(by, text) == text
    assert not by.calls


def test_a_mark_that_is_a_control_token_begins_a_call_and_any_other_ends_the_turn() -> None:
    speaker = Speaker("<|tool_call|>")
    by = guide(PHI_FORMAT, "<|tool_call|>")
    mark, end = speaker.controls["<|tool_call|>"], speaker.controls[END]
    assert by.allows(mark) and not by.ends(mark)
    assert by.allows(end) and by.ends(end)
    by.accept(mark)
    assert by.calling
    assert not by.allows(end)


def test_a_call_ends_when_it_is_whole_and_not_before() -> None:
    end = Speaker().controls[END]
    by = guide()
    written(by, f"<tool_call>\n{CALL}\n</tool_call")
    assert not by.allows(end)
    assert not by.calls
    written(by, ">")
    assert by.allows(end) and by.ends(end)
    assert by.allows(ord("x")) and by.ends(ord("x"))
    assert by.allows(ord("\n")) and not by.ends(ord("\n"))
    assert by.calls


def test_an_answer_that_may_not_call_writes_no_mark_to_its_end() -> None:
    by = guide(may_call=False)
    assert b"".join(map(by.accept, b"So <tool_call")) == b"So "
    assert not by.allows(ord(">"))
    assert by.allows(ord("e"))


def test_what_must_follow_is_forced_and_names_are_not() -> None:
    by = guide(must_call=True)
    assert bytes(by.forced()) == b'<tool_call>\n{"name": "'
    written(by, '<tool_call>\n{"name": "light')
    assert bytes(by.forced()) == b'_set", "arguments": {'
    by = guide(must_call=True)
    written(by, '<tool_call>\n{"name": "turn_on", "arguments": {"area": "K')
    assert by.forced() == []


def test_a_call_cut_short_is_none_and_is_not_said() -> None:
    by = guide()
    assert written(by, 'Well, <tool_call>\n{"name": "turn') == "Well, "
    assert not by.calls


@given(st.lists(st.integers(0, 255 + len(WORDS)), max_size=60))
def test_all_that_is_written_without_calls_is_said(tokens: list[int]) -> None:
    by, speaker = guide(), Speaker()
    said = wrote = b""
    for token in tokens:
        if not by.allows(token):
            break
        wrote += speaker.text(token)
        said += by.accept(token)
    assert wrote.startswith(said)
    assert by.calling or said + by.rest() == wrote


def test_the_tokens_that_fit_are_found_as_by_trying_each() -> None:
    speaker = Speaker()
    writing = ToolWriting(speaker, QWEN_FORMAT)
    ways, pieces = writing.prepare(HOUSE)
    chance, grammar = random.Random(2), ways.own  # noqa: S311 - a test
    for _ in range(20):
        state = 0
        while not grammar.done(state):
            fitting = _tried(speaker, grammar, state)
            allowed = pieces.allowed(grammar, state)
            if allowed is None:
                assert len(fitting) > 60
            else:
                assert sorted(allowed.tolist()) == fitting
            state = grammar.after(state, speaker.text(chance.choice(fitting)))


def _tried(speaker: Speaker, grammar: Grammar, state: int) -> list[int]:
    pieces = enumerate(map(speaker.text, range(speaker.n_vocab)))
    return [token for token, piece in pieces if piece and grammar.after(state, piece) != DEAD]


def test_tokens_of_the_same_bytes_are_all_found() -> None:
    pieces = Pieces([b"a", b"", b"a", b"ab", b"b"])
    ways = ToolWriting(Speaker(), QWEN_FORMAT).prepare(HOUSE)[0]
    assert pieces.allowed(ways.own, ways.own.after(0, b'<tool_call>\n{"n')) is not None
    found = pieces.allowed(ways.own, ways.own.after(0, b'<tool_call>\n{"n'))
    assert found is not None and found.tolist() == [0, 2]


@pytest.mark.parametrize("said", [*HOSTILE, "<|tool_call|>[1]", "[TOOL_CALLS]", "a < b > c [d] e"])
def test_nobodys_words_hold_a_mark_in_one_piece(said: str) -> None:
    parts = ToolWriting(Speaker(), QWEN_FORMAT).unmarked(said)
    assert "".join(parts) == said
    marks = ("<tool_call>", "</tool_call>", "<|tool_call|>", "<|im_end|>", "[TOOL_CALLS]")
    assert not any(mark in part for part in parts for mark in marks)
    assert all(one or not other for one, other in pairwise([*parts, ""]))
