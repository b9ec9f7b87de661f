"""The sandbox templates of others run in: Home Assistant's helpers, and limits on time, size and reach."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from edge.mqtt.jinja_helpers import FILTERS, GLOBALS, REMOVED_FILTERS, TESTS
from edge.mqtt.jinja_limits import (
    OUTPUT_LIMIT,
    LimitError,
    check_binary,
    check_call,
    concatenate,
    counted,
    joined,
    limited,
    spend,
    start_budget,
)
from edge.mqtt.templates import TemplateError

_LOOP: Final = " loop"
_CONCAT: Final = " concat"
"""Names no template can write: they stand in compiled templates where something is to be counted."""


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with loops and calls counted and growing values measured."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})
    concat = staticmethod(joined)

    def __init__(self) -> None:
        super().__init__(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"], cache_size=0)
        for name in REMOVED_FILTERS:
            self.filters.pop(name, None)
        self.globals.pop("lipsum", None)
        self.globals.update(GLOBALS)
        self.filters.update(FILTERS)
        self.filters[_LOOP] = limited
        self.filters[_CONCAT] = concatenate
        self.tests.update(TESTS)
        filters: dict[str, Any] = dict(self.filters)
        tests: dict[str, Any] = dict(self.tests)
        self.filters = {name: counted(function) for name, function in filters.items()}
        self.tests = {name: counted(function) for name, function in tests.items()}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _guard(tree)
        return tree

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        check_binary(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        spend(1)
        check_call(obj, args, kwargs)
        return super().call(context, obj, *args, **kwargs)


def _guard(tree: nodes.Template) -> None:
    """Count every loop, measure every `~`, refuse what reaches outside."""
    for node in tree.find_all((nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)):
        raise jinja2.TemplateSyntaxError("templates here can't load others", node.lineno)
    for loop in tree.find_all(nodes.For):
        if loop.recursive:
            raise jinja2.TemplateSyntaxError("recursive loops are not taken", loop.lineno)
        loop.iter = nodes.Filter(loop.iter, _LOOP, [], [], None, None, lineno=loop.lineno)
    _replace_concatenations(tree)


def _replace_concatenations(node: nodes.Node) -> None:
    for field, value in node.iter_fields():
        if isinstance(value, list):
            value[:] = [_replaced(item) for item in value]
        elif isinstance(value, nodes.Node):
            setattr(node, field, _replaced(value))


def _replaced(item: Any) -> Any:
    if not isinstance(item, nodes.Node):
        return item
    _replace_concatenations(item)
    if isinstance(item, nodes.Concat):
        pieces = nodes.List(item.nodes, lineno=item.lineno)
        return nodes.Filter(pieces, _CONCAT, [], [], None, None, lineno=item.lineno)
    return item


_ENVIRONMENT: Final = _Environment()


def compile_template(source: str) -> jinja2.Template:
    """Raises `TemplateError` with the place of a mistake in the syntax."""
    start_budget()
    try:
        return _ENVIRONMENT.from_string(source)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"template, line {error.lineno}: {error.message}") from error
    except (
        jinja2.TemplateError,
        ValueError,
        TypeError,
        RecursionError,
        SyntaxError,
        MemoryError,
        OverflowError,
    ) as error:
        raise TemplateError(f"template can't be compiled: {error}") from error


def render(compiled: jinja2.Template, variables: Mapping[str, Any]) -> str:
    """The text, stripped. Raises `TemplateError`, with `undefined` set where Home Assistant takes the payload as is."""
    start_budget()
    try:
        context = compiled.new_context(dict(variables))
        return "".join(_measured(compiled.root_render_func(context))).strip()
    except LimitError as error:
        raise TemplateError(str(error)) from error
    except jinja2.TemplateError as error:
        raise TemplateError(f"template: {error}", undefined=True) from error
    except Exception as error:  # whatever a stranger's template brings up stays here
        raise TemplateError(f"template: {type(error).__name__}: {error}") from error


def _measured(pieces: Iterable[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > OUTPUT_LIMIT:
            raise LimitError(f"the template writes more than {OUTPUT_LIMIT} characters")
        yield piece
