"""Guest mode and quiet over the control socket."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from edge.api.control import Request
from edge.api.people_answers import people_answers
from edge.api.wire import ControlError

NOW = datetime(2025, 3, 14, 18, 30, tzinfo=UTC)
"""A Friday."""


class Household:
    """Remembers what was set."""

    def __init__(self) -> None:
        self.set: list[tuple[str, bool, datetime | None]] = []

    def facts(self) -> Mapping[str, Any]:
        return {"guests": bool(self.set)}

    def now(self) -> datetime:
        return NOW

    async def set_guests(self, present: bool, until: datetime | None) -> None:
        self.set.append(("guests", present, until))

    async def set_quiet(self, until: datetime | None) -> None:
        self.set.append(("quiet", until is not None, until))


async def asked(household: Household, do: str, **fields: str) -> Mapping[str, Any]:
    async def nowhere(piece: Mapping[str, Any]) -> None: ...

    return await people_answers(household)[do](Request({"do": do, **fields}, 0, nowhere))


async def test_without_a_wish_it_only_tells() -> None:
    household = Household()
    assert await asked(household, "guests") == {"guests": False}
    assert await asked(household, "quiet") == {"guests": False}
    assert household.set == []


@pytest.mark.parametrize(
    ("do", "fields", "expected"),
    [
        ("guests", {"set": "on"}, ("guests", True, None)),
        ("guests", {"set": "on", "until": "Sunday"}, ("guests", True, datetime(2025, 3, 17, tzinfo=UTC))),
        ("guests", {"set": "off"}, ("guests", False, None)),
        ("quiet", {"set": "on", "until": "eight"}, ("quiet", True, datetime(2025, 3, 14, 20, tzinfo=UTC))),
        ("quiet", {"set": "on"}, ("quiet", True, datetime(2025, 3, 15, 7, tzinfo=UTC))),
        ("quiet", {"set": "off"}, ("quiet", False, None)),
    ],
)
async def test_it_is_set(do: str, fields: dict[str, str], expected: tuple[str, bool, datetime | None]) -> None:
    household = Household()
    await asked(household, do, **fields)
    assert household.set == [expected]


@pytest.mark.parametrize("fields", [{"set": "maybe"}, {"set": "on", "until": "the moon"}])
async def test_what_makes_no_sense_is_said(fields: dict[str, str]) -> None:
    household = Household()
    with pytest.raises(ControlError):
        await asked(household, "guests", **fields)
    assert household.set == []
