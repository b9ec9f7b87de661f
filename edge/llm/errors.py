"""What goes wrong with a language model."""

from edge.errors import EdgeError


class LlmError(EdgeError):
    """The language model can't answer, or stopped answering; the message says why and what happens next."""
