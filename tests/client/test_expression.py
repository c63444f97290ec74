"""Frame operations become Rapids text: how values are written, what is sent when, what is removed."""

from __future__ import annotations

import ast
import gc
import math
from typing import Any

import h2o
import numpy
import pytest
from h2o._expression import Expression, check_key, write
from h2o.exceptions import H2OConnectionError, H2OError, H2OResponseError, H2OTypeError, H2OValueError
from hypothesis import given, strategies

WRITTEN = {
    "integer": (5, "5"),
    "negative": (-1, "-1"),
    "real": (0.75, "0.75"),
    "small": (1e-05, "1e-05"),
    "long": (0.1 + 0.2, "0.30000000000000004"),
    "missing number": (math.nan, "nan"),
    "true": (True, "True"),
    "nothing": (None, "[]"),
    "text": ("a b", "'a b'"),
    "apostrophe": ("it's", '"it\'s"'),
    "both quotes": ('it\'s "so"', "'it\\'s \"so\"'"),
    "backslash": ("a\\b", "'a\\\\b'"),
    "line end": ("a\nb", "'a\\nb'"),
    "not ASCII": ("Übung 数", "'Übung 数'"),
    "parentheses": (") (rm x", "') (rm x'"),
    "list": ([1, 2.5, "a", True], "[1 2.5 'a' True]"),
    "empty list": ([], "[]"),
    "range": (range(3), "[0 1 2]"),
    "slice": (slice(700, 1000), "[700:300]"),
    "stepped slice": (slice(0, 5, 2), "[0:3:2]"),
    "empty slice": (slice(5, 2), "[5:0]"),
    "numpy integer": (numpy.int64(3), "3"),
    "numpy real": (numpy.float64(0.5), "0.5"),
    "numpy flag": (numpy.bool_(True), "True"),
    "numpy text": (numpy.str_("a"), "'a'"),
}


@pytest.mark.parametrize(("value", "text"), WRITTEN.values(), ids=WRITTEN.keys())
def test_values_are_written_as_the_language_wants_them(value: object, text: str) -> None:
    assert write(value) == text


@given(text=strategies.text())
def test_any_text_reads_back_as_itself(text: str) -> None:
    assert ast.literal_eval(write(text)) == text


@given(start=strategies.integers(0, 50), stop=strategies.integers(0, 50), step=strategies.integers(1, 7))
def test_a_slice_counts_the_rows_that_it_chooses(start: int, stop: int, step: int) -> None:
    first, count, *_ = write(slice(start, stop, step)).strip("[]").split(":")
    chosen = range(start, stop, step)
    assert (int(first), int(count)) == (start, len(chosen))


@pytest.mark.parametrize("value", [{"a": 1}, object(), b"x", {1, 2}])
def test_what_has_no_text_is_refused(value: object) -> None:
    with pytest.raises(H2OTypeError, match=type(value).__name__):
        write(value)


def test_infinity_is_refused() -> None:
    with pytest.raises(H2OValueError, match="infinity"):
        write(math.inf)


@pytest.mark.parametrize("key", ["iris.hex", "py_1_sid_9", "nfs://a/b.csv", "$03_x", "m-1"])
def test_keys_that_can_be_written_are_taken(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["my frame", "1st", "a)b", "a'b", "", "-x", "a[0]"])
def test_keys_that_would_break_an_expression_are_refused(key: str) -> None:
    with pytest.raises(H2OValueError, match="cannot name"):
        check_key(key)


@pytest.fixture
def iris(scripted: Any) -> tuple[Any, h2o.H2OFrame]:
    connection, transport = scripted(
        {
            "GET /3/Frames/made": frame_answer,
            **{f"GET /3/Frames/py_{i}_sid_1": frame_answer for i in range(1, 9)},
            "GET /3/Frames/iris": frame_answer,
        }
    )
    return transport, h2o.H2OFrame._of(Expression.of_key("iris", connection))


def frame_answer(request: h2o.Request) -> dict[str, Any]:
    names = ("length", "width", "kind")
    statistics = {
        "mins": [1.0],
        "maxs": [2.0],
        "mean": 1.5,
        "sigma": 0.5,
        "zero_count": 0,
        "missing_count": 0,
    }
    kind = {"type": "real", "domain": None, "domain_cardinality": 0}
    values = {"data": [1.0, 2.0], "string_data": None}
    columns = [{"label": name, **kind, **values, **statistics} for name in names]
    return {"frames": [{"rows": 150, "columns": columns}]}


def test_nothing_is_sent_before_a_value_is_needed(iris: Any) -> None:
    transport, frame = iris
    _ = frame * 2 + 1 > 5
    assert transport.expressions == []


def test_one_request_carries_the_whole_expression(iris: Any) -> None:
    transport, frame = iris
    long = (frame["length"] * 2 + 1) > 5
    assert long.frame_id == "py_1_sid_1"
    assert transport.expressions == ["(tmp= py_1_sid_1 (> (+ (* (cols_py iris 'length') 2) 1) 5))"]


