"""Models whose answers are known: without the library they are what they were, and the library agrees."""

import importlib.util
import json
import math
import subprocess
import sys

import pytest

from tests.llm import golden_reference

needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")

CHECK = """
import json, sys
from edge.llm.golden import KNOWN, check
print(json.dumps({type_: check([type_], repack=False, flash_attn=None) for type_ in KNOWN}))
print(json.dumps(check(["F64", "nothing"], repack=False, flash_attn=None)))
"""


@pytest.mark.llm
@needs_library
class TestWithTheLibrary:
    """What needs llama.cpp itself; it computes in a process of its own, as it does for the service."""

    @pytest.mark.parametrize("type_", ["F16", "Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0"])
    def test_the_known_values_are_those_of_plain_arithmetic(self, type_: str) -> None:
        from edge.llm.golden import near

        known = json.loads(golden_reference.FILE.read_text())[type_]
        for values, again in zip(known, golden_reference.answers(type_), strict=True):
            assert near(values, again) > 1 - 1e-8

    def test_the_library_computes_them_on_its_plain_path(self) -> None:
        said = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True).stdout
        by_type, unknown = map(json.loads, said.splitlines())
        assert {type_: wrong for type_, (_, wrong) in by_type.items() if wrong} == {}
        assert min(nearness for nearness, _ in by_type.values()) > 0.995
        assert unknown == [1.0, ""]

    def test_nonsense_is_far_from_what_is_known(self) -> None:
        from edge.llm.golden import LEAST_NEARNESS, near

        known = json.loads(golden_reference.FILE.read_text())
        right, other = known["Q8_0"]
        assert near(right, right) == pytest.approx(1)
        for wrong in (other, right[::-1], [-value for value in right], [0.0] * len(right), [math.nan] * len(right), []):
            assert near(wrong, right) < LEAST_NEARNESS
