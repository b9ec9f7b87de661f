"""`[homeassistant]`: a Home Assistant whose devices are the house's too."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from edge.settings.base import Table, like

_ADDRESS = r"https?://([^\s/@:\[\]]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[^\s?#]*)?"


class HomeAssistantSettings(Table):
    """Where it is, what lets us in, what is taken from it."""

    enabled: bool = True
    """False leaves it alone without forgetting where it is."""
    url: Annotated[str, like(_ADDRESS, "an address such as http://homeassistant.local:8123")] | None = None
    """None: there is no Home Assistant, or none to be spoken to."""
    token: str | None = Field(default=None, repr=False)
    token_file: Path | None = None
    """A file whose first line is a long-lived access token, used in place of `token`, which others may read."""
    verify_tls: bool = True
    ca_file: Path | None = None
    exposed_only: bool = True
    """Whether only what is exposed to assistants there is taken."""
    prefer: Literal["mqtt", "homeassistant"] = "mqtt"
    """Which way is used for devices that have both, while it works."""

    @field_validator("url")
    @classmethod
    def _no_slash_at_the_end(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value
