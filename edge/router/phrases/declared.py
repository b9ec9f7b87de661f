"""Functions that are declared by sentence templates alone: reads `phrases.toml` into frozen types and checks it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from edge.router.phrases.pattern import Node, Pool, Template, TemplateError, compile_template, read_node, slots_of

_JSON: Final = {"number": "number", "duration": "integer"}
_DOES: Final = {
    "text": "Words as they were said.",
    "number": "A number.",
    "duration": "A length of time, in seconds.",
    "time": "A time to come, ISO 8601 local.",
    "period": "A stretch of time: `start` and `end`, ISO 8601 local.",
    "area": "A place of the home.",
    "device": "One device.",
    "devices": "Every device of the name.",
    "sensor": "One sensor.",
    "sensors": "Every sensor of the name.",
    "condition": "What has to be so, as arguments of its own: relation, value or state, hold, from, to, …",
    "event": "The same, of what happens.",
}


@dataclass(frozen=True, slots=True)
class PhraseFunction:
    """A function with no token of the network: what it does, and the sentences that mean it."""

    name: str
    kind: str
    """`act`, or `query` where it only reads."""
    does: str
    slots: Mapping[str, str]
    """The type of each slot; what it is called is the argument it fills."""
    templates: tuple[tuple[str, Template], ...]
    """Each with what has to be so for its sentences to mean this: empty for always."""
    examples: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The entry of `edge functions --json`: as the network's functions have it, without a token."""
        return {
            "function": self.name,
            "token_id": None,
            "does": self.does,
            "ha_intents": [],
            "arguments": {
                name: {"type": _JSON.get(of, "string"), "does": _DOES.get(of, "")} for name, of in self.slots.items()
            },
            "critical": False,
            "kind": self.kind,
            "examples": list(self.examples),
        }


def read_phrases(
    text: str, source: str, types: Sequence[str], taken: Sequence[str] = ()
) -> Mapping[str, PhraseFunction]:
    """The functions of a file; `types` are the slots' types, `taken` names that are functions already.

    Raises `TemplateError`, which names the file, the function and what was expected.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{source}: expected TOML: {error}") from error
    sets: dict[str, Node] = {}
    for name, template in data.get("words", {}).items():
        sets[name] = read_node(str(template), sets, f"{source}: words.{name}")
        if slots_of(sets[name]):
            raise TemplateError(f"{source}: words.{name}: a set of words has no slots")
    functions: dict[str, PhraseFunction] = {}
    pool: Pool = {}
    for name, entry in data.get("functions", {}).items():
        where = f"{source}: functions.{name}"
        if name in taken or "." not in name:
            raise TemplateError(f"{where}: expected a name such as `alarms.mute` that no other function has")
        functions[name] = _function(where, name, entry, (sets, pool), types)
    return MappingProxyType(functions)


def _function(
    where: str, name: str, entry: Mapping[str, Any], words: tuple[Mapping[str, Node], Pool], types: Sequence[str]
) -> PhraseFunction:
    unknown = entry.keys() - {"kind", "does", "slots", "templates", "examples", "while"}
    if unknown:
        raise TemplateError(f"{where}: nothing is called `{min(unknown)}`")
    written = {"": _texts(where, "templates", entry)}
    for context in entry.get("while", {}):
        written[context] = _texts(f"{where}.while", context, entry["while"])
    if not any(written.values()):
        raise TemplateError(f"{where}: `templates`: expected at least one")
    if entry.get("kind") not in {"act", "query"}:
        raise TemplateError(f"{where}: `kind`: expected act or query")
    if not isinstance(entry.get("does"), str):
        raise TemplateError(f"{where}: `does`: expected text")
    slots = dict(entry.get("slots", {}))
    for slot, of in slots.items():
        if of not in types:
            raise TemplateError(f"{where}: slots.{slot}: no type is called {of!r}; there are {', '.join(types)}")
    templates = []
    for context, texts in written.items():
        for text in texts:
            template = compile_template(text, words[0], where, words[1])
            if missing := slots_of(template.node) - slots.keys():
                raise TemplateError(f"{where}: {text!r}: `slots` does not say what {min(missing)} is")
            templates.append((context, template))
    return PhraseFunction(
        name=name,
        kind=entry["kind"],
        does=entry["does"],
        slots=MappingProxyType(slots),
        templates=tuple(templates),
        examples=_texts(where, "examples", entry),
    )


def _texts(where: str, key: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    texts = entry.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise TemplateError(f"{where}: `{key}`: expected a list of texts")
    return tuple(texts)


def phrases_file() -> Path:
    """The file that ships with the package."""
    return Path(__file__).parents[1] / "phrases.toml"
