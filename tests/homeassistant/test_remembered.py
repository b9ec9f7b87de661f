"""What was known is kept for when Home Assistant is down."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.registry import Registry
from edge.homeassistant.household import Household
from edge.homeassistant.model import Known, Place
from edge.homeassistant.remembered import Remembered, kept, load, save
from tests.homeassistant.fake import FakeHomeAssistant
from tests.homeassistant.home import home_of, read, until

TOLD = Remembered(
    floors={"ground": Place("ground", "Ground floor")},
    areas={"den": Place("den", "Den", ("Study",), "ground")},
    known={
        "light.desk": Known(
            "light.desk",
            "Desk",
            area="den",
            aliases=("Lamp",),
            features=frozenset({"turn_on", "turn_off"}),
            options={"effects": ("rainbow",), "min_color_temp_kelvin": 2000},
            platform="hue",
            unique_id="1",
            connections=frozenset({("mac", "00:11:22:33:44:55")}),
        )
    },
    ids={"light.desk": "light.desk_2"},
)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "kept.json", TOLD)
    assert load(tmp_path / "kept.json") == TOLD


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99}', b"\xff", b"[" * 100_000, b'{"version": 1}'])
def test_a_damaged_file_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept.json").write_bytes(content)
    assert load(tmp_path / "kept.json") == Remembered()
    assert load(tmp_path / "none.json") == Remembered()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, JSON, JSON)
def test_whatever_stands_in_the_file_raises_nothing(tmp_path_factory: pytest.TempPathFactory, a, b, c) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path_factory.mktemp("kept") / "kept.json"
    entity = {"entity": "light.desk", "name": "Desk", "options": a, "aliases": b, "features": c, "connections": [a, b]}
    file.write_text(json.dumps({"version": 1, "entities": [entity, a], "areas": b, "floors": [c], "ids": a}))
    assert load(file).known["light.desk"].name == "Desk"


async def test_devices_are_listed_as_unavailable_until_they_are_heard_of() -> None:
    registry = Registry()
    household = Household(registry)
    household.remember(TOLD)
    await until(lambda: not household.is_behind)
    desk = registry.devices["light.desk_2"]
    assert (desk.name, desk.area, desk.aliases) == ("Desk", "den", ("Lamp",))
    assert registry.areas["den"].floor == "ground"
    assert not registry.state("light.desk_2").available
    assert registry.state("light.desk_2").state is None


@pytest.fixture
async def fake() -> AsyncIterator[FakeHomeAssistant]:
    async with FakeHomeAssistant() as running:
        running.add("light.desk", "on", {"friendly_name": "Desk"}, entry={"platform": "hue"})
        yield running


async def test_what_is_gone_when_it_is_back_is_taken_out(fake: FakeHomeAssistant) -> None:
    async with home_of(fake) as home:
        old = Known("light.old", "Old")
        home.household.remember(Remembered(known=TOLD.known | {"light.old": old}, ids=TOLD.ids))
        await read(home)
        await until(lambda: "light.old" not in home.registry.devices)
        assert home.state("light.desk_2") == "on", "a device keeps the id it had"


async def test_it_is_saved_at_the_end_and_only_where_it_changed(tmp_path: Path) -> None:
    now = Remembered()
    async with kept(tmp_path / "kept.json", lambda: now):
        await asyncio.sleep(0)
    assert not (tmp_path / "kept.json").exists()
    async with kept(tmp_path / "kept.json", lambda: now):
        now = TOLD
    assert await asyncio.to_thread(load, tmp_path / "kept.json") == TOLD
