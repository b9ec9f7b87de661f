"""`edge doctor` tries the link to Home Assistant where no service runs that could tell of it."""

import asyncio
from pathlib import Path

import pytest

from edge.health.checks.homeassistant import look
from edge.health.facts import HomeAssistantFacts
from edge.health.ground import Ground
from edge.settings import load, places
from tests.homeassistant.fake import TOKEN, FakeHomeAssistant


async def facts(tmp_path: Path, url: str, token: str, monkeypatch: pytest.MonkeyPatch) -> HomeAssistantFacts | None:
    (tmp_path / "token").write_text(token)
    environ = {
        "EDGE_STATE": str(tmp_path / "state"),
        "EDGE_HOMEASSISTANT__URL": url,
        "EDGE_HOMEASSISTANT__TOKEN_FILE": str(tmp_path / "token"),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    loaded = await asyncio.to_thread(lambda: load(places(environ), environ))
    return await look(Ground(loaded))


async def test_it_says_whether_we_are_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeHomeAssistant() as fake:
        found = await facts(tmp_path, fake.url, TOKEN, monkeypatch)
        assert found is not None
        assert (found.version, found.trouble, found.entities) == ("2026.2.3", "", None)
        found = await facts(tmp_path, fake.url, "wrong", monkeypatch)
        assert found is not None
        assert "does not take the token" in found.trouble
        url = fake.url
    found = await facts(tmp_path, url, TOKEN, monkeypatch)
    assert found is not None
    assert "can't be reached" in found.trouble


def test_without_an_address_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    environ = {"EDGE_STATE": str(tmp_path)}
    assert asyncio.run(look(Ground(load(places(environ), environ)))) is None
