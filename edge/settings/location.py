"""`[location]`: where the house is."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.settings.base import Table


class LocationSettings(Table):
    """Where the sun is looked for; nobody is told."""

    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    """Degrees north; south is negative."""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    """Degrees east; west is negative."""
    elevation_m: Annotated[float, Field(ge=-500, le=9000)] = 0.0
    """Metres above the sea."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("expected both latitude and longitude, found one")
        return self
