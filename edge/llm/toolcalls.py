"""How models write calls: found out from the chat template, laid down as a grammar, read back from what was written."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from edge.llm.grammar import Characters, Expression, Fields, Grammar, Words, choice, sequence, text, words
from edge.llm.json_schema import any_object, grammar_of
from edge.llm.tools import Kind, Parameter, Tool, Toolbox, ToolCall, schema, signature

MOST_CALLS: Final = 4
"""Calls in one answer."""
LONGEST_TEXT: Final = 80
"""Characters of an argument that is free."""
_LONGEST_MARK: Final = 40

Render = Callable[[Sequence[dict[str, Any]], list[dict[str, Any]] | None], str]
"""Messages and tools, in the shapes that templates take, to a prompt; raises `TemplateError`."""

_PROBE: Final = "probe_of_tools"
_PROBE_TOOL: Final = Tool(_PROBE, "Probes.", (Parameter("argument", Kind.TEXT),))
_CALLED: Final = re.compile(rf'\{{\s*"name"\s*:\s*"{_PROBE}"\s*,\s*"(arguments|parameters)"\s*:\s*')


@dataclass(frozen=True, slots=True)
class Format:
    """One manner of writing calls: marks around a JSON object, or a list of them."""

    opening: str
    """What stands before; empty where a call is the whole answer."""
    closing: str
    arguments: str = "arguments"
    listed: bool = False
    again: str | None = None
    """What stands between two calls in one answer; None where there is but one."""


OWN: Final = Format("```tool_call\n", "\n```")
"""For models whose template knows no tools: they are told of it in words."""
PHI: Final = Format("<|tool_call|>", "<|/tool_call|>", listed=True)
_FENCED: Final = tuple(Format(f"```{word}\n", "\n```") for word in ("tool_call", "tool_code", "json"))
_PYTHON_TAG: Final = "<|python_tag|>"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a template has tools told and results given, and how its model writes calls."""

    format: Format
    told: str
    """`tools`: the template takes them; `system`: the system's message holds them; `words`: they are told in words."""
    results: bool
    """Whether results have a role of their own."""


WORDS: Final = Manner(OWN, "words", results=False)


def manner_of(render: Render, mark: Callable[[int], str], refused: type[Exception]) -> Manner:
    """What a template makes of tools; a message without content has `mark` of its number there.

    `refused` is what `render` raises where the template can't do something.
    """

    def tried(messages: Sequence[dict[str, Any]], tools: list[dict[str, Any]] | None = None) -> str:
        try:
            return render(messages, tools)
        except refused:
            return ""

    user, assistant = {"role": "user"}, {"role": "assistant"}
    rendered = tried([user, assistant, {"role": "tool", "name": _PROBE}])
    results = all(mark(index) in rendered for index in range(3))
    with_tools = tried([user], [schema(_PROBE_TOOL)])
    in_system = tried([{"role": "system", "tools": told_in_system([_PROBE_TOOL])}, user])
    if _PROBE in with_tools and mark(0) in with_tools:
        told = "tools"
    elif _PROBE in in_system and mark(1) in in_system:
        told = "system"
    else:
        return Manner(OWN, "words", results)
    made = {"name": _PROBE, "arguments": {"argument": "v"}}
    calling = {**assistant, "content": "", "tool_calls": [{"type": "function", "id": "call00000", "function": made}]}
    found = _format(tried([user, calling]), tried([user, assistant]), mark(1))
    if found is None and told == "system" and "<|tool|>" in in_system:
        found = PHI  # its template writes no calls: the model knows the marks by itself
    return Manner(OWN, "words", results) if found is None else Manner(found, told, results)


def told_in_system(tools: Sequence[Tool]) -> str:
    """The tools as the system's message of some templates holds them."""
    return json.dumps([schema(tool)["function"] for tool in tools])


def told_in_words(toolbox: Toolbox, format_: Format) -> str:
    """The tools and how to call them, as instructions."""
    example = f'{format_.opening}{{"name": "TOOL", "{format_.arguments}": {{"name": "DEVICE"}}}}{format_.closing}'
    lines = "\n".join(signature(tool) for tool in toolbox.tools)
    return f"Tools:\n{lines}\nTo use one, answer with nothing but this, and its result is told:\n{example}"


def _format(rendered: str, plain: str, after_words: str) -> Format | None:
    """The manner in which a template writes a call; `plain` is the same turn with words that end in `after_words`."""
    call = _CALLED.search(rendered)
    if call is None or not plain:
        return None
    start = next((at for at, (one, other) in enumerate(zip(rendered, plain, strict=False)) if one != other), 0)
    try:
        _, end = json.JSONDecoder().raw_decode(rendered, call.start())
    except ValueError:
        return None
    tail = plain[start:].rpartition(after_words)[2]
    if start > call.start() or not rendered[end:].endswith(tail):
        return None
    before, after = rendered[start : call.start()], rendered[end : len(rendered) - len(tail)]
    listed = before.endswith("[") and after.startswith("]")
    if listed:
        before, after = before[:-1], after[1:]
    if max(len(before), len(after)) > _LONGEST_MARK or not (before + after).isascii():
        return None
    again = "\n" if before.strip() and not listed else None
    return Format(before.lstrip(), after, call[1], listed, again)


