"""Which version of MQTT is spoken, and what only the newer one can: a real broker, and one that plays an old one."""

import asyncio
import contextlib
import time
from itertools import pairwise

import aiomqtt
import pytest
from aiomqtt import ProtocolVersion
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.mqtt import client as client_module
from edge.mqtt import connection as connection_module
from edge.mqtt import link as link_module
from edge.mqtt.client import Endpoint
from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link, LinkState
from edge.mqtt.protocol import ProtocolChoice
from edge.mqtt.trouble import Kind
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.mqtt.tap import Answer, Tap, hangs_up_on_5, is_silent_to_5, lets_pass, refuses_5, refuses_5_politely

_WELCOME = b"\x20\x03\x00\x00\x00"
_WELCOME_3 = b"\x20\x02\x00\x00"
_PACKETS = st.builds(lambda kind, rest: bytes([kind, len(rest)]) + rest, st.integers(0, 255), st.binary(max_size=60))


@pytest.mark.parametrize(
    ("answer", "tried"),
    [(refuses_5, [5, 4]), (refuses_5_politely, [5, 4]), (hangs_up_on_5, [5, 5, 4])],
)
async def test_falls_back_to_3_1_1_with_a_broker_that_does_not_know_5(
    broker: Mosquitto, answer: Answer, tried: list[int]
) -> None:
    inbox = Inbox()
    async with Tap(broker.port, answer) as old:
        async with Link(Endpoint(old.host, old.port), client_id="test", presence="edge/test/state") as link:
            link.subscribe(["a"], inbox, qos=1, others_only=True)
            async with asyncio.timeout(10):
                await link.connected()
            assert not link.speaks_5
            await link.publish("a", "1", correlation=b"x", expiry_s=5)
            await inbox.wait_for(1)  # and nothing that only 5 has gets in the way
        assert old.versions == tried


