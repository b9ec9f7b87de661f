"""What checks find on a machine whose trees and files are made up: card, heat, power, clock, databases, secrets."""

import asyncio
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from edge.health.checks import load as load_check
from edge.health.finding import Finding, Severity
from edge.health.ground import Ground
from edge.settings import load, places


def ground(directory: Path, config: str = "", **more: Any) -> Ground:
    """A machine below a directory, with these settings."""
    for name in ("state", "tree"):
        (directory / name).mkdir(exist_ok=True)
    file = directory / "config.toml"
    file.write_text(config)
    file.chmod(0o600)
    where = {
        "EDGE_CONFIG": str(file),
        "EDGE_STATE": str(directory / "state"),
        "EDGE_INSTALLATION": str(directory / "i"),
    }
    return Ground(load(places(where), where), root=directory / "tree", **more)


def found(name: str, on: Ground) -> list[Finding]:
    """What one check finds there."""
    check = load_check(name)

    async def look() -> Any:
        return await check.look(on)

    facts = asyncio.run(look())
    return [] if facts is None else list(check.check(facts))


def put(on: Ground, **files: str) -> None:
    """Files of /sys, by their path with `__` for `/`."""
    for name, text in files.items():
        file = on.root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.mark.parametrize(
    ("life", "spare", "severity"),
    [
        ("0x01 0x02", "0x01", Severity.OK),
        ("0x08 0x02", "0x01", Severity.NOTE),
        ("0x02 0x09", "0x01", Severity.PROBLEM),
        ("0x0b 0x01", "0x01", Severity.PROBLEM),
        ("0x01 0x01", "0x03", Severity.PROBLEM),
    ],
)
def test_a_card_says_how_worn_it_is(tmp_path: Path, life: str, spare: str, severity: Severity) -> None:
    on = ground(tmp_path)
    put(on, sys__block__mmcblk0__device__life_time=life, sys__block__mmcblk0__device__pre_eol_info=spare)
    (finding,) = found("card", on)
    assert finding.severity is severity
    assert severity is not Severity.PROBLEM or "edge backup" in finding.remedy


def test_errors_of_the_file_system_are_told(tmp_path: Path) -> None:
    on = ground(tmp_path)
    put(on, sys__block__sda__size="1", sys__fs__ext4__sda2__errors_count="4")
    (finding,) = found("card", on)
    assert (finding.severity, "4 errors" in finding.text) == (Severity.PROBLEM, True)


def test_a_card_that_says_nothing_is_nothing_to_tell(tmp_path: Path) -> None:
    on = ground(tmp_path)
    put(on, sys__block__mmcblk0__size="1", sys__block__mmcblk0__device__life_time="0x00 0x00")
    assert found("card", on) == []


@pytest.mark.parametrize(
    ("celsius", "flags", "severity", "word"),
    [
        (48, "0", Severity.OK, "48 °C"),
        (84, "60006", Severity.PROBLEM, "slows itself down"),
        (82, "0", Severity.PROBLEM, "about to slow down"),
        (60, "60000", Severity.NOTE, "has slowed itself down"),
    ],
)
def test_heat(tmp_path: Path, celsius: int, flags: str, severity: Severity, word: str) -> None:
    on = ground(tmp_path)
    put(on, sys__class__thermal__thermal_zone0__type="cpu-thermal")
    put(on, sys__class__thermal__thermal_zone0__temp=str(celsius * 1000))
    put(on, **{"sys__devices__platform__soc__soc:firmware__get_throttled": flags})
    (finding,) = found("heat", on)
    assert finding.severity is severity
    assert word in finding.text


@pytest.mark.parametrize(
    ("flags", "severity"), [("0", Severity.OK), ("10000", Severity.PROBLEM), ("50005", Severity.PROBLEM)]
)
def test_a_voltage_that_was_too_low_is_a_problem(tmp_path: Path, flags: str, severity: Severity) -> None:
    on = ground(tmp_path)
    put(on, sys__class__thermal__thermal_zone0__type="cpu", sys__class__thermal__thermal_zone0__temp="40000")
    put(on, **{"sys__devices__platform__soc__soc:firmware__get_throttled": flags})
    (finding,) = found("power", on)
    assert finding.severity is severity


def test_a_clock_behind_our_own_files_is_wrong(tmp_path: Path) -> None:
    on = ground(tmp_path)
    file = on.loaded.places.state / "schedule.sqlite"
    file.touch()
    ahead_s = time.time() + 86_400
    os.utime(file, (ahead_s, ahead_s))
    (finding,) = found("clock", on)
    assert (finding.severity, finding.fix and finding.fix.name) == (Severity.PROBLEM, "network_time")
    assert "schedule.sqlite" in finding.text


def test_a_clock_with_a_battery_or_a_server_is_trusted(tmp_path: Path) -> None:
    on = ground(tmp_path)
    assert found("clock", on)[0].severity is Severity.NOTE
    put(on, run__systemd__timesync__synchronized="")
    assert found("clock", on)[0].severity is Severity.OK


