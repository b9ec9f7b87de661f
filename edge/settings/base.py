"""What the tables of the settings are made of."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def like(pattern: str, expected: str) -> AfterValidator:
    """Text that matches as a whole; the message says in words what was expected."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(f"expected {expected}, found {value[:60]!r}")
        return value

    return AfterValidator(check)


Slug = Annotated[str, like(r"[a-z0-9_-]{1,64}", "at most 64 of a-z, 0-9, _ and -")]
DeviceId = Annotated[str, like(r"[a-z_]+\.[a-z0-9_]{1,200}", "domain.object_id such as light.kitchen")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
TopicName = Annotated[str, like(r"[^#+\x00]{1,400}", "a topic without + and #")]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class Table(BaseModel):
    """A table of the file: unknown keys are refused, so that a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=10_000)
