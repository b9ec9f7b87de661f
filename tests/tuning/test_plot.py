"""The picture of a tuning: every race, every dot, no name that breaks out of it."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tuning import Hardware, LoadMode, Setting
from edge.tuning.last import FILE, keep_last, read_last
from edge.tuning.outcome import Outcome, Rates, Tried
from edge.tuning.plan import planned
from edge.tuning.plot import TAKEN, svg
from edge.tuning.results import Tuned

BOARD = Hardware("aarch64", "a board", frozenset({"asimd"}), 4, 4, None, 4 << 30, 3 << 30, 0)
FIRST = Setting(1, 1, flash_attn=True)
SECOND = replace(FIRST, n_threads=2)
SVG = "{http://www.w3.org/2000/svg}"


def outcome(trials: list[Tried]) -> Outcome:
    plan = planned(SECOND, 2048, 1, 2)
    return Outcome(BOARD, plan, plan, Tuned(SECOND, 1.0, 2.0, 2048, 1, 1, ""), tuple(trials), 12.0, ())


def drawn(trials: list[Tried], name: str = "a model") -> ElementTree.Element:
    return ElementTree.fromstring(svg(outcome(trials), name))  # noqa: S314 - our own


def texts(picture: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def test_every_candidate_has_its_row_and_what_was_chosen_stands_out() -> None:
    tries = [Tried("threads", setting, 512, 1.0, Rates(0.0, 10.0)) for setting in (FIRST, SECOND, SECOND)]
    picture = drawn(tries)
    assert {"1 thread", "2 threads", "Threads for answers"} <= set(texts(picture))
    dots = list(picture.iter(f"{SVG}circle"))
    assert len(dots) == 3
    assert sum(dot.get("fill") == TAKEN for dot in dots) == 2


def test_a_candidate_that_could_not_run_is_named() -> None:
    tries = [Tried("layout", replace(FIRST, load_mode=LoadMode.NONE), 512, 1.0, Rates(), "it died")]
    assert any("failed" in text for text in texts(drawn(tries)))


def test_a_name_can_hold_anything() -> None:
    assert any("<b>&'\"" in text for text in texts(drawn([], name="<b>&'\"")))


@given(st.lists(st.tuples(st.floats(0.0, 1e5), st.floats(0.0, 1e5)), max_size=8))
def test_whatever_the_rates_it_is_a_picture(rates: list[tuple[float, float]]) -> None:
    tries = [Tried("attention", FIRST, 512, 1.0, Rates(*pair)) for pair in rates]
    for dot in drawn(tries).iter(f"{SVG}circle"):
        assert 0 <= float(dot.get("cx", "-1")) <= 920


def test_it_is_written_without_anything_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(svg(outcome([]), "a"), encoding="utf-8")
    assert "http" not in (tmp_path / "a.svg").read_text("utf-8").replace("http://www.w3.org/2000/svg", "")


def test_the_trials_are_kept_for_who_looks_later(tmp_path: Path) -> None:
    tried = [Tried("threads", one, 2048, 0.0, Rates(3.0, 7.0)) for one in (FIRST, SECOND, SECOND)]
    keep_last(tmp_path, outcome(tried), "tiny")
    kept = read_last(tmp_path)
    assert kept is not None
    assert (kept["model"], kept["trials"]) == ("tiny", 3)
    (race,) = kept["stages"]
    assert race["title"] == "Threads for answers"
    assert race["rows"] == [
        {"label": "1 thread", "taken": False, "writes": [7.0], "reads": [3.0]},
        {"label": "2 threads", "taken": True, "writes": [7.0, 7.0], "reads": [3.0, 3.0]},
    ]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"stages": 1}', b"[1]", b"\xff"])
def test_trials_that_can_not_be_read_are_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    assert read_last(tmp_path) is None
    assert read_last(tmp_path / "nowhere") is None
