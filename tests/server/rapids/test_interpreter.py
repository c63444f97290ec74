"""What expressions mean: keys, temporaries, functions, failures; and the journeys that clients make."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_server.rapids.ast import MAX_DEPTH
from aquifer_server.rapids.errors import (
    IllegalExpression,
    LookupFailed,
    RapidsError,
    Unimplemented,
    WrongArgument,
)
from aquifer_server.rapids.interpreter import (
    FrameResult,
    FunctionResult,
    NumberResult,
    NumbersResult,
    StringResult,
    StringsResult,
)

Rapids = Any


def test_each_kind_of_value_is_a_result(embedded_rapids: Rapids) -> None:
    rapids = embedded_rapids
    assert rapids("(+ 1 2)") == NumberResult(3)
    assert rapids("[1 2:2]") == NumbersResult((1, 2, 3))
    assert rapids("'text'") == StringResult("text")
    assert rapids("['a' 'b']") == StringsResult(("a", "b"))
    assert rapids("{ x . (+ x 1) }") == FunctionResult("{ x . (+ x 1) }")
    assert rapids("abs") == FunctionResult("abs")
    assert rapids("f").key == "f"
    assert rapids("(cols f 0)").key is None
    assert rapids("(tmp= py_1 (cols f 0))").key == "py_1"
    assert rapids("(assign 'g' f)").key == "g"


def test_temporaries_nest_are_used_at_once_and_go_with_their_session(rapids: Rapids) -> None:
    text = "(tmp= c (rows (tmp= a (cols_py f ['n' 'r'])) (> (tmp= b (cols_py a 'n')) 0)))"
    assert rapids.rows(rapids.frame(text)) == [[3, 1.5], [2, 2.5]]
    assert rapids.store.keys() == ["a", "b", "c", "f"]
    rapids("(assign 'kept' c)")
    rapids("(tmp= other f)", "another session")
    assert rapids.store.end_session("_sid_1") == ["a", "b", "c"]
    assert rapids.store.keys() == ["f", "kept", "other"]


def test_keys_are_removed_renamed_and_listed(rapids: Rapids) -> None:
    assert rapids("(rm no_such_key)") == NumberResult(0)
    rapids("(tmp= a f)")
    assert math.isnan(rapids('(rename "a" "b")').value)
    assert rapids.rows(rapids.frame("(ls)")) == [["b"], ["f"]]
    assert rapids("(rm b)") == NumberResult(1)
    assert rapids.store.keys() == ["f"]
    with pytest.raises(LookupFailed, match="Name lookup of 'a' failed"):
        rapids("(rename 'a' 'b')")


def test_renaming_keeps_the_value_and_leaves_nothing_under_the_old_key(rapids: Rapids) -> None:
    frame = rapids.frame("(assign a (cols f 0))")
    rapids('(rename "a" "b")')
    assert rapids.store.keys() == ["b", "f"]
    rapids('(rename "b" "b")')
    assert rapids.frame("b") is frame
    with pytest.raises(LookupFailed):
        rapids('(rename "a" "c")')


def test_a_temporary_that_is_renamed_outlives_the_session(rapids: Rapids) -> None:
    rapids("(tmp= t (cols f 0))")
    rapids('(rename "t" "kept")')
    assert rapids.store.end_session("_sid_1") == []
    assert rapids.store.keys() == ["f", "kept"]


def test_a_failed_expression_binds_nothing(rapids: Rapids) -> None:
    with pytest.raises(WrongArgument, match="Column nope not found"):
        rapids("(tmp= b (cols_py (tmp= a (cols_py f 0)) 'nope'))")
    assert rapids.store.keys() == ["f"]


def test_a_temporary_takes_no_other_key(rapids: Rapids) -> None:
    rapids.store.put("model", object())
    with pytest.raises(WrongArgument, match="'model' is the key of something that is not a Frame"):
        rapids("(tmp= model f)")
    with pytest.raises(WrongArgument, match="Temp ID f already exists"):
        rapids("(tmp= f (cols f 0))")
    rapids("(tmp= a (cols f 0))")
    assert rapids.frame("(tmp= a (cols f 1))").names == ("r",)


def test_functions_are_applied(embedded_rapids: Rapids) -> None:
    assert embedded_rapids("({ x y . (- x y) } 5 3)") == NumberResult(2)
    assert embedded_rapids("({ x . ({ y . (* x y) } 4) } 3)") == NumberResult(12)
    assert embedded_rapids("({ op . (op 2 3) } +)") == NumberResult(5)
    assert embedded_rapids("({ f . (nrow f) } (rows f [0:2]))") == NumberResult(2)
    with pytest.raises(WrongArgument, match="takes 1 arguments, but was given 2"):
        embedded_rapids("({ x . x } 1 2)")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("nosuch", LookupFailed, "Name lookup of 'nosuch' failed"),
        ("(nosuchfn 3)", LookupFailed, "Name lookup of 'nosuchfn' failed"),
        ("(cols nokey [0])", LookupFailed, "Name lookup of 'nokey' failed"),
        ("(3 4)", WrongArgument, "Expected a function but found a number"),
        ("(f 1)", WrongArgument, "Expected a function but found a Frame"),
        ("(abs f)", WrongArgument, "abs: cannot be applied to the enum column 'e'"),
        ("(abs 1 2)", WrongArgument, "(abs operand) takes 1 argument, but was given 2"),
        ("(append f 1)", WrongArgument, "takes 3 or more arguments, but was given 2"),
        ("(append f 1 'a' 2)", WrongArgument, "but was given 4"),
        ("(mean f True 0 1)", WrongArgument, "(mean frame [skip_missing] [axis]) takes 1 to 3 arguments"),
        ("(sum 3)", WrongArgument, "Expected a Frame but found a number (argument 'frame' of sum)"),
        ("(h2o.runif f 1.5)", WrongArgument, "Expected a whole number of 64 bits but found 1.5"),
        ("(h2o.runif f nan)", WrongArgument, "Expected a whole number of 64 bits but found nan"),
        ("(median f 2)", WrongArgument, "Expected True or False"),
        ("(as.factor (cols f nan))", WrongArgument, "Expected whole numbers"),
        ("(rows f [nan])", WrongArgument, "Expected whole numbers"),
        ("(cols f [0:1000000000000])", WrongArgument, "Column must be an integer from 0 to 6"),
        ("[0:1000000000000]", WrongArgument, "is too long"),
        ("(quantile f [0:nan])", WrongArgument, "is too long"),
        ("(quantile f [2])", WrongArgument, "argument 'probability': it must be between 0 and 1, found 2"),
        ("(tmp= 1 f)", WrongArgument, "Expected a name (argument 'key' of tmp=)"),
        ("(tmp= x 1)", WrongArgument, "Expected a Frame but found a number"),
        ("(mean f True 2)", WrongArgument, "axis is 0"),
        ("(rows f [0 -1])", WrongArgument, "use only one sign"),
        ("(cols_py f [])", WrongArgument, "No column is chosen"),
        ("(setTimeZone 'Mars/Base')", WrongArgument, "Unacceptable timezone Mars/Base"),
        ('(+ "a" "b")', Unimplemented, "+ of a string and a string is unimplemented"),
    ],
)
def test_a_mistake_is_named(
    embedded_rapids: Rapids, text: str, error: type[RapidsError], message: str
) -> None:
    with pytest.raises(error) as failure:
        embedded_rapids(text)
    assert message in str(failure.value)


def test_errors_carry_the_meaning_of_their_answer() -> None:
    assert {error.status for error in (IllegalExpression, LookupFailed, WrongArgument)} == {400}
    assert Unimplemented.status == 412


def test_the_deepest_expression_works_and_a_deeper_one_is_refused(embedded_rapids: Rapids) -> None:
    def nested(depth: int) -> str:
        return "(+ 1 " * depth + "0" + ")" * depth

    assert embedded_rapids(nested(MAX_DEPTH)) == NumberResult(MAX_DEPTH)
    with pytest.raises(IllegalExpression, match="deep"):
        embedded_rapids(nested(1000))


def test_a_function_that_calls_itself_ends(embedded_rapids: Rapids) -> None:
    with pytest.raises(IllegalExpression, match="calls more than"):
        embedded_rapids("({ g . (g g) } { g . (g g) })")


def test_the_time_zone_is_kept(embedded_rapids: Rapids) -> None:
    assert embedded_rapids("(getTimeZone)") == StringResult("UTC")
    assert embedded_rapids('(setTimeZone "Europe/Berlin")') == StringResult("Europe/Berlin")
    assert embedded_rapids("(getTimeZone)") == StringResult("Europe/Berlin")


def test_a_split_frame_is_an_exact_partition(rapids: Rapids) -> None:
    rows = 500
    numbered = make_frame(rapids.cloud, [NewColumn("row", ColumnType.NUMERIC, np.arange(float(rows)))])
    rapids.store.put("big", numbered)
    parts = [
        "(tmp= p1 (rows big (<= (tmp= r (h2o.runif big 1234)) 0.5)))",
        "(tmp= p2 (rows big (& (> r 0.5) (<= r 0.75))))",
        "(tmp= p3 (rows big (> r 0.75)))",
    ]
    found = [[row for (row,) in rapids.rows(rapids.frame(part))] for part in parts]
    assert sorted(row for part in found for row in part) == list(range(rows))
    assert all(part == sorted(part) for part in found)
    assert [len(part) / rows for part in found] == pytest.approx([0.5, 0.25, 0.25], abs=0.06)


def test_a_response_becomes_a_category_as_clients_write_it(rapids: Rapids) -> None:
    first = "(tmp= b (:= f (as.factor (cols_py f 'n')) 0 []))"
    frame = rapids.frame(f"(tmp= a (:= {first} (as.factor (cols_py b 'm')) 6 []))")
    types = [column.wire_type for column in frame.columns]
    assert types == ["enum", "real", "enum", "enum", "string", "time", "enum"]
    assert frame.columns[1] is rapids.frame("f").columns[1]
    assert rapids("(is.factor (tmp= c (cols_py a 'n')))") == NumbersResult((1,))
    assert rapids.rows(rapids.frame("(levels c)")) == [["-5"], ["0"], ["2"], ["3"]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("(rows f [0:2])", 2),
        ("(rows (cols f [0 1 2]) (== (cols f [2]) 'a'))", 2),
        ('(append f (/ (cols f [0]) (cols f [1])) "ratio")', 4),
        ("(getrow (mean (cols f [0]) FALSE))", None),
        ("(sd f FALSE)", None),
        ("(table (cols f [2]) TRUE)", 2),
        ('(quantile (cols f [0]) [0.5] "interpolate" _)', 1),
    ],
)
def test_what_r_writes(embedded_rapids: Rapids, text: str, rows: int | None) -> None:
    result = embedded_rapids(text)
    assert (result.frame.rows if isinstance(result, FrameResult) else None) == rows


OF_GROUPS = {
    "(sumNA (cols_py g 'x'))": ["sum", "x"],
    "(nrow g)": ["nrow", "x"],
    "(max (cols_py g 'z'))": ["max", "z"],
}
"""Functions of a group and the aggregate that gives the same."""


@pytest.mark.parametrize("keys", ["['k']", "['k' 'h']", "['x']", "[]"])
@pytest.mark.parametrize("body", OF_GROUPS)
def test_a_function_of_groups_gives_what_the_aggregate_gives(rapids: Rapids, keys: str, body: str) -> None:
    rapids.restore("d")
    aggregate, column = OF_GROUPS[body]
    found = rapids.frame(f"(ddply d {keys} {{ g . {body} }})")
    assert found.names[-1] == "ddply_C1"
    expected = rapids.frame(f"(GB d {keys} '{aggregate}' '{column}' 'rm')")
    assert rapids.rows(found) == rapids.rows(expected)


def test_a_group_has_its_rows_in_order_and_gives_a_row_of_numbers(rapids: Rapids) -> None:
    rapids.restore("d")
    first = rapids.frame("(ddply d ['h'] { g . (cols_py (rows g [0]) ['x' 'k']) })")
    assert first.names == ("h", "ddply_C1", "ddply_C2")
    codes = {row[0]: row[1:] for row in rapids.rows(first)}
    seen: dict[Any, list[Any]] = {}
    for h, x, k in rapids.rows(rapids.frame("(cols_py d ['h' 'x' 'k'])")):
        seen.setdefault(h, [x, None if k is None else "abc".index(k)])
    assert codes == seen


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("g", "rows, not 1"),
        ("'a'", "gives a string"),
        ("(rows (cols_py g 'x') (== (cols_py g 'x') 1))", "rows, not 1"),
    ],
)
def test_a_function_of_groups_gives_one_row(rapids: Rapids, body: str, reason: str) -> None:
    rapids.restore("d")
    with pytest.raises(WrongArgument, match=reason) as refused:
        rapids(f"(ddply d ['k'] {{ g . {body} }})")
    assert "ddply" in str(refused.value)
