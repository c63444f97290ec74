"""Lists and maps as clients write them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from aquifer_server.wire_text import MAX_DEPTH, MalformedText, read_wire_text
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[/a/b.csv,/c d.csv]", ["/a/b.csv", "/c d.csv"]),
        ('["a","b c"]', ["a", "b c"]),
        ("['a', 'it\\'s']", ["a", "it's"]),
        ("[[8,8],[4]]", [["8", "8"], ["4"]]),
        ('[["0"],[],["NA","-"]]', [["0"], [], ["NA", "-"]]),
        ("[]", []),
        (" [ 1 , 2 ] ", ["1", "2"]),
        (
            "[{'key': \"k\", 'value': -1},{'key': \"m\", 'value': 1}]",
            [{"key": "k", "value": "-1"}, {"key": "m", "value": "1"}],
        ),
        (
            '{"hidden": [[8,8],[4]],"l1": [0.0001,0.001]}',
            {"hidden": [["8", "8"], ["4"]], "l1": ["0.0001", "0.001"]},
        ),
        ('{"strategy": RandomDiscrete,"max_models": 3}', {"strategy": "RandomDiscrete", "max_models": "3"}),
        ("{a=1, b=[x]}", {"a": "1", "b": ["x"]}),
        ("{}", {}),
        ("plain text, with a comma", "plain text, with a comma"),
        ('"quoted"', "quoted"),
        ('["a]b",c]', ["a]b", "c"]),
        ('["tab\\there","back\\\\slash"]', ["tab\there", "back\\slash"]),
    ],
)
def test_what_clients_send_is_read(text: str, value: Any) -> None:
    assert read_wire_text(text) == value


@pytest.mark.parametrize(
    "text", ["[a", "[a]b", '["a]', "{a", "{a:1", "{:", "[a}", "{[1]:2}", "[" * (MAX_DEPTH + 5)]
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(MalformedText):
        read_wire_text(text)


leaves = st.text(max_size=20)
nested = st.recursive(
    st.lists(leaves, max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(leaves, inner, max_size=3),
    max_leaves=10,
)


@given(nested)
def test_quoted_values_come_back_unchanged(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u" not in text and "\\b" not in text and "\\f" not in text:
        assert read_wire_text(text) == value


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(MalformedText):
        assert isinstance(read_wire_text("[" + text), list)
