"""The functional-token vocabulary: reads `functions.toml` into frozen types and checks it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from edge.errors import EdgeError
from edge.router.model import Slot

END: Final = "<end>"
CHAT: Final = "<chat>"
IGNORE: Final = "<ignore>"
SPECIAL_TOKENS: Final = (END, CHAT, IGNORE)
"""Tokens that are no function; they have the ids 0, 1 and 2, functions follow in the order of the file."""

DEFAULT_ARGUMENTS: Final[Mapping[Slot, str]] = MappingProxyType(
    {
        Slot.TARGET: "name",
        Slot.PLACE: "area",
        Slot.EXCEPT: "except",
        Slot.LEVEL: "value",
        Slot.STEP: "step",
        Slot.COLOR: "color",
        Slot.MODE: "mode",
        Slot.STATE: "state",
        Slot.MEASURE: "measure",
        Slot.AGGREGATE: "aggregate",
        Slot.DURATION: "duration",
        Slot.DELAY: "after",
        Slot.TIME: "at",
        Slot.CONDITION: "condition",
        Slot.LABEL: "name",
        Slot.ITEM: "item",
        Slot.LIST: "name",
        Slot.MESSAGE: "message",
        Slot.MEDIA: "search_query",
    }
)
"""The argument a slot fills where the function does not name another (`level=brightness`)."""

_COMPANIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "area": ("floor",),
        "at": ("repeat", "sun", "sun_offset"),
        "color": ("color_temp",),
        "minutes": ("hours", "seconds"),
        "start_minutes": ("start_hours", "start_seconds"),
        "temperature": ("temperature_unit",),
    }
)
"""Arguments that the same span may fill too."""


class VocabularyError(EdgeError):
    """A function list that contradicts itself; says which entry and what was expected."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument's type and canonical values."""

    name: str
    type: str
    """`string`, `integer`, `number` or `boolean`."""
    does: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    values: tuple[str, ...] = ()
    """The canonical values, where they are counted."""

    def as_json(self) -> dict[str, Any]:
        """The argument as `edge functions --json` shows it: what is not known is left out."""
        shown = {
            "type": self.type,
            "does": self.does or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "unit": self.unit,
            "values": list(self.values) or None,
        }
        return {key: value for key, value in shown.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Function:
    """One functional token: what it does, what it copies, what it stands for in Home Assistant."""

    name: str
    verb: str
    domain: str
    does: str
    token_id: int
    slots: Mapping[Slot, str]
    """The spans it may copy, each with the argument it becomes."""
    ha_intents: tuple[str, ...] = ()
    critical: bool = False
    kind: str = "act"
    """`act`, or `query` where it only reads."""
    examples: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments it may have."""
        names: list[str] = []
        for slot, argument in self.slots.items():
            if slot is Slot.TIME and self.kind == "query":
                names += ("at", "start", "end")
                continue
            names += (argument, *_COMPANIONS.get(argument, ()))
            if slot is Slot.TARGET:
                names += ("domain", "device_class")
        return tuple(dict.fromkeys(names))


_KIN: Final[Mapping[str, str]] = {
    "automation": "switch",
    "group": "switch",
    "input_boolean": "switch",
    "input_button": "button",
    "input_number": "number",
    "input_select": "select",
    "input_text": "text",
    "remote": "switch",
}
"""Domains of Home Assistant that are spoken to as another one is."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every function, by name, by token and by what a person wants of which domain."""

    version: int
    functions: Mapping[str, Function]
    arguments: Mapping[str, Argument]
    translations: Mapping[str, Mapping[str, str]]
    _verbs: Mapping[tuple[str, str], Function] = field(repr=False)
    _families: Mapping[str, tuple[Function, ...]] = field(repr=False)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every token in the order of its id: the special ones, then the functions."""
        return (*SPECIAL_TOKENS, *self.functions)

    def get(self, name: str) -> Function | None:
        """The function of this name, if there is one."""
        return self.functions.get(name)

    def native(self, domain: str, verb: str) -> Function | None:
        """The domain's own function for a verb, without translation."""
        return self._verbs.get((_KIN.get(domain, domain), verb))

    def by_verb(self, domain: str, verb: str) -> Function | None:
        """What a verb means for a domain ("open" on a lock is `lock.unlock`); None where it means nothing."""
        domain = _KIN.get(domain, domain)
        own = self._verbs.get((domain, verb))
        if own is not None:
            return own
        translated = self.translations.get(domain, {}).get(verb)
        return None if translated is None else self._verbs[domain, translated]

    def coming_to(self, domain: str, name: str) -> frozenset[str]:
        """The functions whose verb, said of a device of this domain, means the function of this name."""
        meant = self.functions[name]
        return frozenset(own.name for own in self.functions.values() if self.by_verb(domain, own.verb) is meant)

    def family(self, name: str) -> tuple[Function, ...]:
        """The functions that share this one's verb, itself among them; empty for an unknown name."""
        function = self.functions.get(name)
        return () if function is None else self._families[function.verb]

    def as_json(self) -> list[dict[str, Any]]:
        """What `edge functions --json` prints, one entry a function."""
        return [
            {
                "function": function.name,
                "token_id": function.token_id,
                "does": function.does,
                "ha_intents": list(function.ha_intents),
                "arguments": {name: self.arguments[name].as_json() for name in function.arguments},
                "critical": function.critical,
                "kind": function.kind,
                "examples": list(function.examples),
            }
            for function in self.functions.values()
        ]


@cache
def load_vocabulary() -> Vocabulary:
    """The vocabulary that ships with the package."""
    source = Path(__file__).parent / "functions.toml"
    return parse_vocabulary(source.read_text(encoding="utf-8"), "functions.toml")


def parse_vocabulary(text: str, source: str) -> Vocabulary:
    """A vocabulary from TOML; `source` is named in errors. Raises `VocabularyError`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"{source}: expected TOML: {error}") from error
    arguments = {name: _argument(source, name, entry) for name, entry in _table(source, data, "arguments").items()}
    functions = {
        name: _function(source, name, len(SPECIAL_TOKENS) + at, entry)
        for at, (name, entry) in enumerate(_table(source, data, "functions").items())
    }
    verbs: dict[tuple[str, str], Function] = {}
    families: dict[str, tuple[Function, ...]] = {}
    for function in functions.values():
        key = function.domain, function.verb
        if key in verbs:
            raise VocabularyError(
                f"{source}: functions.{function.name}: the verb `{function.verb}` is already {verbs[key].name}'s"
            )
        verbs[key] = function
        families[function.verb] = (*families.get(function.verb, ()), function)
        for argument in function.arguments:
            if argument not in arguments:
                raise VocabularyError(
                    f"{source}: functions.{function.name}: no [arguments.{argument}] says what `{argument}` is"
                )
    translations = _table(source, data, "translations")
    for domain, table in translations.items():
        for verb, own in table.items():
            if (domain, own) not in verbs:
                raise VocabularyError(f"{source}: translations.{domain}: `{verb}`: {domain} has no verb `{own}`")
    version = data.get("version")
    if not isinstance(version, int):
        raise VocabularyError(f"{source}: `version`: expected a whole number")
    return Vocabulary(
        version=version,
        functions=MappingProxyType(functions),
        arguments=MappingProxyType(arguments),
        translations=MappingProxyType(
            {domain: MappingProxyType(dict(table)) for domain, table in translations.items()}
        ),
        _verbs=MappingProxyType(verbs),
        _families=MappingProxyType(families),
    )


def _table(source: str, data: Mapping[str, Any], key: str) -> Mapping[str, Mapping[str, Any]]:
    table = data.get(key)
    if not isinstance(table, dict) or not all(isinstance(entry, dict) for entry in table.values()):
        raise VocabularyError(f"{source}: expected tables named [{key}.…]")
    return table


def _argument(source: str, name: str, entry: Mapping[str, Any]) -> Argument:
    try:
        argument = Argument(name=name, **{**entry, "values": tuple(entry.get("values", ()))})
    except TypeError as error:
        raise VocabularyError(f"{source}: arguments.{name}: {error}") from error
    if argument.type not in {"string", "integer", "number", "boolean"}:
        raise VocabularyError(f"{source}: arguments.{name}: `type`: expected string, integer, number or boolean")
    return argument


def _function(source: str, name: str, token_id: int, entry: Mapping[str, Any]) -> Function:
    where = f"{source}: functions.{name}"
    domain, dot, word = name.partition(".")
    if not (domain and dot and word):
        raise VocabularyError(f"{where}: expected a name such as `light.turn_on`")
    for key, expected in (("verb", str), ("does", str), ("slots", list), ("examples", list)):
        if not isinstance(entry.get(key), expected):
            raise VocabularyError(f"{where}: `{key}`: expected {'text' if expected is str else 'a list of texts'}")
    if not entry["examples"]:
        raise VocabularyError(f"{where}: `examples`: expected at least one")
    kind = entry.get("kind", "act")
    if kind not in {"act", "query"}:
        raise VocabularyError(f"{where}: `kind`: expected act or query, found {kind!r}")
    unknown = entry.keys() - {"verb", "does", "slots", "ha_intents", "critical", "kind", "examples"}
    if unknown:
        raise VocabularyError(f"{where}: nothing is called `{min(unknown)}`")
    return Function(
        name=name,
        verb=entry["verb"],
        domain=domain,
        does=entry["does"],
        token_id=token_id,
        slots=MappingProxyType(dict(_slot(where, text) for text in entry["slots"])),
        ha_intents=tuple(entry.get("ha_intents", ())),
        critical=entry.get("critical", False) is True,
        kind=kind,
        examples=tuple(entry["examples"]),
    )


def _slot(where: str, text: str) -> tuple[Slot, str]:
    name, _, argument = text.partition("=")
    try:
        slot = Slot(name)
    except ValueError:
        raise VocabularyError(f"{where}: `slots`: no slot is called {name!r}; there are {', '.join(Slot)}") from None
    return slot, argument or DEFAULT_ARGUMENTS[slot]
