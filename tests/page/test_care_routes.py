"""What the routes of the views that look after the machine refuse, over HTTP."""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import pytest

from edge.service.views.backups import SENT as SENT_BACKUP
from edge.service.views.sending import UPDATES
from tests.page.staging import Staged


def asked(house: Staged, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and answer of a GET, or with a body of a POST as the page itself makes it."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(house.base + path, data)  # noqa: S310 (our own address)
    request.add_header("Origin", house.base)
    request.add_header("Content-Type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("key=sensor.bedroom_air_temperature&since=0&until=86400", 200),
        ("key=sensor.bedroom_air_temperature&since=0&until=86400&points=1001", 400),
        ("key=sensor.bedroom_air_temperature&since=86400&until=0", 400),
        ("key=sensor.bedroom_air_temperature&since=0&until=4000000000", 400),
        ("key=sensor.bedroom_air_temperature&since=nan&until=5", 400),
        ("key=sensor.bedroom_air_temperature&since=0", 400),
        ("key=nothing&since=0&until=86400", 404),
        ("since=0&until=86400", 400),
    ],
)
def test_a_course_is_bounded(house: Staged, query: str, status: int) -> None:
    found, answer = asked(house, f"/page/sensors/course?{query}")
    assert found == status, answer
    if status == 200:
        assert len(answer["slices"]) <= 1000
    else:
        assert answer["error"]


@pytest.mark.parametrize("name", ["../config.toml", "../../etc/passwd", "edge-x.backup", "a/b", "%00", ""])
def test_nothing_but_a_backup_is_fetched(house: Staged, name: str) -> None:
    assert asked(house, f"/page/health/backup/file?name={quote(name, safe='')}")[0] == 404
    assert asked(house, "/page/health/backup/remove", {"name": name})[0] == 404


def test_restoring_takes_the_password_though_this_machine_may_look(house: Staged) -> None:
    status, answer = asked(house, "/page/health/restore/apply", {"name": "edge-x-20260101T000000Z.backup"})
    assert status == 403
    assert "password" in answer["error"]


def test_what_is_no_backup_is_not_kept(house: Staged) -> None:
    status, answer = asked(house, "/page/health/restore", b"not a backup" * 100)
    assert (status, answer["error"]) == (422, "that is no backup of edge")
    assert not (house.state / UPDATES / SENT_BACKUP).exists()


@pytest.mark.parametrize("path", ["/page/health/update", "/page/health/restore"])
def test_an_empty_file_is_none(house: Staged, path: str) -> None:
    status, answer = asked(house, path, b"")
    assert (status, answer["error"]) == (400, "the file is empty")
    assert not list((house.state / "updates").glob("*.part"))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/page/models/pull", {"what": "smollm2-135m:Q8_0", "licence_taken": False}),
        ("/page/models/pull", {"what": "--yes", "licence_taken": True}),
        ("/page/models/pull", {"what": "a b", "licence_taken": True}),
        ("/page/models/use", {"name": "--help"}),
        ("/page/plans/add", {"kind": "timer"}),
        ("/page/plans/add", {"kind": "timer", "in_s": 1e12}),
        ("/page/plans/add", {"kind": "reminder", "label": " ", "in_s": 60}),
        ("/page/plans/add", {"kind": "timer", "in_s": 60, "area": "nowhere"}),
        ("/page/plans/item-add", {"list": " ", "text": "milk"}),
        ("/page/alarms/mute", {"sensor": "x", "for_s": 1}),
        ("/page/settings", {"changes": {"../x": 1}, "etag": ""}),
        ("/page/first-run/step", {"step": "nothing"}),
        ("/page/first-run/look", {"what": "; rm -rf"}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(house: Staged, path: str, body: Any) -> None:
    status, answer = asked(house, path, body)
    assert status == 400
    assert answer["error"]


def test_what_is_gone_is_said(house: Staged) -> None:
    (house.state / UPDATES / SENT_BACKUP).unlink(missing_ok=True)  # another test may have sent one
    for path, body, status in (
        ("/page/plans/entry", {"id": "gone", "do": "cancel"}, 404),
        ("/page/plans/item", {"id": "gone", "do": "done"}, 404),
        ("/page/plans/rule", {"id": "gone", "do": "delete"}, 409),
        ("/page/alarms/seen", {"which": "gone"}, 409),
        ("/page/health/fix", {"name": "close_file", "target": "/etc/passwd"}, 409),
        ("/page/health/update/apply", {}, 409),
        ("/page/health/restore/check", {}, 409),
        ("/page/health/restore/check", {"name": "../config.toml"}, 404),
        ("/page/settings", {"etag": "another"}, 409),
    ):
        assert asked(house, path, body)[0] == status, path
