"""A machine's starts: from nothing, with a seed, with a bad one, cut short."""

import errno
import json
import os
import re
import stat
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge.api.http.tokens import Tokens
from edge.appliance import password
from edge.appliance.clock import restore
from edge.appliance.report import told
from edge.appliance.seed import journal
from edge.settings import Places, load
from tests.appliance.machines import Board

WIFI = """\
# my house
name = "hut"  # what it is called

[wifi]
ssid = "Mountain"   # the router's
password = "correct horse"
country = "GB"

[mqtt]
broker = "192.168.1.10"
username = "edge"
password = "hunter2hunter2"
"""


def settings(house: Board) -> tuple[dict[str, object], list[str]]:
    """The service's, as it would read them."""
    where = Places(house.machine.config / "config.toml", house.machine.state, house.machine.run)
    loaded = load(where, {})
    return loaded.settings.model_dump(), [str(problem) for problem in loaded.problems]


def test_a_first_start_without_a_word_makes_a_password_that_lets_in(house: Board) -> None:
    report = house.start()
    assert report.first
    assert report.problems == ()
    made = password.told_password(house.machine)
    assert made is not None
    assert made == house.password
    assert Tokens.in_state(house.machine.state).holder(made) == password.TOKEN
    broker = (house.machine.config / "broker/passwords").read_text()
    assert sorted(line.partition(":")[0] for line in broker.splitlines()) == ["edge", "house"]
    assert made not in broker
    values, problems = settings(house)
    assert problems == []
    assert values["http"]["host"] == "0.0.0.0"  # type: ignore[index] # noqa: S104
    assert values["mqtt"]["broker"] == "127.0.0.1"  # type: ignore[index]
    assert values["history"]["window_s"] == 60.0  # type: ignore[index]


def test_what_somebody_else_has_said_is_left(house: Board) -> None:
    (house.machine.config / "config.toml").write_text("[history]\nwindow_s = 5\n")
    house.start()
    values, problems = settings(house)
    assert problems == []
    assert values["history"]["window_s"] == 5.0  # type: ignore[index]


def test_a_card_whose_data_partition_can_not_be_used_is_told_of(house: Board) -> None:
    house.machine.data_place.write_text("data\n")
    assert house.start().problems == ()
    house.machine.data_place.write_text("memory\n")
    house.write("nme = 1\n")
    report = house.start()
    assert report.own == 1
    assert "lost at the next start" in report.problems[0]
    assert report.problems[1].startswith("nme")
    assert "lost at the next start" in house.machine.problems_file.read_text()
    assert told(house.machine) == report


def test_the_service_gets_in_at_the_machines_own_broker(house: Board) -> None:
    house.start()
    values, _ = settings(house)
    secret = Path(values["mqtt"]["password_file"]).read_text().strip()  # type: ignore[index]
    line = next(
        line
        for line in (house.machine.config / "broker/passwords").read_text().splitlines()
        if line.startswith("edge:")
    )
    assert password._is_of(line.removeprefix("edge:"), secret)


def test_the_broker_takes_the_secret_of_a_backup_that_was_put_in_place(house: Board) -> None:
    assert not password.agree_with_broker(house.machine, house.programs)
    house.start()
    assert not password.agree_with_broker(house.machine, house.programs)
    (house.machine.secrets / "broker").write_text("of another board\n")
    assert password.agree_with_broker(house.machine, house.programs)
    lines = (house.machine.config / "broker/passwords").read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["edge", "house"]
    assert password._is_of(lines[0].removeprefix("edge:"), "of another board")
    assert not password.agree_with_broker(house.machine, house.programs)
    assert [call[-1] for call in house.programs.called("systemctl")] == ["mosquitto.service"]


def test_a_second_start_makes_no_other_password_and_writes_nothing(house: Board) -> None:
    house.start()
    files = [file for file in house.machine.root.rglob("*") if file.is_file() and "run" not in file.parts]
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
    report = house.start()
    assert not report.first
    assert house.password is None
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files} == before


