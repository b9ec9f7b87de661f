"""What may come next, byte by byte: expressions matched by a machine that is built while it runs.

An expression is made of texts, sets of words, the characters of a JSON string, sequences, choices, repetitions and
fields in any order. Its machine's states are sets of threads, made when they are first reached and kept, so that
checking a token against what was written before costs a look-up a byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

DEAD: Final = -1
"""The state from which nothing can be matched."""

_ESCAPED: Final = frozenset(b'"\\')


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """Exactly these bytes, one at least."""

    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One of these: sorted, each once, none empty."""

    options: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Characters:
    """Between `least` and `most` (1 or more) characters in UTF-8 that stand in a JSON string without an escape."""

    least: int
    most: int


@dataclass(frozen=True, slots=True, eq=False)
class Sequence_:  # noqa: N801 - the name without it is the standard library's
    """One after another."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Any one of these."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """These in any order, each at most once, with `between` two of them; those numbered in `needed` must be there."""

    parts: "tuple[Expression, ...]"
    between: "Expression"
    needed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """The same again and again, at least `least` times; at most `most` (1 or more) where that is given.

    `part` must not be matched by nothing.
    """

    part: "Expression"
    least: int = 0
    most: int | None = None


Expression = Literal | Words | Characters | Sequence_ | Choice | Fields | Repeat

_Rest = tuple[Expression, int, "_Rest"] | None
"""What comes after: an expression, how much of it is done, and what comes after that."""
_Thread = tuple[Expression | None, tuple[int, ...], _Rest]
"""An atom, where in it, and what comes after; no atom at all where everything is matched."""


def text(data: str) -> Literal:
    """These characters."""
    return Literal(data.encode())


def words(options: Sequence[str]) -> Words:
    """One of these words."""
    return Words(tuple(sorted({option.encode() for option in options if option})))


def sequence(*parts: Expression) -> Sequence_:
    """One after another."""
    return Sequence_(parts)


def choice(*parts: Expression) -> Choice:
    """Any one of these."""
    return Choice(parts)


class Grammar:
    """A machine for one expression. States are numbers; 0 is the first, `DEAD` is none."""

    def __init__(self, expression: Expression) -> None:
        self._numbers: dict[frozenset[_Thread], int] = {}
        self._threads: list[frozenset[_Thread]] = []
        self._next: list[dict[int, int]] = []
        self._number(frozenset(_unfolded(expression, 0, None)))

    @property
    def states(self) -> int:
        """How many states were reached so far; they are kept as long as the machine."""
        return len(self._threads)

    def step(self, state: int, byte: int) -> int:
        """The state after one more byte."""
        known = self._next[state].get(byte)
        if known is None:
            threads = {after for thread in self._threads[state] for after in _stepped(thread, byte)}
            known = self._next[state][byte] = self._number(frozenset(threads)) if threads else DEAD
        return known

    def after(self, state: int, data: bytes) -> int:
        """The state after these bytes."""
        for byte in data:
            state = self.step(state, byte)
            if state == DEAD:
                return DEAD
        return state

    def done(self, state: int) -> bool:
        """Whether what was matched may end here."""
        return any(atom is None for atom, _, _ in self._threads[state])

    def done_after(self, data: bytes) -> bool:
        """Whether these bytes, all of them, are what is matched."""
        state = self.after(0, data)
        return state != DEAD and self.done(state)

    def possible(self, state: int) -> list[int]:
        """The bytes that may come next, in order."""
        return sorted({byte for thread in self._threads[state] for byte in _bytes(thread)})

    def forced(self, state: int) -> bytes:
        """What must come next: the rest of a text, where there is no other way; nothing out of a set of words."""
        found = bytearray()
        while len(self._threads[state]) == 1:
            ((atom, at, _),) = self._threads[state]
            if not isinstance(atom, Literal):
                break
            byte = atom.data[at[0]]
            found.append(byte)
            state = self.step(state, byte)
        return bytes(found)

    def _number(self, threads: frozenset[_Thread]) -> int:
        known = self._numbers.get(threads)
        if known is None:
            known = self._numbers[threads] = len(self._threads)
            self._threads.append(threads)
            self._next.append({})
        return known


def _unfolded(expression: Expression, done: int, rest: _Rest) -> Iterator[_Thread]:
    """The threads that begin an expression of which `done` says how much is done already."""
    match expression:
        case Literal():
            yield expression, (0,), rest
        case Words(options):
            yield expression, (0, len(options), 0), rest
        case Characters(least):
            yield expression, (0, 0, 0, 0), rest
            if not least:
                yield from _resumed(rest)
        case Sequence_(parts) if done == len(parts):
            yield from _resumed(rest)
        case Sequence_(parts):
            yield from _unfolded(parts[done], 0, (expression, done + 1, rest))
        case Choice(parts):
            for part in parts:
                yield from _unfolded(part, 0, rest)
        case Fields():
            yield from _fields(expression, done, rest)
        case Repeat():
            yield from _repeated(expression, done, rest)


def _repeated(repeat: Repeat, done: int, rest: _Rest) -> Iterator[_Thread]:
    """`done` is how often it was there; no further than `least` where there is no end: its states would have none."""
    if done >= repeat.least:
        yield from _resumed(rest)
    if repeat.most is None:
        yield from _unfolded(repeat.part, 0, (repeat, min(done + 1, repeat.least), rest))
    elif done < repeat.most:
        yield from _unfolded(repeat.part, 0, (repeat, done + 1, rest))


def _fields(fields: Fields, done: int, rest: _Rest) -> Iterator[_Thread]:
    """`done` is a bit for each part that is there."""
    if all(done >> index & 1 for index in fields.needed):
        yield from _resumed(rest)
    for index, part in enumerate(fields.parts):
        if done >> index & 1:
            continue
        after: _Rest = (fields, done | 1 << index, rest)
        if done:
            yield from _unfolded(fields.between, 0, (part, 0, after))
        else:
            yield from _unfolded(part, 0, after)


def _resumed(rest: _Rest) -> Iterator[_Thread]:
    if rest is None:
        yield None, (), None
    else:
        yield from _unfolded(*rest)


def _stepped(thread: _Thread, byte: int) -> Iterator[_Thread]:
    """What becomes of a thread with one more byte; nothing where it does not fit."""
    atom, at, rest = thread
    match atom:
        case Literal(data):
            if data[at[0]] != byte:
                return
            if at[0] + 1 < len(data):
                yield atom, (at[0] + 1,), rest
            else:
                yield from _resumed(rest)
        case Words(options):
            first, last, depth = at
            first, last = span(options, first, last, depth, byte)
            if first == last:
                return
            if len(options[first]) == depth + 1:
                yield from _resumed(rest)
                first += 1
            if first < last:
                yield atom, (first, last, depth + 1), rest
        case Characters():
            yield from _character(atom, at, rest, byte)


def span(options: Sequence[bytes], first: int, last: int, depth: int, byte: int) -> tuple[int, int]:
    """Of sorted words, longer than `depth` and the same up to there, those with `byte` next: from where to where."""
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if options[middle][depth] < byte:
            low = middle + 1
        else:
            high = middle
    start, high = low, last
    while low < high:
        middle = (low + high) // 2
        if options[middle][depth] <= byte:
            low = middle + 1
        else:
            high = middle
    return start, low


def _character(atom: Characters, at: tuple[int, ...], rest: _Rest, byte: int) -> Iterator[_Thread]:
    """One byte of a character: `at` is how many are whole, how many bytes this one lacks, and the next one's limits."""
    count, lacking, low, high = at
    if lacking:
        if not low <= byte <= high:
            return
        lacking -= 1
    else:
        opened = _opened(byte)
        if opened is None:
            return
        lacking, low, high = opened
    if lacking:
        between = (low, high) if not at[1] else (0x80, 0xBF)
        yield atom, (count, lacking, *between), rest
        return
    count += 1
    if count < atom.most:
        yield atom, (count, 0, 0, 0), rest
    if count >= atom.least:
        yield from _resumed(rest)


