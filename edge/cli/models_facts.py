"""What `edge models` says of a model in the store: for people in a row, for machines in JSON."""

import json
from typing import Any, Final

from edge.cli.progress import number, size
from edge.errors import EdgeError
from edge.models import GgufHeader, Kind, ModelStore, StoredModel
from edge.tuning import PlanError, fit, probe

COLUMNS: Final = ("", "NAME", "KIND", "SIZE", "PARAMETERS", "TYPE", "CONTEXT", "HERE")


def facts(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    """Everything that is known of it; `error` in place of its shape when its files can't be used."""
    try:
        return {**_stored(store, model), **_shape(store, store.check(model))}
    except EdgeError as error:
        return {**_stored(store, model), "error": str(error)}


def tell(store: ModelStore, model: StoredModel, as_json: bool, what: str) -> int:
    """Say what became of a model; 0."""
    fact = {**_stored(store, model), **_shape(store, model)}
    if as_json:
        print(json.dumps(fact, indent=2))
        return 0
    if model.kind is not Kind.LANGUAGE:
        print(f"{model.name}: {what}, a {model.kind.words}, {size(model.size_bytes)}")
    else:
        shape = f"{number(fact['parameters'])} parameters, {fact['quantisation']}, {size(model.size_bytes)}"
        print(f"{model.name}: {what}, {shape}")
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


def _stored(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    used = store.in_use(model.kind)
    return {
        "name": model.name,
        "kind": model.kind.value,
        "path": str(model.path),
        "in_use": used is not None and used.name == model.name,
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "origin": model.origin,
        "license": model.license,
    }


def _shape(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    if model.kind is not Kind.LANGUAGE:
        return {"here": f"{len(model.files)} files" if len(model.files) > 1 else "1 file"}
    header = store.header(model)
    return {
        "title": header.name,
        "architecture": header.architecture,
        "parameters": header.n_params,
        "quantisation": header.quantisation,
        "n_ctx_train": header.n_ctx_train,
        "license": model.license or header.license,
        **_fitting(header),
    }


def _fitting(header: GgufHeader) -> dict[str, Any]:
    try:
        plan = fit(header, probe())
    except PlanError as error:
        return {"fits": False, "here": str(error)}
    return {
        "fits": True,
        "here": f"fits with {plan.n_ctx} tokens of context in {size(plan.predicted_bytes)}",
        "n_ctx": plan.n_ctx,
        "predicted_bytes": plan.predicted_bytes,
    }