def test_secrets_leave_the_card_and_everything_else_stays(house: Board) -> None:
    house.write(WIFI)
    assert house.start().problems == ()
    assert "correct horse" not in house.seed
    assert "hunter2" not in house.seed
    assert len(house.seed) == len(WIFI)
    assert "# my house" in house.seed
    assert "# the router's" in house.seed
    kept = tomllib.loads(house.seed)
    assert kept["wifi"] == {"ssid": "Mountain", "password": "", "country": "GB"}
    values, problems = settings(house)
    assert problems == []
    file = Path(values["mqtt"]["password_file"])  # type: ignore[index]
    assert file.read_text() == "hunter2hunter2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_network_is_joined_at_every_start_though_the_seed_has_no_password_any_more(house: Board) -> None:
    house.write(WIFI)
    (house.machine.root / "sys/module/cfg80211").mkdir(parents=True)
    profile = house.machine.root / "run/NetworkManager/system-connections/edge-wifi-0.nmconnection"
    for _ in range(2):
        house.start()
        assert "psk=correct horse\n" in profile.read_text()
        assert "ssid=Mountain\n" in profile.read_text()
        assert stat.S_IMODE(profile.stat().st_mode) == 0o600
        profile.unlink()
    assert house.programs.called("iw") == [("iw", "reg", "set", "GB")] * 2
    assert house.names == ["hut", "hut"]


def test_a_driver_for_wifi_that_comes_after_the_start_knows_the_country(house: Board) -> None:
    house.write(WIFI)
    house.start()
    assert house.programs.called("iw") == []
    options = house.machine.root / "run/modprobe.d/edge-wifi.conf"
    assert options.read_text() == "options cfg80211 ieee80211_regdom=GB\n"


def test_another_broker_has_the_machines_own_stay_off_until_it_is_wanted_again(house: Board) -> None:
    house.write(WIFI)
    house.start()
    assert not (house.machine.config / "broker/passwords").exists()
    house.write('name = "hut"\n')
    house.start()
    assert (house.machine.config / "broker/passwords").exists()
    assert settings(house)[0]["mqtt"]["broker"] == "127.0.0.1"  # type: ignore[index]
    assert not (house.machine.secrets / "mqtt-password").exists()


def test_a_broker_in_the_persons_own_configuration_counts_too(house: Board) -> None:
    (house.machine.config / "config.toml").write_text('[mqtt]\nbroker = "boat.local"\n[http]\nhost = "127.0.0.1"\n')
    house.start()
    assert not (house.machine.config / "broker/passwords").exists()
    values, _ = settings(house)
    assert values["mqtt"]["broker"] == "boat.local"  # type: ignore[index]
    assert values["http"]["host"] == "127.0.0.1"  # type: ignore[index]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"\x00\x01\x02" * 100, "no text"),
        (os.urandom(4000) + b"\xff\xfe\x80", "UTF-8"),
        (b'name = "hut', "TOML"),
        ("[wifi]\nssid = “Mountain”\n".encode(), "typographic"),
        (b"x = [" * 40_000, "TOML"),
        (b"#" * 300_000, "longer than"),
    ],
)
def test_a_seed_that_is_none_changes_nothing_and_says_why(house: Board, bad: bytes, said: str) -> None:
    house.write(WIFI)
    house.start()
    before = settings(house)
    house.machine.seed.write_bytes(bad)
    report = house.start()
    assert len(report.problems) == 1
    assert said in report.problems[0] or "UTF-8" in report.problems[0] or "no text" in report.problems[0]
    assert house.machine.seed.read_bytes() == bad
    assert said in house.machine.problems_file.read_text() or "UTF-8" in house.machine.problems_file.read_text()
    assert settings(house) == before
    assert house.names[-1] == "hut"
    profile = house.machine.root / "run/NetworkManager/system-connections/edge-wifi-0.nmconnection"
    assert "psk=correct horse" in profile.read_text()


