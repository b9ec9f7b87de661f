"""A time or a condition at the head of a sentence holds for all its orders."""

from edge.router.model import RawCall, Slot, Span
from edge.router.resolution.heading import headed
from edge.router.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()


def said(text: str, *calls: tuple[str, dict[Slot, str]]) -> list[list[Slot]]:
    def span(slot: Slot, part: str) -> Span:
        return Span(slot, part, text.index(part), text.index(part) + len(part))

    raw = [RawCall(function, tuple(span(*one) for one in of.items())) for function, of in calls]
    return [[span.slot for span in call.spans] for call in headed(raw, text, VOCABULARY)]


def test_the_head_holds_for_all() -> None:
    text = "at sunset close the blinds and turn on the lamp"
    calls = (("cover.close", {Slot.TIME: "sunset", Slot.TARGET: "blinds"}), ("light.turn_on", {Slot.TARGET: "lamp"}))
    assert said(text, *calls)[1] == [Slot.TARGET, Slot.TIME]


def test_what_has_a_time_of_its_own_keeps_it() -> None:
    text = "at seven close the blinds and at nine turn on the lamp"
    closing = ("cover.close", {Slot.TIME: "seven", Slot.TARGET: "blinds"})
    turning = ("light.turn_on", {Slot.TIME: "nine", Slot.TARGET: "lamp"})
    assert said(text, closing, turning)[1] == [Slot.TIME, Slot.TARGET]


def test_a_time_after_the_order_is_that_orders() -> None:
    text = "close the blinds at seven and turn on the lamp"
    calls = (("cover.close", {Slot.TARGET: "blinds", Slot.TIME: "seven"}), ("light.turn_on", {Slot.TARGET: "lamp"}))
    assert said(text, *calls)[1] == [Slot.TARGET]


def test_a_question_is_asked_now() -> None:
    text = "when the door opens turn on the lamp and how warm is the hall"
    turning = ("light.turn_on", {Slot.CONDITION: "when the door opens", Slot.TARGET: "lamp"})
    assert said(text, turning, ("sensor.query", {Slot.PLACE: "hall"}))[1] == [Slot.PLACE]
