"""Brute-force answers to `sensor_questions.json` over the raw readings of `scripted_history.py`.

    python sensor_reference.py          compare every expected value with a fresh computation
    python sensor_reference.py --write  put the computed values into the file (only before it is frozen)

Definitions: a window is [from, to). An average is weighted by time, each reading holding until the next. Minimum and
maximum are over the readings inside the window. A total is the sum of a counter's rises from the last reading before
the window to the last inside it; after a fall the new value is the rise. A count is of changes into a state (a repeat
is no change) or of upward crossings. A duration counts from a change (or a crossing reading) to the next, cut at the
window. A trend compares the least-squares slope times the window's length with a threshold by unit. Normal compares a
value with the same hour of earlier days: within 3.5 robust deviations of their median.
"""

import json
import sys
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

from scripted_history import NOW, START, local, readings

FILE = Path(__file__).with_name("sensor_questions.json")
HOME = Path(__file__).with_name("sensor_home.json")
READINGS = readings()
# The first span is the one meant; a reasonable person may mean one of the others, so their answers are accepted too.
N = "2026-03-12T19:40"
WINDOWS = {
    "now": [(N, N)],
    "today": [("2026-03-12T00:00", N)],
    "yesterday": [("2026-03-11T00:00", "2026-03-12T00:00")],
    "day before yesterday": [("2026-03-10T00:00", "2026-03-11T00:00")],
    "tuesday": [("2026-03-10T00:00", "2026-03-11T00:00")],
    "monday": [("2026-03-09T00:00", "2026-03-10T00:00")],
    "sunday": [("2026-03-08T00:00", "2026-03-09T00:00")],
    "saturday": [("2026-03-07T00:00", "2026-03-08T00:00")],
    "friday": [("2026-03-06T00:00", "2026-03-07T00:00")],
    "since sunday": [("2026-03-08T00:00", N)],
    "since monday": [("2026-03-09T00:00", N)],
    "since tuesday": [("2026-03-10T00:00", N)],
    "since four": [("2026-03-12T16:00", N)],
    "this week": [("2026-03-09T00:00", N), ("2026-03-08T00:00", N)],
    "last week": [("2026-03-02T00:00", "2026-03-09T00:00"), ("2026-03-01T00:00", "2026-03-08T00:00"),
        ("2026-03-05T19:40", N)],
    "this month": [("2026-03-01T00:00", N)],
    "weekend": [("2026-03-07T00:00", "2026-03-09T00:00"), ("2026-03-06T18:00", "2026-03-09T00:00")],
    "ten days": [("2026-03-02T19:40", N), ("2026-03-02T00:00", N), ("2026-03-02T00:00", "2026-03-12T00:00")],
    "fortnight": [("2026-02-26T19:40", N), ("2026-02-26T00:00", N), ("2026-02-26T00:00", "2026-03-12T00:00")],
    "last night": [
        ("2026-03-11T20:00", "2026-03-12T08:00"), ("2026-03-11T18:00", "2026-03-12T06:00"),
        ("2026-03-11T21:00", "2026-03-12T06:00"), ("2026-03-11T21:00", "2026-03-12T07:00"),
        ("2026-03-11T22:00", "2026-03-12T06:00"), ("2026-03-11T22:00", "2026-03-12T07:00"),
        ("2026-03-12T00:00", "2026-03-12T06:00"),
    ],
    "this morning": [("2026-03-12T05:00", "2026-03-12T12:00"), ("2026-03-12T06:00", "2026-03-12T12:00"),
        ("2026-03-12T00:00", "2026-03-12T12:00")],
    "yesterday afternoon": [("2026-03-11T12:00", "2026-03-11T18:00"), ("2026-03-11T12:00", "2026-03-11T17:00"),
        ("2026-03-11T13:00", "2026-03-11T18:00")],
    "yesterday evening": [
        ("2026-03-11T18:00", "2026-03-12T00:00"), ("2026-03-11T17:00", "2026-03-11T22:00"),
            ("2026-03-11T18:00", "2026-03-11T22:00"),
        ("2026-03-11T18:00", "2026-03-11T23:00"), ("2026-03-11T17:00", "2026-03-12T00:00"),
            ("2026-03-11T17:00", "2026-03-11T21:00"),
    ],
    "two to four this morning": [("2026-03-12T02:00", "2026-03-12T04:00")],
    "midnight to six": [("2026-03-12T00:00", "2026-03-12T06:00")],
    "nine to five": [("2026-03-12T09:00", "2026-03-12T17:00")],
    "past hour": [("2026-03-12T18:40", N)],
    "past two hours": [("2026-03-12T17:40", N)],
    "past three hours": [("2026-03-12T16:40", N), ("2026-03-12T13:40", N), ("2026-03-11T19:40", N),
        ("2026-03-12T18:40", N)],
    "past days": [("2026-03-10T19:40", N), ("2026-03-11T19:40", N), ("2026-03-12T07:40", N),
        ("2026-03-09T00:00", N), ("2026-03-06T19:40", N)],
    "all": [(START.strftime("%Y-%m-%dT%H:%M"), N)],
}  # fmt: skip
TREND = {"°C": 0.5, "%": 1.0, "ppm": 60.0}
FLOOR = {"°C": 0.5, "%": 3.0, "ppm": 50.0, "W": 150.0, "L": 30.0}
UNITS = {d["id"]: d["attributes"].get("unit_of_measurement") for d in json.loads(HOME.read_text())["devices"]}


