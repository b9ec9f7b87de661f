"""What the check of the history finds."""

from edge.health.checks.history import HistoryFacts, check
from edge.health.finding import Severity


def test_nothing_is_wrong_where_nothing_is() -> None:
    (found,) = check(HistoryFacts("/state/history.sqlite", 5_000_000, 1_000_000_000, 12))
    assert found.severity is Severity.OK
    assert "12 series" in found.text


def test_a_full_disk_is_a_problem_and_says_what_it_cost() -> None:
    (found,) = check(HistoryFacts("/state/history.sqlite", 1, trouble="database or disk is full", lost=7))
    assert found.severity is Severity.PROBLEM
    assert "7 readings were lost" in found.text


def test_a_file_that_was_set_aside_is_told_with_how_to_save_what_it_has() -> None:
    *_, found = check(HistoryFacts("/state/history.sqlite", 1, set_aside=("/state/history.sqlite.damaged-1",)))
    assert "edge sensors export --file /state/history.sqlite.damaged-1" in found.remedy
    assert ".recover" in found.remedy


def test_floods_and_what_was_kept_apart_are_notes() -> None:
    notes = list(check(HistoryFacts("/state/history.sqlite", 1, apart=3, flooding=("sensor.mad",))))[1:]
    assert [one.severity for one in notes] == [Severity.NOTE, Severity.NOTE]
