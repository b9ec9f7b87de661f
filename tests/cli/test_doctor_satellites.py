"""`edge doctor --satellites` asks what is there and writes what would use it."""

import asyncio
from pathlib import Path

import pytest

from edge.cli.doctor_satellites import satellites
from edge.health.checks.satellites import check, look
from edge.health.finding import Severity
from edge.health.ground import Ground
from edge.settings import Loaded, load, places
from edge.speech.satellites import looking
from edge.speech.satellites.looking import Announced, Itself, announced
from tests.speech.satellites.simulated import simulated


async def loaded(directory: Path, config: str) -> Loaded:
    (directory / "config.toml").write_text(config)
    where = places({"EDGE_CONFIG": str(directory / "config.toml"), "EDGE_STATE": str(directory)})
    return await asyncio.to_thread(load, where, {})


async def test_those_of_the_configuration_are_asked(tmp_path: Path) -> None:
    async with simulated(wakes=True) as there:
        config = f'[[satellites]]\nname = "attic"\nhost = "127.0.0.1"\nport = {there.port}\n'
        config += '[[satellites]]\nname = "bath"\nhost = "127.0.0.1"\nport = 1\n'
        asked = await look(Ground(await loaded(tmp_path, config)))
    assert asked is not None
    attic, bath = check(asked)
    assert attic.severity is Severity.OK
    assert "simulated, finds its wake word by itself" in attic.text
    assert bath.severity is Severity.PROBLEM
    assert "127.0.0.1:1 can't be reached" in bath.text


async def test_what_is_announced_is_offered_and_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Itself('Bath "room"', 'Bad"\n[x]', there=True)

    async def two(_: float) -> list[Announced]:
        return [Announced("192.0.2.7", 10700, odd), Announced("127.0.0.1", 4711, odd)]

    monkeypatch.setattr(looking, "announced", two)
    config = '[[satellites]]\nname = "known"\nhost = "localhost"\nport = 4711\nenabled = false\n'
    (offered,) = await satellites(await loaded(tmp_path, config))
    assert offered.severity is Severity.NOTE
    toml = offered.remedy.partition(": ")[2].replace("  ", "\n")
    (one,) = (await loaded(tmp_path, toml)).settings.satellites
    assert (one.name, one.host, one.port, one.area) == ("bath-room", "192.0.2.7", 10700, "Bad[x]")


async def test_what_this_machine_announces_itself_is_none_of_the_others() -> None:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    async with simulated() as there:
        info = AsyncServiceInfo(
            "_wyoming._tcp.local.", "x._wyoming._tcp.local.", parsed_addresses=["127.0.0.1"], port=there.port
        )
        async with AsyncZeroconf(interfaces=["127.0.0.1"]) as running:
            await (await running.async_register_service(info))
            assert await looking.heard_of(2, ["127.0.0.1"]) >= {("127.0.0.1", there.port)}
            assert await announced(2, ["127.0.0.1"]) == []
