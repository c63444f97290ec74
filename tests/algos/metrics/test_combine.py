"""What holds for every family of metrics: they add up over blocks of rows, and weights are counts."""

import re
from dataclasses import asdict
from functools import reduce

import numpy as np
import pytest
from aquifer_algos.metrics import autoencoder, binomial, multinomial, regression
from hypothesis import given, settings
from hypothesis import strategies as st

CLASSES = 3


def regression_rows(rng, count):
    return rng.normal(2, 3, count).round(1), rng.normal(2, 3, count).round(1)


def binomial_rows(rng, count):
    return rng.integers(-1, 2, count), rng.random(count).round(1)


def multinomial_rows(rng, count):
    return rng.integers(-1, CLASSES, count), rng.dirichlet(np.ones(CLASSES), count).round(1)


def autoencoder_rows(rng, count):
    return rng.normal(size=(count, 4)), rng.normal(size=(count, 4))


FAMILIES = {
    "autoencoder": (autoencoder_rows, autoencoder.partial, autoencoder.combine, autoencoder.finish),
    "regression": (regression_rows, regression.partial, regression.combine, regression.finish),
    "binomial": (
        binomial_rows,
        binomial.partial,
        binomial.combine,
        lambda counts: binomial.finish(counts, ["no", "yes"]),
    ),
    "multinomial": (
        multinomial_rows,
        multinomial.partial,
        multinomial.combine,
        lambda counts: multinomial.finish(counts, ["a", "b", "c"]),
    ),
}

seeds = st.integers(0, 2**32 - 1)
counts = st.integers(0, 40)
each_family = pytest.mark.parametrize("family", FAMILIES)


def assert_same(ours, theirs, path="metrics"):
    """Equal but for rounding; NaN equals NaN."""
    if isinstance(ours, dict):
        for key in ours:
            assert_same(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, tuple):
        assert len(ours) == len(theirs), path
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b, path)
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True), path
    elif path.endswith(".description"):  # its numbers are rounded, up or down
        assert re.sub(r"[\d.]+", "", ours) == re.sub(r"[\d.]+", "", theirs), path
    else:
        assert ours == theirs, path


def rows_of(family, seed, count):
    rng = np.random.default_rng(seed)
    actual, predicted = FAMILIES[family][0](rng, count)
    return rng, actual, predicted, rng.integers(0, 4, count).astype(float)


@each_family
@settings(deadline=None)
@given(seed=seeds, count=counts)
def test_blocks_combined_in_any_way_equal_the_whole(family, seed, count):
    _, partial, combine, finish = FAMILIES[family]
    rng, actual, predicted, weight = rows_of(family, seed, count)
    cuts = np.sort(rng.integers(0, count + 1, 3))
    blocks = [
        partial(*block)
        for block in zip(*(np.split(x, cuts) for x in (actual, predicted, weight)), strict=True)
    ]
    whole = asdict(finish(partial(actual, predicted, weight)))
    assert_same(asdict(finish(reduce(combine, blocks))), whole)
    assert_same(asdict(finish(combine(combine(blocks[0], blocks[1]), combine(blocks[2], blocks[3])))), whole)
    assert_same(asdict(finish(reduce(combine, blocks[::-1]))), whole)


@each_family
@settings(deadline=None)
@given(seed=seeds, count=counts)
def test_a_weight_is_as_good_as_that_many_equal_rows(family, seed, count):
    _, partial, _, finish = FAMILIES[family]
    _, actual, predicted, weight = rows_of(family, seed, count)
    times = weight.astype(int)
    weighted = asdict(finish(partial(actual, predicted, weight)))
    repeated = asdict(finish(partial(np.repeat(actual, times, axis=0), np.repeat(predicted, times, axis=0))))
    # The number of rows is the one thing that counts rows, not weight.
    assert weighted.pop("nobs") <= repeated.pop("nobs")
    assert_same(weighted, repeated)


@each_family
@settings(deadline=None)
@given(seed=seeds, count=counts)
def test_the_order_of_rows_does_not_matter(family, seed, count):
    _, partial, _, finish = FAMILIES[family]
    rng, actual, predicted, weight = rows_of(family, seed, count)
    order = rng.permutation(count)
    assert_same(
        asdict(finish(partial(actual[order], predicted[order], weight[order]))),
        asdict(finish(partial(actual, predicted, weight))),
    )
