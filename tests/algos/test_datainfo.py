"""How columns become input units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from aquifer_algos.datainfo import DataInfo, Response
from aquifer_algos.description import describe, usable_predictors
from aquifer_algos.moments import rolled_up, weighted
from aquifer_algos.scaling import Scaling
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame

MIXED = {
    "size": [1.0, 2.0, 3.0, 6.0],
    "sex": ["f", "m", "m", "f"],
    "colour": ["red", "blue", None, "green"],
    "y": ["no", "yes", "no", "yes"],
}


def lay_out(frame: Frame, scaling: Scaling, **options: bool) -> DataInfo:
    names = [name for name in frame.names if name != "y"]
    response = Response("y", frame.column("y").domain)
    return describe(frame, names, response, rolled_up(frame), scaling, **options)


def test_categories_come_first_the_one_with_most_levels_before_the_others(
    frame_of: Callable[..., Frame],
) -> None:
    data = lay_out(frame_of(MIXED), Scaling.of(standardize=True, sparse=False))
    assert data.coefficients == (
        "colour.blue",
        "colour.green",
        "colour.red",
        "colour.missing(NA)",
        "sex.f",
        "sex.m",
        "sex.missing(NA)",
        "size",
    )
    assert data.inputs == 8
    assert data.names == ("colour", "sex", "size", "y")
    assert data.domains == (("blue", "green", "red"), ("f", "m"), None, ("no", "yes"))


def test_without_all_factor_levels_the_first_level_has_no_unit(frame_of: Callable[..., Frame]) -> None:
    data = lay_out(frame_of(MIXED), Scaling.of(standardize=True, sparse=False), all_levels=False)
    assert data.coefficients[:3] == ("colour.green", "colour.red", "colour.missing(NA)")
    assert data.inputs == 6


@pytest.mark.parametrize(
    ("standardize", "sparse", "shift", "scale"),
    [
        (True, False, 3.0, 1 / np.std([1, 2, 3, 6], ddof=1)),
        (True, True, 0.0, 1 / np.std([1, 2, 3, 6], ddof=1)),
        (False, False, 0.0, 1.0),
        (False, True, 0.0, 1.0),
    ],
)
def test_numbers_are_shifted_and_scaled_by_their_moments(
    frame_of: Callable[..., Frame], standardize: bool, sparse: bool, shift: float, scale: float
) -> None:
    size = lay_out(frame_of(MIXED), Scaling.of(standardize, sparse)).predictors[-1]
    assert (size.shift, size.scale) == (shift, pytest.approx(scale))


@pytest.mark.parametrize(
    ("sparse", "shifts"), [(False, (3.0, 1.0, 0.75)), (True, (3.0, 0.0, 0.75))], ids=["dense", "sparse"]
)
def test_numbers_to_give_back_lie_within_one(
    frame_of: Callable[..., Frame], sparse: bool, shifts: tuple[float, ...]
) -> None:
    """Only zeros that are the most of a column are left where they are."""
    columns = {"size": [1.0, 2.0, 3.0, 6.0], "rare": [0.0, 0.0, 0.0, 4.0], "half": [0.0, 0.0, 1.0, 2.0]}
    data = lay_out(frame_of({**columns, "y": ["a", "b", "a", "b"]}), Scaling.of_autoencoder(True, sparse))
    assert tuple(predictor.shift for predictor in data.predictors) == shifts
    for predictor, values in zip(data.predictors, columns.values(), strict=True):
        inputs = (np.array(values) - predictor.shift) * predictor.scale
        assert np.ptp(inputs) == pytest.approx(1.0)
        assert np.abs(inputs).max() <= 1.0


def test_inputs_come_back_in_the_units_of_their_columns(frame_of: Callable[..., Frame]) -> None:
    data = lay_out(frame_of(MIXED), Scaling.of_autoencoder(standardize=True, sparse=False))
    inputs = np.array([[0.25] * 7 + [(2.0 - 3.0) / 5.0]])
    assert data.restored(inputs).tolist() == [[0.25] * 7 + [pytest.approx(2.0)]]


def test_constant_empty_and_ignored_columns_are_no_predictors(frame_of: Callable[..., Frame]) -> None:
    frame = frame_of(
        {"a": [1.0, 2.0], "one": [7.0, 7.0], "none": [None, None], "b": [0.0, 1.0], "y": [1.0, 2.0]}
    )
    assert usable_predictors(frame, ["y", "b"], True) == (("a",), ("one", "none"))
    assert usable_predictors(frame, ["y"], False) == (("a", "one", "b"), ("none",))


def test_a_row_of_weight_two_counts_like_two_rows(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    values, weights = np.array([1.0, 5.0, 9.0, 100.0]), np.array([1.0, 2.0, 1.0, 0.0])
    frame = frame_of({"w": list(weights), "x": list(values)})
    moments, mean_weight = weighted(cloud, frame, "w")
    assert moments["x"].mean == pytest.approx(np.average(values, weights=weights))
    variance = np.average((values - 5.0) ** 2, weights=weights) * 3 / 2
    assert moments["x"].deviation == pytest.approx(np.sqrt(variance))
    assert moments["x"].range == 8.0
    assert mean_weight == pytest.approx(4 / 3)


def test_weights_of_zero_and_one_select_rows(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    frame = frame_of({"x": [1.0, 5.0, None, 100.0], "w": [1.0, 1.0, 1.0, 0.0]})
    moments, mean_weight = weighted(cloud, frame, "w")
    assert (moments["x"].mean, moments["x"].deviation) == (3.0, pytest.approx(np.std([1, 5], ddof=1)))
    assert mean_weight == 1.0


def test_a_regression_response_comes_back_in_its_own_units() -> None:
    response = Response("y", None, shift=10.0, scale=0.5)
    assert response.restored(np.array([[-1.0], [2.0]])).tolist() == [[8.0], [14.0]]
