"""What there is to say of a model in the store: what it is, whether it is used, whether it fits this machine."""

from typing import Any

from edge.errors import EdgeError
from edge.models import GgufHeader, Kind, ModelStore, StoredModel
from edge.progress import size
from edge.tuning.hardware import probe
from edge.tuning.plan import PlanError, fit


def facts(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    """Everything that is known of it; `error` in place of its shape when its files can't be used."""
    try:
        return {**stored(store, model), **shape(store, store.check(model))}
    except EdgeError as error:
        return {**stored(store, model), "error": str(error)}


def stored(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    """What the store knows of it."""
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


def shape(store: ModelStore, model: StoredModel) -> dict[str, Any]:
    """What its files say, and whether it fits. Raises `EdgeError`."""
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
