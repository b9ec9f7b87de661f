"""Prometheus' text format 0.0.4: families of samples with their help and kind, written and nothing else.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from edge.health.metrics import BOUNDS_S, Histogram


class Kind(StrEnum):
    """As Prometheus has them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its values, told apart by labels."""

    name: str
    """In base units, which are its last word; a counter's ends in `_total`."""
    kind: Kind
    help: str
    samples: Sequence[tuple[Mapping[str, str], float | None]] = ()
    """What is not known, None, is left out."""
    histograms: Sequence[tuple[Mapping[str, str], Histogram]] = ()


def gauge(name: str, help_: str, value: float | None, **labels: str) -> Family:
    """One value that goes up and down."""
    return Family(name, Kind.GAUGE, help_, ((labels, value),))


def counter(name: str, help_: str, value: float | None) -> Family:
    """One value that only goes up."""
    return Family(name, Kind.COUNTER, help_, (({}, value),))


def written(families: Iterable[Family]) -> str:
    """The text; families of which nothing is known are left out."""
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    known = [(labels, value) for labels, value in family.samples if value is not None]
    if not known and not family.histograms:
        return
    yield f"# HELP {family.name} {_escaped(family.help, quotes=False)}"
    yield f"# TYPE {family.name} {family.kind.value}"
    for labels, value in known:
        yield f"{family.name}{_labels(labels)} {_number(value)}"
    for labels, histogram in family.histograms:
        total = 0
        for bound, count in zip((*BOUNDS_S, math.inf), histogram.buckets, strict=True):
            total += count
            yield f"{family.name}_bucket{_labels({**labels, 'le': _number(bound)})} {total}"
        yield f"{family.name}_sum{_labels(labels)} {_number(histogram.sum_s)}"
        yield f"{family.name}_count{_labels(labels)} {total}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value, quotes=True)}"' for name, value in labels.items()) + "}"


def _escaped(text: str, *, quotes: bool) -> str:
    """Words from outside stay inside their quotes and on their line."""
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return escaped.replace('"', r"\"") if quotes else escaped


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
