"""Statistics of frames, as the client asks for them, against pandas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import h2o
import numpy as np
import pandas as pd
import pytest
import scipy.special
import scipy.stats
from h2o.exceptions import H2OTypeError, H2OValueError

TABLE = pd.DataFrame(
    {
        "a": [1.0, 2.0, 4.0, 7.0, 11.0],
        "b": [0.5, -1.5, 2.0, 3.0, -4.0],
        "c": [2.0, math.nan, 3.0, math.nan, 5.0],
    }
)
WHOLE = TABLE[["a", "b"]]

FRAMES: dict[str, tuple[Callable[[h2o.H2OFrame], h2o.H2OFrame], pd.DataFrame]] = {
    "cumsum": (lambda f: f[["a", "b"]].cumsum(), WHOLE.cumsum()),
    "cumprod along rows": (lambda f: f[["a", "b"]].cumprod(axis=1), WHOLE.cumprod(axis=1)),
    "cummin": (lambda f: f[["a", "b"]].cummin(), WHOLE.cummin()),
    "cummax": (lambda f: f[["a", "b"]].cummax(), WHOLE.cummax()),
    "difflag1": (lambda f: f["b"].difflag1(), TABLE[["b"]].diff()),
    "fillna": (lambda f: f.fillna(), TABLE.ffill(limit=1)),
    "fillna backward": (lambda f: f.fillna("backward", maxlen=2), TABLE.bfill(limit=2)),
    "scale": (lambda f: f.scale(), (TABLE - TABLE.mean()) / TABLE.std()),
    "scale by numbers": (lambda f: f.scale([1, 1, 1], [2, 2, 2]), (TABLE - 1) * 2),
    "var": (lambda f: f[["a", "b"]].var(), WHOLE.cov()),
    "cor": (lambda f: f.cor(na_rm=True), TABLE.dropna().corr()),
    "ranks": (lambda f: f[["a", "b"]].cor(method="Spearman"), WHOLE.corr("spearman")),
    "idxmax": (lambda f: f.idxmax(), TABLE.idxmax().to_frame().T),
    "idxmin along rows": (lambda f: f[["a", "b"]].idxmin(axis=1), pd.DataFrame([1, 1, 1, 1, 1])),
    "which": (lambda f: (f["a"] > 3).which(), pd.DataFrame([2, 3, 4])),
    "transpose": (lambda f: f.transpose(), TABLE.T),
    "mult": (lambda f: f[["a", "b"]].transpose().mult(f[["a", "b"]]), WHOLE.T @ WHOLE),
    "distance": (lambda f: f["a"].distance(f["a"][0:1, :], "l1"), (TABLE[["a"]] - 1).abs()),
    "rep_len": (lambda f: f["a"].rep_len(7), pd.concat([TABLE[["a"]], TABLE[["a"]][:2]])),
    "modulo_kfold_column": (lambda f: f.modulo_kfold_column(2), pd.DataFrame([0, 1, 0, 1, 0])),
    "apply a reducer": (lambda f: f.apply(lambda c: c.mean(na_rm=True)), TABLE.mean().to_frame().T),
    "apply an expression": (
        lambda f: f.apply(lambda c: (c - c.min()) / (c.max() - c.min()))[["a", "b"]],
        (WHOLE - WHOLE.min()) / (WHOLE.max() - WHOLE.min()),
    ),
    "apply to rows": (lambda f: f.apply(lambda r: r.sum(), axis=1), TABLE.sum(axis=1).to_frame()),
    "apply with a column": (
        lambda f: f.apply(lambda r: r["a"] * 10 + r[1], axis=1),
        (TABLE["a"] * 10 + TABLE["b"]).to_frame(),
    ),
    "apply with what is used twice": (
        lambda f: f[["a", "b"]].apply(lambda c: (double := c * 2) + double),
        WHOLE * 4,
    ),
    "signif": (lambda f: (f["a"] * 1.2345).signif(2), pd.DataFrame([1.2, 2.5, 4.9, 8.6, 14.0])),
    "concat": (lambda f: f["a"].concat([f["b"]]), WHOLE),
}

# Functions of each value, and the arguments at which they are compared.
UNARY: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    **{
        name: (getattr(np, name), [-1.5, 0.25, 3.0])
        for name in ("abs", "ceil", "floor", "trunc", "sign", "exp", "expm1", "sin", "cos", "tan")
    },
    **{name: (getattr(np, name), [0.25, 1.0, 3.0]) for name in ("log", "log10", "log1p", "log2", "sqrt")},
    **{name: (getattr(np, name), [-1.5, 0.25, 3.0]) for name in ("sinh", "cosh", "tanh")},
    **{f"a{name}": (getattr(np, f"arc{name}"), [-0.5, 0.25, 1.0]) for name in ("sin", "cos", "tan", "sinh")},
    "acosh": (np.arccosh, [1.0, 1.5, 3.0]),
    "atanh": (np.arctanh, [-0.5, 0.0, 0.25]),
    "sinpi": (lambda x: np.sin(np.pi * x), [-0.75, 0.25, 3.0]),
    "cospi": (lambda x: np.cos(np.pi * x), [-0.75, 0.25, 3.0]),
    "tanpi": (lambda x: np.tan(np.pi * x), [-0.75, 0.25, 3.0]),
    "gamma": (scipy.special.gamma, [0.5, 1.0, 4.5]),
    "lgamma": (scipy.special.gammaln, [0.5, 1.0, 4.5]),
    "digamma": (scipy.special.digamma, [0.5, 1.0, 4.5]),
    "trigamma": (lambda x: scipy.special.polygamma(1, x), [0.5, 1.0, 4.5]),
}

NUMBERS: dict[str, tuple[Callable[[h2o.H2OFrame], Any], Any]] = {
    "var of one": (lambda f: f["a"].var(), TABLE["a"].var()),
    "cor of two": (lambda f: f["a"].cor(f["b"]), TABLE["a"].corr(TABLE["b"])),
    "prod": (lambda f: f.prod(na_rm=True), TABLE.prod().prod()),
    "any_na_rm": (lambda f: f.any_na_rm(), True),
    "skewness": (lambda f: f["a"].skewness(), [scipy.stats.skew(TABLE["a"])]),
    "kurtosis": (lambda f: f["a"].kurtosis(), [scipy.stats.kurtosis(TABLE["a"], fisher=False)]),
    "filter_na_cols": (lambda f: f.filter_na_cols(0.2), [0, 1]),
    "columns_by_type": (lambda f: f.columns_by_type(), [0, 1, 2]),
    "getrow": (lambda f: f[0, :].getrow(), [1.0, 0.5, 2.0]),
    "flatten": (lambda f: f[1:2, "b"].flatten(), -1.5),
    "nothing is filled twice": (lambda f: [f.impute("c")[2], f.impute("c")[2]], [10 / 3, 10 / 3]),
}


@pytest.fixture
def frame(server: h2o.Connection) -> h2o.H2OFrame:
    return h2o.H2OFrame(TABLE, destination_frame="table")


@pytest.mark.parametrize(("operation", "want"), FRAMES.values(), ids=FRAMES)
def test_frames_are_what_pandas_makes(
    frame: h2o.H2OFrame, operation: Callable[[h2o.H2OFrame], h2o.H2OFrame], want: pd.DataFrame
) -> None:
    np.testing.assert_allclose(operation(frame).as_data_frame().to_numpy(float), want.to_numpy(float))


def test_functions_of_each_value_are_those_of_numpy(server: h2o.Connection) -> None:
    for name, (function, values) in UNARY.items():
        found = getattr(h2o.H2OFrame(values), name)().as_data_frame().to_numpy(float)
        want = function(np.array(values))
        np.testing.assert_allclose(found[:, 0], want, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(("operation", "want"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_what_pandas_makes(
    frame: h2o.H2OFrame, operation: Callable[[h2o.H2OFrame], Any], want: Any
) -> None:
    assert operation(frame) == pytest.approx(want)


def test_folds_keep_to_their_seed(frame: h2o.H2OFrame) -> None:
    level = (frame["a"] > 2).asfactor()
    for column in (
        frame.kfold_column(2, 1),
        level.stratified_kfold_column(2, 1),
        level.stratified_split(0.5, 1),
    ):
        assert column.nrow == 5
    assert level.stratified_split(0.5, 1).levels() == [["train", "test"]]


def test_a_histogram_counts_all(frame: h2o.H2OFrame) -> None:
    found = frame["a"].hist(3, plot=False).as_data_frame()
    assert found["counts"].sum() == 5
    assert found.columns.tolist() == ["breaks", "counts", "mids_true", "mids", "density"]
    assert (found["density"] * found["breaks"].diff()).sum() == pytest.approx(1)


def test_imputing_changes_the_frame_itself(frame: h2o.H2OFrame) -> None:
    assert frame.nacnt() == [0, 0, 2]
    assert frame.impute("c", "median")[2] == 3
    assert frame.nacnt() == [0, 0, 0]
    assert frame["c"].as_data_frame()["c"].tolist() == [2, 3, 3, 3, 5]


def test_functions_that_cannot_run_on_the_server_are_refused(frame: h2o.H2OFrame) -> None:
    with pytest.raises(H2OTypeError, match="gives a str"):
        frame.apply(lambda column: "x")
    with pytest.raises(H2OValueError, match="2 values were given for 3 columns"):
        frame.impute(values=[1, 2])
