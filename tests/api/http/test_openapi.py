"""Whatever the description of the interface permits is answered as it says, and nothing is ever a fault."""

import importlib.util
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.http.running import Running, running

pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
]
EXAMPLES = 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
UNAVAILABLE = ("/v1/audio/transcriptions", "/v1/audio/speech", "/api/edge/listen")
"""Where there is nothing to hear or speak with: 503 is the right answer."""
KINDS = ("application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "/")
few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("service"), HTTP__MAX_TOKENS="16") as here:
        yield here


@pytest.fixture(scope="module")
def described(service: Running) -> Any:
    with urllib.request.urlopen(f"{service.base}/openapi.json") as answer:  # noqa: S310
        return schemathesis.openapi.from_dict(json.load(answer))


OPERATIONS = [
    ("GET", "/"),
    ("GET", "/api/tags"),
    ("GET", "/api/ps"),
    ("GET", "/api/version"),
    ("POST", "/api/show"),
    ("POST", "/api/chat"),
    ("POST", "/api/generate"),
    ("GET", "/metrics"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{model}"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/audio/transcriptions"),
    ("POST", "/v1/audio/speech"),
    ("GET", "/healthz"),
    ("POST", "/api/edge/ask"),
    ("POST", "/api/edge/listen"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_the_description_permits_is_answered_as_it_says(
    service: Running, described: Any, method: str, path: str
) -> None:
    operation = described[path][method]

    @few
    @given(st.data())
    def examine(data: Any) -> None:
        case = data.draw(operation.as_strategy())
        if isinstance(case.body, dict) and "model" in case.body and data.draw(st.booleans()):
            case.body["model"] = "tiny"
        response = case.call(base_url=service.base)
        checks = [one for one in CHECKS if response.status_code != 503 or one is not not_a_server_error]
        case.validate_response(response, checks=checks)
        if response.status_code == 503:
            assert path in UNAVAILABLE
            assert int(response.headers["retry-after"][0]) > 0

    examine()


@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "POST"])
def test_whatever_comes_in_the_place_of_a_body_is_no_fault(service: Running, path: str) -> None:
    @few
    @given(
        st.binary(max_size=200)
        | st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["model", "messages", "input", "text", "tools"]), inner, max_size=4)
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
        st.sampled_from(
            ["application/json", "text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "/"]
        ),
    )
    def examine(body: bytes, kind: str) -> None:
        response = requests.post(service.base + path, data=body, headers={"Content-Type": kind}, timeout=30)
        assert response.status_code < 500 or (response.status_code == 503 and path in UNAVAILABLE)

    examine()


def test_every_operation_is_described_and_tested(described: Any) -> None:
    known = {(method.upper(), path) for path, item in described.raw_schema["paths"].items() for method in item}
    assert known - {("HEAD", "/"), ("GET", "/openapi.json")} == set(OPERATIONS)


def test_nothing_of_all_that_was_a_fault(service: Running) -> None:
    log = Path(service.log).read_text()
    assert "http.fault" not in log
    assert "Traceback" not in log
