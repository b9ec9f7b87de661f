"""What is said after a start, and what is not said twice."""

from pathlib import Path

from edge.appliance.greeting import greeting, is_news, is_online, remember
from edge.appliance.places import Machine
from edge.appliance.report import Report

FINE = {"broker": {"trouble": None}, "model": {"state": "ready"}, "disk": {"free_bytes": 1 << 40}}


def test_nothing_is_said_where_all_is_well() -> None:
    assert greeting(Report("edge"), FINE, online=True) == ""
    assert greeting(Report("edge"), FINE, online=False) == ""


def test_the_first_start_says_that_it_is_ready_and_what_is_missing() -> None:
    said = greeting(Report("edge", first=True), FINE | {"model": {"state": "absent"}}, online=False)
    assert said.startswith("Hello. I am ready.")
    assert "language model" in said
    assert "network" not in said


def test_what_is_wrong_is_said() -> None:
    report = Report("edge", ("wifi.password: expected the network's password: 8 to 63 letters",), wants_wifi=True)
    said = greeting(report, FINE | {"broker": {"trouble": "refused"}, "disk": {"free_bytes": 100}}, online=False)
    assert said.startswith("I am ready, but:")
    for part in ("wifi.password", "Wi-Fi", "broker", "card is full"):
        assert part in said
    many = greeting(Report("edge", tuple("abc")), FINE, online=True)
    assert "3 lines" in many


def test_the_same_is_not_said_at_every_start(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert not is_news(machine, "")
    for _ in range(2):
        assert is_news(machine, "I am ready, but: no.")
    remember(machine, "I am ready, but: no.")
    assert not is_news(machine, "I am ready, but: no.")
    assert is_news(machine, "")
    remember(machine, "")
    assert is_news(machine, "I am ready, but: no.")


def test_a_way_out_is_told_from_the_kernels_tables() -> None:
    head = "Iface\tDestination\tGateway\n"
    assert not is_online(head, "")
    assert not is_online(head + "eth0\t0000A8C0\t00000000\n", "")
    assert is_online(head + "eth0\t00000000\t0100A8C0\n", "")
    zero = "0" * 32
    rest = f"00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200"
    assert not is_online(head, f"{zero} {rest} lo\n")
    assert is_online(head, f"{zero} 00 {zero} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003 wlan0\n")
