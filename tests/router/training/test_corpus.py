"""The sentences that people wrote for training, held to the vocabulary."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from edge.router.decode import TAGS
from edge.router.model import Slot
from edge.router.text import split_words
from edge.router.training.examples import SPECIALS, Recipe, Sampler, held_out, labelled
from edge.router.training.grammar import Choice, Family, Node, Piece, Sequence, Slotted, read_families
from edge.router.training.sampling import function_ids, strange_words
from edge.router.vocabulary import load_vocabulary
from tests.router.test_router import WEIGHTS

_VOCABULARY = load_vocabulary()


@cache
def families() -> tuple[Family, ...]:
    return tuple(read_families())


def slots_of(node: Node) -> Iterator[str]:
    """Every slot that a pattern has."""
    match node:
        case Sequence(parts):
            inner = parts
        case Choice(options):
            inner = options
        case Slotted(slot, _, words):
            yield slot
            inner = () if words is None else (words,)
        case _:
            inner = ()
    for part in inner:
        yield from slots_of(part)


def words() -> list[str]:
    return (WEIGHTS / "vocab.txt").read_text("utf-8").split("\n")


def test_every_family_is_of_a_function() -> None:
    assert {family.function for family in families()} - set(SPECIALS) <= set(_VOCABULARY.functions)


def test_every_function_has_manners_of_saying_it() -> None:
    assert {family.function for family in families()} >= {*SPECIALS, *_VOCABULARY.functions}


def test_each_line_uses_only_slots_that_its_function_has() -> None:
    wrong = {
        (family.id, slot)
        for family in families()
        if family.function not in SPECIALS
        for line in family.lines
        for slot in slots_of(line)
        if slot not in set(_VOCABULARY.functions[family.function].slots)
    }
    assert wrong == set()


def test_every_slot_there_is_can_be_sampled() -> None:
    sampler = Sampler(families(), strange_words(words()), 7)
    for slot in Slot:
        assert "".join(piece.text for piece in sampler.slots(Random(slot), slot.value, "")).strip()


def test_no_order_is_written_as_talk_too() -> None:
    def named(random: Random, slot: str, kind: str) -> list[Piece]:
        return [Piece(f"{{{slot}}}", slot)]

    random = Random(1)
    functions: dict[str, set[str]] = defaultdict(set)
    for family in families():
        for line in family.lines:
            for _ in range(10):
                text = "".join(piece.text for piece in line.sample(random, named))
                functions[" ".join(text.split())].add(family.function)
    twice = {text: found for text, found in functions.items() if "chat" in found and found - set(SPECIALS)}
    assert twice == {}


def test_what_is_held_out_is_decided_by_name() -> None:
    out = [family.id for family in families() if held_out(family)]
    assert 0.02 < len(out) / len(families()) < 0.09
    assert out == [family.id for family in read_families() if held_out(family)]


@pytest.mark.parametrize("seed", range(3))
def test_sampled_sentences_are_labelled_word_by_word(seed: int) -> None:
    sampler = Sampler(families(), strange_words(words()), seed, Recipe(several_share=0.5, misheard_share=0.3))
    ids = function_ids()
    for _ in range(300):
        example = sampler.example()
        assert [word.text for word in split_words(" ".join(example.words))] == list(example.words)
        assert 1 <= len(example.calls) <= 3
        for call in example.calls:
            assert call.function in ids
            assert len(call.tags) == len(example.words)
            assert set(call.tags) <= set(TAGS)
            assert call.function not in SPECIALS or not any(call.tags)


def test_a_seed_gives_the_same_sentences_again() -> None:
    one, other = (Sampler(families(), strange_words(words()), 5) for _ in range(2))
    assert [one.example() for _ in range(50)] == [other.example() for _ in range(50)]


def test_a_determiner_before_a_name_with_one_is_said_once() -> None:
    pieces = [Piece("turn on the "), Piece("the lamp", "target"), Piece(" now")]
    example = labelled(pieces, Family("light.turn_on", "test/plain", ()))
    assert example.words == ("turn", "on", "the", "lamp", "now")
    assert example.calls[0].tags == ("", "", "", "B-target", "")


def test_tokens_are_numbered_as_in_the_vocabulary() -> None:
    ids = function_ids()
    assert ids["chat"] == _VOCABULARY.tokens.index("<chat>")
    assert ids["ignore"] == _VOCABULARY.tokens.index("<ignore>")
    assert all(ids[function.name] == function.token_id for function in _VOCABULARY.functions.values())
