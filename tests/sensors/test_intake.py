from edge.sensors.intake import Intake, Rejected
from edge.sensors.model import Reading
from tests.sensors.streams import DAY_S, MONDAY_S


def test_the_first_reading_decides_what_a_sensor_reports() -> None:
    intake = Intake()
    assert intake.judge(Reading(MONDAY_S, "on")) == ("on", 0.0)
    assert intake.judge(Reading(MONDAY_S + 1, 3.0)) == (None, 0.0)
    assert intake.rejected[Rejected.NOT_A_STATE] == 1


def test_a_clock_put_forward_by_months_is_told() -> None:
    intake = Intake()
    intake.judge(Reading(MONDAY_S, 1.0))
    assert intake.judge(Reading(MONDAY_S + 90 * DAY_S, 1.0)) == (1.0, 90 * DAY_S)


def test_early_readings_that_go_to_and_fro_are_no_clock() -> None:
    intake = Intake()
    intake.judge(Reading(MONDAY_S, 1.0))
    for step in range(50):
        assert intake.judge(Reading(MONDAY_S - 100 - (step % 3), 1.0)) == (None, 0.0)
    assert intake.rejected[Rejected.OUT_OF_ORDER] == 50