class Ways:
    """All the ways in which an answer may turn into calls, with a grammar for each; the model's own comes first."""

    def __init__(self, format_: Format, toolbox: Toolbox) -> None:
        body = _one_of(toolbox, format_.arguments)
        self.nested: Final = any(tool.takes for tool in toolbox.tools)
        """Whether arguments can be more than texts and numbers."""
        self.own_expression: Final = _expression(format_, body)
        self.own: Final = Grammar(self.own_expression)
        self.anywhere: Final[dict[bytes, Grammar]] = {}
        """By the mark that begins it, wherever that stands."""
        self.at_start: Final[dict[bytes, Grammar]] = {}
        """By the mark that begins it where nothing was said yet."""
        if format_.opening.strip():
            self.anywhere[format_.opening.strip().encode()] = self.own
        else:
            self.anywhere[_PYTHON_TAG.encode()] = Grammar(_expression(Format(_PYTHON_TAG, "", format_.arguments), body))
        for other in (Format("", ""), *_FENCED):
            mark = (other.opening.strip() or "{").encode()
            if mark not in self.anywhere:
                grammar = Grammar(_expression(replace(other, arguments=format_.arguments), body))
                self.at_start[mark] = self.own if not format_.opening and mark == b"{" else grammar
        self.marks: Final = frozenset(self.anywhere) | {format_.closing.strip().encode()} - {b""}
        """What a model may have a token of its own for, which is none of a text."""

    @property
    def states(self) -> int:
        """How many states the grammars have by now."""
        return sum(grammar.states for grammar in {self.own, *self.anywhere.values(), *self.at_start.values()})


def _expression(format_: Format, body: Expression) -> Expression:
    """An answer that calls, from the first mark to the last."""
    opening = [text(format_.opening + "[" * format_.listed)] if format_.opening or format_.listed else []
    closing = [text("]" * format_.listed + format_.closing)] if format_.closing or format_.listed else []
    if format_.listed:
        return sequence(*opening, _several(body, ", "), *closing)
    one = sequence(*opening, body, *closing)
    return one if format_.again is None else _several(one, format_.again)


def _several(one: Expression, between: str) -> Expression:
    whole = one
    for _ in range(MOST_CALLS - 1):
        whole = sequence(one, choice(sequence(), sequence(text(between), whole)))
    return whole


def _one_of(toolbox: Toolbox, key: str) -> Expression:
    """A call of any of the tools, as JSON."""
    names, areas = words(toolbox.names), words(toolbox.areas)
    calls = []
    for tool in toolbox.tools:
        if tool.takes:
            calls.append(sequence(text(f'{tool.name}", "{key}": '), _arguments(tool), text("}")))
            continue
        values = [_value(one, names, areas) for one in tool.parameters]
        fields = [
            (one.needed, sequence(text(f'"{one.name}": '), value))
            for one, value in zip(tool.parameters, values, strict=True)
            if value is not None
        ]
        if sum(needed for needed, _ in fields) < sum(one.needed for one in tool.parameters):
            continue  # it needs what the house has not
        needed = frozenset(index for index, (is_needed, _) in enumerate(fields) if is_needed)
        arguments = Fields(tuple(field for _, field in fields), text(", "), needed)
        calls.append(sequence(text(f'{tool.name}", "{key}": {{'), arguments, text("}}")))
    return sequence(text('{"name": "'), choice(*calls))


def _arguments(tool: Tool) -> Expression:
    """The arguments of a tool that brings a schema, which are an object whatever else that says. Raises `LlmError`."""
    takes = json.loads(tool.takes)
    return grammar_of({**takes, "type": "object"}) if takes else any_object()


def _value(one: Parameter, names: Words, areas: Words) -> Expression | None:
    """What stands after the colon; None where there is nothing to choose from."""
    match one.kind:
        case Kind.INTEGER:
            return words([str(number) for number in range(one.minimum, one.maximum + 1, one.step)])
        case Kind.NUMBER:
            halves = range(2 * one.minimum, 2 * one.maximum + 1)
            return words([str(half / 2) if half % 2 else str(half // 2) for half in halves])
        case Kind.TEXT:
            return sequence(text('"'), Characters(1, LONGEST_TEXT), text('"'))
        case Kind.DEVICE:
            options = names
        case Kind.AREA:
            options = areas
        case Kind.CHOICE:
            options = words(one.values)
    return sequence(text('"'), options, text('"')) if options.options else None


def written_calls(format_: Format, calls: Sequence[ToolCall]) -> list[tuple[str, bool]]:
    """Calls as the model would have written them: pieces of text, and whether each is a mark."""
    objects = [
        json.dumps({"name": call.name, format_.arguments: dict(call.arguments)}, ensure_ascii=False) for call in calls
    ]
    if format_.listed:
        return [(f"{format_.opening}[", True), (", ".join(objects), False), (f"]{format_.closing}", True)]
    pieces: list[tuple[str, bool]] = []
    for made in objects:
        pieces += [(format_.again or "\n", True)] if pieces else []
        pieces += [(format_.opening, True), (made, False), (format_.closing, True)]
    return [(piece, is_mark) for piece, is_mark in pieces if piece]


def calls_in(written: str, *, nested: bool = False) -> tuple[ToolCall, ...]:
    """The calls in what was written under a grammar; nothing where it was cut short or is something else.

    `nested`: arguments may be more than texts and numbers.
    """
    calls: list[ToolCall] = []
    decoder = json.JSONDecoder()
    at = written.find("{")
    while at >= 0:
        try:
            made, at = decoder.raw_decode(written, at)
        except (ValueError, RecursionError):
            return ()
        call = _call(made, nested=nested)
        if call is None:
            return ()
        calls.append(call)
        at = written.find("{", at)
    return tuple(calls[:MOST_CALLS])


def _call(made: Any, *, nested: bool) -> ToolCall | None:
    if not isinstance(made, dict) or not isinstance(made.get("name"), str):
        return None
    arguments = made.get("arguments", made.get("parameters"))
    if not isinstance(arguments, dict):
        return None
    plain = {str(key): one for key, one in arguments.items() if nested or isinstance(one, str | int | float)}
    return ToolCall(made["name"], plain) if len(plain) == len(arguments) else None
