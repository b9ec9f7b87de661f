"""`edge ask`, `devices`, `timers` and `lists` against an assistant that listens on its socket."""

import asyncio
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.api.answers import answers
from edge.api.control import ControlServer
from edge.assistant.assistant import Assistant
from edge.cli.main import main
from edge.router.model import Call, Decision
from edge.router.vocabulary import load_vocabulary
from edge.schedule import Schedule
from tests.assistant.fakes import FakeActuator, FakeModel, ScriptedRouter, house
from tests.schedule.fakes import FakeClock


def script() -> ScriptedRouter:
    router = ScriptedRouter()
    router.on("dim the lamp", Call("light.set", {"brightness": 20}, ("light.bedroom_lamp",), "HassLightSet"))
    router.on("lights", Call("light.turn_on", {}, ("light.hall",)), area="hall")
    router.on("unlock", Call("lock.unlock", {}, ("lock.front",), confirm=True))
    router.on("timer", Call("timer.start", {"name": "pizza", "minutes": 10}))
    router.on("hello", decision=Decision.CHAT)
    return router


async def serve(socket: Path, ready: Callable[[], None], stop: asyncio.Event) -> None:
    registry, clock = house(), FakeClock()
    async with Schedule(None, clock, boot_id="boot") as schedule:
        assistant = Assistant(
            route=script(),
            registry=registry,
            actuator=FakeActuator(registry),
            chat=FakeModel("Hello", " there."),
            schedule=schedule,
            clock=clock,
        )
        async with ControlServer(socket) as server:
            await server.start(answers(assistant, registry, schedule))
            ready()
            await stop.wait()


@contextmanager
def listening(socket: Path) -> Iterator[None]:
    """The assistant in a thread of its own, as the service is in a process of its own."""
    started = threading.Event()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        stop = asyncio.Event()
        running.append((asyncio.get_running_loop(), stop))
        await serve(socket, started.set, stop)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert started.wait(20)
    loop, stop = running[0]
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)


@pytest.fixture
def edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Runs a verb and gives what it printed."""
    load_vocabulary()
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))

    def run(*argv: str, status: int = 0) -> str:
        assert main(list(argv)) == status
        return capsys.readouterr().out

    with listening(tmp_path / "run" / "control.sock"):
        yield run


def test_a_sentence_is_answered(edge: Callable[..., str]) -> None:
    assert edge("ask", "dim", "the", "lamp") == "The bedroom lamp is at 20 percent.\n"
    assert edge("ask", "hello") == "Hello there.\n"
    assert edge("ask", "--area", "Hall", "lights") == "The hall light was already on.\n"


def test_json_is_the_reply_of_the_contract(edge: Callable[..., str]) -> None:
    reply = json.loads(edge("ask", "--json", "dim the lamp"))
    assert {"id", "text", "decision", "calls", "source", "ms"} <= reply.keys()
    assert reply["calls"][0]["targets"] == ["light.bedroom_lamp"]


def test_lines_of_standard_input_are_one_dialogue(edge: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("unlock\n\nyes\n"))
    assert edge("ask").splitlines() == ["Shall I unlock the front door?", "The front door is unlocked."]


def test_devices_are_listed_by_room_and_filtered(edge: Callable[..., str]) -> None:
    told = edge("devices", "--area", "office")
    assert "Office Fan" in told
    assert "Hall Light" not in told
    assert "20.0" in edge("devices", "--domain", "climate")
    every = json.loads(edge("devices", "--json"))
    assert {device["id"] for device in every["devices"]} == set(house().devices)
    assert edge("devices", "--domain", "camera") == "No devices.\n"


def test_timers_are_listed_and_cancelled(edge: Callable[..., str]) -> None:
    assert edge("timers") == "Nothing is planned.\n"
    edge("ask", "timer")
    (entry,) = json.loads(edge("timers", "--json"))["entries"]
    assert (entry["kind"], entry["name"], entry["remaining_s"]) == ("timer", "pizza", 600)
    assert "10 minutes" in edge("timers")
    assert edge("timers", "--cancel", entry["id"]) == "Nothing is planned.\n"
    edge("timers", "--cancel", entry["id"], status=1)


def test_lists_are_shown_and_changed(edge: Callable[..., str]) -> None:
    assert edge("lists") == "All lists are empty.\n"
    edge("lists", "--add", "milk")
    assert edge("lists", "groceries", "--add", "brown bread") == "shopping\n  [ ] milk\n  [ ] brown bread\n"
    assert edge("lists", "--done", "bread") == "shopping\n  [ ] milk\n  [x] brown bread\n"
    assert edge("lists", "--remove", "milk") == "shopping\n  [x] brown bread\n"
    edge("lists", "--remove", "sugar", status=1)
    assert edge("lists", "shopping", "--clear") == "The shopping list is empty.\n"
    assert json.loads(edge("lists", "--json")) == {"lists": {}}