def test_what_is_wrong_with_single_lines_is_said_beside_it_and_the_rest_holds(house: Board) -> None:
    house.write(
        'name = "My House!"\nbluetooth = "yes"\nwifi = 3\nspeach = 1\npassword = 12\n[speech]\nvolume = 7\n'
        'wake_words = ["alexa"]\n[ssh]\nenabled = true\n'
    )
    report = house.start()
    text = "\n".join(report.problems)
    for part in ("name: ", "bluetooth: ", "wifi: ", "speach: is no key here (did you mean `speech`?)", "password: "):
        assert part in text
    assert "speech.volume" in text
    assert "ssh.enabled" in text
    assert house.machine.problems_file.read_bytes().count(b"\r\n") > 5
    assert settings(house)[0]["speech"]["wake_words"] == ("alexa",)  # type: ignore[index]
    assert (told_report := told(house.machine)) is not None
    assert told_report.problems == report.problems
    house.write("")
    assert house.start().problems == ()
    assert not house.machine.problems_file.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_notepad_has_its_ways(house: Board, encoding: str) -> None:
    house.machine.seed.write_bytes(WIFI.replace("\n", "\r\n").encode(encoding))
    assert house.start().problems == ()
    data = house.machine.seed.read_bytes()
    text = data.decode(encoding)
    assert "hunter2" not in text
    assert tomllib.loads(text.replace("\r\n", "\n"))["wifi"]["password"] == ""
    assert len(data) == len(WIFI.replace("\n", "\r\n").encode(encoding))
    assert house.start().problems == ()


def test_a_seed_that_windows_has_given_another_name_is_pointed_out(house: Board) -> None:
    house.machine.seed.with_name("edge.toml.txt").write_text("name = 'x'")
    assert "Windows" in house.start().problems[0]


def test_a_password_in_the_seed_is_the_one_and_goes_from_the_card(house: Board) -> None:
    house.start()
    made = password.told_password(house.machine)
    assert made is not None
    house.write('password = "sixteen-or-more-letters"\n')
    assert house.start().problems == ()
    tokens = Tokens.in_state(house.machine.state)
    assert tokens.holder("sixteen-or-more-letters") == password.TOKEN
    assert tokens.holder(made) is None
    assert not house.machine.password_file.exists()
    assert "sixteen" not in house.seed


def test_the_passwords_file_goes_when_it_is_changed_elsewhere(house: Board) -> None:
    house.start()
    assert not password.tidy(house.machine, house.programs)
    Tokens.in_state(house.machine.state).put(password.TOKEN, "another-one-of-16")
    assert password.tidy(house.machine, house.programs)
    assert not house.machine.password_file.exists()


def test_a_power_cut_after_the_password_was_told_makes_that_one_count(house: Board) -> None:
    house.start()
    made = password.told_password(house.machine)
    (house.machine.state / "http-tokens.json").unlink()
    house.start()
    assert password.told_password(house.machine) == made


class PowerCut(BaseException):
    """The power goes."""


