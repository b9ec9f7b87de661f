"""What is counted, and that Prometheus' own parser reads what is written of it."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from edge.assistant.record import Record
from edge.health.exposition import counter, gauge, written
from edge.health.metrics import BOUNDS_S, Histogram, Metrics
from edge.service.metrics import families
from edge.tracing import Mark, Stage
from tests.health.statuses import FULL, counted


def test_durations_fall_into_buckets_that_add_up() -> None:
    histogram = Histogram()
    for seconds in (0.0005, 0.001, 0.002, 7.0, 99.0):
        histogram.add(seconds)
    assert histogram.buckets[0] == 2
    assert histogram.buckets[-1] == 1
    assert histogram.count == 5
    assert histogram.sum_s == pytest.approx(106.0035)


def test_stages_requests_and_commands_are_counted() -> None:
    metrics = Metrics()
    metrics.observe(Mark(Stage.ROUTING, 1.0, 1.002, {}))
    metrics.observe(Mark(Stage.COMMAND, 1.0, 1.1, {"device": "light.lamp", "outcome": "done"}))
    record = Record(1, 0.0, True, "id", "cli", decision="act", answered_by="router", ms=3.0)
    metrics.answered(record)
    metrics.answered(Record(2, 0.0, True, "id", "mqtt", ms=3.0))
    assert metrics.stages[Stage.ROUTING].count == 1
    assert dict(metrics.commands) == {("light", "done"): 1}
    assert dict(metrics.requests) == {("cli", "act", "router"): 1, ("mqtt", "unanswered", "nobody"): 1}


def test_what_is_told_of_the_service_is_read_by_prometheus_and_named_as_it_wants() -> None:
    text = written(families(FULL, counted()))
    parsed = {family.name: family for family in text_string_to_metric_families(text)}
    assert parsed["edge_temperature_celsius"].samples[0].labels == {"sensor": "cpu-thermal"}
    assert parsed["edge_history_readings"].samples[0].value == 100
    assert {sample.labels["severity"]: sample.value for sample in parsed["edge_doctor_findings"].samples} == {
        "problem": 1,
        "note": 2,
        "ok": 20,
    }
    buckets = [one for one in parsed["edge_stage_duration_seconds"].samples if one.name.endswith("_bucket")]
    assert len(buckets) == len(BOUNDS_S) + 1
    assert buckets[-1].labels["le"] == "+Inf"
    for family in parsed.values():
        assert re.fullmatch(r"(edge|process)_[a-z0-9_]+", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert family.type in ("counter", "gauge", "histogram")
        assert not family.name.endswith(("_ms", "_kb", "_mb", "_percent", "_count"))
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)


def test_what_is_not_known_is_not_told() -> None:
    assert written([gauge("a_bytes", "Help.", None), counter("b_total", "Help.", None)]) == ""


def test_a_service_with_almost_nothing_is_told_too() -> None:
    bare = {**FULL, "broker": {"state": "off"}, "history": {}, "alarms": {}, "disk": {}, "doctor": {}}
    parsed = {family.name for family in text_string_to_metric_families(written(families(bare)))}
    assert "edge_mqtt_connected" in parsed
    assert "edge_doctor_findings" not in parsed


@given(st.text(), st.floats(allow_nan=False))
def test_no_word_from_outside_leaves_its_quotes(word: str, value: float) -> None:
    text = written([gauge("edge_x", "Help.", value, sensor=word), gauge("edge_y", "Help.", 1)])
    lines = text.split("\n")
    assert len(lines) == 7
    assert lines[-3].startswith("# TYPE edge_y")
    if "\n" not in word and "\r" not in word:
        (x, y) = text_string_to_metric_families(text)
        assert x.samples[0].labels == {"sensor": word}
        assert x.samples[0].value == value or math.isinf(value)
        assert y.name == "edge_y"
