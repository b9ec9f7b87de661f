"""What `edge status` tells people."""

from typing import Any

from edge.cli.status import lines

FACTS: dict[str, Any] = {
    "version": "1",
    "node": "house",
    "uptime_s": 3700,
    "broker": {"state": "connected", "trouble": None},
    "devices": 3,
    "areas": 2,
    "model": {"state": "ready", "model": "tiny", "reason": None, "resident_bytes": 480_000_000, "ceiling": "cgroup"},
    "memory": {"resident_bytes": 90_000_000, "available_bytes": 1_000_000_000},
    "clock_trusted": True,
    "temperatures": {},
    "problems": [],
}


def test_the_model_and_what_holds_it_to_its_memory_are_on_one_line() -> None:
    assert "model     ready tiny, 480 MB held by a control group" in lines(FACTS)
    watched = FACTS | {"model": FACTS["model"] | {"ceiling": "watched"}}
    assert "model     ready tiny, 480 MB held by the service" in lines(watched)


def test_without_a_model_there_is_nothing_to_hold() -> None:
    absent = {"state": "absent", "model": None, "reason": None, "resident_bytes": 0, "ceiling": "", "notice": ""}
    told = lines(FACTS | {"model": absent})
    assert "model     absent" in told
    assert not [line for line in told if line.startswith("notice")]


def test_what_the_governor_has_taken_is_told_with_why() -> None:
    steps = [
        {"step": "fewer_threads", "why": "the processor is 2 °C from being slowed down"},
        {"step": "shorter_context", "why": "100 MB of memory are free, 134 MB of which must stay free"},
    ]
    limited = {"limited": True, "model": "tiny", "n_ctx": 2048, "most_threads": 3, "steps": steps}
    told = lines(FACTS | {"governor": limited})
    at = told.index("governor  tiny with 2048 tokens of context, at most 3 threads")
    assert told[at + 1] == "          shorter context: 100 MB of memory are free, 134 MB of which must stay free"
    assert told[at + 2] == "          fewer threads: the processor is 2 °C from being slowed down"
    assert "governor  tiny with 2048 tokens of context, at most 1 thread" in lines(
        FACTS | {"governor": limited | {"most_threads": 1}}
    )
    unloaded = limited | {"model": None, "n_ctx": 0}
    assert "governor  nothing loaded, at most 3 threads" in lines(FACTS | {"governor": unloaded})
    assert not [line for line in lines(FACTS | {"governor": {"on": False}}) if line.startswith("governor")]


def test_a_fast_path_that_is_off_is_told() -> None:
    told = lines(FACTS | {"model": FACTS["model"] | {"notice": "the fast path is not used (it crashes)"}})
    assert "notice    the fast path is not used (it crashes)" in told


def test_each_room_is_told_with_what_keeps_it_from_hearing() -> None:
    attic = {"state": "listening", "trouble": None, "area": "attic"}
    bath = {"state": "off", "trouble": "bath:10700 can't be reached"}
    told = lines(FACTS | {"voice": {"state": "idle", "trouble": None, "satellites": {"attic": attic, "bath": bath}}})
    at = told.index("voice     idle")
    assert told[at + 1 : at + 3] == [
        "          attic in attic: listening",
        "          bath: off: bath:10700 can't be reached",
    ]
    assert "voice     off: there is no microphone" in lines(
        FACTS | {"voice": {"state": "off", "trouble": "there is no microphone"}}
    )


def test_where_wyoming_is_served_is_told_or_why_it_is_not() -> None:
    served = {"listening": ["127.0.0.1:10300"], "trouble": None}
    assert "wyoming   127.0.0.1:10300" in lines(FACTS | {"wyoming": served})
    told = lines(FACTS | {"wyoming": {"listening": [], "trouble": "127.0.0.1:10300 is in use"}})
    assert "trouble   127.0.0.1:10300 is in use" in told


def test_what_the_broker_keeps_from_us_and_what_we_could_not_keep_is_told() -> None:
    told = lines(FACTS | {"mqtt": {"not_allowed": {"lock/set": "not authorized"}}, "requests": {"lost": 3}})
    assert "notice    the broker does not let us use lock/set (not authorized)" in told
    assert [line for line in told if line.startswith("notice    3 requests")]


def test_what_doctor_found_is_told_in_one_glance() -> None:
    finding = {"check": "power", "severity": "problem", "text": "The voltage is too low now", "remedy": "r"}
    told = lines({**FACTS, "doctor": {"at": 0, "problem": 1, "note": 2, "ok": 3, "trouble": "", "findings": [finding]}})
    assert any("1 problem, 2 notes" in line for line in told)
    assert any("power: The voltage is too low now" in line for line in told)
    told = lines({**FACTS, "doctor": {"at": 0, "problem": 0, "note": 0, "ok": 3, "trouble": "", "findings": []}})
    assert any("nothing is wrong" in line for line in told)
