import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.text import MAX_CHARACTERS, MAX_PIECES, MAX_WORDS, WordPiece, fold, split_words

_SPOKEN = st.text(alphabet=string.ascii_letters + string.digits + " .,:'%°!?-_<>=\n", max_size=120)
_ANYTHING = st.one_of(st.text(max_size=300), _SPOKEN)
_WORDS = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "turn",
    "on",
    "light",
    "##s",
    "bed",
    "##room",
    "2",
    "##0",
    "20",
    "%",
    "'",
    "t",
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Turn on the LIGHTS, please!", ["turn", "on", "the", "lights", "please"]),
        ("dim it to 20%", ["dim", "it", "to", "20", "%"]),
        ("wake me at 7:30", ["wake", "me", "at", "7:30"]),
        ("21.5°C", ["21.5", "°", "c"]),
        ("don’t", ["don't"]),
        ("Café", ["cafe"]),
        ("light.kitchen_main", ["light", "kitchen", "main"]),
        ("<lock.unlock> name=front door", ["lock", "unlock", "name", "front", "door"]),
        ("2nd floor", ["2", "nd", "floor"]),
        ("включи свет", ["включи", "свет"]),
        ("🔥 … —", []),
        ("", []),
    ],
)
def test_a_text_falls_into_words(text: str, words: list[str]) -> None:
    assert [word.text for word in split_words(text)] == words


@given(_ANYTHING)
def test_every_word_is_a_piece_of_the_text_in_order(text: str) -> None:
    words = split_words(text)
    end = 0
    for word in words:
        assert end <= word.start < word.end <= len(text)
        assert fold(text[word.start : word.end]) == word.text
        end = word.end


@given(_SPOKEN)
def test_words_come_out_the_same_when_joined_again(text: str) -> None:
    words = [word.text for word in split_words(text)]
    assert [word.text for word in split_words(" ".join(words))] == words


@pytest.mark.parametrize(
    "text", ["word " * 10_000, "a" * 100_000, "1." * 50_000, "a'" * 50_000, "%" * 50_000, " " * 90_000]
)
def test_no_text_is_read_without_end(text: str) -> None:
    words = split_words(text)
    assert len(words) <= MAX_WORDS
    assert all(word.end <= MAX_CHARACTERS for word in words)


@given(st.text(max_size=80))
def test_folding_leaves_no_capitals_and_no_accents(text: str) -> None:
    folded = fold(text)
    assert len(folded) <= 18 * len(text)  # the longest decomposition there is
    assert fold(folded) == folded


def test_the_longest_known_pieces_are_taken_first() -> None:
    pieces = WordPiece(_WORDS)
    spelt = {word: [_WORDS[one] for one in pieces.of_word(word)] for word in ("lights", "bedroom", "20", "200", "sofa")}
    assert spelt == {
        "lights": ["light", "##s"],
        "bedroom": ["bed", "##room"],
        "20": ["20"],
        "200": ["20", "##0"],
        "sofa": ["[UNK]"],
    }
    assert [_WORDS[one] for one in pieces.of_word("ton't")] == ["[UNK]", "'", "t"]


@given(st.lists(st.text(alphabet="turnolightsbedm20%'é字", min_size=1, max_size=60), max_size=80))
def test_ids_are_bounded_and_point_at_each_words_first_piece(words: list[str]) -> None:
    pieces = WordPiece(_WORDS)
    ids, first = pieces.encode(words)
    assert ids[0] == pieces.start
    assert ids[-1] == pieces.end
    assert len(ids) <= MAX_PIECES + 1
    assert len(first) <= len(words)
    ends = [*first[1:], len(ids) - 1]
    for word, start, end in zip(words, first, ends, strict=False):
        assert tuple(ids[start:end]) == pieces.of_word(word)


def test_an_endless_word_is_an_unknown_one() -> None:
    pieces = WordPiece(_WORDS)
    assert pieces.of_word("on" * 1000) == (pieces.unknown,)


def test_a_vocabulary_is_one_token_a_line(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(_WORDS))
    assert len(WordPiece.load(tmp_path / "vocab.txt")) == len(_WORDS)


def test_a_vocabulary_without_marks_is_none() -> None:
    with pytest.raises(ValueError, match="PAD"):
        WordPiece(["turn", "on"])