def inside(rows, a, b):
    return [(t, v) for t, v in rows if a <= t < b]


def at(rows, when):
    return [v for t, v in rows if t <= when][-1]


def spans(rows, a, b):
    """(from, to, value) pieces of the window, each reading holding until the next."""
    ends = [t for t, _ in rows[1:]] + [b]
    for (t, v), end in zip(rows, ends, strict=True):
        if end > a and t < b:
            yield max(t, a), min(end, b), v


def changes(rows, test):
    """Times at which `test` becomes true, and those at which it stops being so."""
    on, off, was = [], [], test(rows[0][1])
    for t, v in rows[1:]:
        if test(v) != was:
            (off if was else on).append(t)
            was = not was
    return on, off


def rise(rows, a, b):
    chain = [(t, v) for t, v in rows if t < a][-1:] + inside(rows, a, b)
    steps = pairwise(chain)
    return sum(v1 - v0 if v1 >= v0 else v1 for (_, v0), (_, v1) in steps)


def test_of(how):
    if "state" in how:
        return lambda v: v == how["state"]
    if "above" in how:
        return lambda v: v > how["above"]
    return lambda v: v < how["below"]


def slope(rows):
    xs = [(t - rows[0][0]).total_seconds() for t, _ in rows]
    mx, my = sum(xs) / len(xs), sum(v for _, v in rows) / len(rows)
    return sum((x - mx) * (v - my) for x, (_, v) in zip(xs, rows, strict=True)) / sum((x - mx) ** 2 for x in xs)


def usual(how, rows):
    """The value asked about and its peers at the same hour of earlier days."""
    when = local(how.get("at", N))
    if how.get("of") == "total":
        day = when.replace(hour=0, minute=0)
        days = [day - timedelta(days=d) for d in range(1, 21)]
        return rise(rows, day, when), [rise(rows, d, d + (when - day)) for d in days]
    near = timedelta(minutes=60)
    peers = [v for t, v in rows for d in range(1, 21) if abs(when - timedelta(days=d) - t) <= near]
    return at(rows, when), peers


