"""Profiles of wireless networks, whatever they are called."""

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.appliance.seed.model import Network
from edge.appliance.wifi import profile


def sections(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",))
    parser.read_string(text)
    return parser


@given(
    st.text(min_size=1, max_size=10), st.text(alphabet=[chr(code) for code in range(32, 127)], min_size=8, max_size=63)
)
def test_no_name_and_no_password_breaks_out_of_its_line(ssid: str, password: str) -> None:
    lines = profile(Network(ssid), password, 0).splitlines()
    plain = profile(Network("a"), "b" * 8, 0).splitlines()
    assert [line.partition("=")[0] for line in lines] == [line.partition("=")[0] for line in plain]


@pytest.mark.parametrize(
    ("ssid", "shown"), [("Mountain 5", "Mountain 5"), ("a;b", "97;59;98;"), ("né", "110;195;169;"), (" x", "32;120;")]
)
def test_odd_names_are_told_by_their_bytes(ssid: str, shown: str) -> None:
    assert f"\nssid={shown}\n" in profile(Network(ssid), "", 0)


def test_how_a_network_is_kept_closed() -> None:
    assert not sections(profile(Network("open"), "", 0)).has_section("wifi-security")
    assert sections(profile(Network("two"), "password", 1)).get("wifi-security", "key-mgmt") == "wpa-psk"
    assert sections(profile(Network("three", wpa3=True), "password", 1)).get("wifi-security", "key-mgmt") == "sae"
    hidden = sections(profile(Network("dark", hidden=True), " back\\slash", 2))
    assert hidden.get("wifi", "hidden") == "true"
    assert hidden.get("wifi-security", "psk") == "\\sback\\\\slash"
