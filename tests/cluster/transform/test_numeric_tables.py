"""Tables as matrices: moments, ranks, rows reduced, scaling, products, distances, against numpy and scipy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import scipy.spatial
import scipy.stats
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import dispersion, matrix, rowwise
from aquifer_cluster.transform.quantiles import deviation_from_median
from aquifer_cluster.transform.ranks import ranks
from aquifer_cluster.transform.scaling import scale

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

RANDOM = np.random.default_rng(17)
WHOLE = pd.DataFrame({"a": RANDOM.normal(size=50), "b": RANDOM.integers(0, 5, 50).astype(float)})
WHOLE["c"] = WHOLE["a"] * 2 + RANDOM.exponential(size=50)
GAPS = WHOLE.mask(RANDOM.random(WHOLE.shape) < 0.2)


def test_covariances_and_correlations(cloud: Cloud, make: Make) -> None:
    frame = make(**WHOLE)
    np.testing.assert_allclose(dispersion.covariance(cloud, frame, frame, "everything"), WHOLE.cov())
    np.testing.assert_allclose(dispersion.correlation(cloud, frame, frame, "all.obs"), WHOLE.corr())
    strict = dispersion.correlation(cloud, make(**GAPS), make(**WHOLE), "everything")
    assert np.isnan(strict).all()
    complete = dispersion.correlation(cloud, make(**GAPS), make(**GAPS), "complete.obs")
    np.testing.assert_allclose(complete, GAPS.dropna().corr())
    with pytest.raises(InvalidArgument, match="allows none"):
        dispersion.covariance(cloud, make(**GAPS), frame, "all.obs")
    with pytest.raises(InvalidArgument, match="one of everything"):
        dispersion.covariance(cloud, frame, frame, "some")


def test_ranks_and_their_correlation(cloud: Cloud, make: Make, read: Read) -> None:
    pd.testing.assert_frame_equal(read(ranks(cloud, make(**GAPS))), GAPS.rank())
    left, right = dispersion.complete_together(
        cloud, make(**GAPS[["a"]]), make(**GAPS[["b"]]), "complete.obs"
    )
    found = dispersion.correlation(cloud, ranks(cloud, left), ranks(cloud, right), "complete.obs")
    want = scipy.stats.spearmanr(*GAPS[["a", "b"]].dropna().to_numpy().T).statistic
    assert found[0, 0] == pytest.approx(want)


def test_shape_is_scipy_s(cloud: Cloud, make: Make) -> None:
    for skip, table in ((False, WHOLE), (True, GAPS)):
        frame, options = make(**table), {"nan_policy": "omit"}
        np.testing.assert_allclose(
            dispersion.skewness(cloud, frame, skip), scipy.stats.skew(table, **options), rtol=1e-9
        )
        want = scipy.stats.kurtosis(table, fisher=False, **options)
        np.testing.assert_allclose(dispersion.kurtosis(cloud, frame, skip), want, rtol=1e-9)
    assert np.isnan(dispersion.skewness(cloud, make(**GAPS), False)).all()
    assert np.isnan(dispersion.kurtosis(cloud, make(x=[1.0, 1.0]), True)).all()


def test_deviation_from_the_median(cloud: Cloud, make: Make) -> None:
    column = make(**WHOLE).columns[0]
    want = scipy.stats.median_abs_deviation(WHOLE["a"])
    assert deviation_from_median(cloud, column, "interpolate") == pytest.approx(want)


@pytest.mark.parametrize("reducer", rowwise.REDUCERS)
@pytest.mark.parametrize("skip", [False, True])
def test_rows_are_reduced_as_pandas_does(
    cloud: Cloud, make: Make, read: Read, reducer: str, skip: bool
) -> None:
    table = GAPS.copy()
    table.loc[7] = np.nan
    found = read(rowwise.reduce_rows(cloud, make(**table), reducer, skip, "x"))["x"].to_numpy()
    present = table.notna()
    if reducer in ("any", "all", "any.na"):
        true = table != 0  # so is a missing value
        wanted = {"any": true.any(axis=1), "all": true.all(axis=1), "any.na": (true & present).any(axis=1)}
        want = wanted[reducer].astype(float)
    else:
        want = getattr(table, {"sd": "std"}.get(reducer, reducer))(axis=1, skipna=skip)
        if reducer in ("sum", "prod"):
            want[7] = np.nan
    np.testing.assert_allclose(found, want)


@pytest.mark.parametrize("largest", [False, True])
def test_places_of_extremes(cloud: Cloud, make: Make, read: Read, largest: bool) -> None:
    table = GAPS.copy()
    table.loc[7] = np.nan
    frame = make(**table)
    rows = rowwise.which_extreme_row(cloud, frame, largest, skip_missing=True)
    assert rows.tolist() == [table[name].idxmax() if largest else table[name].idxmin() for name in table]
    assert np.isnan(rowwise.which_extreme_row(cloud, frame, largest, skip_missing=False)).all()
    found = read(rowwise.which_extreme(cloud, frame, largest, True, "x"))["x"]
    matrix_of = table.drop(index=7).to_numpy()
    want = np.nanargmax(matrix_of, axis=1) if largest else np.nanargmin(matrix_of, axis=1)
    assert found.drop(index=7).tolist() == want.tolist()
    assert math.isnan(found[7])


def test_scaling(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(**GAPS, kind=pd.Categorical(["u", "v"] * 25))
    found = read(scale(cloud, frame, True, True))
    want = (GAPS - GAPS.mean()) / GAPS.std()
    pd.testing.assert_frame_equal(found[["a", "b", "c"]], want)
    assert found["kind"].tolist() == ["u", "v"] * 25
    given = read(scale(cloud, frame, [1, 2, 3, 0], [4, 5, 6, 0]))[["a", "b", "c"]]
    pd.testing.assert_frame_equal(given, (GAPS - [1, 2, 3]) * [4, 5, 6])
    assert scale(cloud, frame, False, False).columns == frame.columns
    with pytest.raises(InvalidArgument, match="2 numbers for 4 columns"):
        scale(cloud, frame, [1, 2], True)


def test_transpose_and_product(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(**GAPS)
    turned = matrix.transpose(cloud, frame)
    np.testing.assert_array_equal(read(turned).to_numpy(), GAPS.to_numpy().T)
    assert turned.names[:2] == ("C1", "C2")
    whole = make(**WHOLE)
    found = read(matrix.product(cloud, matrix.transpose(cloud, whole), whole))
    np.testing.assert_allclose(found, WHOLE.to_numpy().T @ WHOLE.to_numpy())
    with pytest.raises(InvalidArgument, match="3 columns, the right one 50 rows"):
        matrix.product(cloud, whole, whole)
    with pytest.raises(InvalidArgument, match="column 'k' is enum"):
        matrix.transpose(cloud, make(k=pd.Categorical(["a"])))


@pytest.mark.parametrize(
    ("measure", "metric"),
    [("l1", "cityblock"), ("l2", "euclidean"), ("cosine", "cosine"), ("cosine_sq", "cosine")],
)
def test_distances_are_scipy_s(cloud: Cloud, make: Make, read: Read, measure: str, metric: str) -> None:
    others = WHOLE.iloc[:4]
    found = read(matrix.distances(cloud, make(**WHOLE), make(**others), measure)).to_numpy()
    want = scipy.spatial.distance.cdist(WHOLE, others, metric)
    similar = {"cosine": 1 - want, "cosine_sq": (1 - want) ** 2}
    np.testing.assert_allclose(found, similar.get(measure, want), atol=1e-12)


def test_distances_refuse_what_has_none(cloud: Cloud, make: Make) -> None:
    frame = make(**WHOLE)
    for others, measure, reason in (
        (frame, "l3", "'l3' is not one of"),
        (make(**WHOLE[["a"]]), "l2", "3 and 1 columns"),
        (make(**GAPS), "l2", "has missing values"),
    ):
        with pytest.raises(InvalidArgument, match=reason):
            matrix.distances(cloud, frame, others, measure)