def compute(how, a, b):  # noqa: C901
    op, rows = how["op"], READINGS.get(how.get("sensor"), [])
    here = inside(rows, a, b)
    if op == "value":
        v = at(rows, local(how.get("at", N)))
        return v * 9 / 5 + 32 if how.get("fahrenheit") else v
    if op in ("min", "max"):
        return (min if op == "min" else max)(v for _, v in here)
    if op == "mean":
        pieces = list(spans(rows, a, b))
        return sum(v * (y - x).total_seconds() for x, y, v in pieces) / sum(
            (y - x).total_seconds() for x, y, _ in pieces
        )
    if op == "total":
        return rise(rows, a, b)
    if op == "count":
        return sum(a <= t < b for t in changes(rows, test_of(how))[0])
    if op == "count days":
        return len({t.date() for t, v in here if test_of(how)(v)})
    if op == "duration":
        return sum((y - x).total_seconds() for x, y, v in spans(rows, a, b) if test_of(how)(v))
    if op in ("time of min", "time of max"):
        best = (min if op == "time of min" else max)(v for _, v in here)
        return next(t for t, v in here if v == best)
    if op in ("first", "last", "last end"):
        on, off = changes(rows, test_of(how))
        times = [t for t in (off if op == "last end" else on) if a <= t < b]
        return times[0] if op == "first" else times[-1]
    if op == "last rise":
        return [y for (y, v1), (_, v0) in zip(here[1:], here, strict=False) if v1 > v0][-1]
    if op == "since":
        return (NOW - compute(how | {"op": how["event"]}, a, b)).total_seconds()
    if op == "is":
        return "yes" if test_of(how)(at(rows, local(how.get("at", N)))) else "no"
    if op == "ever":
        return "yes" if any(test_of(how)(v) for _, v in here) else "no"
    if op in ("difference", "greater", "which"):
        values = [compute(part, *bounds(part)[0]) for part in how["parts"]]
        if op == "difference":
            return abs(values[0] - values[1])
        assert abs(max(values) - sorted(values)[-2]) >= how["margin"], how
        if op == "greater":
            return "yes" if values[0] > values[1] else "no"
        return how["names"][values.index((min if how.get("least") else max)(values))]
    if op == "trend":
        moved = slope(here) * (b - a).total_seconds()
        limit = TREND[UNITS[how["sensor"]]]
        return "rising" if moved > limit else "falling" if moved < -limit else "steady"
    if op == "normal":
        value, peers = usual(how, rows)
        mid = median(peers)
        wide = max(FLOOR[UNITS[how["sensor"]]], 1.4826 * median(abs(p - mid) for p in peers))
        return "yes" if abs(value - mid) <= 3.5 * wide else "no"
    raise ValueError(op)


def bounds(how):
    return [(local(a), local(b)) for a, b in WINDOWS[how.get("window", "all")]]


def tidy(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return round(value, 3) if isinstance(value, float) else value


def distance(x, y):
    if isinstance(x, str) and x[:2] == "20":
        return abs((datetime.fromisoformat(x) - datetime.fromisoformat(y)).total_seconds())
    return 0 if x == y else abs(x - y) if not isinstance(x, str) else float("inf")


def answer(question):
    """The value, and the other accepted ones that lie further off than the tolerance."""
    how, tolerance = question["how"], question["expected"].get("tolerance", 0)
    value, *others = [tidy(compute(how, a, b)) for a, b in bounds(how)]
    also = []
    for other in others + [tidy(compute(how | alt, *bounds(how | alt)[0])) for alt in how.get("or", [])]:
        if all(distance(other, seen) > tolerance for seen in [value, *also]):
            also.append(other)
    if question["expected"]["kind"] in ("yes_no", "name", "trend", "normal"):
        assert not also, (question["text"], value, also)
    return value, also


def main():
    questions = json.loads(FILE.read_text())
    wrong = 0
    for q in questions:
        if q["expected"]["kind"] == "clarify":
            continue
        value, also = answer(q)
        if "--write" in sys.argv:
            q["expected"] = {"kind": q["expected"]["kind"], "value": value} | {
                k: v for k, v in q["expected"].items() if k not in ("kind", "value", "also")
            }
            if also:
                q["expected"]["also"] = also
        elif (value, also) != (q["expected"].get("value"), q["expected"].get("also", [])):
            wrong += 1
            print("differs:", q["id"], q["text"], value, also, q["expected"])
    if "--write" in sys.argv:
        FILE.write_text("[\n" + ",\n".join(json.dumps(q, ensure_ascii=False) for q in questions) + "\n]\n")
    print(f"{len(questions)} questions, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
