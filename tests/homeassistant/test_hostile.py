"""Whatever comes from the other side, nothing breaks and nothing grows without end."""

import asyncio
import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.devices.registry import Registry
from edge.homeassistant import registries
from edge.homeassistant.describing import describe, is_device, state_of
from edge.homeassistant.household import Household
from edge.homeassistant.model import Reading
from edge.homeassistant.places import Places
from edge.homeassistant.session import Session
from edge.homeassistant.wire import MessageError, read

WORDS = st.sampled_from(
    (
        *("id", "type", "event", "result", "success", "error", "a", "c", "r", "s", "+", "-", "light.desk", "data"),
        *("entity_id", "name", "aliases", "floor_id", "area_id", "attributes", "state", "options", "conversation"),
        *("supported_features", "friendly_name", "unique_id", "exposed_entities", "should_expose", "old_entity_id"),
        *("action", "update", "changes", "new_state", "unit_system", "temperature", "identifiers", "effect_list"),
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=6),
    max_leaves=30,
)


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(MessageError):
        read(text)


@given(JSON)
def test_any_registry_is_read(value: Any) -> None:
    for reader in (
        *(registries.floors, registries.areas, registries.labels, registries.gadgets, registries.entry),
        *(registries.exposed, registries.full_state, registries.compressed_state),
    ):
        for given_value in (value, [value], {"light.desk": value}, {"exposed_entities": value}, {"options": value}):
            reader(given_value)
    places = Places(Registry())
    places.put(registries.floors([value]), registries.areas([{"area_id": "x", "name": "X", "floor_id": value}]))


@given(JSON, JSON)
def test_any_entity_is_described(entry: Any, attributes: Any) -> None:
    known = registries.entry({"entity_id": "light.desk", **(entry if isinstance(entry, dict) else {})})
    reading = registries.compressed_state({"s": "on", "a": attributes})
    assert reading is not None
    changed = registries.changed_state(reading, {"+": entry, "-": attributes})
    for entity in ("light.desk", "climate.den", "sensor.x"):
        is_device(entity, known, None)
        state_of(changed)
        assert describe(entity, known, None, changed, {}, "°C").name


@given(st.lists(JSON, max_size=6))
def test_any_event_of_states_is_taken(events: list[Any]) -> None:
    async def take() -> None:
        household = Household(Registry())
        mirror = household.mirror
        mirror._taken.add("light.desk")
        mirror.is_complete = mirror._running = True
        for event in events:
            for told in (event, {"a": {"light.desk": {"s": "on", "a": event}}}, {"c": {"light.desk": event}}):
                mirror._on_states(told)
                mirror._on_change(told)
        while household.is_behind:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0)
        assert mirror.readings.keys() <= {"light.desk"}

    asyncio.run(take())


@given(st.lists(st.text() | JSON.map(json.dumps), max_size=10))
def test_a_session_outlives_any_frame(frames: list[str]) -> None:
    async def take() -> None:
        async def send(_text: str) -> None:
            pass

        session = Session(send, "2026.2")
        calls = [asyncio.ensure_future(session.call("x", timeout_s=0.01)) for _ in range(3)]
        await asyncio.sleep(0)
        for frame in frames:
            session.receive(frame)
        session.end("over")
        await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(take())


def test_a_great_many_attributes_are_cut() -> None:
    crowd = {f"a{number}": number for number in range(10_000)}
    assert len(state_of(Reading("on", crowd)).attributes) <= 200
