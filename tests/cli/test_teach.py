"""`edge teach`, and what `edge route` and `edge functions` know of it, without a service and with one that runs."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.assistant.model import Source, Utterance
from edge.cli.main import main
from edge.mqtt.link import Link
from edge.router.vocabulary import load_vocabulary
from edge.service import running, shipped_router
from edge.settings import load
from tests.mqtt.inbox import Inbox

FILM = ("--example", "film night", "--example", "we're going to watch a film", "--example", "it's movie time")


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('node = "alone"\n', "utf-8")
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture
def edge(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a verb and gives what it printed, errors after the rest."""

    def run(*argv: str, status: int = 0) -> str:
        try:
            ended = main(list(argv))
        except SystemExit as stop:
            ended = int(stop.code or 0)
        printed = capsys.readouterr()
        assert ended == status, printed.err
        return printed.out + printed.err

    return run


@pytest.fixture
def home(tmp_path: Path) -> str:
    """A home file."""
    file = tmp_path / "home.json"
    devices: list[dict[str, object]] = [
        {"id": "light.den", "name": "Den Light", "area": None, "aliases": [], "state": "off", "attributes": {}}
    ]
    file.write_text(json.dumps({"floors": [], "areas": [], "devices": devices}), "utf-8")
    return str(file)


def test_a_taught_function_is_routed_listed_and_forgotten(edge: Callable[..., str], home: str) -> None:
    assert edge("teach", "film_night", *FILM, "--publish", "house/film=start") == "Taught: film_night\n"
    routed = json.loads(edge("route", "--home", home, "--json", "movie", "night"))
    assert (routed["decision"], routed["calls"][0]["function"]) == ("act", "taught.film_night")
    listed = json.loads(edge("functions", "--json"))
    assert (listed[-1]["function"], listed[-1]["token_id"]) == ("taught.film_night", len(load_vocabulary().tokens))
    assert "publishes 'start' on house/film" in edge("functions")
    assert json.loads(edge("teach", "--list", "--json"))["functions"][0]["examples"][0] == "film night"
    assert edge("teach", "--forget", "film_night") == "Forgotten: film_night\n"
    assert edge("teach", "--list").startswith("Nothing is taught yet")


def test_a_correction_holds_from_then_on(edge: Callable[..., str], home: str) -> None:
    said = ("turn", "on", "the", "den", "light")
    assert json.loads(edge("route", "--home", home, "--json", *said))["decision"] == "act"
    edge("teach", "--correct", "turn on the den light", "--call", "chat")
    assert json.loads(edge("route", "--home", home, "--json", *said))["decision"] == "chat"
    edge("teach", "--correct", "den time", "--call", "light.turn_on", "name=Den Light")
    calls = json.loads(edge("route", "--home", home, "--json", "den", "time"))["calls"]
    assert [(call["function"], call["targets"]) for call in calls] == [("light.turn_on", ["light.den"])]
    assert "“den time” calls light.turn_on name=Den Light" in edge("teach", "--list")


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("--list", "name"),
        ("x", "--example", "a", "--publish", "no equals sign"),
        ("x", "--example", "a", "--call", "light.turn_on", "kitchen"),
        ("--correct", "x"),
        ("--forget", "x", "--call", "chat"),
        ("--list", "--forget", "x"),
        ("x", "--publish", "a=b", "--call", "chat"),
    ],
)
def test_wrong_usage_is_told_apart(edge: Callable[..., str], argv: tuple[str, ...]) -> None:
    assert "edge teach: error:" in edge("teach", *argv, status=2)


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("Film Night", *FILM), "perhaps film_night"),
        (("x", "--example", "one"), "expected 3 to 10 examples, got 1"),
        (("x", *FILM, "--call", "lamp.turn_on"), "no function is called 'lamp.turn_on'"),
        (("x", *FILM, "--publish", "a/#=on"), "expected a topic"),
        (("--forget", "x"), "nothing called “x” is taught"),
    ],
)
def test_what_can_not_be_taught_says_why(
    edge: Callable[..., str], tmp_path: Path, argv: tuple[str, ...], says: str
) -> None:
    assert says in edge("teach", *argv, status=1)
    assert not (tmp_path / "state" / "taught.toml").exists()


def test_a_damaged_file_is_named_left_alone_and_stops_nothing_else(edge: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "state" / "taught.toml"
    file.parent.mkdir()
    file.write_text("version = 1\n[functions", "utf-8")
    assert str(file) in edge("teach", "x", *FILM, status=1)
    assert str(file) in edge("route", "turn on the light")
    assert str(file) in edge("functions")
    assert file.read_text("utf-8") == "version = 1\n[functions"


async def test_a_running_service_learns_at_once_and_still_knows_it_after_a_restart() -> None:
    loaded = await asyncio.to_thread(load)
    inbox = Inbox()
    async with running(loaded, shipped_router) as service:
        assert service.link is not None
        async with Link(service.link.endpoint, client_id="other") as other:
            other.subscribe(["house/film", f"{loaded.settings.base}/event"], inbox, qos=1)
            await other.connected()
            await service.link.connected()
            taught = await asyncio.to_thread(main, ["teach", "film_night", *FILM, "--publish", "house/film=start"])
            assert taught == 0
            assert await asyncio.to_thread(main, ["teach", "loop", *FILM, "--publish", "edge/alone/ask=1"]) == 1
            reply = await service.assistant.ask(Utterance("movie night please", Source.CLI))
            assert (reply.text, [call.function for call in reply.calls]) == ("Done.", ["taught.film_night"])
            (message,) = await inbox.wait_for(1)
            assert (message.topic, message.payload) == ("house/film", b"start")
    async with running(loaded, shipped_router) as service:
        assert service.link is not None
        await service.link.connected()
        assert (await service.assistant.ask(Utterance("movie night", Source.CLI))).text == "Done."
        assert await asyncio.to_thread(main, ["teach", "--forget", "film_night"]) == 0
        calls = (await service.assistant.ask(Utterance("movie night", Source.CLI))).calls
        assert "taught.film_night" not in [call.function for call in calls]
