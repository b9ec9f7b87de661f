"""The supervised mosquitto: it listens, comes back when it dies, and ends with us."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.mqtt.broker import BrokerAddress, SupervisedBroker, read_address, write_address
from edge.mqtt.client import Endpoint
from edge.mqtt.errors import BrokerFailedError, BrokerMissingError
from edge.mqtt.link import Link
from tests.mqtt.inbox import Inbox


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def link_to(broker: SupervisedBroker) -> Link:
    return Link(Endpoint(broker.address.host, broker.address.port), client_id="test")


async def test_it_listens_and_ends(tmp_path: Path) -> None:
    async with SupervisedBroker(state=tmp_path) as broker:
        pid = broker.pid
        assert pid is not None
        async with link_to(broker) as link:
            await link.connected()
    assert not is_alive(pid)


async def test_it_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_MQTT__PASSWORD", "our-secret")
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    async with SupervisedBroker(state=tmp_path) as broker:
        known = await asyncio.to_thread(Path(f"/proc/{broker.pid}/environ").read_bytes)
    assert b"PATH=" in known
    assert b"our-secret" not in known
    assert b"NOTIFY_SOCKET" not in known


async def test_it_comes_back_on_the_same_port_with_what_it_kept(tmp_path: Path) -> None:
    inbox = Inbox()
    async with SupervisedBroker(state=tmp_path) as broker, link_to(broker) as link:
        await link.publish("kept", "1", retain=True)
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGTERM)
        await link.publish("after", "2", timeout_s=20)
        link.subscribe(["kept"], inbox)
        assert [message.payload for message in await inbox.wait_for(1)] == [b"1"]
        assert broker.restarts == 1


async def test_the_port_is_remembered_for_the_next_time(tmp_path: Path) -> None:
    async with SupervisedBroker(state=tmp_path) as broker:
        first = broker.address
    async with SupervisedBroker(state=tmp_path) as broker:
        assert broker.address == first


async def test_a_port_that_something_else_has_taken_is_left_alone(tmp_path: Path) -> None:
    async with SupervisedBroker(state=tmp_path / "a") as broker:
        taken = broker.address
        (tmp_path / "b" / "mosquitto").mkdir(parents=True)
        (tmp_path / "b" / "mosquitto" / "port").write_text(str(taken.port))
        async with SupervisedBroker(state=tmp_path / "b") as other:
            assert other.address != taken


async def test_why_it_did_not_start_is_told(tmp_path: Path) -> None:
    async with SupervisedBroker(state=tmp_path / "a") as broker:
        with pytest.raises(BrokerFailedError, match="taken by another program"):
            async with SupervisedBroker(state=tmp_path / "b", port=broker.address.port):
                pass


async def test_a_missing_mosquitto_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("edge.mqtt.broker._CANDIDATES", ())
    with pytest.raises(BrokerMissingError, match="apt install mosquitto"):
        async with SupervisedBroker(state=tmp_path):
            pass


async def test_it_ends_even_when_we_are_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from edge.mqtt.broker import SupervisedBroker
async def main():
    async with SupervisedBroker(state=Path({str(tmp_path)!r})) as broker:
        print(broker.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=subprocess.PIPE)
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        while is_alive(pid):  # noqa: ASYNC110 (a process of its own has no event)
            await asyncio.sleep(0.01)


def test_other_processes_find_the_address(tmp_path: Path) -> None:
    file = tmp_path / "run" / "broker.json"
    write_address(file, BrokerAddress("127.0.0.1", 1234), node="n", supervised=True)
    assert read_address(file) == BrokerAddress("127.0.0.1", 1234)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 1}', '{"host": "a", "port": "x"}'])
def test_a_damaged_address_is_no_address(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broker.json"
    file.write_text(text)
    assert read_address(file) is None
