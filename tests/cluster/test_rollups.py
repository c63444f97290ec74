"""Roll-ups are those of the whole column, however it is cut into chunks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType, encode
from aquifer_cluster.rollups import Rollups, merge, summarise
from hypothesis import given, settings
from hypothesis import strategies as st

NUMBER = st.one_of(
    st.just(float("nan")),
    st.just(float("inf")),
    st.just(-float("inf")),
    st.integers(-9, 9).map(float),
    st.integers(-999, 999).map(lambda number: number / 100),
    st.floats(-1e6, 1e6),
)
NUMBERS = st.one_of(
    st.lists(NUMBER, max_size=60),
    # few different values, and mostly one: other encodings are rolled up in other ways
    st.builds(lambda some, times: some * times, st.lists(NUMBER, min_size=1, max_size=5), st.integers(1, 90)),
    st.lists(NUMBER, min_size=1, max_size=20).map(lambda some: some + some[:1] * 300),
)


def rolled(values: Any, type: ColumnType = ColumnType.NUMERIC) -> Rollups:
    """The roll-ups of a chunk: but for rounding they are the same whether its values are at hand or not."""
    chunk = encode(values, type)
    found, other = summarise(chunk), summarise(chunk, values)
    sums = {name: getattr(found, name) for name in ("total", "mean", "m2")}
    assert repr(replace(other, **sums)) == repr(found)
    for name, value in sums.items():
        assert getattr(other, name) == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)
    return found


@given(NUMBERS, st.integers(0, 60), st.integers(0, 400))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_merged_parts_equal_numpy_on_the_whole(numbers: list[float], a: int, b: int) -> None:
    values = np.array(numbers, np.float64)
    found = merge(
        rolled(part) for part in np.split(values, sorted((min(a, len(values)), min(b, len(values)))))
    )
    known = values[~np.isnan(values)]
    finite = known[np.isfinite(known)]
    assert (found.rows, found.missing) == (len(values), np.isnan(values).sum())
    assert found.zeros == (known == 0).sum()
    assert found.positive_infinities == (known == np.inf).sum()
    assert found.negative_infinities == (known == -np.inf).sum()
    assert found.count == len(finite)
    assert found.lowest == tuple(np.sort(known)[:5])
    assert found.highest == tuple(np.sort(known)[::-1][:5])
    assert found.whole == (len(finite) == len(known) and bool((finite == np.rint(finite)).all()))
    if len(finite):
        assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-9)
        assert found.total == pytest.approx(finite.sum(), rel=1e-9, abs=1e-9)
    if len(finite) > 1:
        assert found.sigma == pytest.approx(finite.std(ddof=1), rel=1e-6, abs=1e-6)


def test_the_order_of_merging_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    parts = [rolled(rng.normal(size=size)) for size in (0, 1, 7, 100)]
    one, other = merge(parts), merge(reversed(parts))
    assert one.mean == pytest.approx(other.mean, rel=1e-12)
    assert one.sigma == pytest.approx(other.sigma, rel=1e-12)
    assert (one.lowest, one.highest, one.rows) == (other.lowest, other.highest, other.rows)


def test_a_column_without_a_known_value_has_no_mean() -> None:
    nothing = rolled(np.full(3, np.nan))
    assert (nothing.missing, nothing.count, nothing.whole, nothing.constant) == (3, 0, True, True)
    assert np.isnan([nothing.mean, nothing.sigma, nothing.minimum, nothing.maximum]).all()


def test_text_counts_only_what_is_missing() -> None:
    found = rolled(pa.array(["a", None, ""]), ColumnType.STRING)
    assert (found.rows, found.missing, found.count) == (3, 1, 2)


def test_categories_count_their_codes() -> None:
    found = rolled(np.array([0, 1, 1, -1], np.int32), ColumnType.ENUM)
    assert (found.missing, found.zeros, found.maximum) == (1, 1, 1)


def test_numbers_beyond_64_bits_are_not_called_whole() -> None:
    assert rolled(np.array([2.0**62, 1.0])).whole
    assert not rolled(np.array([2.0**63, 1.0])).whole


def test_encodings_and_their_bytes_add_up() -> None:
    parts = (np.arange(10.0), np.arange(20.0), np.zeros(5))
    chunks = [encode(values, ColumnType.NUMERIC) for values in parts]
    found = merge([summarise(chunk) for chunk in chunks])
    packed = chunks[0].nbytes + chunks[1].nbytes
    assert found.encodings == {"packed": (2, packed), "constant": (1, chunks[2].nbytes)}
    assert found.nbytes == sum(chunk.nbytes for chunk in chunks)


def test_the_sum_of_many_rows_is_as_good_as_that_of_few() -> None:
    values = np.random.default_rng(2).normal(1e8, 1.0, 300_000)
    found = rolled(values)
    assert found.mean == pytest.approx(math.fsum(values) / len(values), rel=1e-15)
    assert found.sigma == pytest.approx(values.std(ddof=1), rel=1e-9)
