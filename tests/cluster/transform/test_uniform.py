"""Random columns depend on seed and row, not on how the rows are laid out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.uniform import uniform_column

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def test_the_same_seed_gives_the_same_numbers_on_any_layout(cloud: Cloud, make: Make, read: Read) -> None:
    rows, last = 1001, cloud.size - 1
    layouts = [
        Layout((rows,), (0,)),
        Layout((3, 0, 997, 1), (last, 0, 0, last)),
        Layout((1, 1000), (0, last)),
    ]
    columns = [read(uniform_column(cloud, make(layout, x=np.zeros(rows)), 42))["rnd"] for layout in layouts]
    np.testing.assert_array_equal(columns[0], columns[1])
    np.testing.assert_array_equal(columns[0], columns[2])
    stream = np.random.Generator(np.random.Philox(key=42)).random(rows)
    np.testing.assert_array_equal(columns[0], stream)


def test_the_numbers_are_uniform_and_differ_by_seed(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(x=np.zeros(20_000))
    one, other = (read(uniform_column(cloud, frame, seed))["rnd"].to_numpy() for seed in (1, -5))
    assert ((one >= 0) & (one < 1)).all()
    shares = np.histogram(one, 10, (0, 1))[0] / len(one)
    np.testing.assert_allclose(shares, 0.1, atol=5 * np.sqrt(0.09 / len(one)))
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(len(one))


def test_a_frame_without_rows_gets_none(cloud: Cloud, make: Make) -> None:
    assert uniform_column(cloud, make(Layout((0,), (0,)), x=np.empty(0)), 1).rows == 0
