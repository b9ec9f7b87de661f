"""Sentence templates, `[optional]`, `(one|other)`, `<words>`, `{slot}`: read once, matched against whole sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar, cast

from edge.errors import EdgeError
from edge.router.phrases.spoken import plain_words

_TOKEN: Final = re.compile(r"\s*([\[\]()|]|\{[a-z_]+\}|<[a-z_]+>|[^\s\[\]()|{}<>]+)")
_DEEPEST: Final = 12


class TemplateError(EdgeError):
    """A template that can't be read; says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A slot: any words, at least one."""

    slot: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple["Node", ...]


Node = frozenset[str] | tuple["Node", ...] | Choice | Gap
"""One word of a set, a sequence, a choice or a slot; the empty sequence is nothing at all."""
Found = tuple[tuple[str, int, int], ...]
"""Slots with the words they took, from and to."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template, with what rules most sentences out at a glance."""

    node: Node
    first: frozenset[str] | None
    """The words it may begin with; None where it may begin with a slot."""
    needed: tuple[frozenset[str], ...]
    """Of each of these a sentence has to have a word."""
    fewest: int

    def matches(self, said: Sequence[str], start: int, end: int) -> Iterator[Found]:
        """Every way in which the words from `start` to `end` are this template."""
        bound: list[tuple[str, int, int]] = []
        for stop in _ends(self.node, said, start, end, bound):
            if stop == end:
                yield tuple(bound)


def compile_template(text: str, sets: Mapping[str, Node], where: str, pool: "Pool | None" = None) -> Template:
    """Read a template; `sets` are the named sets of words. Raises `TemplateError`.

    What is alike in templates that are given the same `pool` is there once, which takes half of the memory.
    """
    node = read_node(text, sets, where)
    fewest = _fewest(node)
    if fewest == 0:
        raise TemplateError(f"{where}: {text!r}: expected a template that needs at least one word")
    pool = {} if pool is None else pool
    first, needed = _first(node), tuple(_pooled(one, pool) for one in _needed(node))
    shared = None if first is None else _pooled(first, pool)
    return Template(_pooled(node, pool), shared, pool.setdefault(needed, needed), fewest)


Pool = dict[Any, Any]
"""Parts of templates, each by itself."""
_Part = TypeVar("_Part", bound="Node")


def _pooled(node: _Part, pool: Pool) -> _Part:
    known = pool.get(node)
    if known is None:
        made: Any = node
        if isinstance(node, Choice):
            made = Choice(tuple(_pooled(one, pool) for one in node.options))
        elif isinstance(node, tuple):
            made = tuple(_pooled(one, pool) for one in node)
        known = pool[node] = made
    return cast("_Part", known)


def read_node(text: str, sets: Mapping[str, Node], where: str) -> Node:
    """Read a template, or the definition of a set of words. Raises `TemplateError`."""
    tokens: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise TemplateError(f"{where}: {text!r}: {text[at : at + 12]!r} can't be read")
        tokens.append(match.group(1))
        at = match.end()
    node, end = _alternatives(tokens, 0, sets, f"{where}: {text!r}", 0)
    if end != len(tokens):
        raise TemplateError(f"{where}: {text!r}: {tokens[end]!r} closes nothing")
    return node


def slots_of(node: Node) -> frozenset[str]:
    """The names of all slots."""
    if isinstance(node, Gap):
        return frozenset({node.slot})
    parts: Sequence[Node] = node.options if isinstance(node, Choice) else node if isinstance(node, tuple) else ()
    return frozenset().union(*(slots_of(part) for part in parts))


def _alternatives(tokens: Sequence[str], at: int, sets: Mapping[str, Node], where: str, depth: int) -> tuple[Node, int]:
    if depth > _DEEPEST:
        raise TemplateError(f"{where}: brackets more than {_DEEPEST} deep")
    options: list[Node] = []
    while True:
        parts: list[Node] = []
        while at < len(tokens) and tokens[at] not in "|)]":
            one = tokens[at]
            if one in "([":
                inner, at = _alternatives(tokens, at + 1, sets, where, depth + 1)
                wanted = ")" if one == "(" else "]"
                if at >= len(tokens) or tokens[at] != wanted:
                    raise TemplateError(f"{where}: expected {wanted!r}")
                parts.append(inner if one == "(" else _choice([inner, ()]))
            elif one[0] == "{":
                parts.append(Gap(one[1:-1]))
            elif one[0] == "<":
                if one[1:-1] not in sets:
                    raise TemplateError(f"{where}: no set of words is called {one[1:-1]!r}")
                parts.append(sets[one[1:-1]])
            else:
                words = plain_words(one)
                if not words:
                    raise TemplateError(f"{where}: {one!r} is no word")
                parts += map(_word, words)
            at += 1
        options.append(parts[0] if len(parts) == 1 else tuple(parts))
        if at >= len(tokens) or tokens[at] != "|":
            return _choice(options), at
        at += 1


@cache
def _word(word: str) -> Node:
    """The set of one word; the same one wherever it is said, which takes a third of the memory."""
    return frozenset({word})


def _choice(options: Sequence[Node]) -> Node:
    """A choice, words by themselves put into one set."""
    flat: list[Node] = []
    for one in options:
        flat += one.options if isinstance(one, Choice) else (one,)
    words = frozenset().union(*(one for one in flat if isinstance(one, frozenset)))
    rest = list(dict.fromkeys(one for one in flat if not isinstance(one, frozenset)))
    if not rest:
        return words
    if not words and len(rest) == 1:
        return rest[0]
    return Choice((*([words] if words else []), *rest))


def _ends(node: Node, said: Sequence[str], at: int, end: int, bound: list[tuple[str, int, int]]) -> Iterator[int]:
    """Where the node may end that begins at a word."""
    if isinstance(node, frozenset):
        if at < end and said[at] in node:
            yield at + 1
    elif isinstance(node, tuple):
        yield from _sequence(node, 0, said, at, end, bound)
    elif isinstance(node, Choice):
        for option in node.options:
            yield from _ends(option, said, at, end, bound)
    else:
        for stop in range(at + 1, end + 1):
            bound.append((node.slot, at, stop))
            yield stop
            bound.pop()


def _sequence(
    nodes: tuple[Node, ...], index: int, said: Sequence[str], at: int, end: int, bound: list[tuple[str, int, int]]
) -> Iterator[int]:
    if index == len(nodes):
        yield at
        return
    for stop in _ends(nodes[index], said, at, end, bound):
        yield from _sequence(nodes, index + 1, said, stop, end, bound)


def _fewest(node: Node) -> int:
    if isinstance(node, tuple):
        return sum(map(_fewest, node))
    return min(map(_fewest, node.options)) if isinstance(node, Choice) else 1


def _first(node: Node) -> frozenset[str] | None:
    if isinstance(node, frozenset):
        return node
    if isinstance(node, Gap):
        return None
    found: set[str] = set()
    for part in node.options if isinstance(node, Choice) else node:
        words = _first(part)
        if words is None:
            return None
        found |= words
        if isinstance(node, tuple) and _fewest(part):
            break
    return frozenset(found)


def _needed(node: Node) -> Iterator[frozenset[str]]:
    """Sets of words of each of which every sentence of the template has one."""
    if isinstance(node, frozenset):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _needed(part)
    elif isinstance(node, Choice):
        each = [next(_needed(option), None) for option in node.options]
        if each and None not in each:
            yield frozenset().union(*(one for one in each if one is not None))
