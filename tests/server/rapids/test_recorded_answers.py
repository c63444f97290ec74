"""Expressions that a real H2O server (3.46.0.12) was asked, with its answers, asked again of ours."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Protocol

import pytest
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store
from aquifer_cluster.transform.binding import unique_names
from aquifer_server.rapids.errors import RapidsError
from aquifer_server.rapids.interpreter import FrameResult, NumberResult, NumbersResult, Result, StringResult

RECORDED: list[dict[str, Any]] = [
    record
    for path in sorted(Path(__file__).parent.glob("recorded*.json"))
    for record in json.loads(path.read_text())
]


class Rapids(Protocol):
    store: Store
    numbers: Frame

    def __call__(self, text: str) -> Result: ...

    def restore(self, keys: str) -> None: ...

    def rows(self, frame: Frame) -> list[list[Any]]: ...


OTHERWISE = {
    "H2O computes nonsense or refuses for no reason; ours rounds, compares, slices and writes": [
        "(round (cols_py f 'r') -1)",
        "(== (cols_py f 'e') (cols_py f 's'))",
        "(as.character (* (cols_py f 'r') 2e-5))",
        "(rows f -1)",
        "(rows f [1:nan])",
        "(rows f [0:0])",
        "(cols f [2:nan])",
        "(! (cols_py f 'm'))",
        "(unique (cols_py f 's') True)",
        "(which (cols_py f 'm'))",
        "(quantile (cols_py f [0 1]) 0.5 'average' '_')",
        "(:= f 5 'n' (cols_py f 'm'))",
        "(:= f (cols_py f 'r') 'n' (> (cols_py f 'n') 1))",
        "(:= f (rows (cols_py f 'r') [0:2]) 'n' (> (cols_py f 'n') 1))",
        "(:= f (cols_py f 'r') 'n' [0 1])",
        "(:= f (rows (cols_py f 'r') [0]) 'n' [2:2])",
        "(:= f 5 'n' [-1])",
        "(ifelse (> (cols_py f 'm') 2) (cols_py f 'e') (cols_py f 'g'))",
        "(ifelse (> (cols_py f 'm') 2) (cols_py f [0 1]) 0)",
        "(ifelse 1 f 3)",
    ],
    "a label that a category lacks becomes a new level": [
        "(:= f 'x' 'e' [])",
        "(:= f 'zz' 'e' [0])",
        "(:= f 'zz' 'e' (> (cols_py f 'n') 1))",
        "(:= f (rows (cols_py f 'e') [0:2]) 'g' [2:2])",
    ],
    "H2O lets mistakes pass; ours names them": [
        "(> (cols_py f 'e') 'a')",
        "(+ (cols_py f 'n') 'a')",
        "(+ [1 2] 3)",
        "(cols f 1.5)",
        "(colnames= f 0 'r')",
        "(:= f 5 9 [])",
        "(unique f False)",
    ],
    "any number but zero is true, not 1 alone": [
        "(| (cols_py f 'm') 0)",
        "(| (cols_py f 'm') (cols_py f 'n'))",
        "(rows f (cols_py f 'm'))",
    ],
    "unique values ascend, with the missing one last and only if asked for; H2O has them in hash order": [
        "(unique (cols_py f 'm') False)",
        "(unique (cols_py f 'm') True)",
        "(unique (cols_py f 't') True)",
        "(unique (cols_py f 'n') False)",
    ],
    "a level that no row takes stays in the domain": ["(ifelse (> (cols_py f 'm') 2) (cols_py f 'e') 'zz')"],
    "categories and times have neither a mean nor a sum": [
        "(mean f True 0)",
        "(sumaxis f True 0)",
        "(sumaxis f False 0)",
        "(sumaxis (cols_py f ['s' 'e']) True 1)",
        "(apply (cols_py d ['x' 'k']) 1 { r . (sum r) })",
        "(x (t (cols_py d 'x')) (cols_py d 'k'))",
    ],
    "missing values are left out of the moments; H2O divides by their number as well": [
        "(skewness (cols_py f ['n' 'r' 'm']) True)",
        "(skewness f True)",
        "(kurtosis (cols_py f ['n' 'r' 'm']) True)",
        "(skewness (cols_py d ['x' 'y' 'z']) True)",
        "(kurtosis (cols_py d ['x' 'y' 'z']) True)",
    ],
    "ours are the values of numpy and scipy": [
        "(sumaxis (cols_py f ['n' 'r' 'm']) True 0)",
        "(sumaxis (cols_py f ['n' 'r' 'm']) False 0)",
        "(h2o.mad (cols_py d 'z') 'interpolate' 1.4826)",
        "(which.min (cols_py d ['x' 'y' 'z']) True 1)",
        *(
            f"(cor (cols_py d {left}) (cols_py d {right}) '{use}' 'Spearman')"
            for left, right, use in (
                ("'x'", "'z'", "everything"),
                ("'x'", "'y'", "complete.obs"),
                ("['x' 'z']", "['x' 'z']", "everything"),
                ("['x' 'y' 'z']", "['x' 'y' 'z']", "complete.obs"),
            )
        ),
    ],
    "columns keep their names": [
        "(cor (cols_py d ['x' 'y' 'z']) (cols_py d ['x' 'y' 'z']) 'complete.obs' 'Pearson')",
        *(
            f"(h2o.fillna {what})"
            for what in (
                "(cols_py d 'y') 'forward' 0 1",
                "(cols_py d 'y') 'backward' 0 1",
                "(cols_py d 'y') 'forward' 0 -1",
                "(cols_py d ['x' 'y' 'z']) 'forward' 1 1",
                "(cols_py d ['x' 'y' 'z']) 'backward' 1 2",
            )
        ),
    ],
    "gaps in categories and times are filled, and these stay what they are; not from other columns": [
        "(h2o.fillna (cols_py d ['y' 'k' 'h']) 'forward' 0 1)",
        "(h2o.fillna (cols_py d ['y' 'k' 'h']) 'backward' 0 1)",
        "(h2o.fillna (cols_py d ['y' 'k' 'h']) 'forward' 1 1)",
        "(h2o.fillna (cols_py f ['e' 't']) 'forward' 0 1)",
        "(h2o.fillna d 'forward' 1 1)",
    ],
    "the draws are others; a missing value is a level of its own": [
        "(kfold_column d 3 5)",
        "(stratified_kfold_column (cols_py d 'h') 2 5)",
        "(stratified_kfold_column (cols_py d 'x') 2 5)",
        "(stratified_kfold_column (cols_py d ['h' 'k']) 2 5)",
        "(h2o.random_stratified_split (cols_py d 'h') 0.5 5)",
        "(h2o.random_stratified_split (cols_py d 'k') 0.5 5)",
        "(modulo_kfold_column d -2)",
    ],
    "the mode of numbers is the commonest one": ["(h2o.impute d 1 'mode' 'interpolate' [] '_' '_')"],
    "histograms count every value between the breaks": [
        *(f"(hist (cols_py d 'z') {breaks})" for breaks in (1, 4, "[0 1 2]", "[3 1 2]", "[-2 0 4 8]")),
        *(
            f"(hist (cols_py d 'z') '{rule}')"
            for rule in ("sturges", "rice", "sqrt", "doane", "scott", "fd", "nope")
        ),
        "(hist (cols_py d 'y') 3)",
    ],
    "functions of rows may use every reducer": [
        f"(apply (cols_py d {columns}) 1 {{ r . {body} }})"
        for columns, body in (
            ("['x' 'y' 'z']", "(sumNA r)"),
            ("['x' 'z']", "(mean r)"),
            ("['x' 'z']", "(/ r (sum r))"),
            ("['x' 'z']", "(ifelse (> (sum r) 5) 1 0)"),
            ("['x' 'z']", "(sd r True)"),
            ("['x' 'z']", "(median r True)"),
            ("['x' 'z']", "(prod r)"),
            ("['x' 'z']", "(any.na r)"),
            ("['x' 'z']", "(all r)"),
        )
    ],
}
"""Where ours differs on purpose, and why."""

DIFFERENT = {expression for expressions in OTHERWISE.values() for expression in expressions}


def same_number(found: float, expected: Any) -> bool:
    want = float(expected)
    return (math.isnan(found) and math.isnan(want)) or math.isclose(found, want, rel_tol=1e-9, abs_tol=1e-12)


def same_cell(found: Any, expected: Any) -> bool:
    if expected in (None, ""):  # what was recorded as CSV has nothing for missing
        return found is None or found == expected
    return same_number(found, expected) if isinstance(found, float) else bool(found == expected)


def same_frame(rapids: Rapids, frame: Frame, record: dict[str, Any]) -> bool:
    domains = [None if column.domain is None else list(column.domain) for column in frame.columns]
    shape = list(frame.names), [column.wire_type for column in frame.columns], domains, frame.rows
    names = list(unique_names(record["names"]))  # H2O lets them repeat
    if shape != (names, record["types"], record["domains"], len(record["rows"])):
        return False
    return all(
        same_cell(a, b)
        for row, expected in zip(rapids.rows(frame), record["rows"], strict=True)
        for a, b in zip(row, expected, strict=True)
    )


def agrees(rapids: Rapids, record: dict[str, Any]) -> bool:
    """Whether ours answers as H2O did: any error for an error, the same value otherwise."""
    try:
        result = rapids(record["expression"])
    except RapidsError:
        return "status" in record
    if isinstance(result, FrameResult):
        return "names" in record and same_frame(rapids, result.frame, record)
    if isinstance(result, NumberResult):
        return isinstance(record.get("scalar"), float | str) and same_number(result.value, record["scalar"])
    if isinstance(result, NumbersResult):
        return all(same_number(a, b) for a, b in zip(result.values, record["scalar"], strict=True))
    return isinstance(result, StringResult) and result.value == record.get("string")


@pytest.mark.parametrize("record", RECORDED, ids=[record["expression"] for record in RECORDED])
def test_ours_answers_as_h2o_did_but_where_the_list_says_otherwise(
    embedded_rapids: Rapids, record: dict[str, Any]
) -> None:
    embedded_rapids.restore("fdwcuabos")
    embedded_rapids.interpreter.time_zone.name = record.get("time_zone", "UTC")
    different = "otherwise" in record or record["expression"] in DIFFERENT
    assert agrees(embedded_rapids, record) == (not different)
