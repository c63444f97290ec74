"""The contract of every primitive: declared once, documented, checked, and safe with any argument."""

from __future__ import annotations

from typing import Any

import pytest
from aquifer_server.rapids.declaration import REQUIRED, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.interpreter import (
    FrameResult,
    NumberResult,
    NumbersResult,
    StringResult,
)
from aquifer_server.rapids.primitives import FAMILIES, PRIMITIVES

Rapids = Any

RESULTS: dict[str, type] = {
    "frame": FrameResult,
    "number": NumberResult,
    "numbers": NumbersResult,
    "string": StringResult,
}

EXAMPLES: dict[str, str] = {
    "a Frame": "(cols_py f ['n' 'r'])",
    "a single column": "(cols_py f 'e')",
    "a number": "1",
    "a whole number": "1",
    "a string": "'a'",
    "a string or the name of a function": "'mean'",
    "strings": "['a' 'b']",
    "numbers": "[0 1]",
    "True or False": "True",
    "a Frame, a number or a string": "(cols_py f 'n')",
    "a Frame or a number": "(cols_py f 'n')",
    "columns by name or number": "[0 1]",
    "rows by number or a mask": "[0]",
    "a key": "some_key",
    "a whole number or []": "1",
    "a number or []": "0",
    "a string or []": "[]",
    "strings or numbers": "['a' 'b']",
    "_": "'_'",
    "a function": "{ c . (sum c) }",
    "True, False or numbers": "True",
    "numbers or a rule": "'sturges'",
    "a Frame or _": "'_'",
    "numbers or _": "'_'",
    "columns by name or number, or []": "[]",
}
"""An expression of each kind of argument."""

FITTING: dict[str, str] = {
    **{
        name: f"({name} (cols_py f 'e'){arguments})"
        for name, arguments in {
            "toupper": "",
            "tolower": "",
            "trim": "",
            "lstrip": " 'a'",
            "rstrip": " 'a'",
            "substring": " 0 1",
            "replacefirst": " 'a' 'x' False",
            "replaceall": " 'a' 'x' False",
            "strlen": "",
            "entropy": "",
            "countmatches": " ['a' 'b']",
            "strsplit": " 'x'",
            "grep": " 'a' False False False",
            "strDistance": " (cols_py f 'e') 'lv' True",
            "match": " ['a'] 0 1",
        }.items()
    },
    "num_valid_substrings": f"(num_valid_substrings (cols_py f 'e') '{__file__}')",
    "tokenize": "(tokenize (cols_py f 's') 'x')",
    "as.Date": "(as.Date (as.factor (rows (cols_py f 'n') [1:0])) '%Y')",
    "moment": "(moment 2020 1 1 0 0 0 0)",
    "mktime": "(mktime 2020 0 0 0 0 0 0)",
    "cut": "(cut (cols_py f 'n') [0 1] [] True True 3)",
    "relevel.by.freq": "(relevel.by.freq (cols_py f 'e') [] -1)",
    "rm": "(rm nothing)",
    "rename": "(rename 'f' 'g')",
    "setTimeZone": "(setTimeZone 'UTC')",
    "columnsByType": "(columnsByType f 'numeric')",
    "quantile": "(quantile (cols_py f ['n' 'r']) [0 1] 'low' '_')",
    "table": "(table (cols_py f ['n' 'r']) True)",
    "var": "(var (cols_py f ['n' 'r']) (cols_py f ['n' 'r']) 'everything' True)",
    "getrow": "(getrow (rows f [0]))",
    "as.factor": "(as.factor (cols_py f ['n' 's']))",
    "h2o.impute": "(h2o.impute f 0 'mean' 'low' [] '_' '_')",
    "apply": "(apply (cols_py f ['n' 'r']) 2 { c . (sum c) })",
    "ddply": "(ddply (cols_py f ['n' 'r']) [0] nrow)",
    "hist": "(hist (cols_py f 'n') 3)",
    "h2o.mad": "(h2o.mad (cols_py f 'n') 'low' 1)",
    "difflag1": "(difflag1 (cols_py f 'n'))",
    "h2o.fillna": "(h2o.fillna (cols_py f ['n' 'r']) 'forward' True 1)",
    "distance": "(distance (cols_py f ['n' 'r']) (cols_py f ['n' 'r']) 'l2')",
    "cor": "(cor (cols_py f ['n' 'r']) (cols_py f ['n' 'r']) 'complete.obs' 'Spearman')",
    "isax": "(isax (cols_py f ['n' 'r']) 2 3 True)",
    "x": "(x (cols_py f ['n' 'r']) (t (cols_py f ['n' 'r'])))",
    "sort": "(sort (cols_py f ['n' 'r']) [0 1] [1 -1])",
    "merge": "(merge (cols_py f ['n' 'r']) (cols_py f ['n' 'r']) True False [0] [0] 'auto')",
    "GB": "(GB (cols_py f ['n' 'r']) [0] mean 1 'all' 'nrow' 0 'rm')",
    "dropdup": "(dropdup (cols_py f ['n' 'r']) [0 1] 'first')",
    "rank_within_groupby": "(rank_within_groupby (cols_py f ['n' 'r']) [0] [1] [1] 'rank' True)",
    "pivot": "(pivot (cols_py f ['n' 'r']) 0 1 1)",
    "melt": "(melt (cols_py f ['n' 'r']) [0] [1] 'name' 'value' False)",
    "topn": "(topn (cols_py f ['n' 'r']) 0 50 1)",
    ":=": "(:= (cols_py f ['n' 'r']) (cols_py f 'n') 0 [])",
}
"""Calls of primitives for which an example of each kind will not do."""


