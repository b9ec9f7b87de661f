"""The file of scenes: read as it was written, wrong entries left out and named."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.model import DeviceState
from edge.schedule.errors import ScheduleError
from edge.schedule.rules.model import Action
from edge.schedule.scenes.book import MOST_SCENES, SCENES, plain, slug
from edge.schedule.scenes.keeping import Scenes
from edge.schedule.scenes.model import Scene

FILE = """
version = 1

[scenes.movie_time]
name = "Movie time"
area = "lounge"

[scenes.movie_time.states."light.ceiling"]
state = "off"

[scenes.movie_time.states."light.floor"]
state = "on"
brightness_pct = 20
rgb_color = [255, 120, 0]

[[scenes.goodnight.steps]]
call = { function = "lock.lock", targets = ["lock.front"] }

[[scenes.goodnight.steps]]
call = { function = "light.turn_off", targets = ["light.hall"] }
delay_s = 300
"""


def test_a_person_can_write_it() -> None:
    scenes, problems = SCENES.parse(FILE)
    assert problems == []
    movie, night = scenes["movie_time"], scenes["goodnight"]
    assert (movie.name, movie.area, movie.id) == ("Movie time", "lounge", "scene.edge_movie_time")
    assert movie.states["light.floor"].attributes["brightness"] == 51
    assert night.name == "goodnight"
    assert [step.delay_s for step in night.steps] == [0.0, 300.0]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('[scenes.x.states."lock.front"]\nstate = "unlocked"', "no locks"),
        ('[scenes.x.states."light.x"]\nbrightness_pct = 5', "state"),
        ('[scenes.x.states."light.x"]\nstate = "on"\nbrightness_pct = "much"', "brightness_pct"),
        ('[scenes.x.states."light.x"]\nstate = "on"\nservice = "anything"', "service"),
        ('[scenes.x.states."no id"]\nstate = "on"', "device's id"),
        ('[scenes.x]\nname = "X"', "states"),
        ('[scenes."Bad Key"]\nname = "X"', "small letters"),
        ('[scenes.x]\nname = "X"\ncolour = 3\n[scenes.x.states."light.x"]\nstate = "on"', "colour"),
        ("[[scenes.x.steps]]\ncall = { targets = [] }", "function"),
        ('[scenes.x]\nname = "!"\n[scenes.x.states."light.x"]\nstate = "on"', "name"),
    ],
)
def test_what_is_wrong_is_left_out_and_named(text: str, part: str) -> None:
    scenes, problems = SCENES.parse(f'{text}\n[scenes.fine.states."light.x"]\nstate = "on"', "scenes.toml")
    assert list(scenes) == ["fine"]
    assert part in problems[0]


@pytest.mark.parametrize("text", ["scenes = [", "version = 99", 'version = "one"'])
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        SCENES.parse(text)


_STATES = st.builds(
    lambda state, attributes: DeviceState(state, MappingProxyType(attributes)),
    st.sampled_from(["on", "off", "open", "closed", "heat", "playing"]),
    st.fixed_dictionaries(
        {},
        optional={
            "brightness": st.integers(1, 100).map(lambda percent: round(percent * 2.55)),
            "color_temp_kelvin": st.integers(2000, 6500),
            "rgb_color": st.tuples(*[st.integers(0, 255)] * 3),
            "effect": st.text("abc", min_size=1),
            "temperature": st.floats(5, 35),
            "current_position": st.integers(0, 100),
        },
    ),
)
_STEPS = st.builds(
    lambda function, target, delay: Action(
        {"function": function, "arguments": {}, "targets": [target]}, delay_s=float(delay)
    ),
    st.sampled_from(["light.turn_off", "lock.lock"]),
    st.sampled_from(["light.a", "lock.b"]),
    st.integers(0, 3600),
)
_SCENES = st.builds(
    Scene,
    key=st.from_regex(r"[a-z0-9][a-z0-9_]{0,20}", fullmatch=True),
    name=st.from_regex(r"[A-Za-z]{1,9}( [a-z\"'\\]{0,5}[a-z])?", fullmatch=True),
    states=st.dictionaries(st.sampled_from(["light.a", "cover.b", "climate.c"]), _STATES, min_size=1, max_size=3),
    steps=st.lists(_STEPS, max_size=3).map(tuple),
    area=st.none() | st.just("hall"),
    said=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


@given(st.lists(_SCENES, max_size=4))
def test_what_is_written_is_read_again(made: list[Scene]) -> None:
    scenes = {scene.key: scene for scene in made}
    read, problems = SCENES.parse(SCENES.render(scenes))
    assert problems == []
    assert {key: plain(scene) for key, scene in read.items()} == {key: plain(scene) for key, scene in scenes.items()}


_ANY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=200) | st.dictionaries(st.text(max_size=8), _ANY, max_size=3).map(str))
def test_no_text_breaks_it(text: str) -> None:
    try:
        scenes, problems = SCENES.parse(text)
    except ScheduleError:
        return
    assert isinstance(scenes, Mapping)
    assert isinstance(problems, list)


@given(st.dictionaries(st.sampled_from(["name", "states", "steps", "area", "made_s"]), _ANY, max_size=5))
def test_no_table_breaks_it(table: dict[str, Any]) -> None:
    from edge.schedule.scenes.book import scene_from

    try:
        scene_from("x", table)
    except ScheduleError as error:
        assert "scenes.x" in str(error)


def test_names_become_keys() -> None:
    assert slug("Movie Time!") == "movie_time"
    assert slug("Café") == "cafe"
    assert slug("...") == "scene"
    assert slug("movie time", {"movie_time": 1}) == "movie_time_2"


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "scenes.toml"
    assert SCENES.load(file) == ({}, [])
    scenes, _ = SCENES.parse(FILE)
    SCENES.save(file, scenes)
    assert SCENES.load(file)[0].keys() == scenes.keys()
    assert [one.name for one in file.parent.iterdir()] == ["scenes.toml"]


async def test_a_file_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    import asyncio

    file = tmp_path / "scenes.toml"
    await asyncio.to_thread(file.write_text, "scenes = [", "utf-8")
    kept = Scenes(file)
    await kept.read()
    assert kept.problems
    with pytest.raises(ScheduleError, match="mend the file"):
        await kept.put(SCENES.parse(FILE)[0]["movie_time"])
    assert await asyncio.to_thread(file.read_text, "utf-8") == "scenes = ["


async def test_scenes_are_bounded_and_found_by_name(tmp_path: Path) -> None:
    kept = Scenes(tmp_path / "scenes.toml")
    await kept.read()
    movie = await kept.put(SCENES.parse(FILE)[0]["movie_time"])
    assert kept.named("MOVIE time") is movie
    assert kept.of_device(movie.id) is movie
    kept._scenes |= {f"s{number}": movie for number in range(MOST_SCENES)}
    with pytest.raises(ScheduleError, match="delete some"):
        await kept.put(SCENES.parse(FILE)[0]["goodnight"])
