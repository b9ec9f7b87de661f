"""The OpenAPI description of all routes, made of the table and of the models that read their requests."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from edge.api.http.errors import Style
from edge.api.http.routes import JSON, Route

REASONS: Final = {
    200: "Done",
    400: "The request is wrong; the message names the field",
    401: "A token is needed, or the one that was sent is unknown",
    403: "Another host's or another origin's request",
    404: "There is no such model",
    408: "The body took too long",
    409: "Another model is in use",
    413: "The body is too large",
    415: "The body is compressed",
    429: "Too many requests of this client wait",
    503: "It can't be done now; Retry-After says when to ask again",
}
ALWAYS: Final = (401, 403, 503)
WITH_BODY: Final = (400, 408, 413, 415)
_TEXT: Final = {"type": "string"}
_PLAIN: Final = {"type": "object", "required": ["error"], "properties": {"error": _TEXT}}
_OPENAI: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type"],
            "properties": {"message": _TEXT, "type": _TEXT, "param": {}, "code": {}},
        }
    },
}


def describe(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The document."""
    taken = {route.takes for route in routes if route.takes is not None}
    names, schemas = models_json_schema(
        [(kind, "validation") for kind in sorted(taken, key=lambda kind: f"{kind.__module__}.{kind.__name__}")],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        body = names[(route.takes, "validation")] if route.takes is not None else None
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "edge", "version": version, "description": "A private assistant for a house"},
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Error": _PLAIN, "OpenAiError": _OPENAI},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        # On loopback nobody needs a token.
        "security": [{"token": []}, {}],
    }


def _operation(route: Route, body: Any) -> dict[str, Any]:
    error = "OpenAiError" if route.style is Style.OPENAI else "Error"
    failed = {} if route.method == "HEAD" else {JSON: {"schema": {"$ref": f"#/components/schemas/{error}"}}}
    good = {media: {"schema": schema} for media, schema in route.gives.items()}
    statuses = {*ALWAYS, *route.fails, *(WITH_BODY if body or route.form else ())}
    responses: dict[str, Any] = {"200": {"description": REASONS[200], **({"content": good} if good else {})}}
    for status in sorted(statuses):
        responses[str(status)] = {"description": REASONS[status], **({"content": failed} if failed else {})}
    operation: dict[str, Any] = {"summary": route.summary, "tags": [route.style.value], "responses": responses}
    operation["operationId"] = f"{route.method.lower()}{re.sub(r'[^a-z0-9]+', '_', route.path)}".rstrip("_")
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    elif route.form is not None:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": route.form}}}
    if names := re.findall(r"\{(\w+)\}", route.path):
        operation["parameters"] = [{"name": one, "in": "path", "required": True, "schema": _TEXT} for one in names]
    return operation
