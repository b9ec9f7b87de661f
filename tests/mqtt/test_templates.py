"""Templates: the short way and Jinja agree; nothing a stranger writes takes long, grows large or reaches out."""

import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge.mqtt.jinja import compile_template, render
from edge.mqtt.payloads import MISSING, Message
from edge.mqtt.templates import TemplateError, template

KEYS = st.sampled_from(["state", "a", "B_2", "x1", "items", "keys", "0", "on-off", "a b", "real", "é"])
PATHS = st.lists(
    st.one_of(
        KEYS.map(lambda key: f".{key}" if key.isidentifier() and key.isascii() else f"['{key}']"),
        KEYS.map(lambda key: f'["{key}"]'),
        st.integers(0, 3).map(lambda place: f"[{place}]"),
    ),
    max_size=3,
).map("".join)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False), st.text(max_size=5)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)
PAYLOADS = st.one_of(VALUES.map(json.dumps), st.text(max_size=20))


@given(path=PATHS, payload=PAYLOADS, blank=st.sampled_from(["", " ", "  "]), dash=st.sampled_from(["", "-"]))
@example(path=".items", payload='{"items": 1}', blank=" ", dash="")
@example(path="", payload="not JSON", blank=" ", dash="")
@example(path=".a.B_2", payload='{"a": null}', blank=" ", dash="")
def test_the_short_way_agrees_with_jinja(path: str, payload: str, blank: str, dash: str) -> None:
    source = f"{{{{{dash}{blank}value_json{path}{blank}{dash}}}}}"
    message = Message(payload)
    variables: dict[str, Any] = {"value": payload}
    if message.json is not MISSING:
        variables["value_json"] = message.json
    try:
        slow = render(compile_template(source), variables)
    except TemplateError as error:
        slow = payload if error.undefined else None
    fast = template(source).read(message)
    assert fast == slow or (fast or "").startswith("<built-in method")


@given(payload=st.text(max_size=20))
def test_the_value_itself_agrees_with_jinja(payload: str) -> None:
    assert template("{{ value }}").read(Message(payload)) == render(compile_template("{{ value }}"), {"value": payload})


def test_the_same_text_is_compiled_once() -> None:
    assert template("{{ value_json.a | float * 2 }}") is template("{{ value_json.a | float * 2 }}")


@pytest.mark.parametrize(
    ("source", "payload", "expected"),
    [
        ("{{ value_json.x | float(0) * 2 }}", '{"x": 3}', "6.0"),
        ("{{ value | int }}", "12.7", "12"),
        ("{{ value | round(1) }}", "12.75", "12.8"),
        ("{{ value | round }}", "12.75", "13"),
        ("{{ value | multiply(0.1) | round(2) }}", "5", "0.5"),
        ("{{ iif(value_json.on, 'ON', 'OFF') }}", '{"on": true}', "ON"),
        ("{{ value_json.on | iif('a', 'b', 'none') }}", '{"on": null}', "none"),
        ("{{ value_json.missing | default('-') }}", "{}", "-"),
        ("{{ value_json.missing | is_defined }}", '{"a": 1}', '{"a": 1}'),
        ("{{ value | regex_replace('[^0-9.]', '') }}", "21.5 °C", "21.5"),
        ("{{ value | regex_findall_index('([0-9]+)', 1) }}", "12 and 34", "34"),
        ("{{ 'yes' if value is search('on', ignorecase=True) else 'no' }}", "ON", "yes"),
        ("{{ value_json | to_json }}", '{"a": [1, 2]}', '{"a":[1,2]}'),
        ("{{ (value | from_json).a }}", '{"a": 4}', "4"),
        ("{{ 1700000000 | timestamp_utc }}", "", "2023-11-14T22:13:20+00:00"),
        ("{{ 1700000000 | timestamp_custom('%Y-%m-%d', false) }}", "", "2023-11-14"),
        ("{{ as_datetime('2024-01-02T03:04:05+00:00').year }}", "", "2024"),
        ("{{ as_timestamp('1970-01-01T00:01:00+00:00') | int }}", "", "60"),
        ("{{ value | bitwise_and(6) }}", "5", "4"),
        ("{{ [1, 2, 6] | average }}", "", "3.0"),
        ("{{ 'a' ~ value ~ 1 }}", "b", "ab1"),
        ("{% set v = {'a': 'x'} %}{{ v[value] | default('none') }}", "a", "x"),
        (
            "{% for k in value_json %}{% if k == 'b' %}{% continue %}{% endif %}{{ k }}{% endfor %}",
            '["a","b","c"]',
            "ac",
        ),
        ("{{ this.entity_id }} {{ name }}", "", "light.a A"),
        ("OFF", "anything", "OFF"),
        ("{# only a comment #}", "x", ""),
    ],
)
def test_home_assistants_helpers(source: str, payload: str, expected: str) -> None:
    names = {"this": {"entity_id": "light.a"}, "name": "A"}
    assert template(source).read(Message(payload), lambda: names) == expected


