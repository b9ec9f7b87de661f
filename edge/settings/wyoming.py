"""`[wyoming]`: this machine's ears, voices, wake words and mind for Home Assistant and others."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge.settings.base import Name, Table


class WyomingSettings(Table):
    """Who may reach them, and what becomes of sentences. The protocol has no passwords."""

    enabled: bool = True
    host: Name = "127.0.0.1"
    """The address to listen at; 0.0.0.0: all of this machine, for everybody who can reach it."""
    port: Annotated[int, Field(ge=0, le=65535)] = 10_300
    """0: not there."""
    socket: Path | None = None
    """A Unix socket to listen at too, which only our own user may open."""
    satellite_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Where Home Assistant finds this machine's microphone and loudspeaker as a satellite of its own; 0: not there."""
    conversation: Literal["handle", "intent"] = "handle"
    """`handle`: sentences are carried out here; `intent`: Home Assistant is told what to carry out."""
    confirm: bool = False
    """Whether a yes from there is enough to unlock and open what is asked about; a PIN always is, where one is set."""
    announce: bool = True
    """Whether it is announced by zeroconf, where others than this machine can reach it."""
    most_connections: Annotated[int, Field(ge=2, le=1024)] = 32
