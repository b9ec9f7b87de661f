"""Every HTTP route fuzzed from its own description: `python -m tests.bench.http_fuzz [--examples 300]`.

The whole service with a model of random weights. Told is which statuses each route answered; a 500, a 503 where nothing
is missing, and an error at the end of a stream are shown with the request. Exit status 1 where there was a fault.
"""

import argparse
import json
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.http.running import Running, running
from tests.api.http.test_openapi import OPERATIONS, UNAVAILABLE


def fuzz(here: Running, described: Any, method: str, path: str, examples: int) -> int:
    """How many faults were shown."""
    operation = described[path][method]
    statuses: Counter[int] = Counter()
    shown: set[bytes] = set()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def examine(data: Any) -> None:
        case = data.draw(operation.as_strategy())
        if isinstance(case.body, dict) and "model" in case.body and data.draw(st.booleans()):
            case.body["model"] = "tiny"
        response = case.call(base_url=here.base)
        statuses[response.status_code] += 1
        late = response.status_code == 200 and any(
            sign in response.content for sign in (b'{"error":"', b"response.failed", b'{"error":{')
        )
        if late or (response.status_code >= 500 and (response.status_code != 503 or path not in UNAVAILABLE)):
            if response.content[:120] not in shown:
                print(f"  {response.status_code} {response.content[-300:]!r} of {str(case.body)[:400]}")
            shown.add(response.content[:120])

    examine()
    print(f"{method:<5} {path:<28} {dict(sorted(statuses.items()))}")
    return len(shown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, running(Path(directory), HTTP__MAX_TOKENS="16") as here:
        with urllib.request.urlopen(f"{here.base}/openapi.json") as answer:  # noqa: S310 (our own address)
            described = schemathesis.openapi.from_dict(json.load(answer))
        faults = sum(fuzz(here, described, method, path, args.examples) for method, path in OPERATIONS)
        log = here.log.read_text()
        died = log.count("llm.died")
        print(f"faults {faults}, tracebacks in the log {log.count('Traceback')}, models that died {died}")
    return 1 if faults or died or "Traceback" in log else 0


if __name__ == "__main__":
    sys.exit(main())
