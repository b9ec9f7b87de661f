"""What is wrong with a connection, told from what the libraries raise."""

import ssl
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edge.mqtt.access import configured_endpoint, doubts
from edge.mqtt.errors import EndedEarlyError, TlsFileError
from edge.mqtt.trouble import LASTING, Kind, Trouble, explain
from edge.settings.mqtt import MqttSettings


def told(error: BaseException | None, *, username: str | None = "edge", tls: bool = False) -> Trouble:
    return explain(error, where="10.0.0.2:1883", client_id="edge-x", username=username, tls=tls)


def refused(code: int) -> aiomqtt.MqttError:
    return aiomqtt.MqttCodeError(ReasonCode(PacketTypes.CONNACK, identifier=code))


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (refused(134), Kind.CREDENTIALS, "password_file"),
        (refused(135), Kind.CREDENTIALS, "password_file"),
        (refused(132), Kind.PROTOCOL, "version of MQTT"),
        (refused(138), Kind.NOT_ALLOWED, "banned"),
        (refused(151), Kind.BUSY, "limit"),
        (aiomqtt.MqttCodeError(ReasonCode(PacketTypes.DISCONNECT, identifier=142)), Kind.TAKEN_OVER, "edge-x"),
        (aiomqtt.MqttCodeError(ReasonCode(PacketTypes.DISCONNECT, identifier=128)), Kind.LOST, "calls itself edge-x"),
        (aiomqtt.MqttCodeError(7, "lost"), Kind.LOST, "10.0.0.2:1883"),
        (aiomqtt.MqttError("Operation timed out"), Kind.SILENT, "does not answer"),
        (EndedEarlyError(None), Kind.CLOSED, "TLS"),
        (TlsFileError("mqtt.ca_file: nothing there"), Kind.FILES, "mqtt.ca_file"),
        (PermissionError(13, "Permission denied", "/p"), Kind.FILES, "/p"),
        (ConnectionRefusedError(111, "Connection refused"), Kind.NOT_LISTENING, "nothing listens"),
        (None, Kind.LOST, "ended the connection"),
    ],
)
def test_every_error_has_a_kind_and_a_sentence(error: BaseException | None, kind: Kind, said: str) -> None:
    trouble = told(error)
    assert trouble.kind is kind
    assert said in str(trouble)


def test_the_reason_behind_the_librarys_own_words_is_found() -> None:
    outer = aiomqtt.MqttError("Disconnected during message iteration")
    outer.__cause__ = aiomqtt.MqttCodeError(ReasonCode(PacketTypes.DISCONNECT, identifier=142))
    assert told(outer).kind is Kind.TAKEN_OVER


def test_without_a_user_name_the_remedy_is_another() -> None:
    assert "set [mqtt] username" in told(refused(135), username=None).remedy


def test_what_a_person_has_to_mend_is_not_tried_in_a_hurry() -> None:
    assert {Kind.CREDENTIALS, Kind.CERTIFICATE, Kind.FILES} <= LASTING
    assert not {Kind.LOST, Kind.CLOSED, Kind.SILENT, Kind.NOT_LISTENING} & LASTING


@given(st.integers(1, 255) | st.none(), st.text(max_size=100), st.booleans())
def test_whatever_is_raised_is_explained(code: int | None, text: str, tls: bool) -> None:
    for error in (aiomqtt.MqttCodeError(code, text), OSError(code or 1, text), ssl.SSLError(1, text), ValueError(text)):
        assert told(error, tls=tls).text


def test_secrets_that_others_may_read_are_told(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_bytes(b"\xef\xbb\xbf right \r\nnot this\n")
    password.chmod(0o644)
    mqtt = MqttSettings(broker="broker.test", username="edge", password_file=password)
    assert mqtt.secret() == " right "
    found = doubts(mqtt)
    assert [one.partition(":")[0] for one in found] == ["mqtt.password_file", "mqtt.tls", "mqtt.password_file"]
    assert "chmod 600" in found[0]
    assert "right" not in "".join(found)
    password.chmod(0o600)
    password.write_bytes(b"right\n")
    assert doubts(MqttSettings(broker="localhost", username="edge", password_file=password)) == []


def test_the_settings_make_the_endpoint(tmp_path: Path) -> None:
    mqtt = MqttSettings(broker="broker.test", tls=True, ca_file=tmp_path / "ca.pem", protocol="3.1.1")
    end = configured_endpoint(mqtt)
    assert (str(end), end.protocol, end.password) == ("broker.test:8883", aiomqtt.ProtocolVersion.V311, None)
    assert end.tls is not None
    own = configured_endpoint(mqtt, host="127.0.0.1", port=4000)
    assert (str(own), own.tls) == ("127.0.0.1:4000", None)
    assert str(configured_endpoint(MqttSettings(broker="fe80::1"))) == "[fe80::1]:1883"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"broker": "mqtt://broker"}, "host name"),
        ({"broker": "broker:1883"}, "port"),
        ({"broker": "broker", "ca_file": "/ca.pem"}, "tls = true"),
        ({"broker": "broker", "tls": True, "client_key": "/k"}, "client_certificate"),
    ],
)
def test_slips_of_the_pen_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MqttSettings.model_validate(values)
