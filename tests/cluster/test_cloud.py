"""Tasks on frames, on one embedded node and on three Ray nodes alike."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, MemoryExceeded
from aquifer_cluster.frame import Frame, Layout, even_layout
from aquifer_cluster.node import Block, Workspace

ROWS = 1000
TYPES = [ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.STRING]
DOMAIN = ("even", "odd")


def rows_from(start: int, rows: int) -> tuple[list[Values], str]:
    """The values of some rows, and a remark."""
    index = np.arange(start, start + rows)
    return [index / 2, (index % 2).astype(np.int32), pa.array([f"row {i}" for i in index])], f"from {start}"


def made(cloud: Cloud, rows: int = ROWS, blocks_per_node: int = 2) -> Frame:
    layout = even_layout(rows, cloud.size, blocks_per_node, fewest=1)
    written = cloud.new_columns(TYPES)
    calls = [
        cloud.write(written, block, owner, rows_from, int(layout.starts[block]), layout.block_rows[block])
        for block, owner in enumerate(layout.owners)
    ]
    results = [call.result() for call in calls]
    assert [remark for _, remark in results] == [f"from {start}" for start in layout.starts[:-1]]
    columns = cloud.make_columns(written, [stats for stats, _ in results], layout, [None, DOMAIN, None])
    return Frame(("half", "parity", "name"), tuple(columns), layout)


def total(block: Block, factor: float) -> float:
    return float(block.decode(0).sum()) * factor


def add(a: Any, b: Any) -> Any:
    return a + b


def first_rows(block: Block) -> list[int]:
    return [block.start]


def doubled(block: Block) -> Sequence[Values]:
    return [block.decode(0) * 2]


def kept_rows(block: Block) -> Sequence[Values]:
    return [block.decode(0)[block.decode(1) == 0]]


def failing(block: Block) -> Sequence[Values]:
    if block.index:
        raise InvalidArgument("block", "is not the first")
    return [block.decode(0)]


def node_and_rows(workspace: Workspace, blocks: list[Block]) -> tuple[int, int, int]:
    return workspace.node, os.getpid(), sum(block.rows for block in blocks)


def noise(block: Block) -> Sequence[Values]:
    return [np.random.default_rng(block.index).normal(size=block.rows)]


def sevens(block: Block) -> Sequence[Values]:
    return [np.full(block.rows, 7.0)]


def chunk_bytes(cloud: Cloud) -> int:
    return sum(status.chunk_bytes for status in cloud.statuses() if status)


def settled(cloud: Cloud, expected: int) -> bool:
    """Whether the nodes come to hold `expected` bytes; columns are freed in the background."""
    gc.collect()
    until = time.monotonic() + 5
    while chunk_bytes(cloud) != expected and time.monotonic() < until:
        time.sleep(0.02)
    return chunk_bytes(cloud) == expected


def test_rows_are_read_back_across_blocks(cloud: Cloud) -> None:
    frame = made(cloud)
    half, parity, name = cloud.read(frame, 490, 510)
    np.testing.assert_array_equal(half, np.arange(490, 510) / 2)
    np.testing.assert_array_equal(parity, np.arange(490, 510) % 2)
    assert name.to_pylist() == [f"row {i}" for i in range(490, 510)]
    assert [len(values) for values in cloud.read(frame, 5000)] == [0, 0, 0]


def test_roll_ups_are_those_of_all_blocks(cloud: Cloud) -> None:
    half = made(cloud).column("half").rollups
    assert (half.rows, half.minimum, half.maximum, half.zeros) == (ROWS, 0, (ROWS - 1) / 2, 1)
    assert half.mean == pytest.approx((ROWS - 1) / 4)


def test_map_reduce_combines_all_blocks_in_order_within_a_node(cloud: Cloud) -> None:
    frame = made(cloud)
    assert cloud.map_reduce(frame, total, 10.0, combine=add) == pytest.approx(10 * np.arange(ROWS).sum() / 2)
    starts = cloud.map_reduce(frame, first_rows, combine=add)
    by_node = [
        int(frame.layout.starts[b]) for node in range(cloud.size) for b in frame.layout.blocks_of(node)
    ]
    assert starts == by_node


def test_map_columns_makes_columns_of_the_same_layout(cloud: Cloud) -> None:
    frame = made(cloud)
    (column,) = cloud.map_columns(frame, doubled, types=[ColumnType.NUMERIC])
    assert column.layout == frame.layout
    (values,) = cloud.read(Frame(("twice",), (column,), column.layout))
    np.testing.assert_array_equal(values, np.arange(ROWS))


def test_map_columns_may_leave_rows_out(cloud: Cloud) -> None:
    (column,) = cloud.map_columns(made(cloud), kept_rows, types=[ColumnType.NUMERIC])
    (values,) = cloud.read(Frame(("even",), (column,), column.layout))
    np.testing.assert_array_equal(values, np.arange(0, ROWS, 2) / 2)


def test_a_task_that_fails_says_why_and_leaves_nothing(cloud: Cloud) -> None:
    frame = made(cloud)
    before = chunk_bytes(cloud)
    with pytest.raises(InvalidArgument, match="block: is not the first"):
        cloud.map_columns(frame, failing, types=[ColumnType.NUMERIC])
    assert settled(cloud, before)


def test_redistributed_rows_keep_their_order_and_domains(cloud: Cloud) -> None:
    frame = made(cloud)
    layout = Layout((1, 0, 700, 299), tuple(block % cloud.size for block in range(4)))
    moved = cloud.redistribute(frame, layout)
    assert moved.layout == layout
    assert moved.column("parity").domain == DOMAIN
    for values, expected in zip(cloud.read(moved), cloud.read(frame), strict=True):
        assert list(values) == list(expected)
    assert cloud.redistribute(moved, layout) is moved


def test_run_gives_every_node_its_own_blocks(cloud: Cloud) -> None:
    frame = made(cloud)
    answers = cloud.run("job_of_a_test", node_and_rows, frame=frame)
    assert [node for node, _, _ in answers] == list(range(cloud.size))
    assert [rows for _, _, rows in answers] == [frame.layout.rows_of(node) for node in range(cloud.size)]
    pids = {pid for _, pid, _ in answers}
    assert len(pids) == cloud.size
    assert (os.getpid() in pids) == (cloud.size == 1)
    cloud.release("job_of_a_test")


def test_chunks_go_when_the_last_frame_lets_go_of_a_column(cloud: Cloud) -> None:
    gc.collect()
    assert settled(cloud, cloud.used_bytes)
    before = chunk_bytes(cloud)
    frame = made(cloud)
    assert chunk_bytes(cloud) == before + frame.nbytes
    shared = frame.select(["half"])
    kept = shared.nbytes
    del frame
    assert settled(cloud, before + kept)
    assert cloud.used_bytes == before + kept
    del shared
    assert settled(cloud, before)


def test_what_does_not_fit_is_refused_with_both_sizes(cloud: Cloud) -> None:
    with pytest.raises(MemoryExceeded, match=r"A frame needs about 8\.0 TB, but .* of the cloud's memory"):
        cloud.require("A frame", 8 << 40)
    cloud.require("A frame", 1)


def test_every_node_tells_how_it_is(cloud: Cloud) -> None:
    statuses = cloud.statuses()
    assert [status.index for status in statuses if status] == list(range(cloud.size))
    assert all(status and status.resident_bytes > 1 << 20 for status in statuses)


def test_what_work_has_reserved_is_not_free_for_other_work(
    embedded: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "memory", embedded.used_bytes + 1000)
    with embedded.reserve("A parse", 600) as room:
        with pytest.raises(MemoryExceeded, match=r"Another needs about 500 B, but 400 B"):
            embedded.require("Another", 500)
        room.resize(300)
        embedded.require("Another", 700)
        with pytest.raises(MemoryExceeded, match="A parse needs about 1001 B, but 1000 B"):
            room.resize(1001)
    embedded.require("Another", 1000)


def test_new_columns_are_refused_as_soon_as_they_outgrow_what_is_free(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = made(cloud, rows=200_000)
    before = chunk_bytes(cloud)
    monkeypatch.setattr(cloud, "memory", cloud.used_bytes + cloud.size * 20_000)
    with pytest.raises(MemoryExceeded, match=r"The result needs about .* but \d+\.\d KB"):
        cloud.map_columns(frame, noise, types=[ColumnType.NUMERIC])
    assert settled(cloud, before)
    (column,) = cloud.map_columns(frame, sevens, types=[ColumnType.NUMERIC])
    assert column.rollups.nbytes < 8 * frame.rows  # it fits, though its decoded form would not
