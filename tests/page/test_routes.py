"""What the routes of Now and House do, and what they refuse, without a browser."""

import http.client
import json
import re
from pathlib import Path
from typing import Any

import pytest

from edge.api.http.tokens import PASSWORD, Tokens
from tests.page.staging import ROOT, Staged, aside, said, served

VIEWS = ROOT / "edge/service/views"
SECRET = "correct-horse-battery-staple"  # noqa: S105 (of tests)


def ask(here: Staged, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """As the page does."""

    def work() -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=20)
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Origin": here.base, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        lines = text.splitlines()
        return answer.status, json.loads(lines[-1]) if lines and lines[-1][:1] in (b"{", b"[") else text

    return aside(work)


def act(here: Staged, device: str, function: str, **arguments: Any) -> tuple[int, Any]:
    return ask(here, "POST", "/page/house/act", {"device": device, "function": function, "arguments": arguments})


def wish(here: Staged, device: str, **written: Any) -> tuple[int, Any]:
    return ask(here, "POST", "/page/house/device", {"id": device, **written})


def test_the_house_is_told_whole(house: Staged) -> None:
    status, told = ask(house, "GET", "/page/house")
    assert status == 200
    devices = {one["id"]: one for one in told["devices"]}
    assert {one["name"] for one in told["floors"]} >= {"Ground Floor", "First Floor"}
    assert devices["lock.front_door"]["critical"]
    assert devices["cover.garage_door"]["critical"]
    assert not devices["light.kitchen_light"]["critical"]


def test_a_device_is_moved_as_if_it_had_been_said(house: Staged) -> None:
    status, told = act(house, "light.kitchen_light", "light.set", brightness=40)
    assert (status, told["outcomes"], told["listen"]) == (200, ["done"], False)
    assert house.device("light.kitchen_light")["attributes"]["brightness"] == 102
    _, now = ask(house, "GET", "/page/now")
    assert now["requests"][0]["text"] == "set the kitchen light to 40 percent"
    act(house, "light.kitchen_light", "light.turn_off")


@pytest.mark.parametrize(
    ("device", "function", "arguments", "status"),
    [
        ("light.kitchen_light", "lock.unlock", {}, 400),
        ("light.kitchen_light", "light.explode", {}, 400),
        ("light.kitchen_light", "light.set", {}, 400),
        ("light.kitchen_light", "light.set", {"brightness": {"a": 1}}, 400),
        ("light.nowhere", "light.turn_on", {}, 404),
        ("timer.start", "timer.start", {}, 404),
        ("lock.front_door", "light.turn_on", {}, 400),
    ],
)
def test_what_is_nothing_for_a_device_is_refused(
    house: Staged, device: str, function: str, arguments: dict[str, Any], status: int
) -> None:
    assert act(house, device, function, **arguments)[0] == status


def test_what_lets_somebody_in_waits_for_a_yes(house: Staged) -> None:
    status, told = act(house, "lock.front_door", "lock.unlock")
    assert (status, told["listen"], told["outcomes"]) == (200, True, [])
    assert house.device("lock.front_door")["state"] == "locked"
    assert ask(house, "POST", "/page/house/answer", {"text": "no"})[1]["text"] == "All right, I left it."
    assert house.device("lock.front_door")["state"] == "locked"


def test_what_the_assistant_is_not_to_know_it_does_not_find(house: Staged) -> None:
    status, told = wish(house, "switch.workbench", exposed=False)
    assert (status, told["device"]["exposed"]) == (200, False)
    assert "workbench is" not in said(house, "turn on the workbench").lower()
    assert house.device("switch.workbench")["state"] == "off"
    assert act(house, "switch.workbench", "switch.turn_on")[1]["outcomes"] == ["done"]
    wish(house, "switch.workbench", exposed=True)
    assert "orkbench is off" in said(house, "turn off the workbench")


