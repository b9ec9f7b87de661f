"""The chat template of a model file, rendered in a sandbox: turns in, pieces of prompt out.

A template is a program that came with the weights, so it may loop, allocate or reach for what it should not. It is
rendered by Jinja's immutable sandbox in the worker process, with little time and memory. What people said never enters
it: each text is a mark in the rendering, put in afterwards, so that no text can become a control token.
"""

import json
import re
import resource
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import jinja2
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from edge.llm.errors import LlmError
from edge.llm.toolcalls import WORDS, Manner, manner_of, told_in_system, told_in_words
from edge.llm.tools import Toolbox, schema

MAX_RENDERED: Final = 1 << 20
MAX_NUMBER: Final = 1 << 64
RENDER_S: Final = 2.0
RENDER_BYTES: Final = 64 << 20
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


class TemplateError(LlmError):
    """The model's chat template can't be used; the message says why."""


class TemplateCostError(TemplateError):
    """The template takes more time or memory than any honest one: not worth another try."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the prompt: the template's own words, which may hold control tokens, or what somebody said."""

    text: str
    said: bool


class ChatTemplate:
    """Renders conversations as a model was taught to read them."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        """Compile `source`; raises `TemplateError` when it is no template or can't render a plain conversation."""
        environment = _Sandbox(trim_blocks=True, lstrip_blocks=True, optimized=False, extensions=[loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals.update(bos_token=bos, eos_token=eos, raise_exception=_raise)
        with _limits(), _explained():
            self._template = environment.from_string(source)
        try:
            self._takes_system = self._shows_all([("system", "s"), ("user", "u")])
        except TemplateCostError:
            raise
        except TemplateError:
            self._takes_system = False
        if not self._shows_all([("user", "u"), ("assistant", "a"), ("user", "v")]):
            raise TemplateError("the model's chat template leaves out what was said")
        self.manner: Final[Manner] = manner_of(self._rendered, _mark, TemplateError)
        """How it has tools told, and how its model calls them."""

    def parts(
        self,
        instructions: str,
        turns: Sequence[tuple[str, str]],
        toolbox: Toolbox | None = None,
        *,
        think: bool = False,
    ) -> list[Part]:
        """The prompt for `turns` (role, text), ending where the assistant begins. Raises `TemplateError`.

        The instructions come first, as the system's words where the template knows a system, else with the first turn.
        A turn of the role `tool` tells the results of what the assistant's turn before it calls. `think`: whether a
        template that knows of it has the model think first.
        """
        told = "" if toolbox is None else "words" if toolbox.in_words else self.manner.told
        if toolbox and told == "words":
            instructions = f"{instructions}\n\n{told_in_words(toolbox, self.manner.format)}".strip()
        as_user = "" if self.manner.results else "user"
        messages: list[tuple[str, tuple[str, ...]]] = [
            (as_user or role, ("Result: ", text)) if role == "tool" and as_user else (role, (text,))
            for role, text in turns
        ]
        if (instructions or told == "system") and self._takes_system:
            messages.insert(0, ("system", (instructions,)))
        elif instructions and messages:
            # Apart, so that the instructions are the same tokens whatever follows them.
            role, texts = messages[0]
            messages[0] = (role, (f"{instructions}\n\n", *texts))
        asked: list[dict[str, Any]] = [{"role": role} for role, _ in messages]
        if toolbox and told == "system":
            asked[0]["tools"] = told_in_system(toolbox.tools)
        tools = list(map(schema, toolbox.tools)) if toolbox and told == "tools" else None
        rendered = self._rendered(asked, tools, think=think)
        parts: list[Part] = []
        at = 0
        for mark in _MARK.finditer(rendered):
            index = int(mark[1])
            if index >= len(messages):
                raise TemplateError("the model's chat template made up a turn")
            parts.append(Part(rendered[at : mark.start()], said=False))
            parts += [Part(text, said=True) for text in messages[index][1]]
            at = mark.end()
        parts.append(Part(rendered[at:], said=False))
        return [part for part in parts if part.text]

    def _shows_all(self, messages: Sequence[tuple[str, str]]) -> bool:
        rendered = self._rendered([{"role": role} for role, _ in messages], None)
        return all(_mark(index) in rendered for index in range(len(messages)))

    def _rendered(
        self, messages: Sequence[dict[str, Any]], tools: list[dict[str, Any]] | None, *, think: bool = False
    ) -> str:
        """The template's text; a message without content has the mark of its number there."""
        marked = [{"content": _mark(index), **message} for index, message in enumerate(messages)]
        with _limits(), _explained():
            return _joined(
                self._template.generate(messages=marked, add_generation_prompt=True, tools=tools, enable_thinking=think)
            )


def _mark(index: int) -> str:
    return f"{_OPEN}{index}{_CLOSE}"


def plain_parts(instructions: str, turns: Sequence[tuple[str, str]], toolbox: Toolbox | None = None) -> list[Part]:
    """A prompt for a model without a usable template: who speaks, a colon, what was said."""
    if toolbox:
        instructions = f"{instructions}\n\n{told_in_words(toolbox, WORDS.format)}".strip()
    parts = [Part(instructions, said=True), Part("\n\n", said=False)] if instructions else []
    for role, text in turns:
        parts += [Part(f"{role.capitalize()}:", said=False), Part(f" {text}", said=True), Part("\n", said=False)]
    return [*parts, Part("Assistant:", said=False)]


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, without arithmetic on numbers so big that one operation outlasts any timer."""

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "**", "%"))

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        """Compute with small numbers; powers have no place in a chat template."""
        if operator == "**" or any(isinstance(one, int) and abs(one) > MAX_NUMBER for one in (left, right)):
            raise TemplateError("the model's chat template computes with enormous numbers")
        return super().call_binop(context, operator, left, right)


def _joined(pieces: Iterator[str]) -> str:
    size, kept = 0, []
    for piece in pieces:
        size += len(piece)
        if size > MAX_RENDERED:
            raise TemplateError(f"the model's chat template writes more than {MAX_RENDERED} characters")
        kept.append(piece)
    return "".join(kept)


def _raise(message: object = "") -> NoReturn:
    raise TemplateError(f"the model's chat template refuses: {message}")


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=min(indent, 8) if indent else None)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn whatever a template raises, and it can raise anything, into a `TemplateError`."""
    try:
        yield
    except TemplateError:
        raise
    except TimeoutError as error:
        raise TemplateCostError(f"the model's chat template took more than {RENDER_S:g} s") from error
    except MemoryError as error:
        raise TemplateCostError(
            f"the model's chat template took more than {RENDER_BYTES >> 20} MB of memory"
        ) from error
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"the model's chat template is not valid Jinja: {error}".rstrip(".")) from error
    except Exception as error:
        raise TemplateError(
            f"the model's chat template failed: {type(error).__name__}: {error}"[:400].rstrip(".")
        ) from error


@contextmanager
def _limits() -> Iterator[None]:
    """Raise `TimeoutError` in the block after `RENDER_S`, `MemoryError` past `RENDER_BYTES`; main thread only."""

    def ring(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TimeoutError

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + RENDER_BYTES
    before = signal.signal(signal.SIGALRM, ring)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    timer = signal.setitimer(signal.ITIMER_REAL, RENDER_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)