async def test_falls_back_with_a_broker_that_is_silent_to_5(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_CONNECT_S", 0.2)
    async with Tap(broker.port, is_silent_to_5) as old:
        async with Link(Endpoint(old.host, old.port), client_id="test") as link, asyncio.timeout(20):
            await link.reached(LinkState.LOST)
            assert link.diagnosis is not None
            assert link.diagnosis.kind is Kind.SILENT
            await link.connected()
            assert not link.speaks_5
        assert old.versions == [5, 5, 4]


async def test_what_a_broker_says_right_after_its_welcome_is_heard() -> None:
    async with (
        Tap(0, lets_pass, garbage=_WELCOME + b"\xe0\x02\x8e\x00") as tap,
        Link(Endpoint(tap.host, tap.port), client_id="test") as link,
        asyncio.timeout(10),
    ):
        link.subscribe(["a"], Inbox())
        await link.reached(LinkState.REFUSED)
        assert link.diagnosis is not None
        assert link.diagnosis.kind is Kind.TAKEN_OVER


@pytest.mark.parametrize("protocol", [ProtocolVersion.V5, ProtocolVersion.V311])
@given(said=st.builds(bytes.__add__, st.sampled_from([_WELCOME, _WELCOME_3, b""]), st.binary(max_size=80) | _PACKETS))
@settings(max_examples=25)
def test_whatever_a_broker_says_costs_its_connection_at_most(protocol: ProtocolVersion, said: bytes) -> None:
    async def connect() -> None:
        async with Tap(0, lets_pass, garbage=said) as tap:
            end = Endpoint(tap.host, tap.port, protocol=protocol)
            async with Link(end, client_id="test") as link:
                link.subscribe(["a/#"], Inbox(), qos=1)
                with contextlib.suppress(TimeoutError):  # nothing wrong so far
                    async with asyncio.timeout(0.3):
                        await link.reached(LinkState.LOST, LinkState.REFUSED)
                assert link.state is not LinkState.CLOSED

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(client_module, "_CONNECT_S", 0.1)
        patched.setattr(connection_module, "_QUIET_S", 0.1)
        asyncio.run(connect())


async def test_a_broker_that_throws_us_out_again_and_again_is_not_hurried(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        Tap(broker.port, lets_pass) as tap,
        Link(Endpoint(tap.host, tap.port), client_id="test") as link,
        asyncio.timeout(20),
    ):
        link.on_connect(tap.cut)
        while link.counts.connects < 5:
            await link.reached(LinkState.LOST)
            await link.reached(LinkState.CONNECTED)
    waits = [vars(record)["again_in_s"] for record in caplog.records if record.message == "mqtt.disconnected"]
    assert waits[3] > 2 * waits[0]


async def test_a_version_that_is_set_is_spoken_whatever_happens(broker: Mosquitto) -> None:
    async with Tap(broker.port, refuses_5) as old:
        end = Endpoint(old.host, old.port, protocol=ProtocolVersion.V5)
        async with Link(end, client_id="test") as link, asyncio.timeout(10):
            await link.reached(LinkState.LOST)
            assert link.diagnosis is not None
            assert link.diagnosis.kind is Kind.PROTOCOL
        assert set(old.versions) == {5}
        end = Endpoint(old.host, old.port, protocol=ProtocolVersion.V311)
        async with Link(end, client_id="test") as link, asyncio.timeout(10):
            await link.connected()


def test_what_a_broker_said_is_remembered_and_what_was_guessed_is_tried_again() -> None:
    said, guessed = ProtocolChoice(), ProtocolChoice()
    assert said.note(Kind.PROTOCOL, welcomed=False)
    assert not said.note(Kind.LOST, welcomed=True)
    assert not said.speaks_5
    assert not guessed.note(Kind.SILENT, welcomed=False)  # it may be starting
    assert guessed.speaks_5
    assert guessed.note(Kind.SILENT, welcomed=False)
    assert not guessed.speaks_5
    assert not guessed.note(Kind.LOST, welcomed=True)
    assert guessed.speaks_5


@pytest.mark.parametrize("kind", list(Kind))
def test_two_versions_are_never_tried_in_turn_without_a_pause(kind: Kind) -> None:
    choice = ProtocolChoice()
    at_once = [choice.note(kind, welcomed=False) for _ in range(12)]
    assert (True, True) not in list(pairwise(at_once))


async def kept_question(broker: Mosquitto, *, topic: str = "ask") -> None:
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish(topic, "unlock the door", qos=1)


async def test_what_the_broker_kept_is_not_taken_after_a_start_of_the_machine(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="test") as link:
        link.subscribe(["ask"], inbox, qos=1)
        await link.connected()
    await kept_question(broker)
    async with Link(Endpoint(broker.host, broker.port), client_id="test", resume=False) as link:
        link.subscribe(["ask"], inbox, qos=1)
        await link.connected()
        await kept_question(broker, topic="ask")
        await inbox.wait_for(1)
        await link.publish("ask", "last")
        assert [message.payload for message in await inbox.wait_for(2)] == [b"unlock the door", b"last"]


async def test_what_the_broker_kept_too_long_is_not_taken(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that was without power keeps what it should have thrown away."""
    inbox, ahead_s = Inbox(), 0.0
    monkeypatch.setattr(link_module, "_boot_s", lambda: time.monotonic() + ahead_s)
    async with (
        Tap(broker.port, lets_pass) as tap,
        Link(Endpoint(tap.host, tap.port), client_id="test") as link,
        asyncio.timeout(20),
    ):
        link.subscribe(["ask"], inbox, qos=1)
        await link.connected()
        tap.cut()
        await link.reached(LinkState.LOST)
        await kept_question(broker)
        ahead_s = 61.0
        await link.reached(LinkState.CONNECTED)
        await link.connected()
        await link.publish("ask", "new")
        assert [message.payload for message in await inbox.wait_for(1)] == [b"new"]


async def test_what_waited_while_the_process_was_stopped_is_not_fresh(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_s, boot_s = 0.0, link_module._boot_s
    monkeypatch.setattr(link_module, "_boot_s", lambda: boot_s() + stopped_s)
    monkeypatch.setattr(link_module, "_REFUSE_S", 0.01)
    async with Link(Endpoint(broker.host, broker.port), client_id="test") as link:
        await link.connected()
        assert link.fresh
        stopped_s = 90.0
        assert not link.fresh
        assert not link.fresh
        await link.reached(LinkState.LOST)
        await link.reached(LinkState.CONNECTED)
        assert link.fresh


async def test_what_waited_while_the_machine_slept_is_not_fresh(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept_s = 100.0
    monkeypatch.setattr(link_module, "_slept_s", lambda: slept_s)
    async with Link(Endpoint(broker.host, broker.port), client_id="test") as link, asyncio.timeout(20):
        await link.connected()
        assert link.fresh
        slept_s = 4000.0
        assert not link.fresh
        await link.reached(LinkState.LOST)
        await link.connected()
        assert link.fresh


async def test_a_connection_that_is_back_at_once_was_never_away(broker: Mosquitto) -> None:
    seen = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="witness") as witness:
        witness.subscribe(["edge/test/state"], seen)
        await witness.connected()
        async with Tap(broker.port, lets_pass) as tap:
            end = Endpoint(tap.host, tap.port)
            async with Link(end, client_id="test", presence="edge/test/state") as link, asyncio.timeout(20):
                await link.connected()
                tap.cut()
                await link.reached(LinkState.LOST)
                await link.reached(LinkState.CONNECTED)
        assert [one.payload for one in await seen.wait_for(3)] == [b"online", b"online", b"offline"]


async def test_our_own_messages_do_not_come_back_where_that_is_wanted(broker: Mosquitto) -> None:
    ours, all_of_them = Inbox(), Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="test") as link:
        link.subscribe(["ask"], ours, qos=1, others_only=True)
        link.subscribe(["lamp"], all_of_them, qos=1)
        await link.connected()
        await link.publish("ask", "mine")
        await link.publish("lamp", "mine")
        await all_of_them.wait_for(1)
        await kept_question(broker)
        assert [message.payload for message in await ours.wait_for(1)] == [b"unlock the door"]


async def test_a_command_that_nobody_fetches_expires(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="device") as device:
        device.subscribe(["lock/set"], inbox, qos=1)
        await device.connected()
    async with Link(Endpoint(broker.host, broker.port), client_id="test") as link:
        await link.connected()
        await link.publish("lock/set", "UNLOCK", expiry_s=1)
        await link.publish("lock/set", "LOCK")
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 2.1)  # the broker's own clock
    async with Link(Endpoint(broker.host, broker.port), client_id="device") as device:
        device.subscribe(["lock/set"], inbox, qos=1)
        await device.connected()
        assert [message.payload for message in await inbox.wait_for(1)] == [b"LOCK"]


async def test_a_message_larger_than_the_broker_takes_costs_no_connection(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("small")
    async with (
        Mosquitto(directory, "max_packet_size 2000") as broker,
        Link(Endpoint(broker.host, broker.port), client_id="test") as link,
        asyncio.timeout(10),
    ):
        await link.connected()
        for size in (1995, 5000):
            with pytest.raises(MqttLinkError, match="2000 bytes"):
                await link.publish("a", "x" * size)
        await link.publish("a", "x")
        assert link.counts.connects == 1
