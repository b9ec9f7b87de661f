"""The file of rules: what is written is read again; what a person wrote wrongly is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.schedule import ScheduleError
from edge.schedule.rules import Action, Condition, ConditionKind, Mode, Rule, Trigger, TriggerKind
from edge.schedule.rules.book import RULES
from tests.schedule.rules.made import DOOR, LAMP, becomes, call, is_, rule

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
_CLOCKS = st.sampled_from(["00:00", "07:30", "23:59"])
_TRIGGERS = st.one_of(
    st.builds(
        Trigger, st.just(TriggerKind.STATE), st.just(DOOR), st.just(("on",)), st.booleans(), for_s=st.floats(0, 600)
    ),
    st.builds(Trigger, st.just(TriggerKind.NUMERIC), st.just(DOOR), above=st.floats(-1e6, 1e6)),
    st.builds(Trigger, st.just(TriggerKind.TIME), at=_CLOCKS, days=st.sampled_from([(), ("monday", "sunday")])),
    st.builds(Trigger, st.just(TriggerKind.SUN), sun=st.sampled_from(["dawn", "sunset"]), offset_s=st.floats(-60, 60)),
)  # fmt: skip
_TESTS = st.lists(
    st.one_of(
        st.builds(Condition, st.just(ConditionKind.TIME), after=_CLOCKS),
        st.builds(Condition, st.just(ConditionKind.SUN), up=st.booleans()),
        st.just(is_(LAMP, "off", other=True)),
    ),
    max_size=3,
).map(tuple)
_ACTS = st.lists(
    st.one_of(
        st.builds(Action, say=_TEXT.filter(bool)),
        st.builds(Action, st.just(dict(call("light.turn_on", LAMP).call)), delay_s=st.floats(0, 60), until=_CLOCKS),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@given(
    st.builds(
        Rule, st.just("one"), _TRIGGERS, _ACTS, _TESTS, st.sampled_from(Mode), st.booleans(), _TEXT, _TEXT,
        made_s=st.floats(0, 2e9),
    )
)  # fmt: skip
def test_what_is_written_is_read_again(made: Rule) -> None:
    rules, problems = RULES.parse(RULES.render({"one": made}))
    assert problems == []
    assert rules == {"one": made}


def test_a_file_is_kept_and_one_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    assert RULES.load(file) == ({}, [])
    RULES.save(file, {"one": rule(becomes(DOOR, "on"))})
    assert list(RULES.load(file)[0]) == ["one"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rules.one]\ntrigger = 3", "trigger: expected a table"),
        ("[rules.one.trigger]\nkind = 'moon'", "`kind`: expected one of state"),
        ("[rules.one.trigger]\nkind = 'time'\nat = '25:00'\n[[rules.one.actions]]\nsay='x'", "`at`: expected a time"),
        ("[rules.one.trigger]\nkind = 'state'\n[[rules.one.actions]]\nsay='x'", "expected `device` and `states`"),
        ("[rules.one.trigger]\nkind = 'sun'\nsun='sunset'", "`actions`: expected at least one thing"),
        (
            "[rules.one.trigger]\nkind = 'sun'\nsun='sunset'\n[[rules.one.actions]]\nsay='x'\nsey='y'",
            "unknown key 'sey'",
        ),
        ("[rules.one.trigger]\nkind = 'numeric'\ndevice='a'\nabove='x'", "above: expected a number"),
        ("[rules.'Öne']\ntrigger = {}", "expected a name"),
        ("[rules.one]\nmode = 'often'\ntrigger={kind='sun',sun='dawn'}\nactions=[{say='x'}]", "`mode`"),
    ],
)
def test_what_is_wrong_is_told_and_left_out(text: str, said: str) -> None:
    rules, problems = RULES.parse(
        f"{text}\n[rules.good]\ntrigger = {{kind='sun', sun='dawn'}}\nactions = [{{say='morning'}}]"
    )
    assert list(rules) == ["good"]
    assert said in problems[0]


@given(st.text(max_size=300))
def test_no_text_is_read_as_rules_by_accident(text: str) -> None:
    try:
        RULES.parse(text)
    except ScheduleError:
        return


def test_a_newer_file_is_not_read_as_an_old_one() -> None:
    with pytest.raises(ScheduleError, match="newer edge"):
        RULES.parse("version = 99")