def test_what_the_running_service_says_of_the_clock_counts(tmp_path: Path) -> None:
    assert found("clock", ground(tmp_path, status={"clock_trusted": True}))[0].severity is Severity.OK


def test_a_damaged_database_is_told_and_a_whole_one_too(tmp_path: Path) -> None:
    on = ground(tmp_path)
    for name in ("good", "bad"):
        with sqlite3.connect(on.loaded.places.state / f"{name}.sqlite") as database:
            database.execute("CREATE TABLE t (x)")
            database.executemany("INSERT INTO t VALUES (?)", [("y" * 300,) for _ in range(400)])
        database.close()
    file = on.loaded.places.state / "bad.sqlite"
    data = bytearray(file.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    file.write_bytes(data)
    damaged, whole = found("databases", on)
    assert (damaged.severity, "bad.sqlite" in damaged.text) == (Severity.PROBLEM, True)
    assert damaged.evidence
    assert "edge restore" in damaged.remedy
    assert (whole.severity, whole.text) == (Severity.OK, "good.sqlite can be read")


def test_a_database_that_is_none_is_damaged(tmp_path: Path) -> None:
    on = ground(tmp_path)
    (on.loaded.places.state / "lists.sqlite").write_bytes(b"no database " * 100)
    (finding,) = found("databases", on)
    assert finding.severity is Severity.PROBLEM


def test_secrets_that_others_may_read_are_noted_with_a_fix(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("x")
    secret.chmod(0o644)
    on = ground(tmp_path, f'[mqtt]\nbroker = "h"\nusername = "u"\npassword_file = "{secret}"\n')
    (finding,) = found("secrets", on)
    assert (finding.severity, finding.fix and finding.fix.target) == (Severity.NOTE, str(secret))
    secret.chmod(0o600)
    assert [one.severity for one in found("secrets", on)] == [Severity.OK]


def test_settings_with_a_secret_in_them_are_looked_at(tmp_path: Path) -> None:
    on = ground(tmp_path, '[mqtt]\nbroker = "h"\nusername = "u"\npassword = "x"\n')
    (tmp_path / "config.toml").chmod(0o666)
    assert {one.severity for one in found("secrets", on)} == {Severity.NOTE}
    assert len(found("secrets", on)) == 2


def test_a_setting_that_is_none_is_named_with_its_file_and_what_was_meant(tmp_path: Path) -> None:
    (finding,) = found("settings", ground(tmp_path, '[speech]\nvioce = "amy"\n'))
    assert finding.severity is Severity.PROBLEM
    assert "speech.vioce" in finding.text
    assert "`voice`" in finding.text
    assert "config.toml" in finding.remedy


def test_what_the_service_says_of_its_settings_is_told_once(tmp_path: Path) -> None:
    on = ground(tmp_path, '[speech]\nvioce = "amy"\n')
    on.status = {"problems": [str(on.loaded.problems[0]), "rules: a rule makes no sense: mend it"], "uptime_s": 1e9}
    texts = [one.text for one in found("settings", on)]
    assert len([text for text in texts if "vioce" in text]) == 1
    assert "rules: a rule makes no sense" in texts


def test_a_state_directory_that_can_be_written_to_is_fine(tmp_path: Path) -> None:
    (finding,) = found("state", ground(tmp_path))
    assert finding.severity is Severity.OK
    assert not list((tmp_path / "state").iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_directory_that_can_not_be_written_to_is_a_problem(tmp_path: Path) -> None:
    on = ground(tmp_path)
    on.loaded.places.state.chmod(0o500)
    (finding,) = found("state", on)
    assert (finding.severity, finding.fix and finding.fix.name) == (Severity.PROBLEM, "give_back")


def test_a_service_that_is_silent_is_a_problem_and_none_at_all_is_not(tmp_path: Path) -> None:
    assert found("service", ground(tmp_path)) == []
    (finding,) = found("service", ground(tmp_path, silent="the service did not answer: timed out"))
    assert finding.severity is Severity.PROBLEM
    (finding,) = found("service", ground(tmp_path, status={"version": "1.0.0", "uptime_s": 7200}))
    assert (finding.severity, "2.0 hours" in finding.text) == (Severity.OK, True)


def test_two_devices_with_one_id_are_told_as_such(tmp_path: Path) -> None:
    topic = "homeassistant/light/two/config"
    told = {"entities": 1, "problems": {topic: "unique_id '0xabc' is taken by light one"}}
    (finding,) = found("discovery", ground(tmp_path, status={"discovery": told}))
    assert "same id" in finding.text
    assert topic in finding.remedy
    (finding,) = found("discovery", ground(tmp_path, status={"discovery": {"entities": 4, "problems": {}}}))
    assert finding.severity is Severity.OK
