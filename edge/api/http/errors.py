"""What goes wrong over HTTP, and how each interface has it told."""

from enum import StrEnum
from typing import Any

from edge.errors import EdgeError
from edge.llm.errors import LlmBusy, LlmNotReady, LlmRefused


class Style(StrEnum):
    """Whose interface a route belongs to."""

    OLLAMA = "ollama"
    OPENAI = "openai"
    EDGE = "edge"


class HttpError(EdgeError):
    """An answer other than 200; the message says what, where and what to do."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_s: float | None = None,
    ) -> None:
        """`param`: the field of the request that is to blame; `retry_s`: when another try may go well."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.retry_s = retry_s

    @property
    def headers(self) -> dict[str, str]:
        """What goes with it."""
        headers = {} if self.retry_s is None else {"Retry-After": str(max(1, round(self.retry_s)))}
        return headers | ({"WWW-Authenticate": 'Bearer realm="edge"'} if self.status == 401 else {})


def told(error: HttpError, style: Style) -> dict[str, Any]:
    """The error as the interface's clients read it."""
    if style is not Style.OPENAI:
        return {"error": str(error)}
    kind = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}.get(error.status)
    kind = kind or ("server_error" if error.status >= 500 else "invalid_request_error")
    return {"error": {"message": str(error), "type": kind, "param": error.param, "code": error.code}}


def from_edge(error: EdgeError) -> HttpError:
    """What a subsystem complains of, with the status that fits."""
    match error:
        case HttpError():
            return error
        case LlmBusy():
            return HttpError(503, str(error), code="busy", retry_s=5)
        case LlmNotReady():
            return HttpError(503, str(error), code="model_not_ready", retry_s=10)
        case LlmRefused():
            code = "context_length_exceeded" if "too long" in str(error) else "invalid_value"
            return HttpError(400, str(error), code=code)
        case _:
            return HttpError(503, str(error), code="unavailable", retry_s=10)
