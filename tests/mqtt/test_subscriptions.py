"""Which handlers a topic reaches, and what the broker is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.subscriptions import Received, Subscriptions, is_valid_filter, is_valid_topic, matches


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a/#", "ab", False),
        ("+/b/#", "a/b", True),
        ("+/+", "a", False),
        ("+", "", True),
        ("#", "a/b", True),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("a//+", "a//b", True),
    ],
)
def test_filters_match_as_the_standard_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


@pytest.mark.parametrize("text", ["", "a+", "a/b#", "#/a", "a/#/b", "x" * 65_536, "a\x00", "a\nb"])
def test_filters_that_a_broker_refuses_are_refused_here(text: str) -> None:
    assert not is_valid_filter(text)


_LEVELS = st.lists(st.sampled_from(["a", "b", "", "+"]), min_size=1, max_size=4).map("/".join)
_FILTERS = (_LEVELS | _LEVELS.map(lambda text: f"{text}/#") | st.just("#")).filter(is_valid_filter)
_TOPICS = st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=4).map("/".join).filter(is_valid_topic)


@given(st.lists(_FILTERS, max_size=8), _TOPICS)
def test_the_table_finds_just_the_filters_that_match(filters: list[str], topic: str) -> None:
    table, called = Subscriptions(), []
    for one in filters:
        table.add(one, called.append, 0)

    def reached(message: Received) -> None: ...

    for one in filters:
        table.add(one, reached, 0)
    assert (reached in table.handlers(topic)) == any(matches(one, topic) for one in filters)


def test_the_broker_is_told_wildcards_one_by_one_and_topics_together() -> None:
    table = Subscriptions()
    for one in ("a", "b", "c/+", "d/#", "e"):
        table.add(one, [].append, 0)
    batches = []
    while batch := table.take_additions(10):
        batches.append([topic_filter for topic_filter, _ in batch])
    assert batches == [["a", "b"], ["c/+"], ["d/#"], ["e"]]
    assert table.untold
    for batch in batches:
        table.note_told([(topic_filter, 0) for topic_filter in batch])
    assert not table.untold


def test_a_second_handler_gets_what_is_known_to_be_retained_and_the_broker_is_asked_only_where_it_is_not() -> None:
    table = Subscriptions()
    table.add("a", [].append, 0)
    table.take_additions(10)
    retained = Received("a", b"1", retain=True)
    table.note(retained)
    assert table.add("a", [].append, 0) is retained
    assert table.take_additions(10) == []
    table.note(Received("a", b"2"))
    assert table.add("a", [].append, 0) is None
    assert table.take_additions(10) == [("a", 0)]


def test_a_fresh_connection_is_told_everything() -> None:
    table = Subscriptions()
    for one in ("a", "b/#"):
        table.add(one, [].append, 1)
    table.take_additions(10)
    table.tell_all()
    assert table.take_additions(10) == [("b/#", 1)]
    assert table.take_additions(10) == [("a", 1)]
