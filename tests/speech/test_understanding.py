"""Of several readings the one that makes sense is taken, and a weak one asks back or does nothing."""

from edge.devices import Registry
from edge.router.model import Call, Decision, Routing
from edge.speech.stt import Hypothesis, Transcript
from edge.speech.understanding import Understanding

ROUTINGS = {
    "turn on the tv": Routing("turn on the tv", Decision.ACT, (Call("media_player.turn_on", {}, ("tv",)),), 0.95),
    "turn on a tv": Routing("turn on a tv", Decision.ACT, (Call("media_player.turn_on", {}, ("tv",)),), 0.9),
    "turn off the tv": Routing("turn off the tv", Decision.ACT, (Call("media_player.turn_off", {}, ("tv",)),), 0.95),
    "is the tv on": Routing("is the tv on", Decision.QUERY, (Call("state.get", {}, ("tv",)),), 0.95),
}


def route(text: str, registry: Registry, area: str | None = None) -> Routing:
    return ROUTINGS.get(text, Routing(text, Decision.CHAT, confidence=0.9))


def understood(*hypotheses: tuple[str, float]) -> tuple[str, Decision]:
    transcript = Transcript("test", tuple(Hypothesis(*one) for one in hypotheses))
    made = Understanding(route, Registry()).of(transcript)
    return made.text, made.routing.decision


def test_what_was_heard_well_is_done() -> None:
    assert understood(("turn on the tv", 0.9)) == ("turn on the tv", Decision.ACT)


def test_readings_that_mean_the_same_stand_for_one_another() -> None:
    heard = (("turn off the tv", 0.35), ("turn on the tv", 0.25), ("turn on a tv", 0.25))
    assert understood(*heard) == ("turn on the tv", Decision.ACT)


def test_what_makes_sense_goes_before_what_sounds_a_little_likelier() -> None:
    assert understood(("burn on the tea", 0.5), ("turn on the tv", 0.45)) == ("turn on the tv", Decision.ACT)


def test_a_weak_order_asks_back_and_keeps_its_calls() -> None:
    transcript = Transcript("test", (Hypothesis("turn on the tv", 0.18),))
    made = Understanding(route, Registry()).of(transcript).routing
    assert (made.decision, made.question) == (Decision.CLARIFY, "Did you say: turn on the tv?")
    assert made.calls


def test_what_was_hardly_heard_is_left() -> None:
    assert understood(("turn on the tv", 0.1))[1] is Decision.IGNORE
    assert understood(("is the tv on", 0.1))[1] is Decision.IGNORE
    assert understood(("lights of the city", 0.2))[1] is Decision.IGNORE


def test_talk_that_was_heard_well_is_for_the_language_model() -> None:
    assert understood(("tell me a joke", 0.9))[1] is Decision.CHAT


def test_nothing_heard_is_nothing_to_do() -> None:
    assert understood() == ("", Decision.IGNORE)


def answered(*hypotheses: tuple[str, float], asked: bool = True) -> tuple[str, float]:
    transcript = Transcript("test", tuple(Hypothesis(*one) for one in hypotheses))

    def ignoring(text: str, registry: Registry, area: str | None = None) -> Routing:
        return ROUTINGS.get(text, Routing(text, Decision.IGNORE))

    made = Understanding(ignoring, Registry()).of(transcript, asked=asked)
    return made.text, round(made.words, 2)


def test_ways_to_say_yes_stand_for_one_another_and_nothing_else_does() -> None:
    assert answered(("yes", 0.3), ("guests", 0.25), ("yes please", 0.15), ("dress", 0.2)) == ("yes", 0.45)
    assert answered(("yes", 0.3), ("yeah", 0.3), ("no", 0.2)) == ("yes", 0.6)


def test_an_answer_goes_before_an_order_that_is_hardly_heard() -> None:
    assert answered(("yes", 0.6), ("turn on the tv", 0.15), asked=False) == ("yes", 0.6)
    assert answered(("no", 0.6), ("turn on the tv", 0.15)) == ("no", 0.6)
    assert answered(("turn on the tv", 0.6), ("yes", 0.3)) == ("turn on the tv", 0.6)
