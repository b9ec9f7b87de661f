import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors.alarms import AlarmBook, AlarmRule, Condition, Relation
from edge.sensors.alarms.codec import alarm_from, mute_from, rule_from, to_json
from edge.sensors.alarms.errors import AlarmError
from edge.sensors.alarms.keeper import Keeper
from edge.sensors.alarms.words import Moments
from tests.sensors.alarms.makers import NOON_S, Desk

RULE = AlarmRule(
    "r1",
    ("sensor.a", "sensor.b"),
    Relation.ABOVE,
    30.0,
    hold_s=600,
    from_minute=1320,
    to_minute=420,
    said="warn me …",
    also=(Condition(("binary_sensor.window",), Relation.IS, "on"),),
)


def book() -> AlarmBook:
    return AlarmBook(Moments(lambda: NOON_S))


async def test_what_was_settled_is_there_after_a_kill(tmp_path: Path) -> None:
    desk = Desk()
    file = tmp_path / "alarms.sqlite"
    async with Keeper(file, desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        desk.book.add_rule(RULE)
        desk.book.mute("sensor.b", 3600)
        await keeper.settled()
        copy = tmp_path / "copy.sqlite"  # as the disk was when the power went
        for suffix in ("", "-wal"):
            copy.with_name(copy.name + suffix).write_bytes(file.with_name(file.name + suffix).read_bytes())
        other = book()
        async with Keeper(copy, other) as again:
            await again.loaded()
            assert other.all() == desk.book.all()
            assert other.rules() == (RULE,)
            assert other.mutes() == desk.book.mutes()


async def test_what_has_left_is_history_and_remembered_for_how_seldom_it_is(tmp_path: Path) -> None:
    desk = Desk()
    async with Keeper(tmp_path / "alarms.sqlite", desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        desk.ends()
        desk.book.acknowledge("all")
        desk.pass_s(7200)
        assert [one.sensor for one in await keeper.history()] == ["sensor.freezer"]
    later = Desk(NOON_S + 5 * 86_400)
    async with Keeper(tmp_path / "alarms.sqlite", later.book) as keeper:
        await keeper.loaded()
        later.begins()
        assert later.book.active()[0].text.endswith("It is the first time in 5 days.")


async def test_a_damaged_file_is_set_aside_and_what_is_known_kept_in_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "alarms.sqlite"
    file.write_bytes(b"nothing of the kind" * 500)
    desk = Desk()
    async with Keeper(file, desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        await keeper.settled()
        assert keeper.facts()["set_aside"]
        assert keeper.facts()["trouble"] == ""
    other = book()
    async with Keeper(file, other) as keeper:
        await keeper.loaded()
        assert len(other.all()) == 1


async def test_a_file_of_a_newer_version_is_left_alone_and_said(tmp_path: Path) -> None:
    file = tmp_path / "alarms.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    desk = Desk()
    async with Keeper(file, desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        with pytest.raises(AlarmError, match="newer edge"):
            await keeper.settled()


async def test_a_disk_that_takes_nothing_stops_nobody_and_all_is_written_later(tmp_path: Path) -> None:
    place = tmp_path / "state"
    place.write_text("no directory")
    desk = Desk()
    async with Keeper(place / "alarms.sqlite", desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        with pytest.raises(AlarmError, match="full, or read-only"):
            await keeper.settled()
        assert keeper.facts()["trouble"]
        place.unlink()
        await keeper.settled()
        assert keeper.facts()["trouble"] == ""
    other = book()
    async with Keeper(place / "alarms.sqlite", other) as keeper:
        await keeper.loaded()
        assert len(other.all()) == 1


async def test_rows_that_make_no_sense_cost_themselves_alone(tmp_path: Path) -> None:
    file = tmp_path / "alarms.sqlite"
    desk = Desk()
    async with Keeper(file, desk.book) as keeper:
        await keeper.loaded()
        desk.begins()
        desk.book.add_rule(RULE)
    with sqlite3.connect(file) as database:
        database.execute("INSERT INTO alarm VALUES ('x', '{\"id\": 5}')")
        database.execute("INSERT INTO rule VALUES ('y', 9, 'no json')")
    database.close()
    other = book()
    async with Keeper(file, other) as keeper:
        await keeper.loaded()
        assert len(other.all()) == 1
        assert other.rules() == (RULE,)


def test_what_is_written_reads_back_the_same() -> None:
    desk = Desk()
    desk.begins()
    muted = desk.book.mute("sensor.freezer", 60)
    (alarm,) = desk.book.all()
    assert alarm_from(json.loads(json.dumps(to_json(alarm)))) == alarm
    assert rule_from(json.loads(json.dumps(to_json(RULE)))) == RULE
    assert mute_from(json.loads(json.dumps(to_json(muted)))) == muted


@given(
    st.dictionaries(
        st.sampled_from([*to_json(RULE), "state", "severity", "value", "id", "scope", "until_s"]),
        st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=3),
    )
)
def test_nothing_that_is_read_raises_anything_else(data: dict[str, Any]) -> None:
    for make in (alarm_from, rule_from, mute_from):
        try:
            made = make(data)
        except ValueError:
            continue
        assert make(to_json(made)) == made  # type: ignore[arg-type]
