"""Patterns are read as they are written, and what is wrong is named by its line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.sound import SpeechError
from edge.speech.stt.patterns import Choice, Named, Row, Word, load_phrases, parse, words_of


def test_brackets_and_weights_become_choices() -> None:
    (share, section), *rest = parse("== on 4\n3: turn [<the>] (a|2: b)\n{light}\n<the> = the\n").sections
    assert (share, rest) == (4.0, [])
    (first, row), (second, name) = section.options
    assert (first, second) == (0.75, 0.25)
    assert name == Named("{light}")
    optional = Choice(((0.5, Row(())), (0.5, Named("<the>"))))
    assert row == Row((Word("turn"), optional, Choice(((1 / 3, Word("a")), (2 / 3, Word("b"))))))


@pytest.mark.parametrize("line", ["turn (on|off", "turn on)", "turn {light", "a ] b", "<x"])
def test_stray_brackets_name_their_line(line: str) -> None:
    with pytest.raises(SpeechError, match="line 2"):
        parse(f"== on 1\n{line}\n")


def test_a_pattern_before_the_first_section_is_refused() -> None:
    with pytest.raises(SpeechError, match="before the first section"):
        parse("turn on the light\n")


@given(st.text(alphabet="ab |()[]{}<>:2?", max_size=30))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        parse(f"== on 1\n{text}\n")
    except SpeechError as error:
        assert "line 2" in str(error)


def test_the_shipped_phrases_name_only_macros_that_there_are() -> None:
    phrases = load_phrases()
    assert math.isclose(sum(share for share, _ in phrases.sections[0][1].options), 1.0)
    used = set()
    for node in (*phrases.macros.values(), *(section for _, section in phrases.sections)):
        used |= {name for name in _names(node) if name.startswith("<")}
        assert all(word == word.lower() for word in words_of(node))
    assert used == set(phrases.macros)


def _names(node: object) -> set[str]:
    match node:
        case Named(name):
            return {name}
        case Row(parts):
            return set().union(*map(_names, parts))
        case Choice(options):
            return set().union(*(_names(option) for _, option in options))
        case _:
            return set()