def test_a_value_is_computed_once(iris: Any) -> None:
    transport, frame = iris
    double = frame * 2
    assert double.frame_id == double.frame_id
    assert len(transport.expressions) == 1


def test_what_a_variable_holds_is_kept_under_a_key_of_its_own(iris: Any) -> None:
    transport, frame = iris
    random = frame.runif(7)
    part = frame[random > 0.5]
    assert part.frame_id == "py_1_sid_1"
    assert random.frame_id == "py_2_sid_1"
    expected = "(tmp= py_1_sid_1 (rows iris (> (tmp= py_2_sid_1 (h2o.runif iris 7)) 0.5)))"
    assert transport.expressions == [expected]


def test_what_is_used_twice_is_computed_once(iris: Any) -> None:
    transport, frame = iris
    drawn = frame.runif(7) - 0.5
    square = drawn * drawn
    del drawn
    _ = square.frame_id
    shared = "(tmp= py_2_sid_1 (- (h2o.runif iris 7) 0.5))"
    assert transport.expressions == [f"(tmp= py_1_sid_1 (* {shared} py_2_sid_1))"]


def test_a_temporary_is_removed_when_nobody_needs_it_any_more(iris: Any) -> None:
    transport, frame = iris
    double = frame * 2
    _ = double.frame_id
    del double
    gc.collect()
    assert len(transport.expressions) == 1, "nothing is sent from a destructor"
    h2o.rapids("(ls)")
    assert transport.expressions[1:] == ["(rm py_1_sid_1)", "(ls)"]


def test_a_temporary_stays_while_an_expression_needs_it(iris: Any) -> None:
    transport, frame = iris
    double = frame * 2
    _ = double.frame_id
    more = double + 1
    del double
    gc.collect()
    _ = more.frame_id
    assert transport.expressions[1:] == ["(tmp= py_2_sid_1 (+ py_1_sid_1 1))"]


def test_a_frame_under_its_own_name_stays_on_the_server(iris: Any) -> None:
    transport, frame = iris
    del frame, iris
    gc.collect()
    h2o.rapids("(ls)")
    assert transport.expressions == ["(ls)"]


def test_a_refused_expression_leaves_no_temporaries(iris: Any) -> None:
    transport, frame = iris
    transport.answers["POST /99/Rapids"] = (400, {"msg": "no such thing"})
    random = frame.runif(7)
    with pytest.raises(H2OResponseError, match="no such thing"):
        _ = frame[random > 0.5].frame_id
    transport.answers["POST /99/Rapids"] = {"scalar": 1.0}
    h2o.rapids("(ls)")
    assert {"(rm py_1_sid_1)", "(rm py_2_sid_1)"} <= set(transport.expressions)


def test_a_long_chain_is_sent_in_pieces(iris: Any) -> None:
    transport, frame = iris
    total = frame
    for _ in range(100):
        total = total + 1
    _ = total.frame_id
    assert 1 < len([text for text in transport.expressions if text.startswith("(tmp=")]) < 10
    assert max(text.count("(+") for text in transport.expressions) <= 40


def test_numbers_come_back_as_numbers(iris: Any) -> None:
    transport, frame = iris
    transport.answers["POST /99/Rapids"] = {"scalar": [1.5, "NaN"]}
    mean, missing = frame.sd()
    assert mean == 1.5
    assert math.isnan(missing)


def test_a_frame_where_a_number_was_expected_is_an_error(iris: Any) -> None:
    _, frame = iris
    with pytest.raises(H2OError, match="a frame where a number was expected"):
        frame.max()