HOSTILE = [
    "{% for a in range(99999999) %}{% endfor %}",
    "{% for a in range(2000) %}{% for b in range(2000) %}{% endfor %}{% endfor %}",
    "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "{{ 'a' * 999999999 }}",
    "{{ [1] * 999999999 }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ 'a' | center(999999999) }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '%*d' % (999999999, 1) }}",
    "{{ '{:999999999}'.format(1) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ 'a'.zfill(999999999) }}",
    "{{ ('a' * 60000).replace('a', 'b' * 60000) }}",
    "{{ ('a' * 60000) | replace('a', 'b' * 60000) }}",
    "{{ ('a' * 60000).join(['b'] * 60000) }}",
    "{{ (['b'] * 60000) | join('a' * 60000) }}",
    "{% set x = 'aaaaaaaa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
    "{% set x = 'aaaaaaaa' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
    "{% set x = 'a' %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40 + "{{ x }}",
    "{% set x = [1] %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
    "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' is match('(a+)+$') }}",
    "{{ ('a' * 5000) is search('a*a*a*a*a*b') }}",
    "{{ 1 | round(999999999) }}",
    "{{ [1] | tojson(999999999) }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{{ value_json | select('in', value_json) | list | length }}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ value.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ self.__dict__ }}",
    "{{ lipsum(1000) }}",
    "{{ states('sensor.x') }}",
    "{{ 'x'.encode | attr('__self__') }}",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_a_hostile_template_ends_quickly_and_gives_nothing(source: str) -> None:
    payload = json.dumps(list(range(20_000)))
    started_s = time.thread_time()
    try:
        given = template(source).read(Message(payload), or_payload=False)
    except TemplateError:
        given = None
    assert time.thread_time() - started_s < 2
    assert not given


@settings(max_examples=200)
@given(
    source=st.lists(
        st.sampled_from(
            (
                *("{{", "}}", "{%", "%}", "{#", "#}", " value_json", ".a", "['a']", "|float", "|int(0)", "\n"),
                *(" if ", " else ", "for x in ", "set y=", "endfor", "~", "*", "+", "1", "'s'", "(", ")", "[", "]"),
                *("range(9)", "is defined", "namespace()"),
            )
        ),
        max_size=12,
    ).map("".join),
    payload=PAYLOADS,
)
def test_anything_is_either_refused_or_read(source: str, payload: str) -> None:
    try:
        compiled = template(source)
    except TemplateError:
        return
    assert isinstance(compiled.read(Message(payload)), str | None)


def test_a_command_template_that_fails_says_so() -> None:
    with pytest.raises(TemplateError, match="invalid input"):
        template("{{ value | float * 2 }}").write("much")


def test_a_mistake_in_the_syntax_is_named() -> None:
    with pytest.raises(TemplateError, match="line 2"):
        template("ok\n{{ value ")
