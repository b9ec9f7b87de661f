"""The settings' JSON schema for the form of the page, with what the code says of each key beside it."""

import ast
import inspect
import linecache
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

SECRETS: Final = {"mqtt.password": "password_file", "confirm.pin": "pin_file", "homeassistant.token": "token_file"}
"""Keys that are never sent to a page; beside each the key that names a file with it."""
ELSEWHERE: Final = frozenset({"version", "update", "backup"})
"""Not set on the page: `edge.settings.loading.ROOTS` says why."""


def settings_schema() -> dict[str, Any]:
    """JSON schema of the whole tree. Takes some 50 ms; blocks."""
    from edge.settings.model import Settings

    schema = Settings.model_json_schema()
    models: set[type[BaseModel]] = {Settings, *_tables(Settings)}
    for model in models:
        table = schema if model is Settings else schema["$defs"].get(model.__name__)
        for key, said in _said(model).items():
            if table is not None and key in table["properties"]:
                table["properties"][key]["description"] = said
    linecache.clearcache()  # the code itself need not stay in memory
    for key in ELSEWHERE:
        schema["properties"].pop(key, None)
    for dotted in SECRETS:
        table_name, _, key = dotted.partition(".")
        _table(schema, table_name)["properties"][key]["writeOnly"] = True
    return schema


def _table(schema: dict[str, Any], name: str) -> dict[str, Any]:
    table: dict[str, Any] = schema["$defs"][schema["properties"][name]["$ref"].rpartition("/")[2]]
    return table


def _tables(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield inner
                yield from _tables(inner)


def _said(model: type[BaseModel]) -> dict[str, str]:
    """The sentences that stand behind the keys in the code; none where that is not there."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}
    if not isinstance(tree, ast.ClassDef):
        return {}
    found = {}
    key = ""
    for one in tree.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            key = one.target.id
        elif key and isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
            found[key] = _for_people(str(one.value.value))
            key = ""
        else:
            key = ""
    return found


def _for_people(text: str) -> str:
    """Without the marks of code; what is not set is an empty field there."""
    plain = " ".join(text.split()).replace("`", "")
    return re.sub(r"\b([Nn])one:", lambda found: "Empty:" if found[1] == "N" else "empty:", plain)
