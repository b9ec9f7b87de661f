"""The file that the page writes: one change at a time, nothing else lost."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.settings.editing import read
from edge.settings.own import change_entry
from edge.settings.problems import SettingsError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(st.sampled_from(["light.a", "light.b"]), TEXT, st.lists(TEXT, max_size=3)), max_size=8))
def test_what_is_written_is_read(changes: list[tuple[str, str, list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "settings.toml"
        wanted: dict[str, dict[str, object]] = {}
        for id_, name, aliases in changes:
            change_entry(file, "devices", id_, {"name": name, "aliases": aliases, "confirm": None})
            wanted[id_] = {"id": id_, "name": name, "aliases": aliases}
        found = read(file.read_text()).get("devices", []) if changes else []
        assert {one["id"]: one for one in found} == wanted


def test_what_else_is_in_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[http]\nport = 8081\n\n[[areas]]\nid = "hall"\nname = "Hall"\n')
    change_entry(file, "devices", "light.a", {"name": "A"})
    change_entry(file, "devices", "light.a", {"name": None})
    assert read(file.read_text()) == {"http": {"port": 8081}, "areas": [{"id": "hall", "name": "Hall"}]}


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("port = \n")
    with pytest.raises(SettingsError):
        change_entry(file, "devices", "light.a", {"name": "A"})
    assert file.read_text() == "port = \n"
