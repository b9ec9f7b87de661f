"""A seed's text: secrets found and emptied whatever it looks like, everything else left byte for byte."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.appliance.seed.blanking import blanked, without
from edge.appliance.seed.model import SETTINGS_SECRETS, read_own, secrets_of
from edge.appliance.seed.reading import SeedText, Unreadable, parse_seed
from edge.settings.model import Settings
from edge.settings.toml_text import written

values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=10), values, max_size=6))
def test_what_is_written_reads_as_it_was(document: dict[str, Any]) -> None:
    assert tomllib.loads(written(document)) == document


def seed(text: str | bytes) -> SeedText:
    found = parse_seed(text.encode() if isinstance(text, str) else text)
    assert isinstance(found, SeedText), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        'password = "sixteen-or-more!!"',
        "password='sixteen-or-more!!' # sixteen-or-more!!",
        'wifi = { ssid = "a", password = "eight888" }\n',
        'wifi.ssid = "a"\nwifi.password = "eight888"\n',
        '[[wifi]]\nssid = "a"\npassword = "eight888"\n[[wifi]]\nssid = "b"\npassword = """eight999"""\n',
        '"password" = "sixteen-or-more!!"\nnote = "password = sixteen-or-more!!"\n',
        '[mqtt]\npassword = "\\u0074\\"#=é"\n\'username\' = "é"\n[confirm]\npin = "1234"\n',
        '[homeassistant]\ntoken = "' + "x" * 300 + '"\n\n# password = "in a comment"\n',
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_secrets_are_emptied_in_place(text: str, ends: str) -> None:
    before = seed(text.replace("\n", ends))
    secrets = secrets_of(before.document)
    assert secrets
    after = blanked(before, secrets)
    assert after is not None
    assert len(after.data) == len(before.data)
    assert tomllib.loads(after.data.decode()) == without(before.document, secrets)
    kept = bytearray(before.data)
    for start, end in after.spans:
        kept[start:end] = after.data[start:end]
    assert kept == after.data


def test_what_can_not_be_found_in_the_text_is_not_guessed_at() -> None:
    # The same key and value in a table that is nobody's secret: emptying both would lose one.
    before = seed('[mqtt]\npassword = "x1"\n[other]\npassword = "x1"\n')
    assert blanked(before, [("mqtt", "password")]) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_a_seed_or_said_to_be_none(data: bytes) -> None:
    found = parse_seed(data)
    assert isinstance(found, SeedText | Unreadable)


@given(st.text(alphabet="[]=\".#'wifipasorde \n\r\\{},1", max_size=120))
def test_any_text_that_reads_is_emptied_or_left(text: str) -> None:
    found = parse_seed(text.encode())
    if not isinstance(found, SeedText):
        assert "password" not in found.problem
        return
    read_own(found.document)
    secrets = secrets_of(found.document)
    after = blanked(found, secrets)
    if after is not None:
        assert tomllib.loads(after.data.decode()) == without(found.document, secrets)


@given(st.dictionaries(st.sampled_from(["name", "password", "wifi", "ssh", "bluetooth"]), values))
def test_odd_types_are_problems_and_never_faults(document: dict[str, Any]) -> None:
    own, problems = read_own(document)
    assert isinstance(problems, list)
    assert own.name is None or own.name == document["name"]


def test_a_message_never_holds_what_stands_in_the_file() -> None:
    for text in ('password = "hunter2 secret', "password = hunter2", 'password = "\\hunter2"', "hunter2 = hunter2 = 1"):
        found = parse_seed(text.encode())
        assert isinstance(found, Unreadable)
        assert "hunter2" not in found.problem


def test_every_secret_of_the_settings_is_known() -> None:
    """One that is added to the settings has to be moved off the card too."""
    found = set()
    for table, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", {})
        found |= {(table, key) for key, one in inner.items() if one.repr is False}
        for path, file in SETTINGS_SECRETS.items():
            if path[0] == table:
                assert file in inner
    assert found == set(SETTINGS_SECRETS)
