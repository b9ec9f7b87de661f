"""What the check of attached hardware finds."""

from edge.health.checks.hardware import HardwareFacts, check
from edge.health.finding import Severity


def test_nothing_is_wrong_where_everything_answers() -> None:
    (found,) = check(HardwareFacts(2, 1, 3))
    assert (found.severity, found.text) == (Severity.OK, "2 outputs, 1 buttons and 3 sensors are in use")


def test_a_pin_that_is_taken_is_told_with_what_to_do() -> None:
    trouble = "hardware: Pump: GPIO 17: GPIO busy; use another pin, or end what has it (`gpioinfo` names it)"
    (found,) = check(HardwareFacts(1, problems=(trouble,)))
    assert found.severity is Severity.PROBLEM
    assert found.text == "Pump: GPIO 17: GPIO busy"
    assert found.remedy.startswith("use another pin")


def test_a_sensor_that_does_not_answer_and_a_missing_library_are_told() -> None:
    library, silent = check(HardwareFacts(1, unread={"sensor.tank": "it is not there"}, has_library=False))
    assert "edge-assistant[gpio]" in library.remedy
    assert (silent.severity, silent.text) == (Severity.NOTE, "sensor.tank does not answer: it is not there")
