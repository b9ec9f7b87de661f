"""Brokers that want to know who we are, and those that we don't know: real ones, with real certificates."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from edge.devices import Outcome, Registry, ServiceCall
from edge.mqtt.client import Endpoint
from edge.mqtt.discovery import Discovery
from edge.mqtt.errors import NotAllowedError
from edge.mqtt.house import House
from edge.mqtt.link import Link, LinkState
from edge.mqtt.tls import Tls
from edge.mqtt.trouble import Kind
from tests.mosquitto import Mosquitto
from tests.mqtt.guarded import Authority, password_line
from tests.mqtt.inbox import Inbox

_DYNAMIC = Path("/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    directory = tmp_path / "authority"
    directory.mkdir()
    return Authority(directory)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Path]:
    directory = tmp_path / "broker"
    directory.mkdir()
    yield directory


async def diagnosed(endpoint: Endpoint, state: LinkState = LinkState.REFUSED) -> tuple[Kind, str]:
    """What is wrong, once it is known."""
    async with Link(endpoint, client_id="test") as link, asyncio.timeout(15):
        await link.reached(state)
        assert link.diagnosis is not None
        return link.diagnosis.kind, str(link.diagnosis)


def to(broker: Mosquitto, tls: Tls | None = None, **more: object) -> Endpoint:
    return Endpoint(broker.host, broker.port, tls=tls, **more)  # type: ignore[arg-type]


async def test_carries_messages_over_tls_with_a_certificate_of_ours(authority: Authority, home: Path) -> None:
    certificate, key = authority.issue("edge.test")
    inbox = Inbox()
    tls = Tls(authority.ca_file, certificate, key)
    async with (
        Mosquitto(home, *authority.listener(wants_ours=True)) as broker,
        Link(to(broker, tls), client_id="test") as link,
        asyncio.timeout(20),
    ):
        link.subscribe(["house/lamp"], inbox, qos=1)
        await link.connected()
        await link.publish("house/lamp", "x" * 300_000)
        assert len((await inbox.wait_for(1))[0].payload) == 300_000


async def test_a_key_with_a_password_is_opened_with_the_one_from_its_file(authority: Authority, home: Path) -> None:
    certificate, key = authority.issue("edge.test")
    locked = key.with_suffix(".locked")
    private = load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    )
    async with Mosquitto(home, *authority.listener(wants_ours=True)) as broker:
        right = Tls(authority.ca_file, certificate, locked, lambda: "open sesame")
        async with Link(to(broker, right), client_id="test") as link, asyncio.timeout(10):
            await link.connected()
        for password, said in ((None, "client_key_password_file"), ("wrong", "not the password")):
            kind, text = await diagnosed(to(broker, replace(right, key_password=lambda given=password: given)))
            assert (kind, said in text) == (Kind.FILES, True)


@pytest.mark.parametrize(
    ("name", "expired", "kind", "said"),
    [
        ("127.0.0.1", True, Kind.CERTIFICATE, "has expired"),
        ("other.test", False, Kind.CERTIFICATE, "another name"),
    ],
)
async def test_names_what_is_wrong_with_the_certificate_of_a_broker(
    authority: Authority, home: Path, name: str, expired: bool, kind: Kind, said: str
) -> None:
    async with Mosquitto(home, *authority.listener(name, expired=expired)) as broker:
        found, text = await diagnosed(to(broker, Tls(authority.ca_file)))
        assert found is kind
        assert said in text


async def test_the_name_in_the_certificate_can_be_set(authority: Authority, home: Path) -> None:
    async with Mosquitto(home, *authority.listener("broker.test")) as broker:
        tls = Tls(authority.ca_file, server_name="broker.test")
        async with Link(to(broker, tls), client_id="test") as link, asyncio.timeout(10):
            await link.connected()


async def test_a_broker_signed_by_a_stranger_is_not_trusted(authority: Authority, home: Path, tmp_path: Path) -> None:
    async with Mosquitto(home, *authority.listener()) as broker:
        kind, text = await diagnosed(to(broker, Tls()))
        assert kind is Kind.CERTIFICATE
        assert "ca_file" in text


async def test_a_broker_that_wants_a_certificate_says_so(authority: Authority, home: Path, tmp_path: Path) -> None:
    strangers = tmp_path / "strangers"
    strangers.mkdir()
    certificate, key = Authority(strangers).issue("edge.test")
    async with Mosquitto(home, *authority.listener(wants_ours=True)) as broker:
        found = await diagnosed(to(broker, Tls(authority.ca_file)))
        assert found[0] is Kind.OWN_CERTIFICATE, found
        kind, text = await diagnosed(to(broker, Tls(authority.ca_file, certificate, key)))
        assert kind is Kind.OWN_CERTIFICATE, text
        assert "client_certificate" in text


async def test_tells_a_port_with_tls_from_one_without(authority: Authority, home: Path, broker: Mosquitto) -> None:
    async with Link(to(broker, Tls(authority.ca_file)), client_id="test") as link, asyncio.timeout(10):
        await link.reached(LinkState.LOST, LinkState.REFUSED)
        assert "port for TLS" in (link.trouble or "")
    async with Mosquitto(home, *authority.listener()) as guarded:
        kind, text = await diagnosed(to(guarded), LinkState.LOST)
        assert (kind, "tls = true" in text) == (Kind.CLOSED, True)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"ca_file": "none.pem"}, "mqtt.ca_file"),
        ({"ca_file": "empty.pem"}, "no certificate"),
        ({"ca_file": "ca.pem", "certificate": "none.pem"}, "mqtt.client_certificate"),
        ({"ca_file": "ca.pem", "certificate": "a.test.pem", "key": "b.test.key"}, "is not the key of"),
        ({"ca_file": "ca.pem", "certificate": "empty.pem"}, "expected a certificate and its key"),
    ],
)
async def test_files_that_can_not_be_used_are_named(authority: Authority, files: dict[str, str], said: str) -> None:
    authority.issue("a.test")
    authority.issue("b.test")
    (authority.directory / "empty.pem").touch()
    tls = Tls(**{key: authority.directory / name for key, name in files.items()})
    kind, text = await diagnosed(Endpoint("127.0.0.1", 1, tls=tls))
    assert (kind, said in text) == (Kind.FILES, True), text


def test_neither_old_tls_nor_a_missing_check_of_names_is_possible(authority: Authority) -> None:
    context = Tls(authority.ca_file).context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("protocol", [aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311])
async def test_passwords(home: Path, protocol: aiomqtt.ProtocolVersion) -> None:
    passwords = home / "passwords"
    passwords.write_text(password_line("edge", " right "))
    async with Mosquitto(home, f"password_file {passwords}", anonymous=False) as broker:
        for user, password in (("edge", "wrong"), ("nobody", " right ")):
            wrong = to(broker, username=user, password=lambda given=password: given, protocol=protocol)
            assert (await diagnosed(wrong))[0] is Kind.CREDENTIALS
        kind, text = await diagnosed(to(broker, protocol=protocol))
        assert (kind, "without a user name" in text) == (Kind.CREDENTIALS, True)
        right = to(broker, username="edge", password=lambda: " right ", protocol=protocol)
        async with Link(right, client_id="test") as link, asyncio.timeout(10):
            await link.connected()


async def test_what_the_access_list_forbids_to_say_is_told_and_costs_nothing_else(home: Path) -> None:
    access = home / "access"
    access.write_text("topic readwrite edge/#\n")
    inbox = Inbox()
    async with (
        Mosquitto(home, f"acl_file {access}") as broker,
        Link(to(broker), client_id="test", presence="elsewhere/state") as link,
        asyncio.timeout(10),
    ):
        link.subscribe(["edge/lamp"], inbox, qos=1)
        await link.connected()
        with pytest.raises(NotAllowedError, match="lamp/set"):
            await link.publish("lamp/set", "on")
        await link.publish("edge/lamp", "on")
        await inbox.wait_for(1)
        assert set(link.refusals) == {"lamp/set", "elsewhere/state"}
        assert link.counts.connects == 1


async def test_a_command_that_the_access_list_forbids_is_not_waited_for(home: Path) -> None:
    access = home / "access"
    access.write_text("topic readwrite homeassistant/#\ntopic read lamp/#\n")
    async with Mosquitto(home, f"acl_file {access}") as broker:
        end, registry = to(broker), Registry()
        async with Link(end, client_id="watch") as watch, Link(end, client_id="send") as send:
            house = House(watch=watch, send=send, registry=registry, discovery=Discovery(), command_timeout_s=300)
            async with house, asyncio.timeout(20):
                await asyncio.gather(watch.connected(), send.connected())
                found = asyncio.Event()
                registry.listen(lambda _change: found.set())
                lamp = {"name": "Lamp", "unique_id": "lamp", "command_topic": "lamp/set", "state_topic": "lamp/state"}
                await send.publish("homeassistant/light/lamp/config", json.dumps(lamp))
                await found.wait()
                assert await house.perform(ServiceCall("light.lamp", "turn_on")) is Outcome.UNANSWERED
                assert list(send.refusals) == ["lamp/set"]


@pytest.mark.skipif(not _DYNAMIC.exists(), reason="needs mosquitto's dynamic security")
async def test_what_the_access_list_forbids_to_hear_is_told(home: Path) -> None:
    rules = home / "rules.json"
    access = {
        "publishClientSend": True,
        "publishClientReceive": True,
        "subscribe": False,
        "unsubscribe": True,
    }
    allowed = {"acltype": "subscribePattern", "topic": "edge/#", "allow": True}
    group = {"groupname": "all", "roles": [{"rolename": "edge"}]}
    role = {"rolename": "edge", "acls": [allowed]}
    rules.write_text(
        json.dumps({"defaultACLAccess": access, "roles": [role], "groups": [group], "anonymousGroup": "all"})
    )
    lines = (f"plugin {_DYNAMIC}", f"plugin_opt_config_file {rules}")
    async with Mosquitto(home, *lines) as broker, Link(to(broker), client_id="test") as link, asyncio.timeout(10):
        link.subscribe(["secret/#", "edge/ask"], Inbox(), qos=1)
        await link.connected()
        assert list(link.refusals) == ["secret/#"]
