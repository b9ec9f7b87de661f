"""How models call tools: told from their chat templates, bound by a grammar, read back."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.llm.grammar import DEAD, Grammar
from edge.llm.template import ChatTemplate, plain_parts
from edge.llm.toolcalls import OWN, PHI, Format, Ways, calls_in
from edge.llm.tools import Toolbox, ToolCall, plain, plain_result
from tests.gguf_maker import CHATML
from tests.llm.toolboxes import GEMMA, HOSTILE, HOUSE, LLAMA, MISTRAL, PHI4, QWEN, keeps_to

TEMPLATES = {"qwen": QWEN, "llama": LLAMA, "phi-4": PHI4, "gemma": GEMMA, "mistral": MISTRAL, "chatml": CHATML}
MARKS = ("<", ">", "{", "}", "[", "]", "|", "`", '"', "\\", "\n")


def rendered(name: str, turns: list[tuple[str, str]], toolbox: Toolbox | None = HOUSE) -> str:
    template = ChatTemplate(TEMPLATES[name], bos="<s>", eos="</s>")
    return "".join(part.text for part in template.parts("Be kind.", turns, toolbox))


@pytest.mark.parametrize(
    ("name", "told", "format_"),
    [
        ("qwen", "tools", Format("<tool_call>\n", "\n</tool_call>", again="\n")),
        ("llama", "tools", Format("", "", "parameters")),
        ("phi-4", "system", PHI),
        ("mistral", "tools", Format("[TOOL_CALLS] ", "", listed=True)),
        ("gemma", "words", OWN),
        ("chatml", "words", OWN),
    ],
)
def test_the_manner_of_a_model_is_told_from_its_template(name: str, told: str, format_: Format) -> None:
    manner = ChatTemplate(TEMPLATES[name], bos="<s>", eos="</s>").manner
    assert (manner.told, manner.format) == (told, format_)


@pytest.mark.parametrize("name", TEMPLATES)
def test_tools_calls_and_results_are_told_before_what_comes_after_them(name: str) -> None:
    turns = [("user", "Lights?"), ("assistant", "CALL"), ("tool", "The lamp is on.")]
    turns += [("assistant", "It is."), ("user", "Thanks.")]
    text = rendered(name, turns)
    told = [text.index(words) for words in ("turn_off", "Lights?", "CALL", "The lamp is on.", "Thanks.")]
    assert told == sorted(told) or name == "mistral"
    assert "turn_off" not in rendered(name, turns, None)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "mistral"])
def test_what_never_changes_comes_first(name: str) -> None:
    one, other = (rendered(name, [("user", text)]) for text in ("A question", "7 others"))
    at = next(at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    assert one[:at].count("turn_off") == 1
    assert one[at:].startswith("A question")


def test_without_a_template_tools_are_told_in_words() -> None:
    parts = plain_parts("Be kind.", [("user", "Hi"), ("tool", "Done.")], HOUSE)
    text = "".join(part.text for part in parts)
    assert "light_set(name, area, brightness 0-100" in text
    assert text.endswith("Tool: Done.\nAssistant:")


@pytest.mark.parametrize("name", TEMPLATES)
def test_whatever_a_grammar_lets_pass_is_read_back_as_valid_calls(name: str) -> None:
    format_ = ChatTemplate(TEMPLATES[name]).manner.format
    grammar, chance = Ways(format_, HOUSE).own, random.Random(1)  # noqa: S311 - a test
    for _ in range(60):
        written = _written(grammar, chance)
        assert written.startswith(format_.opening)
        calls = calls_in(written)
        assert calls
        assert all(keeps_to(HOUSE, call) for call in calls)


def _written(grammar: Grammar, chance: random.Random) -> str:
    state, written = 0, bytearray()
    while not grammar.done(state):
        byte = chance.choice(grammar.possible(state))
        state = grammar.step(state, byte)
        assert state != DEAD
        written.append(byte)
    return written.decode()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_has_nothing_that_a_format_is_made_of(name: str) -> None:
    assert not any(mark in plain(name) for mark in MARKS)
    assert not any(mark in plain_result(name) for mark in MARKS)
    assert plain(name) == "" or len(plain(name)) <= 48


@given(st.text(max_size=200))
def test_no_name_has(name: str) -> None:
    said = plain(name)
    assert not any(mark in said for mark in MARKS)
    assert said == " ".join(said.split())
    assert plain(said) == said
    assert not any(mark in plain_result(name) for mark in MARKS)


def test_tools_that_need_what_the_house_has_not_are_not_to_be_called() -> None:
    grammar = Ways(OWN, Toolbox(HOUSE.tools, (), ())).own
    assert grammar.after(0, b'```tool_call\n{"name": "turn_on", "arguments": {"name"') == DEAD
    assert grammar.after(0, b'```tool_call\n{"name": "turn_on", "arguments": {}}') != DEAD


def test_what_is_cut_short_or_no_call_is_none() -> None:
    for written in ('{"name": "turn_on", "argum', "{}", '{"name": 1}', '{"name": "a", "arguments": {"b": []}}', "no"):
        assert calls_in(written) == ()
    assert calls_in('[{"name": "a", "arguments": {}}, {"name": "b", "parameters": {"c": 1.5}}]') == (
        ToolCall("a"),
        ToolCall("b", {"c": 1.5}),
    )
