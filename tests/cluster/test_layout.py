"""Where the rows of a frame are."""

from __future__ import annotations

import numpy as np
import pytest
from aquifer_cluster.errors import ColumnNotFound, InvalidArgument
from aquifer_cluster.frame import MAX_BLOCK_ROWS, MIN_BLOCK_ROWS, Frame, Layout, even_layout
from hypothesis import given, settings
from hypothesis import strategies as st


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.integers(0, 80), st.integers(0, 80))
@settings(derandomize=True)
def test_pieces_are_exactly_the_rows_asked_for(sizes: list[int], start: int, stop: int) -> None:
    layout = Layout(tuple(sizes), tuple(i % 3 for i in range(len(sizes))))
    rows = [
        int(layout.starts[block]) + row
        for block, first, last in layout.pieces(start, stop)
        for row in range(first, last)
    ]
    assert rows == list(range(start, min(stop, layout.rows)))


@given(st.integers(0, 300_000), st.integers(1, 5), st.integers(1, 8))
@settings(derandomize=True)
def test_an_even_layout_holds_all_rows_in_blocks_of_like_size(rows: int, nodes: int, per_node: int) -> None:
    layout = even_layout(rows, nodes, per_node)
    assert layout.rows == rows
    assert max(layout.block_rows) <= MAX_BLOCK_ROWS
    assert min(layout.block_rows) >= min(rows, MIN_BLOCK_ROWS)
    assert max(layout.block_rows) - min(layout.block_rows) <= 1
    assert layout.rows == sum(layout.rows_of(node) for node in range(nodes))
    blocks = [len(layout.blocks_of(node)) for node in range(nodes)]
    assert max(blocks) - min(blocks) <= 1


def test_starts_are_the_first_rows_and_the_end() -> None:
    np.testing.assert_array_equal(Layout((2, 0, 3), (0, 1, 0)).starts, [0, 2, 2, 5])


def test_a_frame_does_not_have_one_name_twice() -> None:
    with pytest.raises(InvalidArgument, match="'x' occurs more than once"):
        Frame(("x", "y", "x"), (), Layout((0,), (0,)))


def test_an_unknown_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(ColumnNotFound, match=r"Column z not found: the frame has 2 columns \(x, y\)"):
        Frame(("x", "y"), (), Layout((0,), (0,))).index("z")
