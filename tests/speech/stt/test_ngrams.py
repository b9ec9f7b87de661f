"""The language model's counts are those of all sentences together, without one being written out."""

import math
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.stt.ngrams import END, START, Compiler, Mixture, TrigramModel
from edge.speech.stt.patterns import Choice, Classes, Named, Node, Phrases, Row, Word, Words, parse

CLASSES: Classes = {"light": {("lamp",): 1.0, ("big", "lamp"): 3.0}, "none": {}}
PHRASES = """
<the> = (2: the|my|)
<none> = a {none}
== on 3
turn on <the> {light} [please]
turn <the> {light} (on|off|)
[stop]
{?fan} turn the fan
== other 1
2: what (is|was) <the> {light}
go <none>
x
"""


def sentences(node: Node, phrases: Phrases) -> Iterator[tuple[Words, float]] | None:
    """Every sentence and its probability, by brute force."""
    match node:
        case Word(text):
            return iter([((text,), 1.0)])
        case Named(name) if name.startswith("<"):
            return sentences(phrases.macros[name], phrases)
        case Named(name) if name.startswith("{?"):
            return iter([((), 1.0)]) if CLASSES.get(name[2:-1]) else None
        case Named(name):
            of = CLASSES.get(name[1:-1], {})
            return iter([(words, weight / sum(of.values())) for words, weight in of.items()]) if of else None
        case Row(parts):
            made: list[tuple[Words, float]] = [((), 1.0)]
            for part in parts:
                found = sentences(part, phrases)
                if found is None:
                    return None
                after = list(found)
                made = [(words + more, p * q) for words, p in made for more, q in after]
            return iter(made)
        case Choice(options):
            there = [(share, list(found)) for share, option in options if (found := sentences(option, phrases))]
            whole = sum(share for share, _ in there)
            return iter([(words, share / whole * p) for share, of in there for words, p in of]) if there else None


def test_counts_are_those_of_every_sentence() -> None:
    phrases = parse(PHRASES)
    expected: dict[tuple[str, ...], float] = defaultdict(float)
    for share, section in phrases.sections:
        for words, p in sentences(section, phrases) or ():
            padded = (START, *words, END)
            for at in range(len(padded) - 2):
                expected[padded[at : at + 3]] += share / 4 * p
    counted = Compiler(phrases, CLASSES).sentences().triples
    assert counted == pytest.approx(dict(expected))


@pytest.mark.parametrize("history", [("turn", "on"), (START, "turn"), ("nobody", "lamp"), ("who", "knows")])
def test_what_may_follow_adds_up_to_one(history: tuple[str, str]) -> None:
    model = TrigramModel(Compiler(parse(PHRASES), CLASSES).sentences(), {"banana": 1.0}, Mixture(0.2, 0.3, 0.1))
    total = sum(model.of(word, history[1], history[0]) for word in model.single)
    assert total == pytest.approx(1.0)


def test_the_arpa_file_says_what_the_model_says() -> None:
    model = TrigramModel(Compiler(parse(PHRASES), CLASSES).sentences(), {})
    lines = "\n".join(model.arpa()).splitlines()
    announced = {line for line in lines if line.startswith("ngram ")}
    assert announced == {
        f"ngram {n}={sum(len(line.split()) - _backed(line, n) == n + 1 for line in _of(lines, n))}" for n in (1, 2, 3)
    }
    (line,) = [line for line in _of(lines, 3) if line.endswith(" turn on the")]
    assert math.isclose(10 ** float(line.split()[0]), model.of("the", "on", "turn"), rel_tol=1e-3)


def _of(lines: list[str], order: int) -> list[str]:
    start = lines.index(f"\\{order}-grams:") + 1
    end = next(at for at in range(start, len(lines)) if lines[at].startswith("\\"))
    return [line for line in lines[start:end] if line]


def _backed(line: str, order: int) -> int:
    return 0 if order == 3 else 1


@given(st.dictionaries(st.sampled_from("abc"), st.floats(0.1, 5.0), min_size=1))
def test_any_words_of_a_house_make_a_language(names: dict[str, float]) -> None:
    classes: Classes = {"light": {(name,): weight for name, weight in names.items()}}
    model = TrigramModel(Compiler(parse(PHRASES), classes).sentences(), {})
    assert set(names) <= set(model.words)
    assert sum(model.single.values()) == pytest.approx(1.0)