NEED_ROWS = ("t", "x", "rep_len", "distance")
"""Primitives that a frame without rows is refused by."""


def called(primitive: Primitive) -> str:
    """A call with all arguments."""
    arguments = [EXAMPLES[argument.kind.name] for argument in primitive.arguments]
    return FITTING.get(primitive.name, f"({' '.join([primitive.name, *arguments])})")


def test_no_name_is_declared_twice() -> None:
    assert len(PRIMITIVES) == sum(len(family.PRIMITIVES) for family in FAMILIES)


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_every_primitive_is_declared_in_full(primitive: Primitive) -> None:
    assert primitive.summary.endswith(".")
    assert set(primitive.result.replace(" or ", ", ").split(", ")) <= set(RESULTS)
    names = [argument.name for argument in primitive.arguments]
    assert len(set(names)) == len(names)
    optional = [argument.default is not REQUIRED for argument in primitive.arguments]
    assert optional == sorted(optional), "optional arguments come last"
    assert not (primitive.repeating and any(optional))


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_every_primitive_gives_what_it_declares(rapids: Rapids, primitive: Primitive) -> None:
    expected = tuple(RESULTS[word] for word in primitive.result.replace(" or ", ", ").split(", "))
    assert isinstance(rapids(called(primitive)), expected)


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_every_primitive_refuses_a_wrong_number_of_arguments(
    embedded_rapids: Rapids, primitive: Primitive
) -> None:
    wrong = [count for count in range(8) if not primitive.takes(count)]
    assert wrong
    for count in wrong:
        with pytest.raises(WrongArgument, match="argument"):
            embedded_rapids(f"({primitive.name}{' 1' * count})")


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_every_primitive_refuses_a_function_by_the_argument_s_name(
    embedded_rapids: Rapids, primitive: Primitive
) -> None:
    for position, argument in enumerate(primitive.arguments):
        if argument.kind.name == "a function":
            continue
        given_ = [EXAMPLES[other.kind.name] for other in primitive.arguments]
        given_[position] = "{ x . x }"
        with pytest.raises(WrongArgument) as failure:
            embedded_rapids(f"({' '.join([primitive.name, *given_])})")
        assert f"argument '{argument.name}' of {primitive.name}" in str(failure.value)


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=PRIMITIVES)
def test_every_primitive_takes_a_frame_without_rows(rapids: Rapids, primitive: Primitive) -> None:
    text = called(primitive).replace("f ['n' 'r']", "empty ['n' 'r']").replace("f 'n'", "empty 'n'")
    text = text.replace("f 'e'", "empty 'e'").replace("f ['n' 's']", "empty ['n' 's']")
    rapids.store.put("empty", rapids.frame("(rows f [0:0])"))
    if primitive.name == "rows":
        text = text.replace("[0])", "[])")
    if primitive.name in NEED_ROWS:
        with pytest.raises(WrongArgument, match="row"):
            rapids(text)
    else:
        rapids(text)
