"""What views share: a request's query as a model, and the answers of the control socket for who asks over the page."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from edge.api.control import Request
from edge.api.http.errors import HttpError
from edge.api.http.routes import Call
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.api.control import Answer

_Model = TypeVar("_Model", bound=BaseModel)


def query(call: Call, kind: type[_Model]) -> _Model:
    """What stands behind the question mark. Raises `HttpError` (400) that names the field."""
    try:
        return kind.model_validate(dict(call.request.query))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        at = ".".join(str(step) for step in first["loc"])[:200]
        raise HttpError(400, f"{at}: {first['msg']}", param=at) from error


async def done(answers: "Mapping[str, Answer]", what: str, **arguments: Any) -> Mapping[str, Any]:
    """What the control socket answers. Raises `HttpError`: 409 with what it refuses, 404 where nothing answers so."""
    answer = answers.get(what)
    if answer is None:
        raise HttpError(404, f"this service has no {what.replace('_', ' ')}")
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        return await answer(Request(given, os.getuid(), _nobody))
    except EdgeError as error:
        raise error if isinstance(error, HttpError) else HttpError(409, str(error)) from error


async def _nobody(piece: Mapping[str, Any]) -> None:
    """Takes pieces that are sent before the end."""
