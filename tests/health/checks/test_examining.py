"""How checks are run: all of them, each within its time, whatever goes wrong in one; and what fixes do."""

import asyncio
import json
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from edge.errors import EdgeError
from edge.health import checks
from edge.health.checks import examine, examined, names
from edge.health.finding import Finding, Fix, Severity, fine
from edge.health.fixes import FixError, apply, told
from edge.health.fixes import names as fix_names
from edge.health.ground import Ground
from edge.health.patience import within
from tests.health.checks.test_machine import ground

Look = Callable[[Ground], Any]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have these checks alone."""

    def use(**looks: Look) -> None:
        made = {}
        for name, look in looks.items():
            made[name] = ModuleType(name)
            made[name].look = look  # type: ignore[attr-defined]
            made[name].check = lambda facts, name=name: iter([fine(name, str(facts))])  # type: ignore[attr-defined]
            made[name].PATIENCE_S = 0.2  # type: ignore[attr-defined]
        monkeypatch.setattr(checks, "names", lambda: tuple(made))
        monkeypatch.setattr(checks, "load", made.__getitem__)

    return use


async def well(_: Ground) -> str:
    return "all is well"


def test_one_that_hangs_keeps_no_other(tmp_path: Path, only: Callable[..., None]) -> None:
    async def hangs(_: Ground) -> None:
        await asyncio.Event().wait()

    async def blocks(on: Ground) -> Any:
        return await on.aside(threading.Event().wait)

    only(hangs=hangs, blocks=blocks, well=well)
    found = {one.check: one for one in asyncio.run(examine(ground(tmp_path)))}
    assert found["well"].severity is Severity.OK
    for name in ("hangs", "blocks"):
        assert found[name].severity is Severity.NOTE
        assert "could not be looked at" in found[name].text


def test_one_that_fails_is_told_as_what_it_is(tmp_path: Path, only: Callable[..., None]) -> None:
    async def fails(_: Ground) -> None:
        raise ZeroDivisionError("of course")

    async def says(_: Ground) -> None:
        raise EdgeError("the index of models can't be read")

    async def nothing(_: Ground) -> None:
        return None

    only(fails=fails, says=says, nothing=nothing, well=well)
    found = {one.check: one for one in asyncio.run(examine(ground(tmp_path)))}
    assert "ZeroDivisionError" in found["fails"].text
    assert found["says"].text == "the index of models can't be read"
    assert "nothing" not in found
    assert found["well"].severity is Severity.OK


def test_what_several_look_at_is_looked_at_once(tmp_path: Path, only: Callable[..., None]) -> None:
    made = []

    async def make() -> int:
        made.append(1)
        return 7

    async def look(on: Ground) -> Any:
        return await on.once("it", make)

    only(one=look, two=look)
    found = asyncio.run(examine(ground(tmp_path)))
    assert [one.text for one in found] == ["7", "7"]
    assert made == [1]


def test_who_waits_gets_an_answer_from_a_thread_of_its_own(tmp_path: Path, only: Callable[..., None]) -> None:
    only(well=well)
    (finding,) = examined(ground(tmp_path))
    assert finding.text == "all is well"


async def test_what_is_given_up_is_cancelled() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        await within(0.05, work())
    assert ended.is_set()


def test_every_check_says_what_it_is_for_and_has_both_parts() -> None:
    assert len(names()) >= 30
    for name in names():
        check = checks.load(name)
        assert check.__doc__, name
        assert asyncio.iscoroutinefunction(check.look), name
        assert callable(check.check), name


def test_every_fix_says_what_it_would_do() -> None:
    for name in fix_names():
        assert told(Fix(name, "edge /var/lib/edge"))
    with pytest.raises(FixError, match="no fix"):
        apply(Fix("../doctor", "x"))


def test_a_file_is_closed_to_others_and_keeps_its_owners_rights(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("x")
    file.chmod(0o664)
    apply(Fix("close_file", str(file)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FixError):
        apply(Fix("close_file", str(tmp_path)))
    with pytest.raises(FixError):
        apply(Fix("close_file", str(tmp_path / "nothing")))


def test_a_directory_is_given_back_and_links_are_not_followed(tmp_path: Path) -> None:
    import pwd

    user = pwd.getpwuid(os.geteuid()).pw_name
    state = tmp_path / "state"
    (state / "deep").mkdir(parents=True)
    (state / "deep/file").write_text("x")
    (state / "link").symlink_to(tmp_path)
    state.chmod(0o500)
    said = apply(Fix("give_back", f"{user} {state}"))
    assert state.stat().st_mode & stat.S_IRWXU == stat.S_IRWXU
    assert "3 files" in said
    assert (state / "deep/file").read_text() == "x"


def test_a_finding_survives_json() -> None:
    for fix in (None, Fix("close_file", "/x")):
        finding = Finding("a", Severity.NOTE, "text", "remedy", "evidence", fix)
        assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding


@pytest.fixture
def house(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of somebody whose token everybody may read."""
    token = tmp_path / "token"
    token.write_text("x")
    token.chmod(0o644)
    config = tmp_path / "config.toml"
    config.write_text(
        f'[mqtt]\nbroker = "127.0.0.1"\nport = 1\nusername = "u"\npassword_file = "{token}"\n'
        "[speech]\nenabled = false\n[http]\nenabled = false\n[wyoming]\nenabled = false\n"
    )
    yield {**os.environ, "EDGE_CONFIG": str(config), "EDGE_STATE": str(tmp_path / "s")}


@pytest.mark.parametrize(("more", "mode"), [((), 0o644), (("--yes",), 0o600)])
async def test_fixing_asks_unless_it_is_told_not_to(
    house: dict[str, str], tmp_path: Path, more: tuple[str, ...], mode: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge", "doctor", "secrets", "--fix", "--json", *more),
        env=house,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    (done,) = json.loads(said)["fixed"]
    assert done["done"] is bool(more)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == mode
