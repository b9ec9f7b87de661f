import json

import pytest

from edge.router.model import Slot
from edge.router.vocabulary import SPECIAL_TOKENS, VocabularyError, load_vocabulary, parse_vocabulary

_SMALL = """
version = 1
[functions."light.turn_on"]
verb = "turn_on"
does = "On."
slots = ["target"]
examples = ["on"]
[arguments.name]
type = "string"
[arguments.domain]
type = "string"
[arguments.device_class]
type = "string"
[translations.light]
open = "turn_on"
"""


def test_tokens_are_the_special_ones_and_then_the_functions_in_order() -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.tokens[:3] == SPECIAL_TOKENS == ("<end>", "<chat>", "<ignore>")
    for function in vocabulary.functions.values():
        assert vocabulary.tokens[function.token_id] == function.name


def test_a_verb_means_each_domains_own_function() -> None:
    vocabulary = load_vocabulary()
    by_verb = {(domain, verb): vocabulary.by_verb(domain, verb) for domain, verb in _WISHES}
    assert {key: function.name if function else None for key, function in by_verb.items()} == _WISHES


_WISHES = {
    ("light", "turn_on"): "light.turn_on",
    ("lock", "open"): "lock.unlock",
    ("input_boolean", "turn_on"): "switch.turn_on",
    ("input_boolean", "start"): "switch.turn_on",
    ("input_number", "set_number"): "number.set_value",
    ("input_button", "turn_on"): "button.press",
    ("cover", "turn_on"): "cover.open",
    ("scene", "turn_on"): "scene.turn_on",
    ("media_player", "decrease"): "media_player.volume_down",
    ("vacuum", "turn_off"): "vacuum.return_to_base",
    ("sensor", "turn_on"): None,
}


def test_the_family_of_a_function_shares_its_verb() -> None:
    family = load_vocabulary().family("light.turn_on")
    assert {"light.turn_on", "switch.turn_on", "fan.turn_on"} <= {function.name for function in family}
    assert load_vocabulary().family("light.explode") == ()


def test_slots_name_their_arguments() -> None:
    functions = load_vocabulary().functions
    assert functions["light.set"].slots[Slot.LEVEL] == "brightness"
    assert functions["timer.start"].slots[Slot.LABEL] == "name"
    assert {"hours", "minutes", "seconds"} <= set(functions["timer.start"].arguments)


def test_the_whole_vocabulary_can_be_shown_as_json() -> None:
    shown = json.loads(json.dumps(load_vocabulary().as_json()))
    entry = next(entry for entry in shown if entry["function"] == "light.set")
    assert entry["ha_intents"] == ["HassLightSet"]
    assert entry["arguments"]["brightness"] == {"type": "integer", "minimum": 0, "maximum": 100, "unit": "%"}
    assert {"function", "token_id", "ha_intents", "arguments", "critical", "examples"} <= entry.keys()


def test_what_lets_somebody_in_is_critical() -> None:
    critical = {function.name for function in load_vocabulary().functions.values() if function.critical}
    assert {"lock.unlock", "valve.open", "alarm_control_panel.disarm"} <= critical


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["target"]', '["tarjet"]', "no slot is called 'tarjet'"),
        ('["target"]', '["target", "level=loudness"]', "no [arguments.loudness]"),
        ('verb = "turn_on"', "verb = 1", "`verb`: expected text"),
        ('examples = ["on"]', "examples = []", "`examples`: expected at least one"),
        ('does = "On."', 'does = "On."\nkind = "maybe"', "`kind`: expected act or query"),
        ('does = "On."', 'does = "On."\ncolour = "red"', "nothing is called `colour`"),
        ('"light.turn_on"', '"light"', "expected a name such as"),
        ('open = "turn_on"', 'open = "explode"', "light has no verb `explode`"),
        ("version = 1", "", "`version`: expected a whole number"),
        ('type = "string"', 'type = "colour"', "`type`: expected"),
        ("version = 1", "version =", "expected TOML"),
    ],
)
def test_a_list_that_contradicts_itself_names_the_entry(old: str, new: str, said: str) -> None:
    with pytest.raises(VocabularyError) as error:
        parse_vocabulary(_SMALL.replace(old, new, 1), "small.toml")
    assert "small.toml" in str(error.value)
    assert said in str(error.value)


def test_two_functions_of_a_domain_cannot_share_a_verb() -> None:
    again = _SMALL.replace(
        "[arguments.name]",
        '[functions."light.on"]\nverb = "turn_on"\ndoes = "."\nslots = []\nexamples = ["x"]\n[arguments.name]',
    )
    with pytest.raises(VocabularyError, match=r"already light\.turn_on's"):
        parse_vocabulary(again, "small.toml")
