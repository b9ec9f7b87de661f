"""What a template may spend: steps, sizes, regular expressions. Every limit raises `LimitError`."""

import functools
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

STEPS_LIMIT: Final = 20_000
"""Loop turns and calls of one rendering."""
TIME_LIMIT_S: Final = 0.1
"""Processor time of one rendering, looked at every step."""
SIZE_LIMIT: Final = 65_536
"""Characters of a text, items of a list, that a template makes."""
OUTPUT_LIMIT: Final = 65_536
DIGITS_LIMIT_BITS: Final = 1_024
"""Whole numbers stay below two to this power."""
PATTERN_LIMIT: Final = 512
REGEX_STEPS_LIMIT: Final = 5_000_000
RANGE_LIMIT: Final = 2_000


class LimitError(Exception):
    """The template asked for too much."""


class _Budget:
    """What is left to the rendering under way; renderings don't nest and don't leave their thread."""

    __slots__ = ("deadline_s", "steps")

    def __init__(self) -> None:
        self.steps = 0
        self.deadline_s = 0.0


_BUDGET: Final = _Budget()


def start_budget() -> None:
    """A new rendering begins."""
    _BUDGET.steps = STEPS_LIMIT
    _BUDGET.deadline_s = time.thread_time() + TIME_LIMIT_S


def spend(steps: int) -> None:
    """Takes steps from the budget."""
    _BUDGET.steps -= steps
    if _BUDGET.steps < 0:
        raise LimitError(f"the template takes more than {STEPS_LIMIT} steps")
    if time.thread_time() > _BUDGET.deadline_s:
        raise LimitError(f"the template takes longer than {TIME_LIMIT_S} s")


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter or test, each use of it a step."""

    @functools.wraps(function)
    def step(*args: Any, **kwargs: Any) -> Any:
        spend(1)
        return function(*args, **kwargs)

    return step


def limited(items: Iterable[Any]) -> Iterator[Any]:
    """The items of a loop, each of them counted."""
    for item in items:
        spend(1)
        yield item


def size_of(value: Any) -> int:
    """Roughly how much a value is, in characters or items; numbers are 32."""
    return len(value) if isinstance(value, str | bytes | Sequence | Mapping | set | frozenset) else 32


def check_size(size: int) -> None:
    """Refuses what would be longer than a text or list may be."""
    if size > SIZE_LIMIT:
        raise LimitError(f"the template makes something of {size} characters or items, at most {SIZE_LIMIT}")


def concatenate(pieces: Iterable[Any]) -> str:
    """What `~` does."""
    return joined([str(piece) for piece in pieces])


def joined(pieces: Iterable[str]) -> str:
    """Puts output together."""
    texts = list(pieces)
    check_size(sum(map(len, texts)))
    return "".join(texts)


def check_binary(operator: str, left: Any, right: Any) -> None:
    """Looks at the operands of `*`, `**`, `+` and `%` before they are computed."""
    if operator == "+":
        check_size(size_of(left) + size_of(right) if not isinstance(left, int | float) else 0)
    elif operator == "*":
        _check_product(left, right)
    elif operator == "**":
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > DIGITS_LIMIT_BITS:
            raise LimitError("the template computes too large a power")
    elif isinstance(left, str | bytes):
        check_format(left if isinstance(left, str) else left.decode("latin-1"), right)


def _check_product(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > DIGITS_LIMIT_BITS:
            raise LimitError("the template computes too large a number")
        return
    for things, times in ((left, right), (right, left)):
        if isinstance(things, str | bytes | list | tuple) and isinstance(times, int):
            check_size(len(things) * max(times, 0))


def check_format(pattern: str, values: Any = ()) -> None:
    """Refuses widths and precisions of more than three digits, and the sum of it being too long."""
    run = 0
    for character in pattern:
        run = run + 1 if character.isdigit() else 0
        if run > 3:
            raise LimitError("the template formats with a width of more than three digits")
    if "*" in pattern:
        raise LimitError("the template formats with a width of its own")
    parts = values if isinstance(values, tuple | list) else (values,)
    check_size(len(pattern) * 250 + sum(len(str(part)) for part in parts) * max(1, pattern.count("{")))


_PLAIN_METHODS: Final = frozenset(
    (
        *("capitalize", "casefold", "count", "decode", "encode", "endswith", "find", "hex", "index", "isalnum"),
        *("isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable"),
        *("isspace", "istitle", "isupper", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "rfind"),
        *("rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase"),
        *("title", "upper"),
    )
)
"""Methods of a text whose result is no longer than a few times the text."""


def check_call(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Looks at a call of a text's own method; those that can grow it are measured, unknown ones refused."""
    function = getattr(function, "__wrapped__", function)
    owner = getattr(function, "__self__", None)
    if not isinstance(owner, str | bytes):
        return
    name = getattr(function, "__name__", "")
    if name in _PLAIN_METHODS:
        return
    if name == "replace" and len(args) >= 2:
        check_size(len(owner) + (owner.count(args[0]) if args[0] else len(owner) + 1) * size_of(args[1]))
    elif name == "join" and args:
        args_list = args[0]
        check_size(sum(size_of(item) + len(owner) for item in args_list) if isinstance(args_list, Sequence) else 0)
    elif name in ("center", "ljust", "rjust", "zfill", "expandtabs") and args and isinstance(args[0], int):
        check_size(max(len(owner), 1) * args[0] if name == "expandtabs" else args[0])
    elif name in ("format", "format_map", "formatter") and isinstance(owner, str):
        check_format(owner, [*args, *kwargs.values()])
    else:
        raise LimitError(f"the template calls {name or 'something'} of a text, which is not taken")


