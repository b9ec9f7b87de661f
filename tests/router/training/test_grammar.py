from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.training.grammar import GrammarError, Piece, common_rules, parse_line, read_families


def _slots(random: Random, slot: str, kind: str) -> list[Piece]:
    return [Piece(f"<{slot}:{kind}>", slot)]


def said(text: str, count: int = 60) -> set[str]:
    """What a pattern can say."""
    node, random = parse_line(text, common_rules(), "here"), Random(1)
    return {"".join(piece.text for piece in node.sample(random, _slots)) for _ in range(count)}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("turn on", {"turn on"}),
        ("(turn|switch) on", {"turn on", "switch on"}),
        ("go[ away]", {"go", "go away"}),
        ("(a|(b|c) d)", {"a", "b d", "c d"}),
        ("[a|b]", {"", "a", "b"}),
        ("<the> cat", {"the cat", "my cat", "our cat"}),
        ("{target:light} off", {"<target:light> off"}),
        ("{item}", {"<item:>"}),
        ("make it {color=(red|blue)}", {"make it red", "make it blue"}),
    ],
)
def test_a_pattern_says_its_sentences(text: str, sentences: set[str]) -> None:
    assert said(text) == sentences


def test_pieces_know_their_slots() -> None:
    node = parse_line("add {item=(milk|eggs)} to {list}", {}, "here")
    pieces = [(piece.text, piece.slot) for piece in node.sample(Random(2), _slots)]
    assert pieces[0] == ("add ", None)
    assert pieces[1][1] == "item"
    assert pieces[3] == ("<list:>", "list")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a | b", "outside brackets"),
        ("(a", "missing"),
        ("[a", "missing"),
        ("a)", "stray"),
        ("a > b", "stray"),
        ("{Target}", "not a slot"),
        ("{target", "missing"),
        ("<nothing>", "unknown rule"),
    ],
)
def test_a_line_that_is_no_pattern_is_told_with_its_place(text: str, what: str) -> None:
    with pytest.raises(GrammarError, match=what) as error:
        parse_line(text, common_rules(), "lights.txt:7")
    assert "lights.txt:7" in str(error.value)


@given(st.text(alphabet="ab |()[]{}<>:=_", max_size=40))
def test_any_line_is_a_pattern_or_an_error(text: str) -> None:
    try:
        node = parse_line(text, common_rules(), "here")
    except GrammarError:
        return
    assert all(isinstance(piece.text, str) for piece in node.sample(Random(3), _slots))


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "lights.txt").write_text(
        "# comment\n<lamp> = (lamp|light)\n== light.turn_on\nlight up\n-- wish\ni want <lamp>\n<lamp> please\n\n"
        "== light.turn_off\n-- wish\nno <lamp>\n"
    )
    yield tmp_path


def test_a_file_is_read_as_families(corpus: Path) -> None:
    found = [(family.id, len(family.lines)) for family in read_families(corpus)]
    assert found == [
        ("light.turn_on/lights/plain", 1),
        ("light.turn_on/lights/wish", 2),
        ("light.turn_off/lights/wish", 1),
    ]


def test_a_sentence_of_no_function_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("turn on\n")
    with pytest.raises(GrammarError, match=r"x\.txt:1: a sentence before"):
        read_families(tmp_path)
