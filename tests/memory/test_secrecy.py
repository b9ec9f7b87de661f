"""Secrets in sentences: hidden from whoever writes down what was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.memory.secrecy import is_secret, veiled


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("remember that the wifi password is hunter two", "remember that the wifi password is (hidden)"),
        ("remember the wifi password is hunter2, all small", "remember the wifi password is (hidden)"),
        ("The code for the gate is four seven one one.", "The code for the gate is (hidden)"),
        ("the safe's combination: left 12 right 40", "the safe's combination: (hidden)"),
        ("my PIN's 4711", "my PIN's (hidden)"),
        ("remember that 4711 is the alarm code", "remember that (hidden) is the alarm code"),
        ("change the alarm code to 8 2 0 0", "change the alarm code to (hidden)"),
        ("note the gate code 4711", "note the gate code (hidden)"),
        ("what is the alarm code, is it 4711?", "what is the alarm code, is it (hidden)"),
    ],
)
def test_a_secret_is_hidden(text: str, shown: str) -> None:
    assert veiled(text) == shown
    assert is_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "what's the wifi password?",
        "where is the spare key",
        "the spare key is in the blue drawer",
        "turn on the lamp at half past seven",
        "do you know the code of the gate",
        "set the heating to 21 degrees",
        "",
    ],
)
def test_what_tells_no_secret_stays_as_it_is(text: str) -> None:
    assert veiled(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert veiled(veiled(text)).count("4711") == 0 or "4711" in text


@given(st.from_regex(r"[a-z]{3,8}[0-9]{2,6}", fullmatch=True))
def test_what_a_password_is_never_shows(word: str) -> None:
    for said in (f"remember that the router password is {word}", f"the password for the wifi is {word} I think"):
        assert word not in veiled(said)