def check_pattern(pattern: str, subject: str) -> None:
    """Refuses regular expressions that can take very long: a repetition inside a repetition, too many in a row.

    A reading of the text, not a proof: character classes and escapes are skipped, groups are followed.
    """
    if len(pattern) > PATTERN_LIMIT:
        raise LimitError(f"a regular expression of more than {PATTERN_LIMIT} characters")
    repeats = _repetitions(pattern)
    if repeats > 1 and len(subject) ** min(repeats, 8) > REGEX_STEPS_LIMIT:
        raise LimitError("a regular expression with too many repetitions for so long a text")
    check_size(len(subject))


def _repetitions(pattern: str) -> int:
    """How many repetitions follow one another; raises for one inside another."""
    groups: list[bool] = []
    varies = inner_varies = False
    count = place = 0
    while place < len(pattern):
        character = pattern[place]
        closed = character == ")"
        if character == "\\":
            place += 1
        elif character == "[":
            place = _class_end(pattern, place)
        elif character == "(":
            groups.append(varies)
            varies = False
            place += pattern.startswith("(?", place)
        elif closed:
            inner_varies = varies
            varies = (groups.pop() if groups else False) or varies
        elif character == "|":
            varies = True
        repeat, place = _repeat_at(pattern, place + 1)
        if closed and inner_varies and repeat in (_Repeat.MANY, _Repeat.FIXED):
            raise LimitError("a regular expression with a repetition inside a repetition")
        varies = varies or repeat in (_Repeat.ONCE, _Repeat.MANY)
        count += repeat is _Repeat.MANY
    return count


class _Repeat(Enum):
    """What a quantifier allows."""

    NONE = 0
    ONCE = 1
    FIXED = 2
    MANY = 3


def _class_end(pattern: str, place: int) -> int:
    end = place + 1
    end += pattern.startswith("^", end)
    end += pattern.startswith("]", end)
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return end


def _repeat_at(pattern: str, place: int) -> tuple[_Repeat, int]:
    """The quantifier there, and the place after it."""
    found = _QUANTIFIER.match(pattern, place)
    if found is None:
        return _Repeat.NONE, place
    if found[0][0] in "*+":
        return _Repeat.MANY, found.end()
    if found[0][0] == "?" or (found[1] in ("0", "1", "") and found[2] in ("0", "1")):
        return _Repeat.ONCE, found.end()
    fixed = found[2] is None or found[2] == found[1]
    return (_Repeat.FIXED if fixed else _Repeat.MANY), found.end()


_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(\d*)(?:,(\d*))?\})[?+]?")
