"""What goes wrong with a language model."""

from edge.errors import EdgeError


class LlmError(EdgeError):
    """The language model can't answer, or stopped answering; the message says why and what happens next."""


class LlmBusy(LlmError):  # noqa: N818 - a state, not a fault
    """Too many wait for an answer already: later there may be room."""


class LlmNotReady(LlmError):  # noqa: N818
    """There is no model that could answer now."""


class LlmRefused(LlmError):  # noqa: N818
    """The request itself can't be answered, now or later: it is too long, or asks for what can't be."""