def _opened(byte: int) -> tuple[int, int, int] | None:
    """How many bytes follow a first byte, and the limits of the second (RFC 3629, section 4); None for no first one."""
    if byte < 0x80:
        return None if byte < 0x20 or byte == 0x7F or byte in _ESCAPED else (0, 0, 0)
    if 0xC2 <= byte <= 0xDF:
        # C1 control characters begin with C2 and end below A0.
        return 1, 0xA0 if byte == 0xC2 else 0x80, 0xBF
    if 0xE0 <= byte <= 0xEF:
        return 2, 0xA0 if byte == 0xE0 else 0x80, 0x9F if byte == 0xED else 0xBF
    if 0xF0 <= byte <= 0xF4:
        return 3, 0x90 if byte == 0xF0 else 0x80, 0x8F if byte == 0xF4 else 0xBF
    return None


def _bytes(thread: _Thread) -> Iterator[int]:
    """The bytes that a thread could go on with."""
    atom, at, _ = thread
    match atom:
        case Literal(data):
            yield data[at[0]]
        case Words(options):
            first, last, depth = at
            while first < last:
                byte = options[first][depth]
                yield byte
                _, first = span(options, first, last, depth, byte)
        case Characters():
            if at[1]:
                yield from range(at[2], at[3] + 1)
            else:
                yield from (byte for byte in range(256) if _opened(byte) is not None)
