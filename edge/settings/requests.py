"""`[requests]`: what is kept of who asked for what."""

from typing import Annotated

from pydantic import Field

from edge.settings.base import Table


class RequestsSettings(Table):
    """The log that `edge log requests` shows."""

    keep: bool = True
    text: bool = True
    """Whether the words are kept, those of the request and those of the reply; what was done is kept in any case."""
    most_bytes: Annotated[int, Field(ge=256 * 1024, le=1 << 32)] = 16 * 1024 * 1024
    """How large the file may become; the oldest goes first."""