SELECTED = {
    "a name": (lambda f: f["width"], "(cols_py iris 'width')"),
    "an index": (lambda f: f[1], "(cols_py iris 1)"),
    "an index from the end": (lambda f: f[-1], "(cols_py iris 2)"),
    "names": (lambda f: f[["kind", "width"]], "(cols_py iris ['kind' 'width'])"),
    "a range of columns": (lambda f: f[0:2], "(cols_py iris [0:2])"),
    "rows": (lambda f: f[2:5, :], "(rows iris [2:3])"),
    "the last rows": (lambda f: f[-2:, :], "(rows iris [148:2])"),
    "rows beyond the end": (lambda f: f[140:999, :], "(rows iris [140:10])"),
    "chosen rows": (lambda f: f[[0, -1], :], "(rows iris [0 149])"),
    "rows of columns": (lambda f: f[0:2, "kind"], "(rows (cols_py iris 'kind') [0:2])"),
    "a mask": (lambda f: f[f["width"] > 3], "(rows iris (> (cols_py iris 'width') 3))"),
    "all but a column": (lambda f: f.drop("width"), "(cols_py iris [0 2])"),
    "arithmetic from the left": (lambda f: 1 - f, "(- 1 iris)"),
    "power": (lambda f: f**2, "(^ iris 2)"),
    "whole division": (lambda f: f // 2, "(intDiv iris 2)"),
    "negation": (lambda f: -f, "(- 0 iris)"),
    "logic": (lambda f: (f > 1) & ~(f == "a"), "(& (> iris 1) (!! (== iris 'a')))"),
    "conversion": (lambda f: f["kind"].asfactor(), "(as.factor (cols_py iris 'kind'))"),
    "columns joined": (lambda f: f.cbind(f), "(cbind iris iris)"),
    "rows joined": (lambda f: f.rbind([f, f]), "(rbind iris iris iris)"),
    "row means": (lambda f: f.mean(axis=1), "(mean iris True 1)"),
}


@pytest.mark.parametrize(("select", "expression"), SELECTED.values(), ids=SELECTED.keys())
def test_operations_and_their_expressions(iris: Any, select: Any, expression: str) -> None:
    transport, frame = iris
    _ = select(frame).frame_id
    assert transport.expressions == [f"(tmp= py_1_sid_1 {expression})"]


def assigned(change: Any) -> Any:
    def apply(frame: h2o.H2OFrame) -> h2o.H2OFrame:
        change(frame)
        return frame

    return apply


def set_converted(frame: h2o.H2OFrame) -> None:
    frame["kind"] = frame["kind"].asfactor()


def set_new(frame: h2o.H2OFrame) -> None:
    frame["new"] = frame["width"] * 2


def set_masked(frame: h2o.H2OFrame) -> None:
    frame[frame["width"] > 3, "length"] = None


def set_rows(frame: h2o.H2OFrame) -> None:
    frame[0:3, ["length", "width"]] = 99


def set_mask_all_columns(frame: h2o.H2OFrame) -> None:
    frame[frame["width"] > 3] = 0


def set_names(frame: h2o.H2OFrame) -> None:
    frame.names = ["a", "b", "c"]


ASSIGNED = {
    "a converted column": (set_converted, "(:= iris (as.factor (cols_py iris 'kind')) 2 [])"),
    "a new column": (set_new, "(append iris (* (cols_py iris 'width') 2) 'new')"),
    "missing under a mask": (set_masked, "(:= iris nan 0 (> (cols_py iris 'width') 3))"),
    "rows of columns": (set_rows, "(:= iris 99 [0 1] [0:3])"),
    "all columns under a mask": (set_mask_all_columns, "(:= iris 0 [0 1 2] (> (cols_py iris 'width') 3))"),
    "names": (set_names, "(colnames= iris [0 1 2] ['a' 'b' 'c'])"),
}


@pytest.mark.parametrize(("change", "expression"), ASSIGNED.values(), ids=ASSIGNED.keys())
def test_assignments_and_their_expressions(iris: Any, change: Any, expression: str) -> None:
    transport, frame = iris
    change(frame)
    _ = frame.frame_id
    assert transport.expressions == [f"(tmp= py_1_sid_1 {expression})"]


def test_assignments_one_after_the_other_are_one_request(iris: Any) -> None:
    transport, frame = iris
    set_new(frame)
    frame["new"] = 5
    assert frame.names == ["length", "width", "kind", "new"]
    _ = frame.frame_id
    inner = "(append iris (* (cols_py iris 'width') 2) 'new')"
    assert transport.expressions == [f"(tmp= py_1_sid_1 (:= {inner} 5 3 []))"]


def test_a_split_compares_one_draw_with_the_bounds(iris: Any) -> None:
    transport, frame = iris
    parts = frame.split_frame([0.6, 0.2], seed=3)
    assert len({part.frame_id for part in parts}) == 3
    assert sum(text.count("h2o.runif") for text in transport.expressions) == 1
    assert "(<= py_2_sid_1 0.8)" in transport.expressions[1]


MISUSED = {
    "misspelt column": (lambda f: f["widht"], H2OValueError, "did you mean 'width'"),
    "column out of range": (lambda f: f[3], H2OValueError, "there is no column 3"),
    "row out of range": (lambda f: f[150, "kind"], H2OValueError, "there is no row 150"),
    "three indices": (lambda f: f[1, 2, 3], H2OTypeError, "3 indices"),
    "column by a real": (lambda f: f[1.5], H2OTypeError, "1.5"),
    "truth of a frame": (lambda f: f and True, H2OTypeError, "neither true nor false"),
    "ratios above 1": (lambda f: f.split_frame([0.7, 0.4]), H2OValueError, "less than 1"),
    "too few part names": (lambda f: f.split_frame([0.5], ["a"]), H2OValueError, "2 parts"),
    "rbind of a number": (lambda f: f.rbind(5), H2OTypeError, "int"),
    "names of the wrong number": (lambda f: f.set_names(["a"]), H2OValueError, "3 columns"),
}


@pytest.mark.parametrize(("misuse", "error", "words"), MISUSED.values(), ids=MISUSED.keys())
def test_misuse_is_refused_before_anything_is_sent(iris: Any, misuse: Any, error: Any, words: str) -> None:
    transport, frame = iris
    with pytest.raises(error, match=words):
        misuse(frame)
    assert transport.expressions == []


def test_an_expression_without_a_connection_says_how_to_get_one() -> None:
    with pytest.raises(H2OConnectionError, match=r"h2o\.init"):
        h2o.rapids("(ls)")