@pytest.mark.parametrize("written", [0.5, 1.5, 2])
def test_a_power_cut_while_secrets_are_emptied_is_caught_up_with(
    house: Board, written: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a half, one and a half, and both of the secrets overwritten."""
    house.write(WIFI)
    real, left = os.pwrite, [written]

    def torn(number: int, data: bytes, offset: int) -> int:
        count = real(number, data if left[0] >= 1 else data[: len(data) // 2], offset)
        left[0] -= 1
        if left[0] <= 0:
            raise PowerCut
        return count

    with monkeypatch.context() as patch:
        patch.setattr("edge.appliance.seed.journal.os.pwrite", torn)
        with pytest.raises(PowerCut):
            house.start()
    assert journal.pending(house.machine) is not None
    assert house.start().problems == ()
    assert journal.pending(house.machine) is None
    assert "hunter2" not in house.seed
    assert "correct horse" not in house.seed
    values, _ = settings(house)
    assert Path(values["mqtt"]["password_file"]).read_text() == "hunter2hunter2\n"  # type: ignore[index]


def test_a_seed_that_was_edited_after_a_cut_is_left_as_it_is(house: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    house.write(WIFI)

    def cut(*_: object) -> int:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("edge.appliance.seed.journal.os.pwrite", cut)
        with pytest.raises(PowerCut):
            house.start()
    house.write(WIFI.replace("hut", "barn").replace("hunter2hunter2", "another-secret"))
    assert house.start().name == "barn"
    values, _ = settings(house)
    assert Path(values["mqtt"]["password_file"]).read_text() == "another-secret\n"  # type: ignore[index]


def test_a_boot_partition_that_can_not_be_written_is_read_all_the_same(
    house: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a card that is wearing out, or whose switch is set."""
    house.write(WIFI)
    here = os.statvfs(house.machine.boot)
    monkeypatch.setattr("edge.appliance.files.os.statvfs", lambda _: SimpleNamespace(f_flag=here.f_flag | os.ST_RDONLY))
    house.programs.fails = {"mount"}
    for _ in range(2):
        report = house.start()
        assert report.name == "hut"
        assert any("secrets" in problem for problem in report.problems)
        assert house.seed == WIFI
        profile = house.machine.root / "run/NetworkManager/system-connections/edge-wifi-0.nmconnection"
        assert "psk=correct horse\n" in profile.read_text()
        values, problems = settings(house)
        assert problems == []
        assert Path(values["mqtt"]["password_file"]).read_text() == "hunter2hunter2\n"  # type: ignore[index]


def test_a_secret_that_a_full_card_has_no_room_for_counts_where_it_stands(
    house: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    house.write(WIFI)
    with monkeypatch.context() as patch:
        patch.setattr("edge.appliance.seed.vault.write_private", full)
        report = house.start()
    assert any("No space left" in problem for problem in report.problems)
    assert house.seed == WIFI
    values, _ = settings(house)
    assert values["mqtt"]["password"] == "hunter2hunter2"  # type: ignore[index] # noqa: S105
    assert house.start().problems == ()
    assert "hunter2" not in house.seed


def test_a_file_with_no_password_that_could_be_one_gets_another(house: Board) -> None:
    house.machine.password_file.write_text("password: 12345\n")
    assert house.start().problems == ()
    assert house.password is not None
    assert password.told_password(house.machine) == house.password


def test_ssh_is_for_keys_and_off_otherwise(house: Board) -> None:
    key = "ssh-ed25519 " + "A" * 68 + " me@laptop"
    house.write(f'[ssh]\nenabled = true\nkeys = ["{key}", "ssh-rsa nonsense"]\n')
    report = house.start()
    assert (house.machine.run / "authorized_keys").read_text() == f"{key}\n"
    assert len(report.problems) == 1
    assert house.programs.called("systemctl") == [("systemctl", "start", "--no-block", "ssh.service")]
    house.start()
    assert len(house.programs.called("ssh-keygen")) == 1
    house.write("")
    house.start()
    assert not (house.machine.run / "authorized_keys").exists()


def test_bluetooth_is_off_unless_it_is_asked_for(house: Board) -> None:
    switch = house.machine.root / "sys/class/rfkill/rfkill0"
    switch.mkdir(parents=True)
    (switch / "type").write_text("bluetooth\n")
    for text, soft in (("", "1"), ("bluetooth = true", "0"), ("bluetooth = false", "1")):
        house.write(text)
        house.start()
        assert (switch / "soft").read_text() == soft


def test_a_step_that_fails_keeps_none_of_the_others(house: Board) -> None:
    house.write(WIFI)
    (house.machine.root / "sys/module/cfg80211").mkdir(parents=True)
    house.programs.fails = {"findmnt", "iw"}
    report = house.start()
    assert any("data partition" in problem for problem in report.problems)
    assert any("wifi.country" in problem for problem in report.problems)
    assert settings(house)[0]["mqtt"]["broker"] == "192.168.1.10"  # type: ignore[index]


def test_without_a_boot_partition_it_starts_too(house: Board) -> None:
    house.machine.boot.rmdir()
    report = house.start()
    assert house.password is not None
    assert Tokens.in_state(house.machine.state).holder(house.password) == password.TOKEN
    assert any("edge-problems" in problem for problem in report.problems) or report.problems == ()


def test_time_never_runs_backwards_over_a_start(house: Board) -> None:
    moved: list[float] = []
    assert restore(house.machine, moved.append) is None
    clock = house.machine.config / "boot/clock"
    ahead = clock.stat().st_mtime + 5000
    os.utime(clock, (ahead, ahead))
    behind = restore(house.machine, moved.append)
    assert behind is not None
    assert moved == [ahead]
    os.utime(clock, (5e9, 5e9))
    assert restore(house.machine, moved.append) is None


def test_remembered_problems_are_those_of_the_seed_that_is_there(house: Board) -> None:
    house.write("[speech]\nvolume = 7\n")
    assert len(house.start().problems) == 1
    assert len(house.start().problems) == 1
    (house.machine.memory / "settings-problems.json").write_text("{")
    assert len(house.start().problems) == 1
    assert json.loads((house.machine.memory / "settings-problems.json").read_text())["problems"]


def test_the_example_in_the_documentation_is_taken_as_it_stands(house: Board) -> None:
    page = (Path(__file__).parents[2] / "docs/first-boot.md").read_text()
    house.write(page.split("```text\n")[1].split("```")[0])
    assert house.start().problems == ()
    assert "its password" not in house.seed


def test_a_broker_that_was_chosen_on_the_page_is_no_other_ones_and_gets_no_other_ones_password(house: Board) -> None:
    house.start()
    own = house.machine.state / "settings.toml"
    own.write_text('[mqtt]\nbroker = "10.0.0.9"\n')
    house.start()
    assert not (house.machine.config / "broker/passwords").exists()
    loaded = load(Places(house.machine.config / "config.toml", house.machine.state, house.machine.run), {})
    mqtt = loaded.settings.mqtt
    assert (mqtt.broker, mqtt.username, mqtt.secret()) == ("10.0.0.9", None, None)
    own.unlink()
    house.start()
    assert (house.machine.config / "broker/passwords").exists()


def test_the_file_that_a_fresh_card_has_asks_for_nothing(house: Board) -> None:
    fresh = (Path(__file__).parents[2] / "image/files/boot/edge.toml").read_text()
    assert tomllib.loads(fresh) == {}
    house.write(fresh)
    assert house.start().problems == ()
    assert house.seed == fresh
    assert house.names[-1:] in ([], ["edge"])


def test_every_line_of_it_can_be_used_as_it_stands(house: Board) -> None:
    fresh = (Path(__file__).parents[2] / "image/files/boot/edge.toml").read_text()
    used = re.sub(r"^#(?=[a-z\[])", "", fresh, flags=re.MULTILINE)
    key = "ssh-ed25519 " + "A" * 68 + " me@laptop"
    chip, pin = 'i2c = ["bme280@0x76"]\n', "one_wire = true\n"
    assert chip in used
    assert pin in used
    # There are no buses and pins to wait for here.
    house.write(used.replace("ssh-ed25519 AAAA... me@laptop", key).replace(chip, "").replace(pin, ""))
    assert house.start().problems == ()
    assert set(tomllib.loads(used)) >= {"name", "timezone", "wifi", "speech", "mqtt", "homeassistant", "ssh"}
