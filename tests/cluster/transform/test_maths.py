"""Functions of one operand, against Python's math module and scipy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import maths
from scipy import special

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

VALUES = (-2.5, -1.0, -0.3, 0.0, 0.4, 1.0, 1.5, 7.0)
SAME_NAME = ("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "expm1", "floor")
SAME_NAME += ("log", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh", "trunc")
PYTHON: dict[str, Callable[[float], float]] = {
    **{name: getattr(math, name) for name in SAME_NAME},
    "abs": abs,
    "ceiling": math.ceil,
    "cospi": lambda x: math.cos(math.pi * x),
    "sinpi": lambda x: math.sin(math.pi * x),
    "tanpi": lambda x: math.tan(math.pi * x),
    "sign": lambda x: (x > 0) - (x < 0),
    "not": lambda x: float(x == 0),
    "gamma": special.gamma,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "trigamma": lambda x: float(special.zeta(2, x)) if x > 0 else trigamma_by_reflection(x),
}
WITH_POLES = ("log", "log10", "log2", "log1p", "atanh", "gamma", "lgamma", "digamma", "trigamma")


def trigamma_by_reflection(x: float) -> float:
    """Abramowitz and Stegun 6.4.7."""
    return (math.pi / math.sin(math.pi * x)) ** 2 - float(special.polygamma(1, 1 - x))


def by_python(name: str, value: float) -> float:
    try:
        return float(PYTHON[name](value))
    except ValueError:
        return math.nan


@pytest.mark.parametrize("name", maths.FUNCTIONS)
def test_every_function_is_python_s(cloud: Cloud, make: Make, read: Read, name: str) -> None:
    values = [value for value in VALUES if not (name in WITH_POLES and value in (-1.0, 0.0, 1.0))]
    found = maths.apply(cloud, name, make(x=[*values, np.nan]))
    assert found.names == (f"{name}(x)",)
    want = [by_python(name, value) for value in values]
    np.testing.assert_allclose(read(found).iloc[:, 0], [*want, np.nan], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(maths.apply_scalar(name, 0.4), by_python(name, 0.4), rtol=1e-12)


@pytest.mark.parametrize("name", ["gamma", "lgamma", "digamma", "trigamma"])
def test_gamma_and_its_relatives_at_all_scales(name: str) -> None:
    for value in (1e-9, 0.5, 11.9, 12.0, 12.1, 170.0, 171.6, 1e4, -1e-9, -0.5, -20.5, -100.25):
        np.testing.assert_allclose(
            maths.apply_scalar(name, value), PYTHON[name](value), rtol=1e-12, err_msg=name
        )
    for pole in (0.0, -1.0, -50.0, math.nan):
        assert math.isnan(maths.apply_scalar(name, pole))
    far = maths.apply_scalar(name, math.inf)
    assert far == (0 if name == "trigamma" else math.inf)


def test_halves_round_to_the_even_neighbour(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(x=[0.5, 1.5, 2.5, -0.5, 1.005, np.nan])
    np.testing.assert_array_equal(read(maths.round_digits(cloud, frame, 0))["x"], [0, 2, 2, 0, 1, np.nan])
    np.testing.assert_allclose(read(maths.round_digits(cloud, make(x=[123.456]), 2))["x"], [123.46])
    np.testing.assert_allclose(read(maths.round_digits(cloud, make(x=[123.456]), -1))["x"], [120])


def test_more_digits_than_a_number_has_change_nothing() -> None:
    for digits in (20, 400, 10**18):
        assert maths.round_scalar(0.1 + 0.2, digits) == pytest.approx(0.3, rel=1e-15)
        assert maths.significant_scalar(1e300, digits) == pytest.approx(1e300, rel=1e-15)


def test_significant_digits_count_from_the_first(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(x=[123.456, 0.00123456, -98765.0, 0.0, np.inf, np.nan])
    want = [120, 0.0012, -99000, 0, np.inf, np.nan]
    np.testing.assert_allclose(read(maths.significant_digits(cloud, frame, 2))["x"], want)


def test_missing_values_of_every_type_are_found(
    cloud: Cloud, make: Make, read: Read, people: pd.DataFrame
) -> None:
    found = read(maths.missing(cloud, make(**people)))
    assert list(found.columns) == [f"isNA({name})" for name in people.columns]
    np.testing.assert_array_equal(found.to_numpy(), people.isna().to_numpy())


def test_other_than_numbers_are_refused_by_name(cloud: Cloud, make: Make) -> None:
    with pytest.raises(InvalidArgument, match="string column 's'"):
        maths.apply(cloud, "sqrt", make(x=[1.0], s=["a"]))
