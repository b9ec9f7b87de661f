"""What takes a password on a page that is open otherwise."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from edge.api.http.access import Caller
from edge.api.http.errors import HttpError
from edge.api.http.routes import Call
from edge.service.views.proving import differing, guarded, must_have_logged_in


def call(*, authenticated: bool) -> Call:
    return cast("Call", SimpleNamespace(caller=Caller("page", authenticated)))


def test_who_has_logged_in_may() -> None:
    must_have_logged_in(call(authenticated=True), "confirm")
    with pytest.raises(HttpError) as refused:
        must_have_logged_in(call(authenticated=False), "confirm")
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (("mqtt.broker", "confirm.pin"), "confirm.pin"),
        (("devices",), "devices"),
        (("wyoming.confirm",), "wyoming.confirm"),
        (("wyoming.port", "confirmed.x", "speech.volume"), None),
        ((), None),
    ],
)
def test_which_keys_those_are(keys: tuple[str, ...], found: str | None) -> None:
    assert guarded(keys) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({}, {"mqtt": {"port": 1}}, None),
        ({}, {"confirm": {"unauthenticated": True}}, "confirm"),
        ({"sources": [{"source": "http"}]}, {}, "sources"),
        ({"wyoming": {"port": 1}}, {"wyoming": {"port": 1, "confirm": True}}, "wyoming.confirm"),
        ({}, {"wyoming": 3}, None),
    ],
)
def test_a_whole_text_is_held_against_the_one_before(
    before: dict[str, Any], after: dict[str, Any], found: str | None
) -> None:
    assert differing(before, after) == found
