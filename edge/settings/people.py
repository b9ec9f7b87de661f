"""`[[sources]]` and `[guests]`: who may order and ask what."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.settings.base import Name, Table

_UNNAMED = ("mqtt",)


class SourceSettings(Table):
    """`[[sources]]`: what whoever asks from somewhere may do. Without an entry it may do everything."""

    source: Literal["http", "mqtt", "voice", "wyoming", "cli", "home_assistant"]
    name: Name | None = None
    """A token's name, a satellite's, a Wyoming client's address; none: all of that source that have no entry."""
    may: tuple[Name, ...] | None = None
    """Domains, device ids, functions and groups of functions; none: everything."""
    may_not: tuple[Name, ...] = ()
    """What it neither may do nor ask about, of the same."""
    areas: tuple[Name, ...] | None = None
    """Ids or names of the areas whose devices it may move and ask about; none: all."""
    guest: bool = False
    """Whether whoever asks there is a visitor, always."""
    area: Name | None = None
    """Where it is, for requests that don't say: an area's id or name."""

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.name is not None and self.source in _UNNAMED:
            raise ValueError(f"expected no name with source {self.source!r}: whoever writes there can't be told apart")
        return self


class GuestSettings(Table):
    """`[guests]`: what visitors may do while guest mode is on."""

    always: bool = False
    """Whether everybody is one who has not proved who they are."""
    may: tuple[Name, ...] | None = None
    """In place of what they may otherwise."""
    may_not: tuple[Name, ...] | None = None
    least_celsius: Annotated[float, Field(ge=5, le=30)] = 16.0
    """Between these two they may set heating and cooling."""
    most_celsius: Annotated[float, Field(ge=10, le=35)] = 24.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_celsius > self.most_celsius:
            raise ValueError("expected least_celsius below most_celsius")
        return self
