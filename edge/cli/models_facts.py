"""What `edge models` says of a model in the store: for people in a row, for machines in JSON."""

import json
from typing import Any, Final

from edge.models import Kind, ModelStore, StoredModel
from edge.progress import number, size
from edge.tuning.installed import facts, shape, stored

__all__ = ["COLUMNS", "facts", "row", "tell"]

COLUMNS: Final = ("", "NAME", "KIND", "SIZE", "PARAMETERS", "TYPE", "CONTEXT", "HERE")


def tell(store: ModelStore, model: StoredModel, as_json: bool, what: str) -> int:
    """Say what became of a model; 0."""
    fact = {**stored(store, model), **shape(store, model)}
    if as_json:
        print(json.dumps(fact, indent=2))
        return 0
    if model.kind is not Kind.LANGUAGE:
        print(f"{model.name}: {what}, a {model.kind.words}, {size(model.size_bytes)}")
    else:
        told = f"{number(fact['parameters'])} parameters, {fact['quantisation']}, {size(model.size_bytes)}"
        print(f"{model.name}: {what}, {told}")
        print(fact["here"])
    if not fact["in_use"]:
        print(f"use it with `edge models use {model.name}`")
    return 0


def row(fact: dict[str, Any]) -> tuple[str, ...]:
    """A line of the list."""
    mark = "*" if fact["in_use"] else ""
    first = (mark, fact["name"], fact["kind"], size(fact["size_bytes"]))
    if "error" in fact:
        return *first, "", "", "", fact["error"]
    if fact["kind"] != Kind.LANGUAGE:
        return *first, "", "", "", fact["here"]
    return *first, number(fact["parameters"]), fact["quantisation"], str(fact["n_ctx_train"]), fact["here"]
