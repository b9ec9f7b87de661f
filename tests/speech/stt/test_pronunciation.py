"""No word of a house is without a pronunciation."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.speech.stt.pronunciation import _IPA, from_ipa, pronounced, spelt

PHONES = {phone for phones in _IPA.values() for phone in phones.split()} | {"ZH", "OY", "UH"}


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    path = tmp_path / "words.dict"
    path.write_text("off AO F\neco IY K OW\neco(2) EH K OW\nbee B IY\nmute M Y UW T\nfour F AO R\n")
    return path


def test_known_words_are_said_as_the_dictionary_has_them_and_with_the_other_vowel(dictionary: Path) -> None:
    said = pronounced(["off", "four"], dictionary)
    assert said == {"off": ("AO F", "AA F"), "four": ("F AO R",)}


def test_words_made_of_two_are_said_as_both(dictionary: Path) -> None:
    assert pronounced(["ecobee"], dictionary)["ecobee"] == ("IY K OW B IY", "EH K OW B IY")
    assert pronounced(["unmute"], dictionary)["unmute"] == ("AH N M Y UW T",)


def test_strange_words_are_said_by_espeak(dictionary: Path) -> None:
    (first, *_) = pronounced(["roborock", "zigbee"], dictionary)["roborock"]
    assert first.startswith("R OW B")


def test_without_espeak_there_is_spelling(dictionary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert pronounced(["lampe"], dictionary) == {"lampe": ("L AE M P",)}
    assert pronounced(["xyz"], dictionary)["xyz"][0]


def test_abbreviations_are_also_said_by_letters(dictionary: Path) -> None:
    assert "EH L JH IY" in pronounced(["lg"], dictionary)["lg"]


@given(st.from_regex(r"[a-z]{1,12}('[a-z]{1,3})?", fullmatch=True))
def test_any_word_can_be_spelt(word: str) -> None:
    phones = spelt(word).split()
    assert phones
    assert set(phones) <= PHONES


@given(st.text(alphabet="aɪʊəɹtʃdʒnŋθˈˌː_ x", max_size=20))
def test_any_writing_of_sounds_gives_phones_or_nothing(ipa: str) -> None:
    assert set(from_ipa(ipa).split()) <= PHONES
