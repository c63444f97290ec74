"""Training matrices on the nodes: the rows of the frame, however they are dealt and wherever they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from aquifer_algos.adaptation import Adapted, adapt
from aquifer_algos.datainfo import Response
from aquifer_algos.deeplearning.dealing import Wish
from aquifer_algos.deeplearning.layout import lay_out, take_matrix
from aquifer_algos.deeplearning.matrix import SparseMatrix
from aquifer_algos.description import describe
from aquifer_algos.scaling import Moments, Scaling
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block, Workspace
from numpy.typing import NDArray

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
ROWS = 300
WISHES = {
    "as held": Wish(balance=False),
    "balanced": Wish(),
    "shuffled": Wish(shuffle=True),
    "replicated": Wish(replicate=True),
    "one node": Wish(replicate=True, single_node=True),
}

Table = NDArray[np.float64]


def table_of(workspace: Workspace, blocks: Sequence[Block]) -> Table | None:
    """The node's matrix as columns: inputs, weight, offset, target."""
    matrix = take_matrix(workspace)
    if matrix is None:
        return None
    inputs = np.zeros((matrix.rows, matrix.inputs))
    if isinstance(matrix, SparseMatrix):
        row = np.repeat(np.arange(matrix.rows), np.diff(matrix.indptr))
        inputs[row, matrix.indices] = matrix.values
    else:
        inputs[...] = matrix.values[:, : matrix.inputs]
    assert matrix.weights is not None
    assert matrix.offsets is not None
    return np.column_stack([inputs, matrix.weights, matrix.offsets, matrix.target])


@pytest.fixture
def columns() -> dict[str, list[Any]]:
    """Some rows cannot be trained on: a missing response, a weight of 0."""
    random = np.random.default_rng(0)
    x = np.where(random.random(ROWS) < 0.5, 0.0, random.normal(size=ROWS)).tolist()
    y: list[float | None] = random.normal(size=ROWS).tolist()
    y[7] = y[120] = None
    return {
        "c": random.choice(["p", "q", "r"], ROWS).tolist(),
        "x": x,
        "w": random.integers(0, 3, ROWS).tolist(),
        "o": np.arange(ROWS).tolist(),  # tells rows apart
        "y": y,
    }


def adapted(frame: Frame, sparse: bool) -> Adapted:
    moments = {name: Moments(0.0, 1.0) for name in ("x", "w", "o", "y")}
    data = describe(
        frame, ["c", "x"], Response("y"), moments, Scaling.of(False, sparse),
        weights="w", sparse=sparse, offset="o",
    )  # fmt: skip
    return adapt(data, frame)


def expected(columns: dict[str, list[Any]]) -> Table:
    """The same of all rows that can be trained on, made with numpy, in the frame's order."""
    levels = np.array(columns["c"])[:, None] == np.array(["p", "q", "r", "none"])
    y = np.array([np.nan if v is None else v for v in columns["y"]])
    w, o = np.array(columns["w"]), np.array(columns["o"])
    table = np.column_stack([levels, columns["x"], w / 2, o, y])
    return table[~np.isnan(y) & (w > 0)].astype(np.float32).astype(float)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
@pytest.mark.parametrize("nodes", BOTH, indirect=True)
def test_nodes_have_the_rows_that_they_are_dealt(
    columns: dict[str, list[Any]],
    wish: Wish,
    sparse: bool,
    frame_of: Callable[..., Frame],
    cloud: Cloud,
) -> None:
    given = adapted(frame_of(columns), sparse)
    with cloud.workspace() as job:
        dealt = lay_out(cloud, job, given.frame, given.reader, 2.0, wish)
        tables: list[Table | None] = cloud.run(job, table_of)
    everything = expected(columns)
    order = [row for node in range(cloud.size) for row in held_by(given.frame, node, everything)]
    for table, rows in zip(tables, dealt.dealt, strict=True):
        if table is None:
            assert not rows
        else:
            np.testing.assert_array_equal(table, everything[[order[row] for row in rows]])


def held_by(frame: Frame, node: int, everything: Table) -> list[int]:
    """Which of all rows that can be trained on the node's blocks hold, in order; told by their offset."""
    layout = frame.layout
    found = []
    for block, owner in enumerate(layout.owners):
        if owner == node:
            first = int(layout.starts[block])
            ids = np.arange(first, first + layout.block_rows[block])
            found += np.flatnonzero(np.isin(everything[:, -2], ids)).tolist()
    return found


@pytest.mark.parametrize("nodes", [pytest.param(3, id="ray", marks=pytest.mark.ray)], indirect=True)
def test_rows_that_one_node_holds_are_spread_evenly(
    columns: dict[str, list[Any]], frame_of: Callable[..., Frame], cloud: Cloud
) -> None:
    frame = frame_of(columns, blocks=1)
    alone = cloud.redistribute(frame, type(frame.layout)((ROWS,), (1,)))
    given = adapted(alone, False)
    for wish, most in ((Wish(balance=False), 1.0), (Wish(balance=True), 0.34)):
        with cloud.workspace() as job:
            dealt = lay_out(cloud, job, given.frame, given.reader, 2.0, wish)
            tables: list[Table | None] = cloud.run(job, table_of)
        sizes = [0 if table is None else len(table) for table in tables]
        assert sum(sizes) == dealt.rows
        assert max(sizes) <= np.ceil(most * dealt.rows)
