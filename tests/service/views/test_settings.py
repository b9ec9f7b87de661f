"""Settings that are set on the page: checked as a whole, saved whole or not at all, and nothing secret sent back."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.http.errors import HttpError
from edge.service.views.schema import settings_schema
from edge.service.views.settings import Settings, own_text, problems_with
from edge.settings import Places, load

WRITTEN = """\
# mine
node = "boat"

[mqtt]
broker = "10.0.0.2"
password = "hunter2"  # of the old one
# password = "before"

[[devices]]
id = "light.lamp"
command_topic = "lamp/set"
"""


def page_of(places: Places) -> tuple[Settings, Places]:
    service: Any = SimpleNamespace(loaded=load(places, {}))
    return Settings(service), places


@pytest.fixture
def page(tmp_path: Path) -> tuple[Settings, Places]:
    places = Places(tmp_path / "config.toml", tmp_path / "state", tmp_path / "run")
    places.config.write_text(WRITTEN)
    places.state.mkdir()
    return page_of(places)


def test_what_is_set_counts_and_a_persons_file_stays_as_it_was(page: tuple[Settings, Places]) -> None:
    settings, places = page
    told = settings.change({"mqtt.broker": "broker.local", "speech.wake_words": ["hey_jarvis"]})
    assert load(places, {}).settings.mqtt.broker == "broker.local"
    assert places.config.read_text() == WRITTEN
    assert told["values"]["mqtt"]["broker"] == "broker.local"
    assert told["pending"] == ["mqtt.broker", "mqtt.password", "speech.wake_words"]
    assert told["own"] == ["mqtt.broker", "speech.wake_words"]
    settings.change({"mqtt.broker": None}, etag=told["etag"])
    assert load(places, {}).settings.mqtt.broker == "10.0.0.2"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mqtt.port": 0}, "mqtt.port: expected a number greater than"),
        ({"mqtt.port": "many"}, "mqtt.port: expected a whole number"),
        ({"mqtt.prot": 1}, "mqtt.prot is no setting"),
        ({"mqtt.tls_server_name": "x"}, "expected tls = true beside"),
        ({"update.keys": "keys"}, "update.keys is set in a file of root's"),
        ({"mqtt.password": "plain"}, "mqtt.password is a secret"),
        ({"timezone": "Mars/Olympus"}, "expected a time zone's name"),
        ({"devices": [{"id": "light.lamp", "command_topic": 5}]}, "light.lamp"),
    ],
)
def test_what_can_not_be_used_is_refused_and_nothing_is_saved(
    page: tuple[Settings, Places], changes: dict[str, Any], said: str
) -> None:
    settings, places = page
    settings.change({"node": "yacht"})
    with pytest.raises(HttpError, match=said) as refused:
        settings.change({"units": "imperial"} | changes)
    assert refused.value.status == 422
    loaded = load(places, {})
    assert (loaded.settings.node, loaded.settings.units, loaded.problems) == ("yacht", "metric", ())


def test_a_secret_goes_into_a_file_of_its_own_and_never_back(page: tuple[Settings, Places]) -> None:
    settings, places = page
    told = settings.change(
        {"homeassistant.url": "http://ha:8123"}, {"homeassistant.token": "longlived", "confirm.pin": "4711"}
    )
    loaded = load(places, {})
    assert loaded.settings.confirm.secret() == "4711"
    file = loaded.settings.homeassistant.token_file
    assert file is not None
    assert file.read_text() == "longlived\n"
    assert file.stat().st_mode & 0o077 == 0
    text = json.dumps(told)
    for secret in ("longlived", "4711", "hunter2", "before"):
        assert secret not in text
    assert told["values"]["confirm"]["pin"] == {"set": True}
    assert told["values"]["mqtt"]["password"] == {"set": True}
    assert "# of the old one" not in told["files"][0]["text"] or "hunter2" not in told["files"][0]["text"]
    told = settings.change({}, {"confirm.pin": None}, told["etag"])
    assert told["values"]["confirm"]["pin"] == {"set": False}


def test_a_password_is_shown_to_the_broker_alone_that_it_was_given_for(page: tuple[Settings, Places]) -> None:
    settings, places = page
    settings.change({"mqtt.broker": "other.local"})
    assert load(places, {}).settings.mqtt.secret() is None
    settings.change({"mqtt.broker": "third.local"}, {"mqtt.password": "for the third"})
    assert load(places, {}).settings.mqtt.secret() == "for the third"
    settings.change({"mqtt.keepalive_s": 20})
    assert load(places, {}).settings.mqtt.secret() == "for the third"
    settings.change({"mqtt.broker": "fourth.local"})
    assert load(places, {}).settings.mqtt.secret() is None
    settings.change({"mqtt.broker": None})
    assert load(places, {}).settings.mqtt.secret() == "hunter2"


def test_a_secret_that_is_refused_is_not_left_lying_about(page: tuple[Settings, Places]) -> None:
    settings, places = page
    with pytest.raises(HttpError, match="port"):
        settings.change({"mqtt.port": 0}, {"confirm.pin": "4711"})
    assert not list((places.state / "secrets").iterdir())
    with pytest.raises(HttpError, match="one line"):
        settings.change({}, {"confirm.pin": "47\n11"})
    with pytest.raises(HttpError, match="is no secret"):
        settings.change({}, {"node": "x"})


def test_two_pages_do_not_overwrite_one_another(page: tuple[Settings, Places]) -> None:
    settings, _ = page
    first = settings.change({"node": "a"})
    settings.change({"node": "b"}, etag=first["etag"])
    with pytest.raises(HttpError, match="changed meanwhile") as refused:
        settings.change({"node": "c"}, etag=first["etag"])
    assert refused.value.status == 409


def test_a_text_is_checked_before_it_is_saved(page: tuple[Settings, Places]) -> None:
    _, places = page
    assert [one.message for one in problems_with("node = ", places)] == [
        "expected TOML: Invalid value (at end of document)"
    ]
    (problem,) = problems_with("[mqtt]\nkeepalive_s = 1\n", places)
    assert problem.key == "mqtt.keepalive_s"
    (problem,) = problems_with('[confirm]\npin = "4711"\n', places)
    assert "a file of its own" in problem.message
    assert not problems_with('# fine\n[[areas]]\nid = "a"\nname = "A"\n', places)


def test_a_text_keeps_its_comments_when_a_key_is_set(page: tuple[Settings, Places]) -> None:
    settings, places = page
    etag = settings.change({})["etag"]
    settings._replace('# for the winter\nnode = "a" # who knows\n', etag)
    settings.change({"node": "b", "mqtt.keepalive_s": 20})
    assert own_text(places) == '# for the winter\nnode = "b" # who knows\n\n[mqtt]\nkeepalive_s = 20\n'


def test_the_schema_says_what_the_code_says_and_lacks_what_root_sets() -> None:
    schema = settings_schema()
    assert "update" not in schema["properties"]
    assert schema["$defs"]["MqttSettings"]["properties"]["password"]["writeOnly"] is True
    assert "Host name or address" in schema["$defs"]["MqttSettings"]["properties"]["broker"]["description"]
    assert schema["properties"]["timezone"]["description"].startswith("An IANA name")


@given(
    st.text(max_size=60),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=30), st.lists(st.text(max_size=5), max_size=3)),
)
def test_whatever_is_sent_what_is_saved_can_be_used(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any
) -> None:
    root = tmp_path_factory.mktemp("any")
    settings, places = page_of(Places(root / "config.toml", root / "state", root / "run"))
    for dotted in (key, f"mqtt.{key}", "speech.area", "node", "mqtt.broker", "http.hosts"):
        try:
            settings.change({dotted: value})
        except HttpError:
            continue
    assert not load(places, {}).problems
