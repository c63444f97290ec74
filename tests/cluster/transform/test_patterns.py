"""Patterns mean what they mean in Java, whichever engine looks for them."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.transform.patterns import Pattern
from hypothesis import given, settings
from hypothesis import strategies as some


def replaced(
    text: str, pattern: str, replacement: str, first_only: bool = False, ignore_case: bool = False
) -> str:
    wanted = Pattern.of(pattern, ignore_case)
    return str(wanted.replaced(pa.array([text]), wanted.template(replacement), first_only)[0])


def split(text: str, pattern: str) -> list[str]:
    pieces = Pattern.of(pattern).split(pa.array([text]))
    return [pieces.nth(i)[0].as_py() for i in range(int(pieces.counts[0]))]


@pytest.mark.parametrize(
    ("text", "pattern", "replacement", "want"),
    [
        ("foo", "o", "0", "f00"),
        ("foo", "x*", "-", "-f-o-o-"),
        ("fxxo", "x*", "-", "-f--o-"),
        ("a1b22", r"(\d)(\d)?", "<$1$2>", "a<1>b<22>"),
        ("ab", "(a)(b)", "$2$1", "ba"),
        ("ab", "(a)", "$10", "a0b"),
        ("ab", "a", r"\$1", "$1b"),
        ("ab", "a", r"\\", "\\b"),
        ("ab", "(?<x>a)", "[${x}]", "[a]b"),
        ("foo", "(?<=o)o", "0", "fo0"),
        ("foo", r"(o)\1", "0", "f0"),
        ("aaa", "a++", "x", "x"),
        ("a.b$c_d", r"\p{Punct}", "", "abcd"),
        ("a.b$c_d", r"[\p{Punct}b]", "", "acd"),
        ("a.b", r"\P{Alpha}", "", "ab"),
        ("a.b*c", r"\Q.b*\E", "-", "a-c"),
        ("Äb", r"\w", "w", "Äw"),
        ("a\nb", "^.", "x", "x\nb"),
    ],
)
def test_matches_are_replaced_as_in_java(text: str, pattern: str, replacement: str, want: str) -> None:
    assert replaced(text, pattern, replacement) == want


def test_only_the_first_match_is_replaced_and_capitals_do_not_count_if_asked() -> None:
    assert replaced("fooO", "o", "0", first_only=True) == "f0oO"
    assert replaced("fooO", "O", "0", ignore_case=True) == "f000"
    assert replaced("fooO", "(?<=f)O", "0", ignore_case=True) == "f0oO"


@pytest.mark.parametrize(
    ("text", "pattern", "want"),
    [
        ("a-b", "-", ["a", "b"]),
        ("a-b--", "-", ["a", "b"]),
        ("-a", "-", ["", "a"]),
        ("---", "-", []),
        ("", "-", [""]),
        ("abc", "", ["a", "b", "c"]),
        ("", "", [""]),
        ("abc", "(?=b)", ["a", "bc"]),
        ("a1b2", r"(\d)", ["a", "b"]),
        ("abc", "x", ["abc"]),
    ],
)
def test_texts_are_split_as_in_java(text: str, pattern: str, want: list[str]) -> None:
    assert split(text, pattern) == want


@pytest.mark.parametrize("pattern", ["[", "(", "a**", "(?<x", r"\p{Nope}"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidArgument, match="is no regular expression"):
        Pattern.of(pattern)


@pytest.mark.parametrize(
    ("replacement", "said"),
    [
        ("$2", "no group 2"),
        ("$", r"write \\\$"),
        ("a\\", "stands alone"),
        ("${x}", "no group 'x'"),
    ],
)
def test_a_replacement_that_names_no_group_is_refused(replacement: str, said: str) -> None:
    with pytest.raises(InvalidArgument, match=said):
        Pattern.of("(a)").template(replacement)


def test_a_pattern_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aquifer_cluster.transform.patterns.SECONDS_PER_TEXT", 0.01)
    slow = Pattern.of(r"(x|xx)+(?=y)y(?!y)")
    with pytest.raises(InvalidArgument, match="for a single text; make it less ambiguous"):
        slow.found(pa.array(["x" * 60 + "zy"]))


def test_missing_texts_stay_missing() -> None:
    for pattern in (Pattern.of("a"), Pattern.of("(?=a)")):
        texts = pa.array(["a", None])
        assert pattern.found(texts).to_pylist() == [True, None]
        assert pattern.replaced(texts, ("b",), False).to_pylist()[1] is None
        assert pattern.split(texts).counts[1] == 0


_patterns = some.text("ab[]^|()?*+.\\d-", max_size=8)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(_patterns, some.lists(some.text("abd-1 ", max_size=8), min_size=1, max_size=4))
def test_python_finds_and_replaces_the_same(pattern: str, texts: list[str]) -> None:
    try:
        ours, theirs = Pattern.of(pattern), re.compile(pattern, re.ASCII)
    except (InvalidArgument, re.error):
        return
    array = pa.array(texts)
    assert ours.found(array).to_pylist() == [theirs.search(text) is not None for text in texts]
    assert ours.replaced(array, ("<", 0, ">"), False).to_pylist() == [
        theirs.sub(r"<\g<0>>", text) for text in texts
    ]