def test_what_is_asked_about_first_can_be_more_and_not_less_without_a_password(house: Staged) -> None:
    assert wish(house, "switch.electric_blanket", confirm="always")[0] == 200
    assert "Shall I" in said(house, "turn off the electric blanket")
    assert "left it" in said(house, "no")
    for confirm in ("usual", "never"):
        status, told = wish(house, "switch.electric_blanket", confirm=confirm)
        assert status == 403
        assert "password" in told["error"]
    assert wish(house, "switch.electric_blanket", confirm="always", aliases=["cosy"])[0] == 200


def test_a_name_and_a_room_given_here_hold_at_once_and_go_again(house: Staged) -> None:
    wish(house, "light.garage_light", name="Work Light", area="nursery")
    assert house.device("light.garage_light")["name"] == "Work Light"
    assert house.device("light.garage_light")["area"] == "nursery"
    wish(house, "light.garage_light")
    assert house.device("light.garage_light")["name"] == "Garage Light"
    assert house.device("light.garage_light")["area"] == "garage"


def test_a_room_goes_by_another_name(house: Staged) -> None:
    area = {"id": "kitchen", "name": "Kitchen", "aliases": ["scullery"]}
    assert ask(house, "POST", "/page/house/area", area)[0] == 200
    assert "on" in said(house, "turn on the light in the scullery")
    said(house, "turn off the kitchen light")
    ask(house, "POST", "/page/house/area", area | {"aliases": []})


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ({"area": "atlantis"}, 400),
        ({"aliases": ["a"] * 31}, 400),
        ({"aliases": [""]}, 400),
        ({"aliases": ["x" * 201]}, 400),
        ({"confirm": "perhaps"}, 400),
        ({"name": "x" * 201}, 400),
    ],
)
def test_what_can_not_be_written_down_is_refused(house: Staged, written: dict[str, Any], status: int) -> None:
    assert wish(house, "light.garage_light", **written)[0] == status


def test_a_name_that_something_else_has_is_doubted(house: Staged) -> None:
    _, told = wish(house, "light.garage_light", aliases=["Hall Light"])
    assert "Hall Light" in told["doubts"][0]
    wish(house, "light.garage_light")


def test_what_can_not_be_taught_is_refused(house: Staged) -> None:
    for function, arguments in (("light.explode", {}), ("light.turn_on", {"nothing": "x"}), ("chat", {"name": "x"})):
        body = {"sentence": "make it so", "function": function, "arguments": arguments}
        status, told = ask(house, "POST", "/page/now/correct", body)
        assert status == 409
        assert told["error"]


def test_an_answer_comes_piece_by_piece(house: Staged) -> None:
    status, last = ask(house, "POST", "/page/now/ask", {"text": "turn on the lamp"})
    assert status == 200
    assert last["reply"]["choices"] == ["Living Room Lamp", "Bedroom Lamp", "Office Lamp"]
    assert ask(house, "POST", "/page/now/ask", {"text": "never mind"})[0] == 200
    assert ask(house, "POST", "/page/now/ask", {"text": "hello", "area": "atlantis"})[0] == 400


def test_without_the_password_no_route_of_any_view_answers(tmp_path: Path) -> None:
    text = "\n".join(file.read_text() for file in VIEWS.glob("*.py"))
    routes = set(re.findall(r'Route\(\s*"(GET|POST|PUT|DELETE)",\s*f?"(/page/[^"]*)"', text))
    assert len(routes) > 30
    with served(tmp_path, HTTP__REQUIRE_TOKEN="true") as here:  # noqa: S106 (a switch)
        for secret in (None, SECRET):
            if secret is not None:
                aside(lambda: Tokens.in_state(here.state).put(PASSWORD, SECRET))
            for method, path in sorted(routes):
                assert ask(here, method, path, {} if method != "GET" else None)[0] == 401, (method, path)
            assert ask(here, "GET", "/page/events?topics=now,house")[0] == 401
