"""What is said after a start, and what is not said twice."""

from pathlib import Path

from edge.appliance.greeting import comes_online, greeting, is_news, is_online, is_owed, remember, tell_news
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


def test_what_is_the_machines_own_is_not_called_a_line_of_the_file() -> None:
    said = greeting(Report("edge", ("the data partition can't be used; flash", "name: no"), own=1), FINE, online=True)
    assert said == "I am ready, but: The data partition can't be used. In edge.toml, name: no."


def test_what_could_not_be_said_is_tried_again_until_somebody_heard_it(tmp_path: Path) -> None:
    machine, heard, endings = Machine(tmp_path), [], ["", "", "said"]

    def say(text: str) -> str:
        heard.append(text)
        return endings[len(heard) - 1]

    assert is_owed(machine)
    told = [tell_news(machine, "Hello.", say, 60.0) for _ in range(4)]
    assert told == [False, False, True, True]
    assert heard == ["Hello."] * 3
    assert not is_owed(machine)


def test_a_machine_that_nobody_can_hear_gives_up_until_its_next_start(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert not tell_news(machine, "Hello.", lambda _: "", 100.0)
    assert tell_news(machine, "Hello.", lambda _: "", 4000.0)
    assert tell_news(machine, "Hello.", lambda _: "muted", 100.0)
    assert is_owed(machine)
    assert is_news(machine, "Hello.")


def test_wifi_that_is_still_being_joined_is_not_called_out_of_reach() -> None:
    looks, slept = iter([False, False, True]), list[float]()
    assert comes_online(lambda: next(looks), slept.append)
    assert len(slept) == 2
    slept.clear()
    assert not comes_online(lambda: False, slept.append)
    assert sum(slept) == 60


def test_a_way_out_is_told_from_the_kernels_tables() -> None:
    head = "Iface\tDestination\tGateway\n"
    assert not is_online(head, "")
    assert not is_online(head + "eth0\t0000A8C0\t00000000\n", "")
    assert is_online(head + "eth0\t00000000\t0100A8C0\n", "")
    zero = "0" * 32
    rest = f"00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200"
    assert not is_online(head, f"{zero} {rest} lo\n")
    assert is_online(head, f"{zero} 00 {zero} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003 wlan0\n")
