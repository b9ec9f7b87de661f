"""Home Assistant's own sentence templates as families of ours."""

import json
from importlib.resources import files

import pytest

from edge.router.training import hassil_templates
from edge.router.training.examples import Sampler
from edge.router.vocabulary import load_vocabulary

pytest.importorskip("home_assistant_intents")


def test_every_family_is_of_a_function_and_says_something() -> None:
    vocabulary = load_vocabulary()
    found = hassil_templates.families()
    assert len(found) > 80
    sampler = Sampler(found, [f"name{number}" for number in range(50)], 3)
    for family in found:
        function = vocabulary.functions[family.function]
        for _ in range(3):
            example = sampler.of_family(family)
            assert example.words
            labels = {tag[2:] for tag in example.calls[0].tags if tag}
            allowed = {slot for one in vocabulary.family(function.name) for slot in one.slots}
            assert labels <= allowed, (family.id, example)


def test_most_templates_can_be_read() -> None:
    """Spoken durations, steps of the volume and commands for later are left to our own corpus."""
    data = json.loads(files("home_assistant_intents").joinpath("data/en.json").read_text("utf-8"))
    written = sum(len(block["sentences"]) for body in data["intents"].values() for block in body["data"])
    assert sum(len(family.lines) for family in hassil_templates.families()) > 0.5 * written


def test_an_intent_becomes_a_function_that_stands_for_it() -> None:
    functions = load_vocabulary().functions
    for family in hassil_templates.families():
        intent = family.id.split("/")[2].rpartition("-")[0]
        if functions[family.function].ha_intents:
            assert intent.removeprefix("Hass")[:4] in "".join(functions[family.function].ha_intents) or intent in {
                "HassShoppingListAddItem",
                "HassShoppingListCompleteItem",
            }


@pytest.mark.parametrize(
    ("function", "words", "tags", "expected"),
    [
        ("light.turn_on", "turn on all the lights", ["", "", "", "", ""], ["", "", "B-target", "I-target", "I-target"]),
        ("cover.close", "close the kitchen blinds", ["", "", "B-place", ""], ["", "", "B-target", "I-target"]),
        ("light.turn_on", "light the lamp", ["", "", "B-target"], ["B-target", "", "B-target"]),
        ("lock.lock", "lock the gate", ["", "", ""], ["", "", "B-target"]),
        ("light.turn_on", "switch on the lights", ["", "", "", ""], ["", "", "", "B-target"]),
        ("state.get", "is the lock closed", ["", "", "", ""], ["", "", "B-target", ""]),
        (
            "todo.add_item",
            "put milk on my shopping list",
            ["", "B-item", "", "", "", ""],
            ["", "B-item", "", "", "B-list", ""],
        ),
        ("time.get", "what is the light", ["", "", "", ""], ["", "", "", ""]),
    ],
)
def test_nouns_of_templates_are_labelled(function: str, words: str, tags: list[str], expected: list[str]) -> None:
    assert hassil_templates.with_nouns(words.split(), tags, function) == expected
