"""What a language model may call: tools, their parameters, and the house they are for; plain data, made elsewhere."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

LONGEST_NAME: Final = 48
LONGEST_RESULT: Final = 600
_BESIDE: Final = frozenset(" '’.,&+-/()#%°!?")
"""What may stand in a name beside letters and digits: nothing that any model's format is made of."""
_MARKS: Final = re.compile(r"<[^<>\s]{1,40}>|\[/?[A-Z_]{1,40}\]")
"""What marks look like in any model's format."""
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
"""Characters that mean something in a prompt while it is made."""
_FOREIGN: Final = re.compile(r"[^a-zA-Z0-9 '.,&+\-/()#%!?]")


class Kind(StrEnum):
    """What a parameter takes."""

    DEVICE = "device"
    """One of the toolbox's names."""
    AREA = "area"
    """One of the toolbox's areas."""
    CHOICE = "choice"
    """One of the parameter's own values."""
    INTEGER = "integer"
    NUMBER = "number"
    """To a half."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a tool; `minimum` and `maximum` bound the numbers, `step` parts the whole ones."""

    name: str
    kind: Kind
    minimum: int = 0
    maximum: int = 100
    step: int = 1
    values: tuple[str, ...] = ()
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """Something to call; `does` is a sentence for the model."""

    name: str
    does: str
    parameters: tuple[Parameter, ...] = ()
    takes: str = ""
    """A JSON Schema of its arguments, as text, for what somebody else offers; `parameters` are not looked at then."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of a house. Names and areas are those that calls may name, as `plain` wrote them."""

    tools: tuple[Tool, ...] = ()
    names: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    house: str = ""
    """What the house is made of, for the model to read."""
    in_words: bool = False
    """Whether the tools are told in words, which are fewer, although the model's template takes them."""

    @classmethod
    def from_plain(cls, plain_: Mapping[str, Any]) -> "Toolbox":
        """The toolbox that `dataclasses.asdict` took apart; raises KeyError, TypeError or ValueError."""
        tools = []
        for tool in plain_["tools"]:
            parameters = [
                Parameter(**{**one, "kind": Kind(one["kind"]), "values": tuple(one["values"])})
                for one in tool["parameters"]
            ]
            tools.append(Tool(str(tool["name"]), str(tool["does"]), tuple(parameters), str(tool.get("takes", ""))))
        return cls(
            tuple(tools),
            tuple(plain_["names"]),
            tuple(plain_["areas"]),
            str(plain_["house"]),
            plain_["in_words"] is True,
        )


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool by name, with its arguments: texts and numbers, and whatever its schema takes where it has one."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """The end of an answer that calls tools; `text` is all of it as it was written, for the assistant's next turn."""

    calls: tuple[ToolCall, ...]
    text: str


def plain(name: str, most: int = LONGEST_NAME) -> str:
    """Words from outside as a model may read and write them: one line, in which no format's marks can stand."""
    text = name[: 8 * most]
    if text.isascii():
        kept = _FOREIGN.sub(" ", text)
    else:
        text = unicodedata.normalize("NFC", text)
        kept = "".join(one if one in _BESIDE or one.isalnum() or unicodedata.combining(one) else " " for one in text)
    return " ".join(kept.split())[:most].strip()


def plain_result(text: str) -> str:
    """The result of a call as a model may read it."""
    return " ".join("".join(one if one in ":;" or one.isspace() else plain(one) or " " for one in text).split())[
        :LONGEST_RESULT
    ]


def schema(tool: Tool) -> dict[str, Any]:
    """A tool as chat templates take it: a function with a JSON Schema of its parameters."""
    if tool.takes:
        told = {"name": tool.name, "description": tool.does, "parameters": json.loads(tool.takes)}
        return {"type": "function", "function": _unmarked(told)}
    parameters: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: _property(one) for one in tool.parameters},
    }
    if needed := [one.name for one in tool.parameters if one.needed]:
        parameters["required"] = needed
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.does, "parameters": parameters},
    }


def _unmarked(value: Any) -> Any:
    """What somebody else wrote of a tool, in which no format's marks can stand: a template writes it as its own."""
    if isinstance(value, str):
        return _MARKS.sub(lambda found: f"({found[0][1:-1]})", _PRIVATE.sub("", value))
    if isinstance(value, dict):
        return {str(_unmarked(key)): _unmarked(one) for key, one in value.items()}
    return [_unmarked(one) for one in value] if isinstance(value, list) else value


def _property(one: Parameter) -> dict[str, Any]:
    if one.kind is Kind.INTEGER:
        return {"type": "integer", "minimum": one.minimum, "maximum": one.maximum}
    if one.kind is Kind.NUMBER:
        return {"type": "number"}
    return {"type": "string", "enum": list(one.values)} if one.kind is Kind.CHOICE else {"type": "string"}


def signature(tool: Tool) -> str:
    """A tool in a line, for models whose template takes none: `light_set(name, brightness 0-100): Sets lights.`"""
    if tool.takes:
        known = schema(tool)["function"]
        properties = known["parameters"].get("properties")
        names = ", ".join(properties) if isinstance(properties, dict) else ""
        return f"{known['name']}({names}): {' '.join(str(known['description']).split())}"
    return f"{tool.name}({', '.join(map(_written, tool.parameters))}): {tool.does}"


def _written(one: Parameter) -> str:
    if one.kind is Kind.INTEGER:
        return f"{one.name} {one.minimum}-{one.maximum}"
    if one.kind is Kind.CHOICE:
        return f"{one.name} {'|'.join(one.values)}"
    return one.name
