"""The grammar: what expressions are, and what is said about text that is none."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from aquifer_server.rapids.ast import (
    MAX_DEPTH,
    Call,
    Function,
    Name,
    Node,
    Number,
    NumberList,
    Span,
    Text,
    TextList,
    write,
)
from aquifer_server.rapids.errors import IllegalExpression
from aquifer_server.rapids.reader import read
from hypothesis import given, settings
from hypothesis import strategies as some

INFINITE = math.inf


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("1", Number(1)),
        ("-0.75", Number(-0.75)),
        ("1e-05", Number(1e-5)),
        (".5", Number(0.5)),
        ("True", Number(1)),
        ("FALSE", Number(0)),
        ("iris_wheader.hex", Name("iris_wheader.hex")),
        ("py_3_sid_9493", Name("py_3_sid_9493")),
        ("a-b:c/d$1", Name("a-b:c/d$1")),
        ("1abc", Name("1abc")),
        ("'it'", Text("it")),
        ('"it\'s"', Text("it's")),
        (r"'a\'b\\c\n\x41\u00e9'", Text("a'b\\c\nAé")),
        ("'(not [read])'", Text("(not [read])")),
        ("''", Text("")),
        ("[]", NumberList()),
        ("[0 1, 2]", NumberList((Span(0), Span(1), Span(2)))),
        ("[True False]", NumberList((Span(1), Span(0)))),
        ("[700:300]", NumberList((Span(700, 300),))),
        ("[5:nan]", NumberList((Span(5, INFINITE),))),
        ("[0:5:2 20]", NumberList((Span(0, 5, 2), Span(20)))),
        ("[-1 -2]", NumberList((Span(-1), Span(-2)))),
        ("""['a' "b"]""", TextList(("a", "b"))),
        ("(ls )", Call(Name("ls"), ())),
        ("  (+ 1\n x)  ", Call(Name("+"), (Number(1), Name("x")))),
        (
            "(f(g x)'s'[1])",
            Call(Name("f"), (Call(Name("g"), (Name("x"),)), Text("s"), NumberList((Span(1),)))),
        ),
        ("{ x . x }", Function(("x",), Name("x"))),
        ("{x y . (+ x y)}", Function(("x", "y"), Call(Name("+"), (Name("x"), Name("y"))))),
        ("{ . 1 }", Function((), Number(1))),
    ],
)
def test_expressions_are_read(text: str, node: Node) -> None:
    assert read(text) == node


@pytest.mark.parametrize("text", ["nan", "NaN", "NA"])
def test_missing_is_a_number(text: str) -> None:
    node = read(text)
    assert isinstance(node, Number)
    assert math.isnan(node.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expected an expression but ran out of text"),
        ("(+ 1", "Expected an expression but ran out of text"),
        ("[1 2", "ran out of text"),
        ("{ x .", "ran out of text"),
        ("(+ 1 2))", "illegal Rapids expression `(+ 1 2))`"),
        ("1 2", "illegal Rapids expression `1 2`"),
        (")", "Got: ')' at 0"),
        ("(+ 1]", "Expected ')'. Got: ']' at 4"),
        ("()", "Expected a function after '(' at 0"),
        ("'abc", "Unterminated string at 0"),
        (r"'abc\'", "Unterminated string at 0"),
        (r"'a\qb'", r"Invalid escape sequence \q"),
        (r"'\ud800'", r"Invalid character \ud800"),
        ("[1 'a']", "The list at 0 mixes numbers and strings"),
        ("[f]", "Expected a number in a list, found 'f' at 1"),
        ("[1:2:3:4]", "found '1:2:3:4'"),
        ("[1:-1]", "count of 0 or more"),
        ("[1:1.5]", "count of 0 or more"),
        ("[1:2:0]", "a step above 0"),
        ("[(+ 1 2)]", "A list holds numbers or strings, but found '('"),
        ("{ x x }", "A function is { names . expression }"),
        ("{ x . 1 2 }", "A function is { names . expression }"),
        ("{ 1 . 2 }", "must be an identifier, found '1'"),
        ("{ x (f) . 1 }", "Expected a dot after the function's names"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(IllegalExpression) as failure:
        read(text)
    assert message in str(failure.value)


@pytest.mark.parametrize("bracket", ["(", "{ x . ", "(f "])
def test_a_thousand_brackets_are_refused_without_exhausting_the_stack(bracket: str) -> None:
    with pytest.raises(IllegalExpression, match=f"more than {MAX_DEPTH} deep"):
        read(bracket * 1000)


_names = some.from_regex(r"[a-z_][a-z0-9_.:$-]{0,8}", fullmatch=True).filter(lambda name: name != "nan")
_numbers = some.floats(allow_nan=False, allow_infinity=False)
_counts = some.integers(0, 100).map(float) | some.just(INFINITE)
_spans = some.builds(Span, _numbers, _counts.filter(lambda count: count != 1), some.floats(0.5, 100))
_lists = some.lists(_spans | _numbers.map(Span), max_size=4).map(lambda spans: NumberList(tuple(spans)))
_texts = some.lists(some.text(max_size=5), min_size=1, max_size=3).map(lambda texts: TextList(tuple(texts)))
_atoms = _numbers.map(Number) | some.text(max_size=8).map(Text) | _names.map(Name) | _lists | _texts


def _deeper(nodes: some.SearchStrategy[Node]) -> some.SearchStrategy[Node]:
    arguments = some.lists(nodes, max_size=3).map(tuple)
    parameters = some.lists(some.sampled_from("xyz"), max_size=2, unique=True).map(tuple)
    return some.builds(Call, nodes, arguments) | some.builds(Function, parameters, nodes)


@settings(max_examples=50, derandomize=True)
@given(some.recursive(_atoms, _deeper, max_leaves=8))
def test_what_is_written_reads_back(node: Node) -> None:
    assert read(write(node)) == node


@given(some.text("()[]{}'\"\\:. ,01-nax\n", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(IllegalExpression):
        read(text)
