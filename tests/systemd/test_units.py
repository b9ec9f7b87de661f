"""The units of systemd: without a fault, guarded as they are meant to be, and calling what there is."""

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Final

import pytest

from edge.cli.main import VERBS, parser_for

TOP: Final = Path(__file__).parents[2]
UNITS: Final = sorted((TOP / "systemd/units").iterdir())
SYSTEM: Final = Path("/usr/lib/systemd/system")
NEWER: Final = ("RestartSteps", "RestartMaxDelaySec", "DelegateSubgroup")
"""Keys of systemd 254: older ones ignore them, and say so."""
analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None or not SYSTEM.is_dir(), reason="needs systemd's own units")


class _Many(dict[str, str]):
    """Keys may come more than once."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and key in self and isinstance(self[key], list):
            self[key].extend(value)  # type: ignore[attr-defined]
        else:
            super().__setitem__(key, value)  # type: ignore[assignment]


def unit(path: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=False, dict_type=_Many, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text())
    return parser


def commands(path: Path) -> list[list[str]]:
    """What a unit runs."""
    found = []
    for line in path.read_text().splitlines():
        key, _, value = line.partition("=")
        if key.startswith("Exec"):
            found.append(shlex.split(value.lstrip("+-!@:")))
    return found


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with systemd's own units, ours, and every program that ours call."""
    root = tmp_path_factory.mktemp("root")
    target = root / "usr/lib/systemd/system"
    shutil.copytree(SYSTEM, target, symlinks=True)
    for path in UNITS:
        shutil.copy(path, target / path.name)
        for command in commands(path):
            program = root / command[0].lstrip("/")
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
    for directory in ("etc/systemd/system", "run"):
        (root / directory).mkdir(parents=True)
    return root


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong(path: Path, system: Path) -> None:
    name = path.name.replace("@.", "@sda1.")
    done = subprocess.run(
        [str(analyze), "verify", "--man=no", f"--root={system}", name], capture_output=True, text=True, check=False
    )
    said = [
        line
        for line in done.stderr.splitlines()
        if line.strip() and "edge" in line and not any(f"'{key}'" in line for key in NEWER)
    ]
    assert said == []


@needs_systemd
@pytest.mark.parametrize(
    ("name", "most"), [("edge.service", 1.5), ("edge-sound.service", 1.5), ("edge-usb@.service", 1.5)]
)
def test_what_listens_and_reads_strangers_files_is_hardly_exposed(name: str, most: float) -> None:
    done = subprocess.run(
        [str(analyze), "security", "--offline=yes", "--no-pager", str(TOP / "systemd/units" / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= most


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_it_calls_verbs_that_there_are(path: Path) -> None:
    for command in commands(path):
        if command[0] != "/opt/edge/current/bin/edge":
            continue
        assert command[1] in VERBS
        words = [word.replace("%I", "sda1").replace("%i", "sda1") for word in command[1:]]
        assert parser_for(command[1]).parse_args(words).verb == command[1]


def test_the_sandbox_leaves_what_the_service_needs() -> None:
    service = unit(TOP / "systemd/units/edge.service")["Service"]
    assert "MemoryDenyWriteExecute" not in service  # cffi's callbacks
    assert "PrivateDevices" not in service  # sound
    assert "ProcSubset" not in service  # meminfo, cpuinfo
    text = (TOP / "systemd/units/edge.service").read_text()
    sound, pins, i2c = "char-116", "char-gpiochip", "char-89"
    assert re.findall(r"^DeviceAllow=(\S+)", text, re.MULTILINE) == [sound, pins, i2c]
    assert service["Type"] == "notify"
    assert service["OOMPolicy"] == "continue"
    assert service["DelegateSubgroup"] == "edge-service"


def test_the_group_that_the_service_divides_is_called_as_in_the_code() -> None:
    from edge.llm.ceiling import OWN

    assert unit(TOP / "systemd/units/edge.service")["Service"]["DelegateSubgroup"] == OWN


def test_the_status_that_asks_for_a_new_start_is_no_failure() -> None:
    from edge.cli import run

    assert unit(TOP / "systemd/units/edge.service")["Service"]["SuccessExitStatus"] == str(run._AGAIN)


def test_a_flashed_machine_whose_service_can_not_be_started_starts_itself_again_however_long_each_try_takes() -> None:
    service = unit(TOP / "systemd/units/edge.service")["Service"]
    limit = unit(TOP / "systemd/image/edge.service.d/image.conf")["Unit"]
    assert limit["StartLimitAction"] == "reboot"
    seconds = {"s": 1, "min": 60, "h": 3600}

    def span(text: str) -> int:
        number = re.match(r"\d+", text)
        assert number is not None
        return int(number[0]) * seconds[text[number.end() :]]

    longest_s = sum(span(service[key]) for key in ("TimeoutStartSec", "TimeoutAbortSec", "RestartMaxDelaySec"))
    assert int(limit["StartLimitBurst"]) * longest_s <= span(limit["StartLimitIntervalSec"])


def test_every_unit_that_is_switched_on_is_there() -> None:
    text = (TOP / "systemd/machine.sh").read_text()
    named = re.search(r"IMAGE_UNITS=\(([^)]*)\)", text)
    assert named is not None
    foreign = {"mosquitto.service", "avahi-daemon.service"}
    assert set(named[1].split()) - foreign <= {path.name for path in UNITS}


def test_the_password_that_the_broker_reads_is_where_a_start_writes_it() -> None:
    from edge.appliance.places import Machine

    config = (TOP / "systemd/image/mosquitto.conf").read_text()
    written = Machine().config / "broker/passwords"
    assert f"password_file {written}\n" in config
    assert f"ConditionPathExists={written}\n" in (TOP / "systemd/image/mosquitto.service").read_text()


def test_a_flashed_machine_waits_for_no_network(tmp_path: Path) -> None:
    script = 'source systemd/prepare.sh; source systemd/machine.sh; install_system_files "$0" service image'
    subprocess.run(["bash", "-euc", script, str(tmp_path)], cwd=TOP, check=True, capture_output=True)
    for name in ("usr/lib/systemd/system/edge.service", "etc/systemd/system/mosquitto.service"):
        orders = re.findall(r"^After=(.*)$", (tmp_path / name).read_text(), re.MULTILINE)
        assert "edge-boot.service" in " ".join(orders)
        assert not re.search(r"network(-online)?\.target", " ".join(orders))


def test_what_mounts_a_stick_has_no_view_of_its_own_on_file_systems() -> None:
    """Each process of a unit that has one gets its own: a mount would be gone with the process that made it."""
    text = (TOP / "systemd/units/edge-usb-mount@.service").read_text()
    assert not re.findall(
        r"^(?:Private(?!Network)\w*|Protect\w+|ReadWritePaths|TemporaryFileSystem)=", text, re.MULTILINE
    )
    assert "nosuid,nodev,noexec,nosymfollow" in text


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="needs systemd-sysusers")
def test_the_user_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/group").write_text("audio:x:29:\n")
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    done = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", str(TOP / "systemd/sysusers.d/edge.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "not permitted" in done.stderr:
        pytest.skip("only root may")
    assert "edge:x:" in (tmp_path / "etc/passwd").read_text()
    groups = (tmp_path / "etc/group").read_text()
    assert all(re.search(rf"^{name}:.*edge", groups, re.MULTILINE) for name in ("audio", "gpio", "i2c"))
