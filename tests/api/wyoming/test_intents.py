"""Home Assistant is told only what it can carry out, and all of it."""

import pytest

from edge.api.wyoming.intents import entities, intents
from edge.router.model import Call, Decision, Routing
from tests.api.wyoming.fakes import DIM, DOOR, ITEM, LATER, LIGHT_ON, TIME, TIMER, UNKNOWN


def _routing(*calls: Call, decision: Decision = Decision.ACT, candidates: tuple[str, ...] = ()) -> Routing:
    return Routing("", decision, calls, candidates=candidates)


def test_orders_for_devices_and_lists_are_its() -> None:
    assert intents(_routing(LIGHT_ON, DOOR)) == (LIGHT_ON, DOOR)
    assert intents(_routing(ITEM)) == (ITEM,)


@pytest.mark.parametrize("call", [DIM, LATER, TIMER, TIME], ids=lambda call: call.function)
def test_what_it_has_no_words_for_or_no_timers_is_not(call: Call) -> None:
    assert intents(_routing(call)) == ()
    assert intents(_routing(LIGHT_ON, call)) == ()


def test_a_name_that_only_it_may_know_is_passed_on() -> None:
    assert intents(_routing(UNKNOWN, LIGHT_ON, decision=Decision.CLARIFY)) == (UNKNOWN, LIGHT_ON)


@pytest.mark.parametrize("name", ["cellar door", "Garage", "garden gate", "burglar alarm", "the locks"])
def test_a_name_that_may_let_somebody_in_is_not(name: str) -> None:
    unknown = Call("cover.open", {"name": name}, (), "HassTurnOn")
    assert intents(_routing(unknown, decision=Decision.CLARIFY)) == ()


def test_a_choice_among_our_own_is_not() -> None:
    clarify = _routing(UNKNOWN, decision=Decision.CLARIFY, candidates=("light.a", "light.b"))
    assert intents(clarify) == ()


def test_something_without_a_name_is_not() -> None:
    nameless = Call("light.turn_on", {"area": "Attic"}, (), "HassTurnOn")
    assert intents(_routing(nameless, decision=Decision.CLARIFY)) == ()


@pytest.mark.parametrize("decision", [Decision.QUERY, Decision.CHAT, Decision.IGNORE])
def test_nothing_else_is(decision: Decision) -> None:
    assert intents(_routing(decision=decision)) == ()


def test_arguments_are_entities() -> None:
    set_ = Call("light.set", {"name": "Lamp", "brightness": 20}, ("light.lamp",), "HassLightSet")
    assert entities(set_) == [{"name": "name", "value": "Lamp"}, {"name": "brightness", "value": 20}]
