"""A JSON Schema as a grammar: what a model writes under it is JSON that the schema takes.

Of the schema's words, those that say what there is are held to: types, properties, items, values, limits of numbers
and lengths, references, alternatives. `pattern`, `format` and conditions say more than a grammar of bytes should; they
are left to whoever reads the answer. An object has its properties in the schema's order, and no others where it names
some.
"""

import json
import math
from collections.abc import Mapping, Sequence, Sized
from functools import cache, lru_cache
from typing import Any, Final

from edge.llm.errors import LlmRefused
from edge.llm.grammar import Characters, Expression, Repeat, choice, sequence, text, words

MOST_NODES: Final = 3000
MOST_DEPTH: Final = 48
MOST_CHARACTERS: Final = 400_000
"""Of all names and values that must be written as they stand."""
MOST_LEFT_OUT: Final = 250
"""Properties of an object that may be missing: each is a level of choices deeper."""
MOST_MERGED: Final = 50_000
"""Properties of schemas that are put together, each as often as it is."""
MOST_AGAIN: Final = 5
"""How often a definition may hold itself."""
FREE_DEPTH: Final = 4
"""How deep a value may be of which the schema says nothing."""
MOST_ITEMS: Final = 256
"""Items of a list, and properties of an object, of which the schema names no limit."""
COUNTED: Final = 2000
"""Characters up to which a string's length is held to."""
_LARGEST: Final = 10**15
_TYPES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_HEX: Final = words("0123456789abcdef")
_ESCAPE: Final = sequence(
    text("\\"),
    # The escapes of lone halves of characters (\ud800 and on) are left out: they are no text.
    choice(
        words(['"', "\\", "/", "b", "f", "n", "r", "t"]),
        sequence(text("u"), words("0123456789abcef"), _HEX, _HEX, _HEX),
        sequence(text("ud"), words("01234567"), _HEX, _HEX),
    ),
)
_CHARACTER: Final = choice(Characters(1, 1), _ESCAPE)
_DIGIT: Final = words("0123456789")
_FRACTION: Final = choice(sequence(), sequence(text("."), Repeat(_DIGIT, 1, 6)))


class SchemaError(LlmRefused):
    """A schema that can't be held to; the message says where and why."""


def grammar_of(schema: Any) -> Expression:
    """What the schema takes. Raises `SchemaError`."""
    return _Reader(schema).read()


def any_object() -> Expression:
    """Any JSON object, of bounded depth."""
    return _object_of(_free(FREE_DEPTH))


