"""Settings from files and the environment, and what is said about those that can't be used."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge.settings import Loaded, Places, SettingsError, load


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(config=tmp_path / "config.toml", state=tmp_path / "state", runtime=tmp_path / "run")


def loaded(where: Places, text: str = "", environ: dict[str, str] | None = None, **drop_ins: str) -> Loaded:
    where.config.write_text(text)
    if drop_ins:
        where.conf_d.mkdir(exist_ok=True)
    for name, content in drop_ins.items():
        (where.conf_d / f"{name}.toml").write_text(content)
    return load(where, environ or {})


def messages(result: Loaded) -> list[str]:
    return [str(problem) for problem in result.problems]


def test_defaults_stand_without_any_file(where: Places) -> None:
    result = load(where, {})
    assert result.problems == ()
    assert result.settings.mqtt.broker is None
    assert result.settings.base == f"edge/{result.settings.node}"


def test_later_sources_go_over_earlier_ones(where: Places) -> None:
    result = loaded(
        where,
        'node = "one"\n[mqtt]\nbroker = "file"\nport = 1\n',
        {"EDGE_MQTT__BROKER": "environment"},
        b='[mqtt]\nport = 3\nusername = "b"\n',
        a="[mqtt]\nport = 2\n",
    )
    assert result.problems == ()
    mqtt = result.settings.mqtt
    assert (mqtt.broker, mqtt.port, mqtt.username) == ("environment", 3, "b")
    assert [file.name for file in result.files] == ["config.toml", "a.toml", "b.toml"]


def test_arrays_of_tables_add_up(where: Places) -> None:
    hall, bath = '[[areas]]\nid = "hall"\nname = "Hall"\n', '[[areas]]\nid = "bath"\nname = "Bath"\n'
    assert [area.id for area in loaded(where, hall, a=bath).settings.areas] == ["hall", "bath"]


def test_a_slip_of_the_pen_is_named_with_its_file_and_a_near_miss(where: Places) -> None:
    result = loaded(where, '[mqtt]\nbrokr = "host"\n')
    (message,) = messages(result)
    assert message == f"{where.config}: mqtt.brokr: is not a setting (did you mean `broker`?)"


def test_a_problem_names_the_drop_in_it_comes_from(where: Places) -> None:
    (message,) = messages(loaded(where, "[mqtt]\nport = 1\n", a="[mqtt]\nport = 70000\n"))
    assert message.startswith(f"{where.conf_d / 'a.toml'}: mqtt.port: expected a number less than or equal to 65535")


def test_a_problem_names_the_environment_variable_it_comes_from(where: Places) -> None:
    (message,) = messages(loaded(where, "", {"EDGE_MQTT__PORT": "many"}))
    assert "EDGE_MQTT__PORT" in message
    assert "a whole number" in message


def test_an_unknown_variable_is_named_with_a_near_miss(where: Places) -> None:
    (message,) = messages(loaded(where, "", {"EDGE_NODES": "x"}))
    assert "EDGE_NODES" in message
    assert "`EDGE_NODE`" in message


def test_the_rest_stands_when_a_key_is_bad(where: Places) -> None:
    result = loaded(where, 'node = "Not A Slug"\n[mqtt]\nbroker = "host"\nport = "x"\n')
    assert len(result.problems) == 2
    assert result.settings.mqtt.broker == "host"
    assert result.settings.mqtt.broker_port == 1883


def test_a_bad_entry_of_a_list_goes_and_the_others_stay(where: Places) -> None:
    text = """
    [[areas]]
    name = "no id"
    [[areas]]
    id = "hall"
    name = "Hall"
    [[areas]]
    id = "bad id"
    name = "x"
    [[areas]]
    id = "bath"
    name = "Bath"
    aliases = 3
    """
    result = loaded(where, text)
    assert [area.id for area in result.settings.areas] == ["hall", "bath"]
    assert [message.split(": ")[1] for message in messages(result)] == [
        "areas[0].id",
        "areas[2].id",
        "areas[3].aliases",
    ]


@pytest.mark.parametrize(
    ("content", "expected"), [(b"[mqtt\n", "expected TOML"), (b"\xff\xfe", "UTF-8"), (b"a = [" * 5000, "expected TOML")]
)
def test_a_file_that_is_no_toml_is_named(where: Places, content: bytes, expected: str) -> None:
    where.config.write_bytes(content)
    (message,) = messages(load(where, {}))
    assert message.startswith(f"{where.config}: ")
    assert expected in message


def test_secrets_are_in_no_message_and_no_text(where: Places) -> None:
    result = loaded(where, '[confirm]\npin = "not digits 8714"\n[mqtt]\npassword = "sesame"\n')
    assert "8714" not in " ".join(messages(result))
    assert "sesame" not in repr(result.settings)


def test_a_password_file_goes_over_a_password(where: Places, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from file\n")
    result = loaded(where, f'[mqtt]\npassword = "x"\npassword_file = "{secret}"\n')
    assert result.settings.mqtt.secret() == "from file"


def test_a_device_keeps_the_keys_of_its_discovery_payload(where: Places) -> None:
    text = '[[devices]]\nid = "light.desk"\nname = "Desk"\ncommand_topic = "desk/set"\n'
    (device,) = loaded(where, text).settings.devices
    assert device.mqtt == {"command_topic": "desk/set"}


def test_a_newer_version_is_told_and_read_as_far_as_understood(where: Places) -> None:
    result = loaded(where, 'version = 99\nnode = "kitchen"\n')
    assert result.settings.node == "kitchen"
    assert "version" in messages(result)[0]


def test_checked_raises_with_every_problem(where: Places) -> None:
    with pytest.raises(SettingsError, match=r"brokr.*\n?.*nod"):
        loaded(where, 'nod = "x"\n[mqtt]\nbrokr = "x"\n').checked()


def test_a_missing_file_that_was_asked_for_is_a_problem(where: Places) -> None:
    (message,) = messages(load(where, {"EDGE_CONFIG": str(where.config)}))
    assert "no such file" in message


def test_two_satellites_of_one_name_or_address_are_a_problem(where: Places) -> None:
    one = '[[satellites]]\nname = "{name}"\nhost = "{host}"\n'
    for pair in ((("a", "x"), ("a", "y")), (("a", "x"), ("b", "x"))):
        text = "".join(one.format(name=name, host=host) for name, host in pair)
        assert "of its own for each" in str(loaded(where, text).problems[0])
    assert len(loaded(where, one.format(name="a", host="x") + one.format(name="b", host="y")).settings.satellites) == 2


_TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(["node", "mqtt", "areas", "devices", "floors", "log", "confirm", "satellites", "timezone", "x"])


@given(st.dictionaries(_KEYS, _TOML, max_size=5))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_in_the_file_there_are_settings(where: Places, values: dict[str, object]) -> None:
    from edge.settings.loading import _merge, _Merged, _validate
    from edge.settings.model import Settings

    merged = _Merged()
    _merge(merged, values, "file")
    assert isinstance(_validate(Settings, merged), Settings)


def test_what_was_set_on_the_page_counts_over_files_and_below_the_environment(tmp_path: Path) -> None:
    where = Places(tmp_path / "config.toml", tmp_path / "state", tmp_path / "run")
    where.config.write_text('node = "a"\n[mqtt]\nport = 1\nkeepalive_s = 10\n')
    where.own.parent.mkdir()
    where.own.write_text("[mqtt]\nport = 2\nkeepalive_s = 20\n")
    loaded = load(where, {"EDGE_MQTT__KEEPALIVE_S": "30"})
    assert (loaded.settings.node, loaded.settings.mqtt.port, loaded.settings.mqtt.keepalive_s) == ("a", 2, 30)
    assert loaded.files == (where.config, where.own)


def test_whom_root_believes_is_not_set_on_the_page(tmp_path: Path) -> None:
    where = Places(tmp_path / "config.toml", tmp_path / "state", tmp_path / "run")
    where.config.write_text('[update]\nkeys = "/etc/edge/keys"\n')
    where.own.parent.mkdir()
    where.own.write_text('node = "b"\n[update]\nkeys = "/tmp/keys"\n[backup]\nkeep = 1\n')
    loaded = load(where, {})
    assert (loaded.settings.node, str(loaded.settings.update.keys)) == ("b", "/etc/edge/keys")
    assert [problem.key for problem in loaded.problems] == ["update", "backup"]
