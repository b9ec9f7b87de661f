"""Single keys of a TOML file are changed, and nothing else in it."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.settings import SettingsError
from edge.settings.editing import edited, edited_entry, read
from edge.settings.toml_text import written

WITH_COMMENTS = """\
# The boat.

node = "boat"  # as on the stern

[mqtt]
# in the engine room
broker = "10.0.0.2" # "the # old one"
port = 1884

[speech]
wake_words = [
  "okay_nabu",  # the child's
  "hey_jarvis",
]

[[areas]]
id = "cabin"
name = "Cabin"
"""


def test_a_value_changes_and_its_comment_stays() -> None:
    text = edited(WITH_COMMENTS, {"mqtt.broker": "broker.local"})
    assert text == WITH_COMMENTS.replace('"10.0.0.2" #', '"broker.local" #')


def test_a_value_over_several_lines_becomes_one() -> None:
    text = edited(WITH_COMMENTS, {"speech.wake_words": ["alexa"]})
    assert 'wake_words = ["alexa"]\n\n[[areas]]' in text
    assert "okay_nabu" not in text


def test_a_new_key_stands_behind_the_last_of_its_table() -> None:
    assert "port = 1884\ntls = true\n\n[speech]" in edited(WITH_COMMENTS, {"mqtt.tls": True})


def test_a_new_table_stands_at_the_end() -> None:
    assert edited(WITH_COMMENTS, {"speech.button.pin": 17}).endswith('name = "Cabin"\n\n[speech.button]\npin = 17\n')


def test_a_key_of_the_top_stands_before_the_first_table() -> None:
    assert edited("# Ours.\n\n[mqtt]\nport = 1\n", {"node": "boat"}).startswith('# Ours.\nnode = "boat"\n\n[mqtt]')
    assert '# as on the stern\nunits = "imperial"\n' in edited(WITH_COMMENTS, {"units": "imperial"})


def test_none_takes_a_key_out() -> None:
    assert edited(WITH_COMMENTS, {"mqtt.port": None}) == WITH_COMMENTS.replace("port = 1884\n", "")
    assert edited(WITH_COMMENTS, {"mqtt.tls": None, "http.port": None}) == WITH_COMMENTS


@pytest.mark.parametrize("text", ["mqtt = { port = 1 }\n", "mqtt.port = 1\n", 'x = """\n[mqtt]\nport = 1\n"""\n'])
def test_what_is_written_otherwise_is_changed_rightly_or_not_at_all(text: str) -> None:
    try:
        after = edited(text, {"mqtt.port": 2})
    except SettingsError as error:
        assert "change it in the text" in str(error)
    else:
        assert tomllib.loads(after)["mqtt"]["port"] == 2


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    with pytest.raises(SettingsError, match="line 2"):
        edited("a = 1\nb = \n", {"a": 2})


def test_a_table_can_not_be_put_into_a_value() -> None:
    with pytest.raises(SettingsError, match="node is no table"):
        edited(WITH_COMMENTS, {"node.name": 1})


ENTRIES = """\
# ours
[[devices]]  # the first
id = "light.lamp"
name = "Lamp" # by the bed

[mqtt]
port = 1

[[devices]]
id = "light.other"
"""


def test_an_entry_changes_and_everything_around_it_stays() -> None:
    text = edited_entry(ENTRIES, "devices", "light.lamp", {"name": "Reading Lamp", "aliases": ["book"]})
    assert text == ENTRIES.replace('"Lamp" # by the bed', '"Reading Lamp" # by the bed\naliases = ["book"]')


def test_an_entry_is_made_and_goes_once_it_says_nothing() -> None:
    text = edited_entry(ENTRIES, "devices", "light.new", {"confirm": True, "name": None})
    assert text == ENTRIES + '\n[[devices]]\nid = "light.new"\nconfirm = true\n'
    assert read(edited_entry(text, "devices", "light.new", {"confirm": None})) == read(ENTRIES)
    assert read(edited_entry("", "areas", "attic", {"name": "Attic"})) == {"areas": [{"id": "attic", "name": "Attic"}]}


KEYS = st.text("abc_", min_size=1, max_size=3)
VALUES = st.one_of(
    st.booleans(), st.integers(-1000, 1000), st.text(max_size=20), st.lists(st.text('a"#[]=\n', max_size=5), max_size=3)
)
DOCUMENTS = st.dictionaries(KEYS, st.one_of(VALUES, st.dictionaries(KEYS, VALUES, max_size=4)), max_size=5)


@given(DOCUMENTS, KEYS, KEYS, VALUES, st.text('#[]=" ab', max_size=10))
def test_any_document_has_the_new_value_and_all_the_others(
    document: dict[str, Any], table: str, key: str, value: Any, comment: str
) -> None:
    text = f"# {comment}\n{written(document)}# {comment}\n"
    try:
        after = edited(text, {f"{table}.{key}": value})
    except SettingsError:
        assert not isinstance(document.get(table, {}), dict)
        return
    assert read(after) == document | {table: {**document.get(table, {}), key: value}}
    assert after.count(f"# {comment}") >= 2
    assert edited(after, {f"{table}.{key}": None, "zzz.z": None}).startswith("# ")