class _Reader:
    """Reads one schema; None stands for what nothing can be."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._nodes = 0
        self._characters = 0
        self._merges = 0
        self._open: list[str] = []
        self._known: dict[tuple[str, ...], Expression | None] = {}
        """What definitions have become, by their place and those that they are read within."""

    def read(self) -> Expression:
        found = self._of(self._root, "schema", 0)
        if found is None:
            raise SchemaError("schema: there is no value that it takes")
        return found

    def _of(self, schema: Any, at: str, depth: int) -> Expression | None:  # noqa: C901 - a schema has many words
        self._nodes += 1
        if self._nodes > MOST_NODES or depth > MOST_DEPTH:
            raise SchemaError(f"{at}: the schema is too large: at most {MOST_NODES} parts, {MOST_DEPTH} deep")
        if schema is True:
            return _free(FREE_DEPTH)
        if schema is False:
            return None
        if not isinstance(schema, Mapping):
            raise SchemaError(f"{at}: expected an object")
        if "$ref" in schema:
            return self._referred(schema["$ref"], at, depth)
        if "const" in schema:
            return text(self._written(schema["const"], at))
        if "enum" in schema:
            values = _sequence(schema, "enum", at)
            return words([self._written(value, at) for value in values]) if values else None
        if "allOf" in schema:
            return self._of(self._merged(schema, at), at, depth + 1)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                others = {key: value for key, value in schema.items() if key not in (word, "description", "title")}
                ways = [self._besides(others, one, at) for one in _sequence(schema, word, at)]
                return _either([self._of(one, f"{at}.{word}[{n}]", depth + 1) for n, one in enumerate(ways)])
        wanted = schema.get("type")
        if wanted is None:
            wanted = next((kind for kind, signs in _SIGNS.items() if signs & schema.keys()), None)
            if wanted is None:
                return _free(FREE_DEPTH)
        kinds = wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
        return _either([self._typed(kind, schema, at, depth) for kind in kinds])

    def _typed(self, kind: Any, schema: Mapping[str, Any], at: str, depth: int) -> Expression | None:
        match kind:
            case "object":
                return self._object(schema, at, depth)
            case "array":
                return self._array(schema, at, depth)
            case "string":
                return _string(_size(schema, "minLength", at) or 0, _size(schema, "maxLength", at))
            case "integer":
                return _integers(*self._limits(schema, at))
            case "number":
                return _numbers(*self._limits(schema, at))
            case "boolean":
                return words(["true", "false"])
            case "null":
                return text("null")
            case _:
                raise SchemaError(f"{at}.type: expected one of {', '.join(_TYPES)}")

    def _object(self, schema: Mapping[str, Any], at: str, depth: int) -> Expression | None:
        properties = schema.get("properties")
        if properties is None or properties == {}:
            others = schema.get("additionalProperties", True)
            if properties == {} and others is True:
                return text("{}")  # as tools without arguments have it
            value = self._of(others, f"{at}.additionalProperties", depth + 1)
            return text("{}") if value is None else _object_of(value)
        if not isinstance(properties, Mapping):
            raise SchemaError(f"{at}.properties: expected an object")
        needed = {str(name) for name in _sequence(schema, "required", at)}
        if len(properties.keys() - needed) > MOST_LEFT_OUT:
            raise SchemaError(f"{at}.properties: at most {MOST_LEFT_OUT} may be there that are not required")
        # From the last one backwards: what follows a field depends on whether there was one before it.
        first: Expression = sequence()
        later: Expression = sequence()
        for name, inner in reversed(list(properties.items())):
            value = self._of(inner, f"{at}.properties.{name}", depth + 1)
            if value is None:
                if name in needed:
                    return None
                continue
            field = sequence(text(f"{self._written(name, at)}: "), value)
            begins, goes_on = sequence(field, later), sequence(text(", "), field, later)
            first = begins if name in needed else choice(begins, first)
            later = goes_on if name in needed else choice(goes_on, later)
        return sequence(text("{"), first, text("}"))

    def _array(self, schema: Mapping[str, Any], at: str, depth: int) -> Expression | None:
        least = _size(schema, "minItems", at) or 0
        most = _size(schema, "maxItems", at)
        given = _sequence(schema, "prefixItems", at)
        most = max(least, MOST_ITEMS, len(given)) if most is None else most
        if most < least:
            return None
        fixed = [self._of(one, f"{at}.prefixItems[{number}]", depth + 1) for number, one in enumerate(given)][:most]
        rest = schema.get("items", not given)
        item = self._of(rest, f"{at}.items", depth + 1) if most > len(fixed) else None
        known = [one for one in fixed if one is not None]
        if len(known) < len(fixed) or (item is None and least > len(known)):
            return text("[]") if least == 0 else None
        parts = [part for one in known for part in (text(", "), one)][1:]
        body = sequence(*parts)
        if item is not None and most > len(known):
            low, high = max(0, least - len(known)), most - len(known)
            body = sequence(*parts, _listed(item, low, high, begun=bool(known)))
        return sequence(text("["), body, text("]"))

    def _referred(self, target: Any, at: str, depth: int) -> Expression | None:
        if not isinstance(target, str) or not target.startswith("#"):
            raise SchemaError(f"{at}.$ref: expected a place in this schema, such as #/$defs/name")
        if self._open.count(target) >= MOST_AGAIN:
            return None
        within = (target, *sorted(self._open))
        if within in self._known:
            return self._known[within]
        found = self._root
        for step in target[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or key not in found:
                raise SchemaError(f"{at}.$ref: {target} is not in this schema")
            found = found[key]
        self._open.append(target)
        try:
            self._known[within] = read = self._of(found, target, depth + 1)
        finally:
            self._open.pop()
        return read

    def _merged(self, schema: Mapping[str, Any], at: str) -> Mapping[str, Any]:
        """One schema of all that must hold together; where two name the same word, the later one holds."""
        whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in _sequence(schema, "allOf", at):
            if not isinstance(part, Mapping):
                raise SchemaError(f"{at}.allOf: expected objects")
            whole = dict(self._besides(whole, part, at))
        return whole

    def _limits(self, schema: Mapping[str, Any], at: str) -> tuple[float | None, float | None]:
        low, high = _limits(schema, at)
        # A limit takes a few parts for each of its digits.
        self._nodes += sum(len(str(int(limit))) for limit in (low, high) if limit is not None and math.isfinite(limit))
        return low, high

    def _written(self, value: Any, at: str) -> str:
        written = _written(value, at)
        self._characters += len(written)
        if self._characters > MOST_CHARACTERS:
            raise SchemaError(
                f"{at}: the schema is too large: at most {MOST_CHARACTERS} characters of names and values"
            )
        return written

    def _besides(self, one: Mapping[str, Any], other: Any, at: str) -> Any:
        if not one or not isinstance(other, Mapping):
            return other
        if "$ref" in other and other["$ref"] not in self._open and str(other["$ref"]).startswith("#/"):
            found: Any = self._root
            for step in str(other["$ref"])[2:].split("/"):
                found = found.get(step) if isinstance(found, Mapping) else None
            other = found if isinstance(found, Mapping) else other
        self._merges += 1 + sum(
            len(each[key])
            for each in (one, other)
            for key in ("properties", "required")
            if isinstance(each.get(key), Sized)
        )
        if self._merges > MOST_MERGED:
            raise SchemaError(f"{at}: the schema is too large: its alternatives have too much in common")
        whole = {**one, **other}
        if isinstance(one.get("properties"), Mapping) and isinstance(other.get("properties"), Mapping):
            whole["properties"] = {**one["properties"], **other["properties"]}
        whole["required"] = [*_sequence(one, "required", at), *_sequence(other, "required", at)]
        return whole


_SIGNS: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
}
"""Words that tell a type where none is named."""


def _either(ways: Sequence[Expression | None]) -> Expression | None:
    possible = [way for way in ways if way is not None]
    return choice(*possible) if possible else None


def _string(least: int, most: int | None) -> Expression | None:
    if most is not None and most < least:
        return None
    if most == 0:
        return text('""')
    least = min(least, COUNTED)
    return sequence(text('"'), Repeat(_CHARACTER, least, None if most is None or most > COUNTED else most), text('"'))


def _listed(item: Expression, least: int, most: int, *, begun: bool) -> Expression:
    """Between `least` and `most` (1 or more) items with commas between; `begun` where others stand before them."""
    if begun:
        return Repeat(sequence(text(", "), item), least, most)
    further: Expression = sequence()
    if most > 1:
        further = Repeat(sequence(text(", "), item), max(0, least - 1), most - 1)
    some = sequence(item, further)
    return choice(sequence(), some) if least == 0 else some


def _object_of(value: Expression) -> Expression:
    """An object of any properties with values of that kind."""
    name = sequence(text('"'), Repeat(_CHARACTER, 1, 64), text('": '))
    return sequence(text("{"), _listed(sequence(name, value), 0, MOST_ITEMS, begun=False), text("}"))


@cache
def _free(depth: int) -> Expression:
    """Any value at all."""
    kinds: list[Expression] = [words(["true", "false", "null"]), _numbers(None, None) or sequence()]
    kinds += [one for one in (_string(0, None),) if one is not None]
    if depth:
        inner = _free(depth - 1)
        listed = sequence(text("["), _listed(inner, 0, MOST_ITEMS, begun=False), text("]"))
        kinds += [listed, _object_of(inner)]
    return choice(*kinds)


def _limits(schema: Mapping[str, Any], at: str) -> tuple[float | None, float | None]:
    """The least and the largest value, both of which are meant; whole numbers stand for limits that are excluded."""
    low, high = _number(schema, "minimum", at), _number(schema, "maximum", at)
    above, below = _number(schema, "exclusiveMinimum", at), _number(schema, "exclusiveMaximum", at)
    if above is not None:
        low = max(low if low is not None else -math.inf, math.floor(above) + 1)
    if below is not None:
        high = min(high if high is not None else math.inf, math.ceil(below) - 1)
    return low, high


@lru_cache(maxsize=64)
def _integers(low: float | None, high: float | None) -> Expression | None:
    first = max(-_LARGEST, math.ceil(low)) if low is not None else -_LARGEST
    last = min(_LARGEST, math.floor(high)) if high is not None else _LARGEST
    ways: list[Expression] = []
    if last >= 0 and last >= first:
        ways.append(_between(max(0, first), last))
    if first < 0 and first <= last:
        ways.append(sequence(text("-"), _between(max(1, -last), -first)))
    return choice(*ways) if ways else None


@lru_cache(maxsize=64)
def _numbers(low: float | None, high: float | None) -> Expression | None:
    """Whole numbers, and such with up to six digits after the point, that lie between the limits."""
    whole = _integers(low, high)
    first = max(-_LARGEST, math.ceil(low)) if low is not None else -_LARGEST
    last = min(_LARGEST, math.floor(high)) if high is not None else _LARGEST
    ways = [whole] if whole is not None else []
    if last >= 1 and last > first:
        ways.append(sequence(_between(max(0, first), last - 1), _FRACTION))
    if first <= -1 and first < last:
        ways.append(sequence(text("-"), _between(max(0, -last), -first - 1), _FRACTION))
    if not ways and low is not None and high is not None and low <= high:
        ways.append(words([_written(low, ""), _written(high, "")]))
    return choice(*ways) if ways else None


def _between(first: int, last: int) -> Expression:
    """The whole numbers from `first` to `last`, neither of them below 0."""
    ways: list[Expression] = []
    for length in range(len(str(first)), len(str(last)) + 1):
        low = max(first, 10 ** (length - 1) if length > 1 else 0)
        high = min(last, 10**length - 1)
        ways.append(_digits(str(low), str(high)))
    return choice(*ways)


def _digits(low: str, high: str) -> Expression:
    """The numbers between two of the same length, digit by digit."""
    length = len(low)
    if length == 1:
        return words([str(digit) for digit in range(int(low), int(high) + 1)])
    if low == "0" * length and high == "9" * length:
        return Repeat(_DIGIT, length, length)
    nought, nine = "0" * (length - 1), "9" * (length - 1)
    if low[0] == high[0]:
        return sequence(text(low[0]), _digits(low[1:], high[1:]))
    ways: list[Expression] = [sequence(text(low[0]), _digits(low[1:], nine))]
    if int(high[0]) - int(low[0]) > 1:
        middle = words([str(digit) for digit in range(int(low[0]) + 1, int(high[0]))])
        ways.append(sequence(middle, _digits(nought, nine)))
    ways.append(sequence(text(high[0]), _digits(nought, high[1:])))
    return choice(*ways)


def _written(value: Any, at: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode().decode()
    except (ValueError, TypeError, RecursionError) as error:
        raise SchemaError(f"{at}: a value that can't be written as JSON") from error


def _sequence(schema: Mapping[str, Any], key: str, at: str) -> Sequence[Any]:
    found = schema.get(key)
    if found is None:
        return ()
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) > MOST_NODES:
        raise SchemaError(f"{at}.{key}: expected a list of at most {MOST_NODES}")
    return found


def _number(schema: Mapping[str, Any], key: str, at: str) -> float | None:
    found = schema.get(key)
    if found is None or isinstance(found, bool):
        return None
    if not isinstance(found, int | float) or (isinstance(found, float) and not math.isfinite(found)):
        raise SchemaError(f"{at}.{key}: expected a number")
    return max(-_LARGEST, min(_LARGEST, found))


def _size(schema: Mapping[str, Any], key: str, at: str) -> int | None:
    found = _number(schema, key, at)
    if found is not None and found < 0:
        raise SchemaError(f"{at}.{key}: expected 0 or more")
    return None if found is None else min(int(found), _LARGEST)
