"""What is kept of the stages of single requests."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from edge.assistant.record import Record
from edge.health.traces import Traces
from edge.router.model import Call, Decision, RawCall, Routing, Slot, Span
from edge.router.router import Trace as Routed
from edge.tracing import Mark, Stage, collected, collecting, mark, now_s, observed_by


class Keeping:
    """Another recorder behind the traces."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def record(self, record: Record, /) -> None:
        self.records.append(record)


def asked(number: int = 1, text: str = "dim the lamp", id_: str = "abcdef") -> Record:
    return Record(number, 1_800_000_000.0, True, id_, "cli", text=text)


def answered(number: int = 1, text: str = "dim the lamp", id_: str = "abcdef", **more: Any) -> Record:
    calls = (Call("light.dim", {"name": "Lamp"}, ("light.lamp",)),)
    facts: Mapping[str, Any] = {"decision": "act", "answered_by": "router", "reply": "Done.", "calls": calls, "ms": 4.0}
    return Record(number, 1_800_000_000.0, True, id_, "cli", text=text, **{**facts, **more})


def routed(text: str, *spans: Span) -> Routed:
    raw = (RawCall("light.dim", spans, 0.99),)
    return Routed(Routing(text, Decision.ACT, (), 0.98, raw=raw), None, None, (("light.dim", 0.99),))


async def test_the_stages_of_a_request_are_told_in_their_order_from_the_earliest_on() -> None:
    traces = Traces()
    traces.record(asked())
    began_s = now_s()
    mark(Stage.ROUTING, began_s, began_s + 0.002, routed=routed("dim the lamp", Span(Slot.TARGET, "lamp", 8, 12, 0.9)))

    async def move() -> None:
        mark(Stage.COMMAND, began_s + 0.002, began_s + 0.004, device="light.lamp", service="turn_on", outcome="done")

    await asyncio.gather(move())
    traces.record(answered())
    last = traces.last()
    assert last is not None
    told = last.to_json()
    assert [one["stage"] for one in told["stages"]][:1] == ["reply"]
    assert [one["stage"] for one in told["stages"] if one["stage"] != "reply"] == ["routing", "command"]
    assert told["router"]["tokens"][0]["spans"][0] == {
        "slot": "target",
        "text": "lamp",
        "start": 8,
        "end": 12,
        "probability": 0.9,
    }
    assert told["stages"][-1]["facts"] == {"device": "light.lamp", "service": "turn_on", "outcome": "done"}
    assert all(one["start_ms"] >= 0 for one in told["stages"])
    assert (told["decision"], told["reply"], told["calls"][0]["targets"]) == ("act", "Done.", ["light.lamp"])


async def test_what_ears_did_before_and_a_mouth_after_belongs_to_the_request() -> None:
    traces = Traces()
    with collecting():
        mark(Stage.SPEECH_TO_TEXT, now_s() - 0.3)
        traces.record(asked())
        traces.record(answered())
        mark(Stage.FIRST_SOUND, now_s())
    last = traces.last()
    assert last is not None
    assert [one["stage"] for one in last.to_json()["stages"]] == ["speech_to_text", "reply", "first_sound"]


async def test_one_request_after_the_other_in_a_task_have_stages_of_their_own() -> None:
    traces = Traces()
    for number, id_ in ((1, "one"), (2, "two")):
        traces.record(asked(number, id_=id_))
        mark(Stage.ROUTING, now_s())
        traces.record(answered(number, id_=id_))
    assert collected() is None
    assert [[mark.stage for mark in trace.marks] for trace in traces] == [[Stage.ROUTING, Stage.REPLY]] * 2


def test_the_words_of_a_pin_are_hidden_in_spans_too() -> None:
    traces = Traces()
    traces.record(asked(text="unlock with •••"))
    mark(Stage.ROUTING, now_s(), routed=routed("unlock with 1234", Span(Slot.MESSAGE, "1234", 12, 16)))
    traces.record(answered(text="unlock with •••"))
    last = traces.last()
    assert last is not None
    assert "1234" not in str(last.to_json())


def test_no_words_are_kept_where_the_log_may_keep_none() -> None:
    traces = Traces(with_text=False)
    traces.record(asked(text="call me Mathilda"))
    mark(Stage.ROUTING, now_s(), routed=routed("call me Mathilda", Span(Slot.MESSAGE, "Mathilda", 8, 16)))
    call = Call("light.dim", {"name": "Mathilda"}, ("light.lamp",))
    traces.record(answered(text="call me Mathilda", reply="Mathilda it is.", calls=(call,)))
    last = traces.last()
    assert last is not None
    assert "Mathilda" not in str(last.to_json())


def test_the_oldest_goes_first_and_one_is_found_by_the_beginning_of_its_id() -> None:
    traces = Traces(most=2)
    for number, id_ in enumerate(("aa1", "ab2", "ac3")):
        traces.record(asked(number, id_=id_))
        traces.record(answered(number, id_=id_))
    assert [trace.id for trace in traces] == ["ac3", "ab2"]
    assert traces.get("aa1") is None
    assert traces.get("a") is None
    found = traces.get("ab")
    assert found is not None
    assert found.id == "ab2"


def test_everything_is_handed_on_and_what_was_never_asked_is_no_trace() -> None:
    keeping = Keeping()
    traces = Traces(keeping)
    records = [asked(), answered(), answered(7, id_="rule", decision="rule")]
    for record in records:
        traces.record(record)
    assert keeping.records == records
    assert len(traces) == 1


@pytest.mark.parametrize("inside", [True, False])
def test_an_observer_hears_marks_with_and_without_a_request(inside: bool) -> None:
    heard: list[Mark] = []
    with observed_by(heard.append):
        if inside:
            with collecting():
                mark(Stage.FIRST_TOKEN, 1.0, 1.5)
        else:
            mark(Stage.FIRST_TOKEN, 1.0, 1.5)
    mark(Stage.FIRST_TOKEN, 1.0, 2.5)
    assert [one.length_s for one in heard] == [0.5]
