"""Lines between service and worker."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.llm.wire import Answer, Cancel, Done, Load, Piece, Reason, WireError, decode, encode


@pytest.mark.parametrize(
    "message",
    [
        Load("/m.gguf", 1, 2, 3, 4, 5, "none", True),
        Answer(1, "Be kind.", [["user", "Hi\n\u2028"]], 5, 0.5, 7, 9.0),
        Cancel(3),
        Piece(1, "\n\U0001f600é"),
        Done(2, Reason.LENGTH, prompt_tokens=3),
    ],
)
def test_a_message_comes_out_as_it_went_in_on_one_line(message: Answer) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode(line) == message


@given(
    st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(lambda value: json.dumps(value).encode())
)
def test_rubbish_is_a_wire_error(line: bytes) -> None:
    with pytest.raises(WireError):
        decode(line)


@pytest.mark.parametrize(
    "line", [b'{"kind": "done"}', b'{"kind": "nothing"}', b'{"kind": "done", "id": 1, "reason": "x"}']
)
def test_incomplete_messages_are_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        decode(line)
