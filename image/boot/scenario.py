"""What a machine with a fresh card has to do, step by step, as it is seen from outside."""

import contextlib
import re
import time
from pathlib import Path
from typing import Any, Final

from image.boot.card import Card
from image.boot.factor import PROGRAM, host_seconds
from image.boot.house import House, page_status
from image.boot.inside import run_unit_tests
from image.boot.machine import Machine, MachineError
from image.boot.report import Report

BROKER: Final = 1883
PAGE: Final = 8080
SENTENCE: Final = "turn on the kitchen light"
_PASSWORD: Final = re.compile(r"^password: +(\S+)", re.MULTILINE)
_HOUSE: Final = "edge-test-house"
"""The unit of the simulated house."""
_SETTLE_S: Final = 240.0
EXPECTED_PORTS: Final = ("tcp 1883", "tcp 8080", "tcp 11434", "udp 5353")
"""What may be reached from the network, as docs/image.md lists it."""


class Scenario:
    """A card, and the machine it is in. Steps add to the report; `MachineError` ends them."""

    def __init__(
        self, card: Card, directory: Path, report: Report, patience: float, processors: int, memory_mib: int
    ) -> None:
        self.card = card
        self.directory = directory
        self.report = report
        self.patience = patience
        self.machine = Machine(
            card.kernel(directory), card.path, directory, (BROKER, PAGE), processors=processors, memory_mib=memory_mib
        )
        self.password = ""
        self.house: House | None = None
        self.node = ""

    def first_boot(self) -> None:
        """From power on to the first command that a device obeys, on a card that nobody has touched."""
        self.machine.power_on()
        self.machine.run("true", self.patience * _SETTLE_S)
        self.report.fact("seconds to a shell", self.machine.up_s)
        self._wait_for_password()
        self.report.fact("seconds to the password on the boot partition", self.machine.up_s)
        self.start_house()
        self.enter("first boot")
        self.first_command("first boot")
        self.factor()
        self.page()
        status, data = self.machine.attempt("cat /run/edge-data; df -m --output=size /var/lib/edge | tail -1")
        self.report.expect("the data partition is in use", status == 0 and data.startswith("data"), data)
        size_mib = int(data.split()[-1]) if data.split()[-1].isdigit() else 0
        self.report.fact("MiB on the data partition", size_mib)
        self.report.expect("the data partition has grown", size_mib > 512, f"{size_mib} MiB")
        _, failed = self.machine.attempt("systemctl --failed --plain --no-legend --no-pager")
        said = self.machine.attempt("journalctl -b -p warning -o cat --no-pager | tail -n 20")[1] if failed else ""
        self.report.expect("no unit failed", not failed.strip(), f"{failed}\n{said}")

    def enter(self, name: str) -> None:
        """Wait for the broker and the service, from outside."""
        if self.house is not None:
            self.house.__exit__()
        self.house = House(self.machine.ports[BROKER], self.password)
        self.house.connect(self.patience * _SETTLE_S)
        self.report.fact(f"{name}: seconds to the broker", self.machine.up_s)
        self.node = self.house.node(self.patience * _SETTLE_S)
        self.report.fact(f"{name}: seconds to the service", self.machine.up_s)

    def start_house(self) -> None:
        """A simulated house inside the machine: devices that speak MQTT and know nothing of the service."""
        program = "/opt/edge/current/bin/python -m edge.demo.house --username house --password-env HOUSE"
        unit = f"--unit={_HOUSE} --property=Restart=always --setenv=HOUSE={self.password}"
        self.machine.run(f"systemd-run --quiet {unit} {program}", self.patience * 60)

    def stop_house(self) -> None:
        """Its devices say nothing any more."""
        self.machine.run(f"systemctl stop {_HOUSE}", self.patience * 60)

    def first_command(self, name: str) -> None:
        """A sentence over MQTT moves a device: its command and its new state are seen on the broker."""
        house = self._house()
        limit = self.patience * _SETTLE_S
        started, before = time.monotonic(), len(house.messages)
        reply: dict[str, Any] = {}
        while reply.get("decision") != "act" and time.monotonic() - started < limit:
            # The service may not listen yet, or the house's devices may not have announced themselves.
            with contextlib.suppress(MachineError):
                reply = house.ask(self.node, SENTENCE, 5 * self.patience)
        self.report.expect(f"{name}: the assistant acts", reply.get("decision") == "act", str(reply))
        self.report.fact(f"{name}: seconds to the first command obeyed", self.machine.up_s)
        self.report.fact(f"{name}: processor seconds of this host until then", self.machine.processor_s)
        seen = [message.topic for message in house.messages[before:]]
        moved = [topic for topic in seen if topic.endswith("/set") and topic.removesuffix("/set") in seen]
        self.report.expect(f"{name}: a device was told and told its new state", bool(moved), f"{reply}, {seen}")

    def factor(self) -> None:
        """How much slower the machine is than this host, and what that makes of the service's start."""
        output = self.machine.run(f'python3 -c "{PROGRAM}"', self.patience * 120)
        guest, host = float(output.split()[-1]), host_seconds()
        self.report.fact("emulation factor", guest / host)
        _, shown = self.machine.attempt(
            "systemctl show edge.service -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic --value"
        )
        stamps = [int(word) for word in shown.split() if word.isdigit()]
        if len(stamps) == 2:
            self.report.fact("seconds the service itself took to start", abs(stamps[1] - stamps[0]) / 1e6)

    def page(self) -> None:
        """The page answers, and wants the password."""
        port, without = self.machine.ports[PAGE], self._page_answers()
        self.report.expect("the page wants the password", without == 401, f"status {without}")
        allowed = page_status(port, self.password, "/v1/models")
        self.report.expect("the page takes the password", allowed == 200, f"status {allowed}")

    def survives_a_killed_service(self) -> None:
        """SIGKILL of everything in the service's group: it is back, and answers."""
        started = time.monotonic()
        self.machine.run("systemctl kill --kill-whom=all -s KILL edge.service")
        self.report.expect("the service is back after SIGKILL", self.answers(self.patience * _SETTLE_S))
        self.report.fact("seconds from SIGKILL to an answer", time.monotonic() - started)

    def answers(self, limit_s: float) -> bool:
        """Whether a question is answered within so many seconds."""
        house, started = self._house(), time.monotonic()
        while time.monotonic() - started < limit_s:
            with contextlib.suppress(MachineError):
                if house.ask(self.node, "what time is it", 20 * self.patience).get("text"):
                    return True
        return False

    def open_ports(self) -> None:
        """What listens beyond loopback, once the page does."""
        self._page_answers()
        output = self.machine.run("ss -H -l -n -t -u | awk '{ print $1, $5 }'")
        found = {}
        for line in output.splitlines():
            kind, _, address = line.partition(" ")
            host, _, port = address.rpartition(":")
            if not host.startswith(("127.", "[::1]")):
                found[f"{kind} {port}"] = address
        # mDNS answers from a port of its own besides, chosen anew at each start.
        strangers = [name for name in found if name not in EXPECTED_PORTS]
        unexpected = {name: found[name] for name in strangers if not _is_mdns(self.machine, name)}
        self.report.fact("open ports", ", ".join(sorted(found)))
        self.report.expect("nothing else listens on the network", not unexpected, str(unexpected))

    def unit_tests(self, paths: list[str]) -> None:
        """Run tests of the checkout inside the machine."""
        run_unit_tests(self, paths)

    def switch_off(self) -> None:
        """In order, as a person does."""
        started = time.monotonic()
        with contextlib.suppress(MachineError):
            self.machine.run("systemctl poweroff --no-block", 20 * self.patience)
        while self.machine.running and time.monotonic() - started < 120 * self.patience:
            time.sleep(0.25)
        self.report.expect("it switches itself off", not self.machine.running)
        self.report.fact("seconds to switch off", time.monotonic() - started)
        self.machine.cut()

    def _page_answers(self) -> int:
        """Its status without a password, once it is there."""
        for _ in self.machine.until("the page answers", self.patience * 60, 1.0):
            if status := page_status(self.machine.ports[PAGE], None, "/v1/models"):
                return status
        raise AssertionError("until ends by raising")

    def _wait_for_password(self) -> None:
        for _ in self.machine.until("the password stands on the boot partition", self.patience * _SETTLE_S, 1.0):
            status, text = self.machine.attempt("cat /boot/firmware/edge-password.txt")
            found = _PASSWORD.search(text)
            if status == 0 and found:
                self.password = found[1]
                return

    def _house(self) -> House:
        if self.house is None:
            raise MachineError("nobody has connected to the machine's broker yet")
        return self.house


def _is_mdns(machine: Machine, name: str) -> bool:
    kind, _, port = name.partition(" ")
    if kind != "udp" or not port.isdigit():
        return False
    _, who = machine.attempt(f"ss -H -l -n -u -p 'sport = :{port}'")
    return "avahi" in who
